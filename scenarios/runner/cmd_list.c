/* linger list: what scenarios there are. Each is read and its network
 * described, for its title, topic, tags and question; no time passes. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "datadir.h"
#include "run_options.h"
#include "spec.h"
#include "text.h"

typedef struct ListSettings {
  GPtrArray *files; /* of char *, none of ours */
  GPtrArray *tags;
  TerminalColour colour;
  unsigned width;
  bool json, help;
} ListSettings;

/* One scenario as it was read; its order is that of the files. */
typedef struct Entry {
  char *file;
  Run *run;
} Entry;

static void entry_free(void *data)
{
  Entry *it = data;

  run_free(it->run);
  g_free(it->file);
  g_free(it);
}

/* -- the command line -- */

static bool on_option(void *user, const OptionRow *row, const char *value,
                      GError **error)
{
  ListSettings *it = user;

  if (strcmp(row->name, "tag") == 0)
    g_ptr_array_add(it->tags, (gpointer)(uintptr_t)value);
  else if (strcmp(row->name, "json") == 0)
    it->json = true;
  else if (strcmp(row->name, "help") == 0)
    it->help = true;
  else if (strcmp(row->name, "color") == 0)
    return options_colour(value, &it->colour, error);
  else if (strcmp(row->name, "width") == 0)
    return options_width(value, &it->width, error);
  return true;
}

/* -- the files -- */

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* As it would be typed from here. */
static char *short_path(const char *path)
{
  g_autofree char *here = g_get_current_dir();
  gsize size = strlen(here);

  if (strncmp(path, here, size) == 0 && path[size] == '/')
    return g_strdup(path + size + 1);
  return g_strdup(path);
}

/* (transfer full) (element-type char *) sorted; NULL with an error. */
static GPtrArray *own_files(GError **error)
{
  g_autofree char *path = datadir_path("scenarios");
  g_autofree char *dir = short_path(path);
  GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
  GDir *open = g_dir_open(dir, 0, error);
  const char *name;

  if (!open) {
    g_ptr_array_unref(files);
    return NULL;
  }
  while ((name = g_dir_read_name(open)))
    if (g_str_has_suffix(name, ".lua") && !options_is_description(name))
      g_ptr_array_add(files, g_build_filename(dir, name, NULL));
  g_dir_close(open);
  g_ptr_array_sort(files, by_name);
  return files;
}

static bool read_entry(GPtrArray *entries, const char *file)
{
  RunOptions options = { .seed = 1, .stop = SIM_TIME_NEVER };
  Entry *entry = g_new0(Entry, 1);
  g_autoptr(GError) error = NULL;

  entry->file = g_strdup(file);
  entry->run = run_new(file, &options);
  if (script_load(entry->run, &error)) {
    g_ptr_array_add(entries, entry);
    return true;
  }
  cmd_complain("%s", error->message);
  entry_free(entry);
  return false;
}

/* -- tags -- */

static bool has_tag(const Run *run, const char *tag)
{
  return g_ptr_array_find_with_equal_func(run->tags, tag, g_str_equal, NULL);
}

static bool is_wanted(const ListSettings *it, const Run *run)
{
  for (guint i = 0; i < it->tags->len; i++)
    if (!has_tag(run, it->tags->pdata[i]))
      return false;
  return true;
}

/* (transfer container) every tag once, sorted, then NULL. */
static GPtrArray *known_tags(const GPtrArray *entries)
{
  GPtrArray *all = g_ptr_array_new();

  for (guint i = 0; i < entries->len; i++) {
    const GPtrArray *tags = ((const Entry *)entries->pdata[i])->run->tags;

    for (guint k = 0; k < tags->len; k++)
      if (!g_ptr_array_find_with_equal_func(all, tags->pdata[k], g_str_equal,
                                            NULL))
        g_ptr_array_add(all, tags->pdata[k]);
  }
  g_ptr_array_sort(all, by_name);
  g_ptr_array_add(all, NULL);
  return all;
}

static bool check_tags(const ListSettings *it, const GPtrArray *entries,
                       GError **error)
{
  g_autoptr(GPtrArray) known = known_tags(entries);
  const char *const *names = (const char *const *)known->pdata;
  g_autofree char *list = g_strjoinv(", ", (char **)known->pdata);

  for (guint i = 0; i < it->tags->len; i++) {
    const char *tag = it->tags->pdata[i];
    const char *nearest = spec_nearest(tag, names);

    if (!g_strv_contains(names, tag))
      return option_wrong(error, "no scenario has the tag '%s'%s%s%s %s%s", tag,
                          nearest ? "; did you mean '" : ".",
                          nearest ? nearest : "", nearest ? "'?" : "",
                          *list ? "There are: " : "None has a tag.", list);
  }
  return true;
}

/* -- printing -- */

