#include "packet_match.h"

#include <stdio.h>
#include <string.h>

/* Filters that were compiled in this run: script->filters holds their texts
 * and, behind each, the filter. */
void packet_match_filter(lua_State *L, int index, const char *what, void *ret)
{
  Script *script = script_of(L);
  char problem[256];
  const char *text;
  char *kept;
  Filter *filter;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L,
               "%s must be an expression such as \"tcp port 80\", not a "
               "%s",
               what, luaL_typename(L, index));
  text = lua_tostring(L, index);
  for (unsigned i = 0; i < script->filters->len; i += 2)
    if (g_str_equal(script->filters->pdata[i], text)) {
      *(Filter **)ret = script->filters->pdata[i + 1];
      return;
    }
  filter = filter_new(text, problem, sizeof problem);
  if (!filter)
    spec_error(L, "%s: libpcap refuses \"%.100s\": %s", what, text, problem);
  kept = g_strdup(text);
  script_own(script, kept, g_free);
  script_own(script, filter, (GDestroyNotify)filter_free);
  g_ptr_array_add(script->filters, kept);
  g_ptr_array_add(script->filters, filter);
  *(Filter **)ret = filter;
}

void packet_match_attempt(lua_State *L, int index, const char *what, void *ret)
{
  PacketMatch *match = ret;

  match->by_attempt = true;
  match->attempt_high = INT64_MAX;
  match->attempt_low = 1;
  if (lua_type(L, index) == LUA_TNUMBER) {
    match->attempt_low = spec_integer(L, index, what, 0, 255);
    match->attempt_high = match->attempt_low;
  } else if (!lua_isboolean(L, index)) {
    spec_error(L,
               "%s must be true, false or a number (1 is the first "
               "repetition), not a %s",
               what, luaL_typename(L, index));
  } else if (!lua_toboolean(L, index)) {
    match->attempt_low = match->attempt_high = 0;
  }
}

static bool is_tcp(const NetPacket *packet)
{
  NetIp ip;

  return packet->l4 && net_ip_peek(packet, &ip) &&
         ip.protocol == NET_PROTOCOL_TCP &&
         packet->l4 + 13 < packet->head_length;
}

bool packet_match_fits(const PacketMatch *match, const NetPacket *packet,
                       SimTime now)
{
  if (now < match->after || now >= match->before)
    return false;
  if (match->by_attempt && (packet->attempt < match->attempt_low ||
                            packet->attempt > match->attempt_high))
    return false;
  if (match->state && packet->sender_state != match->state)
    return false;
  if (match->flags.given &&
      (!is_tcp(packet) ||
       !world_flags_fit(&match->flags, packet->head[packet->l4 + 13])))
    return false;
  return !match->filter || filter_matches(match->filter, packet);
}
