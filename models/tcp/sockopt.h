/* Socket options by the names that programs know, SO_LINGER or TCP_CORK: one
 * table says which knob each of them is, or what else it means.
 *
 * Times, sizes and truths are knobs' values, not the integers of C: a time is
 * in ns, whatever unit a kernel takes.
 */
#pragma once

#include "tcp.h"

typedef enum TcpSockoptKind {
  TCP_SOCKOPT_KNOB,     /* a knob, as it is */
  TCP_SOCKOPT_NOT_KNOB, /* a knob of truth, turned round */
  TCP_SOCKOPT_QUICKACK, /* tcp_set_quickack(); asked: tcp_quickack() */
  TCP_SOCKOPT_MAXSEG,   /* a knob; asked of an open connection: its MSS */
  TCP_SOCKOPT_LINGER,   /* tcp_set_linger() */
  TCP_SOCKOPT_LINGER2,  /* tcp_set_linger2() */
  TCP_SOCKOPT_ERROR,    /* tcp_error(); only asked */
  TCP_SOCKOPT_INFO,     /* tcp_info() of info.h; only asked */
  TCP_SOCKOPT_UNREAD,   /* tcp_readable(); only asked */
  TCP_SOCKOPT_UNACKED,  /* tcp_outstanding(); only asked */
  TCP_SOCKOPT_UNSENT,   /* tcp_unsent(); only asked */
} TcpSockoptKind;

typedef struct TcpSockopt {
  const char *name;
  TcpSockoptKind kind;
  const char *knob; /* of KNOB, NOT_KNOB, QUICKACK, MAXSEG; NULL */
} TcpSockopt;

/** tcp_sockopt: the `index`-th of the table, or NULL past the end. */
const TcpSockopt *tcp_sockopt(unsigned index);

/** tcp_sockopt_find: by name, or NULL. Knobs' own names are not in the table.
 */
const TcpSockopt *tcp_sockopt_find(const char *name);

/** tcp_set_linger2: TCP_LINGER2. Below 0: no FIN-WAIT-2 after close, RST
 * instead; 0: what the host has; else its length in ns, at most 120 s. */
TcpError tcp_set_linger2(TcpConnection *conn, SimTime time);

/** tcp_linger2: what was set, or what holds; -1: no FIN-WAIT-2. */
SimTime tcp_linger2(const TcpConnection *conn);

/** tcp_set_quickack: TCP_QUICKACK. Where ACKs wait for answers (the knob
 * pingpong) it begins or ends a dialogue, and holds only until the next; else
 * it is the knob quickack. */
TcpError tcp_set_quickack(TcpConnection *conn, bool on);

/** tcp_quickack: may ACKs be quick? */
bool tcp_quickack(const TcpConnection *conn);

/** tcp_unread: Recv-Q of ss: bytes in sequence that nobody has received.
 * SIOCINQ is tcp_readable(): it ends before an urgent byte. */
uint32_t tcp_unread(const TcpConnection *conn);

/** tcp_outstanding: SIOCOUTQ: numbers queued and not yet acknowledged, the
 * FIN's included; 0 while opening. */
uint32_t tcp_outstanding(const TcpConnection *conn);

/** tcp_sockopt_set: tcp_knob_set() by a user before its connection is open: a
 * receive_buffer says the window scale, too. */
bool tcp_sockopt_set(TcpKnobs *knobs, const TcpKnob *knob, int64_t value);
