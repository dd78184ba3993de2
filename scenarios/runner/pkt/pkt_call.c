/* System calls: finding, arguments, waiting, and what they return. */
#include "pkt_call.h"

#define FOR_EVER (120 * SIM_SECOND) /* a call without end that still waits */

/* -- arguments -- */

const PktExpr *pkt_arg(const PktCalling *calling, unsigned index)
{
  const PktExpr *at = calling->call->arguments;

  while (at && index-- > 0)
    at = at->next;
  return at;
}

bool pkt_value(PktRun *it, const PktExpr *expr, int64_t *ret)
{
  g_autofree char *suggestion = NULL;
  int64_t left, right;

  switch (expr->kind) {
  case PKT_EXPR_INTEGER:
    *ret = expr->integer;
    return true;
  case PKT_EXPR_WORD:
    if (pkt_symbol(expr->text, ret))
      return true;
    suggestion = pkt_suggest_constant(expr->text);
    pkt_unsupported(it, expr->place, "the constant %s is not known%s",
                    expr->text, suggestion);
    return false;
  case PKT_EXPR_OR:
    if (!pkt_value(it, expr->items, &left) ||
        !pkt_value(it, expr->items->next, &right))
      return false;
    *ret = left | right;
    return true;
  case PKT_EXPR_CALL:
    if (expr->items &&
        (g_str_equal(expr->text, "htons") || g_str_equal(expr->text, "htonl")))
      return pkt_value(it, expr->items, ret);
    break;
  default:
    break;
  }
  pkt_malformed(it, expr->place, "a number is needed here");
  return false;
}

bool pkt_arg_value(PktRun *it, const PktCalling *calling, unsigned index,
                   int64_t *ret)
{
  return pkt_value(it, pkt_arg(calling, index), ret);
}

const PktExpr *pkt_field(const PktExpr *expr, const char *name)
{
  if (!expr || expr->kind != PKT_EXPR_STRUCT)
    return NULL;
  for (const PktExpr *at = expr->items; at; at = at->next)
    if (at->kind == PKT_EXPR_FIELD && g_str_equal(at->text, name))
      return at->items;
  return NULL;
}

const PktExpr *pkt_item(const PktExpr *expr)
{
  return expr->kind == PKT_EXPR_LIST && expr->items ? expr->items : expr;
}

PktFd *pkt_arg_fd(PktRun *it, PktCalling *calling, PktOutcome *ret)
{
  int64_t number;
  PktFd *fd;

  *ret = PKT_FAILED;
  if (!pkt_arg_value(it, calling, 0, &number))
    return NULL;
  fd = pkt_fd_find(it, number);
  if (!fd)
    *ret = pkt_return_error(calling, "EBADF");
  return fd;
}

int64_t pkt_new_number(const PktCalling *calling)
{
  const PktExpr *result = calling->call->result;

  return result->kind == PKT_EXPR_INTEGER ? result->integer : -1;
}

/* -- returning -- */

PktOutcome pkt_return(PktCalling *calling, int64_t result)
{
  calling->result = result;
  calling->error = NULL;
  return PKT_DONE;
}

PktOutcome pkt_return_error(PktCalling *calling, const char *error)
{
  calling->result = -1;
  calling->error = error;
  return PKT_DONE;
}

PktOutcome pkt_return_tcp(PktCalling *calling, TcpError error)
{
  return error == TCP_OK ? pkt_return(calling, 0)
                         : pkt_return_error(calling, tcp_error_name(error));
}

PktOutcome pkt_wait(PktCalling *calling, const PktFd *fd, int64_t flags)
{
  if (fd->flags & PKT_O_NONBLOCK || flags & PKT_MSG_DONTWAIT || calling->late)
    return pkt_return_error(calling, "EAGAIN");
  return PKT_WAITS;
}

void pkt_wait_until(PktRun *it, PktCalling *calling, SimTime span)
{
  if (!calling->again && span > 0)
    calling->deadline = sim_time_add(it->run->sim->now, span);
}

/* -- the result -- */

static void put_result(GString *out, int64_t result, const char *error)
{
  g_string_append_printf(out, "%" G_GINT64_FORMAT, result);
  if (error)
    g_string_append_printf(out, " %s", error);
}

/* Some errors have two names. */
static bool same_error(const char *a, const char *b)
{
  int64_t first, second;

  return g_str_equal(a, b) ||
         (pkt_symbol(a, &first) && pkt_symbol(b, &second) && first == second);
}

static PktOutcome check_result(PktRun *it, const PktCalling *calling)
{
  const PktCall *call = calling->call;
  g_autoptr(GString) found = g_string_new(NULL);
  g_autoptr(GString) wanted = g_string_new(NULL);
  int64_t result;

  if (call->result->kind == PKT_EXPR_ANY)
    return PKT_DONE;
  if (!pkt_value(it, call->result, &result))
    return PKT_FAILED;
  if (result == calling->result &&
      (!call->error || !calling->error ||
       same_error(call->error, calling->error)) &&
      (!call->error || calling->error))
    return PKT_DONE;
  put_result(found, calling->result, calling->error);
  put_result(wanted, result, call->error);
  return pkt_fail(it, calling->place, "%s() returned %s, not %s", call->name,
                  found->str, wanted->str);
}

