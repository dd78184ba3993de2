/* scenarios/linger.d.lua says what the program does: each function and each
 * key that C registers stands there, and nothing else does. */
#include "script_api.h"

#include <string.h>

#include "info.h"
#include "paths.h"

typedef struct Api {
  GHashTable *functions; /* "Host:run" */
  GHashTable *fields;    /* class -> GPtrArray of its fields' names */
  GHashTable *parents;   /* class -> class */
} Api;

static Api api;

static char *word_at(const char *text)
{
  size_t size = strcspn(text, " ?\t:,\n");

  return g_strndup(text, size);
}

static void read_line(const char *line, char **class_name)
{
  if (g_str_has_prefix(line, "function ")) {
    const char *name = line + strlen("function ");

    g_hash_table_add(api.functions, g_strndup(name, strcspn(name, "(")));
  } else if (g_str_has_prefix(line, "---@class linger.")) {
    const char *name = line + strlen("---@class linger.");
    const char *parent = strstr(name, ": linger.");

    g_free(*class_name);
    *class_name = word_at(name);
    g_hash_table_insert(api.fields, g_strdup(*class_name),
                        g_ptr_array_new_with_free_func(g_free));
    if (parent)
      g_hash_table_insert(api.parents, g_strdup(*class_name),
                          word_at(parent + strlen(": linger.")));
  } else if (g_str_has_prefix(line, "---@field ") && line[10] != '[') {
    g_assert_nonnull(*class_name);
    g_ptr_array_add(g_hash_table_lookup(api.fields, *class_name),
                    word_at(line + strlen("---@field ")));
  } else if (!g_str_has_prefix(line, "---")) {
    g_clear_pointer(class_name, g_free);
  }
}

static void read_api(void)
{
  g_autofree char *text = NULL, *class_name = NULL;
  g_auto(GStrv) lines = NULL;

  api.functions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  api.fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                     (GDestroyNotify)g_ptr_array_unref);
  api.parents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_assert_true(g_file_get_contents(LINGER_SOURCE_DIR "/scenarios/linger.d.lua",
                                    &text, NULL, NULL));
  lines = g_strsplit(text, "\n", -1);
  for (unsigned i = 0; lines[i]; i++)
    read_line(lines[i], &class_name);
}

static void forget_api(void)
{
  g_hash_table_unref(api.functions);
  g_hash_table_unref(api.fields);
  g_hash_table_unref(api.parents);
}

static GHashTable *registered_functions(void)
{
  GHashTable *all =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  for (const ScriptFunctions *list = script_functions; list->prefix; list++)
    for (const luaL_Reg *it = list->functions; it->name; it++)
      if (it->name[0] != '_')
        g_hash_table_add(all, g_strconcat(list->prefix, it->name, NULL));
  return all;
}

static void assert_subset(GHashTable *all, GHashTable *of, const char *where)
{
  GHashTableIter iterator;
  void *name;

  g_hash_table_iter_init(&iterator, all);
  while (g_hash_table_iter_next(&iterator, &name, NULL))
    if (!g_hash_table_contains(of, name))
      g_error("%s is not in %s", (char *)name, where);
}

static void functions_are_described(void)
{
  g_autoptr(GHashTable) all = registered_functions();

  assert_subset(all, api.functions, "linger.d.lua");
  assert_subset(api.functions, all, "the program");
}

/* The fields of a class and of those that it inherits from. */
static GHashTable *fields_of(const char *class_name)
{
  GHashTable *all =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  for (; class_name;
       class_name = g_hash_table_lookup(api.parents, class_name)) {
    const GPtrArray *fields = g_hash_table_lookup(api.fields, class_name);

    if (!fields)
      g_error("linger.d.lua has no class linger.%s", class_name);
    for (unsigned i = 0; i < fields->len; i++)
      g_hash_table_add(all, g_strdup(fields->pdata[i]));
  }
  return all;
}

static void keys_are_described(void)
{
  for (const ScriptKeys *table = script_keys; table->name; table++) {
    g_autoptr(GHashTable) described = fields_of(table->name);
    g_autoptr(GHashTable) all =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *where =
        g_strdup_printf("linger.%s of linger.d.lua", table->name);

    for (const SpecKey *key = table->keys; key && key->name; key++)
      g_hash_table_add(all, g_strdup(key->name));
    for (unsigned i = 0; table->knobs && tcp_knob(i); i++)
      g_hash_table_add(all, g_strdup(tcp_knob(i)->name));
    assert_subset(all, described, where);
    assert_subset(described, all, table->name);
  }
}

static void info_is_described(void)
{
  g_autoptr(GHashTable) described = fields_of("Info");
  g_autoptr(GHashTable) all =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  for (unsigned i = 0; tcp_info_name(i); i++)
    g_hash_table_add(all, g_strdup_printf("tcpi_%s", tcp_info_name(i)));
  assert_subset(all, described, "linger.Info of linger.d.lua");
  assert_subset(described, all, "TCP_INFO");
}

/* Every global function of ours is in one of the lists. */
static void no_function_is_forgotten(void)
{
  RunOptions options = { .seed = 1, .stop = SIM_TIME_NEVER };
  g_autoptr(GHashTable) all = registered_functions();
  g_autoptr(GError) error = NULL;
  Run *run = run_new("x.lua", &options);
  static const char *const classes[] = { "Host:",   "Router:",   "Switch:",
                                         "Link:",   "Listener:", "Connection:",
                                         "Program:", "Firewall:", "Nat:", "Scan:" };

  g_assert_true(script_load_text(run, "", 0, &error));
  for (unsigned i = 0; i < G_N_ELEMENTS(classes); i++) {
    g_autofree char *name = g_ascii_strdown(classes[i], -1);

    name[strlen(name) - 1] = '\0';
    g_assert_cmpint(luaL_getmetatable(run->script->L, name), ==, LUA_TTABLE);
    lua_pop(run->script->L, 1);
  }
  lua_pushglobaltable(run->script->L);
  lua_pushnil(run->script->L);
  while (lua_next(run->script->L, -2)) {
    const char *name = lua_tostring(run->script->L, -2);

    if (lua_iscfunction(run->script->L, -1) &&
        !g_hash_table_contains(all, name)) {
      static const char *const luas[] = {
        "assert",   "collectgarbage", "error",  "getmetatable", "ipairs",
        "next",     "pairs",          "pcall",  "print",        "rawequal",
        "rawget",   "rawlen",         "rawset", "select",       "setmetatable",
        "tonumber", "tostring",       "type",   "xpcall",       NULL
      };

      if (!g_strv_contains(luas, name))
        g_error("%s is in no list", name);
    }
    lua_pop(run->script->L, 1);
  }
  run_free(run);
}

int main(int argc, char **argv)
{
  int status;

  g_test_init(&argc, &argv, NULL);
  read_api();
  g_test_add_func("/api/functions", functions_are_described);
  g_test_add_func("/api/keys", keys_are_described);
  g_test_add_func("/api/info", info_is_described);
  g_test_add_func("/api/none-forgotten", no_function_is_forgotten);
  status = g_test_run();
  forget_api();
  return status;
}
