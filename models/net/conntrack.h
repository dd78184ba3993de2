/* Connection tracking: what a stateful box knows of the connections through it.
 *
 * After Linux's nf_conntrack (6.x): its states, transitions, window checks and
 * time-outs. A flow has two tuples, that of the packet which began it and that
 * of the replies; unless a translator changes it, the second is the first
 * turned round.
 *
 * A flow is forgotten when nothing was heard for its state's time-out. There
 * is no event for that: a flow whose time has come is no longer found, and is
 * freed at the next occasion, when `forgot` is told.
 */
#pragma once

#include "formats.h"
#include "sim.h"

/** NetTrackState: of a TCP flow, by the names that conntrack(8) prints. */
typedef enum NetTrackState {
  NET_TRACK_NONE,
  NET_TRACK_SYN_SENT,
  NET_TRACK_SYN_RECV,
  NET_TRACK_ESTABLISHED,
  NET_TRACK_FIN_WAIT,
  NET_TRACK_CLOSE_WAIT,
  NET_TRACK_LAST_ACK,
  NET_TRACK_TIME_WAIT,
  NET_TRACK_CLOSE,
  NET_TRACK_SYN_SENT2,
  NET_TRACK_STATES,
} NetTrackState;

/** net_track_state_name: "SYN_SENT" (transfer none). */
const char *net_track_state_name(NetTrackState state);

/** NetTrackTimeout: the time-outs: first the TCP states, by their numbers. */
typedef enum NetTrackTimeout {
  NET_TRACK_MAX_RETRANS = NET_TRACK_STATES,
  NET_TRACK_UNACKNOWLEDGED,
  NET_TRACK_UDP,
  NET_TRACK_UDP_STREAM,
  NET_TRACK_ICMP,
  NET_TRACK_GENERIC,
  NET_TRACK_TIMEOUTS,
} NetTrackTimeout;

typedef struct NetTrackSpec {
  SimTime timeouts[NET_TRACK_TIMEOUTS];
  bool loose;      /* take up a connection whose beginning was not seen */
  bool be_liberal; /* of what is out of window only RST is invalid */
  bool no_checksum;
  uint32_t max_retrans;
  uint32_t most; /* flows */
} NetTrackSpec;

/** net_track_defaults: nf_conntrack's. */
NetTrackSpec net_track_defaults(void);

/** net_track_timeout_name: "established", "udp_stream", ... or NULL. */
const char *net_track_timeout_name(unsigned number);

/** NetTuple: a direction of a flow. Ports of ICMP echo: its identifier. */
typedef struct NetTuple {
  NetAddress source, destination;
  uint16_t source_port, destination_port;
  uint8_t protocol;
} NetTuple;

static inline NetTuple net_tuple_turned(NetTuple t)
{
  return (NetTuple){ t.destination, t.source, t.destination_port, t.source_port,
                     t.protocol };
}

bool net_tuple_equal(const NetTuple *a, const NetTuple *b);

/** net_tuple_hash, net_tuple_same: for GHashTable. */
unsigned net_tuple_hash(const void *tuple);
int net_tuple_same(const void *a, const void *b);

/** NetTrackSide: what one end has sent, and may. */
typedef struct NetTrackSide {
  uint32_t end;     /* behind the last number sent */
  uint32_t max_end; /* behind the last that the other end's window allows */
  uint32_t max_win; /* largest window offered; 0: nothing seen yet */
  uint32_t max_ack;
  uint8_t scale;
  bool scales, sacks, liberal, closed_first, unacknowledged, acked;
} NetTrackSide;

typedef struct NetTrackTcp {
  NetTrackSide seen[2];
  NetTrackState state;
  uint32_t last_seq, last_ack, last_end;
  uint16_t last_window;
  uint8_t last_scale, last_kind, last_reply, retrans;
  bool last_scales, last_sacks;
  bool may_be_challenged; /* a SYN was let through in LAST_ACK */
  bool simultaneous;
} NetTrackTcp;

typedef struct NetFlow NetFlow;
struct NetFlow {
  NetTuple tuple[2]; /* as the first packet came; as replies come */
  NetFlow *newer, *older;
  SimTime began, heard, expires;
  uint64_t packets[2], bytes[2];
  bool confirmed; /* in the table: its first packet was let through */
  bool replied, assured;
  NetTrackTcp tcp;
  void *user; /* a translator's; NULL */
};

typedef struct NetTracker NetTracker;
struct NetTracker {
  Sim *sim;
  NetTrackSpec spec;
  NetFlow *oldest, *newest;
  uint32_t count;
  void *table; /* NetTuple -> NetFlow, both directions */
  /* `flow` is about to be freed, its time having come (nullable) */
  void (*forgot)(void *user, const NetFlow *flow);
  /* `flow`, which was confirmed, is about to be freed (nullable) */
  void (*removed)(void *user, const NetFlow *flow);
  void *user;
};

