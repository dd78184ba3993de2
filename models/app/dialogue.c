/* Clients that ask and wait for answers: churn, and request, which is a churn
 * of one connection.
 *
 *   OPENING --established, a turn--> ASKING --response--> THINKING --> ASKING
 *                                       \--last response--> LEAVING
 */
#include <glib.h>

#include "app_private.h"

typedef enum Stage { OPENING, ASKING, THINKING, LEAVING } Stage;

typedef struct Dialogue {
  App app;
  AppChurnSpec spec;
  AppQueue soon;     /* a turn of its own, in the same instant */
  AppQueue thinking; /* between exchanges */
  uint64_t under_way;
  bool refused; /* by the own host: no further connections */
} Dialogue;

static Dialogue *dialogue_of(App *app)
{
  return SIM_CONTAINER(app, Dialogue, app);
}

/* Uses `conn`, which is new or was used, for the next connection, if any. */
static void dialogue_next(Dialogue *dialogue, AppConn *conn)
{
  App *app = &dialogue->app;

  *conn = (AppConn){ .app = app, .times = dialogue->spec.each.times };
  if (!dialogue->refused && app->begun < dialogue->spec.connections) {
    if (app_connect(conn, &dialogue->spec.each.to))
      return;
    dialogue->refused = true;
  }
  app_conn_free(conn);
  if (--dialogue->under_way == 0)
    app_finish(app);
}

static void dialogue_start(App *app)
{
  Dialogue *dialogue = dialogue_of(app);
  uint64_t count = MAX(dialogue->spec.parallel, 1);

  count = MAX(MIN(count, dialogue->spec.connections), 1);
  dialogue->under_way = count;
  for (uint64_t i = 0; i < count; i++)
    dialogue_next(dialogue, app_conn_new(app));
}

static void ask(const AppRequestSpec *spec, AppConn *conn)
{
  conn->stage = ASKING;
  conn->got = 0;
  conn->times--;
  conn->left = spec->request;
  app_send(conn);
}

static void dialogue_leave(const AppRequestSpec *spec, AppConn *conn)
{
  conn->stage = LEAVING;
  conn->finished = true;
  if (spec->server_closes)
    return;
  conn->closing = true;
  tcp_close(conn->tcp);
}

/* Goes on as far as nothing has to be waited for. */
static void dialogue_advance(Dialogue *dialogue, AppConn *conn)
{
  const AppRequestSpec *spec = &dialogue->spec.each;

  while (conn->tcp && conn->stage == ASKING && conn->left == 0 &&
         conn->got >= spec->response) {
    dialogue->app.counters.exchanges++;
    if (conn->times == 0) {
      dialogue_leave(spec, conn);
      return;
    }
    conn->stage = THINKING;
    if (spec->think > 0)
      app_queue_put(&dialogue->thinking, conn);
    else if (tcp_state(conn->tcp) == TCP_ESTABLISHED)
      ask(spec, conn);
  }
}

/* The server has closed: whatever was left to do, so does the client. */
static void follow(Dialogue *dialogue, AppConn *conn)
{
  conn->closing = true;
  if (dialogue->spec.each.at_once)
    tcp_close(conn->tcp);
  else
    app_queue_put(&dialogue->soon, conn);
}

static void dialogue_step(AppConn *conn, uint32_t got)
{
  Dialogue *dialogue = dialogue_of(conn->app);

  if (conn->queued || conn->closing || !conn->opened)
    return;
  if (conn->stage == OPENING) {
    app_queue_put(&dialogue->soon, conn);
    return;
  }
  conn->got += MIN(got, UINT32_MAX - conn->got);
  app_send(conn);
  dialogue_advance(dialogue, conn);
  if (!conn->queued && !conn->closing && tcp_state(conn->tcp) == TCP_CLOSE_WAIT)
    follow(dialogue, conn);
}

static void dialogue_due(AppConn *conn)
{
  Dialogue *dialogue = dialogue_of(conn->app);

  if (!conn->tcp) {
    dialogue_next(dialogue, conn);
  } else if (conn->closing || tcp_state(conn->tcp) != TCP_ESTABLISHED) {
    conn->closing = true;
    tcp_close(conn->tcp);
  } else if (conn->times == 0) {
    dialogue_leave(&dialogue->spec.each, conn);
  } else {
    ask(&dialogue->spec.each, conn);
    dialogue_advance(dialogue, conn);
  }
}

/* The end's own segments go out before the next SYN. */
static void dialogue_ended(AppConn *conn)
{
  if (!conn->queued)
    app_queue_put(&dialogue_of(conn->app)->soon, conn);
}

static App *dialogue_new(TcpStack *stack, const AppClass *class,
                         const AppChurnSpec *spec)
{
  App *app = app_new(stack, class, sizeof(Dialogue));
  Dialogue *dialogue = dialogue_of(app);

  dialogue->spec = *spec;
  app_queue_init(&dialogue->soon, app, 0);
  app_queue_init(&dialogue->thinking, app, spec->each.think);
  app_begin(app, spec->each.at);
  return app;
}

App *app_request_new(TcpStack *stack, const AppRequestSpec *spec)
{
  static const AppClass class = { "request", dialogue_start, dialogue_step,
                                  dialogue_ended, dialogue_due };
  AppChurnSpec once = { .each = *spec, .connections = 1, .parallel = 1 };

  return dialogue_new(stack, &class, &once);
}

App *app_churn_new(TcpStack *stack, const AppChurnSpec *spec)
{
  static const AppClass class = { "churn", dialogue_start, dialogue_step,
                                  dialogue_ended, dialogue_due };

  return dialogue_new(stack, &class, spec);
}
