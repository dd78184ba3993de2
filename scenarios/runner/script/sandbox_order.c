/* pairs and next in an order that every run has.
 *
 * A key is reduced to a Key, whose order is total among keys of one table: no
 * two are equal. Tables, functions and coroutines as keys have no order that
 * would be the same in each run; more than one of them is an error.
 *
 * pairs works on a sorted copy of the keys: those that have gone meanwhile are
 * skipped, those that have come are not seen.
 */
#include "sandbox_order.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox.h"
#include "spec.h"

typedef enum KeyKind {
  KEY_NUMBER,
  KEY_STRING,
  KEY_BOOLEAN,
  KEY_OBJECT,
  KEY_OTHER,
} KeyKind;

typedef struct Key {
  KeyKind kind;
  long double number; /* holds every integer and every float */
  const char *text;
  size_t size;
  lua_Integer position; /* in the table of keys */
} Key;

static Key key_of(lua_State *L, int index)
{
  Key key = { .kind = KEY_OTHER };

  switch (lua_type(L, index)) {
  case LUA_TNUMBER:
    key.kind = KEY_NUMBER;
    key.number = lua_isinteger(L, index) ? (long double)lua_tointeger(L, index)
                                         : (long double)lua_tonumber(L, index);
    break;
  case LUA_TSTRING:
    key.kind = KEY_STRING;
    key.text = lua_tolstring(L, index, &key.size);
    break;
  case LUA_TBOOLEAN:
    key.kind = KEY_BOOLEAN;
    key.number = lua_toboolean(L, index);
    break;
  case LUA_TUSERDATA:
    if (lua_getiuservalue(L, index, 1) == LUA_TNUMBER) {
      key.kind = KEY_OBJECT;
      key.number = (long double)lua_tointeger(L, -1);
    }
    lua_pop(L, 1);
    break;
  default:
    break;
  }
  return key;
}

static int compare(const void *left, const void *right)
{
  const Key *a = left, *b = right;
  size_t shorter = a->size < b->size ? a->size : b->size;
  int order;

  if (a->kind != b->kind)
    return a->kind < b->kind ? -1 : 1;
  if (a->kind != KEY_STRING)
    return (a->number > b->number) - (a->number < b->number);
  order = memcmp(a->text, b->text, shorter);
  return order ? order : (a->size > b->size) - (a->size < b->size);
}

static void refuse_others(lua_State *L, int others)
{
  if (others > 1)
    spec_error(L, "pairs has no order for keys that are tables, functions "
                  "or coroutines: keep a list beside the table");
}

/* Pushes a list of the sorted keys of the table at 1. */
static void push_keys(lua_State *L)
{
  lua_Integer count = 0;
  int others = 0;
  Key *keys;

  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, ++count);
  }
  sandbox_pay(L, count * 8);
  keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys + 1, 0);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, -2, i + 1);
    keys[i] = key_of(L, lua_gettop(L));
    keys[i].position = i + 1;
    others += keys[i].kind == KEY_OTHER;
    lua_pop(L, 1);
  }
  refuse_others(L, others);
  qsort(keys, (size_t)count, sizeof *keys, compare);
  lua_createtable(L, count < INT32_MAX ? (int)count : 0, 0);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, -3, keys[i].position);
    lua_rawseti(L, -2, i + 1);
  }
}

/* Upvalues: the table, its keys, how many were given out. */
static int step(lua_State *L)
{
  lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));

  for (;;) {
    lua_settop(L, 0);
    if (lua_rawgeti(L, lua_upvalueindex(2), ++at) == LUA_TNIL)
      return 1;
    lua_pushvalue(L, 1);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
      break;
    sandbox_pay(L, 1);
  }
  lua_pushinteger(L, at);
  lua_replace(L, lua_upvalueindex(3));
  return 2;
}

static int three_results(lua_State *L, int status, lua_KContext context)
{
  (void)L;
  (void)status;
  (void)context;
  return 3;
}

int order_pairs(lua_State *L)
{
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_callk(L, 1, 3, 0, three_results);
    return 3;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  push_keys(L);
  lua_replace(L, 3);
  lua_settop(L, 3);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, step, 3);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

int order_next(lua_State *L)
{
  Key from, best, key;
  int64_t count = 0;
  int others = 0;

  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  from = key_of(L, 2);
  lua_pushnil(L); /* at 3: the best so far */
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    count++;
    key = key_of(L, lua_gettop(L));
    others += key.kind == KEY_OTHER;
    if (!lua_isnil(L, 2) && compare(&key, &from) <= 0)
      continue;
    if (!lua_isnil(L, 3) && compare(&key, &best) >= 0)
      continue;
    best = key;
    lua_pushvalue(L, -1);
    lua_replace(L, 3);
  }
  sandbox_pay(L, count);
  if (!lua_isnil(L, 2) || lua_isnil(L, 3))
    refuse_others(L, others);
  if (lua_isnil(L, 3))
    return 1;
  lua_pushvalue(L, 3);
  lua_rawget(L, 1);
  return 2;
}
