/* netem as a scenario writes it: tc's words, tc's order.
 *
 *   tc ... netem delay 100ms 10ms 25% distribution normal loss gemodel 1% 10%
 *   netem = { delay = { "100ms", "10ms", "25%", distribution = "normal" },
 *             loss = { gemodel = { "1%", "10%" } } }
 *
 * A value with parameters is a list in tc's order with its named ones beside;
 * alone it needs no list.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lua_wire.h"

#define OVERHEAD 65535

/* A list being read: `what` is what messages call it. */
typedef struct List {
  lua_State *L;
  int index; /* absolute; of the list, or of the value that stands alone */
  const char *what;
  const char *const *names; /* of the positions; ends with NULL */
  char name[120];
} List;

/* Leaves position `i` on the stack and its name in list->name; false, and
 * nothing on the stack, if it is not there. */
static bool list_at(List *list, int i)
{
  bool same = g_str_has_suffix(list->what, list->names[i - 1]);

  snprintf(list->name, sizeof list->name, same ? "%s" : "%s: %s", list->what,
           list->names[i - 1]);
  if (!lua_istable(list->L, list->index)) {
    if (i > 1)
      return false;
    lua_pushvalue(list->L, list->index);
    return true;
  }
  if (lua_rawgeti(list->L, list->index, i) != LUA_TNIL)
    return true;
  lua_pop(list->L, 1);
  return false;
}

static void too_many(lua_State *L, const char *what, const char *const *names,
                     int count)
{
  g_autofree char *wanted = g_strjoinv(", ", (char **)(uintptr_t)names);

  lua_pushstring(L, wanted);
  g_clear_pointer(&wanted, g_free);
  spec_error(L, "%s has %d values, but takes these at most: %s", what, count,
             lua_tostring(L, -1));
}

/* The named keys of a list; then its length is checked. */
static List list_open(lua_State *L, int index, const char *what,
                      const char *const *names, const SpecKey *keys, void *ret)
{
  List list = { .L = L, .index = lua_absindex(L, index), .what = what };
  unsigned most = 0;

  list.names = names;
  while (names[most])
    most++;
  if (!lua_istable(L, index))
    return list;
  spec_read_list(L, index, what, keys, ret);
  if (lua_rawlen(L, index) > most)
    too_many(L, what, names, (int)lua_rawlen(L, index));
  return list;
}

static SimTime check_time(lua_State *L, const char *name, SimTime time)
{
  if (time > NET_NETEM_LONGEST)
    spec_error(L, "%s must be 24h at most", name);
  return time;
}

static bool list_time(List *list, int i, SimTime *ret)
{
  if (!list_at(list, i))
    return false;
  *ret = check_time(list->L, list->name, spec_time(list->L, -1, list->name));
  lua_pop(list->L, 1);
  return true;
}

static bool list_fraction(List *list, int i, double *ret)
{
  if (!list_at(list, i))
    return false;
  *ret = spec_fraction(list->L, -1, list->name);
  lua_pop(list->L, 1);
  return true;
}

static bool list_integer(List *list, int i, int64_t low, int64_t *ret)
{
  if (!list_at(list, i))
    return false;
  *ret = spec_integer(list->L, -1, list->name, low, OVERHEAD);
  lua_pop(list->L, 1);
  return true;
}

static const SpecKey no_keys[] = { { .name = NULL } };

/* -- delay -- */

static void read_table(lua_State *L, int index, const char *what,
                       NetDistribution *ret)
{
  lua_Unsigned count = lua_rawlen(L, index);
  int16_t *values;

  if (count < 1 || count > NET_DISTRIBUTION_MOST)
    spec_error(L, "%s: a table has 1 to %d entries, not %d", what,
               NET_DISTRIBUTION_MOST, (int)count);
  values = g_new(int16_t, count);
  script_own(script_of(L), values, g_free);
  for (lua_Unsigned i = 0; i < count; i++) {
    char name[160];

    snprintf(name, sizeof name, "%s[%d]", what, (int)i + 1);
    lua_rawgeti(L, index, (lua_Integer)i + 1);
    values[i] = (int16_t)spec_integer(L, -1, name, INT16_MIN, INT16_MAX);
    lua_pop(L, 1);
  }
  *ret = (NetDistribution){ values, (uint32_t)count };
}

