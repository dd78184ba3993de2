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
#include "ranges.h"
#include "rtt.h"
#include "sack.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"
#include "tcp.h"

/** TcpKnobSet: knobs that connections share; never changed once shared. */
typedef struct TcpKnobSet {
  TcpKnobs knobs;
  uint32_t references;
} TcpKnobSet;

typedef enum TcpEntryKind {
  TCP_ENTRY_CONNECTION,
  TCP_ENTRY_TIME_WAIT
} TcpEntryKind;

/** TcpEntry: what the demultiplexer's table holds. What a TIME-WAIT record adds
 * in bits stands here, where there would be padding. */
typedef struct TcpEntry {
  struct TcpEntry *next; /* in its bucket */
  uint32_t hash;
  uint32_t kind : 1;
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

  TcpStream send;    /* from SND.UNA (ISS + 1 before) on */
  TcpStream receive; /* in sequence, not yet received by the user */
  TcpCounts *counts; /* NULL: no text and no time-out so far */
  TcpHeld held;      /* beyond a gap */
  TcpRanges resend;  /* sent, to be sent again */

  TcpSack *sack; /* NULL: no gap has ever been */

  TcpRtt rtt;
  uint32_t rtt_seq; /* the segment being timed ends here */
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
  uint16_t ack_rule;    /* why an acknowledgment is owed */
  uint16_t resend_rule; /* why `resend` was filled */
  uint16_t depth;       /* of the turn: 0: none */
  uint16_t pending_events;
  TcpState state;
  TcpError error; /* not yet reported */
  uint8_t purpose;
  uint8_t snd_scale, rcv_scale;
  uint8_t texts;       /* segments with text so far; no more are counted */
  uint8_t second_fins; /* repeated FINs that were taken as new */

  bool listed : 1;     /* in the demultiplexer's table */
  bool passive : 1;    /* came from a listener */
  bool scaling : 1;    /* both sides scale windows */
  bool timestamps : 1; /* both sides send timestamps */
  bool sacks : 1;      /* both sides take SACKs */
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
  bool probe_due : 1; /* the persist timer expired */
  bool keepalive_due : 1;
  bool override_due : 1;
  bool probing : 1;       /* a zero window is being probed */
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
  TcpTimeWait *time_wait_first, *time_wait_last;
  SimEvent time_wait_event;
  SimPool connections, time_waits, chunks, counts;
  TcpStackCounters counters;
  uint64_t secret[2]; /* RFC 6528, RFC 6056 */
  uint32_t ports_tried;
  uint32_t challenges; /* in this interval */
  SimTime challenge_start;
};

/* -- tcb.c -- */

/** tcb_new: a CLOSED connection of `stack`, entered in its table. */
TcpConnection *tcb_new(TcpStack *stack, const TcpPair *pair, TcpKnobSet *knobs);

/** tcb_choose_isn, tcb_set_isn: ISS, and with it all of the send side. */
void tcb_choose_isn(TcpConnection *conn);
void tcb_set_isn(TcpConnection *conn, uint32_t iss);

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

/** tcb_mss_offered: the MSS option's value: the knob, or what the MTU of the
 * first hop leaves (3.7.1). */
uint32_t tcb_mss_offered(const TcpConnection *conn);

/** tcb_mss_default: what every peer takes (3.7.1 MUST-15). */
uint32_t tcb_mss_default(const TcpConnection *conn);

/** tcb_mss_to_send: Eff.snd.MSS (3.7.1): what the peer takes and what the path
 * does, less the options of every segment. */
uint32_t tcb_mss_to_send(const TcpConnection *conn);

/** tcb_scale_offered: the smallest shift by which the window field can hold
 * the receive buffer (RFC 7323 2.3). */
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

/* -- knob sets (stack.c) -- */
TcpKnobSet *tcp_knob_set_new(const TcpKnobs *knobs);
TcpKnobSet *tcp_knob_set_ref(TcpKnobSet *set);
void tcp_knob_set_unref(TcpKnobSet *set);
/** tcp_stack_shared: the stack's present knobs (transfer full). */
TcpKnobSet *tcp_stack_shared(TcpStack *stack);

