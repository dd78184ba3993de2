/* The states that are measured, as lists of steps. Invariant: a list is a real
 * conversation; no state is poked into the kernel. Unless a name says otherwise
 * the kernel has opened actively, so that it has seen one number acknowledged:
 * its own SYN. */

#include "variants.h"

#include <netinet/tcp.h>
#include <string.h>

#define PASSIVE bench_listen, bench_peer_syn, bench_peer_ack, bench_accept
#define ESTABLISHED bench_connect, bench_peer_syn_ack
#define FULL bench_connect_small, bench_peer_syn_ack, bench_peer_fill

const Variant variants[] = {
  { "CLOSED", TCP_CLOSE, false, { NULL } },
  { "LISTEN", TCP_LISTEN, false, { bench_listen } },
  { "SYN-SENT", TCP_SYN_SENT, false, { bench_connect } },
  { "SYN-RCVD", TCP_SYN_RECV, false, { bench_listen, bench_peer_syn } },
  { "SYN-RCVD/unlistened",
    TCP_SYN_RECV,
    false,
    { bench_listen, bench_peer_syn, bench_unlisten } },
  { "SYN-RCVD/simultaneous",
    TCP_SYN_RECV,
    false,
    { bench_connect, bench_peer_syn } },
  { "ESTAB", TCP_ESTABLISHED, false, { ESTABLISHED } },
  { "ESTAB/passive", TCP_ESTABLISHED, false, { PASSIVE, bench_unlisten } },
  { "ESTAB/data", TCP_ESTABLISHED, false, { ESTABLISHED, bench_write } },
  { "ESTAB/zero", TCP_ESTABLISHED, true, { FULL } },
  { "FIN-WAIT-1", TCP_FIN_WAIT1, false, { ESTABLISHED, bench_shutdown } },
  { "FIN-WAIT-1/data",
    TCP_FIN_WAIT1,
    false,
    { ESTABLISHED, bench_write, bench_shutdown } },
  { "FIN-WAIT-1/zero", TCP_FIN_WAIT1, true, { FULL, bench_shutdown } },
  { "FIN-WAIT-1/both",
    TCP_FIN_WAIT1,
    false,
    { ESTABLISHED, bench_shutdown_both } },
  { "FIN-WAIT-1/orphan", TCP_FIN_WAIT1, false, { ESTABLISHED, bench_close } },
  { "FIN-WAIT-1/data/orphan",
    TCP_FIN_WAIT1,
    false,
    { ESTABLISHED, bench_write, bench_close } },
  { "FIN-WAIT-2",
    TCP_FIN_WAIT2,
    false,
    { ESTABLISHED, bench_shutdown, bench_peer_ack } },
  { "FIN-WAIT-2/zero",
    TCP_FIN_WAIT2,
    true,
    { FULL, bench_shutdown, bench_peer_ack } },
  { "FIN-WAIT-2/both",
    TCP_FIN_WAIT2,
    false,
    { ESTABLISHED, bench_shutdown_both, bench_peer_ack } },
  { "FIN-WAIT-2/orphan",
    TCP_FIN_WAIT2,
    false,
    { ESTABLISHED, bench_close, bench_peer_ack } },
  { "FIN-WAIT-2/orphan/long",
    TCP_FIN_WAIT2,
    false,
    { ESTABLISHED, bench_linger2, bench_close, bench_peer_ack } },
  { "CLOSE-WAIT", TCP_CLOSE_WAIT, false, { ESTABLISHED, bench_peer_fin } },
  { "CLOSE-WAIT/passive",
    TCP_CLOSE_WAIT,
    false,
    { PASSIVE, bench_unlisten, bench_peer_fin } },
  { "CLOSE-WAIT/data",
    TCP_CLOSE_WAIT,
    false,
    { ESTABLISHED, bench_peer_fin, bench_write } },
  { "CLOSE-WAIT/zero", TCP_CLOSE_WAIT, true, { FULL, bench_peer_fin } },
  { "CLOSING",
    TCP_CLOSING,
    false,
    { ESTABLISHED, bench_shutdown, bench_peer_fin } },
  { "CLOSING/data",
    TCP_CLOSING,
    false,
    { ESTABLISHED, bench_write, bench_shutdown, bench_peer_fin } },
  { "CLOSING/orphan",
    TCP_CLOSING,
    false,
    { ESTABLISHED, bench_close, bench_peer_fin } },
  { "LAST-ACK",
    TCP_LAST_ACK,
    false,
    { ESTABLISHED, bench_peer_fin, bench_shutdown } },
  { "LAST-ACK/data",
    TCP_LAST_ACK,
    false,
    { ESTABLISHED, bench_peer_fin, bench_write, bench_shutdown } },
  { "LAST-ACK/orphan",
    TCP_LAST_ACK,
    false,
    { ESTABLISHED, bench_peer_fin, bench_close } },
  { "TIME-WAIT",
    TCP_TIME_WAIT,
    false,
    { ESTABLISHED, bench_shutdown, bench_peer_ack, bench_peer_fin } },
  { "TIME-WAIT/listener",
    TCP_TIME_WAIT,
    false,
    { PASSIVE, bench_shutdown, bench_peer_ack, bench_peer_fin } },
  { "TIME-WAIT/zero",
    TCP_TIME_WAIT,
    true,
    { FULL, bench_shutdown, bench_peer_ack, bench_peer_fin } },
  { NULL, 0, false, { NULL } },
};

const Variant *variant_by_name(const char *name)
{
  for (const Variant *variant = variants; variant->name; variant++)
    if (!strcmp(variant->name, name))
      return variant;
  return NULL;
}
