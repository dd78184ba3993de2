/* Path MTU black holes (RFC 2923 2.1): what is too big is lost, and nobody says
 * so. With the knob black_hole_detection, as FreeBSD does it, two time-outs in
 * a row of a full segment are taken for one: the path is believed to take less,
 * for two time-outs each the MSS of black_hole_mss, then the one that every
 * peer takes; if nothing came of that either it was no black hole. */
#include "parts.h"

#define LAST_STAGE 6 /* time-outs: what was tried is taken back */

/* The next lower MSS to try, or 0. */
static uint32_t next_lower(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  bool ipv4 = net_address_is_ipv4(conn->entry.pair.remote.address);
  uint32_t first =
      (uint32_t)(ipv4 ? knobs->black_hole_mss : knobs->black_hole_mss_ipv6);
  uint32_t least = tcb_mss_default(conn);

  if (conn->retries >= LAST_STAGE)
    return 0;
  if (first < conn->mss)
    return first;
  return least < conn->mss ? least : 0;
}

bool tcp_black_hole_timeout(TcpConnection *conn)
{
  NetHost *host = conn->stack->host;
  NetAddress remote = conn->entry.pair.remote.address;
  bool due = conn->retries >= 2 && conn->retries <= LAST_STAGE &&
             conn->retries % 2 == 0;
  uint32_t mss;

  if (!tcb_knobs(conn)->black_hole_detection || !due ||
      conn->state < TCP_ESTABLISHED ||
      conn->snd.nxt - conn->snd.una < conn->mss)
    return false;
  mss = next_lower(conn);
  if (mss > 0)
    return net_host_too_big(host, remote, mss + tcb_headers(conn), 0);
  return net_host_forget_mtu(host, remote);
}