static void read_distribution(lua_State *L, int index, const char *what,
                              void *ret)
{
  const char *names[8];
  unsigned count = 0;

  if (lua_istable(L, index)) {
    read_table(L, index, what, ret);
    return;
  }
  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L,
               "%s must be a name such as \"normal\" or a table of numbers "
               "where %d is one jitter, not %s",
               what, NET_DISTRIBUTION_SCALE, spec_kind(L, index));
  if (net_distribution_find(lua_tostring(L, index), ret))
    return;
  for (; count + 1 < G_N_ELEMENTS(names) && net_distribution_name(count);
       count++)
    names[count] = net_distribution_name(count);
  names[count] = NULL;
  spec_unknown(L, what, "name", lua_tostring(L, index), names);
}

typedef struct DelaySpec {
  NetDistribution distribution;
  bool given;
} DelaySpec;

const SpecKey netem_delay_keys[] = {
  { .name = "distribution",
    .kind = SPEC_CUSTOM,
    .read = read_distribution,
    .offset = offsetof(DelaySpec, distribution),
    .given = offsetof(DelaySpec, given) + 1 },
  { .name = NULL },
};

static void read_delay(lua_State *L, int index, const char *what, void *ret)
{
  static const char *const names[] = { "delay", "jitter", "correlation", NULL };
  NetNetemSpec *spec = ret;
  DelaySpec named = { .given = false };
  List list = list_open(L, index, what, names, netem_delay_keys, &named);

  if (!list_time(&list, 1, &spec->delay))
    spec_error(L, "%s needs a time: { \"100ms\", \"10ms\", \"25%%\" }", what);
  list_time(&list, 2, &spec->jitter);
  list_fraction(&list, 3, &spec->delay_correlation);
  if (named.given && spec->jitter == 0)
    spec_error(L,
               "%s: a distribution needs a jitter: { \"100ms\", \"10ms\", "
               "distribution = ... }",
               what);
  spec->distribution = named.distribution;
}

/* -- loss -- */

static void check_sum(lua_State *L, const char *what, const char *names,
                      double sum)
{
  if (sum > 1)
    spec_error(L, "%s: %s is %.6g%%, over 100%%: they leave the same state",
               what, names, sum * 100);
}

static void read_state(lua_State *L, int index, const char *what, void *ret)
{
  static const char *const names[] = {
    "p13", "p31", "p32", "p23", "p14", NULL
  };
  NetLossSpec *loss = ret;
  List list = list_open(L, index, what, names, no_keys, NULL);

  loss->model = NET_LOSS_STATE;
  if (!list_fraction(&list, 1, &loss->p13))
    spec_error(L, "%s needs p13: { \"1%%\", \"25%%\" }", what);
  loss->p31 = 1 - loss->p13;
  loss->p23 = 1;
  list_fraction(&list, 2, &loss->p31);
  list_fraction(&list, 3, &loss->p32);
  list_fraction(&list, 4, &loss->p23);
  list_fraction(&list, 5, &loss->p14);
  check_sum(L, what, "p13 + p14", loss->p13 + loss->p14);
  check_sum(L, what, "p31 + p32", loss->p31 + loss->p32);
}

static void read_gemodel(lua_State *L, int index, const char *what, void *ret)
{
  static const char *const names[] = { "p", "r", "1-h", "1-k", NULL };
  NetLossSpec *loss = ret;
  List list = list_open(L, index, what, names, no_keys, NULL);

  loss->model = NET_LOSS_GEMODEL;
  if (!list_fraction(&list, 1, &loss->p))
    spec_error(L, "%s needs p: { \"1%%\", \"10%%\" }", what);
  loss->r = 1 - loss->p;
  loss->bad = 1;
  list_fraction(&list, 2, &loss->r);
  list_fraction(&list, 3, &loss->bad);
  list_fraction(&list, 4, &loss->good);
}

const SpecKey netem_loss_keys[] = {
  { .name = "state", .kind = SPEC_CUSTOM, .read = read_state },
  { .name = "gemodel", .kind = SPEC_CUSTOM, .read = read_gemodel },
  { .name = NULL },
};

static const char *const chance_names[] = { "probability", "correlation",
                                            NULL };

