/* Help, messages, and the end of standard output. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "spec.h"
#include "terminal.h"

const Command *cmd_find(const char *name)
{
  for (gsize i = 0; commands[i]; i++)
    if (strcmp(commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

ExitStatus cmd_unknown(const char *word)
{
  const char *names[8] = { NULL };
  const char *nearest;

  for (gsize i = 0; commands[i] && i + 1 < G_N_ELEMENTS(names); i++)
    names[i] = commands[i]->name;
  nearest = spec_nearest(word, names);
  if (nearest)
    cmd_complain("there is no command '%s'; did you mean '%s'?", word, nearest);
  else
    cmd_complain("there is no command '%s'", word);
  fprintf(stderr, "Try 'linger --help'.\n");
  return EXIT_WRONG;
}

void cmd_complain(const char *format, ...)
{
  va_list arguments;
  g_autofree char *message = NULL;
  g_auto(GStrv) lines = NULL;
  Terminal terminal;

  va_start(arguments, format);
  message = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  terminal_detect(&terminal, STDERR_FILENO, TERMINAL_COLOUR_NEVER, false, 0);
  lines = g_strsplit(message, "\n", -1);
  for (gsize i = 0; lines[i]; i++) {
    g_autofree char *clean = terminal_clean(&terminal, lines[i]);
    fprintf(stderr, "%s%s\n", i ? "  " : "linger: ", clean);
  }
}

ExitStatus cmd_usage_error(const Command *command, const char *message)
{
  cmd_complain("%s", message);
  if (command)
    fprintf(stderr, "Try 'linger help %s'.\n", command->name);
  else
    fprintf(stderr, "Try 'linger --help'.\n");
  return EXIT_WRONG;
}

bool cmd_flush(void)
{
  int code = 0;

  errno = 0;
  if (fflush(stdout) != 0)
    code = errno;
  else if (ferror(stdout))
    code = errno ? errno : EIO;
  clearerr(stdout);
  if (code == 0 || code == EPIPE)
    return true;
  cmd_complain("standard output: %s", g_strerror(code));
  return false;
}

static void print_option(const OptionRow *row)
{
  g_autoptr(GString) left = g_string_new(NULL);
  g_autoptr(GPtrArray) lines = terminal_wrap(row->help, 54);

  if (row->letter)
    g_string_append_printf(left, "  -%c, --%s", row->letter, row->name);
  else
    g_string_append_printf(left, "      --%s", row->name);
  if (row->argument)
    g_string_append_printf(left, row->optional ? "[=%s]" : "=%s",
                           row->argument);
  printf("%-26s", left->str);
  if (left->len > 24)
    printf("\n%-26s", "");
  for (guint i = 0; i < lines->len; i++)
    printf("%*s%s\n", i ? 26 : 0, "", (const char *)lines->pdata[i]);
}

static void print_overview(void)
{
  printf("Usage: linger COMMAND [ARGUMENT]...\n"
         "Simulate how TCP connections end.\n\n");
  for (gsize i = 0; commands[i]; i++)
    printf("  %-6s  %s\n", commands[i]->name, commands[i]->summary);
  printf("\n  linger run scenarios/201-client-closes-first.lua\n\n"
         "'linger help COMMAND' explains a command; 'linger --version' prints "
         "the version.\n");
}

void cmd_print_help(const Command *command)
{
  if (!command) {
    print_overview();
    return;
  }
  printf("Usage: linger %s %s\n%c%s.\n\n", command->name, command->usage,
         g_ascii_toupper(command->summary[0]), command->summary + 1);
  for (const OptionRow *row = command->options; row->name; row++)
    print_option(row);
  if (command->text)
    printf("\n%s", command->text);
}

static bool on_help_option(void *user, const OptionRow *row, const char *value,
                           GError **error)
{
  bool *asked = user;

  (void)row, (void)value, (void)error;
  *asked = true;
  return true;
}

ExitStatus cmd_help(int argc, char **argv)
{
  g_autoptr(GPtrArray) operands = g_ptr_array_new();
  g_autoptr(GError) error = NULL;
  const Command *command = NULL;
  bool asked = false;

  if (!options_parse(&command_help, argc, argv, on_help_option, &asked,
                     operands, &error))
    return cmd_usage_error(&command_help, error->message);
  if (asked)
    command = &command_help;
  for (guint i = 0; i < operands->len; i++) {
    command = cmd_find(operands->pdata[i]);
    if (!command)
      return cmd_unknown(operands->pdata[i]);
  }
  cmd_print_help(command);
  return cmd_flush() ? EXIT_HOLDS : EXIT_UNFINISHED;
}
