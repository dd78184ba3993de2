/* bulk: one connection, so many bytes, and close. */
#include "app_private.h"

typedef struct Bulk {
  App app;
  AppBulkSpec spec;
} Bulk;

static void bulk_start(App *app)
{
  Bulk *bulk = SIM_CONTAINER(app, Bulk, app);
  AppConn *conn = app_conn_new(app);

  conn->left = bulk->spec.bytes;
  if (app_connect(conn, &bulk->spec.to))
    return;
  app_conn_free(conn);
  app_finish(app);
}

static void bulk_step(AppConn *conn, uint32_t got)
{
  (void)got;
  if (!conn->opened || conn->closing)
    return;
  app_send(conn);
  if (conn->left > 0)
    return;
  conn->finished = conn->closing = true;
  tcp_close(conn->tcp);
}

static void bulk_ended(AppConn *conn)
{
  App *app = conn->app;

  app_conn_free(conn);
  app_finish(app);
}

App *app_bulk_new(TcpStack *stack, const AppBulkSpec *spec)
{
  static const AppClass class = { "bulk", bulk_start, bulk_step, bulk_ended,
                                  NULL };
  App *app = app_new(stack, &class, sizeof(Bulk));

  SIM_CONTAINER(app, Bulk, app)->spec = *spec;
  app_begin(app, spec->at);
  return app;
}
