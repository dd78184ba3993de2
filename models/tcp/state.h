/* The eleven states of 3.3.2, and Figure 5 as a table. */
#pragma once

#include <stdbool.h>

typedef enum TcpState {
  TCP_CLOSED = 1,
  TCP_LISTEN,
  TCP_SYN_SENT,
  TCP_SYN_RECEIVED,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT_1,
  TCP_FIN_WAIT_2,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_LAST_ACK,
  TCP_TIME_WAIT,
} TcpState;

#define TCP_STATES 12 /* size of a table indexed by TcpState */

/** tcp_state_name: "FIN-WAIT-1" (transfer none). */
const char *tcp_state_name(TcpState state);

/** tcp_state_parse: by name, case-insensitive, '-' or '_'; 0 if unknown. */
TcpState tcp_state_parse(const char *name);

/** tcp_state_may_enter: does Figure 5 (and the errata, and aborts) have an
 * arrow from `from` to `to`? */
bool tcp_state_may_enter(TcpState from, TcpState to);
