/* The basic functions of a scenario: Lua's own where they are harmless, and
 * these in place of those that are not.
 *
 * pcall, xpcall and the coroutine functions hand on the error of an exhausted
 * sandbox. Lua runs a message handler, and __close after an error raised by
 * a hook, without hooks; so neither is run once the sandbox is exhausted.
 */
#include "sandbox.h"

#include <glib.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "sandbox_order.h"
#include "spec.h"

#define HANDLER_WORK 200 /* a handler that fails is called again, deeper */

/* Lua walks over all calls and may move the whole stack when an error is
 * caught; far down a recursion that is much work for few instructions. */
static void pay_depth(lua_State *L)
{
  lua_Debug frame;
  int depth = 100;

  while (lua_getstack(L, depth, &frame))
    depth *= 4;
  sandbox_pay(L, (int64_t)depth * 2);
}

static int finish_pcall(lua_State *L, int status, lua_KContext extra)
{
  if (status != LUA_OK && status != LUA_YIELD) {
    pay_depth(L);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
  }
  return lua_gettop(L) - (int)extra;
}

static int base_pcall(lua_State *L)
{
  int status;

  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall);
  return finish_pcall(L, status, 0);
}

static int handle_message(lua_State *L)
{
  if (sandbox_of(L)->exhausted)
    return 1;
  sandbox_pay(L, HANDLER_WORK);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, -2);
  lua_call(L, 1, 1);
  return 1;
}

static int base_xpcall(lua_State *L)
{
  int status, count = lua_gettop(L);

  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, handle_message, 1);
  lua_replace(L, 2);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);
  status = lua_pcallk(L, count - 2, LUA_MULTRET, 2, 2, finish_pcall);
  return finish_pcall(L, status, 2);
}

void sandbox_string(lua_State *L, int index)
{
  const char *kind = luaL_typename(L, index);
  lua_Integer number;

  index = lua_absindex(L, index);
  if (lua_type(L, index) < LUA_TTABLE ||
      luaL_getmetafield(L, index, "__tostring")) {
    if (lua_type(L, index) >= LUA_TTABLE)
      lua_pop(L, 1);
    luaL_tolstring(L, index, NULL);
    return;
  }
  luaL_checkstack(L, 6, NULL);
  if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING)
    kind = lua_tostring(L, -1);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, "linger.objects");
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    number = (lua_Integer)++sandbox_of(L)->objects;
    lua_pushvalue(L, index);
    lua_pushinteger(L, number);
    lua_rawset(L, -4);
  } else {
    number = lua_tointeger(L, -1);
  }
  lua_pushfstring(L, "%s: %I", kind, (LUAI_UACINT)number);
  lua_replace(L, index + 1);
  lua_settop(L, index + 1);
}

static int base_tostring(lua_State *L)
{
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  sandbox_string(L, 1);
  return 1;
}

static int base_print(lua_State *L)
{
  int count = lua_gettop(L);

  for (int i = 1; i <= count; i++) {
    size_t size;
    const char *text;

    lua_pushvalue(L, i);
    lua_insert(L, 1);
    lua_pushcfunction(L, base_tostring);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    text = lua_tolstring(L, -1, &size);
    if (!text)
      return luaL_error(L, "'__tostring' must return a string");
    fprintf(stderr, "%s%s", i > 1 ? "\t" : "", text);
    lua_pop(L, 1);
    lua_remove(L, 1);
  }
  fputc('\n', stderr);
  return 0;
}

static int base_setmetatable(lua_State *L)
{
  static const char *const refused[] = { "__gc", "__mode" };

  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, lua_istable(L, 2) || lua_isnil(L, 2), 2, "nil or table");
  for (unsigned i = 0; i < 2 && lua_istable(L, 2); i++) {
    lua_pushstring(L, refused[i]);
    if (lua_rawget(L, 2) != LUA_TNIL)
      return spec_error(L,
                        "a metatable with %s is not possible in a "
                        "scenario: nothing may depend on when memory is "
                        "collected",
                        refused[i]);
    lua_pop(L, 1);
  }
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
    return luaL_error(L, "cannot change a protected metatable");
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

static int base_collectgarbage(lua_State *L)
{
  lua_pushinteger(L, 0);
  return 1;
}

/* Calls the function that this one stands for (upvalue 1). */
static int call_original(lua_State *L)
{
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int coroutine_create(lua_State *L)
{
  sandbox_pay(L, 2 * SANDBOX_TICK);
  return call_original(L);
}

static int coroutine_resume(lua_State *L)
{
  int count;

  sandbox_check(L);
  count = call_original(L);
  sandbox_check(L);
  return count;
}

static int coroutine_close(lua_State *L)
{
  int count;

  sandbox_check(L);
  count = call_original(L);
  sandbox_check(L);
  return count;
}

static int resume_wrapped(lua_State *L)
{
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int status, count = lua_gettop(L);

  sandbox_check(L);
  if (lua_status(co) == LUA_OK && lua_gettop(co) == 0)
    return luaL_error(L, "cannot resume dead coroutine");
  if (!lua_checkstack(co, count))
    return luaL_error(L, "too many arguments to resume");
  lua_xmove(L, co, count);
  status = lua_resume(co, L, count, &count);
  sandbox_check(L);
  if (status == LUA_OK || status == LUA_YIELD) {
    if (!lua_checkstack(L, count + 1)) {
      lua_pop(co, count);
      return luaL_error(L, "too many results to resume");
    }
    lua_xmove(co, L, count);
    return count;
  }
  if (lua_gettop(co) > 0)
    lua_resetthread(co);
  lua_settop(L, 0);
  lua_xmove(co, L, 1);
  return lua_error(L);
}

static int coroutine_wrap(lua_State *L)
{
  lua_State *co;

  luaL_checktype(L, 1, LUA_TFUNCTION);
  sandbox_pay(L, 2 * SANDBOX_TICK);
  co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, resume_wrapped, 1);
  return 1;
}

