/* TCP as others see it: stacks, listeners, connections, the user's calls.
 *
 * The reference is RFC 9293; a bare section number in this folder is one of
 * its. The calls are those of 3.10.1 to 3.10.6 plus what sockets added to the
 * ways of closing.
 *
 * A cause (a call, a segment, a time-out) opens a turn on one connection and
 * changes state. At its end, once: the user is told what became true, then
 * output, then the invariants are checked, then the connection is freed if it
 * is CLOSED and released. Calls made from inside a notification nest in the
 * turn and only change state. Nothing is freed in its own callback.
 */
#pragma once

#include "host.h"
#include "knobs.h"
#include "rules.h"
#include "state.h"

typedef struct TcpStack TcpStack;
typedef struct TcpListener TcpListener;
typedef struct TcpConnection TcpConnection;

/** TcpError: what a call answers. 0 is success, names are errno's. */
typedef enum TcpError {
  TCP_OK,
  TCP_EAGAIN, /* nothing to do now: no data, no room, no connection */
  TCP_EINVAL, /* the call makes no sense for this object */
  TCP_EISCONN,
  TCP_ENOTCONN,
  TCP_EPIPE, /* sending after close or shutdown */
  TCP_EADDRINUSE,
  TCP_EADDRNOTAVAIL,
  TCP_ENETUNREACH,
  TCP_EHOSTUNREACH,
  TCP_ECONNREFUSED,
  TCP_ECONNRESET,
  TCP_ECONNABORTED,
  TCP_ETIMEDOUT,
  TCP_ENOPROTOOPT,
  TCP_EMSGSIZE,
  TCP_ENOBUFS,
  TCP_EPROTO,
  TCP_EOPNOTSUPP,
  TCP_EHOSTDOWN,
  TCP_ENONET,
  TCP_EACCES,
} TcpError;

/** tcp_error_name: "ECONNRESET" (transfer none). */
const char *tcp_error_name(TcpError error);

/** tcp_error_text: one short sentence (transfer none). */
const char *tcp_error_text(TcpError error);

/** TcpEnd: an address and a port. */
typedef struct TcpEnd {
  NetAddress address;
  uint16_t port;
} TcpEnd;

/** TcpPair: a connection's name, seen from one host. */
typedef struct TcpPair {
  TcpEnd local;
  TcpEnd remote;
} TcpPair;

/** TcpEvent: what became true, told at the end of a turn (bits). */
typedef enum TcpEvent {
  TCP_EVENT_ESTABLISHED = 1 << 0, /* data may be sent */
  TCP_EVENT_READABLE = 1 << 1,    /* more data in sequence */
  TCP_EVENT_WRITABLE = 1 << 2,    /* a full send buffer has room again */
  TCP_EVENT_PEER_CLOSED = 1 << 3, /* the peer's FIN was reached */
  TCP_EVENT_FIN_ACKED = 1 << 4,   /* our FIN is acknowledged */
  TCP_EVENT_CLOSED = 1 << 5,      /* over; tcp_error() says how */
  TCP_EVENT_URGENT = 1 << 6,      /* RCV.UP advanced (MUST-32) */
  TCP_EVENT_STATE = 1 << 7,       /* the state changed */
  TCP_EVENT_ACKED = 1 << 8,       /* SND.UNA advanced over data */
  TCP_EVENT_DOUBTFUL = 1 << 9,    /* R1 was reached (MUST-47, SHLD-9) */
} TcpEvent;

/** TcpNotify: `events` are TcpEvent bits. Every call is allowed here. */
typedef void (*TcpNotify)(void *user, TcpConnection *conn, unsigned events);

/** TcpAcceptable: a connection waits in `listener`'s queue. */
typedef void (*TcpAcceptable)(void *user, TcpListener *listener);

/* -- stacks -- */

/** tcp_stack_new: TCP for `host`, attached to it. Knobs are copied (NULL: the
 * rfc9293 profile's). ISNs (RFC 6528) and ports come from streams named after
 * the host. */
TcpStack *tcp_stack_new(NetHost *host, const TcpKnobs *knobs);

/** tcp_stack_of: the stack of `host`, or NULL. */
TcpStack *tcp_stack_of(const NetHost *host);
NetHost *tcp_stack_host(const TcpStack *stack);

/** tcp_stack_knobs: to change what later connections get. */
TcpKnobs *tcp_stack_knobs(TcpStack *stack);

/** tcp_stack_crash: the host's memory is gone: every connection is CLOSED at
 * once with nothing sent (its user is told ECONNABORTED), every listener gone
 * (its user is not told and must not touch it), every raw end, too. Later
 * connections get new initial numbers and timestamps (RFC 6528). Not from
 * inside a notification. */
