/* Selective acknowledgment (RFC 2018, RFC 2883): what a connection knows of
 * the other side's gaps, and what it tells of its own. A connection has one
 * only once there was a gap or a duplicate.
 *
 * Invariant: `sacked` lies within SND.UNA and SND.NXT, `beyond` behind
 * RCV.NXT.
 */
#pragma once

#include "ranges.h"

#define TCP_SACK_BLOCKS 4 /* that 40 bytes of options have room for */

typedef struct TcpSack {
  /* as the sender: the scoreboard of RFC 6675 */
  TcpRanges sacked;
  uint32_t high_rxt;  /* one behind HighRxt */
  uint32_t rescue;    /* one behind RescueRxt */
  uint32_t twice;     /* octets that SetPipe() counts as two */
  bool below;         /* the ACK SACKs what was sent before `recover` */
  uint32_t delivered; /* by the ACK that is being looked at */
  /* RFC 6937 */
  uint32_t prr_delivered, prr_out, prr_flight;
  /* as the receiver */
  TcpRanges beyond;                 /* what is held behind gaps */
  uint32_t recent[TCP_SACK_BLOCKS]; /* numbers in blocks, the latest first */
  TcpRange duplicate;               /* to be told once (RFC 2883); or empty */
} TcpSack;

/** tcp_sack_new: nothing known. (transfer full) */
TcpSack *tcp_sack_new(void);

/** tcp_sack_free: (nullable) */
void tcp_sack_free(TcpSack *sack);

/* -- the receiver's side -- */

/** tcp_sack_held: [left, right) came, beyond a gap, and is held. What of it
 * had come before is told as a duplicate, if `tell`. */
void tcp_sack_held(TcpSack *sack, uint32_t left, uint32_t right, bool tell);

/** tcp_sack_duplicate: [left, right) had come before. */
void tcp_sack_duplicate(TcpSack *sack, uint32_t left, uint32_t right);

/** tcp_sack_advance: RCV.NXT is `nxt` now. */
void tcp_sack_advance(TcpSack *sack, uint32_t nxt);

/**
 * tcp_sack_blocks: what the next acknowledgment tells, at most `most` blocks:
 * the duplicate, the block that was touched last, the others by age (RFC 2018
 * 4), then those that are in nobody's memory.
 * Returns: how many were written to `ret`.
 */
unsigned tcp_sack_blocks(const TcpSack *sack, TcpRange *ret, unsigned most);

/** tcp_sack_count: how many there would be without a limit. */
static inline uint32_t tcp_sack_count(const TcpSack *sack)
{
  return sack->beyond.count + (sack->duplicate.left != sack->duplicate.right);
}

/* -- the sender's side -- */

/** tcp_sack_lost_edge: RFC 6675 4, IsLost(), as one number: an octet that is
 * not SACKed is lost if it lies below; `una` if none is. `thresh` is
 * DupThresh. */
uint32_t tcp_sack_lost_edge(const TcpSack *sack, uint32_t una, uint32_t mss,
                            uint32_t thresh);
