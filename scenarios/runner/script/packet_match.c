#include "packet_match.h"

#include <stdio.h>
#include <string.h>

#include "field.h"
#include "lua_hook.h"

#define FILTER_WORK 40000 /* compiling one, and looking through the others */

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
               "%s must be an expression such as \"tcp port 80\", not "
               "%s",
               what, spec_kind(L, index));
  text = lua_tostring(L, index);
  for (unsigned i = 0; i < script->filters->len; i += 2)
    if (g_str_equal(script->filters->pdata[i], text)) {
      *(Filter **)ret = script->filters->pdata[i + 1];
      return;
    }
  sandbox_pay(L, FILTER_WORK);
  filter = filter_new(text, problem, sizeof problem);
  if (!filter)
    spec_error(L,
               "%s: libpcap refuses \"%.100s\": %s; write it as for "
               "tcpdump, as \"tcp port 80\"",
               what, text, problem);
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
               "repetition), not %s",
               what, spec_kind(L, index));
  } else if (!lua_toboolean(L, index)) {
    match->attempt_low = match->attempt_high = 0;
  }
}

/* -- where -- */

void packet_match_where(lua_State *L, int index, const char *what, void *ret)
{
  Where *where = ret;
  Script *script = script_of(L);

  if (!lua_isfunction(L, index))
    spec_error(L,
               "%s must be a function (packet) that answers true or false, "
               "not %s",
               what, spec_kind(L, index));
  lua_pushvalue(L, index);
  *where = (Where){ script, luaL_ref(L, LUA_REGISTRYINDEX) };
  hooks_number(script);
}

typedef struct Question {
  const Where *where;
  const NetPacket *packet;
  bool answer;
} Question;

static void push_payload(lua_State *L, const NetPacket *packet)
{
  luaL_Buffer buffer;
  uint32_t size = packet->payload.length;

  sandbox_pay(L, size / 16);
  net_slice_copy(packet->payload,
                 (uint8_t *)luaL_buffinitsize(L, &buffer, size));
  luaL_pushresultsize(&buffer, size);
}

static int ask(lua_State *L)
{
  Question *question = lua_touserdata(L, 1);

  lua_rawgeti(L, LUA_REGISTRYINDEX, question->where->ref);
  hooks_push(L, question->packet);
  field_push_all(L, question->packet);
  push_payload(L, question->packet);
  lua_setfield(L, -2, "payload");
  lua_call(L, 1, 1);
  question->answer = lua_toboolean(L, -1);
  return 0;
}

/* The packet is on its way: what the function calls may not change the
 * models; script_self(), script_object() and task_new() see to that. */
static bool where_fits(const Where *where, const NetPacket *packet)
{
  Question question = { where, packet, false };
  Script *script = where->script;
  bool was_judging = script->judging;

  if (script->over)
    return false;
  script->judging = true;
  script_protect(script, ask, &question, "a function of where");
  script->judging = was_judging;
  return question.answer;
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
  if (match->filter && !filter_matches(match->filter, packet))
    return false;
  return !match->where.script || where_fits(&match->where, packet);
}
