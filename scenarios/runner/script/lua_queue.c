/* Queues in front of a transmitter as a scenario writes them: a number of
 * packets, a discipline's name, or { name, parameter = ... }. */
#include <inttypes.h>

#include "lua_wire.h"

#define MOST (1 << 30)

typedef struct QueueSpec {
  NetQdiscSpec qdisc;
  int64_t limit, low, high, mean_size, flows, quantum;
  ScriptNode *from;
} QueueSpec;

#define COUNT(key, field, least)                                  \
  {                                                               \
    .name = key, .kind = SPEC_SIZE, .low = (least), .high = MOST, \
    .offset = offsetof(QueueSpec, field)                          \
  }
#define FLAG(key, field)                                                       \
  {                                                                            \
    .name = key, .kind = SPEC_BOOL, .offset = offsetof(QueueSpec, qdisc.field) \
  }
#define NUMBER(key, field)                     \
  {                                            \
    .name = key, .kind = SPEC_FRACTION,        \
    .offset = offsetof(QueueSpec, qdisc.field) \
  }
#define SPAN(key, field)                                                       \
  {                                                                            \
    .name = key, .kind = SPEC_TIME, .offset = offsetof(QueueSpec, qdisc.field) \
  }
#define COMMON_KEYS                                               \
  COUNT("limit", limit, 1), FLAG("bytes", in_bytes),              \
  {                                                               \
    .name = "from", .kind = SPEC_CUSTOM, .read = world_read_node, \
    .offset = offsetof(QueueSpec, from)                           \
  }
#define CODEL_KEYS                                       \
  COMMON_KEYS, FLAG("ecn", ecn), SPAN("target", target), \
      SPAN("interval", interval), SPAN("ce_threshold", ce_threshold)

const SpecKey fifo_keys[] = { COMMON_KEYS, { .name = NULL } };

const SpecKey red_keys[] = {
  COMMON_KEYS,
  FLAG("ecn", ecn),
  FLAG("gentle", gentle),
  COUNT("min", low, 1),
  COUNT("max", high, 1),
  NUMBER("probability", probability),
  NUMBER("weight", weight),
  COUNT("mean_size", mean_size, 1),
  { .name = NULL },
};

const SpecKey codel_keys[] = { CODEL_KEYS, { .name = NULL } };

const SpecKey fq_codel_keys[] = {
  CODEL_KEYS,
  { .name = "flows",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 65536,
    .offset = offsetof(QueueSpec, flows) },
  COUNT("quantum", quantum, 256),
  { .name = NULL },
};

static const SpecKey *const keys_of[NET_QDISC_KINDS] = {
  [NET_QDISC_FIFO] = fifo_keys,
  [NET_QDISC_RED] = red_keys,
  [NET_QDISC_CODEL] = codel_keys,
  [NET_QDISC_FQ_CODEL] = fq_codel_keys,
};

static NetQdiscKind read_kind(lua_State *L, int index, const char *what)
{
  const char *names[NET_QDISC_KINDS + 1] = { NULL };

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L,
               "%s must be a number of packets, a name such as \"codel\" or "
               "{ \"codel\", ... }, not %s",
               what, spec_kind(L, index));
  for (unsigned i = 0; i < NET_QDISC_KINDS; i++) {
    names[i] = net_qdisc_name(i);
    if (g_str_equal(names[i], lua_tostring(L, index)))
      return i;
  }
  spec_unknown(L, what, "discipline", lua_tostring(L, index), names);
  return NET_QDISC_FIFO;
}

/* What the disciplines cannot live with. */
static void check(lua_State *L, const char *what, const NetQdiscSpec *spec)
{
  if (spec->kind == NET_QDISC_RED && spec->low >= spec->high)
    spec_error(L, "%s: min is %u and max is %u; min must be less", what,
               spec->low, spec->high);
  if (spec->kind == NET_QDISC_RED && spec->high > spec->limit)
    spec_error(L, "%s: max is %u, over the limit of %u: it would never count",
               what, spec->high, spec->limit);
  if (spec->kind == NET_QDISC_RED &&
      (spec->probability <= 0 || spec->weight <= 0))
    spec_error(L, "%s: %s must be over 0", what,
               spec->weight <= 0 ? "weight" : "probability");
  if (spec->kind >= NET_QDISC_CODEL && spec->interval == 0)
    spec_error(L, "%s: interval must be over 0, such as \"100ms\"", what);
  if (spec->kind == NET_QDISC_FQ_CODEL && spec->in_bytes)
    spec_error(L, "%s: the limit of fq_codel is in packets", what);
}

static void read_list(lua_State *L, int index, const char *what, QueueSpec *ret)
{
  QueueSpec spec = { .limit = 0 };
  NetQdiscSpec *qdisc = &spec.qdisc;
  NetQdiscKind kind;

  index = lua_absindex(L, index);
  if (lua_rawlen(L, index) != 1)
    spec_error(L, "%s needs one discipline: { \"codel\", ... }", what);
  lua_rawgeti(L, index, 1);
  kind = read_kind(L, -1, what);
  lua_pop(L, 1);
  *qdisc = net_qdisc_defaults(kind);
  spec.limit = qdisc->limit;
  spec.low = qdisc->low;
  spec.high = qdisc->high;
  spec.mean_size = qdisc->mean_size;
  spec.flows = qdisc->flows;
  spec.quantum = qdisc->quantum;
  spec_read_list(L, index, what, keys_of[kind], &spec);
  qdisc->limit = (uint32_t)spec.limit;
  qdisc->low = (uint32_t)spec.low;
  qdisc->high = (uint32_t)spec.high;
  qdisc->mean_size = (uint32_t)spec.mean_size;
  qdisc->flows = (uint32_t)spec.flows;
  qdisc->quantum = (uint32_t)spec.quantum;
  check(L, what, qdisc);
  *ret = spec;
}

static void read_queue(lua_State *L, int index, const char *what,
                       QueueSpec *ret)
{
  if (lua_istable(L, index)) {
    read_list(L, index, what, ret);
  } else if (lua_type(L, index) == LUA_TNUMBER) {
    ret->qdisc = net_qdisc_defaults(NET_QDISC_FIFO);
    ret->qdisc.limit = (uint32_t)spec_integer(L, index, what, 1, 1 << 24);
  } else {
    ret->qdisc = net_qdisc_defaults(read_kind(L, index, what));
  }
}

void queue_read(lua_State *L, int index, const char *what, void *ret)
{
  LinkQueue *queue = ret;
  QueueSpec spec = { .from = NULL };

  read_queue(L, index, what, &spec);
  if (spec.from)
    spec_error(L,
               "%s: from is for wire:queue; here it is `queue` for the first "
               "end and back = { queue = ... } for the second",
               what);
  *queue = (LinkQueue){ .qdisc = spec.qdisc };
  if (lua_type(L, index) == LUA_TNUMBER)
    queue->ring = spec.qdisc.limit;
  else
    queue->has_qdisc = true;
}

int wire_queue(lua_State *L)
{
  ScriptLink *link = script_self(L, "link");
  QueueSpec spec = { .from = NULL };
  NetWire *wires[2];
  unsigned count;

  read_queue(L, 2, "queue", &spec);
  count = wire_pick(L, "queue", link->link, spec.from, wires);
  for (unsigned i = 0; i < count; i++)
    net_nic_queue(wires[i]->from, &spec.qdisc);
  return 0;
}
