/* Spec tables: the strict reading of what a scenario writes.
 *
 * Nothing here depends on the order of a Lua table: unknown keys are looked
 * for first, the least by bytes is reported, then the known ones are read in
 * the order of their list.
 */
#include "spec.h"

#include <glib.h>
#include <inttypes.h>
#include <lauxlib.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "units.h"

#define TEXT_SIZE 200
#define MOST_CANDIDATES 256

int spec_line(lua_State *L)
{
  lua_Debug frame;

  for (int level = 0; lua_getstack(L, level, &frame); level++)
    if (lua_getinfo(L, "Sl", &frame) && frame.currentline > 0)
      return frame.currentline;
  return 0;
}

void spec_push_where(lua_State *L)
{
  lua_Debug frame;

  for (int level = 0; lua_getstack(L, level, &frame); level++)
    if (lua_getinfo(L, "Sl", &frame) && frame.currentline > 0) {
      lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
      return;
    }
  lua_pushliteral(L, "");
}

int spec_error(lua_State *L, const char *format, ...)
{
  char text[1024];
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  spec_push_where(L);
  lua_pushstring(L, text);
  lua_concat(L, 2);
  return lua_error(L);
}

/* Is it one of the API's own tables (os, on, expect)? */
static bool own_table(lua_State *L, int index, const char **ret_name)
{
  if (!lua_istable(L, index) ||
      luaL_getmetafield(L, index, "__metatable") == LUA_TNIL)
    return false;
  *ret_name = lua_tostring(L, -1);
  lua_pop(L, 1);
  return *ret_name && !g_str_equal(*ret_name, "_G");
}

const char *spec_kind(lua_State *L, int index)
{
  static const char *const kinds[LUA_NUMTYPES] = {
    [LUA_TLIGHTUSERDATA] = "an object", [LUA_TNUMBER] = "a number",
    [LUA_TSTRING] = "a string",         [LUA_TTABLE] = "a table",
    [LUA_TFUNCTION] = "a function",     [LUA_TUSERDATA] = "an object",
    [LUA_TTHREAD] = "a coroutine",
  };
  int type = lua_type(L, index);
  const char *kind;

  luaL_checkstack(L, 3, NULL);
  if (type == LUA_TNONE)
    return "nothing";
  if (type == LUA_TBOOLEAN)
    return lua_toboolean(L, index) ? "true" : "false";
  if (type == LUA_TTABLE && own_table(L, index, &kind))
    return lua_pushfstring(
        L, "%s itself: write %s.name(...) with a dot, without a colon", kind,
        kind);
  if (type == LUA_TUSERDATA &&
      luaL_getmetafield(L, index, "__name") == LUA_TSTRING)
    return lua_pushfstring(L, "a %s", lua_tostring(L, -1));
  return type > LUA_TNIL && kinds[type] ? kinds[type] : "nil";
}

static int wrong_type(lua_State *L, int index, const char *what,
                      const char *wanted)
{
  return spec_error(L, "%s must be %s, not %s", what, wanted,
                    spec_kind(L, index));
}

typedef bool (*Parse)(const char *text, int64_t *ret, char *ret_error,
                      size_t error_size);

/* Strings go through `parse`; numbers count units of `scale`. */
static int64_t read_quantity(lua_State *L, int index, const char *what,
                             const char *wanted, Parse parse, int64_t scale)
{
  char problem[TEXT_SIZE];
  int64_t value;
  double number;

  if (lua_type(L, index) == LUA_TSTRING) {
    if (!parse(lua_tostring(L, index), &value, problem, sizeof problem))
      spec_error(L, "%s: %s", what, problem);
    return value;
  }
  if (lua_type(L, index) != LUA_TNUMBER)
    wrong_type(L, index, what, wanted);
  if (lua_isinteger(L, index)) {
    value = lua_tointeger(L, index);
    if (value < 0)
      spec_error(L, "%s is negative: %" PRId64 "; write 0 or more", what,
                 value);
    if (value <= INT64_MAX / scale)
      return value * scale;
  }
  number = lua_tonumber(L, index) * (double)scale;
  if (isnan(number))
    spec_error(L, "%s is not a number: it comes from 0/0 or the like", what);
  if (number < 0)
    spec_error(L, "%s is negative: %.14g; write 0 or more", what,
               lua_tonumber(L, index));
  if (!(number < 9.2e18))
    spec_error(L, "%s is too large: %.14g", what, lua_tonumber(L, index));
  return (int64_t)llround(number);
}