static PktOutcome finish(PktRun *it, PktCalling *calling)
{
  SimTime end = it->wait_until;
  const PktStatement *statement = calling->statement;
  PktOutcome outcome = check_result(it, calling);

  if (outcome == PKT_DONE && calling->call->blocks)
    outcome = pkt_check_time(
        it, calling->place, "the system call returned", end, 0,
        it->run->sim->now, end - (statement->call->end - statement->time.from));
  it->waiting = NULL;
  return outcome;
}

/* -- calling -- */

const PktCallRow *const pkt_calls[] = { pkt_calls_socket,
                                        pkt_calls_data,
                                        pkt_calls_option,
                                        pkt_calls_poll,
                                        pkt_calls_epoll,
                                        pkt_calls_message,
                                        NULL };

static const PktCallRow *find(const char *name)
{
  for (const PktCallRow *const *table = pkt_calls; *table; table++)
    for (const PktCallRow *row = *table; row->name; row++)
      if (g_str_equal(row->name, name))
        return row;
  return NULL;
}

static unsigned count(const PktExpr *list)
{
  unsigned number = 0;

  for (; list; list = list->next)
    number++;
  return number;
}

static PktOutcome attempt(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome = calling->row->func(it, calling);

  calling->again = true;
  return outcome == PKT_DONE ? finish(it, calling) : outcome;
}

/* Until the call returns, at most to `limit`. */
static PktOutcome await(PktRun *it, SimTime limit)
{
  PktOutcome outcome;

  it->returning = true;
  outcome = pkt_advance(it, limit);
  it->returning = false;
  return outcome;
}

/* One that was written without the time of its return, and waits. */
static PktOutcome wait_here(PktRun *it, PktCalling *calling)
{
  SimTime limit = calling->deadline != SIM_TIME_NEVER
                      ? calling->deadline
                      : sim_time_add(it->run->sim->now, FOR_EVER);

  if (await(it, limit) == PKT_FAILED)
    return PKT_FAILED;
  if (it->waiting && calling->deadline != SIM_TIME_NEVER) {
    calling->late = true;
    if (pkt_call_again(it) == PKT_FAILED)
      return PKT_FAILED;
  }
  if (!it->waiting)
    return PKT_DONE;
  it->fatal = true;
  return pkt_fail(it, calling->place,
                  "%s() waits, and nothing ends that; a call that may wait is "
                  "written with the time of its return: +0...0.2",
                  calling->call->name);
}

/* packetdrill's own that need what is not simulated. */
static PktOutcome no_such_call(PktRun *it, const PktStatement *statement)
{
  static const char *const reasons[][2] = {
    { "open", "files" },
    { "sendfile", "files" },
    { "pipe", "pipes" },
    { "splice", "pipes" },
    { "cap_set", "privileges" },
    { "psp_rx_assoc", "keys of PSP" },
    { "psp_tx_assoc", "keys of PSP" },
  };
  const char *name = statement->call->name;
  const char *reason =
      g_str_has_prefix(name, "sctp_") ? "sockets of SCTP" : NULL;
  g_autofree char *suggestion = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS(reasons) && !reason; i++)
    if (g_str_equal(reasons[i][0], name))
      reason = reasons[i][1];
  if (reason)
    return pkt_unsupported(it, statement->body, "%s(): %s are not simulated",
                           name, reason);
  suggestion = pkt_suggest_call(name);
  return pkt_malformed(it, statement->body, "there is no system call %s()%s",
                       name, suggestion);
}

PktOutcome pkt_call_start(PktRun *it, const PktStatement *statement)
{
  const PktCall *call = statement->call;
  const PktCallRow *row = find(call->name);
  PktCalling *calling;
  unsigned arguments = count(call->arguments);
  PktOutcome outcome;

  if (!row)
    return no_such_call(it, statement);
  if (arguments < row->least || arguments > row->most)
    return pkt_malformed(it, statement->body,
                         "%s() takes %u%s argument%s, not %u", call->name,
                         row->least, row->most > row->least ? " or more" : "",
                         row->most == 1 ? "" : "s", arguments);
  g_free(it->calling);
  calling = it->calling = g_new0(PktCalling, 1);
  calling->statement = statement;
  calling->call = call;
  calling->place = statement->body;
  calling->row = row;
  calling->deadline = SIM_TIME_NEVER;
  it->waiting = statement;
  outcome = attempt(it, calling);
  if (outcome != PKT_WAITS)
    return outcome;
  return call->blocks ? PKT_DONE : wait_here(it, calling);
}

PktOutcome pkt_call_again(PktRun *it)
{
  return attempt(it, it->calling);
}

/* A little past the time that was written, so that a late return is told as
 * one. */
PktOutcome pkt_call_wait(PktRun *it)
{
  SimTime end = it->wait_until;
  SimTime limit;

  if (!it->waiting)
    return PKT_DONE;
  limit = MIN(it->calling->deadline, sim_time_add(end, 2 * SIM_SECOND));
  for (int round = 0; round < 2 && it->waiting; round++) {
    if (await(it, MAX(limit, it->run->sim->now)) == PKT_FAILED)
      return PKT_FAILED;
    if (!it->waiting || limit != it->calling->deadline)
      break;
    it->calling->late = true;
    if (pkt_call_again(it) == PKT_FAILED)
      return PKT_FAILED;
  }
  if (!it->waiting)
    return PKT_DONE;
  it->fatal = true;
  return pkt_fail(it, it->calling->place, "%s() has not returned",
                  it->calling->call->name);
}

void pkt_call_clear(PktRun *it)
{
  it->waiting = NULL;
  g_clear_pointer(&it->calling, g_free);
}