static void append_key(GString *out, const char *key, const char *value)
{
  g_string_append_printf(out, "\"%s\": ", key);
  if (value)
    text_json(out, value);
  else
    g_string_append(out, "null");
}

/* One scenario a line, for grep. */
static void append_json(GString *out, const Entry *entry)
{
  const Run *run = entry->run;

  g_string_append(out, out->len ? ",\n  {" : "[\n  {");
  append_key(out, "file", entry->file);
  append_key(g_string_append(out, ", "), "name", run->name);
  append_key(g_string_append(out, ", "), "topic", run->topic);
  append_key(g_string_append(out, ", "), "title", run->title);
  append_key(g_string_append(out, ", "), "question", run->question);
  g_string_append(out, ", \"tags\": [");
  for (guint i = 0; i < run->tags->len; i++) {
    g_string_append(out, i ? ", " : "");
    text_json(out, run->tags->pdata[i]);
  }
  g_string_append(out, "]}");
}

static void append_topic(GString *out, const Terminal *terminal,
                         const char *topic)
{
  g_autofree char *clean = terminal_clean(terminal, topic);

  if (out->len)
    g_string_append_c(out, '\n');
  g_string_append_printf(out, "%s%s%s\n",
                         terminal_style(terminal, STYLE_STRONG), clean,
                         terminal_style(terminal, STYLE_PLAIN));
}

static void append_title(GString *out, const Terminal *terminal,
                         unsigned name_width, const Run *run)
{
  g_autofree char *name = terminal_clean(terminal, run->name);
  unsigned pad = name_width - MIN(name_width, terminal_columns(name));
  g_autofree char *first = g_strdup_printf("  %s%*s  ", name, (int)pad, "");

  terminal_paragraph_after(terminal, out, first, name_width + 4, run->title,
                           STYLE_PLAIN);
}

static unsigned widest_name(const GPtrArray *entries)
{
  unsigned width = 0;

  for (guint i = 0; i < entries->len; i++)
    width = MAX(
        width, (unsigned)strlen(((const Entry *)entries->pdata[i])->run->name));
  return MIN(width, 40);
}

static void append_text(GString *out, const ListSettings *it,
                        const GPtrArray *entries)
{
  unsigned width = widest_name(entries);
  const char *topic = NULL;
  Terminal terminal;

  terminal_detect(&terminal, STDOUT_FILENO, it->colour, false, it->width);
  for (guint i = 0; i < entries->len; i++) {
    const Run *run = ((const Entry *)entries->pdata[i])->run;
    const char *now = run->topic ? run->topic : "Without a topic";

    if (!topic || strcmp(topic, now) != 0)
      append_topic(out, &terminal, now);
    topic = now;
    append_title(out, &terminal, width, run);
  }
}

static void print(const ListSettings *it, GPtrArray *entries)
{
  g_autoptr(GString) out = g_string_new(NULL);

  for (guint i = entries->len; i-- > 0;)
    if (!is_wanted(it, ((const Entry *)entries->pdata[i])->run))
      g_ptr_array_remove_index(entries, i);
  for (guint i = 0; it->json && i < entries->len; i++)
    append_json(out, entries->pdata[i]);
  if (it->json)
    g_string_append(out, out->len ? "\n]\n" : "[]\n");
  else
    append_text(out, it, entries);
  fputs(out->str, stdout);
}

/* -- the whole -- */

static ExitStatus list(ListSettings *it)
{
  g_autoptr(GPtrArray) own = NULL;
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(entry_free);
  g_autoptr(GError) error = NULL;
  ExitStatus status = EXIT_HOLDS;
  const GPtrArray *files = it->files;

  if (files->len == 0)
    files = own = own_files(&error);
  for (guint i = 0; files && i < files->len; i++)
    if (!options_is_description(files->pdata[i]) &&
        !read_entry(entries, files->pdata[i]))
      status = EXIT_WRONG;
  if (!files || !check_tags(it, entries, &error))
    return cmd_usage_error(&command_list, error->message);
  print(it, entries);
  return cmd_flush() ? status : EXIT_UNFINISHED;
}

ExitStatus cmd_list(int argc, char **argv)
{
  ListSettings it = { .files = g_ptr_array_new(), .tags = g_ptr_array_new() };
  g_autoptr(GError) error = NULL;
  ExitStatus status;

  if (!options_parse(&command_list, argc, argv, on_option, &it, it.files,
                     &error)) {
    status = cmd_usage_error(&command_list, error->message);
  } else if (it.help) {
    cmd_print_help(&command_list);
    status = cmd_flush() ? EXIT_HOLDS : EXIT_UNFINISHED;
  } else {
    status = list(&it);
  }
  g_ptr_array_unref(it.files);
  g_ptr_array_unref(it.tags);
  return status;
}
