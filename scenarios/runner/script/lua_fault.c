/* Faults: which packets they choose, and those that need no more than a fate.
 *
 * A fault counts the packets that fit its conditions, over both directions
 * unless from or to names one. `nth` or `mask`, `every`, `probability`,
 * `times` and `budget` choose among those. Its dice fall for every packet
 * that fits.
 */
#include "lua_fault.h"

#include <stdio.h>
#include <string.h>

#define FAULT_WORK 3000 /* one has 2.4 KiB */

/* -- reading -- */

void fault_read_nth(lua_State *L, int index, const char *what, void *ret)
{
  FaultOrdinals *ordinals = ret;

  if (lua_type(L, index) == LUA_TNUMBER) {
    ordinals->count = 1;
    ordinals->list[0] = spec_integer(L, index, what, 1, INT64_MAX);
    return;
  }
  if (!lua_istable(L, index))
    spec_error(L, "%s must be a number or a list such as {1, 2, 5}, not %s",
               what, spec_kind(L, index));
  for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++) {
    if (ordinals->count == FAULT_ORDINALS)
      spec_error(L, "%s has more than %d numbers", what, FAULT_ORDINALS);
    ordinals->list[ordinals->count++] = spec_integer(L, -1, what, 1, INT64_MAX);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (ordinals->count == 0)
    spec_error(L, "%s is an empty list", what);
}

/* "11001" is {1, 2, 5}. */
void fault_read_mask(lua_State *L, int index, const char *what, void *ret)
{
  FaultOrdinals *ordinals = ret;
  const char *text;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be a string such as \"11001\", not %s", what,
               spec_kind(L, index));
  if (ordinals->count > 0)
    spec_error(L, "%s: nth says the same in another way; give one of the two",
               what);
  text = lua_tostring(L, index);
  for (int64_t i = 0; text[i]; i++) {
    if (text[i] != '0' && text[i] != '1')
      spec_error(L, "%s must be of 0 and 1, as \"11001\", not \"%.20s\"", what,
                 text);
    if (text[i] == '0')
      continue;
    if (ordinals->count == FAULT_ORDINALS)
      spec_error(L, "%s chooses more than %d packets", what, FAULT_ORDINALS);
    ordinals->list[ordinals->count++] = i + 1;
  }
  if (ordinals->count == 0)
    spec_error(L, "%s chooses no packet: it needs a 1", what);
}

void fault_read_budget(lua_State *L, int index, const char *what, void *ret)
{
  Budget *budget = luaL_testudata(L, index, "budget");

  if (!budget)
    spec_error(L,
               "%s must be a budget, as from budget(3), not %s; times = 3 "
               "is for one rule alone",
               what, spec_kind(L, index));
  lua_pushvalue(L, index);
  luaL_ref(L, LUA_REGISTRYINDEX);
  *(Budget **)ret = budget;
}

/* -- choosing -- */

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
  return !fault->budget || fault->budget->left > 0;
}

static void decide(void *user, NetWire *wire, NetPacket *packet, NetFate *fate)
{
  Fault *fault = user;
  bool was_dropped = fate->drop;

  if (!packet_match_fits(&fault->match, packet, wire->link->net->sim->now) ||
      !chosen(fault) || !fault->act(fault, wire, packet, fate))
    return;
  fault->done++;
  if (fault->budget)
    fault->budget->left--;
  if (!fate->reason || fate->drop != was_dropped) {
    fate->reason = fault->reason;
    fate->rule = fault->rule;
  }
}

/* -- registering -- */

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
                    link->wires[1].from->node->name);
}

static bool is_end(const ScriptNode *node, const NetLink *link)
{
  return node->node == link->wires[0].from->node ||
         node->node == link->wires[1].from->node;
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
               match->from && !is_end(match->from, link) ? match->from
               : match->to                               ? match->to
                                                         : match->from,
               link);
}

void *fault_new(lua_State *L, const char *what, const SpecKey *keys,
                void *parsed, size_t size, const char *done)
{
  ScriptLink *link = script_self(L, "link");
  Script *script = script_of(L);
  Fault *fault = parsed;
  char stream[128];

  spec_read(L, 2, what, keys, parsed);
  if (fault->match.after >= fault->match.before)
    spec_error(L, "%s: after must be less than before", what);
  sandbox_pay(L, FAULT_WORK);
  fault = g_memdup2(parsed, size);
  script_own(script, fault, fault_free);
  fault->reason =
      g_strdup_printf("%s by the scenario, line %d", done, spec_line(L));
  snprintf(stream, sizeof stream, "link %s %s %u", link->link->name, what,
           ++link->faults);
  sim_random_init(&fault->random, script->run->sim->seed, stream);
  register_fault(L, fault, link->link, what);
  return fault;
}

/* -- drop, delay, duplicate, reorder, replay -- */

typedef struct Simple {
  Fault fault;
  SimTime by, interval;
  int64_t count;
} Simple;

#define COUNT_KEY(word, most)                                     \
  {                                                               \
    .name = word, .kind = SPEC_INTEGER, .low = 1, .high = (most), \
    .offset = offsetof(Simple, count)                             \
  }
