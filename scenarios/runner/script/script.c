/* The Lua host: a state, its globals, the scenario's file, errors.
 *
 * The main chunk runs in a coroutine of its own, which has no time: it may
 * describe and not wait. The main thread of the state runs only C functions
 * of ours, under pcall.
 */
#include "script.h"

#include "lua_box.h"

#include <stdio.h>
#include <string.h>

#include "host.h"
#include "lua_hook.h"
#include "source.h"
#include "units.h"

#define MEMORY_LIMITS                                                  \
  ": the limit is " G_STRINGIFY(SANDBOX_MIB) " MiB, and " G_STRINGIFY( \
      SANDBOX_BLOCK_MIB) " MiB for one value; --trust lifts it"

G_DEFINE_QUARK(script - error - quark, script_error)

/* Under way: so much of a queue a scenario may fill for nothing. */
#define PACKETS_FREE 2000

typedef struct ScriptOwned {
  void *object;
  GDestroyNotify free;
} ScriptOwned;

Script *script_of(lua_State *L)
{
  return (Script *)(void *)((char *)sandbox_of(L) - offsetof(Script, sandbox));
}

void script_own(Script *script, void *object, GDestroyNotify free_object)
{
  ScriptOwned *owned = g_new(ScriptOwned, 1);

  sandbox_charge(&script->sandbox, SANDBOX_KEPT);
  *owned = (ScriptOwned){ object, free_object };
  g_ptr_array_add(script->owned, owned);
}

void script_pay_packet(lua_State *L)
{
  const Run *run = script_of(L)->run;

  if (run->record)
    sandbox_pay(L, SANDBOX_KEPT);
  if (run->net->live_packets > PACKETS_FREE)
    sandbox_pay(L, SANDBOX_KEPT);
}

static void owned_free(void *data)
{
  ScriptOwned *owned = data;

  owned->free(owned->object);
  g_free(owned);
}

static bool has_place(const Script *script, const char *message)
{
  size_t size = strlen(script->place);

  return strncmp(message, script->place, size) == 0 && message[size] == ':';
}

static int describe_error(lua_State *L)
{
  sandbox_string(L, 1);
  return 1;
}

/* The text of the error on the top of `L`, whatever its type: an error that is
 * no text says so, or what its __tostring says. */
static char *error_text(Script *script, lua_State *L)
{
  char *text;

  if (lua_type(L, -1) == LUA_TSTRING)
    return g_strdup(lua_tostring(L, -1));
  if (!lua_checkstack(L, 3))
    return g_strdup("an error without a message");
  lua_pushcfunction(script->L, describe_error);
  if (L != script->L) {
    lua_pushvalue(L, -1);
    lua_xmove(L, script->L, 1);
  } else {
    lua_pushvalue(L, -2);
  }
  if (lua_pcall(script->L, 1, 1, 0) != LUA_OK || !lua_tostring(script->L, -1))
    text = g_strdup("an error without a message");
  else
    text = g_strdup_printf("error was called with %s; it needs a text: "
                           "error(\"what is wrong\")",
                           lua_tostring(script->L, -1));
  lua_pop(script->L, 1);
  return text;
}

/* What Lua says in one or two words, and what it comes from. */
static const char *explanation(const char *text)
{
  if (g_str_equal(text, "not enough memory"))
    return MEMORY_LIMITS;
  if (g_str_has_suffix(text, "stack overflow"))
    return ": does a function call itself without an end?";
  if (strstr(text, "attempt to index a nil value (local") ||
      strstr(text, "attempt to index a nil value (upvalue"))
    return "; a call that failed gives nil and an error's name";
  return "";
}

/* A coroutine that ended by an error stands where it was raised; Lua's own
 * errors do not say where. Allocates nothing in Lua: memory may be at its end.
 */
static void append_place(GString *message, const Script *script, lua_State *L)
{
  int line = script->sandbox.exhausted ? script->sandbox.line : spec_line(L);

  g_string_append(message, script->place);
  if (line > 0)
    g_string_append_printf(message, ":%d", line);
  g_string_append(message, ": ");
}

