/* getopt_long(3) reads the words; what it refuses is explained here. */
#include "options.h"

#include <getopt.h>
#include <string.h>

#include "spec.h"

#define FIRST_LONG 256 /* getopt's value for the option in row 0 */

GQuark option_error_quark(void)
{
  return g_quark_from_static_string("linger-option");
}

bool option_wrong(GError **error, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  if (error)
    *error = g_error_new_valist(OPTION_ERROR, 0, format, arguments);
  va_end(arguments);
  return false;
}

int options_choice(const char *what, const char *value,
                   const char *const *words, GError **error)
{
  const char *nearest = spec_nearest(value, words);
  g_autofree char *all = g_strjoinv(", ", (char **)words);

  for (int i = 0; words[i]; i++)
    if (strcmp(words[i], value) == 0)
      return i;
  if (nearest)
    option_wrong(error, "%s cannot be '%s'; did you mean '%s'?", what, value,
                 nearest);
  else
    option_wrong(error, "%s cannot be '%s'; write one of: %s", what, value,
                 all);
  return -1;
}

/* -- what getopt refuses -- */

/* The long options that `word` abbreviates, "--seed, --set"; NULL if fewer
 * than two. */
static char *abbreviated(const Command *command, const char *word)
{
  g_autoptr(GString) names = g_string_new(NULL);
  unsigned count = 0;

  for (const OptionRow *row = command->options; row->name; row++)
    if (g_str_has_prefix(row->name, word)) {
      g_string_append_printf(names, "%s--%s", count ? ", " : "", row->name);
      count++;
    }
  return count > 1 ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}

/* The command that has what this one lacks. */
static const Command *command_with(const char *option)
{
  for (gsize i = 0; commands[i]; i++)
    for (const OptionRow *row = commands[i]->options; row->name; row++)
      if (strcmp(row->name, option) == 0)
        return commands[i];
  return NULL;
}

static bool unknown_long(const Command *command, const char *word,
                         GError **error)
{
  g_autofree char *name = g_strndup(word + 2, strcspn(word + 2, "="));
  g_autofree char *several = abbreviated(command, name);
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  const Command *other = command_with(name);
  const char *nearest;

  if (several)
    return option_wrong(error, "option '--%s' could be any of: %s", name,
                        several);
  if (other)
    return option_wrong(error, "option '--%s' belongs to 'linger %s'", name,
                        other->name);
  for (const OptionRow *row = command->options; row->name; row++)
    g_ptr_array_add(names, (gpointer)row->name);
  g_ptr_array_add(names, NULL);
  nearest = spec_nearest(name, (const char *const *)names->pdata);
  if (nearest)
    return option_wrong(error, "unknown option '--%s'; did you mean '--%s'?",
                        name, nearest);
  return option_wrong(error, "unknown option '--%s'", name);
}

/* `refused` is getopt's optopt: 0, a letter, or a long option's value. */
static bool explain(const Command *command, bool missing, int refused,
                    const char *word, GError **error)
{
  const OptionRow *row = NULL;

  if (refused >= FIRST_LONG)
    row = &command->options[refused - FIRST_LONG];
  for (const OptionRow *it = command->options; it->name && !row; it++)
    if (refused && it->letter == refused)
      row = it;
  if (row && missing && refused < FIRST_LONG)
    return option_wrong(error, "option '-%c' needs a value: -%c %s", refused,
                        refused, row->argument);
  if (row && missing)
    return option_wrong(error, "option '--%s' needs a value: --%s=%s",
                        row->name, row->name, row->argument);
  if (row)
    return option_wrong(error, "option '--%s' takes no value", row->name);
  if (refused)
    return option_wrong(error, "unknown option '-%c'", refused);
  return unknown_long(command, word, error);
}

/* -- parsing -- */

static struct option *long_options(const Command *command)
{
  GArray *all = g_array_new(TRUE, TRUE, sizeof(struct option));

  for (const OptionRow *row = command->options; row->name; row++) {
    struct option option = {
      .name = row->name,
      .has_arg = !row->argument  ? no_argument
                 : row->optional ? optional_argument
                                 : required_argument,
      .val = FIRST_LONG + (int)(row - command->options),
    };
    g_array_append_val(all, option);
  }
  return (struct option *)(void *)g_array_free(all, FALSE);
}

static char *short_options(const Command *command)
{
  GString *all = g_string_new(":");

  for (const OptionRow *row = command->options; row->name; row++)
    if (row->letter)
      g_string_append_printf(all, "%c%s", row->letter,
                             row->argument ? ":" : "");
  return g_string_free(all, FALSE);
}

static const OptionRow *row_of(const Command *command, int value)
{
  if (value >= FIRST_LONG)
    return &command->options[value - FIRST_LONG];
  for (const OptionRow *row = command->options; row->name; row++)
    if (row->letter == value)
      return row;
  return NULL;
}

bool options_parse(const Command *command, int argc, char **argv,
                   OptionFunc func, void *user, GPtrArray *operands,
                   GError **error)
{
  g_autofree struct option *longs = long_options(command);
  g_autofree char *shorts = short_options(command);
  int value;

  optind = 0;
  opterr = 0;
  while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
    if (value == '?' || value == ':')
      return explain(command, value == ':', optopt, argv[optind - 1], error);
    if (!func(user, row_of(command, value), optarg, error))
      return false;
  }
  for (int i = optind; i < argc; i++)
    g_ptr_array_add(operands, argv[i]);
  return true;
}
