/* Congestion control: a value and a const struct of functions.
 *
 * The functions decide how CWND and SSTHRESH move; recovery.c decides when a
 * loss has happened and what is sent again. Integers throughout, so that the
 * same run gives the same bytes everywhere.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "rtt.h"

typedef struct TcpCongestion TcpCongestion;

typedef enum TcpLoss {
  TCP_LOSS_FOUND, /* by acknowledgments */
  TCP_LOSS_TIMEOUT,
  TCP_LOSS_MARK, /* none yet: a router says that there will be (RFC 3168) */
} TcpLoss;

typedef struct TcpCongestionOps {
  const char *name;
  /* `acked` new bytes while no loss is being repaired; 0: time passed in which
   * CWND was not in use. */
  void (*ack)(TcpCongestion *congestion, uint32_t acked, SimTime now,
              const TcpRtt *rtt);
  /* a loss was detected with `flight` bytes outstanding: the new SSTHRESH */
  uint32_t (*loss)(TcpCongestion *congestion, uint32_t flight, TcpLoss loss,
                   SimTime now);
  /* text goes again after nothing was sent for `span`; NULL: it is no matter */
  void (*idle)(TcpCongestion *congestion, SimTime span, SimTime now);
} TcpCongestionOps;

/** TcpCubic: RFC 9438 4.1.2, windows in bytes. */
typedef struct TcpCubic {
  SimTime epoch; /* when this congestion avoidance began; -1: not yet */
  SimTime last;  /* when CWND was last looked at */
  uint32_t k_ms;
  uint32_t w_max, w_est, prior;
  uint32_t rest, est_rest; /* of the divisions */
} TcpCubic;

/** TcpCubicLinux: cubic_linux.c; windows in segments. */
typedef struct TcpCubicLinux {
  SimTime epoch;               /* as above */
  uint32_t last_ms, last_cwnd; /* when the curve was last looked at */
  uint32_t k;                  /* 1/1024 s */
  uint32_t w_max, w_est, origin;
  uint32_t acks;  /* segments, towards the next of w_est */
  uint32_t every; /* acknowledged segments that open CWND by one */
} TcpCubicLinux;

/** TcpCongestion: bytes throughout; SMSS is `mss`. */
struct TcpCongestion {
  const TcpCongestionOps *ops;
  uint32_t cwnd, ssthresh, mss;
  uint32_t initial;    /* IW */
  uint32_t acked;      /* towards the next increase */
  uint32_t extra;      /* sent beyond CWND because of duplicate ACKs */
  uint32_t reduced;    /* SND.NXT when the window was last reduced */
  uint32_t recover;    /* RFC 6582: highest number sent when a loss began */
  uint16_t duplicates; /* duplicate ACKs in a row */
  uint16_t rule;       /* what the ACK that is looked at led to */
  uint8_t frto;        /* RFC 5682's step */
  uint8_t limit;       /* L of RFC 3465, segments; 0: none */
  bool fast_convergence : 1; /* of CUBIC */
  bool recovering : 1;       /* fast recovery */
  bool timed_out : 1;    /* what a time-out put back is not acknowledged yet */
  bool limited : 1;      /* CWND held something back since the last ACK */
  bool partial : 1;      /* a partial ACK has come in this recovery */
  bool marked : 1;       /* CWND comes down to SSTHRESH after a mark (PRR) */
  bool conservative : 1; /* slow start grows by a quarter (RFC 9406) */
  union {
    TcpCubic cubic;
    TcpCubicLinux cubic_linux;
  };
};

extern const TcpCongestionOps tcp_reno, tcp_cubic, tcp_cubic_linux;

#define TCP_WINDOW_MOST (1u << 30)

/** tcp_congestion_ops: the `index`-th that can be chosen by its name, or NULL
 * past the end; 0 is reno. */
const TcpCongestionOps *tcp_congestion_ops(unsigned index);

/** tcp_congestion_of: the one that `knobs` choose. */
const TcpCongestionOps *tcp_congestion_of(const TcpKnobs *knobs);

/** tcp_congestion_is_cubic: is it a CUBIC? */
bool tcp_congestion_is_cubic(const TcpCongestionOps *ops);

/** tcp_cube_root: the largest r with r^3 =< n. */
uint32_t tcp_cube_root(uint64_t n);

/** tcp_congestion_switch: another control goes on with the window. */
void tcp_congestion_switch(TcpCongestion *congestion,
                           const TcpCongestionOps *ops);

/** tcp_congestion_init: `segments` 0: the initial window of RFC 5681 3.1. */
void tcp_congestion_init(TcpCongestion *congestion, const TcpCongestionOps *ops,
                         uint32_t mss, uint32_t segments, uint32_t ssthresh);

/** tcp_slow_start: RFC 5681 3.1 with RFC 3465's L, and RFC 9406's divisor: what
 * `acked` bytes add. */
void tcp_slow_start(TcpCongestion *congestion, uint32_t acked);
