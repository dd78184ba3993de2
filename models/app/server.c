/* Servers: sink reads, respond answers. Both close when the client has, or
 * when they have answered often enough; always behind what they still owe. */
#include <glib.h>

#include "app_private.h"

typedef struct Server {
  App app;
  AppRespondSpec spec; /* of a sink: request 0 */
  AppQueue closing;
} Server;

static Server *server_of(App *app)
{
  return SIM_CONTAINER(app, Server, app);
}

static void server_start(App *app)
{
  app_listen(app, &server_of(app)->spec.service);
}

/* Whole requests in what came are owed an answer each. */
static void take_requests(const AppRespondSpec *spec, AppConn *conn,
                          uint32_t got)
{
  uint64_t all = (uint64_t)conn->got + got, count = all / spec->request;

  if (spec->times > 0)
    count = MIN(count, spec->times - conn->times);
  conn->got = (uint32_t)(all % spec->request);
  conn->times += (uint32_t)count;
  conn->left += count * spec->response;
  conn->app->counters.exchanges += count;
}

static void server_step(AppConn *conn, uint32_t got)
{
  Server *server = server_of(conn->app);
  const AppRespondSpec *spec = &server->spec;

  if (got > 0 && spec->request > 0)
    take_requests(spec, conn, got);
  app_send(conn);
  if (conn->closing || conn->left > 0)
    return;
  if (tcp_state(conn->tcp) != TCP_CLOSE_WAIT &&
      (spec->times == 0 || conn->times < spec->times))
    return;
  conn->finished = conn->closing = true;
  if (spec->service.at_once)
    tcp_close(conn->tcp);
  else
    app_queue_put(&server->closing, conn);
}

static void server_ended(AppConn *conn)
{
  if (!conn->queued)
    app_conn_free(conn);
}

static void server_due(AppConn *conn)
{
  if (conn->tcp)
    tcp_close(conn->tcp);
  else
    app_conn_free(conn);
}

static App *server_new(TcpStack *stack, const AppClass *class,
                       const AppRespondSpec *spec)
{
  App *app = app_new(stack, class, sizeof(Server));
  Server *server = server_of(app);

  server->spec = *spec;
  app_queue_init(&server->closing, app, spec->service.close_after);
  if (spec->at > app->sim->now)
    app_begin(app, spec->at);
  else
    app_start(app);
  return app;
}

App *app_sink_new(TcpStack *stack, const AppSinkSpec *spec)
{
  static const AppClass class = { "sink", server_start, server_step,
                                  server_ended, server_due };
  AppRespondSpec all = { .at = spec->at, .service = spec->service };

  return server_new(stack, &class, &all);
}

App *app_respond_new(TcpStack *stack, const AppRespondSpec *spec)
{
  static const AppClass class = { "respond", server_start, server_step,
                                  server_ended, server_due };

  return server_new(stack, &class, spec);
}
