/* What all programs have in common: connections begin, are read, are over.
 *
 * Invariant: every AppConn with `tcp` set is its TcpConnection's user, until
 * conn_over() releases that, once. */
#include "app_private.h"

#include <glib.h>

#define LARGEST_SEND (UINT32_C(1) << 30)

const AppCounters *app_counters(const App *app)
{
  return &app->counters;
}

const char *app_name(const App *app)
{
  return app->class->name;
}

TcpStack *app_stack(const App *app)
{
  return app->stack;
}

bool app_done(const App *app)
{
  return app->done;
}

static void app_tell(const App *app, unsigned kind, const TcpPair *pair,
                     TcpError error)
{
  AppTrace record = { app, pair, error };

  if (sim_tracing(app->sim, kind))
    sim_trace_emit(app->sim, kind, &record);
}

/* -- programs -- */

static void app_free(void *object)
{
  App *app = object;

  sim_pool_clear(&app->conns);
  g_free(app);
}

App *app_new(TcpStack *stack, const AppClass *class, size_t size)
{
  NetNode *node = net_host_node(tcp_stack_host(stack));
  App *app = g_malloc0(size);
  char *owner = g_strconcat(node->name, " ", class->name, NULL);

  app->class = class;
  app->stack = stack;
  app->sim = node->net->sim;
  app->counters.first = app->counters.last = SIM_TIME_NEVER;
  sim_owner_init(&app->owner, app->sim, owner);
  g_free(owner);
  sim_pool_init(&app->conns, sizeof(AppConn));
  sim_attach(app->sim, app, app_free);
  return app;
}

void app_start(App *app)
{
  app_tell(app, APP_TRACE_STARTED, NULL, TCP_OK);
  app->class->start(app);
}

static void begin_fired(Sim *sim, SimEvent *event)
{
  (void)sim;
  app_start(SIM_CONTAINER(event, App, begin));
}

void app_begin(App *app, SimTime at)
{
  sim_event_init(&app->begin, begin_fired);
  sim_schedule(app->sim, &app->begin, &app->owner, MAX(at, app->sim->now));
}

void app_finish(App *app)
{
  if (app->done)
    return;
  app->done = true;
  app_tell(app, APP_TRACE_DONE, NULL, TCP_OK);
}

/* -- queues -- */

static void queue_fired(Sim *sim, SimEvent *event)
{
  AppQueue *queue = SIM_CONTAINER(event, AppQueue, event);

  while (queue->first && queue->first->due <= sim->now) {
    AppConn *conn = queue->first;

    queue->first = conn->next;
    conn->queued = false;
    queue->app->class->due(conn);
  }
  if (queue->first)
    sim_schedule(sim, event, &queue->app->owner, queue->first->due);
}

void app_queue_init(AppQueue *queue, App *app, SimTime delay)
{
  *queue = (AppQueue){ .app = app, .delay = delay };
  sim_event_init(&queue->event, queue_fired);
}

void app_queue_put(AppQueue *queue, AppConn *conn)
{
  App *app = queue->app;

  conn->next = NULL;
  conn->queued = true;
  conn->due = sim_time_add(app->sim->now, queue->delay);
  if (queue->first) {
    queue->last->next = conn;
  } else {
    queue->first = conn;
    sim_schedule(app->sim, &queue->event, &app->owner, conn->due);
  }
  queue->last = conn;
}

/* -- connections -- */

AppConn *app_conn_new(App *app)
{
  AppConn *conn = sim_pool_take(&app->conns);

  *conn = (AppConn){ .app = app };
  return conn;
}

void app_conn_free(AppConn *conn)
{
  sim_pool_give(&conn->app->conns, conn);
}

static void count_failed(App *app, const TcpPair *pair, TcpError error)
{
  app->counters.failed++;
  app->counters.errors[error]++;
  app_tell(app, APP_TRACE_FAILED, pair, error);
}

static void count_begun(App *app)
{
  app->begun++;
  if (app->counters.first == SIM_TIME_NEVER)
    app->counters.first = app->sim->now;
}

static void conn_opened(AppConn *conn)
{
  AppCounters *counters = &conn->app->counters;

  conn->opened = true;
  counters->opened++;
  counters->open++;
  counters->most_open = MAX(counters->most_open, counters->open);
}

