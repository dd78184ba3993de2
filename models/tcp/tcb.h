/* The connection and what the files of this folder share.
 *
 *   causes                      state                 effect
 *   user.c    calls      \                         /
 *   input.c   segments    >  turn: TcpConnection  <   output.c -> host
 *   timer.c   time-outs  /                         \
 *
 * Invariants (tcb_check):
 *   SND.UNA =< SND.NXT; what is to be sent again lies within them
 *   send.length bytes follow SND.UNA (or ISS + 1), the FIN is behind them
 *   the advertised right edge RCV.NXT + RCV.WND never moves left
 *   CLOSED: no timer is pending
 */
#pragma once

#include "congestion.h"
#include "counts.h"
#include "hystart.h"
#include "marks.h"
#include "ranges.h"
#include "rtt.h"
#include "sack.h"
#include "segment.h"
#include "sent.h"
#include "seq.h"
#include "stream.h"
#include "tcp.h"

/** TcpKnobSet: knobs that connections share; never changed once shared. */
typedef struct TcpKnobSet {
  TcpKnobs knobs;
  uint32_t references;
} TcpKnobSet;

typedef struct TcpPace TcpPace; /* pace.c */

typedef enum TcpEntryKind {
  TCP_ENTRY_CONNECTION,
  TCP_ENTRY_TIME_WAIT,
  TCP_ENTRY_RAW /* raw.c */
} TcpEntryKind;

/** TcpEntry: what the demultiplexer's table holds. What a TIME-WAIT record adds
 * in bits stands here, where there would be padding. */
typedef struct TcpEntry {
  struct TcpEntry *next; /* in its bucket */
  uint32_t hash;
  uint32_t kind : 2;
  uint32_t timestamps : 1;
  uint32_t held : 1; /* the user still holds the connection */
  uint32_t rcv_scale : 4;
  uint32_t answer_after : 24; /* as TcpConnection's, in ms, modulo 4.6 h */
  TcpPair pair;
} TcpEntry;

/** TcpPurpose: what a connection's one timer is for. They exclude each other
 * (timer.c opens with a sentence for each). */
typedef enum TcpPurpose {
  TCP_TIMER_NONE,
  TCP_TIMER_RETRANSMISSION,
  TCP_TIMER_REORDERING,
  TCP_TIMER_LOSS_PROBE,
  TCP_TIMER_PERSIST,
  TCP_TIMER_OVERRIDE,
  TCP_TIMER_KEEPALIVE,
  TCP_TIMER_FIN_WAIT_2,
  TCP_TIMERS
} TcpPurpose;

/** TcpTimeWait: all that TIME-WAIT needs to know; not a connection. Servers
 * have a million of them: 120 bytes, and a word of the table. */
typedef struct TcpTimeWait {
  TcpEntry entry;
  struct TcpTimeWait *previous, *next; /* by expiry */
  SimTime expiry;
  union {
    TcpConnection *conn; /* entry.held: it has the knobs */
    TcpKnobSet *knobs;
  } holder;
  uint32_t snd_nxt, rcv_nxt, rcv_wnd;
  uint32_t iss, irs;
  uint32_t ts_recent;
} TcpTimeWait;

/** TcpQueue: connections by accept_next, oldest first. */
typedef struct TcpQueue {
  TcpConnection *first, *last;
  unsigned count;
} TcpQueue;

struct TcpListener {
  TcpListener *next; /* of the stack */
  TcpStack *stack;
  TcpEnd local;
  unsigned backlog;
  TcpQueue half_open;
  TcpQueue waiting; /* to be accepted */
  TcpKnobSet *knobs;
  TcpAcceptable acceptable;
  void *user;
};

struct TcpConnection {
  TcpEntry entry; /* first: the table's */
  TcpStack *stack;
  TcpConnection *previous, *next; /* all of the stack, by creation */
  TcpConnection *accept_next;
  TcpListener *listener; /* until accepted */
  TcpTimeWait *time_wait;
  TcpKnobSet *knobs;
  TcpNotify notify;
  void *user;
  NetPath path;

  /* 3.3.1 */
  struct {
    uint32_t una, nxt, wnd, up, wl1, wl2, iss;
    uint32_t max_wnd; /* RFC 5961 5.2, 3.8.6.2.1 */
    uint32_t pushed;  /* behind the last byte that the user pushed */
    uint32_t fin;     /* number of our FIN, once fin_queued */
    uint64_t acked;   /* numbers that were ever acknowledged */
  } snd;
  struct {
    uint32_t nxt, wnd, up, irs;
    uint32_t fin;    /* number of the FIN, once fin_known */
    uint32_t urgent; /* number of the urgent byte, if urgent_known */
    uint32_t acked;  /* RCV.NXT as last acknowledged (Last.ACK.sent) */
  } rcv;
  uint32_t rtt_seq; /* the segment being timed ends here */

  TcpStream send;    /* from SND.UNA (ISS + 1 before) on */
  TcpStream receive; /* in sequence, not yet received by the user */
  TcpCounts *counts; /* NULL: no text and no time-out so far */
  TcpHeld held;      /* beyond a gap */
  TcpRanges resend;  /* sent, to be sent again */

