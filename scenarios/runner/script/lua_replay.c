/* replay("file.pcap", { ... }): a capture's datagrams sent again.
 *
 * A scenario reads no file that it was not given: one in the scenario's own
 * folder or below it, one that --set names, or with --trust any.
 *
 * Addresses go by `map`; a datagram leaves from the host that has its source
 * address then, or from `from`. With `of` the numbers of its TCP segments are
 * moved so that the first of each direction is what the live connection would
 * send next, or its SYN.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture_read.h"
#include "field.h"
#include "host.h"
#include "script.h"

#define MAP_MOST 64

typedef struct Mapping {
  NetAddress from, to;
  const ScriptNode *node; /* NULL: `to` */
} Mapping;

typedef struct Replay {
  Script *script;
  CaptureReader *reader;
  char *what; /* 'x.lua:3: replay: "a.pcap"' */
  unsigned count;
  ScriptNode *from;
  ScriptConn *of;
  TcpPair pair; /* of `of` */
  SimTime start, first;
  double speed;
  Mapping map[MAP_MOST];
  unsigned mapped;
  bool moved[2];
  uint32_t delta[2]; /* of the numbers that pair.local, pair.remote send */
  NetPacket *next;
  SimEvent event;
} Replay;

static void read_map(lua_State *L, int index, const char *what, void *ret)
{
  Replay *it = ret;

  if (!lua_istable(L, index))
    spec_error(L,
               "%s must be a table such as { [\"192.0.2.1\"] = client }, not "
               "%s",
               what, spec_kind(L, index));
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    Mapping *mapping = &it->map[it->mapped];

    if (it->mapped == MAP_MOST)
      spec_error(L, "%s has over %d addresses", what, MAP_MOST);
    if (lua_type(L, -2) != LUA_TSTRING ||
        !net_address_parse(lua_tostring(L, -2), &mapping->from))
      spec_error(L,
                 "%s: its keys are addresses of the capture, such as "
                 "[\"192.0.2.1\"]",
                 what);
    if (lua_type(L, -1) != LUA_TSTRING ||
        !net_address_parse(lua_tostring(L, -1), &mapping->to))
      mapping->node = world_host(L, lua_gettop(L), what);
    it->mapped++;
  }
}

static void read_of(lua_State *L, int index, const char *what, void *ret)
{
  *(ScriptConn **)ret = socket_conn(L, index, what);
}

const SpecKey capture_keys[] = {
  { .name = "from",
    .kind = SPEC_CUSTOM,
    .read = world_read_host,
    .offset = offsetof(Replay, from) },
  { .name = "at", .kind = SPEC_TIME, .offset = offsetof(Replay, start) },
  { .name = "speed", .kind = SPEC_NUMBER, .offset = offsetof(Replay, speed) },
  { .name = "map", .kind = SPEC_CUSTOM, .read = read_map },
  { .name = "of",
    .kind = SPEC_CUSTOM,
    .read = read_of,
    .offset = offsetof(Replay, of) },
  { .name = NULL },
};

/* -- what may be read -- */

static bool was_set(const Run *run, const char *name)
{
  GHashTableIter iterator;
  void *value;

  if (!run->options.settings)
    return false;
  g_hash_table_iter_init(&iterator, run->options.settings);
  while (g_hash_table_iter_next(&iterator, NULL, &value))
    if (g_str_equal(value, name))
      return true;
  return false;
}

/* (transfer full) the real path if it lies in the scenario's folder. */
static char *path_inside(const Run *run, const char *path)
{
  g_autofree char *folder = g_path_get_dirname(run->file);
  char *root = realpath(folder, NULL);
  char *real = realpath(path, NULL);
  size_t size = root ? strlen(root) : 0;
  bool inside = root && real && strncmp(real, root, size) == 0 &&
                (real[size] == '/' || size == 1);

  free(root);
  if (inside)
    return real;
  free(real);
  return NULL;
}

/* NULL, and what is wrong with it in `ret_problem` (static), or NULL where
 * errno has it. Nothing may be raised while GLib's memory is held. */