static void conn_over(AppConn *conn)
{
  App *app = conn->app;
  TcpConnection *tcp = conn->tcp;
  TcpPair pair = tcp_pair(tcp);
  TcpError error = tcp_error(tcp);

  conn->tcp = NULL;
  tcp_release(tcp);
  app->counters.last = app->sim->now;
  if (conn->opened)
    app->counters.open--;
  if (conn->finished && error == TCP_OK)
    app->counters.completed++;
  else
    count_failed(app, &pair, error);
  app->class->ended(conn);
}

static bool is_over(TcpState state)
{
  return state == TCP_CLOSED || state == TCP_TIME_WAIT;
}

/* Reads and discards all there is. */
static uint32_t conn_receive(AppConn *conn)
{
  uint32_t got = 0;
  NetSlice slice;

  while (tcp_readable(conn->tcp) > 0 &&
         tcp_receive(conn->tcp, UINT32_MAX, &slice) == TCP_OK) {
    got += slice.length;
    net_slice_clear(&slice);
  }
  if (got > 0) {
    conn->app->counters.received += got;
    conn->app->counters.last = conn->app->sim->now;
  }
  return got;
}

static void conn_look(AppConn *conn)
{
  uint32_t got = conn_receive(conn);

  if (!is_over(tcp_state(conn->tcp)))
    conn->app->class->step(conn, got);
  if (conn->tcp && is_over(tcp_state(conn->tcp)))
    conn_over(conn);
}

static void conn_notify(void *user, TcpConnection *tcp, unsigned events)
{
  AppConn *conn = user;

  conn->tcp = tcp; /* tcp_connect() has not returned yet */
  if (events & TCP_EVENT_ESTABLISHED)
    conn_opened(conn);
  conn_look(conn);
}

/* Of several addresses the first to which there is a way. */
static NetAddress target_address(const App *app, const AppTarget *to)
{
  NetHost *own = tcp_stack_host(app->stack);
  const NetNic *nic = to->host ? net_host_node(to->host)->nics : NULL;
  NetFamily family = net_host_node(own)->net->family;

  if (!to->host)
    return to->address;
  while (nic && nic->next) {
    NetPath path = { 0 };

    if (net_host_path(own, net_nic_address(nic, family), &path))
      return net_nic_address(nic, family);
    nic = nic->next;
  }
  return nic ? net_nic_address(nic, family) : NET_ADDRESS_ANY;
}

bool app_connect(AppConn *conn, const AppTarget *to)
{
  App *app = conn->app;
  uint64_t turn = app->begun % MAX(to->ports, 1);
  TcpEnd remote = {
    .address = target_address(app, to),
    .port = (uint16_t)(to->port + turn),
  };
  TcpPair pair = { .remote = remote };
  TcpError error;

  count_begun(app);
  if (tcp_connect(app->stack, NULL, remote, NULL, conn_notify, conn, &error))
    return true;
  count_failed(app, &pair, error);
  return false;
}

/* What came before the accept was told to nobody, so look. */
static void app_acceptable(void *user, TcpListener *listener)
{
  App *app = user;
  AppConn *conn = app_conn_new(app);

  while ((conn->tcp = tcp_accept(listener, conn_notify, conn))) {
    count_begun(app);
    conn_opened(conn);
    conn_look(conn);
    conn = app_conn_new(app);
  }
  app_conn_free(conn);
}

void app_listen(App *app, const AppService *service)
{
  for (unsigned i = 0; i < MAX(service->ports, 1); i++) {
    TcpPair pair = { .local.port = (uint16_t)(service->port + i) };
    TcpError error;

    if (!tcp_listen(app->stack, NET_ADDRESS_ANY, pair.local.port, 0, NULL,
                    app_acceptable, app, &error))
      count_failed(app, &pair, error);
  }
}

void app_send(AppConn *conn)
{
  if (tcp_send_waits(conn->tcp))
    return;
  while (conn->left > 0 && tcp_writable(conn->tcp) > 0) {
    uint32_t size = (uint32_t)MIN(conn->left, LARGEST_SEND), taken;

    if (tcp_send(conn->tcp, net_slice_virtual(size), true, false, &taken) !=
        TCP_OK)
      return;
    conn->left -= taken;
    conn->app->counters.sent += taken;
  }
}
