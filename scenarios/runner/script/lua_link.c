/* Links as a scenario describes them. */
#include "lua_fault.h"
#include "lua_wire.h"
#include "script.h"

#include <string.h>

#define DEFAULT_RATE INT64_C(100000000)
#define DEFAULT_DELAY (10 * SIM_MILLISECOND)

typedef struct LinkSpec {
  const char *name;
  NetWireSpec wire;
  LinkQueue queue;
  int64_t mtu;
  double loss, duplicate, corrupt, reorder;
  SimTime reorder_delay;
  bool has_reorder_delay;
  NetNetemSpec netem;
  bool has_netem;
} LinkSpec;

static void read_back(lua_State *L, int index, const char *what, void *ret)
{
  (void)ret;
  if (!lua_istable(L, index))
    spec_error(L, "%s must be a table { ... }, not %s", what,
               spec_kind(L, index));
}

#define WIRE_KEYS                                      \
  { .name = "rate",                                    \
    .kind = SPEC_RATE,                                 \
    .offset = offsetof(LinkSpec, wire.rate) },         \
      { .name = "delay",                               \
        .kind = SPEC_TIME,                             \
        .offset = offsetof(LinkSpec, wire.delay) },    \
      { .name = "jitter",                              \
        .kind = SPEC_TIME,                             \
        .offset = offsetof(LinkSpec, wire.jitter) },   \
      { .name = "queue",                               \
        .kind = SPEC_CUSTOM,                           \
        .read = queue_read,                            \
        .offset = offsetof(LinkSpec, queue) },         \
      { .name = "loss",                                \
        .kind = SPEC_FRACTION,                         \
        .offset = offsetof(LinkSpec, loss) },          \
      { .name = "duplicate",                           \
        .kind = SPEC_FRACTION,                         \
        .offset = offsetof(LinkSpec, duplicate) },     \
      { .name = "corrupt",                             \
        .kind = SPEC_FRACTION,                         \
        .offset = offsetof(LinkSpec, corrupt) },       \
      { .name = "reorder",                             \
        .kind = SPEC_FRACTION,                         \
        .offset = offsetof(LinkSpec, reorder) },       \
      { .name = "netem",                               \
        .kind = SPEC_CUSTOM,                           \
        .read = netem_read,                            \
        .offset = offsetof(LinkSpec, netem),           \
        .given = offsetof(LinkSpec, has_netem) + 1 },  \
  {                                                    \
    .name = "reorder_delay", .kind = SPEC_TIME,        \
    .offset = offsetof(LinkSpec, reorder_delay),       \
    .given = offsetof(LinkSpec, has_reorder_delay) + 1 \
  }

const SpecKey link_keys[] = {
  WIRE_KEYS,
  { .name = "name", .kind = SPEC_STRING, .offset = offsetof(LinkSpec, name) },
  { .name = "mtu",
    .kind = SPEC_SIZE,
    .low = 68,
    .high = 65535,
    .offset = offsetof(LinkSpec, mtu) },
  { .name = "back", .kind = SPEC_CUSTOM, .read = read_back },
  { .name = NULL },
};

const SpecKey back_keys[] = { WIRE_KEYS, { .name = NULL } };

static NetWireSpec wire_spec(const LinkSpec *spec)
{
  NetWireSpec wire = spec->wire;

  wire.queue = spec->queue.ring;
  wire.mtu = (uint32_t)spec->mtu;
  return wire;
}

static void apply_dice(NetWire *wire, const LinkSpec *spec)
{
  if (spec->loss > 0)
    net_wire_loss(wire, spec->loss);
  if (spec->duplicate > 0)
    net_wire_duplication(wire, spec->duplicate);
  if (spec->corrupt > 0)
    net_wire_corruption(wire, spec->corrupt);
  if (spec->reorder > 0)
    net_wire_reordering(wire, spec->reorder,
                        spec->has_reorder_delay ? spec->reorder_delay
                                                : spec->wire.delay);
  if (spec->queue.has_qdisc)
    net_nic_queue(wire->from, &spec->queue.qdisc);
  if (spec->has_netem)
    net_wire_netem(wire, &spec->netem);
}

static ScriptNode *end_at(lua_State *L, lua_Integer position)
{
  ScriptNode *node;

  if (lua_rawgeti(L, 1, position) == LUA_TNIL)
    spec_error(L, "a link joins two nodes: link { a, b, ... }");
  node = world_node(L, lua_gettop(L), "link");
  lua_pop(L, 1);
  return node;
}

