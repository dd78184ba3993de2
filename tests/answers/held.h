/* A profile held to the answers of a real kernel: a connection is brought into
 * a state by a conversation, one segment is sent to it, and what follows is
 * written in the notation of tests/measure/README.md.
 *
 *   host (the profile) ---- link, no delay ---- peer (the bench)
 *
 * Invariant: a row is a simulation of its own; no state is poked. */
#pragma once

#include <glib.h>

#include "notation.h"
#include "segment.h"
#include "tcp.h"

#define MS(n) ((SimTime)(n)*SIM_MILLISECOND)

enum {
  BENCH_HOST_PORT = 8080,
  BENCH_PEER_PORT = 7,
  BENCH_REPLIES = 24,
};

typedef struct BenchReply {
  TcpSegment segment;
  SimTime after; /* the segment that it answers */
} BenchReply;

typedef struct Bench {
  Sim *sim;
  Net *net;
  NetHost *host, *peer;
  TcpStack *stack;
  TcpListener *listener;
  TcpConnection *conn; /* what the application holds, or NULL */
  SimOwner owner;
  SimEvent tick;
  bool timestamps; /* the peer offers them */
  bool heard;      /* the host has sent something: snd.nxt is known */
  bool fired;
  SimTime fired_at;
  struct {
    uint32_t una, nxt;
  } snd;
  struct {
    uint32_t nxt, right;
  } rcv;
  uint32_t ts_echo;
  TcpState before; /* the probe */
  uint32_t readable_before;
  TcpSegment probe;
  BenchReply replies[BENCH_REPLIES];
  int reply_count;
} Bench;

typedef void (*BenchStep)(Bench *bench);

/** Variant: a state of the tables and the conversation that leads there. */
typedef struct Variant {
  const char *name;
  TcpState state;
  bool zero_window;
  BenchStep steps[8]; /* NULL-terminated */
} Variant;

/** variant_find: by the tables' name, or NULL. */
const Variant *variant_find(const char *name);

/** bench_outcome: (transfer full) what a host with `knobs` answers to one
 * cell's segment. */
char *bench_outcome(const TcpKnobs *knobs, const Variant *variant,
                    const AnswersTable *table, int flags, int seq, int ack);

/* -- steps: what the application calls, then what the peer sends -- */
void bench_listen(Bench *bench);
void bench_accept(Bench *bench);
void bench_unlisten(Bench *bench);
void bench_connect(Bench *bench);
void bench_connect_small(Bench *bench);
void bench_write(Bench *bench);
void bench_shutdown(Bench *bench);
void bench_shutdown_both(Bench *bench);
void bench_close(Bench *bench);
void bench_linger2(Bench *bench);
void bench_peer_syn(Bench *bench);
void bench_peer_syn_ack(Bench *bench);
void bench_peer_ack(Bench *bench);
void bench_peer_fin(Bench *bench);
void bench_peer_data(Bench *bench);
void bench_peer_fill(Bench *bench);

/** bench_run: until nothing happens in the next `span`. */
void bench_run(Bench *bench, SimTime span);

/** bench_put: the peer sends `segment`; ports and window are filled in. */
void bench_put(Bench *bench, TcpSegment *segment);

/** bench_socket: the connection, accepted now if need be, or NULL. */
TcpConnection *bench_socket(Bench *bench);
