/* held: many connections open at once and idle, then closed one by one.
 *
 * Invariant: `first` to `last` are the connections not yet closed by us, in
 * order of opening; all of them are `queued`, so that one that dies early
 * stays in its place. */
#include "app_private.h"

typedef struct Held {
  App app;
  AppHeldSpec spec;
  AppConn *first, *last;
  SimEvent rhythm; /* the next to be opened, then to be closed */
  uint64_t lost;   /* begun and over without having been open */
  uint64_t alive;  /* not given back to the pool */
  bool begun;      /* all that will be */
  bool waiting;    /* for `hold` to pass, or has passed */
} Held;

static Held *held_of(App *app)
{
  return SIM_CONTAINER(app, Held, app);
}

static void held_schedule(Held *held, SimTime delay)
{
  Sim *sim = held->app.sim;

  sim_schedule(sim, &held->rhythm, &held->app.owner,
               sim_time_add(sim->now, delay));
}

/* Once all are open or lost. */
static void held_settle(Held *held)
{
  App *app = &held->app;

  if (!held->begun || held->waiting ||
      app->counters.opened + held->lost < app->begun)
    return;
  held->waiting = true;
  if (held->alive > 0)
    held_schedule(held, held->spec.hold);
  else
    app_finish(app);
}

static void held_forget(Held *held, AppConn *conn)
{
  app_conn_free(conn);
  if (--held->alive == 0 && held->waiting)
    app_finish(&held->app);
}

static void open_next(Held *held)
{
  App *app = &held->app;
  AppConn *conn = app_conn_new(app);

  held->alive++;
  conn->queued = true;
  if (app_connect(conn, &held->spec.to)) {
    *(held->first ? &held->last->next : &held->first) = conn;
    held->last = conn;
    held->begun = app->begun >= held->spec.connections;
    return;
  }
  held->begun = true;
  held->lost++;
  held->alive--;
  app_conn_free(conn);
}

static void close_next(Held *held)
{
  AppConn *conn = held->first;

  held->first = conn->next;
  conn->queued = false;
  if (!conn->tcp) {
    held_forget(held, conn);
    return;
  }
  conn->finished = conn->closing = true;
  tcp_close(conn->tcp);
}

static void rhythm_fired(Sim *sim, SimEvent *event)
{
  Held *held = SIM_CONTAINER(event, Held, rhythm);
  bool more;

  (void)sim;
  do {
    if (held->waiting)
      close_next(held);
    else
      open_next(held);
    more = held->waiting ? held->first != NULL : !held->begun;
  } while (more && held->spec.interval == 0);
  if (more)
    held_schedule(held, held->spec.interval);
  else
    held_settle(held);
}

static void held_start(App *app)
{
  Held *held = held_of(app);

  if (held->spec.connections > 0)
    rhythm_fired(app->sim, &held->rhythm);
  else
    app_finish(app);
}

static void held_step(AppConn *conn, uint32_t got)
{
  (void)got;
  if (conn->opened)
    held_settle(held_of(conn->app));
}

static void held_ended(AppConn *conn)
{
  Held *held = held_of(conn->app);

  if (conn->queued) {
    held->lost += !conn->opened;
    held_settle(held);
  } else {
    held_forget(held, conn);
  }
}

App *app_held_new(TcpStack *stack, const AppHeldSpec *spec)
{
  static const AppClass class = { "held", held_start, held_step, held_ended,
                                  NULL };
  App *app = app_new(stack, &class, sizeof(Held));
  Held *held = held_of(app);

  held->spec = *spec;
  sim_event_init(&held->rhythm, rhythm_fired);
  app_begin(app, spec->at);
  return app;
}
