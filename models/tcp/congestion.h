/* Congestion control: a value and a const struct of functions.
 *
 * The functions decide how CWND and SSTHRESH move; recovery.c decides when a
 * loss has happened and what is sent again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "simtime.h"

typedef struct TcpCongestion TcpCongestion;

typedef struct TcpCongestionOps {
  const char *name;
  /* `acked` new bytes while no loss is being repaired and CWND was in use */
  void (*ack)(TcpCongestion *congestion, uint32_t acked, SimTime now);
  /* a loss was detected with `flight` bytes outstanding: the new SSTHRESH */
  uint32_t (*loss)(TcpCongestion *congestion, uint32_t flight, SimTime now);
} TcpCongestionOps;

/** TcpCongestion: bytes throughout; SMSS is `mss`. */
struct TcpCongestion {
  const TcpCongestionOps *ops;
  uint32_t cwnd, ssthresh, mss;
  uint32_t acked;      /* towards the next increase in avoidance */
  uint32_t recover;    /* RFC 6582: highest number sent when a loss began */
  uint16_t duplicates; /* duplicate ACKs in a row */
  bool recovering;     /* fast recovery */
  bool limited;        /* CWND held something back since the last ACK */
  bool partial;        /* a partial ACK has come in this recovery */
};

extern const TcpCongestionOps tcp_reno;

/** tcp_congestion_ops: the `index`-th that can be chosen by its name, or NULL
 * past the end; 0 is reno. */
const TcpCongestionOps *tcp_congestion_ops(unsigned index);

/** tcp_congestion_init: `segments` 0: the initial window of RFC 5681 3.1. */
void tcp_congestion_init(TcpCongestion *congestion, const TcpCongestionOps *ops,
                         uint32_t mss, uint32_t segments, uint32_t ssthresh);
