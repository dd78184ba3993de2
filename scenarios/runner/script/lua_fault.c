/* Faults.
 *
 * A fault counts the packets that fit its conditions, over both directions
 * unless from or to names one. `nth`, `every`, `probability` and `times`
 * choose among those. Its dice fall for every packet that fits.
 */
#include "lua_fault.h"

#include <stdio.h>

#include "packet_match.h"

#define MOST_ORDINALS 64

typedef struct Ordinals {
  unsigned count;
  int64_t list[MOST_ORDINALS];
} Ordinals;

typedef struct Fault {
  PacketMatch match;
  Ordinals nth;
  int64_t every, times;
  double probability;
  SimTime by;
  int64_t count; /* copies, or bits */
  int64_t seen, done;
  NetFate fate; /* of a chosen packet */
  SimRandom random;
  Script *script;
  char *reason;
} Fault;

static void read_ordinals(lua_State *L, int index, const char *what, void *ret)
{
  Ordinals *ordinals = ret;

  if (lua_type(L, index) == LUA_TNUMBER) {
    ordinals->count = 1;
    ordinals->list[0] = spec_integer(L, index, what, 1, INT64_MAX);
    return;
  }
  if (!lua_istable(L, index))
    spec_error(L, "%s must be a number or a list such as {1, 2, 5}, not a %s",
               what, luaL_typename(L, index));
  for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++) {
    if (ordinals->count == MOST_ORDINALS)
      spec_error(L, "%s has more than %d numbers", what, MOST_ORDINALS);
    ordinals->list[ordinals->count++] = spec_integer(L, -1, what, 1, INT64_MAX);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (ordinals->count == 0)
    spec_error(L, "%s is an empty list", what);
}

#define FAULT_KEYS                                \
  PACKET_MATCH_KEYS(Fault, match),                \
      { .name = "nth",                            \
        .kind = SPEC_CUSTOM,                      \
        .read = read_ordinals,                    \
        .offset = offsetof(Fault, nth) },         \
      { .name = "every",                          \
        .kind = SPEC_INTEGER,                     \
        .low = 1,                                 \
        .high = INT64_MAX,                        \
        .offset = offsetof(Fault, every) },       \
      { .name = "times",                          \
        .kind = SPEC_INTEGER,                     \
        .low = 1,                                 \
        .high = INT64_MAX,                        \
        .offset = offsetof(Fault, times) },       \
  {                                               \
    .name = "probability", .kind = SPEC_FRACTION, \
    .offset = offsetof(Fault, probability)        \
  }

const SpecKey drop_keys[] = { FAULT_KEYS, { .name = NULL } };

const SpecKey delay_keys[] = {
  FAULT_KEYS,
  { .name = "by",
    .kind = SPEC_TIME,
    .required = true,
    .offset = offsetof(Fault, by) },
  { .name = NULL },
};

const SpecKey duplicate_keys[] = {
  FAULT_KEYS,
  { .name = "delay", .kind = SPEC_TIME, .offset = offsetof(Fault, by) },
  { .name = "count",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 255,
    .offset = offsetof(Fault, count) },
  { .name = NULL },
};

const SpecKey corrupt_keys[] = {
  FAULT_KEYS,
  { .name = "count",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 10000,
    .offset = offsetof(Fault, count) },
  { .name = NULL },
};

static bool chosen(Fault *fault)
{
  bool is_nth = fault->nth.count == 0;

  fault->seen++;
  for (unsigned i = 0; i < fault->nth.count && !is_nth; i++)
    is_nth = fault->nth.list[i] == fault->seen;
  if (fault->probability < 1 &&
      !sim_random_chance(&fault->random, fault->probability))
    return false;
  if (!is_nth || (fault->every && fault->seen % fault->every != 0))
    return false;
  if (fault->times && fault->done >= fault->times)
    return false;
  fault->done++;
  return true;
}