/* -- demux.c -- */
TcpEntry *tcp_demux_find(const TcpStack *stack, const TcpPair *pair);
void tcp_demux_add(TcpStack *stack, TcpEntry *entry);
void tcp_demux_remove(TcpStack *stack, TcpEntry *entry);
static inline bool tcp_pair_equal(const TcpPair *a, const TcpPair *b)
{
  return a->local.port == b->local.port && a->remote.port == b->remote.port &&
         net_address_equal(a->remote.address, b->remote.address) &&
         net_address_equal(a->local.address, b->local.address);
}

/* -- identity.c -- */

/** tcp_isn: RFC 6528: a 4 us clock plus a keyed hash of the pair. */
uint32_t tcp_isn(const TcpStack *stack, const TcpPair *pair);

/** tcp_ts_offset: of the pair's timestamps (RFC 7323 5.4). */
uint32_t tcp_ts_offset(const TcpStack *stack, const TcpPair *pair);

/** tcp_ts_now: the timestamp clock, 1 ms a tick. */
static inline uint32_t tcp_ts_now(const TcpStack *stack, uint32_t offset)
{
  return (uint32_t)(stack->sim->now / SIM_MILLISECOND) + offset;
}

/** tcp_choose_port: RFC 6056 3.3.3: fills in pair->local.port so that the pair
 * is unused; false if all are taken. */
bool tcp_choose_port(TcpStack *stack, const TcpKnobs *knobs, TcpPair *pair);

/* -- listen.c -- */
TcpListener *tcp_listener_find(const TcpStack *stack, const TcpEnd *local);
void tcp_listener_input(TcpListener *listener, const TcpPair *pair,
                        const TcpSegment *segment, const NetPacket *packet,
                        uint32_t least_isn, bool has_least);
/** tcp_listener_has_room: would a SYN be taken now? */
bool tcp_listener_has_room(const TcpListener *listener);

/** tcp_listener_left: if `conn` is half-open and its listener has closed, it
 * is freed: true. */
bool tcp_listener_left(TcpConnection *conn);
/** tcp_port_taken: does SO_REUSEADDR's absence, here (`reuse`) or there, keep
 * `local` from being opened? */
bool tcp_port_taken(const TcpStack *stack, const TcpEnd *local, bool reuse);

/** tcp_listener_established: `conn` may be accepted. */
void tcp_listener_established(TcpConnection *conn);
/** tcp_listener_forget: half-open `conn` is gone; it is nobody's now. */
void tcp_listener_forget(TcpConnection *conn);

/* -- time_wait.c -- */
void tcp_time_wait_new(TcpConnection *conn);
void tcp_time_wait_end(TcpStack *stack, TcpTimeWait *record, TcpRule rule);
/** tcp_time_wait_input: true if the segment was dealt with; false if it may
 * open a new connection, whose ISN must then be above `ret_least_isn`. */
bool tcp_time_wait_input(TcpStack *stack, TcpTimeWait *record,
                         const TcpSegment *segment, const NetPacket *packet,
                         uint32_t *ret_least_isn);

/** tcp_record_time_wait: what `segment` meets in TIME-WAIT as a small record
 * (record.c). `old`: RFC 7323 5.3 R1. */
TcpRule tcp_record_time_wait(const TcpTimeWait *record,
                             const TcpSegment *segment, bool old,
                             bool ignore_reset);
/** tcp_time_wait_knobs: those of the connection that it was. */
const TcpKnobs *tcp_time_wait_knobs(const TcpTimeWait *record);

/** tcp_time_wait_let_go: its connection is freed, the record stays. */
void tcp_time_wait_let_go(TcpTimeWait *record);
void tcp_time_wait_init(TcpStack *stack);
void tcp_time_wait_clear(TcpStack *stack);

/* -- input.c -- */

/** tcp_input: SEGMENT ARRIVES on a connection in any state but CLOSED and
 * LISTEN. */
void tcp_input(TcpConnection *conn, const TcpSegment *segment,
               const NetPacket *packet);

/** tcp_input_syn: what LISTEN and SYN-SENT take from a SYN: numbers, window,
 * options, text held back. */
