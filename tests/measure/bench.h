#ifndef LINGER_MEASURE_BENCH_H
#define LINGER_MEASURE_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lab.h"
#include "segment.h"

/*
 * Kernel connections with a peer that is played by hand, many at a time, each
 * on a port of its own. Variables are the kernel's: snd.una is what the peer
 * has acknowledged, rcv.nxt is what the peer would send next.
 */

enum {
  BENCH_PORTS = 65536,
  BENCH_REPLIES = 24, /* kept for a connection; more are counted only */
  BENCH_PEER_PORT = 7,
};

typedef struct {
  Segment segment;
  int64_t after_us; /* the segment that it answers */
  bool at_once;     /* no timer was involved */
} BenchReply;

typedef struct {
  uint16_t port;
  int fd;       /* -1: none, or closed */
  int listener; /* -1: none, or closed */
  bool timestamps;
  bool heard; /* the kernel has sent something: snd.nxt is known */
  struct {
    uint32_t una, nxt;
  } snd;
  struct {
    uint32_t nxt, right; /* right edge of the window */
  } rcv;
  uint16_t peer_window;
  uint32_t tsecr; /* the kernel's last TSval */
  int64_t born_us, fired_us;
  int state_before, readable_before;
  Segment probe;
  BenchReply replies[BENCH_REPLIES];
  int reply_count;
} BenchConnection;

typedef struct {
  Lab lab;
  uint16_t next_port;
  BenchConnection *by_port[BENCH_PORTS];
} Bench;

typedef void (*BenchStep)(Bench *, BenchConnection *);

/**
 * bench_add:
 *
 * Starts a connection that has no socket yet, on a port not used lately.
 */
void bench_add(Bench *bench, BenchConnection *connection, bool timestamps);

/**
 * bench_remove:
 *
 * Ends the connection, its listener and whatever the kernel still keeps.
 */
void bench_remove(Bench *bench, BenchConnection *connection);

/**
 * bench_pump:
 * @asked: (nullable): the connection that has just been sent a segment
 *
 * Hands what the kernel has sent to the connections. What `asked` gets now is
 * an answer at once.
 */
void bench_pump(Bench *bench, const BenchConnection *asked);

/**
 * bench_watch:
 *
 * Pumps for `ms` milliseconds.
 */
void bench_watch(Bench *bench, int ms);

/**
 * bench_fire:
 *
 * Sends `segment`, ports filled in, as the probe whose answers are kept.
 */
void bench_fire(Bench *bench, BenchConnection *connection,
                const Segment *segment);

/**
 * bench_socket:
 *
 * The descriptor of the connection, accepted now if need be, or -1.
 */
int bench_socket(BenchConnection *connection);

/* Steps: what the application calls, then what the peer sends. */
void bench_listen(Bench *bench, BenchConnection *c);
void bench_accept(Bench *bench, BenchConnection *c);
void bench_unlisten(Bench *bench, BenchConnection *c);
void bench_connect(Bench *bench, BenchConnection *c);
void bench_connect_small(Bench *bench, BenchConnection *c);
void bench_write(Bench *bench, BenchConnection *c);
void bench_shutdown(Bench *bench, BenchConnection *c);
void bench_shutdown_both(Bench *bench, BenchConnection *c);
void bench_close(Bench *bench, BenchConnection *c);
void bench_linger2(Bench *bench, BenchConnection *c);
void bench_no_linger2(Bench *bench, BenchConnection *c);
void bench_linger_0(Bench *bench, BenchConnection *c);
void bench_keepalive(Bench *bench, BenchConnection *c);
void bench_user_timeout_3_s(Bench *bench, BenchConnection *c);
void bench_peer_syn(Bench *bench, BenchConnection *c);
void bench_peer_syn_ack(Bench *bench, BenchConnection *c);
void bench_peer_ack(Bench *bench, BenchConnection *c);
void bench_peer_fin(Bench *bench, BenchConnection *c);
void bench_peer_close_window(Bench *bench, BenchConnection *c);
void bench_peer_data(Bench *bench, BenchConnection *c);
void bench_peer_fill(Bench *bench, BenchConnection *c);

#endif