static void decide(void *user, NetWire *wire, NetPacket *packet, NetFate *fate)
{
  Fault *fault = user;

  if (!packet_match_fits(&fault->match, packet, wire->link->net->sim->now) ||
      !chosen(fault))
    return;
  fate->drop |= fault->fate.drop;
  fate->copies = (uint8_t)MIN(255, fate->copies + fault->fate.copies);
  fate->delay = sim_time_add(fate->delay, fault->fate.delay);
  fate->copy_delay = sim_time_add(fate->copy_delay, fault->fate.copy_delay);
  fate->corrupt_bits += fault->fate.corrupt_bits;
  if (!fate->reason) {
    fate->reason = fault->reason;
    fate->rule = fault->fate.rule;
  }
}

static void fault_free(void *data)
{
  Fault *fault = data;

  g_free(fault->reason);
  g_free(fault);
}

static int not_an_end(lua_State *L, const char *what, const ScriptNode *node,
                      const NetLink *link)
{
  return spec_error(L,
                    "%s: %s is not an end of the link %s, whose ends are "
                    "%s and %s; a filter (\"src host ...\") can name hosts "
                    "farther away",
                    what, node->node->name, link->name,
                    link->wires[0].from->node->name,
                    link->wires[0].to->node->name);
}

static void register_fault(lua_State *L, Fault *fault, NetLink *link,
                           const char *what)
{
  const PacketMatch *match = &fault->match;
  unsigned count = 0;

  for (unsigned i = 0; i < 2; i++) {
    NetWire *wire = &link->wires[i];

    if ((match->from && wire->from->node != match->from->node) ||
        (match->to && wire->to->node != match->to->node))
      continue;
    net_wire_decide(wire, decide, fault, NULL);
    count++;
  }
  if (count == 0)
    not_an_end(L, what,
               match->from && match->from->node != link->wires[0].from->node &&
                       match->from->node != link->wires[1].from->node
                   ? match->from
               : match->to ? match->to
                           : match->from,
               link);
}

static Fault *read_fault(lua_State *L, const char *what, const SpecKey *keys)
{
  ScriptLink *link = script_self(L, "link");
  Fault parsed = { .match = PACKET_MATCH_ALL, .probability = 1, .count = 1 };
  Script *script = script_of(L);
  Fault *fault;
  char stream[128];

  spec_read(L, 2, what, keys, &parsed);
  if (parsed.match.after >= parsed.match.before)
    spec_error(L, "%s: after must be less than before", what);
  fault = g_new(Fault, 1);
  *fault = parsed;
  fault->script = script;
  fault->reason = g_strdup_printf("%s by the scenario, line %d",
                                  keys == drop_keys        ? "dropped"
                                  : keys == delay_keys     ? "delayed"
                                  : keys == duplicate_keys ? "duplicated"
                                                           : "damaged",
                                  spec_line(L));
  script_own(script, fault, fault_free);
  snprintf(stream, sizeof stream, "link %s %s %u", link->link->name, what,
           ++link->faults);
  sim_random_init(&fault->random, script->run->sim->seed, stream);
  register_fault(L, fault, link->link, what);
  return fault;
}

int fault_drop(lua_State *L)
{
  Fault *fault = read_fault(L, "drop", drop_keys);

  fault->fate = (NetFate){ .drop = true, .rule = "SCENARIO_DROP" };
  return 0;
}

int fault_delay(lua_State *L)
{
  Fault *fault = read_fault(L, "delay", delay_keys);

  fault->fate = (NetFate){ .delay = fault->by, .rule = "SCENARIO_DELAY" };
  return 0;
}

int fault_duplicate(lua_State *L)
{
  Fault *fault = read_fault(L, "duplicate", duplicate_keys);

  fault->fate = (NetFate){ .copies = (uint8_t)fault->count,
                           .copy_delay = fault->by,
                           .rule = "SCENARIO_DUPLICATE" };
  return 0;
}

int fault_corrupt(lua_State *L)
{
  Fault *fault = read_fault(L, "corrupt", corrupt_keys);

  fault->fate = (NetFate){ .corrupt_bits = (uint32_t)fault->count,
                           .rule = "SCENARIO_CORRUPT" };
  return 0;
}