static void read_loss(lua_State *L, int index, const char *what, void *ret)
{
  NetLossSpec *loss = ret;
  List list = list_open(L, index, what, chance_names, netem_loss_keys, loss);
  bool random = list_fraction(&list, 1, &loss->random.probability);

  list_fraction(&list, 2, &loss->random.correlation);
  if (lua_istable(L, index) && random + (loss->p13 > 0) + (loss->p > 0) > 1)
    spec_error(L,
               "%s has two models; write one of { \"1%%\" }, "
               "{ state = { ... } }, { gemodel = { ... } }",
               what);
  if (!random && loss->model == NET_LOSS_RANDOM)
    spec_error(L, "%s needs a probability: { \"1%%\", \"25%%\" }", what);
}

/* -- the other dice -- */

static void read_chance(lua_State *L, int index, const char *what, void *ret)
{
  NetChanceSpec *chance = ret;
  List list = list_open(L, index, what, chance_names, no_keys, NULL);

  if (!list_fraction(&list, 1, &chance->probability))
    spec_error(L, "%s needs a probability: { \"1%%\", \"25%%\" }", what);
  list_fraction(&list, 2, &chance->correlation);
}

typedef struct ReorderSpec {
  int64_t gap;
} ReorderSpec;

const SpecKey netem_reorder_keys[] = {
  { .name = "gap",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = UINT32_MAX,
    .offset = offsetof(ReorderSpec, gap) },
  { .name = NULL },
};

static void read_reorder(lua_State *L, int index, const char *what, void *ret)
{
  NetNetemSpec *spec = ret;
  ReorderSpec named = { .gap = 0 };
  List list =
      list_open(L, index, what, chance_names, netem_reorder_keys, &named);

  if (!list_fraction(&list, 1, &spec->reorder.probability)) {
    if (named.gap == 0)
      spec_error(L, "%s needs a probability or a gap: { \"25%%\", gap = 5 }",
                 what);
    spec->reorder.probability = 1;
  }
  list_fraction(&list, 2, &spec->reorder.correlation);
  spec->gap = named.gap ? (uint32_t)named.gap : 1;
}

/* -- rate and slots -- */

static void read_rate(lua_State *L, int index, const char *what, void *ret)
{
  static const char *const names[] = { "rate", "packet_overhead", "cell_size",
                                       "cell_overhead", NULL };
  NetNetemRate *rate = ret;
  List list = list_open(L, index, what, names, no_keys, NULL);
  int64_t overhead = 0, cell = 0, cell_overhead = 0;

  if (!list_at(&list, 1))
    spec_error(L, "%s needs a rate: { \"5kbit/s\", 20, 100, 5 }", what);
  rate->rate = spec_rate(L, -1, list.name);
  lua_pop(L, 1);
  if (rate->rate == 0)
    spec_error(L,
               "%s: a rate of 0 lets nothing through; leave it out for no "
               "limit, or take the link down",
               what);
  list_integer(&list, 2, -OVERHEAD, &overhead);
  list_integer(&list, 3, 0, &cell);
  if (list_integer(&list, 4, -OVERHEAD, &cell_overhead) &&
      cell + cell_overhead <= 0)
    spec_error(L,
               "%s: a cell of %" PRId64 " bytes less %" PRId64
               " is nothing; cell_overhead must be over %" PRId64,
               what, cell, -cell_overhead, -cell);
  rate->packet_overhead = (int32_t)overhead;
  rate->cell_size = (uint32_t)cell;
  rate->cell_overhead = (int32_t)cell_overhead;
}

typedef struct SlotSpec {
  DelaySpec by;
  int64_t packets, bytes;
} SlotSpec;

const SpecKey netem_slot_keys[] = {
  { .name = "distribution",
    .kind = SPEC_CUSTOM,
    .read = read_distribution,
    .offset = offsetof(SlotSpec, by.distribution),
    .given = offsetof(SlotSpec, by.given) + 1 },
  { .name = "packets",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = UINT32_MAX,
    .offset = offsetof(SlotSpec, packets) },
  { .name = "bytes",
    .kind = SPEC_SIZE,
    .low = 1,
    .high = UINT32_MAX,
    .offset = offsetof(SlotSpec, bytes) },
  { .name = NULL },
};

