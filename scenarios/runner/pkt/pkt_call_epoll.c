/* epoll (epoll(7)), as Linux keeps it.
 *
 * A descriptor that is watched is listed when something happens that it is
 * watched for, or when it is added or changed and ready already. epoll_wait()
 * takes what is listed, in order, and reports what is ready of it. What is
 * watched by level is listed again behind the others as long as it is ready,
 * what is watched by edge (EPOLLET) only when something happens again. */
#include <string.h>

#include "pkt_ready.h"

enum { ADD = 1, DEL = 2, MOD = 3 };

static const int64_t EXCLUSIVE = INT64_C(1) << 28;
static const int64_t ONCE = INT64_C(1) << 30;
static const int64_t EDGE = INT64_C(1) << 31;

typedef struct PktWatch {
  PktFd *fd;
  int64_t events; /* with EDGE, ONCE; of events none: ONCE has passed */
  int64_t data;   /* what the program keeps with it */
  bool listed;
} PktWatch;

static GArray *new_list(void)
{
  return g_array_new(FALSE, FALSE, sizeof(PktWatch));
}

static PktWatch *watch_at(const PktFd *epoll, guint index)
{
  return &g_array_index(epoll->watched, PktWatch, index);
}

static int find(const PktFd *epoll, const PktFd *fd)
{
  for (guint i = 0; i < epoll->watched->len; i++)
    if (watch_at(epoll, i)->fd == fd)
      return (int)i;
  return -1;
}

/* EPOLLERR and EPOLLHUP are always watched for, until ONCE has passed. */
static int64_t wanted(const PktWatch *watch)
{
  int64_t events = watch->events & PKT_READY_ANY;

  return events ? events | PKT_READY_ERR | PKT_READY_HUP : 0;
}

static int64_t ready(const PktWatch *watch)
{
  return pkt_ready(watch->fd) & wanted(watch);
}

/* The order of the array is that of the list. */
static void list_last(const PktFd *epoll, guint index)
{
  PktWatch watch = *watch_at(epoll, index);

  watch.listed = true;
  g_array_remove_index(epoll->watched, index);
  g_array_append_val(epoll->watched, watch);
}

bool pkt_epoll_ready(const PktFd *epoll)
{
  for (guint i = 0; i < epoll->watched->len; i++)
    if (watch_at(epoll, i)->listed && ready(watch_at(epoll, i)))
      return true;
  return false;
}

void pkt_epoll_note(const PktFd *fd, int64_t edges)
{
  const GPtrArray *fds = fd->run->fds;

  for (guint i = 0; edges && fd->run->epolls && i < fds->len; i++) {
    PktFd *epoll = fds->pdata[i];
    int at = epoll && epoll->watched ? find(epoll, fd) : -1;

    if (at < 0 || watch_at(epoll, (guint)at)->listed ||
        !(wanted(watch_at(epoll, (guint)at)) & edges))
      continue;
    list_last(epoll, (guint)at);
    pkt_epoll_note(epoll, PKT_READY_IN | PKT_READY_RDNORM);
  }
}

void pkt_epoll_forget(const PktFd *fd)
{
  const GPtrArray *fds = fd->run->fds;

  for (guint i = 0; fd->run->epolls && i < fds->len; i++) {
    PktFd *epoll = fds->pdata[i];
    int at = epoll && epoll->watched ? find(epoll, fd) : -1;

    if (at >= 0)
      g_array_remove_index(epoll->watched, (guint)at);
  }
}

/* -- the calls -- */

/* epoll_create(1), epoll_create1(0) */
static PktOutcome call_create(PktRun *it, PktCalling *calling)
{
  int64_t value;
  PktFd *fd;

  if (!pkt_arg_value(it, calling, 0, &value))
    return PKT_FAILED;
  if (g_str_equal(calling->call->name, "epoll_create") ? value <= 0
                                                       : value & ~0x80000)
    return pkt_return_error(calling, "EINVAL");
  fd = pkt_fd_new(it, PKT_FD_EPOLL, pkt_new_number(calling));
  fd->watched = new_list();
  it->epolls++;
  return pkt_return(calling, fd->number);
}

/* {events=EPOLLIN|EPOLLET, fd=4}: the data is one of fd, ptr, u32 and u64. */
static PktOutcome read_event(PktRun *it, const PktExpr *expr, int64_t *events,
                             int64_t *data)
{
  static const char *const names[] = { "fd", "ptr", "u32", "u64" };
  const PktExpr *value = pkt_field(expr, "events"), *kept = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS(names) && !kept; i++)
    kept = pkt_field(expr, names[i]);
  if (!value || !kept)
    return pkt_malformed(it, expr->place,
                         "it is written {events=EPOLLIN, fd=4}");
  return pkt_value(it, value, events) && pkt_value(it, kept, data) ? PKT_DONE
                                                                   : PKT_FAILED;
}

static const char *refuse(const PktFd *epoll, const PktFd *fd, int64_t what,
                          int64_t events)
{
  int at = find(epoll, fd);

  if (what == ADD)
    return at >= 0 ? "EEXIST" : NULL;
  if (what != MOD && what != DEL)
    return "EINVAL";
  if (at < 0)
    return "ENOENT";
  return what == MOD && events & EXCLUSIVE ? "EINVAL" : NULL;
}

