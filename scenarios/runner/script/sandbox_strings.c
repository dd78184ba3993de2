/* The functions of `string` whose work a scenario could make endless: find,
 * match, gmatch, gsub, rep; and format, which could show addresses. They
 * follow the Lua 5.4 manual 6.4. */
#define _GNU_SOURCE /* memmem */
#include "sandbox.h"

#include <lauxlib.h>
#include <string.h>

#include "pattern.h"
#include "spec.h"

#define BYTES_A_UNIT 32

/* The start that `init` at `index` names, from 0; `size` + 1 if past it. */
static size_t start_of(lua_State *L, int index, size_t size)
{
  lua_Integer init = luaL_optinteger(L, index, 1);

  if (init > 0)
    return (lua_Unsigned)init - 1 > size ? size + 1 : (size_t)init - 1;
  if (init == 0 || init < -(lua_Integer)size)
    return 0;
  return size - (size_t)-init;
}

static Pattern pattern_of(lua_State *L, const char *subject, size_t size,
                          const char *text, size_t text_size)
{
  Pattern pattern = { .L = L,
                      .subject = subject,
                      .subject_end = subject + size,
                      .text = text,
                      .text_end = text + text_size };

  return pattern;
}

static int push_captures(Pattern *m, const char *from, const char *to)
{
  int count = m->captured == 0 && from ? 1 : m->captured;

  luaL_checkstack(m->L, count, "too many captures");
  for (int i = 0; i < count; i++)
    pattern_push(m, i, from, to);
  return count;
}

static bool is_plain(const char *text, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (text[i] && strchr("^$*+?.([%-", text[i]))
      return false;
  return true;
}

static int find_plain(lua_State *L, const char *subject, size_t size,
                      size_t start, const char *text, size_t text_size)
{
  const char *found;

  sandbox_pay(L, (int64_t)((size - start) / BYTES_A_UNIT));
  found = text_size ? memmem(subject + start, size - start, text, text_size)
                    : subject + start;
  if (!found) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, found - subject + 1);
  lua_pushinteger(L, found - subject + (lua_Integer)text_size);
  return 2;
}

static int find_or_match(lua_State *L, bool find)
{
  size_t size, text_size;
  const char *subject = luaL_checklstring(L, 1, &size);
  const char *text = luaL_checklstring(L, 2, &text_size);
  size_t start = start_of(L, 3, size);
  bool anchored = text_size > 0 && *text == '^';
  Pattern m;

  if (start > size) {
    lua_pushnil(L);
    return 1;
  }
  if (find && (lua_toboolean(L, 4) || is_plain(text, text_size)))
    return find_plain(L, subject, size, start, text, text_size);
  m = pattern_of(L, subject, size, text + anchored, text_size - anchored);
  for (const char *at = subject + start; at <= m.subject_end; at++) {
    const char *end = pattern_match(&m, at);

    if (end && find) {
      lua_pushinteger(L, at - subject + 1);
      lua_pushinteger(L, end - subject);
      return 2 + push_captures(&m, NULL, NULL);
    }
    if (end)
      return push_captures(&m, at, end);
    if (anchored)
      break;
  }
  lua_pushnil(L);
  return 1;
}

static int string_find(lua_State *L)
{
  return find_or_match(L, true);
}

static int string_match(lua_State *L)
{
  return find_or_match(L, false);
}

/* Upvalues: subject, pattern, next start, end of the last match (-1: none). */
static int gmatch_step(lua_State *L)
{
  size_t size, text_size;
  const char *subject = lua_tolstring(L, lua_upvalueindex(1), &size);
  const char *text = lua_tolstring(L, lua_upvalueindex(2), &text_size);
  lua_Integer start = lua_tointeger(L, lua_upvalueindex(3));
  lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
  Pattern m = pattern_of(L, subject, size, text, text_size);

  for (; start <= (lua_Integer)size; start++) {
    const char *end = pattern_match(&m, subject + start);

    if (!end || end - subject == last)
      continue;
    lua_pushinteger(L, end - subject);
    lua_copy(L, -1, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return push_captures(&m, subject + start, end);
  }
  lua_pushinteger(L, start);
  lua_replace(L, lua_upvalueindex(3));
  return 0;
}

static int string_gmatch(lua_State *L)
{
  size_t size, start;

  luaL_checklstring(L, 1, &size);
  luaL_checkstring(L, 2);
  start = start_of(L, 3, size);
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)start);
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, gmatch_step, 4);
  return 1;
}