void tcp_input_syn(TcpConnection *conn, const TcpSegment *segment);

/** tcp_acceptable: the four cases of 3.10.7.4's first step. */
bool tcp_acceptable(uint32_t rcv_nxt, uint32_t rcv_wnd, uint32_t seq,
                    uint32_t length);

/** tcp_verdict: traces that `rule` met a segment. */
void tcp_verdict(TcpStack *stack, const TcpPair *pair, TcpState state,
                 const NetPacket *packet, TcpRule rule);

/** tcp_challenge_allowed: RFC 5961 7: may the host send another? Counts. */
bool tcp_challenge_allowed(TcpStack *stack, const TcpKnobs *knobs);

/** tcp_fin_wait_2_left: FIN-WAIT-2 and no user: from now on a small record, if
 * it does not last too long for one. `fin`: the FIN is here. */
void tcp_fin_wait_2_left(TcpConnection *conn, bool fin);

/* -- acks.c: the fifth step's work on a connection -- */

/** tcp_ack_input: SND.UNA, window, congestion and recovery by a segment whose
 * acknowledgment is acceptable. */
void tcp_ack_input(TcpConnection *conn, const TcpSegment *segment);

/** tcp_ack_owed: an acknowledgment is owed, now or delayed. */
void tcp_ack_owed(TcpConnection *conn, bool now, TcpRule rule);

/* -- text.c: the seventh and eighth steps' work -- */

/** tcp_text_input: the segment's text from `seq` on, within the window. */
void tcp_text_input(TcpConnection *conn, uint32_t seq, NetSlice text);

/** tcp_text_second_fin: a FIN behind old text, after the peer's FIN. */
void tcp_text_second_fin(TcpConnection *conn);

/** tcp_text_advance: takes what has become in sequence, and the FIN if
 * RCV.NXT reaches it. */
void tcp_text_advance(TcpConnection *conn);

/* -- output.c -- */

/** tcp_output: sends all that may be sent now. */
void tcp_output(TcpConnection *conn);

/** tcp_send_reset: <SEQ=SND.NXT><CTL=RST> of a connection. */
void tcp_send_reset(TcpConnection *conn, TcpRule rule);

/** tcp_reply_reset: the RST for a segment that belongs to nothing (3.5.2
 * group 1): with its ACK as SEQ, or acknowledging it. */
void tcp_reply_reset(TcpStack *stack, const TcpPair *pair,
                     const TcpSegment *segment, TcpRule rule);

/** tcp_reply_ack: an empty ACK that no connection sends (TIME-WAIT); a RST,ACK
 * if `rule` is SYN_IN_WINDOW. */
void tcp_reply_ack(TcpStack *stack, const TcpTimeWait *record, TcpRule rule);

/** tcp_window_update: RCV.WND after the user has received (3.8.6.2.2). */
void tcp_window_update(TcpConnection *conn);

/** tcp_wake_writer: tells the user of room, if that was waited for. */
void tcp_wake_writer(TcpConnection *conn);

/** tcp_flight: numbers sent, not acknowledged and not given up for lost. */
uint32_t tcp_flight(const TcpConnection *conn);

/* -- timer.c: told what happened, decides alone -- */

void tcp_timer_init(TcpConnection *conn);

/** tcp_timer_settle: at the end of a turn: which timer runs, until when. */
void tcp_timer_settle(TcpConnection *conn);

/** tcp_timer_stop: none runs. */
void tcp_timer_stop(TcpConnection *conn);

/** tcp_timer_heard: a segment came from the peer. */
void tcp_timer_heard(TcpConnection *conn);

/** tcp_timer_hurry: the timer that runs expires in `span`, if that is sooner
 * or later. */
void tcp_timer_hurry(TcpConnection *conn, SimTime span);

/** tcp_timer_acked: SND.UNA advanced. */
void tcp_timer_acked(TcpConnection *conn);

/** tcp_timer_ack_sent: no acknowledgment is owed any more. */
void tcp_timer_ack_sent(TcpConnection *conn);

/** tcp_timer_knobs_changed: its knobs were `before`. The timer that runs keeps
 * the time that has passed. */