NetTracker *net_tracker_new(Sim *sim, const NetTrackSpec *spec);
void net_tracker_free(NetTracker *tracker);

/** net_tracker_clear: every flow is forgotten at once; only `removed` is told.
 */
void net_tracker_clear(NetTracker *tracker);

/** NetTrackedAs: bits, for rules to choose by. */
typedef enum NetTrackedAs {
  NET_TRACKED_NEW = 1 << 0,         /* begins a flow, or no reply was seen */
  NET_TRACKED_ESTABLISHED = 1 << 1, /* of a flow with packets both ways */
  NET_TRACKED_RELATED = 1 << 2,     /* an ICMP error about a flow's packet */
  NET_TRACKED_INVALID = 1 << 3,     /* belongs to nothing, or cannot be right */
} NetTrackedAs;

/** net_tracked_name: "ESTABLISHED" (transfer none). */
const char *net_tracked_name(NetTrackedAs as);

typedef struct NetTracked {
  NetTrackedAs as;
  NetFlow *flow; /* NULL: INVALID; RELATED: the flow that the error is about */
  bool reply;    /* goes the way of its replies */
  const char *reason; /* why it is INVALID (transfer none) */
} NetTracked;

/** net_tracker_judge: looks at `packet` and moves its flow's state. A new flow
 * must be settled. */
NetTracked net_tracker_judge(NetTracker *tracker, const NetPacket *packet,
                             const NetIp *ip);

/** net_tracker_settle: `tracked` was let through (or not): a new flow enters
 * the table or is freed. False if the table is full: drop the packet. */
bool net_tracker_settle(NetTracker *tracker, NetTracked *tracked,
                        bool accepted);

/** net_tracker_find: the flow that `tuple` belongs to, or NULL. `ret_reply`
 * (nullable): it is the second of its tuples. */
NetFlow *net_tracker_find(NetTracker *tracker, const NetTuple *tuple,
                          bool *ret_reply);

/** net_tracker_end: `flow`, confirmed, is forgotten at once. */
void net_tracker_end(NetTracker *tracker, NetFlow *flow);

/** net_tracker_sweep: frees what has had its time. */
void net_tracker_sweep(NetTracker *tracker);

/** net_tuple_of: of a whole datagram or the first fragment. False if there are
 * no ports to be read. */
bool net_tuple_of(const NetPacket *packet, const NetIp *ip, NetTuple *ret);

/** NetQuoted: the datagram that an ICMP error is about. */
typedef struct NetQuoted {
  NetTuple tuple;
  uint32_t l4; /* offset of its transport header in the error's body */
} NetQuoted;

/** net_quoted_of: what the ICMP or ICMPv6 error `packet` quotes. False if it
 * is no error; then `ret_reason` is NULL, or why (transfer none) it quotes
 * nothing usable. */
bool net_quoted_of(const NetPacket *packet, const NetIp *ip, NetQuoted *ret,
                   const char **ret_reason);

/** net_flow_format: as `conntrack -L` prints it, one line without its end.
 * Returns ret_text. */
char *net_flow_format(const NetFlow *flow, SimTime now, char *ret_text,
                      size_t size);
#define NET_FLOW_TEXT 400

/* -- conntrack_segment.c -- */

/** NetTrackSegment: what tracking needs of a TCP header. */
typedef struct NetTrackSegment {
  uint32_t seq, ack, sack; /* sack: highest right edge, else ack */
  uint32_t end;            /* behind its last number */
  uint16_t window;
  uint8_t flags;
  uint8_t scale;
  bool scales, sacks;
} NetTrackSegment;

/** net_track_segment: false, and why, if it cannot be used. */
bool net_track_segment(const NetPacket *packet, const NetIp *ip,
                       NetTrackSegment *ret, const char **ret_reason);

/* -- conntrack_tcp.c -- */

typedef enum NetTrackVerdict {
  NET_TRACK_TAKEN,
  NET_TRACK_IGNORED, /* passes, changes nothing */
  NET_TRACK_REFUSED, /* INVALID */
  NET_TRACK_REOPENS, /* the flow is to be forgotten and made anew */
  NET_TRACK_ENDED,   /* passes, and the flow is to be forgotten */
} NetTrackVerdict;

/** net_track_tcp_new: begins a flow with `segment`; false: not possible. */
bool net_track_tcp_new(NetTrackTcp *tcp, const NetTrackSegment *segment,
                       bool loose);

/** net_track_tcp: `segment` in the direction `reply`. Sets flow->expires and
 * flow->assured; `ret_reason` if it is refused. */
NetTrackVerdict net_track_tcp(NetFlow *flow, const NetTrackSpec *spec,
                              const NetTrackSegment *segment, bool reply,
                              SimTime now, const char **ret_reason);