static int math_random(lua_State *L)
{
  SimRandom *random = &sandbox_of(L)->random;
  lua_Integer low = 1, high;

  if (lua_gettop(L) == 0) {
    lua_pushnumber(L, sim_random_unit(random));
    return 1;
  }
  if (lua_gettop(L) > 2)
    return luaL_error(L, "wrong number of arguments");
  high = luaL_checkinteger(L, lua_gettop(L));
  if (lua_gettop(L) == 2)
    low = luaL_checkinteger(L, 1);
  if (lua_gettop(L) == 1 && high == 0) {
    lua_pushinteger(L, (lua_Integer)sim_random_next(random));
    return 1;
  }
  luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
  if ((uint64_t)high - (uint64_t)low == UINT64_MAX)
    lua_pushinteger(L, (lua_Integer)sim_random_next(random));
  else
    lua_pushinteger(
        L, (lua_Integer)((uint64_t)low +
                         sim_random_below(random,
                                          (uint64_t)high - (uint64_t)low + 1)));
  return 1;
}

/* A seed of the scenario's own begins another stream of the same run. */
static int math_randomseed(lua_State *L)
{
  char name[64];

  if (lua_isnoneornil(L, 1))
    return 0;
  snprintf(name, sizeof name, "script %.14g", luaL_checknumber(L, 1));
  sim_random_init(&sandbox_of(L)->random, sandbox_of(L)->seed, name);
  return 0;
}

/* How much a function of `table` loops in C, at most. */
static int64_t table_work(lua_State *L, const char *name)
{
  lua_Integer from, to;

  if (g_str_equal(name, "move") || g_str_equal(name, "unpack") ||
      g_str_equal(name, "concat")) {
    int first = g_str_equal(name, "concat") ? 3 : 2;

    from = luaL_optinteger(L, first, 1);
    to = luaL_optinteger(L, first + 1, (lua_Integer)lua_rawlen(L, 1));
    if (to < from)
      return 0;
    return (uint64_t)to - (uint64_t)from < INT64_MAX ? to - from + 1
                                                     : INT64_MAX;
  }
  return (int64_t)lua_rawlen(L, 1) * (g_str_equal(name, "sort") ? 8 : 1);
}

static int table_paid(lua_State *L)
{
  const char *name = lua_tostring(L, lua_upvalueindex(2));

  luaL_checktype(L, 1, LUA_TTABLE);
  if (luaL_getmetafield(L, 1, "__len") != LUA_TNIL)
    return spec_error(L,
                      "table.%s of a table with __len is not possible in "
                      "a scenario",
                      name);
  sandbox_pay(L, table_work(L, name));
  return call_original(L);
}

/* Replaces `name` of the library on the top by `func` around it. */
static void wrap(lua_State *L, const char *name, lua_CFunction func)
{
  lua_getfield(L, -1, name);
  lua_pushstring(L, name);
  lua_pushcclosure(L, func, 2);
  lua_setfield(L, -2, name);
}

static void open_tables(lua_State *L)
{
  static const char *const functions[] = { "insert", "remove", "move",
                                           "concat", "unpack", "sort" };

  lua_getglobal(L, "table");
  for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++)
    wrap(L, functions[i], table_paid);
  lua_pop(L, 1);
}

static void open_coroutines(lua_State *L)
{
  lua_getglobal(L, "coroutine");
  wrap(L, "create", coroutine_create);
  wrap(L, "resume", coroutine_resume);
  wrap(L, "close", coroutine_close);
  lua_pushcfunction(L, coroutine_wrap);
  lua_setfield(L, -2, "wrap");
  lua_pop(L, 1);
}

void sandbox_open_base(lua_State *L)
{
  static const luaL_Reg always[] = { { "tostring", base_tostring },
                                     { "print", base_print },
                                     { "pairs", order_pairs },
                                     { "next", order_next },
                                     { NULL, NULL } };
  static const luaL_Reg limits[] = { { "pcall", base_pcall },
                                     { "xpcall", base_xpcall },
                                     { "setmetatable", base_setmetatable },
                                     { "collectgarbage", base_collectgarbage },
                                     { NULL, NULL } };
  static const luaL_Reg dice[] = { { "random", math_random },
                                   { "randomseed", math_randomseed },
                                   { NULL, NULL } };
  static const char *const removed[] = { "load", "loadfile", "dofile",
                                         "require", "warn" };

  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_setfield(L, LUA_REGISTRYINDEX, "linger.objects");
  lua_getglobal(L, "math");
  luaL_setfuncs(L, dice, 0);
  lua_pop(L, 1);
  lua_pushglobaltable(L);
  luaL_setfuncs(L, always, 0);
  if (!sandbox_of(L)->trusted) {
    luaL_setfuncs(L, limits, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(removed); i++) {
      lua_pushnil(L);
      lua_setfield(L, -2, removed[i]);
    }
    open_tables(L);
    open_coroutines(L);
  }
  lua_pop(L, 1);
}
