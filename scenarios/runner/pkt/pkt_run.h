/* A script being run: a host with linger's TCP under test, and across a link
 * that takes no time the script, which is the rest of the world.
 *
 *   statements --> clock (pkt_run.c) --+-- packets in, out (pkt_packet.c,
 *                                      |     pkt_match.c), the link
 * (pkt_world.c)
 *                                      +-- system calls (pkt_call*.c)
 *                                      +-- code (pkt_code.c), commands
 *                                            (pkt_command.c)
 *
 * Statements run in the order of the script, each at its time; the first that
 * does not come true ends it. What the host sends is captured in order and
 * waits for the statement that expects it.
 *
 * At most one system call waits at a time: one that was written with the time
 * of its return (+0...0.2). Statements that are no calls go on meanwhile.
 */
#pragma once

#include "pkt_config.h"
#include "run.h"

/** PktOutcome: how far something got. */
typedef enum PktOutcome {
  PKT_DONE,
  PKT_WAITS,  /* a call: nothing to return yet */
  PKT_FAILED, /* run->failure says why */
} PktOutcome;

/** PktSent: a packet that the host sent. */
typedef struct PktSent PktSent;
struct PktSent {
  PktSent *next;
  SimTime time;
  TcpRule rule;
  NetIp ip;
  TcpSegment segment; /* of TCP; no payload slice */
  bool ae;            /* the flag that TcpSegment has not */
  uint8_t head[NET_HEAD_MAX];
  uint16_t l4, head_length;
  uint32_t payload;
  uint8_t
      quoted[NET_IPV6_SIZE + TCP_HEADER_SIZE]; /* of ICMP: what it is about */
  uint32_t quoted_size;
  bool in_udp; /* then l4 is the segment's all the same, and ip its */
  uint16_t udp_source, udp_destination;
};

/** PktFlow: the connection whose packets the script talks of, as packetdrill
 * has it: one at a time, the newest. Script numbers count from the initial
 * sequence numbers, but a SYN's own, which is as written. */
typedef struct PktFlow {
  TcpEnd local, remote; /* remote.port 0: not known yet */
  PktProtocol protocol;
  bool listening;      /* the next SYN that arrives begins a new flow */
  bool connecting;     /* connect() was called, its SYN not seen yet */
  bool known_local;    /* local_isn is the host's */
  bool known_remote;   /* remote_isn is that of the SYN that opens */
  uint32_t script_isn; /* what the script writes for local_isn */
  uint32_t local_isn;
  uint32_t remote_isn;
  GHashTable *ts_values; /* script's value to the host's */
  bool has_first_ts;
  uint32_t first_script_ts, first_host_ts;
} PktFlow;

typedef struct PktFd PktFd;

typedef struct PktRun {
  Run *run;
  const PktScript *script;
  PktConfig config;
  const char *profile;
  /* the world */
  NetHost *host, *remote;
  TcpStack *stack;
  TcpStackCounters counted; /* when nstat showed them last */
  NetLink *link;
  SimOwner owner;
  SimEvent tick;
  bool dropping; /* what the host sends is lost (a queue of no packets) */
  PktSent *sent, **sent_end;
  PktFlow flow;
  uint16_t next_port; /* of the next connection that arrives */
  unsigned udp_ports; /* given so far to sockets that had none */
  /* the clock */
  const PktStatement *now;    /* the statement being run */
  const PktStatement *before; /* the one before it */
  SimTime planned;            /* when `now` is to happen */
  SimTime planned_to;         /* the end of its range */
  SimTime previous;           /* when `before` was to happen */
  bool waking;                /* something happened that a call may wait for */
  bool capturing;             /* stop as soon as a packet is sent */
  bool returning;             /* stop as soon as the call returns */
  /* system calls */
  GPtrArray *fds;              /* of PktFd, by number; NULL where closed */
  guint free_from;             /* from 3 to below it none is free */
  guint epolls;                /* of the fds */
  const PktStatement *waiting; /* the call that waits */
  SimTime wait_until;          /* when it is to return */
  struct PktCalling *calling;
  GHashTable *variables; /* of code: name to int64_t */
  /* what came of it */
  char *failure;    /* a message with its place; NULL: none */
  GString *details; /* lines below it */
  GString *printed; /* by print() */
  bool unsupported; /* the script asks for what is not simulated */
  bool fatal;       /* also with --non_fatal: there is nothing to go on with */
} PktRun;

/* -- pkt_run.c -- */

/** pkt_run_new: the world that `script` needs, at time 0. `options` are those
 * of the command line, name and value by turns. NULL and why. */
PktRun *pkt_run_new(const PktScript *script, const char *profile,
                    const char *const *options, const RunOptions *run_options,
                    GError **error);