static FILE *try_open(const Run *run, const char *name,
                      const char **ret_problem)
{
  bool given = run->options.trusted || was_set(run, name);
  g_autofree char *folder = g_path_get_dirname(run->file);
  g_autofree char *below = g_path_is_absolute(name) || was_set(run, name)
                               ? g_strdup(name)
                               : g_build_filename(folder, name, NULL);
  char *inside;
  FILE *file;

  *ret_problem = NULL;
  if (!given && (g_path_is_absolute(name) || strstr(name, "..") ||
                 g_str_equal(run->file, "-"))) {
    *ret_problem = "was not given to the scenario: it may "
                   "read what lies in its own folder, or what --set NAME=FILE "
                   "and param name; --trust allows any";
    return NULL;
  }
  inside = given ? strdup(below) : path_inside(run, below);
  if (!inside && g_file_test(below, G_FILE_TEST_EXISTS)) {
    *ret_problem = "leads out of the scenario's folder; "
                   "--set and --trust allow that";
    return NULL;
  }
  file = fopen(inside ? inside : below, "rb");
  free(inside);
  return file;
}

static FILE *open_given(lua_State *L, const char *name)
{
  const char *problem;
  FILE *file = try_open(script_of(L)->run, name, &problem);

  if (problem)
    spec_error(L, "replay: \"%.80s\" %s", name, problem);
  if (!file)
    spec_error(L,
               "replay: \"%.80s\": %s; a relative name starts in the "
               "scenario's folder",
               name, g_strerror(errno));
  return file;
}

/* -- one datagram -- */

static NetAddress mapped(const Replay *it, NetAddress address)
{
  for (unsigned i = 0; i < it->mapped; i++)
    if (net_address_equal(it->map[i].from, address))
      return it->map[i].node
                 ? net_host_address_of(it->map[i].node->host,
                                       net_address_is_ipv4(address) ? NET_IPV4
                                                                    : NET_IPV6)
                 : it->map[i].to;
  return address;
}

static void map_addresses(const Replay *it, NetPacket *packet)
{
  uint8_t *ip = packet->head + packet->l3;
  NetIp old;

  if (!net_ip_peek(packet, &old))
    return;
  if (net_packet_is_ipv6(packet)) {
    net_address_ipv6_put(ip + 8, mapped(it, old.source));
    net_address_ipv6_put(ip + 24, mapped(it, old.destination));
  } else {
    net_put32(ip + 12, net_address_to_ipv4(mapped(it, old.source)));
    net_put32(ip + 16, net_address_to_ipv4(mapped(it, old.destination)));
  }
}

/* What the live connection would send from its local (0) or remote end. */
static uint32_t live_number(const Replay *it, unsigned side, bool syn)
{
  const TcpPair *pair = &it->pair;
  const TcpPair back = { pair->remote, pair->local };
  ScriptNode *node = world_owner(it->script, side ? pair->remote.address
                                                  : pair->local.address);
  TcpStatus status;

  if (!node || !node->stack ||
      !tcp_status_of(node->stack, side ? &back : pair, &status))
    return side ? it->of->irs : it->of->iss;
  return syn ? status.snd.iss : status.snd.nxt;
}

static void move(Replay *it, uint8_t *at, unsigned side, bool syn)
{
  if (!it->moved[side])
    it->delta[side] = live_number(it, side, syn) - net_get32(at);
  it->moved[side] = true;
  net_put32(at, net_get32(at) + it->delta[side]);
}

static void map_numbers(Replay *it, NetPacket *packet)
{
  uint8_t *tcp = packet->head + packet->l4;
  unsigned side;
  NetIp ip;

  if (!it->of || !packet->l4 || !net_ip_peek(packet, &ip) ||
      ip.protocol != NET_PROTOCOL_TCP ||
      packet->l4 + TCP_HEADER_SIZE > packet->head_length)
    return;
  side = !net_address_equal(ip.source, it->pair.local.address);
  net_put16(tcp, side ? it->pair.remote.port : it->pair.local.port);
  net_put16(tcp + 2, side ? it->pair.local.port : it->pair.remote.port);
  move(it, tcp + 4, side, tcp[13] & TCP_SYN);
  if (tcp[13] & TCP_ACK)
    move(it, tcp + 8, !side, false);
}

static void drop(NetPacket *packet, const char *rule, const char *reason)
{
  net_drop(packet, NULL, NULL, rule, reason);
}