void script_fail_by(Script *script, lua_State *L, const char *text,
                    const ScriptNode *host, const char *what)
{
  GString *message;
  char time[40];

  if (script->failure)
    return;
  message = g_string_new(NULL);
  if (!has_place(script, text))
    append_place(message, script, L);
  g_string_append(message, text);
  g_string_append(message, explanation(text));
  if (script->running) {
    sim_format_time(script->run->sim->now, 9, time, sizeof time);
    g_string_append_printf(message, " (at %s, in %s", time, what);
    if (host)
      g_string_append_printf(message, " of %s", host->node->name);
    g_string_append_c(message, ')');
  }
  script->failure = g_string_free(message, FALSE);
  sim_stop(script->run->sim);
}

void script_fail(Script *script, lua_State *L, const ScriptNode *host,
                 const char *what)
{
  g_autofree char *text = error_text(script, L);

  script_fail_by(script, L, text, host, what);
}

bool script_protect(Script *script, lua_CFunction func, void *user,
                    const char *what)
{
  bool was_busy = script->busy;
  int status;

  if (script->failure)
    return false;
  script->busy = true;
  script->sandbox.entries++;
  lua_pushcfunction(script->L, func);
  lua_pushlightuserdata(script->L, user);
  status = lua_pcall(script->L, 1, 0, 0);
  if (status != LUA_OK) {
    script_fail(script, script->L, NULL, what);
    lua_pop(script->L, 1);
  }
  script->busy = was_busy;
  return status == LUA_OK;
}

bool script_failed(const Script *script, GError **error)
{
  if (!script || !script->failure)
    return false;
  g_set_error_literal(error, SCRIPT_ERROR, 0, script->failure);
  return true;
}

/* -- the state -- */

static int open_globals(lua_State *L)
{
  Script *script = script_of(L);

  world_open(L);
  firewall_open(L);
  scan_open(L);
  nat_open(L);
  proxy_open(L);
  link_open(L);
  faults_open(L);
  replay_open(L);
  socket_open(L);
  programs_open(L);
  time_open(L);
  results_api(L);
  hooks_open(L);
  expect_open(L);
  lua_pushinteger(L, (lua_Integer)script->run->options.seed);
  lua_setglobal(L, "seed");
  lua_pushglobaltable(L);
  lua_newtable(L);
  lua_pushcfunction(L, script_unknown_global);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "_G");
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  return 0;
}

static void drain_fired(Sim *sim, SimEvent *event)
{
  Script *script = SIM_CONTAINER(event, Script, drain);

  (void)sim;
  hooks_run(script);
  task_drain(script);
}

static void stop_fired(Sim *sim, SimEvent *event)
{
  (void)event;
  sim_stop(sim);
}

static Script *script_new(Run *run)
{
  Script *script = g_new0(Script, 1);

  script->run = run;
  script->place = g_str_equal(run->file, "-") ? g_strdup("stdin")
                  : strlen(run->file) < LUA_IDSIZE
                      ? g_strdup(run->file)
                      : g_path_get_basename(run->file);
  script->ready_end = &script->ready;
  script->nodes = g_hash_table_new(g_str_hash, g_str_equal);
  script->node_list = g_ptr_array_new();
  script->owned = g_ptr_array_new_with_free_func(owned_free);
  script->params = g_ptr_array_new_with_free_func(g_free);
  script->filters = g_ptr_array_new();
  script->listeners = g_ptr_array_new();
  script->rule_names = g_ptr_array_new();
  sim_owner_init(&script->owner, run->sim, "script");
  sim_event_init(&script->drain, drain_fired);
  sim_event_init(&script->stop, stop_fired);
  script->L =
      sandbox_new(&script->sandbox, run->options.seed, run->options.trusted);
  if (run->options.work > 0)
    script->sandbox.work = run->options.work;
  return script;
}

void script_free(Script *script)
{
  if (!script)
    return;
  script->over = true;
  socket_release_all(script);
  task_free_all(script);
  hooks_free(script->hooks);
  lua_close(script->L);
  g_ptr_array_unref(script->owned);
  g_ptr_array_unref(script->filters);
  g_ptr_array_unref(script->listeners);
  g_ptr_array_unref(script->rule_names);
  g_ptr_array_unref(script->params);
  g_ptr_array_unref(script->node_list);
  g_hash_table_unref(script->nodes);
  g_free(script->failure);
  g_free(script->place);
  g_free(script);
}

/* -- the file -- */

/* A first line with '#' is for the shell; its line end stays, for the
 * numbers of the lines behind it. */
