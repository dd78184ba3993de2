/* Traffic that needs no script: programs that run on a host's TCP.
 *
 *   clients                        servers
 *   bulk     sends N bytes         sink     reads and discards
 *   request  asks, n times         respond  answers requests
 *   churn    request, K times over
 *   held     K connections, idle
 *
 * A program owns its connections and is owned by the Sim. Its bytes are
 * virtual. A connection is over for it when it is CLOSED or in TIME-WAIT; it
 * is then counted and released. Nothing that happens to a connection stops a
 * program: it is counted under its TcpError, and the next one has its turn.
 * Only an OPEN or LISTEN that the own host refuses (no way there, no port
 * left, port in use) ends what would have followed it.
 */
#pragma once

#include "tcp.h"

typedef struct App App;

#define APP_ERRORS (TCP_EMSGSIZE + 1)

/** AppCounters: so far. Connections are counted when they are over. */
typedef struct AppCounters {
  uint64_t sent;      /* bytes given to TCP */
  uint64_t received;  /* bytes taken from TCP */
  uint64_t opened;    /* connections that were ESTABLISHED or accepted */
  uint64_t completed; /* that did all they should and ended without an error */
  uint64_t failed;    /* the others, those refused by the own host too */
  uint64_t exchanges; /* requests answered */
  uint64_t open;      /* connections open now */
  uint64_t most_open; /* at once, ever */
  uint64_t errors[APP_ERRORS]; /* `failed` by TcpError; under TCP_OK those that
                                  the peer ended before their work was done */
  SimTime first; /* OPEN of the first, or its accept; NEVER: not yet */
  SimTime last;  /* last byte received or last end; NEVER: not yet */
} AppCounters;

/** app_counters: (transfer none) alive as long as the Sim. */
const AppCounters *app_counters(const App *app);

/** app_name: "churn". */
const char *app_name(const App *app);

TcpStack *app_stack(const App *app);

/** app_done: has a client nothing left to do? A server never is. */
bool app_done(const App *app);

/** AppTarget: whom a client connects to: `port`, or `ports` of them from
 * `port` on, in turn, so that 4-tuples last longer than TIME-WAIT. */
typedef struct AppTarget {
  NetHost *host;      /* (nullable): its first address that can be reached */
  NetAddress address; /* used if `host` is NULL */
  uint16_t port;
  uint16_t ports; /* 0: 1 */
} AppTarget;

/** AppService: where a server listens, on all addresses, and how it closes
 * once it has nothing more to say: by default in a turn of its own,
 * `close_after` later (0: in the same instant), so that a FIN has been
 * acknowledged before its own goes out (four segments); or `at_once`, in the
 * turn that told it, so that its FIN rides on the acknowledgment (three
 * segments). */
typedef struct AppService {
  uint16_t port;
  uint16_t ports; /* 0: 1 */
  bool at_once;
  SimTime close_after;
} AppService;

/* Every program begins at virtual time `at`; one that has passed is now. */

/** AppSinkSpec: reads and discards; closes at the peer's FIN. */
typedef struct AppSinkSpec {
  SimTime at;
  AppService service;
} AppSinkSpec;

/** app_sink_new: a server whose `at` is now listens when this returns. */
App *app_sink_new(TcpStack *stack, const AppSinkSpec *spec);

/** AppRespondSpec: for every `request` bytes it gets, sends `response`. */
typedef struct AppRespondSpec {
  SimTime at;
  AppService service;
  uint32_t request;  /* bytes, > 0 */
  uint32_t response; /* bytes */
  uint32_t times;    /* closes first, after this many; 0: at the peer's FIN */
} AppRespondSpec;

App *app_respond_new(TcpStack *stack, const AppRespondSpec *spec);

/** AppBulkSpec: sends `bytes` as fast as the send buffer has room, closes. */
typedef struct AppBulkSpec {
  SimTime at;
  AppTarget to;
  uint64_t bytes;
} AppBulkSpec;

App *app_bulk_new(TcpStack *stack, const AppBulkSpec *spec);

/** AppRequestSpec: `times` exchanges over one connection. The first request
 * goes out in a turn of its own, after the handshake's last ACK. */
typedef struct AppRequestSpec {
  SimTime at;
  AppTarget to;
  uint32_t request;   /* bytes to send */
  uint32_t response;  /* bytes to wait for */
  uint32_t times;     /* 0: opens and closes */
  SimTime think;      /* between a response and the next request; 0: the request
                         rides on the response's acknowledgment */
  bool server_closes; /* waits for the server's FIN instead of closing first */
  bool at_once;       /* then closes in the turn that told of it */
} AppRequestSpec;

App *app_request_new(TcpStack *stack, const AppRequestSpec *spec);

/** AppChurnSpec: `connections` times what `each` says, `parallel` at a time.
 * The next begins in the instant in which one is over. */
typedef struct AppChurnSpec {
  AppRequestSpec each;
  uint64_t connections;
  uint32_t parallel; /* 0: 1 */
} AppChurnSpec;

App *app_churn_new(TcpStack *stack, const AppChurnSpec *spec);

/** AppHeldSpec: opens `connections`, one each `interval`; `hold` after the
 * last of them was open (or had failed) closes them in the same rhythm and
 * order. */
typedef struct AppHeldSpec {
  SimTime at;
  AppTarget to;
  uint64_t connections;
  SimTime interval;
  SimTime hold;
} AppHeldSpec;

App *app_held_new(TcpStack *stack, const AppHeldSpec *spec);

/* -- what programs tell the trace bus: kinds 32-39 -- */
enum {
  APP_TRACE_STARTED = 32, /* AppTrace */
  APP_TRACE_FAILED,       /* a connection did: AppTrace with `error` */
  APP_TRACE_DONE,         /* a client has nothing left to do: AppTrace */
};

typedef struct AppTrace {
  const App *app;
  const TcpPair *pair; /* of what failed, or NULL */
  TcpError error;
} AppTrace;