static void add_template(Pattern *m, luaL_Buffer *buffer, const char *from,
                         const char *to)
{
  lua_State *L = m->L;
  size_t size;
  const char *text = lua_tolstring(L, 3, &size);

  for (size_t i = 0; i < size; i++) {
    if (text[i] != '%') {
      luaL_addchar(buffer, text[i]);
      continue;
    }
    if (++i < size && text[i] == '%') {
      luaL_addchar(buffer, '%');
    } else if (i < size && text[i] == '0') {
      luaL_addlstring(buffer, from, (size_t)(to - from));
    } else if (i < size && text[i] >= '1' && text[i] <= '9') {
      pattern_push(m, text[i] - '1', from, to);
      luaL_tolstring(L, -1, NULL);
      lua_remove(L, -2);
      luaL_addvalue(buffer);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
  }
}

static void add_replacement(Pattern *m, luaL_Buffer *buffer, const char *from,
                            const char *to)
{
  lua_State *L = m->L;

  switch (lua_type(L, 3)) {
  case LUA_TFUNCTION:
    lua_pushvalue(L, 3);
    lua_call(L, push_captures(m, from, to), 1);
    break;
  case LUA_TTABLE:
    pattern_push(m, 0, from, to);
    lua_gettable(L, 3);
    break;
  default:
    add_template(m, buffer, from, to);
    return;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(buffer, from, (size_t)(to - from));
  } else if (!lua_isstring(L, -1)) {
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  } else {
    luaL_addvalue(buffer);
  }
}

static int string_gsub(lua_State *L)
{
  size_t size, text_size;
  const char *subject = luaL_checklstring(L, 1, &size);
  const char *text = luaL_checklstring(L, 2, &text_size);
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)size + 1);
  bool anchored = text_size > 0 && *text == '^';
  Pattern m =
      pattern_of(L, subject, size, text + anchored, text_size - anchored);
  const char *at = subject, *last = NULL;
  lua_Integer count = 0;
  luaL_Buffer buffer;
  int type = lua_type(L, 3);

  luaL_argexpected(L,
                   type == LUA_TNUMBER || type == LUA_TSTRING ||
                       type == LUA_TFUNCTION || type == LUA_TTABLE,
                   3, "string/function/table");
  luaL_buffinit(L, &buffer);
  while (count < most) {
    const char *end = pattern_match(&m, at);

    if (end && end != last) {
      count++;
      add_replacement(&m, &buffer, at, end);
      at = last = end;
    } else if (at < m.subject_end) {
      luaL_addchar(&buffer, *at++);
    } else {
      break;
    }
    if (anchored)
      break;
  }
  luaL_addlstring(&buffer, at, (size_t)(m.subject_end - at));
  luaL_pushresult(&buffer);
  lua_pushinteger(L, count);
  return 2;
}

static int string_rep(lua_State *L)
{
  size_t size, between_size;
  const char *text = luaL_checklstring(L, 1, &size);
  lua_Integer count = luaL_checkinteger(L, 2);
  const char *between = luaL_optlstring(L, 3, "", &between_size);
  luaL_Buffer buffer;

  if (count <= 0 || size + between_size == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if ((lua_Unsigned)count > SANDBOX_BLOCK / (size + between_size))
    return spec_error(L, "string.rep: the result would be over %d MiB",
                      (int)(SANDBOX_BLOCK >> 20));
  sandbox_pay(L, count);
  luaL_buffinit(L, &buffer);
  for (lua_Integer i = 0; i < count; i++) {
    if (i > 0)
      luaL_addlstring(&buffer, between, between_size);
    luaL_addlstring(&buffer, text, size);
  }
  luaL_pushresult(&buffer);
  return 1;
}

/* Objects are named before Lua's own function would print an address. */
static int string_format(lua_State *L)
{
  const char *at = luaL_checkstring(L, 1);
  int count = lua_gettop(L);

  while ((at = strchr(at, '%'))) {
    at += 1 + strspn(at + 1, "-+ #0123456789.");
    if (*at == 'p')
      return spec_error(L, "string.format: %%p is not possible in a scenario: "
                           "addresses differ from run to run");
    if (*at)
      at++;
  }
  for (int i = 2; i <= count; i++)
    if (lua_type(L, i) >= LUA_TTABLE || lua_islightuserdata(L, i)) {
      sandbox_string(L, i);
      lua_replace(L, i);
    }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, count, 1);
  return 1;
}

/* Lua counts with texts that are numbers; "20ms" * 2 is a student's mistake.
 * Upvalue: Lua's own metamethod. */
static int string_arithmetic(lua_State *L)
{
  for (int i = 1; i <= 2; i++)
    if (lua_type(L, i) == LUA_TSTRING && !lua_isnumber(L, i))
      return spec_error(L,
                        "arithmetic with the text \"%.40s\": count in "
                        "numbers, of seconds, bytes or bit/s",
                        lua_tostring(L, i));
  lua_settop(L, 2);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 2, 1);
  return 1;
}

/* The metatable of strings is on the top. */
static void open_arithmetic(lua_State *L)
{
  static const char *const operations[] = { "__add", "__sub",  "__mul",
                                            "__div", "__mod",  "__pow",
                                            "__unm", "__idiv", NULL };

  for (const char *const *name = operations; *name; name++) {
    lua_getfield(L, -1, *name);
    lua_pushcclosure(L, string_arithmetic, 1);
    lua_setfield(L, -2, *name);
  }
}

void sandbox_open_strings(lua_State *L)
{
  static const luaL_Reg functions[] = {
    { "find", string_find },     { "match", string_match },
    { "gmatch", string_gmatch }, { "gsub", string_gsub },
    { "rep", string_rep },       { NULL, NULL }
  };

  lua_getglobal(L, "string");
  lua_getfield(L, -1, "format");
  lua_pushcclosure(L, string_format, 1);
  lua_setfield(L, -2, "format");
  luaL_setfuncs(L, functions, 0);
  lua_pushnil(L);
  lua_setfield(L, -2, "dump");
  lua_pop(L, 1);
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  open_arithmetic(L);
  lua_pushliteral(L, "string");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
}
