/* The sandbox's limits: memory by the allocator, work by a count hook.
 *
 * The hook is inherited by every coroutine. A new coroutine has TICK
 * instructions before its first hook, so whoever makes one pays for them
 * (sandbox_base.c). Once exhausted, the hook fires at every instruction, so
 * that each pcall that might have caught the error ends at once itself.
 */
#include "sandbox.h"

#include <glib.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "spec.h"

#define TICK SANDBOX_TICK
#define TICKS_A_CLOCK 8
#define BYTES_A_UNIT 16
#define FAILED_ALLOCATION (1 << 20)

static const char spent[] =
    "the scenario did too much work in Lua (an endless loop?); "
    "models such as host:bulk{} do much work fast, --trust lifts the limit";
static const char too_slow[] =
    "the scenario used too much processor time in Lua; --trust lifts the limit";

Sandbox *sandbox_of(lua_State *L)
{
  Sandbox *sandbox;

  memcpy(&sandbox, lua_getextraspace(L), sizeof sandbox);
  return sandbox;
}

static void *allocate(void *user, void *block, size_t old_size, size_t size)
{
  Sandbox *sandbox = user;
  size_t had = block ? old_size : 0;
  void *made;

  if (size == 0) {
    sandbox->memory -= had;
    free(block);
    return NULL;
  }
  if (!sandbox->trusted && size > had) {
    sandbox->work -= (int64_t)(size - had) / BYTES_A_UNIT;
    if (size > SANDBOX_BLOCK ||
        sandbox->memory + (size - had) > sandbox->memory_limit) {
      sandbox->work -= FAILED_ALLOCATION;
      return NULL;
    }
  }
  made = realloc(block, size);
  if (made)
    sandbox->memory += size - had;
  return made;
}

static int64_t processor_time(void)
{
  struct timespec now;

  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void hook(lua_State *L, lua_Debug *frame);

/* The scenario's line is at level 0 in a hook, at level 1 in a library
 * function, which itself has none. */
/* Where it can, it leaves by a yield, which nobody resumes: to raise an error
 * through a hundred thousand calls of pcall would take minutes. Returns only
 * into the hook, which must return at once. */
static void exhaust(lua_State *L, Sandbox *sandbox, const char *why)
{
  if (!sandbox->exhausted) {
    sandbox->exhausted = why;
    sandbox->line = spec_line(L);
  }
  lua_sethook(L, hook, LUA_MASKCOUNT, 1);
  if (lua_isyieldable(L))
    lua_yield(L, 0);
  else
    luaL_error(L, "%s", sandbox->exhausted);
}

void sandbox_check(lua_State *L)
{
  Sandbox *sandbox = sandbox_of(L);

  if (sandbox->exhausted)
    exhaust(L, sandbox, sandbox->exhausted);
}

void sandbox_pay(lua_State *L, int64_t amount)
{
  Sandbox *sandbox = sandbox_of(L);

  if (sandbox->trusted)
    return;
  if (sandbox->exhausted || amount > sandbox->work)
    exhaust(L, sandbox, spent);
  else
    sandbox->work -= amount;
}

void sandbox_charge(Sandbox *sandbox, int64_t amount)
{
  if (!sandbox->trusted)
    sandbox->work = MAX(0, sandbox->work - amount);
}

/* Adds up the time between two looks at the clock, unless the program left
 * Lua meanwhile: the simulation's own time is not the scenario's. */
static void clock_check(lua_State *L, Sandbox *sandbox)
{
  int64_t now = processor_time();

  if (sandbox->looked_in == sandbox->entries)
    sandbox->used += now - sandbox->looked;
  sandbox->looked_in = sandbox->entries;
  sandbox->looked = now;
  if (sandbox->used > INT64_C(1000000000) * SANDBOX_SECONDS)
    exhaust(L, sandbox, too_slow);
}

static void hook(lua_State *L, lua_Debug *frame)
{
  Sandbox *sandbox = sandbox_of(L);

  (void)frame;
  sandbox_pay(L, TICK);
  if (!sandbox->exhausted && ++sandbox->ticks % TICKS_A_CLOCK == 0)
    clock_check(L, sandbox);
}

static int open_libraries(lua_State *L)
{
  static const luaL_Reg bounded[] = { { LUA_GNAME, luaopen_base },
                                      { LUA_TABLIBNAME, luaopen_table },
                                      { LUA_STRLIBNAME, luaopen_string },
                                      { LUA_MATHLIBNAME, luaopen_math },
                                      { LUA_UTF8LIBNAME, luaopen_utf8 },
                                      { LUA_COLIBNAME, luaopen_coroutine },
                                      { NULL, NULL } };

  if (sandbox_of(L)->trusted) {
    luaL_openlibs(L);
  } else {
    for (const luaL_Reg *library = bounded; library->func; library++) {
      luaL_requiref(L, library->name, library->func, 1);
      lua_pop(L, 1);
    }
    sandbox_open_strings(L);
  }
  sandbox_open_base(L);
  return 0;
}

lua_State *sandbox_new(Sandbox *sandbox, uint64_t seed, bool trusted)
{
  lua_State *L;

  *sandbox = (Sandbox){ .trusted = trusted,
                        .entries = 1,
                        .memory_limit = SANDBOX_MEMORY,
                        .work = SANDBOX_WORK,
                        .seed = seed };
  sim_random_init(&sandbox->random, seed, "script");
  L = lua_newstate(allocate, sandbox);
  g_assert(L);
  memcpy(lua_getextraspace(L), &sandbox, sizeof sandbox);
  lua_pushcfunction(L, open_libraries);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK)
    g_error("Lua's libraries: %s", lua_tostring(L, -1));
  if (!trusted)
    lua_sethook(L, hook, LUA_MASKCOUNT, TICK);
  return L;
}