int64_t spec_time(lua_State *L, int index, const char *what)
{
  int64_t time = read_quantity(L, index, what,
                               "a time such as \"20ms\" or a number of seconds",
                               sim_parse_time, SIM_SECOND);

  if (time > SPEC_LONGEST)
    spec_error(L, "%s is over %d s, the longest that a scenario can name", what,
               (int)(SPEC_LONGEST / SIM_SECOND));
  return time;
}

int64_t spec_size(lua_State *L, int index, const char *what)
{
  return read_quantity(L, index, what,
                       "a size such as \"64KiB\" or a number of bytes",
                       sim_parse_size, 1);
}

int64_t spec_rate(lua_State *L, int index, const char *what)
{
  if (lua_type(L, index) == LUA_TNUMBER && lua_tonumber(L, index) > 0 &&
      lua_tonumber(L, index) < 1)
    spec_error(L, "%s is under 1 bit/s: %.14g", what, lua_tonumber(L, index));
  return read_quantity(L, index, what,
                       "a rate such as \"10Mbit/s\" or a number of bit/s",
                       sim_parse_rate, 1);
}

double spec_fraction(lua_State *L, int index, const char *what)
{
  char problem[TEXT_SIZE];
  double value;

  if (lua_type(L, index) == LUA_TSTRING) {
    if (!sim_parse_fraction(lua_tostring(L, index), &value, problem,
                            sizeof problem))
      spec_error(L, "%s: %s", what, problem);
    return value;
  }
  if (lua_type(L, index) != LUA_TNUMBER)
    wrong_type(L, index, what, "a fraction such as 0.02 or \"2%\"");
  value = lua_tonumber(L, index);
  if (!(value >= 0 && value <= 1))
    spec_error(L, "%s must lie in 0 to 1, not %.14g; \"%.14g%%\" is percent",
               what, value, value);
  return value;
}

int64_t spec_integer(lua_State *L, int index, const char *what, int64_t low,
                     int64_t high)
{
  int whole;
  int64_t value = lua_tointegerx(L, index, &whole);

  if (lua_type(L, index) != LUA_TNUMBER || !whole)
    wrong_type(L, index, what, "a whole number");
  if (low < high && high == INT64_MAX && value < low)
    spec_error(L, "%s must be %" PRId64 " or more, not %" PRId64, what, low,
               value);
  if (low < high && (value < low || value > high))
    spec_error(L, "%s must lie in %" PRId64 " to %" PRId64 ", not %" PRId64,
               what, low, high, value);
  return value;
}

static bool read_bool(lua_State *L, int index, const char *what)
{
  if (!lua_isboolean(L, index))
    wrong_type(L, index, what, "true or false");
  return lua_toboolean(L, index);
}

static bool is_never(lua_State *L, int index)
{
  if (lua_type(L, index) == LUA_TSTRING)
    return g_str_equal(lua_tostring(L, index), "never");
  return lua_type(L, index) == LUA_TNUMBER &&
         lua_tonumber(L, index) == HUGE_VAL;
}