  TcpSack *sack;       /* NULL: no gap has ever been */
  TcpHystart *hystart; /* NULL: not in a slow start that it may end */
  TcpSent *sent;       /* NULL: not wanted, or nothing was sent */
  TcpMarks *marks;     /* NULL: no write but the last pushed one */
  TcpPace *pace;       /* NULL: nothing was ever paced */

  TcpRtt rtt;
  SimTime rtt_start;
  SimTime sent_at; /* when something was last sent, or sent again */
  TcpCongestion congestion;
  /* payload, bytes: 65495 at most */
  uint16_t mss;         /* largest segment to send (Eff.snd.MSS) */
  uint16_t peer_mss;    /* largest seen from the peer, for the ACK's count */
  uint16_t mss_allowed; /* by the peer's option */
  uint16_t path_mtu;    /* for which `mss` was computed */

  SimEvent event;      /* of the one timer: at or before `deadline` */
  SimTime deadline;    /* NEVER: not running */
  SimEvent ack_event;  /* delayed acknowledgment */
  SimTime retry_start; /* when the first time-out's segment was first sent */
  SimTime heard;       /* when the last segment came */
  uint32_t retries;    /* time-outs in a row, probes too */
  uint32_t unanswered; /* probes since something was heard */

  uint32_t ts_recent;
  uint32_t ts_offset;
  SimTime ts_recent_at; /* when ts_recent was set (RFC 7323 5.5) */

  SimTime linger_time;
  SimTime answer_after; /* when a bad segment may be answered again */
  SimTime opened;       /* when ESTABLISHED was reached */
  uint32_t segments_in; /* TCP_INFO: counts.h */
  uint32_t segments_out;
  uint32_t repeated;    /* segments */
  uint32_t delivered;   /* segments, as acknowledged */
  uint32_t small;       /* behind the last segment sent with less than an MSS */
  uint16_t ack_rule;    /* why an acknowledgment is owed */
  uint16_t resend_rule; /* why `resend` was filled */
  uint16_t depth;       /* of the turn: 0: none */
  uint16_t pending_events;
  TcpState state;
  TcpError error; /* not yet reported */
  uint8_t purpose;
  uint8_t snd_scale, rcv_scale;
  uint8_t texts;       /* segments with text, of those that are quick_acks */
  uint8_t second_fins; /* repeated FINs that were taken as new */

  bool listed : 1;     /* in the demultiplexer's table */
  bool passive : 1;    /* came from a listener (MUST-11) */
  bool scaling : 1;    /* both sides scale windows */
  bool timestamps : 1; /* both sides send timestamps */
  bool sacks : 1;      /* both sides take SACKs */
  bool logged : 1;     /* `sent` is wanted */
  bool ecn : 1;        /* both sides know congestion marks */
  bool ece : 1;        /* a mark came: echo it until CWR */
  bool cwr_due : 1;    /* tell that the window was reduced */
  bool timing : 1;     /* rtt_seq is being timed */
  bool syn_acked : 1;  /* SND.ISS is no number of this connection any more */
  bool syn_repeated : 1;
  bool fin_queued : 1;   /* the user's CLOSE waits behind the data */
  bool fin_known : 1;    /* the peer's FIN was seen, maybe beyond a gap */
  bool fin_received : 1; /* RCV.NXT is past the peer's FIN */
  bool rounded : 1;      /* the receive buffer, to whole segments */
  bool fin_unread : 1;   /* and the user was not told the end yet */
  bool deferred : 1;     /* the listener waits for text */
  bool more : 1;         /* the user's next SEND follows soon (MSG_MORE) */
  bool receive_shut : 1;
  bool urgent_known : 1; /* rcv.urgent is not read yet */
  bool record : 1;       /* FIN-WAIT-2 as a small record */
  bool unlistened : 1;   /* half-open, and its listener is closed */
  bool closed : 1;       /* tcp_close() was called */
  bool released : 1;
  bool ack_now : 1;
  bool ack_delayed : 1;
  bool dialogue : 1;  /* ACKs wait for answers: knob pingpong */
  bool probe_due : 1; /* the persist timer expired */
  bool keepalive_due : 1;
  bool override_due : 1;
  bool probing : 1;       /* a zero window is being probed */
  bool was_idle : 1;      /* nothing was unacknowledged before this output */
  bool resend_forced : 1; /* the next of `resend` goes whatever CWND says */
  bool timer_restart : 1; /* settle anew even if the purpose stays */
  bool linger : 1;
  bool was_full : 1;      /* tell the user when there is room again */
  bool doubtful : 1;      /* R1 was reached */
  bool soft_error : 1;    /* ICMP said unreachable: `soft` */
  bool accepted : 1;      /* the user has it */
  bool half_open : 1;     /* in its listener's half-open list */
  bool tell_listener : 1; /* at the end of the turn */
  uint8_t soft;           /* TcpError, reported if the connection times out */
};

