/* Objects and tables of functions that a scenario gets: a word that is not
 * there is an error that names the nearest one that is. */
#include "script.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WORDS 256

void script_push_time(lua_State *L, SimTime time)
{
  lua_pushnumber(L, time == SIM_TIME_NEVER ? HUGE_VAL : (double)time / 1e9);
}

void *script_object(lua_State *L, const char *name, size_t size)
{
  void *object = lua_newuserdatauv(L, size, 1);

  script_check_acts(L);
  memset(object, 0, size);
  lua_pushinteger(L, ++script_of(L)->ordinal);
  lua_setiuservalue(L, -2, 1);
  luaL_setmetatable(L, name);
  return object;
}

/* Upvalues: the table of what there is, and what it is called. */
static int unknown_member(lua_State *L)
{
  const char *words[MOST_WORDS + 1], *word;
  unsigned count = 0;

  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1))
    return 1;
  if (lua_type(L, 2) != LUA_TSTRING)
    return spec_error(L, "%s has no element of type %s",
                      lua_tostring(L, lua_upvalueindex(2)),
                      luaL_typename(L, 2));
  word = lua_tostring(L, 2);
  lua_getfield(L, lua_upvalueindex(1), "");
  for (lua_Integer i = 1; count < MOST_WORDS; i++) {
    if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
      break;
    words[count++] = lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  words[count] = NULL;
  return spec_unknown(L, lua_tostring(L, lua_upvalueindex(2)), "member", word,
                      words);
}

static int assigned_method(lua_State *L)
{
  return spec_error(L,
                    "%s takes no assignment: what can be set is set by its "
                    "methods, as object:method(...)",
                    lua_tostring(L, lua_upvalueindex(1)));
}

static int assigned_function(lua_State *L)
{
  const char *name = lua_tostring(L, lua_upvalueindex(1));

  return spec_error(L,
                    "%s takes no assignment; its functions are called: "
                    "%s.name(...)",
                    name, name);
}

/* Pushes { [""] = { names in the order of C } }. */
static void push_names(lua_State *L, const luaL_Reg *functions)
{
  lua_Integer count = 0;

  lua_newtable(L);
  lua_newtable(L);
  for (; functions->name; functions++)
    if (functions->name[0] != '_') {
      lua_pushstring(L, functions->name);
      lua_rawseti(L, -2, ++count);
    }
  lua_setfield(L, -2, "");
}

void script_class(lua_State *L, const char *name, const luaL_Reg *methods)
{
  luaL_newmetatable(L, name);
  push_names(L, methods);
  luaL_setfuncs(L, methods, 0);
  lua_getfield(L, -1, "__tostring");
  lua_setfield(L, -3, "__tostring");
  lua_pushnil(L);
  lua_setfield(L, -2, "__tostring");
  lua_pushfstring(L, "a %s", name);
  lua_pushcclosure(L, unknown_member, 2);
  lua_setfield(L, -2, "__index");
  lua_pushfstring(L, "a %s", name);
  lua_pushcclosure(L, assigned_method, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void script_table(lua_State *L, const char *name, const luaL_Reg *functions,
                  void *user)
{
  lua_newtable(L);
  lua_newtable(L);
  push_names(L, functions);
  lua_pushlightuserdata(L, user);
  luaL_setfuncs(L, functions, 1);
  lua_pushstring(L, name);
  lua_pushcclosure(L, unknown_member, 2);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, name);
  lua_pushcclosure(L, assigned_function, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
}

void script_check_describes(lua_State *L, const char *what)
{
  if (script_of(L)->running)
    spec_error(L,
               "%s: the network is described before the run begins: write "
               "it at the top level; link:down and host:nic_down can keep "
               "it back",
               what);
}

void script_check_acts(lua_State *L)
{
  if (script_of(L)->judging)
    spec_error(L, "a function of where only looks at the packet it is given: "
                  "on.packet, at and apps are for what acts or asks");
}

void *script_self(lua_State *L, const char *name)
{
  void *object = luaL_testudata(L, 1, name);

  if (!object)
    spec_error(L,
               "a method of a %s needs a colon: %s:method(...), not "
               "%s.method(...)",
               name, name, name);
  script_check_acts(L);
  return object;
}

/* -- globals that are not there -- */

typedef struct Removed {
  const char *name, *sentence;
} Removed;

static const Removed removed[] = {
  { "os", "os is given to an app: host:run(function (os) ... end)" },
  { "io", "a scenario cannot use files; --trust allows it" },
  { "debug", "debug is not available in a scenario; --trust allows it" },
  { "package", "package is not available in a scenario; --trust allows it" },
  { "require", "a scenario is one file; --trust allows require" },
  { "load", "load is not available in a scenario; --trust allows it" },
  { "loadstring", "load is not available in a scenario; --trust allows it" },
  { "loadfile", "a scenario is one file; --trust allows loadfile" },
  { "dofile", "a scenario is one file; --trust allows dofile" },
  { NULL, NULL },
};

static int compare_words(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int script_unknown_global(lua_State *L)
{
  const char *words[MOST_WORDS + 1], *word, *nearest;
  unsigned count = 0;

  if (lua_type(L, 2) != LUA_TSTRING)
    return 0;
  word = lua_tostring(L, 2);
  for (const Removed *it = removed; it->name; it++)
    if (g_str_equal(it->name, word))
      return spec_error(L, "%s", it->sentence);
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING && count < MOST_WORDS)
      words[count++] = lua_tostring(L, -1);
  }
  qsort(words, count, sizeof *words, compare_words);
  words[count] = NULL;
  nearest = spec_nearest(word, words);
  if (nearest)
    return spec_error(L, "there is no \"%.60s\"; did you mean \"%s\"?", word,
                      nearest);
  return spec_error(L, "there is no variable or function \"%.60s\"", word);
}