static void control(PktFd *epoll, const PktWatch *watch, int64_t what)
{
  int at = find(epoll, watch->fd);

  if (at >= 0)
    g_array_remove_index(epoll->watched, (guint)at);
  if (what != DEL)
    g_array_append_val(epoll->watched, *watch);
}

/* epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, fd=4}) */
static PktOutcome call_control(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *epoll = pkt_arg_fd(it, calling, &outcome);
  PktWatch watch = { .events = 0 };
  int64_t what, number;
  const char *error;

  if (!epoll)
    return outcome;
  if (!pkt_arg_value(it, calling, 1, &what) ||
      !pkt_arg_value(it, calling, 2, &number) ||
      (what != DEL && read_event(it, pkt_arg(calling, 3), &watch.events,
                                 &watch.data) == PKT_FAILED))
    return PKT_FAILED;
  watch.fd = pkt_fd_find(it, number);
  if (!watch.fd)
    return pkt_return_error(calling, "EBADF");
  if (epoll->kind != PKT_FD_EPOLL || watch.fd == epoll)
    return pkt_return_error(calling, "EINVAL");
  if (watch.fd->kind == PKT_FD_EPOLL)
    return pkt_unsupported(it, calling->place,
                           "an epoll that watches another is not simulated");
  error = refuse(epoll, watch.fd, what, watch.events);
  if (error)
    return pkt_return_error(calling, error);
  watch.listed = what != DEL && ready(&watch);
  control(epoll, &watch, what);
  return pkt_return(calling, 0);
}

/* -- waiting -- */

/* Takes what is listed first, and looks whether it is still ready. */
static bool take(PktFd *epoll, PktWatch *ret, int64_t *ret_events)
{
  for (guint i = 0; i < epoll->watched->len; i++) {
    PktWatch *watch = watch_at(epoll, i);

    if (!watch->listed)
      continue;
    watch->listed = false;
    *ret_events = ready(watch);
    *ret = *watch;
    if (!*ret_events) {
      watch->fd->no_space |= (watch->events & PKT_READY_OUT) != 0;
      continue;
    }
    if (watch->events & ONCE)
      watch->events &= ~(int64_t)PKT_READY_ANY;
    else if (!(watch->events & EDGE))
      list_last(epoll, i);
    return true;
  }
  return false;
}

static PktOutcome compare(PktRun *it, const PktExpr *expr, int64_t events,
                          int64_t data)
{
  int64_t wanted_events, wanted_data;

  if (expr->kind == PKT_EXPR_ANY)
    return PKT_DONE;
  if (read_event(it, expr, &wanted_events, &wanted_data) == PKT_FAILED)
    return PKT_FAILED;
  if (events != wanted_events)
    return pkt_fail(it, expr->place, "the events are 0x%x, not 0x%x",
                    (unsigned)events, (unsigned)wanted_events);
  if (data != wanted_data)
    return pkt_fail(it, expr->place,
                    "the event's data is %" G_GINT64_FORMAT
                    ", not %" G_GINT64_FORMAT,
                    data, wanted_data);
  return PKT_DONE;
}

/* As packetdrill has it, one event is written and the first is compared with
 * it; none is {events=0, ptr=0}. A list is compared one by one. */
static PktOutcome report(PktRun *it, PktCalling *calling, PktFd *epoll,
                         int64_t most)
{
  const PktExpr *expr = pkt_item(pkt_arg(calling, 1));
  int64_t count = 0, events = 0;
  PktWatch watch = { .data = 0 };
  guint limit = epoll->watched->len;

  while (count < most && count < (int64_t)limit &&
         take(epoll, &watch, &events)) {
    count++;
    if (expr && compare(it, expr, events, watch.data) == PKT_FAILED)
      return PKT_FAILED;
    expr =
        expr && pkt_arg(calling, 1)->kind == PKT_EXPR_LIST ? expr->next : NULL;
  }
  if (count == 0 && compare(it, expr, 0, 0) == PKT_FAILED)
    return PKT_FAILED;
  return pkt_return(calling, count);
}

/* epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) */
static PktOutcome call_wait(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *epoll = pkt_arg_fd(it, calling, &outcome);
  int64_t most, timeout;

  if (!epoll)
    return outcome;
  if (!pkt_arg_value(it, calling, 2, &most) ||
      !pkt_arg_value(it, calling, 3, &timeout))
    return PKT_FAILED;
  if (epoll->kind != PKT_FD_EPOLL || most <= 0)
    return pkt_return_error(calling, "EINVAL");
  pkt_wait_until(it, calling, timeout * SIM_MILLISECOND);
  if (!pkt_epoll_ready(epoll) && timeout != 0 && !calling->late)
    return PKT_WAITS;
  return report(it, calling, epoll, most);
}

const PktCallRow pkt_calls_epoll[] = {
  { "epoll_create", call_create, 1, 1 },
  { "epoll_create1", call_create, 1, 1 },
  { "epoll_ctl", call_control, 4, 4 },
  { "epoll_wait", call_wait, 4, 4 },
  { NULL, NULL, 0, 0 },
};
