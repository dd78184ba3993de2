/*
 * measure: runs one command and says what it cost.
 *
 *   measure [-l CPU_SECONDS] FILE COMMAND [ARGUMENT]...
 *
 * The command keeps the standard streams. FILE gets one line,
 *
 *   cpu_s wall_s peak_kib status
 *
 * where cpu_s is user and system time of the command and of every child it
 * waited for, peak_kib the largest resident set of any of them, and status the
 * exit status, `limit` if the command was ended by -l, or `signal-N`.
 *
 * Invariant: whatever the command does, FILE has its line if measure exits
 * with 0.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double timeval_seconds(struct timeval t)
{
  return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* At the soft limit the kernel sends SIGXCPU; a second later it kills. */
static void exec_command(char **command, rlim_t limit_s)
{
  struct rlimit limit = { .rlim_cur = limit_s, .rlim_max = limit_s + 1 };
  if (limit_s > 0 && setrlimit(RLIMIT_CPU, &limit) != 0)
    perror("measure: setrlimit");
  execvp(command[0], command);
  fprintf(stderr, "measure: %s: %s\n", command[0], strerror(errno));
  _exit(127);
}

static void describe_status(int status, rlim_t limit_s, double cpu_s,
                            char *text, size_t size)
{
  if (WIFEXITED(status))
    snprintf(text, size, "%d", WEXITSTATUS(status));
  else if (limit_s > 0 && (WTERMSIG(status) == SIGXCPU ||
                           cpu_s >= (double)limit_s * 0.99))
    snprintf(text, size, "limit");
  else
    snprintf(text, size, "signal-%d", WTERMSIG(status));
}

static int report(const char *path, double wall_s, int status, rlim_t limit_s)
{
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  double cpu_s =
      timeval_seconds(usage.ru_utime) + timeval_seconds(usage.ru_stime);
  char text[32];
  describe_status(status, limit_s, cpu_s, text, sizeof text);

  FILE *file = fopen(path, "w");
  if (!file ||
      fprintf(file, "%.6f %.6f %ld %s\n", cpu_s, wall_s, usage.ru_maxrss,
              text) < 0 ||
      fclose(file) != 0) {
    fprintf(stderr, "measure: %s: %s\n", path, strerror(errno));
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

static int usage_error(void)
{
  fputs("usage: measure [-l CPU_SECONDS] FILE COMMAND [ARGUMENT]...\n", stderr);
  return 2;
}

/* "+" keeps getopt() away from the options of the command. */
int main(int argc, char **argv)
{
  rlim_t limit_s = 0;
  int option;
  while ((option = getopt(argc, argv, "+l:")) != -1) {
    if (option != 'l')
      return usage_error();
    limit_s = (rlim_t)strtoul(optarg, NULL, 10);
  }
  if (argc - optind < 2)
    return usage_error();

  double start_s = now_seconds();
  pid_t child = fork();
  if (child < 0) {
    perror("measure: fork");
    return EXIT_FAILURE;
  }
  if (child == 0)
    exec_command(argv + optind + 1, limit_s);

  int status;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      perror("measure: waitpid");
      return EXIT_FAILURE;
    }
  }
  return report(argv[optind], now_seconds() - start_s, status, limit_s);
}