static void knob_range(lua_State *L, const TcpKnob *knob, int64_t value)
{
  char low[40], high[40];

  if (knob->kind != TCP_KNOB_TIME) {
    spec_error(L, "%s must lie in %" PRId64 " to %" PRId64 ", not %" PRId64,
               knob->name, knob->low, knob->high, value);
    return;
  }
  sim_format_time(knob->low, 6, low, sizeof low);
  if (knob->high == SIM_TIME_NEVER)
    spec_error(L, "%s must be %s or more, or \"never\"", knob->name, low);
  sim_format_time(knob->high, 6, high, sizeof high);
  spec_error(L, "%s must lie in %s to %s", knob->name, low, high);
}

/* The index of a name that `knob` may have. */
static int64_t knob_name(lua_State *L, int index, const TcpKnob *knob)
{
  const char *names[16];
  unsigned count = 0;

  if (lua_type(L, index) != LUA_TSTRING)
    wrong_type(L, index, knob->name, "a name");
  for (; count + 1 < G_N_ELEMENTS(names) && tcp_knob_name(knob, count); count++)
    names[count] = tcp_knob_name(knob, count);
  names[count] = NULL;
  for (unsigned i = 0; i < count; i++)
    if (g_str_equal(names[i], lua_tostring(L, index)))
      return i;
  return spec_unknown(L, knob->name, "name", lua_tostring(L, index), names);
}

int64_t spec_knob(lua_State *L, int index, const TcpKnob *knob)
{
  int64_t value = 0;

  switch (knob->kind) {
  case TCP_KNOB_BOOL:
    return read_bool(L, index, knob->name);
  case TCP_KNOB_COUNT:
    value = spec_integer(L, index, knob->name, 0, 0);
    break;
  case TCP_KNOB_BYTES:
    value = spec_size(L, index, knob->name);
    break;
  case TCP_KNOB_TIME:
    value =
        is_never(L, index) ? SIM_TIME_NEVER : spec_time(L, index, knob->name);
    break;
  case TCP_KNOB_NAME:
    return knob_name(L, index, knob);
  }
  if (value < knob->low || value > knob->high)
    knob_range(L, knob, value);
  return value;
}

static void read_key(lua_State *L, int index, const char *what,
                     const SpecKey *key, void *ret)
{
  void *field = (char *)ret + key->offset;
  char name[TEXT_SIZE];

  snprintf(name, sizeof name, "%s: %s", what, key->name);
  switch (key->kind) {
  case SPEC_BOOL:
    *(bool *)field = read_bool(L, index, name);
    break;
  case SPEC_INTEGER:
    *(int64_t *)field = spec_integer(L, index, name, key->low, key->high);
    break;
  case SPEC_NUMBER:
    if (lua_type(L, index) != LUA_TNUMBER)
      wrong_type(L, index, name, "a number");
    *(double *)field = lua_tonumber(L, index);
    break;
  case SPEC_STRING:
    if (lua_type(L, index) != LUA_TSTRING)
      wrong_type(L, index, name, "a string");
    *(const char **)field = lua_tostring(L, index);
    break;
  case SPEC_TIME:
    *(SimTime *)field = spec_time(L, index, name);
    break;
  case SPEC_RATE:
    *(int64_t *)field = spec_rate(L, index, name);
    break;
  case SPEC_SIZE:
    *(int64_t *)field = spec_size(L, index, name);
    if (key->low < key->high &&
        (*(int64_t *)field < key->low || *(int64_t *)field > key->high))
      spec_error(L, "%s must lie in %" PRId64 " to %" PRId64 ", not %" PRId64,
                 name, key->low, key->high, *(int64_t *)field);
    break;
  case SPEC_FRACTION:
    *(double *)field = spec_fraction(L, index, name);
    break;
  case SPEC_CUSTOM:
    key->read(L, index, name, field);
    break;
  }
  if (key->given)
    *((bool *)((char *)ret + key->given - 1)) = true;
}

static bool known(const char *word, const SpecKey *keys, bool knobs)
{
  for (; keys->name; keys++)
    if (g_str_equal(word, keys->name))
      return true;
  return knobs && tcp_knob_find(word);
}