static void send(Replay *it, NetPacket *packet)
{
  ScriptNode *from = it->from;
  NetPath path = { 0 };
  const NetNic *next;
  NetWire *wire;
  NetIp ip;

  packet->flags |= NET_PACKET_INJECTED;
  map_addresses(it, packet);
  map_numbers(it, packet);
  field_mend(packet);
  net_packet_parse(packet);
  if (!net_ip_peek(packet, &ip)) {
    drop(packet, "replay-malformed", "the capture's packet has no IP header");
    return;
  }
  if (!from)
    from = world_owner(it->script, ip.source);
  if (!from || !from->host ||
      !net_host_path(from->host, ip.destination, &path) || !path.nic->link) {
    drop(packet, "replay-nowhere",
         "nobody in the scenario has its source address, or a way to its "
         "destination");
    return;
  }
  wire = &path.nic->link->wires[path.nic->link->wires[0].from != path.nic];
  next = net_nic_at(packet->net, path.next_hop);
  memcpy(packet->head, next ? next->mac.bytes : NET_MAC_BROADCAST.bytes, 6);
  memcpy(packet->head + 6, path.nic->mac.bytes, 6);
  net_wire_put(wire, packet);
}

/* -- in time -- */

/* What no clock can count never comes. */
static SimTime due_at(const Replay *it, SimTime time)
{
  double span = time > it->first ? (double)(time - it->first) / it->speed : 0;

  if (span >= (double)SIM_TIME_NEVER)
    return SIM_TIME_NEVER;
  return sim_time_add(it->start, (SimTime)span);
}

/* Its end is told by capture_problem() if the file is damaged. */
static void advance(Replay *it)
{
  Run *run = it->script->run;
  SimTime time;

  it->next = NULL;
  if (!capture_next(it->reader, run->net, &it->script->owner, &it->next, &time))
    return;
  if (it->count++ == 0)
    it->first = time;
  sim_schedule(run->sim, &it->event, &it->script->owner,
               MAX(due_at(it, time), run->sim->now));
}

static int tell_damage(lua_State *L)
{
  const Replay *it = lua_touserdata(L, 1);

  lua_pushfstring(L,
                  "%s is damaged after %d datagram%s: %s; cut it there, as "
                  "editcap does",
                  it->what, (int)it->count, it->count == 1 ? "" : "s",
                  capture_problem(it->reader));
  return lua_error(L);
}

static void fired(Sim *sim, SimEvent *event)
{
  Replay *it = SIM_CONTAINER(event, Replay, event);
  NetPacket *packet = it->next;

  (void)sim;
  advance(it);
  if (it->script->over)
    net_packet_free(packet);
  else
    send(it, packet);
  if (capture_problem(it->reader))
    script_protect(it->script, tell_damage, it, "a replay");
}

static void replay_free(void *data)
{
  Replay *it = data;

  sim_cancel(it->script->run->sim, &it->event);
  net_packet_free(it->next);
  capture_close(it->reader);
  g_free(it->what);
  g_free(it);
}

static int replay(lua_State *L)
{
  Replay *parsed = lua_newuserdatauv(L, sizeof *parsed, 0), *it;
  Script *script = script_of(L);
  const char *name = luaL_checkstring(L, 1);
  char problem[300];

  *parsed = (Replay){ .script = script, .speed = 1 };
  script_check_acts(L);
  if (lua_istable(L, 2))
    spec_read(L, 2, "replay", capture_keys, parsed);
  if (!(parsed->speed > 1e-6 && parsed->speed < 1e9))
    return spec_error(L,
                      "replay: speed must be a number above 0; 2 is twice as "
                      "fast");
  luaL_where(L, 1);
  it = g_memdup2(parsed, sizeof *parsed);
  it->what = g_strdup_printf("%sreplay: \"%.80s\"", lua_tostring(L, -1), name);
  it->start = MAX(it->start, script->run->sim->now);
  sim_event_init(&it->event, fired);
  script_own(script, it, replay_free);
  it->reader = capture_open(open_given(L, name), problem, sizeof problem);
  if (!it->reader)
    return spec_error(L, "replay: \"%.80s\" is no capture: %s", name, problem);
  if (it->of) {
    it->pair = it->of->pair;
    lua_getfield(L, 2, "of");
    luaL_ref(L, LUA_REGISTRYINDEX);
  }
  advance(it);
  if (!capture_problem(it->reader))
    return 0;
  lua_pushlightuserdata(L, it);
  lua_replace(L, 1);
  return tell_damage(L);
}

const luaL_Reg replay_functions[] = { { "replay", replay }, { NULL, NULL } };

void replay_open(lua_State *L)
{
  lua_pushglobaltable(L);
  luaL_setfuncs(L, replay_functions, 0);
  lua_pop(L, 1);
}