struct TcpStack {
  NetHost *host;
  Net *net;
  Sim *sim;
  SimOwner *owner; /* the host's */
  TcpKnobs knobs;
  TcpKnobSet *shared; /* a snapshot of `knobs`, or NULL */
  TcpEntry **buckets;
  uint32_t bucket_bits, entries;
  TcpConnection *first, *last;
  TcpListener *listeners;
  TcpListener *deaf; /* bound only, or shut and not closed yet */
  struct TcpRaw *raws;
  TcpTimeWait *time_wait_first, *time_wait_last;
  SimEvent time_wait_event;
  SimPool connections, time_waits, chunks, counts;
  TcpStackCounters counters;
  uint64_t secret[2]; /* RFC 6528, RFC 6056 */
  uint32_t ports_tried;
  unsigned boots;      /* so far: each has a secret of its own */
  uint16_t udp_port;   /* in_udp.h; 0: none */
  uint32_t challenges; /* in this interval */
  SimTime challenge_start;
};

/* -- tcb.c -- */

/** tcb_new: a CLOSED connection of `stack`, entered in its table. */
TcpConnection *tcb_new(TcpStack *stack, const TcpPair *pair, TcpKnobSet *knobs);

/** tcb_choose_isn, tcb_set_isn: ISS, and with it all of the send side. */
void tcb_choose_isn(TcpConnection *conn);
void tcb_set_isn(TcpConnection *conn, uint32_t iss);

/** tcb_isn_above: makes sure that ISS is above `least`, the SND.NXT of the
 * former incarnation (3.6.1 MAY-2). */
void tcb_isn_above(TcpConnection *conn, uint32_t least);

/** tcb_free: forgets it. No turn may be open. */
void tcb_free(TcpConnection *conn);

/** tcb_turn_open, tcb_turn_close: bracket every cause. close may free. */
void tcb_turn_open(TcpConnection *conn);
void tcb_turn_close(TcpConnection *conn);

/** tcb_event: `event` is told at the end of the turn. */
static inline void tcb_event(TcpConnection *conn, TcpEvent event)
{
  conn->pending_events |= (uint16_t)event;
}

/** tcp_set_state: the only writer of conn->state. Leaving for CLOSED stops
 * timers and takes it out of the table; for TIME-WAIT makes the record. */
void tcp_set_state(TcpConnection *conn, TcpState to, TcpRule rule);

/** tcb_end: CLOSED with `error` for the user to find. */
void tcb_end(TcpConnection *conn, TcpError error, TcpRule rule);

static inline const TcpKnobs *tcb_knobs(const TcpConnection *conn)
{
  return &conn->knobs->knobs;
}

/** tcb_data_start: the number of the first byte of the send queue. */
static inline uint32_t tcb_data_start(const TcpConnection *conn)
{
  return conn->snd.una + !conn->syn_acked;
}

/** tcb_fin_sent: is the FIN below SND.NXT? */
static inline bool tcb_fin_sent(const TcpConnection *conn)
{
  return conn->fin_queued && seq_gt(conn->snd.nxt, conn->snd.fin);
}

/** tcb_fin_acked: "our FIN is acknowledged". */
static inline bool tcb_fin_acked(const TcpConnection *conn)
{
  return conn->fin_queued && seq_gt(conn->snd.una, conn->snd.fin);
}

/** tcb_fin_repeated: is `seq` the number of a FIN that was taken before? */
static inline bool tcb_fin_repeated(const TcpConnection *conn, uint32_t seq)
{
  return conn->fin_received && seq == conn->rcv.fin;
}

/** tcb_headers: bytes of a datagram before the text of a segment without
 * options: those of IP, TCP, and of UDP if it stands in that. */
uint32_t tcb_headers(const TcpConnection *conn);

/** tcb_mss_offered: the MSS option's value: the knob, or what the MTU of the
 * first hop leaves (3.7.1). */
uint32_t tcb_mss_offered(const TcpConnection *conn);

/** tcb_mss_default: what every peer takes (3.7.1 MUST-15). */
uint32_t tcb_mss_default(const TcpConnection *conn);

/** tcb_mss_to_send: Eff.snd.MSS (3.7.1): what the peer takes and what the path
 * does, less the options of every segment. */
uint32_t tcb_mss_to_send(const TcpConnection *conn);

/** tcb_scale_offered: the smallest shift by which the window field can hold
 * the receive buffer, or the largest that there may be (RFC 7323 2.3). */
uint8_t tcb_scale_offered(const TcpConnection *conn);

/** tcb_buffer: the receive buffer's size. */
uint32_t tcb_buffer(const TcpConnection *conn);

/** tcb_round_buffer: RCV.WND, as the peer has just become known. */
void tcb_round_buffer(TcpConnection *conn);

/** tcb_window_most: what RCV.WND may be at most: what the window field can say
 * with the scale that the SYN offered. */
uint32_t tcb_window_most(const TcpConnection *conn);

/** tcb_free_buffer: room in the receive buffer, bytes. */
uint32_t tcb_free_buffer(const TcpConnection *conn);
