/* A scripted peer against linger's TCP, in exact virtual time.
 *
 *   host (the stack under test) ---- link, no rate ---- peer (the test)
 *   10.0.0.1:8080                                       10.0.0.2:5000
 *
 * A test reads as a conversation: what the peer sends, what the user calls,
 * what the host must send and at which nanosecond, in the notation
 *
 *   FLAGS first:end(bytes) [ack N] [win N] [urg N] [<option,option ...>]
 *   "P. 1:101(100) ack 1 win 65535 <TS val 10 ecr 20>"
 *
 * with numbers relative to each side's ISS. Both ISSs lie just below the wrap,
 * so that it falls into the first hundreds of bytes. An expectation without a
 * window does not look at it; everything else is exact. The host's timestamps
 * are relative too: its clock shows the virtual time in ms.
 *
 * Invariant: nothing that the host sends goes unseen: whatever comes next
 * (a segment, a call, the end) fails if a captured segment is left over.
 * Every change of state is traced, from the state that was traced before.
 * After a failure the rest of a test is skipped and the conversation so far is
 * printed.
 */
#pragma once

#include <glib.h>

#include "gate.h"
#include "segment.h"
#include "tcp.h"

#define HOST_ISS UINT32_C(0xffffff00)
#define PEER_ISS UINT32_C(0xfffffe80)
#define HOST_PORT 8080
#define PEER_PORT 5000

#define US(n) ((SimTime)(n)*SIM_MICROSECOND)
#define MS(n) ((SimTime)(n)*SIM_MILLISECOND)
#define S(n) ((SimTime)(n)*SIM_SECOND)

typedef struct Peer {
  Sim *sim;
  Net *net;
  NetHost *host, *peer;
  NetLink *link;
  TcpStack *stack;
  TcpListener *listener;
  TcpConnection *conn;    /* the user's, or NULL */
  bool hold_accept;       /* leave connections in the listener's queue */
  unsigned close_on;      /* TcpEvent bits: the user closes when told */
  uint16_t port;          /* of the peer; 0: it takes what is for any */
  unsigned events;        /* TcpEvent bits told and not yet asked for */
  uint32_t written, read; /* bytes of the user's */
  uint32_t ts_base;       /* host's timestamp at time 0, once seen */
  bool ts_known;
  uint8_t mark; /* NetEcn of what the peer sends */
  uint8_t ecn;  /* NetEcn of what the host sent last */
  SimTime delay;
  SimOwner owner;
  SimEvent tick;
  GQueue captured;         /* of Captured, not yet expected */
  NetPacket *first, *last; /* captured; maybe the same */
  GString *log;            /* the conversation */
  bool rules[TCP_RULES];   /* met since the last cause */
  GHashTable *states;      /* ports -> TcpState, as traced */
  bool failed;
} Peer;

/** peer_new: a host and a peer whose wire takes `delay`. Timestamps, window
 * scaling, SACK and limited transmit are off, unless a knob says otherwise. */
Peer *peer_new(SimTime delay);

/** peer_free: ends what is open and checks that nothing is left. */
void peer_free(Peer *t);

/** peer_knob: for connections that are opened from now on. */
void peer_knob(Peer *t, const char *name, int64_t value);

/** peer_profile: the knobs of `name`, but for what peer_new() sets and the
 * receive buffer of 65535 bytes. */
void peer_profile(Peer *t, const char *name);

/** linux_new, freebsd_new: with that profile; FreeBSD's has a receive buffer of
 * 64 KiB. */
Peer *linux_new(SimTime delay);
Peer *freebsd_new(void);

