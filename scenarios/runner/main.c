/* linger: the program. Which command, and nothing else. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "paths.h"

static ExitStatus print_version(void)
{
  printf("linger %s\n", LINGER_VERSION);
  return cmd_flush() ? EXIT_HOLDS : EXIT_UNFINISHED;
}

static ExitStatus print_overview(void)
{
  cmd_print_help(NULL);
  return cmd_flush() ? EXIT_HOLDS : EXIT_UNFINISHED;
}

static ExitStatus top_option(const char *option)
{
  g_autofree char *message = NULL;

  if (strcmp(option, "--version") == 0 || strcmp(option, "-V") == 0)
    return print_version();
  if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0)
    return print_overview();
  message = g_strdup_printf(
      "unknown option '%s'%s", option,
      g_str_has_prefix(option, "--v")   ? "; did you mean '--version'?"
      : g_str_has_prefix(option, "--h") ? "; did you mean '--help'?"
                                        : "; options stand after the command");
  return cmd_usage_error(NULL, message);
}

static ExitStatus command(int argc, char **argv)
{
  if (argc < 2)
    return cmd_usage_error(NULL, "no command was given");
  if (argv[1][0] == '-')
    return top_option(argv[1]);
  if (strcmp(argv[1], "run") == 0)
    return cmd_run(argc - 1, argv + 1);
  if (strcmp(argv[1], "pkt") == 0)
    return cmd_pkt(argc - 1, argv + 1);
  if (strcmp(argv[1], "plot") == 0)
    return cmd_plot(argc - 1, argv + 1);
  if (strcmp(argv[1], "list") == 0)
    return cmd_list(argc - 1, argv + 1);
  if (strcmp(argv[1], "help") == 0)
    return cmd_help(argc - 1, argv + 1);
  return cmd_unknown(argv[1]);
}

/* A stream that was closed by whoever started the program gives its number to
 * the next file that is opened: the ladder would go into a capture. In its
 * place is what can only be used the other way. */
static void keep_streams(void)
{
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
    if (fcntl(stream, F_GETFD) < 0 &&
        open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
      _exit(EXIT_UNFINISHED);
}

/* Numbers are read and written alike everywhere: of the locale only the
 * character set is taken. */
int main(int argc, char **argv)
{
  keep_streams();
  setlocale(LC_CTYPE, "");
  signal(SIGPIPE, SIG_IGN);
  return (int)command(argc, argv);
}
