/* Signals and progress. */
#include "watch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cmd.h"
#include "units.h"

#define PATIENCE_MS 1000
#define REFRESH_MS 250

struct Watch {
  Run *run;
  GThread *thread;
  sigset_t before; /* the mask to restore */
  int signals, end;
  bool progress;
  bool interrupted;
};

static bool is_screen(int fd)
{
  const char *term = g_getenv("TERM");

  return isatty(fd) && term && *term && !g_str_equal(term, "dumb");
}

/* Reads the clock while the simulation writes it: any recent value will do. */
static void print_progress(const Watch *it)
{
  char time[64];

  sim_format_time(__atomic_load_n(&it->run->sim->now, __ATOMIC_RELAXED), 3,
                  time, sizeof time);
  fprintf(stderr, "\r\033[K%s: %s of virtual time, %.1f million events",
          it->run->name, time,
          (double)__atomic_load_n(&it->run->sim->fired, __ATOMIC_RELAXED) /
              1e6);
  fflush(stderr);
}

static void on_signal(Watch *it)
{
  struct signalfd_siginfo info;

  if (read(it->signals, &info, sizeof info) != sizeof info)
    return;
  if (it->interrupted)
    _exit(EXIT_UNFINISHED);
  it->interrupted = true;
  sim_stop(it->run->sim);
}

static gpointer watch(gpointer user)
{
  Watch *it = user;
  struct pollfd polled[] = { { it->signals, POLLIN, 0 },
                             { it->end, POLLIN, 0 } };
  int timeout = it->progress ? PATIENCE_MS : -1;

  while (!(polled[1].revents & POLLIN)) {
    int ready = poll(polled, G_N_ELEMENTS(polled), timeout);

    if (ready == 0) {
      print_progress(it);
      timeout = REFRESH_MS;
    } else if (polled[0].revents & POLLIN) {
      on_signal(it);
    }
  }
  if (timeout == REFRESH_MS)
    fputs("\r\033[K", stderr);
  return NULL;
}

Watch *watch_start(Run *run, bool progress)
{
  Watch *it = g_new0(Watch, 1);
  sigset_t caught;

  sigemptyset(&caught);
  sigaddset(&caught, SIGINT);
  sigaddset(&caught, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &caught, &it->before);
  it->run = run;
  it->progress = progress && is_screen(STDERR_FILENO);
  it->signals = signalfd(-1, &caught, SFD_CLOEXEC);
  it->end = eventfd(0, EFD_CLOEXEC);
  it->thread = g_thread_new("watch", watch, it);
  return it;
}

void watch_stop(Watch *it)
{
  eventfd_write(it->end, 1);
  g_thread_join(it->thread);
  it->run->interrupted |= it->interrupted;
  close(it->signals);
  close(it->end);
  pthread_sigmask(SIG_SETMASK, &it->before, NULL);
  g_free(it);
}
