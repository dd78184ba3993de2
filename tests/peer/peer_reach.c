/* Each state by the shortest conversation that leads there. */
#include <string.h>

#include "peer.h"

static void syn_sent(Peer *t)
{
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460>");
}

void established(Peer *t)
{
  syn_sent(t);
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
}

void established_with_sack(Peer *t)
{
  peer_knob(t, "sack", 1);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,sackOK>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK>");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
}

static void syn_received(Peer *t)
{
  user_listens(t);
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
}

static void syn_received_active(Peer *t)
{
  syn_sent(t);
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
}

void established_passively(Peer *t)
{
  syn_received(t);
  peer_sends(t, ". 1:1(0) ack 1");
}

static void fin_wait_1(Peer *t)
{
  established(t);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 1:1(0) ack 1");
}

static void fin_wait_2(Peer *t)
{
  fin_wait_1(t);
  peer_sends(t, ". 1:1(0) ack 2");
}

static void close_wait(Peer *t)
{
  established(t);
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends(t, ". 1:1(0) ack 2");
}

static void closing(Peer *t)
{
  fin_wait_1(t);
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends(t, ". 2:2(0) ack 2");
}

static void last_ack(Peer *t)
{
  close_wait(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 2");
}

static void time_wait(Peer *t)
{
  fin_wait_2(t);
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
}

static void closed(Peer *t)
{
  (void)t;
}

void reaches(Peer *t, const char *state)
{
  static const struct {
    const char *state;
    void (*reach)(Peer *t);
  } ways[] = {
    { "CLOSED", closed },
    { "LISTEN", user_listens },
    { "SYN-SENT", syn_sent },
    { "SYN-RECEIVED", syn_received },
    { "SYN-RECEIVED/active", syn_received_active },
    { "ESTABLISHED", established },
    { "FIN-WAIT-1", fin_wait_1 },
    { "FIN-WAIT-2", fin_wait_2 },
    { "CLOSE-WAIT", close_wait },
    { "CLOSING", closing },
    { "LAST-ACK", last_ack },
    { "TIME-WAIT", time_wait },
  };
  g_autofree char *name = g_strndup(state, strcspn(state, "/"));

  for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++)
    if (strcmp(ways[i].state, state) == 0)
      ways[i].reach(t);
  host_is(t, name);
}