static int unknown_key(lua_State *L, const char *what, const char *word,
                       const SpecKey *keys, bool knobs)
{
  const char *candidates[MOST_CANDIDATES + 1];
  unsigned count = 0;

  for (; keys->name && count < MOST_CANDIDATES; keys++)
    candidates[count++] = keys->name;
  for (unsigned i = 0; knobs && tcp_knob(i) && count < MOST_CANDIDATES; i++)
    candidates[count++] = tcp_knob(i)->name;
  candidates[count] = NULL;
  return spec_unknown(L, what, "key", word, candidates);
}

/* A value without a name: wire:drop { client }. */
static void positioned(lua_State *L, int index, const char *what,
                       const SpecKey *keys)
{
  lua_rawgeti(L, index, 1);
  spec_error(L, "%s: %s stands there without a name; write %s = ...", what,
             spec_kind(L, -1), keys->name ? keys->name : "name");
}

/* Raises for the least of the keys that are neither known nor positions. */
static void check_keys(lua_State *L, int index, const char *what,
                       const SpecKey *keys, bool knobs, bool list)
{
  const char *least = NULL;

  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_isinteger(L, -1) && list)
      continue;
    if (lua_isinteger(L, -1))
      positioned(L, index, what, keys);
    if (lua_type(L, -1) != LUA_TSTRING)
      spec_error(L, "%s: a key must be a name, not %s", what, spec_kind(L, -1));
    if (!known(lua_tostring(L, -1), keys, knobs) &&
        (!least || strcmp(lua_tostring(L, -1), least) < 0))
      least = lua_tostring(L, -1);
  }
  if (least)
    unknown_key(L, what, least, keys, knobs);
}

/* What a required key is told to be. */
static const char *const examples[] = {
  [SPEC_BOOL] = "true or false", [SPEC_INTEGER] = "a whole number",
  [SPEC_NUMBER] = "a number",    [SPEC_STRING] = "\"...\"",
  [SPEC_TIME] = "\"20ms\"",      [SPEC_RATE] = "\"10Mbit/s\"",
  [SPEC_SIZE] = "\"64KiB\"",     [SPEC_FRACTION] = "\"2%\"",
  [SPEC_CUSTOM] = "...",
};

static void read_table(lua_State *L, int index, const char *what,
                       const SpecKey *keys, void *ret, TcpKnobs *knobs,
                       bool list)
{
  const char *own;

  index = lua_absindex(L, index);
  if (!lua_istable(L, index) || own_table(L, index, &own))
    wrong_type(L, index, what, "given a table { ... }");
  luaL_checkstack(L, 10, NULL);
  check_keys(L, index, what, keys, knobs != NULL, list);
  for (; keys->name; keys++) {
    lua_pushstring(L, keys->name);
    lua_rawget(L, index);
    if (!lua_isnil(L, -1))
      read_key(L, lua_gettop(L), what, keys, ret);
    else if (keys->required)
      spec_error(L, "%s needs %s = %s", what, keys->name,
                 keys->example ? keys->example : examples[keys->kind]);
    lua_pop(L, 1);
  }
  for (unsigned i = 0; knobs && tcp_knob(i); i++) {
    lua_pushstring(L, tcp_knob(i)->name);
    lua_rawget(L, index);
    if (!lua_isnil(L, -1))
      tcp_knob_set(knobs, tcp_knob(i), spec_knob(L, -1, tcp_knob(i)));
    lua_pop(L, 1);
  }
}

void spec_read(lua_State *L, int index, const char *what, const SpecKey *keys,
               void *ret)
{
  read_table(L, index, what, keys, ret, NULL, false);
}

void spec_read_list(lua_State *L, int index, const char *what,
                    const SpecKey *keys, void *ret)
{
  read_table(L, index, what, keys, ret, NULL, true);
}

void spec_read_knobs(lua_State *L, int index, const char *what,
                     const SpecKey *keys, void *ret, TcpKnobs *knobs)
{
  read_table(L, index, what, keys, ret, knobs, false);
}
