/* The sandbox: what a scenario may not do, and how much it may do.
 *
 * Work is paid from one budget: every VM instruction costs 1, every 16 bytes
 * of memory 1, and library functions that loop in C pay for their loop in
 * advance. What the program keeps until the run ends (a host, a fault, an
 * expectation, a recorded packet) is paid for when it is made; what it frees
 * again is not. When the budget is spent, or the scenario has used its
 * processor time, the sandbox is exhausted, and stays so: pcall and coroutines
 * hand the error on, and no Lua function runs any more.
 *
 * Nothing observable depends on addresses, hash order or the moment of a
 * garbage collection: pairs and next are ordered, tostring numbers objects,
 * finalisers and weak tables are refused.
 */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "random.h"

#define SANDBOX_MIB 256
#define SANDBOX_BLOCK_MIB 32 /* largest string or table */
#define SANDBOX_MEMORY ((size_t)SANDBOX_MIB << 20)
#define SANDBOX_BLOCK ((size_t)SANDBOX_BLOCK_MIB << 20)
#define SANDBOX_WORK INT64_C(1000000000)
#define SANDBOX_TICK 256   /* instructions from one hook to the next */
#define SANDBOX_KEPT 2000  /* work for what the program keeps until it ends */
#define SANDBOX_SECONDS 60 /* of processor time inside Lua */

typedef struct Sandbox {
  bool trusted;  /* no limits, all libraries */
  size_t memory; /* bytes in use */
  size_t memory_limit;
  int64_t work;       /* what is left */
  int64_t used;       /* processor time in Lua, ns */
  int64_t looked;     /* at the clock, when */
  uint64_t entries;   /* times that the program entered Lua */
  uint64_t looked_in; /* `entries` at that look */
  unsigned ticks;
  const char *exhausted; /* the sentence that ends the scenario, or NULL */
  int line;              /* where that was */
  uint64_t objects;      /* numbers given by tostring */
  SimRandom random;      /* math.random */
  uint64_t seed;
} Sandbox;

/** sandbox_new: (transfer full) a Lua state within `sandbox`, which must
 * outlive it, with the libraries that a scenario gets. */
lua_State *sandbox_new(Sandbox *sandbox, uint64_t seed, bool trusted);

/** sandbox_of: the sandbox of a state or coroutine. */
Sandbox *sandbox_of(lua_State *L);

/** sandbox_pay: `amount` of work is about to be done in C. Does not return if
 * the budget does not hold that much: a coroutine yields for ever, and what
 * resumed it looks at sandbox->exhausted. */
void sandbox_pay(lua_State *L, int64_t amount);

/** sandbox_charge: the same without a place to return from: the next
 * instructions find the budget spent. */
void sandbox_charge(Sandbox *sandbox, int64_t amount);

/** sandbox_check: the same if the sandbox is exhausted. */
void sandbox_check(lua_State *L);

/** sandbox_string: pushes what tostring gives for the value at `index`,
 * without addresses. May call __tostring. */
void sandbox_string(lua_State *L, int index);

/** sandbox_open_base: the basic functions (sandbox_base.c). */
void sandbox_open_base(lua_State *L);

/** sandbox_open_strings: string functions with bounded work (pattern.c). */
void sandbox_open_strings(lua_State *L);
