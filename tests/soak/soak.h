/* Soak: one connection from open to close under everything that a network and
 * two users can do to it, all of it drawn from one number.
 *
 *   number -> SoakCase -> network, two ends -> sim_run -> what must hold
 *
 * A case is made from its number alone, so the number repeats it:
 *
 *   LINGER_SOAK_CASE=NUMBER build/tests/soak/soak-close
 *
 * Every byte of either direction is a function of the case, the direction and
 * its offset, so that each byte received is compared with the one due.
 */
#pragma once

#include <glib.h>

#include "gate.h"
#include "tcp.h"

enum { SOAK_CLIENT, SOAK_SERVER };

/** SoakWhen: when an end, having sent all, ends its direction. */
typedef enum SoakWhen {
  SOAK_AT_ONCE,
  SOAK_AFTER_DELAY,
  SOAK_AFTER_PEER, /* when it has read the peer's FIN */
  SOAK_WHENS
} SoakWhen;

typedef struct SoakPlan {
  TcpKnobs knobs;
  NetHostSpec host;
  uint32_t bytes;                               /* to send */
  uint32_t write;                               /* bytes of one SEND */
  uint32_t read;                                /* bytes of one RECEIVE */
  SimTime write_pause, read_pause, close_pause; /* 0: at once */
  SimTime open_at;
  SoakWhen when;
  bool data_after_peer; /* sends only after the peer's FIN: half-close */
  bool whole_close;     /* CLOSE, not a shutdown: the peer sends nothing */
  bool early;           /* does not wait for ESTABLISHED */
  bool release_early;   /* at CLOSE, not at the end */
  bool push, urgent;
} SoakPlan;

typedef struct SoakWire {
  NetWireSpec spec;
  double loss, duplication, corruption, reordering;
  SimTime reordering_delay;
} SoakWire;

typedef struct SoakCase {
  uint64_t number;
  SoakPlan plans[2];
  SoakWire wires[2][2]; /* of the links in order; [1] towards the client */
  bool router;          /* two links, a router between them */
  bool simultaneous;    /* both connect */
  bool keep_listener;   /* until the server's end is done */
  bool rough;           /* something will go wrong: errors are expected */
} SoakCase;

typedef struct SoakRun SoakRun;

typedef struct SoakEnd {
  SoakRun *run;
  const SoakPlan *plan;
  unsigned side;
  TcpStack *stack;
  TcpListener *listener;
  TcpConnection *conn; /* NULL: not yet, or released */
  SimOwner owner;
  SimEvent open, write, read, close;
  SimRandom dice; /* of random actions */
  uint64_t sent, received;
  TcpError error; /* the first that was reported */
  SimTime ended;  /* when the connection was released */
  bool opened, writing_waits, reading_waits, closing_waits, close_due;
  bool shut, eof, closed, done;
  bool working, again;
} SoakEnd;

#define SOAK_LAST 60 /* trace records kept */

typedef struct SoakRecord {
  SimTime time;
  const char *what, *detail;
  char text[72];
} SoakRecord;

struct SoakRun {
  const SoakCase *it;
  Sim *sim;
  Net *net;
  NetLink *links[2];
  SoakEnd ends[2];
  SoakRecord last[SOAK_LAST]; /* a ring */
  uint64_t records;
  bool loud;         /* prints each at once: a single case was asked for */
  char problem[200]; /* empty: none so far */
};

/** SoakOptions: what must not change a case. */
typedef struct SoakOptions {
  bool trace;     /* keep the last trace records */
  bool idle;      /* the case's own ends do nothing */
  bool bystander; /* another pair of hosts, with traffic of its own */
} SoakOptions;

/** soak_case: case `number`. */
SoakCase soak_case(uint64_t number);

/** soak_case_rough: the same with patience that ends: nothing lasts longer than
 * SOAK_PATIENCE after the network or a user has gone. */
SoakCase soak_case_rough(uint64_t number);
#define SOAK_PATIENCE (600 * SIM_SECOND)

/** soak_case_print: its parameters, to stderr. */
void soak_case_print(const SoakCase *it);

/** soak_run_init: network and ends, nothing has happened yet. soak_run_clear:
 * frees them. */
void soak_run_init(SoakRun *run, const SoakCase *it, SoakOptions options);
void soak_run_clear(SoakRun *run);

/** soak_run_on: until nothing is left to happen or something is wrong. */
void soak_run_on(SoakRun *run);

/** soak_problem: keeps the first. */
void soak_problem(SoakRun *run, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** soak_check_empty: nothing is left of any connection. */
void soak_check_empty(SoakRun *run);

/** soak_blame: names `run` as the one to print if the program aborts (NULL:
 * none). soak_report: prints the case and its last records. */
void soak_blame(SoakRun *run);
void soak_report(const SoakRun *run);

/** soak_each: calls `func` with each case number from `first`, `count` times
 * LINGER_SOAK; or with LINGER_SOAK_CASE alone. */
void soak_each(uint64_t first, uint64_t count, void (*func)(uint64_t number));

/* -- end.c -- */

/** soak_end_init: the end opens, works and closes as its plan says. */
void soak_end_init(SoakEnd *end, SoakRun *run, unsigned side);

/** soak_end_open: listens or connects. */
void soak_end_open(SoakEnd *end);

/** soak_end_abort: ABORT of the connection, or the end of listening. */
void soak_end_abort(SoakEnd *end);

/** soak_payload: (transfer full) bytes that `side` sends from `offset`. */
NetSlice soak_payload(const SoakRun *run, unsigned side, uint64_t offset,
                      uint32_t length);

/** soak_payload_check: is `slice` what `side` sent from `offset` on? */
bool soak_payload_check(const SoakRun *run, unsigned side, uint64_t offset,
                        NetSlice slice);
