/* What the programs of this folder share.
 *
 *   TCP --notify--> app.c: bytes read, state looked at --> step()
 *                          over: counted, released     --> ended()
 *   AppQueue (a turn of its own, or a delay)           --> due()
 *
 * Programs look at how things are, not at what was told: step() may be called
 * at any time. An AppConn is from the program's pool; `tcp` is NULL once it is
 * over. One that ends while it waits in a queue stays there until its time.
 * After tcp_close() outside a notification both may be gone.
 */
#pragma once

#include "app.h"
#include "pool.h"

typedef struct AppConn {
  struct AppConn *next; /* in the queue that it waits in */
  App *app;
  TcpConnection *tcp;
  SimTime due;
  uint64_t left;     /* bytes to be sent */
  uint32_t got;      /* bytes of the present request or response */
  uint32_t times;    /* exchanges to come */
  uint8_t stage;     /* the program's own */
  bool queued : 1;   /* waits in a queue */
  bool opened : 1;   /* was ESTABLISHED */
  bool finished : 1; /* did its work */
  bool closing : 1;  /* tcp_close() was called, or will be by due() */
} AppConn;

/** AppQueue: connections that all wait equally long; one pending event. */
typedef struct AppQueue {
  App *app;
  AppConn *first, *last;
  SimEvent event;
  SimTime delay;
} AppQueue;

/** AppClass: what a program does. `due` is NULL if it has no queues. */
typedef struct AppClass {
  const char *name;
  void (*start)(App *app);
  void (*step)(AppConn *conn, uint32_t got); /* open; `got` more bytes */
  void (*ended)(AppConn *conn); /* over; unless queued, the program's again */
  void (*due)(AppConn *conn);   /* its time in a queue has come */
} AppClass;

struct App {
  const AppClass *class;
  TcpStack *stack;
  Sim *sim;
  SimOwner owner;
  SimEvent begin;
  SimPool conns;
  AppCounters counters;
  uint64_t begun; /* connections asked for */
  bool done;
};

/** app_new: (transfer none) `size` bytes, App first, the rest zeroed. */
App *app_new(TcpStack *stack, const AppClass *class, size_t size);

/** app_start: traces it and calls start(); app_begin: the same by an event at
 * `at`, or now if that has passed. */
void app_start(App *app);
void app_begin(App *app, SimTime at);

/** app_queue_init: of `app`, for waits of `delay`. */
void app_queue_init(AppQueue *queue, App *app, SimTime delay);
void app_queue_put(AppQueue *queue, AppConn *conn);

/** app_conn_new, app_conn_free: from and to the pool, zeroed. */
AppConn *app_conn_new(App *app);
void app_conn_free(AppConn *conn);

/** app_connect: OPEN towards `to`. On failure counts it. */
bool app_connect(AppConn *conn, const AppTarget *to);

/** app_listen: accepts at every port of `service`; failures are counted. */
void app_listen(App *app, const AppService *service);

/** app_send: gives TCP of conn->left what it has room for. */
void app_send(AppConn *conn);

/** app_finish: a client has nothing left to do. */
void app_finish(App *app);
