/* box:connections(): a list that prints as `conntrack -L` does. */
#include "lua_track.h"

#define TIMEOUT(key, number)                                             \
  {                                                                      \
    .name = key, .kind = SPEC_TIME, .offset = (number) * sizeof(SimTime) \
  }

const SpecKey timeout_keys[] = {
  TIMEOUT("syn_sent", NET_TRACK_SYN_SENT),
  TIMEOUT("syn_recv", NET_TRACK_SYN_RECV),
  TIMEOUT("established", NET_TRACK_ESTABLISHED),
  TIMEOUT("fin_wait", NET_TRACK_FIN_WAIT),
  TIMEOUT("close_wait", NET_TRACK_CLOSE_WAIT),
  TIMEOUT("last_ack", NET_TRACK_LAST_ACK),
  TIMEOUT("time_wait", NET_TRACK_TIME_WAIT),
  TIMEOUT("close", NET_TRACK_CLOSE),
  TIMEOUT("syn_sent2", NET_TRACK_SYN_SENT2),
  TIMEOUT("max_retrans", NET_TRACK_MAX_RETRANS),
  TIMEOUT("unacknowledged", NET_TRACK_UNACKNOWLEDGED),
  TIMEOUT("udp", NET_TRACK_UDP),
  TIMEOUT("udp_stream", NET_TRACK_UDP_STREAM),
  TIMEOUT("icmp", NET_TRACK_ICMP),
  TIMEOUT("generic", NET_TRACK_GENERIC),
  { .name = NULL },
};

void track_read_timeouts(lua_State *L, int index, const char *what, void *ret)
{
  NetTrackSpec *spec = ret;

  spec_read(L, index, what, timeout_keys, spec->timeouts);
}

static void set_string(lua_State *L, const char *name, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static void set_end(lua_State *L, const char *name, NetAddress address,
                    uint16_t port)
{
  char text[NET_END_TEXT];

  set_string(L, name, net_end_format(address, port, text));
}

static void set_count(lua_State *L, const char *name, uint64_t count)
{
  lua_pushinteger(L, (lua_Integer)count);
  lua_setfield(L, -2, name);
}

static void push_flow(lua_State *L, const NetFlow *flow, SimTime now)
{
  const NetTuple *there = &flow->tuple[0], *back = &flow->tuple[1];
  bool tcp = there->protocol == NET_PROTOCOL_TCP;

  lua_createtable(L, 0, 12);
  set_string(L, "protocol",
             tcp                                      ? "tcp"
             : there->protocol == NET_PROTOCOL_UDP    ? "udp"
             : there->protocol == NET_PROTOCOL_ICMP   ? "icmp"
             : there->protocol == NET_PROTOCOL_ICMPV6 ? "icmpv6"
                                                      : "other");
  if (tcp)
    set_string(L, "state", net_track_state_name(flow->tcp.state));
  set_end(L, "from", there->source, there->source_port);
  set_end(L, "to", there->destination, there->destination_port);
  set_end(L, "reply_from", back->source, back->source_port);
  set_end(L, "reply_to", back->destination, back->destination_port);
  set_count(L, "packets", flow->packets[0]);
  set_count(L, "reply_packets", flow->packets[1]);
  lua_pushboolean(L, flow->replied);
  lua_setfield(L, -2, "replied");
  lua_pushboolean(L, flow->assured);
  lua_setfield(L, -2, "assured");
  script_push_time(L, flow->expires - now);
  lua_setfield(L, -2, "left");
}

static int list_text(lua_State *L)
{
  lua_pushvalue(L, lua_upvalueindex(1));
  return 1;
}

static void push_text(lua_State *L, const NetTracker *tracker)
{
  char line[NET_FLOW_TEXT];
  luaL_Buffer buffer;

  luaL_buffinit(L, &buffer);
  for (const NetFlow *flow = tracker ? tracker->oldest : NULL; flow;
       flow = flow->newer) {
    net_flow_format(flow, tracker->sim->now, line, sizeof line);
    luaL_addstring(&buffer, line);
    luaL_addstring(&buffer, "\n");
  }
  luaL_pushresult(&buffer);
}

int track_push(lua_State *L, NetTracker *tracker)
{
  lua_Integer count = 0;

  if (tracker)
    net_tracker_sweep(tracker);
  lua_newtable(L);
  for (const NetFlow *flow = tracker ? tracker->oldest : NULL; flow;
       flow = flow->newer) {
    push_flow(L, flow, tracker->sim->now);
    lua_rawseti(L, -2, ++count);
  }
  lua_createtable(L, 0, 1);
  push_text(L, tracker);
  lua_pushcclosure(L, list_text, 1);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
  return 1;
}