/* Through switches; no ring was made so far, so that this ends. */
static bool joined(const NetNode *a, const NetNode *b, const NetNode *from)
{
  for (const NetNic *nic = a->nics; nic; nic = nic->next) {
    const NetNode *next = nic->peer->node;

    if (next->kind == NET_SWITCH && next != from &&
        (next == b || joined(next, b, a)))
      return true;
  }
  return false;
}

static void check_link(lua_State *L, const ScriptNode *a, const ScriptNode *b,
                       const char *name)
{
  if (lua_rawlen(L, 1) > 2)
    spec_error(L, "a link joins two nodes; a switch joins more: "
                  "link { a, switch \"s\" }");
  if (a == b)
    spec_error(L, "a link cannot join %s to itself", a->node->name);
  if (a->node->kind == NET_SWITCH && b->node->kind == NET_SWITCH &&
      joined(a->node, b->node, NULL))
    spec_error(L,
               "link: %s and %s are joined already: a ring of switches, in "
               "which broadcasts circle for ever; leave it out",
               a->node->name, b->node->name);
  if (name && net_link_find(script_of(L)->run->net, name))
    spec_error(L,
               "link: there is already a link \"%.60s\"; write another "
               "name",
               name);
  if (name && (!*name || strlen(name) > 64))
    spec_error(L, "link: a name has 1 to 64 bytes");
}

static int make_link(lua_State *L)
{
  LinkSpec spec = { .wire = { .rate = DEFAULT_RATE, .delay = DEFAULT_DELAY } };
  LinkSpec back;
  NetWireSpec forward, backward;
  ScriptNode *a, *b;
  ScriptLink *object;
  NetLink *link;

  lua_settop(L, 1);
  script_check_describes(L, "link");
  spec_read_list(L, 1, "link", link_keys, &spec);
  a = end_at(L, 1);
  b = end_at(L, 2);
  check_link(L, a, b, spec.name);
  back = spec;
  if (lua_getfield(L, 1, "back") == LUA_TTABLE)
    spec_read(L, 2, "back", back_keys, &back);
  sandbox_pay(L, SANDBOX_KEPT);
  object = script_object(L, "link", sizeof *object);
  forward = wire_spec(&spec);
  backward = wire_spec(&back);
  link = net_link_new(script_of(L)->run->net, spec.name, a->node, b->node,
                      &forward, &backward, NULL, NULL);
  apply_dice(&link->wires[0], &spec);
  apply_dice(&link->wires[1], &back);
  world_linked(a);
  world_linked(b);
  object->script = script_of(L);
  object->link = link;
  return 1;
}

ScriptLink *world_link(lua_State *L, int index, const char *what)
{
  ScriptLink *link = luaL_testudata(L, index, "link");

  if (!link)
    spec_error(L, "%s must be a link, not %s", what, spec_kind(L, index));
  return link;
}

static int link_loss(lua_State *L)
{
  ScriptLink *link = script_self(L, "link");
  double loss = spec_fraction(L, 2, "loss");

  net_wire_loss(&link->link->wires[0], loss);
  net_wire_loss(&link->link->wires[1], loss);
  return 0;
}

static int link_name(lua_State *L)
{
  ScriptLink *link = script_self(L, "link");

  lua_pushstring(L, link->link->name);
  return 1;
}

const luaL_Reg link_methods[] = {
  { "drop", fault_drop },
  { "delay", fault_delay },
  { "duplicate", fault_duplicate },
  { "corrupt", fault_corrupt },
  { "reorder", fault_reorder },
  { "replay", fault_replay },
  { "rewrite", fault_rewrite },
  { "truncate", fault_truncate },
  { "reset", fault_reset },
  { "loss", link_loss },
  { "netem", wire_netem },
  { "queue", wire_queue },
  { "down", wire_down },
  { "up", wire_up },
  { "mtu", wire_mtu },
  { "counts", wire_counts },
  { "inject", inject_link },
  { "name", link_name },
  { "__tostring", link_name },
  { NULL, NULL },
};

const luaL_Reg link_functions[] = {
  { "link", make_link },
  { NULL, NULL },
};

extern const luaL_Reg partition_functions[];

void link_open(lua_State *L)
{
  script_class(L, "link", link_methods);
  lua_pushglobaltable(L);
  luaL_setfuncs(L, link_functions, 0);
  luaL_setfuncs(L, partition_functions, 0);
  lua_pop(L, 1);
}