/** pkt_run_play: runs it. True if all came true. */
bool pkt_run_play(PktRun *it);

/** pkt_run_free: NULL is ignored. */
void pkt_run_free(PktRun *it);

/** pkt_profile: the one that a script is written for: a script that sets
 * net.inet.* means freebsd, others linux. */
const char *pkt_profile(const char *text);

/** pkt_fail: notes why the script failed, the first time; PKT_FAILED. */
PktOutcome pkt_fail(PktRun *it, PktPlace place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** pkt_unsupported: the same, for what linger cannot simulate. */
PktOutcome pkt_unsupported(PktRun *it, PktPlace place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** pkt_malformed: the same, for what is not written as it must be. */
PktOutcome pkt_malformed(PktRun *it, PktPlace place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** pkt_advance: goes on until `until`. A call that waits goes on when it can.
 * With it->capturing it comes back when a packet was sent, with it->returning
 * when the call has returned. */
PktOutcome pkt_advance(PktRun *it, SimTime until);

/** pkt_check_time: did what was planned for `from` (to `to`, 0: no range)
 * happen in time at `at`? `before` is when the statement before was planned.
 */
PktOutcome pkt_check_time(PktRun *it, PktPlace place, const char *what,
                          SimTime from, SimTime to, SimTime at, SimTime before);

/* -- pkt_world.c -- */

bool pkt_world_build(PktRun *it, char **ret_problem);
void pkt_world_clear(PktRun *it);

/** pkt_world_put: a frame's IP payload arrives from the remote side now.
 * Takes `packet` (l3, l4, head from l4 on, payload) over. `from` says what it
 * stands in. */
void pkt_world_put(PktRun *it, const PktPacket *from, NetPacket *packet,
                   NetIp *ip);
PktSent *pkt_world_take(PktRun *it); /* the oldest, (transfer full) or NULL */

/* -- pkt_packet.c, pkt_icmp.c -- */

PktOutcome pkt_packet_in(PktRun *it, const PktPacket *packet);
PktOutcome pkt_packet_out(PktRun *it, const PktPacket *packet);
PktOutcome pkt_icmp_in(PktRun *it, const PktPacket *packet);

/** pkt_icmp_build: (transfer full) the error that arrives, and its IP fields;
 * NULL: the run has failed. */
NetPacket *pkt_icmp_build(PktRun *it, const PktPacket *packet, NetIp *ret_ip);

/** pkt_icmp_name: appends "unreachable host_unreachable", or numbers:
 * "type_3 code_20". */
void pkt_icmp_name(GString *out, uint8_t type, uint8_t code, bool ipv4);

/** pkt_find_timestamps: the two numbers of the option among `options`, or
 * NULL. */
uint8_t *pkt_find_timestamps(uint8_t *options, unsigned size);

/** pkt_icmp_of, pkt_icmp_sent: a packet of ICMP as a text: the script's, and
 * what the host sent, as far as `packet` states it. */
void pkt_icmp_of(GString *out, const PktPacket *packet);
void pkt_icmp_sent(GString *out, const PktRun *it, const PktPacket *packet,
                   const PktSent *sent);

/** pkt_packet_build: (transfer full) the TCP packet that arrives, complete from
 * its l4 header on, and its IP fields; NULL: the run has failed. */
NetPacket *pkt_packet_build(PktRun *it, const PktPacket *packet, NetIp *ret_ip);

/** pkt_continues: may `next` be the segment behind `sent`, of the same
 * stretch? */
bool pkt_continues(const PktSent *sent, const PktSent *next);

/** pkt_compare: is the stretch from `sent` to `last`, of `length` bytes, what
 * `packet` says? Else the run has failed, and its details show both. */
PktOutcome pkt_compare(PktRun *it, const PktPacket *packet, const PktSent *sent,
                       const PktSent *last, uint32_t length);

/** pkt_nothing_sent: fails: nothing came, or `taken` bytes of it. */
PktOutcome pkt_nothing_sent(PktRun *it, const PktPacket *packet,
                            uint32_t taken);

/* -- pkt_call.c -- */

PktOutcome pkt_call_start(PktRun *it, const PktStatement *statement);

/** pkt_call_again: something happened: goes on with the call that waits. */
PktOutcome pkt_call_again(PktRun *it);

/** pkt_call_wait: until no call waits. */
PktOutcome pkt_call_wait(PktRun *it);
void pkt_call_clear(PktRun *it);

/* -- pkt_code.c, pkt_command.c -- */

PktOutcome pkt_code_run(PktRun *it, const PktStatement *statement);
PktOutcome pkt_command_run(PktRun *it, const PktStatement *statement);
