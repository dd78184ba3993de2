/* tcpdrop: connections that the administrator ends, all (-a), those in a state
 * (-s STATE), or one by its four names. */
#include <string.h>

#include "pkt_command.h"

typedef struct TcpDrop {
  const char *state; /* NULL: any */
  GArray *pairs;     /* of TcpPair */
} TcpDrop;

static void collect(void *user, const TcpPair *pair, TcpState state)
{
  TcpDrop *it = user;
  g_autofree char *name = pkt_state_name(state);

  if (!it->state || g_str_equal(it->state, name))
    g_array_append_val(it->pairs, *pair);
}

static void drop_all(TcpStack *stack, const char *state)
{
  TcpDrop it = { state, g_array_new(FALSE, FALSE, sizeof(TcpPair)) };

  tcp_each(stack, collect, &it);
  for (guint i = 0; i < it.pairs->len; i++)
    tcp_drop(stack, &g_array_index(it.pairs, TcpPair, i));
  g_array_unref(it.pairs);
}

static bool read_end(char **words, TcpEnd *ret)
{
  guint64 port;

  if (!net_address_parse(words[0], &ret->address) ||
      !g_ascii_string_to_unsigned(words[1], 10, 1, UINT16_MAX, &port, NULL))
    return false;
  ret->port = (uint16_t)port;
  return true;
}

static bool is_state(const char *name)
{
  for (TcpState state = TCP_CLOSED; state <= TCP_TIME_WAIT; state++) {
    g_autofree char *known = pkt_state_name(state);

    if (g_str_equal(known, name))
      return state != TCP_CLOSED && state != TCP_LISTEN;
  }
  return false;
}

PktOutcome pkt_tcpdrop(PktShell *shell, char **words)
{
  TcpStack *stack = shell->it->stack;
  guint count = g_strv_length(words);
  TcpPair pair;

  if (count == 2 && g_str_equal(words[1], "-a")) {
    drop_all(stack, NULL);
  } else if (count == 3 && g_str_equal(words[1], "-s") && is_state(words[2])) {
    drop_all(stack, words[2]);
  } else if (count == 5 && read_end(words + 1, &pair.local) &&
             read_end(words + 3, &pair.remote)) {
    if (!tcp_drop(stack, &pair))
      return pkt_shell_bad(shell, "tcpdrop: there is no such connection");
  } else {
    return pkt_unsupported(shell->it, shell->place,
                           "tcpdrop is understood as tcpdrop -a, -s STATE "
                           "(SYN_SENT to TIME_WAIT), or LADDR LPORT FADDR "
                           "FPORT");
  }
  return PKT_DONE;
}
