/* Time, words and parameters: at, after, now, stop; title, topic,
 * question, tags, note, param, record. */
#include "script.h"

#include <math.h>
#include <string.h>

#include "record.h"

#define PARAM_WORK 200 /* its name is kept */

static int schedule(lua_State *L, const char *what, SimTime from,
                    const char *task_name)
{
  SimTime time = sim_time_add(from, spec_time(L, 1, what));
  Task *task;

  if (!lua_isfunction(L, 2))
    return spec_error(L, "%s needs a time and a function, not %s", what,
                      spec_kind(L, 2));
  if (time < script_of(L)->run->sim->now)
    return spec_error(
        L, "%s: this time is past; write a later one, or after(...)", what);
  task = task_new(L, 2, NULL, task_name);
  task_start(task, time, 0);
  return 0;
}

static int time_at(lua_State *L)
{
  return schedule(L, "at", 0, "a function of at");
}

static int time_after(lua_State *L)
{
  return schedule(L, "after", script_of(L)->run->sim->now,
                  "a function of after");
}

static int time_now(lua_State *L)
{
  script_push_time(L, script_of(L)->run->sim->now);
  return 1;
}

/* Without a time: now. Before the run begins only a time makes sense. */
static int time_stop(lua_State *L)
{
  Script *script = script_of(L);
  Run *run = script->run;
  SimTime time;

  if (lua_isnoneornil(L, 1)) {
    if (!script->running)
      return spec_error(L, "stop() ends a run that has begun; here a time is "
                           "needed: stop \"5s\"");
    sim_stop(run->sim);
    return 0;
  }
  time = spec_time(L, 1, "stop");
  if (time < run->sim->now)
    return spec_error(L, "stop: this time is past; stop() ends the run now");
  run->ends = true;
  if (!script->running)
    run->options.stop = MIN(run->options.stop, time);
  else
    sim_schedule(run->sim, &script->stop, &script->owner, time);
  return 0;
}

static const char *words(lua_State *L, int index, const char *what)
{
  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be a string, not %s", what, spec_kind(L, index));
  return lua_tostring(L, index);
}

static int set_words(lua_State *L, const char *what, char **field)
{
  const char *text = words(L, 1, what);

  g_free(*field);
  *field = g_utf8_make_valid(text, -1);
  return 0;
}

static int set_title(lua_State *L)
{
  if (strpbrk(words(L, 1, "title"), "\r\n"))
    return spec_error(L, "title must be one line; what is longer is a comment");
  return set_words(L, "title", &script_of(L)->run->title);
}

static int set_topic(lua_State *L)
{
  return set_words(L, "topic", &script_of(L)->run->topic);
}

static int set_question(lua_State *L)
{
  return set_words(L, "question", &script_of(L)->run->question);
}

static const char *check_tag(lua_State *L, int index)
{
  const char *tag = words(L, index, "a tag");

  if (!*tag || tag[strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789-")])
    spec_error(L, "a tag is of small letters, digits and dashes: not \"%s\"",
               tag);
  return tag;
}

static int set_tags(lua_State *L)
{
  GPtrArray *tags = script_of(L)->run->tags;

  if (!lua_istable(L, 1))
    return spec_error(L, "tags needs a list: tags { \"rst\", \"loss\" }");
  g_ptr_array_set_size(tags, 0);
  for (lua_Unsigned i = 1; i <= lua_rawlen(L, 1); i++) {
    lua_rawgeti(L, 1, (lua_Integer)i);
    g_ptr_array_add(tags, g_strdup(check_tag(L, -1)));
    lua_pop(L, 1);
  }
  return 0;
}

/* What --family says outdoes the scenario. Without a word: which it is. */
static int set_family(lua_State *L)
{
  Run *run = script_of(L)->run;
  NetFamily family;

  if (lua_gettop(L) == 0) {
    lua_pushstring(L, run->net->family == NET_IPV6 ? "ipv6" : "ipv4");
    return 1;
  }
  world_read_family(L, 1, "family", &family);
  if (!run->options.has_family)
    run->net->family = family;
  return 0;
}

static int add_note(lua_State *L)
{
  Run *run = script_of(L)->run;
  const char *host = NULL;
  const char *text = words(L, lua_gettop(L) < 2 ? 1 : 2, "note");

  if (lua_gettop(L) >= 2)
    host = world_node(L, 1, "note")->node->name;
  if (run->record) {
    sandbox_pay(L, SANDBOX_KEPT + (int64_t)strlen(text));
    record_note(run->record, host, text);
  }
  return 0;
}

static bool is_none(lua_State *L, int index)
{
  return lua_type(L, index) == LUA_TSTRING &&
         g_str_equal(lua_tostring(L, index), "none");
}

/* With "none", what the command line asks for by --capture or -w is still
 * written. */
static int set_record(lua_State *L)
{
  Script *script = script_of(L);
  bool none = is_none(L, 1);

  if (!none && !lua_isboolean(L, 1))
    return spec_error(L, "record needs true, false or \"none\": record(false) "
                         "leaves out connections that begin from now on");
  if (none && script->running)
    return spec_error(L, "record \"none\" is said before the run: at the top "
                         "of the scenario");
  if (none)
    run_untrace(script->run);
  else if (script->run->record)
    record_only_known(script->run->record, !lua_toboolean(L, 1));
  return 0;
}

static int convert(lua_State *L, const char *name, const char *text)
{
  double number;
  char *end;

  switch (lua_type(L, 2)) {
  case LUA_TBOOLEAN:
    if (g_str_equal(text, "true") || g_str_equal(text, "false")) {
      lua_pushboolean(L, *text == 't');
      return 1;
    }
    return spec_error(L, "--set %s=%s: true or false is needed", name, text);
  case LUA_TNUMBER:
    if (lua_stringtonumber(L, text) == strlen(text) + 1)
      return 1;
    number = g_ascii_strtod(text, &end);
    if (end == text || *end || !isfinite(number))
      return spec_error(L, "--set %s=%s: a number is needed", name, text);
    lua_pushnumber(L, number);
    return 1;
  default:
    lua_pushstring(L, text);
    return 1;
  }
}

static int get_param(lua_State *L)
{
  Script *script = script_of(L);
  const char *name = words(L, 1, "param: the name");
  const char *text = NULL;
  int type = lua_type(L, 2);

  if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
    return spec_error(L, "param needs a default: param(\"%s\", 10)", name);
  sandbox_pay(L, PARAM_WORK + (int64_t)strlen(name));
  g_ptr_array_add(script->params, g_strdup(name));
  if (script->run->options.settings)
    text = g_hash_table_lookup(script->run->options.settings, name);
  if (text)
    return convert(L, name, text);
  lua_settop(L, 2);
  return 1;
}

const luaL_Reg time_functions[] = {
  { "at", time_at },     { "after", time_after }, { "now", time_now },
  { "stop", time_stop }, { NULL, NULL },
};

const luaL_Reg scenario_functions[] = {
  { "title", set_title },
  { "topic", set_topic },
  { "question", set_question },
  { "tags", set_tags },
  { "family", set_family },
  { "note", add_note },
  { "param", get_param },
  { "record", set_record },
  { NULL, NULL },
};

void time_open(lua_State *L)
{
  lua_pushglobaltable(L);
  luaL_setfuncs(L, time_functions, 0);
  luaL_setfuncs(L, scenario_functions, 0);
  lua_pop(L, 1);
}
