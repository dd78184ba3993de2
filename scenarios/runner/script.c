/* The Lua host: a state, its globals, the scenario's file, errors.
 *
 * The main chunk runs in a coroutine of its own, which has no time: it may
 * describe and not wait. The main thread of the state runs only C functions
 * of ours, under pcall.
 */
#include "script.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "lua_hook.h"
#include "units.h"

#define FILE_LIMIT ((size_t)16 << 20)
#define MOST_WORDS 160

G_DEFINE_QUARK(script - error - quark, script_error)

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

  *owned = (ScriptOwned){ object, free_object };
  g_ptr_array_add(script->owned, owned);
}

static void owned_free(void *data)
{
  ScriptOwned *owned = data;

  owned->free(owned->object);
  g_free(owned);
}

void *script_object(lua_State *L, const char *name, size_t size)
{
  void *object = lua_newuserdatauv(L, size, 1);

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

/* Pushes { name = function (if callable), ..., [""] = { names in the order of C
 * } }. */
static void push_members(lua_State *L, const luaL_Reg *functions, bool callable)
{
  lua_Integer count = 0;

  lua_newtable(L);
  lua_newtable(L);
  for (; functions->name; functions++) {
    if (functions->name[0] != '_') {
      lua_pushstring(L, functions->name);
      lua_rawseti(L, -2, ++count);
    }
    if (callable) {
      lua_pushcfunction(L, functions->func);
      lua_setfield(L, -3, functions->name);
    }
  }
  lua_setfield(L, -2, "");
}

void script_class(lua_State *L, const char *name, const luaL_Reg *methods)
{
  luaL_newmetatable(L, name);
  push_members(L, methods, true);
  lua_getfield(L, -1, "__tostring");
  lua_setfield(L, -3, "__tostring");
  lua_pushnil(L);
  lua_setfield(L, -2, "__tostring");
  lua_pushfstring(L, "a %s", name);
  lua_pushcclosure(L, unknown_member, 2);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void script_table(lua_State *L, const char *name, const luaL_Reg *functions,
                  void *user)
{
  lua_newtable(L);
  lua_pushlightuserdata(L, user);
  luaL_setfuncs(L, functions, 1);
  lua_newtable(L);
  push_members(L, functions, false);
  lua_pushstring(L, name);
  lua_pushcclosure(L, unknown_member, 2);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
}

void *script_self(lua_State *L, const char *name)
{
  void *object = luaL_testudata(L, 1, name);

  if (!object)
    spec_error(L,
               "a method of a %s needs a colon: %s:method(...), not "
               "%s.method(...)",
               name, name, name);
  return object;
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

/* The text of the error on the top of `L`, whatever its type. */
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
    text = g_strdup_printf("error with a %s: %s", luaL_typename(L, -1),
                           lua_tostring(script->L, -1));
  lua_pop(script->L, 1);
  return text;
}

void script_fail(Script *script, lua_State *L, const ScriptNode *host,
                 const char *what)
{
  g_autofree char *text = error_text(script, L);
  GString *message = g_string_new(NULL);
  char time[40];

  if (script->failure) {
    g_string_free(message, TRUE);
    return;
  }
  if (!has_place(script, text))
    g_string_append_printf(message, "%s: ", script->place);
  g_string_append(message, text);
  if (g_str_equal(text, "not enough memory"))
    g_string_append_printf(message,
                           ": the limit is %d MiB, and %d MiB for "
                           "one value; --trust lifts it",
                           (int)(SANDBOX_MEMORY >> 20),
                           (int)(SANDBOX_BLOCK >> 20));
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

void script_push_time(lua_State *L, SimTime time)
{
  lua_pushnumber(L, time == SIM_TIME_NEVER ? HUGE_VAL : (double)time / 1e9);
}

bool script_failed(const Script *script, GError **error)
{
  if (!script || !script->failure)
    return false;
  g_set_error_literal(error, SCRIPT_ERROR, 0, script->failure);
  return true;
}

void script_push_exhausted(Script *script, lua_State *L)
{
  spec_push_where(L);
  if (lua_rawlen(L, -1) == 0)
    lua_pushfstring(L, "%s: ", script->place);
  lua_pushfstring(L, "%s%s", lua_tostring(L, -1), script->sandbox.exhausted);
}

/* -- globals -- */

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

static int unknown_global(lua_State *L)
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

static int open_globals(lua_State *L)
{
  Script *script = script_of(L);

  world_open(L);
  link_open(L);
  socket_open(L);
  programs_open(L);
  time_open(L);
  hooks_open(L);
  expect_open(L);
  lua_pushinteger(L, (lua_Integer)script->run->options.seed);
  lua_setglobal(L, "seed");
  lua_pushglobaltable(L);
  lua_newtable(L);
  lua_pushcfunction(L, unknown_global);
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
  g_ptr_array_unref(script->params);
  g_ptr_array_unref(script->node_list);
  g_hash_table_unref(script->nodes);
  g_free(script->failure);
  g_free(script->place);
  g_free(script);
}

/* -- the file -- */

static bool read_all(FILE *file, GByteArray *bytes)
{
  uint8_t block[4096];
  size_t size;

  while ((size = fread(block, 1, sizeof block, file)) > 0) {
    if (bytes->len + size > FILE_LIMIT)
      return false;
    g_byte_array_append(bytes, block, (guint)size);
  }
  return !ferror(file);
}

static GByteArray *read_file(const Run *run, GError **error)
{
  bool is_stdin = g_str_equal(run->file, "-");
  FILE *file = is_stdin ? stdin : fopen(run->file, "rb");
  GByteArray *bytes;
  bool whole;

  if (!file) {
    g_set_error(error, SCRIPT_ERROR, 0, "%s: %s", run->file, g_strerror(errno));
    return NULL;
  }
  bytes = g_byte_array_new();
  whole = read_all(file, bytes);
  if (!whole)
    g_set_error(error, SCRIPT_ERROR, 0, "%s: %s", run->file,
                bytes->len > FILE_LIMIT - 4096 ? "too large for a scenario"
                                               : g_strerror(errno));
  if (!is_stdin)
    fclose(file);
  if (whole)
    return bytes;
  g_byte_array_unref(bytes);
  return NULL;
}

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
  if (status == LUA_YIELD && script->sandbox.exhausted) {
    script_push_exhausted(script, co);
    status = LUA_ERRRUN;
  } else if (status == LUA_YIELD) {
    lua_pushfstring(co, "%s: coroutine.yield outside of a coroutine",
                    run->script->place);
    status = LUA_ERRRUN;
  }
  if (status != LUA_OK)
    script_fail(script, co, NULL, "the scenario");
  lua_settop(script->L, 0);
  return !script_failed(script, error);
}

bool script_load(Run *run, GError **error)
{
  g_autoptr(GByteArray) bytes = read_file(run, error);

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

bool script_start(Run *run, GError **error)
{
  char problem[256];

  if (!check_settings(run->script, error))
    return false;
  if (!net_finish(run->net, problem, sizeof problem)) {
    g_set_error(error, SCRIPT_ERROR, 0, "%s: %s", run->file, problem);
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