void tcp_stack_crash(TcpStack *stack);

/** tcp_drop: the administrator (tcpdrop, ss -K) ends what is called `pair`: its
 * peer gets RST, its user ECONNABORTED; TIME-WAIT ends silently. False: there
 * is none. Not from inside a notification. */
bool tcp_drop(TcpStack *stack, const TcpPair *pair);

/** TcpStackCounters: since the start. */
typedef struct TcpStackCounters {
  uint64_t segments_received, segments_sent, retransmitted;
  uint64_t bad_checksum, malformed, resets_sent, resets_received;
  uint64_t active_opens, passive_opens, failed, challenge_acks;
  uint64_t listen_overflows;
  uint64_t connections; /* control blocks that exist now */
  uint64_t time_waits;  /* TIME-WAIT records that exist now */
} TcpStackCounters;
const TcpStackCounters *tcp_stack_counters(const TcpStack *stack);

/** tcp_refuse: answers `packet` (taken over), a TCP segment, as a port does on
 * which nobody listens (3.10.7.1), whoever does. */
void tcp_refuse(TcpStack *stack, NetPacket *packet, const NetIp *ip);

/* -- opening (3.10.1) -- */

/**
 * tcp_listen: a passive OPEN.
 * @address: one that the host speaks for (net_host_speaks_for()), or any
 * @backlog: connections that may wait to be accepted; 0: the knob's
 * @knobs: (nullable): copied; what accepted connections start with
 * Returns: (transfer none) until tcp_listener_close(), or NULL with
 * EADDRINUSE, EADDRNOTAVAIL in `ret_error`.
 */
TcpListener *tcp_listen(TcpStack *stack, NetAddress address, uint16_t port,
                        unsigned backlog, const TcpKnobs *knobs,
                        TcpAcceptable acceptable, void *user,
                        TcpError *ret_error);

/** tcp_bind: an end that is only bound: it says nothing, but what segments to
 * it are answered with may be as `knobs` (nullable, copied) want it. Returns:
 * (transfer none) until tcp_listener_close(). */
TcpListener *tcp_bind(TcpStack *stack, TcpEnd local, const TcpKnobs *knobs);

/** tcp_accept: the oldest waiting connection (transfer full: release it), or
 * NULL. What happened to it before (text, a FIN, its end) was told to nobody:
 * look. */
TcpConnection *tcp_accept(TcpListener *listener, TcpNotify notify, void *user);

uint16_t tcp_listener_port(const TcpListener *listener);

/** tcp_listener_waiting: connections that tcp_accept() would give. */
unsigned tcp_listener_waiting(const TcpListener *listener);

/** tcp_listener_close: CLOSE of LISTEN. Connections nobody accepted are
 * reset; half-open ones are forgotten. */
void tcp_listener_close(TcpListener *listener);

/**
 * tcp_connect: an active OPEN.
 * @local: (nullable): address any, port 0: chosen (RFC 6056); an address that
 * is another's if the host speaks for it
 * @knobs: (nullable): copied
 * Returns: (transfer full) in SYN-SENT, or NULL with EADDRINUSE,
 * EADDRNOTAVAIL, ENETUNREACH, EINVAL in `ret_error`.
 */
TcpConnection *tcp_connect(TcpStack *stack, const TcpEnd *local, TcpEnd remote,
                           const TcpKnobs *knobs, TcpNotify notify, void *user,
                           TcpError *ret_error);

/* -- using (3.10.2, 3.10.3) -- */

/**
 * tcp_send: SEND. Queues as much of `data` as the send buffer has room for.
 * @data: (transfer full), whatever is answered
 * @push: set PSH on the last byte (TCP without Nagle's knob still coalesces)
 * @urgent: the last byte is the end of urgent data
 * @ret_taken: (nullable): bytes queued
 * Errors: EPIPE after CLOSE or shutdown or an end; ENOTCONN in CLOSED; EAGAIN
 * if there was no room at all; the pending error, once. In SYN-SENT and
 * SYN-RECEIVED data is queued.
 */
TcpError tcp_send(TcpConnection *conn, NetSlice data, bool push, bool urgent,
                  uint32_t *ret_taken);

/** tcp_send_more: the same, and more will follow (MSG_MORE): what does not fill
 * a segment waits for the next SEND, an acknowledgment, the FIN, or as long as
 * it would under TCP_CORK. */
TcpError tcp_send_more(TcpConnection *conn, NetSlice data, bool urgent,
                       uint32_t *ret_taken);

/** tcp_send_record: as tcp_send(), pushed, and the last byte ends a record: no
 * segment carries it together with what follows (MSG_EOR). */
