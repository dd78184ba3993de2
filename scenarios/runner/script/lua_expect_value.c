/* Expectations on what apps saw: errors, data, values. They need no record. */
#include "expect.h"

#include <string.h>

#include "units.h"

typedef struct ExpectApp {
  Expect expect;
  ScriptNode *host;
  TcpError error; /* TCP_OK: none at all */
  int64_t bytes;
  GBytes *data; /* NULL: only their number counts */
} ExpectApp;

typedef struct ExpectThat {
  Expect expect;
  int ref;
} ExpectThat;

typedef struct ExpectEqual {
  Expect expect;
  bool equal;
  char *found;
} ExpectEqual;

static void append_error(GString *text, const ScriptCallError *error)
{
  char time[40];

  g_string_append_printf(text, "%s from %s at %s", tcp_error_name(error->error),
                         error->call,
                         sim_format_time(error->time, 9, time, sizeof time));
}

static bool error_check(Expect *expect, Run *run, GString *found)
{
  const ExpectApp *want = (ExpectApp *)expect;
  const GArray *errors = want->host->errors;

  (void)run;
  for (unsigned i = 0; i < errors->len && want->error; i++)
    if (g_array_index(errors, ScriptCallError, i).error == want->error)
      return true;
  if (!want->error && errors->len == 0)
    return true;
  if (errors->len == 0) {
    g_string_append_printf(found, "no call of %s's apps failed",
                           want->host->node->name);
    return false;
  }
  g_string_append_printf(found, "%s's apps got ", want->host->node->name);
  for (unsigned i = 0; i < errors->len && i < 8; i++) {
    g_string_append(found, i ? ", " : "");
    append_error(found, &g_array_index(errors, ScriptCallError, i));
  }
  return false;
}

static void app_clear(Expect *expect)
{
  ExpectApp *it = (ExpectApp *)expect;

  g_clear_pointer(&it->data, g_bytes_unref);
}

static ExpectApp *add_app(lua_State *L, ScriptNode *host,
                          bool (*check)(Expect *, Run *, GString *))
{
  ExpectApp *it = (ExpectApp *)expect_add(script_of(L)->run, sizeof *it,
                                          spec_line(L), check);

  it->expect.clear = app_clear;
  it->host = host;
  return it;
}

int expect_error(lua_State *L)
{
  ScriptNode *host = world_host(L, 1, "expect.error");
  TcpError error = world_error(L, 2, "expect.error");
  ExpectApp *it = add_app(L, host, error_check);

  it->error = error;
  it->expect.base.text =
      g_strdup_printf("a call of %s's apps answers %s", host->node->name,
                      tcp_error_name(error));
  return 0;
}

int expect_no_error(lua_State *L)
{
  ScriptNode *host = world_host(L, 1, "expect.no_error");

  add_app(L, host, error_check)->expect.base.text =
      g_strdup_printf("no call of %s's apps fails", host->node->name);
  return 0;
}

static bool data_check(Expect *expect, Run *run, GString *found)
{
  const ExpectApp *want = (ExpectApp *)expect;
  const ScriptNode *host = want->host;
  const uint8_t *bytes;
  gsize size;

  (void)run;
  if ((int64_t)host->received != want->bytes) {
    g_string_append_printf(found,
                           "%s's apps received %" G_GUINT64_FORMAT " bytes",
                           host->node->name, host->received);
    return false;
  }
  if (!want->data)
    return true;
  bytes = g_bytes_get_data(want->data, &size);
  for (gsize i = 0; i < MIN(size, host->data->len); i++)
    if (bytes[i] != host->data->data[i]) {
      g_string_append_printf(found,
                             "the data differ from byte %" G_GSIZE_FORMAT
                             " on: 0x%02x was wanted, 0x%02x came",
                             i + 1, bytes[i], host->data->data[i]);
      return false;
    }
  return true;
}

