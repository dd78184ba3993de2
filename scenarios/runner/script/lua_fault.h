/* Faults: what a scenario does to packets on a link, as deciders at the gates
 * of its two wires. */
#pragma once

#include "packet_match.h"
#include "script.h"

#define FAULT_ORDINALS 256

typedef struct FaultOrdinals {
  unsigned count;
  int64_t list[FAULT_ORDINALS];
} FaultOrdinals;

/** Budget: how often several faults may act together. */
typedef struct Budget {
  int64_t left;
} Budget;

typedef struct Fault Fault;

/** FaultAct: what it does to a packet that was chosen. False: the packet has
 * nothing to do it to. */
typedef bool (*FaultAct)(Fault *fault, NetWire *wire, NetPacket *packet,
                         NetFate *fate);

/** Fault: at the head of what each kind of fault knows; lives until the end of
 * the script. */
struct Fault {
  PacketMatch match;
  FaultOrdinals nth;
  int64_t every, times;
  double probability;
  Budget *budget; /* NULL: its own */
  int64_t seen, done;
  FaultAct act;
  const char *rule;
  char *reason;
  SimRandom random;
};

void fault_read_nth(lua_State *L, int index, const char *what, void *ret);
void fault_read_mask(lua_State *L, int index, const char *what, void *ret);
void fault_read_budget(lua_State *L, int index, const char *what, void *ret);

/** FAULT_KEYS: the keys of them all, for a struct `type` that begins with
 * `fault`. */
#define FAULT_KEYS(type)                                                     \
  PACKET_MATCH_KEYS(type, fault.match), PACKET_WHERE_KEY(type, fault.match), \
      { .name = "nth",                                                       \
        .kind = SPEC_CUSTOM,                                                 \
        .read = fault_read_nth,                                              \
        .offset = offsetof(type, fault.nth) },                               \
      { .name = "mask",                                                      \
        .kind = SPEC_CUSTOM,                                                 \
        .read = fault_read_mask,                                             \
        .offset = offsetof(type, fault.nth) },                               \
      { .name = "every",                                                     \
        .kind = SPEC_INTEGER,                                                \
        .low = 1,                                                            \
        .high = INT64_MAX,                                                   \
        .offset = offsetof(type, fault.every) },                             \
      { .name = "times",                                                     \
        .kind = SPEC_INTEGER,                                                \
        .low = 1,                                                            \
        .high = INT64_MAX,                                                   \
        .offset = offsetof(type, fault.times) },                             \
      { .name = "budget",                                                    \
        .kind = SPEC_CUSTOM,                                                 \
        .read = fault_read_budget,                                           \
        .offset = offsetof(type, fault.budget) },                            \
  {                                                                          \
    .name = "probability", .kind = SPEC_FRACTION,                            \
    .offset = offsetof(type, fault.probability)                              \
  }

/** fault_new: (transfer none) the fault of `size` bytes that the table at 2
 * describes: a copy of `parsed`, whose first member is a Fault and into which
 * `keys` are read; at work from now on. `done` is the participle for reasons:
 * "dropped". */
void *fault_new(lua_State *L, const char *what, const SpecKey *keys,
                void *parsed, size_t size, const char *done);

/** FAULT_INIT: what `parsed` begins with. */
#define FAULT_INIT(function, id)                                    \
  {                                                                 \
    .match = PACKET_MATCH_ALL, .probability = 1, .act = (function), \
    .rule = (id)                                                    \
  }

int fault_drop(lua_State *L);
int fault_delay(lua_State *L);
int fault_duplicate(lua_State *L);
int fault_reorder(lua_State *L);
int fault_replay(lua_State *L);

/* -- lua_fault_change.c -- */
int fault_corrupt(lua_State *L);
int fault_rewrite(lua_State *L);
int fault_truncate(lua_State *L);

/* -- lua_fault_reset.c -- */
int fault_reset(lua_State *L);