TcpError tcp_send_record(TcpConnection *conn, NetSlice data,
                         uint32_t *ret_taken);

/**
 * tcp_receive: RECEIVE. The next bytes in sequence, from one slice.
 * @most: upper bound, bytes (> 0)
 * @ret: (transfer full); length 0 with TCP_OK is the peer's FIN
 * Errors: EAGAIN nothing there yet; the pending error (ECONNRESET, ETIMEDOUT,
 * ...) once all data is read, reported once; ENOTCONN.
 */
TcpError tcp_receive(TcpConnection *conn, uint32_t most, NetSlice *ret);

/** tcp_peek: the same, and all of it stays to be received (MSG_PEEK). As many
 * bytes as there are, in one slice; no window opens. */
TcpError tcp_peek(TcpConnection *conn, uint32_t most, NetSlice *ret);

/* -- ending (3.10.4, 3.10.5) -- */

typedef enum TcpShutdown {
  TCP_SHUTDOWN_RECEIVE = 1,
  TCP_SHUTDOWN_SEND = 2,
  TCP_SHUTDOWN_BOTH = 3,
} TcpShutdown;

/** tcp_listener_shutdown: RECEIVE or BOTH ends listening as
 * tcp_listener_close() does, but `listener` stays; SEND does nothing. */
TcpError tcp_listener_shutdown(TcpListener *listener, TcpShutdown how);

/** tcp_shutdown: CLOSE of one direction: a half-close (3.6). SEND queues a
 * FIN behind the data; RECEIVE only refuses further reading. ENOTCONN in
 * CLOSED, LISTEN. */
TcpError tcp_shutdown(TcpConnection *conn, TcpShutdown how);

/** tcp_close: the user wants no more, in either direction. FIN behind queued
 * data; RST instead if unread data is there (3.6.1, RFC 2525 2.17) or if
 * linger is on with time 0. The object lives until tcp_release(). */
TcpError tcp_close(TcpConnection *conn);

/** tcp_abort: ABORT: RST if the state calls for one, and CLOSED. */
TcpError tcp_abort(TcpConnection *conn);

/** tcp_release: the user drops its reference; no notification comes any more.
 * Implies tcp_close(). */
void tcp_release(TcpConnection *conn);

/* -- asking and setting (3.10.6) -- */

TcpState tcp_state(const TcpConnection *conn);
TcpPair tcp_pair(const TcpConnection *conn);
TcpStack *tcp_stack(const TcpConnection *conn);

/** tcp_error: the pending error, and clears it (SO_ERROR); else what ICMP said,
 * if icmp_may_reset is 3. */
TcpError tcp_error(TcpConnection *conn);

/** tcp_readable, tcp_writable: bytes that RECEIVE or SEND would move now. */
uint32_t tcp_readable(const TcpConnection *conn);
uint32_t tcp_writable(const TcpConnection *conn);

/** tcp_send_ready: would a writer that had to wait be woken? Half of
 * notsent_lowat is left then, and with send_overhead a third of the room is
 * free. */
bool tcp_send_ready(const TcpConnection *conn);

/** tcp_send_memory: bytes that the send queue takes, and how many it may: its
 * pieces' send_overhead counts. */
void tcp_send_memory(const TcpConnection *conn, int64_t *ret_used,
                     int64_t *ret_most);

/** tcp_send_waits: must a SEND that waits for room go on waiting, until
 * TCP_EVENT_WRITABLE or the end? One that does not wait need not ask. */
bool tcp_send_waits(const TcpConnection *conn);

/** tcp_unsent: bytes queued and never sent; tcp_unacknowledged: sent and not
 * yet acknowledged. FIN and SYN do not count. */
uint32_t tcp_unsent(const TcpConnection *conn);
uint32_t tcp_unacknowledged(const TcpConnection *conn);

/** tcp_receive_buffer: the receive buffer's size now, bytes (SO_RCVBUF): the
 * knob's, or rounded up by whole_segments. */
uint32_t tcp_receive_buffer(const TcpConnection *conn);

/** tcp_set_user: who is told from now on (nullable). */
void tcp_set_user(TcpConnection *conn, TcpNotify notify, void *user);
void *tcp_user(const TcpConnection *conn);

/** tcp_set_linger: SO_LINGER. `on` with `time` 0 makes close an abort; with
 * a longer time the caller's close blocks, which is the caller's business:
 * wait for FIN_ACKED or CLOSED. */
void tcp_set_linger(TcpConnection *conn, bool on, SimTime time);
bool tcp_linger(const TcpConnection *conn, SimTime *ret_time);

