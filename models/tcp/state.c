#include "state.h"

#include <glib.h>

static const char *const state_names[TCP_STATES] = {
  [TCP_CLOSED] = "CLOSED",           [TCP_LISTEN] = "LISTEN",
  [TCP_SYN_SENT] = "SYN-SENT",       [TCP_SYN_RECEIVED] = "SYN-RECEIVED",
  [TCP_ESTABLISHED] = "ESTABLISHED", [TCP_FIN_WAIT_1] = "FIN-WAIT-1",
  [TCP_FIN_WAIT_2] = "FIN-WAIT-2",   [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
  [TCP_CLOSING] = "CLOSING",         [TCP_LAST_ACK] = "LAST-ACK",
  [TCP_TIME_WAIT] = "TIME-WAIT",
};

#define TO(state) (1u << TCP_##state)

/* Figure 5. CLOSED is reached from everywhere by ABORT, RST or a time-out.
 * SYN-RECEIVED to CLOSE-WAIT stands for the eighth step's "ESTABLISHED,
 * SYN-RECEIVED": a FIN that comes with the ACK of the SYN passes through
 * ESTABLISHED, so it is not listed. */
static const unsigned may_enter[TCP_STATES] = {
  [TCP_CLOSED] = TO(SYN_SENT) | TO(SYN_RECEIVED),
  [TCP_LISTEN] = TO(SYN_RECEIVED) | TO(SYN_SENT) | TO(CLOSED),
  [TCP_SYN_SENT] = TO(SYN_RECEIVED) | TO(ESTABLISHED) | TO(CLOSED),
  [TCP_SYN_RECEIVED] = TO(ESTABLISHED) | TO(FIN_WAIT_1) | TO(CLOSED),
  [TCP_ESTABLISHED] = TO(FIN_WAIT_1) | TO(CLOSE_WAIT) | TO(CLOSED),
  [TCP_FIN_WAIT_1] = TO(FIN_WAIT_2) | TO(CLOSING) | TO(TIME_WAIT) | TO(CLOSED),
  [TCP_FIN_WAIT_2] = TO(TIME_WAIT) | TO(CLOSED),
  [TCP_CLOSE_WAIT] = TO(LAST_ACK) | TO(CLOSED),
  [TCP_CLOSING] = TO(TIME_WAIT) | TO(CLOSED),
  [TCP_LAST_ACK] = TO(CLOSED),
  [TCP_TIME_WAIT] = TO(CLOSED),
};

const char *tcp_state_name(TcpState state)
{
  g_return_val_if_fail(state > 0 && state < TCP_STATES, "?");
  return state_names[state];
}

/* Equal but for case and for '-', '_' and nothing between words. */
static bool state_name_equal(const char *a, const char *b)
{
  for (; *a && *b; a++, b++) {
    char x = *a == '_' ? '-' : g_ascii_toupper(*a);

    if (x != *b)
      return false;
  }
  return *a == *b;
}

TcpState tcp_state_parse(const char *name)
{
  for (unsigned state = TCP_CLOSED; state < TCP_STATES; state++)
    if (state_name_equal(name, state_names[state]))
      return (TcpState)state;
  return (TcpState)0;
}

bool tcp_state_may_enter(TcpState from, TcpState to)
{
  return may_enter[from] >> to & 1;
}