static void read_slot(lua_State *L, int index, const char *what, void *ret)
{
  static const char *const bounds[] = { "min_delay", "max_delay", NULL };
  static const char *const moments[] = { "delay", "jitter", NULL };
  NetNetemSlot *slot = ret;
  SlotSpec named = { .packets = 0 };
  List list = list_open(L, index, what, bounds, netem_slot_keys, &named);
  SimTime first = 0, second = 0;
  bool two;

  if (named.by.given)
    list.names = moments;
  if (!list_time(&list, 1, &first))
    spec_error(L, "%s needs a time: { \"800us\", \"10ms\", packets = 10 }",
               what);
  two = list_time(&list, 2, &second);
  slot->active = true;
  slot->by_distribution = named.by.given;
  slot->distribution = named.by.distribution;
  slot->packets = (uint32_t)named.packets;
  slot->bytes = (uint32_t)named.bytes;
  slot->delay = slot->low = first;
  slot->jitter = second;
  slot->high = two ? second : first;
  if (!named.by.given && slot->high < slot->low)
    spec_error(L, "%s: the shortest wait comes first: { \"10ms\", \"20ms\" }",
               what);
}

/* -- the whole -- */

typedef struct NetemSpec {
  NetNetemSpec netem;
  int64_t limit;
  bool ecn, has_loss, has_reorder;
  ScriptNode *from;
} NetemSpec;

#define CUSTOM(key, reader, field)                      \
  {                                                     \
    .name = key, .kind = SPEC_CUSTOM, .read = (reader), \
    .offset = offsetof(NetemSpec, field)                \
  }

#define NETEM_KEYS                                                    \
  CUSTOM("delay", read_delay, netem),                                 \
      { .name = "loss",                                               \
        .kind = SPEC_CUSTOM,                                          \
        .read = read_loss,                                            \
        .offset = offsetof(NetemSpec, netem.loss),                    \
        .given = offsetof(NetemSpec, has_loss) + 1 },                 \
      { .name = "ecn",                                                \
        .kind = SPEC_BOOL,                                            \
        .offset = offsetof(NetemSpec, netem.ecn) },                   \
      CUSTOM("duplicate", read_chance, netem.duplicate),              \
      CUSTOM("corrupt", read_chance, netem.corrupt),                  \
      { .name = "reorder",                                            \
        .kind = SPEC_CUSTOM,                                          \
        .read = read_reorder,                                         \
        .offset = offsetof(NetemSpec, netem),                         \
        .given = offsetof(NetemSpec, has_reorder) + 1 },              \
      CUSTOM("rate", read_rate, netem.rate),                          \
      CUSTOM("slot", read_slot, netem.slot),                          \
  {                                                                   \
    .name = "limit", .kind = SPEC_INTEGER, .low = 1, .high = 1 << 24, \
    .offset = offsetof(NetemSpec, limit)                              \
  }

const SpecKey netem_keys[] = { NETEM_KEYS, { .name = NULL } };

const SpecKey netem_change_keys[] = {
  NETEM_KEYS,
  { .name = "from",
    .kind = SPEC_CUSTOM,
    .read = world_read_node,
    .offset = offsetof(NetemSpec, from) },
  { .name = NULL },
};

static void read_netem(lua_State *L, int index, const char *what,
                       const SpecKey *keys, NetemSpec *ret)
{
  spec_read(L, index, what, keys, ret);
  ret->netem.limit = (uint32_t)ret->limit;
  if (ret->has_reorder && ret->netem.delay == 0 && ret->netem.rate.rate == 0)
    spec_error(L,
               "%s: reorder needs a delay: who is not held back cannot be "
               "overtaken; write delay = \"10ms\" beside it",
               what);
  if (ret->netem.ecn && !ret->has_loss)
    spec_error(L,
               "%s: ecn needs a loss model, whose losses it makes marks; "
               "write loss = \"1%%\" beside it",
               what);
}

void netem_read(lua_State *L, int index, const char *what, void *ret)
{
  NetemSpec spec = { .limit = 0 };

  read_netem(L, index, what, netem_keys, &spec);
  *(NetNetemSpec *)ret = spec.netem;
}

int wire_netem(lua_State *L)
{
  ScriptLink *link = script_self(L, "link");
  NetemSpec spec = { .limit = 0 };
  NetWire *wires[2];
  unsigned count;

  read_netem(L, 2, "netem", netem_change_keys, &spec);
  count = wire_pick(L, "netem", link->link, spec.from, wires);
  for (unsigned i = 0; i < count; i++)
    net_wire_netem(wires[i], &spec.netem);
  return 0;
}