int expect_data(lua_State *L)
{
  ScriptNode *host = world_host(L, 1, "expect.data");
  ExpectApp *it;
  int64_t size;

  if (lua_type(L, 2) != LUA_TSTRING) {
    if (lua_type(L, 2) != LUA_TNUMBER)
      return spec_error(L,
                        "expect.data needs a string or a number of bytes, "
                        "not %s",
                        spec_kind(L, 2));
    size = spec_integer(L, 2, "expect.data", 0, INT64_MAX);
    it = add_app(L, host, data_check);
  } else {
    size = (int64_t)lua_rawlen(L, 2);
    if (size > SCRIPT_DATA_KEPT)
      return spec_error(L, "expect.data compares at most %d bytes",
                        SCRIPT_DATA_KEPT);
    it = add_app(L, host, data_check);
    it->data = g_bytes_new(lua_tostring(L, 2), (gsize)size);
  }
  it->bytes = size;
  it->expect.base.text =
      g_strdup_printf("%s's apps receive %s%" G_GINT64_FORMAT " bytes",
                      host->node->name, it->data ? "these " : "", size);
  return 0;
}

/* -- functions and values -- */

typedef struct ThatCall {
  int ref;
  bool holds;
  GString *found;
} ThatCall;

/* A string is what was found; nothing, or nil, is a failure without words. */
static int call_that(lua_State *L)
{
  ThatCall *call = lua_touserdata(L, 1);
  const char *text;

  lua_rawgeti(L, LUA_REGISTRYINDEX, call->ref);
  lua_call(L, 0, 2);
  call->holds = lua_toboolean(L, -2);
  if (call->holds)
    return 0;
  lua_pushvalue(L, -1);
  sandbox_string(L, -1);
  text = lua_isnil(L, -2) ? "it is not so" : lua_tostring(L, -1);
  g_string_append(call->found, text ? text : "it is not so");
  return 0;
}

static bool that_check(Expect *expect, Run *run, GString *found)
{
  ThatCall call = { ((ExpectThat *)expect)->ref, false, found };

  if (!script_protect(run->script, call_that, &call,
                      "a function of "
                      "expect.that")) {
    g_autoptr(GError) error = NULL;

    script_failed(run->script, &error);
    g_string_assign(found, error ? error->message : "it raised an error");
    return false;
  }
  return call.holds;
}

int expect_that(lua_State *L)
{
  ExpectThat *it;
  int ref;

  if (!lua_isfunction(L, 1))
    return spec_error(L, "expect.that needs a function, not %s",
                      spec_kind(L, 1));
  if (!lua_isnoneornil(L, 2) && lua_type(L, 2) != LUA_TSTRING)
    return spec_error(L, "expect.that: the sentence must be a string");
  lua_pushvalue(L, 1);
  ref = luaL_ref(L, LUA_REGISTRYINDEX);
  it = (ExpectThat *)expect_add(script_of(L)->run, sizeof *it, spec_line(L),
                                that_check);
  it->ref = ref;
  it->expect.base.text = g_strdup(
      lua_isnoneornil(L, 2) ? "what the function says" : lua_tostring(L, 2));
  return 0;
}

static bool equal_check(Expect *expect, Run *run, GString *found)
{
  const ExpectEqual *it = (ExpectEqual *)expect;

  (void)run;
  g_string_append(found, it->found);
  return it->equal;
}

static void equal_clear(Expect *expect)
{
  g_free(((ExpectEqual *)expect)->found);
}

/* Judged now: the values are those of this moment. */
int expect_equal(lua_State *L)
{
  ExpectEqual *it;
  bool equal;

  if (lua_gettop(L) < 2)
    return spec_error(L, "expect.equal needs a value and what it should be: "
                         "expect.equal(program:failed(), 0)");
  if (!lua_isnoneornil(L, 3) && lua_type(L, 3) != LUA_TSTRING)
    return spec_error(L, "expect.equal: the sentence must be a string");
  equal = lua_compare(L, 1, 2, LUA_OPEQ);
  lua_settop(L, 3);
  sandbox_string(L, 1);
  sandbox_string(L, 2);
  it = (ExpectEqual *)expect_add(script_of(L)->run, sizeof *it, spec_line(L),
                                 equal_check);
  it->expect.clear = equal_clear;
  it->equal = equal;
  it->found = g_strdup_printf("it is %s", lua_tostring(L, 4));
  it->expect.base.text =
      lua_isnil(L, 3)
          ? g_strdup_printf("a value is %s", lua_tostring(L, 5))
          : g_strdup_printf("%s: %s", lua_tostring(L, 3), lua_tostring(L, 5));
  return 0;
}