static int compile(lua_State *L, const Run *run, const GByteArray *bytes)
{
  g_autofree char *chunk = g_strdup_printf("@%s", run->script->place);
  const char *text = (const char *)bytes->data;
  size_t size = bytes->len;

  if (size >= 3 && memcmp(text, "\357\273\277", 3) == 0) {
    text += 3;
    size -= 3;
  }
  if (size > 0 && *text == '#') {
    const char *end = memchr(text, '\n', size);

    size = end ? size - (size_t)(end - text) : 0;
    text = end ? end : text;
  }
  return luaL_loadbufferx(L, size ? text : "", size, chunk,
                          run->options.trusted ? NULL : "t");
}

bool script_load_text(Run *run, const void *text, size_t size, GError **error)
{
  GByteArray bytes = { (uint8_t *)(uintptr_t)text, (guint)size };
  Script *script = run->script = script_new(run);
  lua_State *co;
  int results = 0, status;

  if (!script_protect(script, open_globals, NULL, "the Lua host"))
    return !script_failed(script, error);
  co = lua_newthread(script->L);
  status = compile(co, run, &bytes);
  if (status == LUA_OK) {
    script->busy = true;
    script->sandbox.entries++;
    status = lua_resume(co, NULL, 0, &results);
    script->busy = false;
  }
  if (status == LUA_YIELD)
    script_fail_by(script, co,
                   script->sandbox.exhausted
                       ? script->sandbox.exhausted
                       : "coroutine.yield outside of a coroutine: at the top "
                         "level there is nobody who resumes",
                   NULL, "the scenario");
  else if (status != LUA_OK)
    script_fail(script, co, NULL, "the scenario");
  lua_settop(script->L, 0);
  return !script_failed(script, error);
}

bool script_load(Run *run, GError **error)
{
  g_autoptr(GByteArray) bytes = source_read(run->file, error);

  return bytes && script_load_text(run, bytes->data, bytes->len, error);
}

/* -- start and end -- */

static bool check_settings(const Script *script, GError **error)
{
  GHashTable *settings = script->run->options.settings;
  const char *word, *nearest, *least = NULL;
  GHashTableIter iterator;
  void *key;

  if (!settings)
    return true;
  g_hash_table_iter_init(&iterator, settings);
  while (g_hash_table_iter_next(&iterator, &key, NULL)) {
    word = key;
    for (unsigned i = 0; i < script->params->len; i++)
      if (g_str_equal(word, script->params->pdata[i]))
        word = NULL, i = script->params->len;
    if (word && (!least || strcmp(word, least) < 0))
      least = word;
  }
  if (!least)
    return true;
  g_ptr_array_add(script->params, NULL);
  nearest = spec_nearest(least, (const char *const *)script->params->pdata);
  g_ptr_array_set_size(script->params, (int)script->params->len - 1);
  g_set_error(error, SCRIPT_ERROR, 0,
              "%s has no parameter \"%s\" to --set%s%s%s", script->place, least,
              nearest ? "; did you mean \"" : "", nearest ? nearest : "",
              nearest ? "\"?" : "");
  return false;
}

/* Whose `problem` it is, a sentence that begins with a node's name; or NULL. */
static const ScriptNode *whose(const Script *script, const char *problem)
{
  for (unsigned i = 0; i < script->node_list->len; i++) {
    const ScriptNode *node = script->node_list->pdata[i];
    size_t size = strlen(node->node->name);

    if (strncmp(problem, node->node->name, size) == 0 &&
        (problem[size] == ':' || problem[size] == ' '))
      return node;
  }
  return NULL;
}

bool script_start(Run *run, GError **error)
{
  char problem[256];
  const ScriptNode *node;

  if (!check_settings(run->script, error))
    return false;
  if (!net_finish(run->net, problem, sizeof problem)) {
    node = whose(run->script, problem);
    if (node)
      g_set_error(error, SCRIPT_ERROR, 0, "%s:%d: %s", run->script->place,
                  node->line, problem);
    else
      g_set_error(error, SCRIPT_ERROR, 0, "%s: %s", run->script->place,
                  problem);
    return false;
  }
  run->script->running = true;
  return true;
}

void script_finish(Run *run)
{
  Script *script = run->script;

  if (!script || script->over)
    return;
  script->over = true;
  task_free_all(script);
  socket_release_all(script);
}