/** peer_fail: one line why, then the conversation. */
void peer_fail(Peer *t, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* -- the peer -- */

/** peer_sends: now. With no delay the host has judged it on return. */
void peer_sends(Peer *t, const char *text);

/** peer_packet: (transfer full) the same, to be damaged before it is put. */
NetPacket *peer_packet(Peer *t, const char *text);
void peer_puts(Peer *t, NetPacket *packet, NetAddress from, NetAddress to);

/** peer_family: over what the tests run: IPv6 if LINGER_FAMILY is 6. */
NetFamily peer_family(void);

/** peer_ip_size: bytes of an IP header of that family. */
uint16_t peer_ip_size(void);

/** peer_unreachable: ICMP destination unreachable about the host's last
 * segment; `code` is IPv4's. */
void peer_unreachable(Peer *t, uint8_t code);

/** peer_icmp: an error of IPv4's `type` and `code` about the host's last
 * segment, over IPv6 of what the two stand for there. */
void peer_icmp(Peer *t, uint8_t type, uint8_t code);

/** peer_too_big: ICMP says that the host's last segment was too big for a
 * path that takes datagrams of `mtu` bytes. */
void peer_too_big(Peer *t, uint32_t mtu);

/** peer_unreachable_first: the same, about the host's first. */
void peer_unreachable_first(Peer *t, uint8_t code);

/** host_sends, host_sends_at: the next segment that reaches the peer, now or
 * at `time`. */
void host_sends(Peer *t, const char *text);
void host_sends_at(Peer *t, SimTime time, const char *text);

/** host_sends_something: the next segment, whatever it is. */
void host_sends_something(Peer *t);

/** host_silent: nothing reaches the peer up to and including `until`. */
void host_silent(Peer *t, SimTime until);

/** runs_to: time passes; what is captured meanwhile is expected later. */
void runs_to(Peer *t, SimTime time);

/* -- what must be so -- */

void host_is(Peer *t, const char *state);

/** met: `rule` was traced since the last segment, call or expectation of
 * silence. */
void met(Peer *t, const char *rule);
void not_met(Peer *t, const char *rule);

/** told: the user was told of all of `events` (TcpEvent) since last asked. */
void told(Peer *t, unsigned events);
void not_told(Peer *t, unsigned events);

/** user_error: the pending error, and clears it. */
void user_error(Peer *t, const char *name);

/** number_is: `got` is `want`, called `what`. */
void number_is(Peer *t, const char *what, int64_t got, int64_t want);

/* -- the user -- */

void user_listens(Peer *t);
void user_unlistens(Peer *t);
void user_accepts(Peer *t);
void user_connects(Peer *t);
void user_connects_refused(Peer *t, const char *error);

/** user_sends: queues `count` bytes of the pattern; all must be taken. */
void user_sends(Peer *t, uint32_t count);
void user_sends_pushed(Peer *t, uint32_t count);
void user_sends_urgent(Peer *t, uint32_t count);
void user_sends_more(Peer *t, uint32_t count);
void user_send_refused(Peer *t, const char *error);

/** user_reads: exactly `count` bytes are there, and are the pattern's. */
void user_reads(Peer *t, uint32_t count);

/** user_reads_some: takes `count` of the bytes that are there. */
void user_reads_some(Peer *t, uint32_t count);

/** user_reads_end: RECEIVE says that the peer has finished. */
void user_reads_end(Peer *t);
void user_read_refused(Peer *t, const char *error);
void user_shuts(Peer *t, TcpShutdown how);
void user_closes(Peer *t);
void user_aborts(Peer *t);
void user_releases(Peer *t);
void user_lingers(Peer *t, SimTime time);
void user_sets(Peer *t, const char *knob, int64_t value);
TcpStatus user_status(Peer *t);

/** windows_are: CWND and SSTHRESH. */
void windows_are(Peer *t, uint32_t cwnd, uint32_t ssthresh);

/* -- states, by real handshakes (peer_reach.c) -- */

/** established: the host opened (passively: the peer did), both with MSS
 * 1460 and window 65535. */
void established(Peer *t);
void established_passively(Peer *t);

/** established_with_sack: the same, and both ends take SACKs. */
void established_with_sack(Peer *t);

/** reaches: any state by its name; "SYN-RECEIVED" passively,
 * "SYN-RECEIVED/active" by a simultaneous open. Afterwards SND.NXT is 1, or 2
 * where the host's FIN was sent, RCV.NXT likewise. */
void reaches(Peer *t, const char *state);

/* -- notation (peer_notation.c) -- */

/** peer_parse: the segment that `text` says; false if it is not notation. */
bool peer_parse(const Peer *t, const char *text, TcpSegment *ret);

/** peer_format: (transfer full) the notation of the host's `segment`. */
char *peer_format(const Peer *t, const TcpSegment *segment, bool window);

/** peer_pattern: the byte at relative number `seq` of either stream. */
static inline uint8_t peer_pattern(uint32_t seq)
{
  return (uint8_t)(seq * 31 + (seq >> 8));
}

/** peer_pattern_slice: (transfer full) `count` of them. */
NetSlice peer_pattern_slice(uint32_t seq, uint32_t count);

/** peer_rules_met: over all tests of the program so far. */
const bool *peer_rules_met(void);

/* -- the files of tests -- */
void add_arrives_tests(void);
void add_arrives_opening_tests(void);
void add_arrives_open_tests(void);
void add_arrives_closing_tests(void);
void add_close_order_tests(void);
void add_close_once_tests(void);
void add_time_wait_tests(void);
void add_opening_tests(void);
void add_options_tests(void);
void add_forged_tests(void);
void add_requirements_tests(void);
void add_records_tests(void);
void add_retransmission_tests(void);
void add_congestion_tests(void);
void add_rate_tests(void);
void add_prr_tests(void);
void add_cubic_tests(void);
void add_rack_tests(void);
void add_tail_loss_probe_tests(void);
void add_frto_tests(void);
void add_hystart_tests(void);
void add_pace_tests(void);
void add_ecn_tests(void);
void add_sack_tests(void);
void add_scoreboard_tests(void);
void add_window_tests(void);
void add_text_tests(void);
void add_path_mtu_tests(void);
void add_paws_tests(void);
void add_attacks_tests(void);
void add_icmp_tests(void);
void add_in_udp_tests(void);
void add_keepalive_tests(void);
void add_why_tests(void);
void add_crossing_tests(void);
void add_calls_tests(void);
void add_linux_giving_up_tests(void);
void add_linux_ending_tests(void);
void add_linux_acks_tests(void);
void add_linux_fin_ack_tests(void);
void add_linux_opening_tests(void);
void add_linux_probing_tests(void);
void add_linux_cubic_tests(void);
void add_linux_recovery_tests(void);
void add_linux_undo_tests(void);
void add_freebsd_tests(void);
void add_freebsd_settings_tests(void);
void add_sysctl_tests(void);
void add_sockopt_tests(void);
void add_sockopt_opening_tests(void);
void add_sockopt_info_tests(void);