/** tcp_set_knob: one of this connection's knobs, by its name in knobs.def,
 * taking effect at once where it can. ENOPROTOOPT: no such name; EINVAL: out
 * of range; ENOBUFS: a buffer above buffer_limit. */
TcpError tcp_set_knob(TcpConnection *conn, const char *name, int64_t value);
const TcpKnobs *tcp_knobs(const TcpConnection *conn);

/** tcp_listener_set_knob: what connections get that come from now on. */
TcpError tcp_listener_set_knob(TcpListener *listener, const char *name,
                               int64_t value);
const TcpKnobs *tcp_listener_knobs(const TcpListener *listener);

/** tcp_is_listening: would a SYN to `local` find a listener? */
bool tcp_is_listening(const TcpStack *stack, const TcpEnd *local);

/** tcp_find: the connection of `stack` with this name, or NULL (TIME-WAIT
 * records are not connections; tcp_status_of() finds them). */
TcpConnection *tcp_find(const TcpStack *stack, const TcpPair *pair);

/** tcp_each: calls `func` for each pair in any state but CLOSED and LISTEN:
 * connections in order of creation, then TIME-WAIT records by expiry. */
void tcp_each(const TcpStack *stack,
              void (*func)(void *user, const TcpPair *pair, TcpState state),
              void *user);

/** TcpStatus: STATUS: the variables of a connection, by the RFC's names. */
typedef struct TcpStatus {
  TcpState state;
  TcpPair pair;
  struct {
    uint32_t una, nxt, wnd, up, wl1, wl2, iss;
  } snd;
  struct {
    uint32_t nxt, wnd, up, irs; /* up: how much is urgent (MUST-33) */
  } rcv;
  uint32_t cwnd, ssthresh, mss, flight;
  uint32_t unsent, unread;
  uint32_t retries;          /* of the segment in question, so far */
  SimTime srtt, rttvar, rto; /* ns; srtt 0: no sample yet */
  SimTime timer_at;          /* when the first timer would fire, or NEVER */
  const char *timer;         /* its name, or NULL */
  uint8_t snd_scale, rcv_scale;
  bool timestamps;
  bool fin_sent, fin_acked, fin_received;
  TcpError error;
} TcpStatus;
void tcp_status(const TcpConnection *conn, TcpStatus *ret);

/** tcp_status_of: the same for a pair, be it a connection or a TIME-WAIT
 * record. False if there is none. */
bool tcp_status_of(const TcpStack *stack, const TcpPair *pair, TcpStatus *ret);

/* -- what TCP tells the trace bus: kinds 16-31 -- */
enum {
  TCP_TRACE_STATE = 16, /* TcpTraceState */
  TCP_TRACE_SEGMENT,    /* a segment was judged: TcpTraceSegment */
  TCP_TRACE_CALL,       /* a user called: TcpTraceCall */
  TCP_TRACE_TIMER,      /* TcpTraceTimer */
  TCP_TRACE_TURN,       /* a turn ended: const TcpTraceTurn */
};

/** TcpTraceState: `pair` went from one state to another because of `rule`. */
typedef struct TcpTraceState {
  TcpStack *stack;
  const TcpPair *pair;
  TcpState from, to;
  TcpRule rule;
  uint32_t iss, irs;
} TcpTraceState;

/** TcpTraceSegment: what became of a received segment. One record for each
 * rule that a segment met: a drop, a reply, or its acceptance. */
typedef struct TcpTraceSegment {
  TcpStack *stack;
  const TcpPair *pair;
  TcpState state; /* in which it was met; TCP_CLOSED: there was nothing */
  const NetPacket *packet;
  TcpRule rule;
} TcpTraceSegment;

typedef struct TcpTraceCall {
  TcpStack *stack;
  const TcpPair *pair;
  TcpState state;   /* before the call */
  const char *call; /* "OPEN", "SEND", "RECEIVE", "CLOSE", "ABORT", ... */
  uint32_t length;  /* bytes moved; asked for, if none were */
  TcpError error;
  uint32_t asked;                 /* SEND: bytes */
  bool more, urgent, ends_record; /* SEND */
  TcpShutdown shutdown;           /* SHUTDOWN */
} TcpTraceCall;

typedef struct TcpTraceTimer {
  TcpStack *stack;
  const TcpPair *pair;
  const char *timer; /* "retransmission", "persist", "time-wait", ... */
  TcpRule rule;      /* why it expired */
  uint32_t count;    /* which time in a row, from 1 */
} TcpTraceTimer;

typedef struct TcpTraceTurn {
  TcpStack *stack;
  const TcpConnection *conn; /* ask tcp_status() */
} TcpTraceTurn;