void tcp_timer_knobs_changed(TcpConnection *conn, const TcpKnobs *before);

/** tcp_defer_repetitions: how often a SYN,ACK could be repeated within
 * `defer_accept`: so long a deferred connection waits. */
uint32_t tcp_defer_repetitions(const TcpKnobs *knobs);

/** tcp_timer_name: "retransmission" (transfer none). */
const char *tcp_timer_name(TcpPurpose purpose);

/* -- icmp.c -- */

/** tcp_icmp_input: an ICMP or ICMPv6 error about a segment of ours. */
void tcp_icmp_input(void *user, uint8_t type, uint8_t code, uint32_t rest,
                    const NetIp *quoted, const uint8_t *l4, uint32_t l4_size);

/** tcp_path_changed: the path's MTU is another than `mss` was made for. */
void tcp_path_changed(TcpConnection *conn);

/* -- recovery.c -- */

/** tcp_resend: what of [left, right) the peer is not known to hold is to be
 * sent again, because of `rule`. */
void tcp_resend(TcpConnection *conn, uint32_t left, uint32_t right,
                TcpRule rule);

/** tcp_resend_first: the segment at SND.UNA goes again, whatever CWND says. */
void tcp_resend_first(TcpConnection *conn, TcpRule rule);

/** tcp_recovery_duplicate_ack: RFC 5681 3.2, RFC 6582 3.2. */
void tcp_recovery_duplicate_ack(TcpConnection *conn);

/** tcp_recovery_ack: SND.UNA has just moved by `acked`. */
void tcp_recovery_ack(TcpConnection *conn, uint32_t acked);

/** tcp_recovery_marked: the peer echoes a congestion mark (RFC 3168 6.1.2). */
void tcp_recovery_marked(TcpConnection *conn);

/** tcp_recovery_restart: text is to be sent and nothing is outstanding: after
 * more than an RTO the window is the initial one (RFC 5681 4.1). */
void tcp_recovery_restart(TcpConnection *conn);

/** tcp_recovery_timeout: everything outstanding goes back to be sent. */
void tcp_recovery_timeout(TcpConnection *conn);

/* -- frto.c -- */

/** tcp_frto_begin: a time-out with `flight` outstanding. True if only the first
 * segment goes again for now. */
bool tcp_frto_begin(TcpConnection *conn, uint32_t flight);

/** tcp_frto_ack: an ACK that takes `acked` bytes, or a duplicate, that SACKs
 * something (`sacked`) or not. True if it was F-RTO's business alone. */
bool tcp_frto_ack(TcpConnection *conn, uint32_t acked, bool sacked);

/* -- scoreboard.c: loss recovery by SACK (RFC 6675) -- */

/** tcp_sack_of: the connection's knowledge of gaps, made if need be. */
TcpSack *tcp_sack_of(TcpConnection *conn);

/** tcp_scoreboard_update: RFC 6675 4, Update(): takes the blocks of a segment
 * whose acknowledgment has not been taken yet. True if something was not
 * known before. */
bool tcp_scoreboard_update(TcpConnection *conn, const TcpSegment *segment);

/** tcp_scoreboard_reneged: SND.UNA has moved; the peer does not acknowledge
 * what it said it held (RFC 2018 8). */
void tcp_scoreboard_reneged(TcpConnection *conn);

/** tcp_scoreboard_begin: loss recovery begins. */
void tcp_scoreboard_begin(TcpConnection *conn);

/** tcp_scoreboard_ack: an ACK came in it, that advanced SND.UNA or not. */
void tcp_scoreboard_ack(TcpConnection *conn, bool advanced);

/** tcp_scoreboard_is_lost: IsLost (SND.UNA). */
bool tcp_scoreboard_is_lost(const TcpConnection *conn);

/** tcp_scoreboard_next: NextSeg()'s rules 3 and 4, when nothing is known to be
 * lost and nothing new can be sent. */
bool tcp_scoreboard_next(TcpConnection *conn, TcpRange *ret);

/** tcp_scoreboard_sent: [left, right) was sent in a recovery. */
void tcp_scoreboard_sent(TcpConnection *conn, uint32_t left, uint32_t right,
                         bool again);
