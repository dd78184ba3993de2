/* results: a table of the scenario's own measurements. */
#include "results.h"
#include "script.h"
#include "text.h"

#include <string.h>

#define COLUMNS_MOST 256

typedef struct Table {
  Script *script;
  Results *results;
  unsigned columns;
} Table;

static bool is_file_name(const char *name)
{
  return g_str_has_suffix(name, ".tsv") && strlen(name) <= 80 &&
         strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "0123456789-_.") == strlen(name) &&
         *name != '.';
}

static bool is_ours(const char *name)
{
  static const char *const names[] = { "states.tsv", "packets.tsv", "plot.tsv",
                                       NULL };

  return g_strv_contains(names, name);
}

static void append_cell(lua_State *L, int index, GString *line)
{
  switch (lua_type(L, index)) {
  case LUA_TNIL:
    text_cell(line, NULL);
    return;
  case LUA_TNUMBER:
  case LUA_TSTRING:
    lua_pushvalue(L, index); /* which a conversion would change */
    text_cell(line, lua_tostring(L, -1));
    lua_pop(L, 1);
    return;
  case LUA_TBOOLEAN:
    text_cell(line, lua_toboolean(L, index) ? "true" : "false");
    return;
  default:
    g_string_append(line, luaL_typename(L, index));
  }
}

static void check_cells(lua_State *L, int first, int last)
{
  for (int i = first; i <= last; i++)
    if (lua_type(L, i) > LUA_TSTRING || lua_type(L, i) == LUA_TLIGHTUSERDATA)
      spec_error(L,
                 "row: value %d is %s; a cell is a text, a number, true "
                 "or false, or nil",
                 i - first + 1, spec_kind(L, i));
}

/* table:row(a, b, c): one value a column. */
static int table_row(lua_State *L)
{
  Table *it = script_self(L, "results");
  int last = lua_gettop(L);
  GString *line;

  if (!it->script->running)
    return spec_error(L, "row: rows come while the run goes on: put it into an "
                         "app, a hook, at or after");
  if (last - 1 != (int)it->columns)
    return spec_error(L, "row has %d values, the table %d columns", last - 1,
                      (int)it->columns);
  check_cells(L, 2, last);
  luaL_checkstack(L, 1, NULL);
  line = g_string_sized_new(128);
  for (int i = 2; i <= last; i++) {
    append_cell(L, i, line);
    g_string_append_c(line, i < last ? '\t' : '\n');
  }
  results_row(it->results, line->str, line->len);
  g_string_free(line, TRUE);
  return 0;
}

static int table_rows(lua_State *L)
{
  Table *it = script_self(L, "results");

  lua_pushinteger(L, (lua_Integer)results_rows(it->results));
  return 1;
}

static void read_order(lua_State *L, int index, const char *what, void *ret)
{
  const char **order = ret;
  lua_Unsigned count = lua_istable(L, index) ? lua_rawlen(L, index) : 0;

  if (count < 1 || count > RESULTS_VALUES)
    spec_error(L, "%s must be a list of 1 to %d texts", what, RESULTS_VALUES);
  for (lua_Unsigned i = 0; i < count; i++) {
    if (lua_rawgeti(L, index, (lua_Integer)i + 1) != LUA_TSTRING)
      spec_error(L, "%s: value %d is a %s, not a text", what, (int)i + 1,
                 luaL_typename(L, -1));
    order[i] = lua_tostring(L, -1); /* which the list keeps */
    lua_pop(L, 1);
  }
}

#define MAP_COLUMN(key)                                  \
  {                                                      \
    .name = #key, .kind = SPEC_STRING, .required = true, \
    .offset = offsetof(ResultsHeatmap, key),             \
  }

static const SpecKey heatmap_keys[] = {
  MAP_COLUMN(x),
  MAP_COLUMN(y),
  MAP_COLUMN(value),
  { .name = "order",
    .kind = SPEC_CUSTOM,
    .offset = offsetof(ResultsHeatmap, order),
    .read = read_order },
  { .name = NULL },
};

/* table:heatmap { x = "flags", y = "state", value = "outcome" } */
static int table_heatmap(lua_State *L)
{
  Table *it = script_self(L, "results");
  ResultsHeatmap map = { 0 };

  spec_read(L, 2, "heatmap", heatmap_keys, &map);
  for (int i = 0; i < 3; i++) {
    const char *name = (const char *[]){ map.x, map.y, map.value }[i];

    if (!results_has_column(it->results, name))
      return spec_error(L, "heatmap: the table has no column \"%.60s\"", name);
  }
  results_heatmap(it->results, &map);
  return 0;
}

const luaL_Reg results_methods[] = {
  { "heatmap", table_heatmap },
  { "row", table_row },
  { "rows", table_rows },
  { NULL, NULL },
};

static unsigned count_columns(lua_State *L)
{
  lua_Unsigned count = lua_rawlen(L, 2);

  if (count < 1 || count > COLUMNS_MOST)
    spec_error(L, "results needs 1 to %d columns' names", COLUMNS_MOST);
  for (lua_Integer i = 1; i <= (lua_Integer)count; i++) {
    if (lua_rawgeti(L, 2, i) != LUA_TSTRING)
      spec_error(L, "results: the name of column %d is %s, not a text", (int)i,
                 spec_kind(L, -1));
    lua_pop(L, 1);
  }
  return (unsigned)count;
}

static Results *make(lua_State *L, Run *run, const char *name, unsigned count)
{
  GString *header = g_string_new(NULL);
  Results *results;

  for (unsigned i = 1; i <= count; i++) {
    lua_rawgeti(L, 2, i);
    text_cell(header, lua_tostring(L, -1));
    g_string_append_c(header, i < count ? '\t' : '\n');
    lua_pop(L, 1);
  }
  results = results_new(run, name, header->str);
  g_string_free(header, TRUE);
  return results;
}

/* results("answers.tsv", { "state", "flags" }) */
static int new_results(lua_State *L)
{
  Script *script = script_of(L);
  const char *name;
  unsigned columns;
  Table *it;

  if (script->running)
    return spec_error(L, "results are described before the run: at the top of "
                         "the scenario");
  if (lua_type(L, 1) != LUA_TSTRING || !lua_istable(L, 2))
    return spec_error(L, "results needs a file's name and columns: "
                         "results(\"rtt.tsv\", { \"time_s\", \"rtt_s\" })");
  name = lua_tostring(L, 1);
  if (!is_file_name(name))
    return spec_error(L,
                      "results: \"%.60s\" is no name for it; write letters, "
                      "digits, - and _, and .tsv at the end",
                      name);
  if (is_ours(name) || results_find(script->run, name))
    return spec_error(
        L, "results: there is a file %s already; write another name", name);
  columns = count_columns(L);
  it = script_object(L, "results", sizeof *it);
  it->script = script;
  it->columns = columns;
  it->results = make(L, script->run, name, columns);
  return 1;
}

const luaL_Reg results_functions[] = {
  { "results", new_results },
  { NULL, NULL },
};

void results_api(lua_State *L)
{
  script_class(L, "results", results_methods);
  lua_pushglobaltable(L);
  luaL_setfuncs(L, results_functions, 0);
  lua_pop(L, 1);
}