#define TIME_KEY(word, field, is_required)                    \
  {                                                           \
    .name = word, .kind = SPEC_TIME, .required = is_required, \
    .offset = offsetof(Simple, field)                         \
  }

const SpecKey drop_keys[] = { FAULT_KEYS(Simple), { .name = NULL } };

const SpecKey delay_keys[] = {
  FAULT_KEYS(Simple),
  TIME_KEY("by", by, true),
  { .name = NULL },
};

const SpecKey duplicate_keys[] = {
  FAULT_KEYS(Simple),
  TIME_KEY("delay", by, false),
  COUNT_KEY("count", 255),
  { .name = NULL },
};

const SpecKey reorder_keys[] = {
  FAULT_KEYS(Simple),
  COUNT_KEY("behind", 1000),
  TIME_KEY("within", by, false),
  { .name = NULL },
};

const SpecKey replay_keys[] = {
  FAULT_KEYS(Simple),      TIME_KEY("by", by, true),
  COUNT_KEY("count", 255), TIME_KEY("interval", interval, false),
  { .name = NULL },
};

static bool act_drop(Fault *fault, NetWire *wire, NetPacket *packet,
                     NetFate *fate)
{
  (void)fault;
  (void)wire;
  (void)packet;
  fate->drop = true;
  return true;
}

static bool act_delay(Fault *fault, NetWire *wire, NetPacket *packet,
                      NetFate *fate)
{
  (void)wire;
  (void)packet;
  fate->delay = sim_time_add(fate->delay, ((Simple *)(void *)fault)->by);
  return true;
}

static bool act_copy(Fault *fault, NetWire *wire, NetPacket *packet,
                     NetFate *fate)
{
  const Simple *it = (const Simple *)(const void *)fault;

  (void)wire;
  (void)packet;
  fate->copies = (uint8_t)MIN(255, fate->copies + it->count);
  fate->copy_delay = sim_time_add(fate->copy_delay, it->by);
  fate->copy_interval = MAX(fate->copy_interval, it->interval);
  return true;
}

static bool act_reorder(Fault *fault, NetWire *wire, NetPacket *packet,
                        NetFate *fate)
{
  const Simple *it = (const Simple *)(const void *)fault;

  (void)wire;
  (void)packet;
  fate->behind += (uint32_t)it->count;
  fate->within = MAX(fate->within, it->by);
  return true;
}

int fault_drop(lua_State *L)
{
  Simple parsed = { .fault = FAULT_INIT(act_drop, "SCENARIO_DROP") };

  fault_new(L, "drop", drop_keys, &parsed, sizeof parsed, "dropped");
  return 0;
}

int fault_delay(lua_State *L)
{
  Simple parsed = { .fault = FAULT_INIT(act_delay, "SCENARIO_DELAY") };

  fault_new(L, "delay", delay_keys, &parsed, sizeof parsed, "delayed");
  return 0;
}

int fault_duplicate(lua_State *L)
{
  Simple parsed = { .fault = FAULT_INIT(act_copy, "SCENARIO_DUPLICATE"),
                    .count = 1 };

  fault_new(L, "duplicate", duplicate_keys, &parsed, sizeof parsed,
            "duplicated");
  return 0;
}

int fault_reorder(lua_State *L)
{
  Simple parsed = { .fault = FAULT_INIT(act_reorder, "SCENARIO_REORDER"),
                    .count = 1,
                    .by = SIM_SECOND };

  fault_new(L, "reorder", reorder_keys, &parsed, sizeof parsed, "held back");
  return 0;
}

/* The copies come `interval` after each other, by default as long as the
 * first takes. */
int fault_replay(lua_State *L)
{
  Simple parsed = { .fault = FAULT_INIT(act_copy, "SCENARIO_REPLAY"),
                    .count = 1,
                    .interval = -1 };
  Simple *it =
      fault_new(L, "replay", replay_keys, &parsed, sizeof parsed, "replayed");

  if (it->interval < 0)
    it->interval = it->by;
  return 0;
}

/* -- budgets -- */

static int make_budget(lua_State *L)
{
  int64_t count = spec_integer(L, 1, "budget", 1, INT64_MAX);
  Budget *budget = script_object(L, "budget", sizeof *budget);

  budget->left = count;
  return 1;
}

static int budget_left(lua_State *L)
{
  const Budget *budget = script_self(L, "budget");

  lua_pushinteger(L, budget->left);
  return 1;
}

static int budget_text(lua_State *L)
{
  const Budget *budget = luaL_checkudata(L, 1, "budget");

  lua_pushfstring(L, "budget of %I", (LUAI_UACINT)budget->left);
  return 1;
}

const luaL_Reg budget_methods[] = {
  { "left", budget_left },
  { "__tostring", budget_text },
  { NULL, NULL },
};

const luaL_Reg fault_functions[] = {
  { "budget", make_budget },
  { NULL, NULL },
};

void faults_open(lua_State *L)
{
  script_class(L, "budget", budget_methods);
  lua_pushglobaltable(L);
  luaL_setfuncs(L, fault_functions, 0);
  lua_pop(L, 1);
}
