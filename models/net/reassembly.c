/* Fragments put together again (RFC 791 3.2, RFC 1122 3.3.2, RFC 8200 4.5).
 *
 *   source, destination, protocol, id -> pieces by offset, no two overlapping
 *
 * A piece that overlaps another ends the whole datagram, over IPv4 too (RFC
 * 5722 4; RFC 791 would let the later bytes win, which only attackers need);
 * one that repeats a piece exactly is ignored. Sixty seconds after its first
 * piece came an incomplete datagram is given up, and its source told if the
 * first piece is there. Invariant: a reassembly's timer is pending and it
 * lacks a piece.
 */
#include "host_private.h"

#define WAIT (60 * SIM_SECOND) /* RFC 1122 3.3.2: 60 to 120; RFC 8200: 60 */
#define MOST 64                /* datagrams at a time; the oldest makes room */
#define LONGEST 65535u

typedef struct NetPiece {
  struct NetPiece *next;
  NetPacket *packet;
  uint32_t begin, end; /* of the datagram's bytes above IP */
} NetPiece;

typedef struct NetReassembly {
  struct NetReassembly *next; /* of the host, oldest first */
  NetHost *host;
  NetIp ip; /* of the first piece that came */
  NetPiece *pieces;
  uint32_t total; /* 0: the last piece is not there yet */
  SimEvent timer;
} NetReassembly;

static bool belongs(const NetReassembly *r, const NetIp *ip)
{
  return r->ip.id == ip->id &&
         (r->ip.protocol == ip->protocol || !net_address_is_ipv4(ip->source)) &&
         net_address_equal(r->ip.source, ip->source) &&
         net_address_equal(r->ip.destination, ip->destination);
}

static void reassembly_free(NetReassembly *r, const char *rule,
                            const char *reason)
{
  NetReassembly **at = &r->host->reassemblies;

  while (*at != r)
    at = &(*at)->next;
  *at = r->next;
  r->host->reassembly_count--;
  sim_cancel(r->host->node.net->sim, &r->timer);
  while (r->pieces) {
    NetPiece *piece = r->pieces;

    r->pieces = piece->next;
    if (reason)
      net_drop(piece->packet, &r->host->node, NULL, rule, reason);
    else
      net_packet_free(piece->packet);
    g_free(piece);
  }
  g_free(r);
}

static void waited(Sim *sim, SimEvent *event)
{
  NetReassembly *r = SIM_CONTAINER(event, NetReassembly, timer);

  (void)sim;
  if (r->pieces->begin == 0)
    net_icmp_error(r->host, r->pieces->packet, NET_ICMP_TIME_EXCEEDED, 1, 0);
  reassembly_free(r, "ip-reassembly-time",
                  "the other fragments did not come in 60 seconds");
}

static NetReassembly *reassembly_of(NetHost *host, const NetIp *ip)
{
  Sim *sim = host->node.net->sim;
  NetReassembly **at = &host->reassemblies;
  NetReassembly *r;

  for (; *at; at = &(*at)->next)
    if (belongs(*at, ip))
      return *at;
  r = g_new0(NetReassembly, 1);
  r->host = host;
  r->ip = *ip;
  *at = r;
  sim_event_init(&r->timer, waited);
  sim_schedule(sim, &r->timer, &host->node.owner, sim_time_add(sim->now, WAIT));
  if (++host->reassembly_count > MOST)
    reassembly_free(host->reassemblies, "ip-reassembly-room",
                    "too many datagrams wait for their other fragments");
  return r;
}

/* Every piece but the last is a multiple of 8 bytes long. */
static const char *piece_problem(const NetIp *ip)
{
  if (ip->more_fragments && ip->payload_length % 8 != 0)
    return "the fragment's length is not a multiple of 8 bytes";
  if (ip->payload_length == 0)
    return "the fragment is empty";
  if (ip->fragment_at + ip->payload_length > LONGEST)
    return "the fragment would make the datagram longer than 65535 bytes";
  return NULL;
}

/* Where a piece belongs; NULL if it overlaps another or the datagram's end.
 * Sets `ret_repeated` for one that is there already. */
static NetPiece **place_of(NetReassembly *r, uint32_t begin, uint32_t end,
                           bool last, bool *ret_repeated)
{
  NetPiece **at = &r->pieces;

  *ret_repeated = false;
  if (r->total > 0 && (end > r->total || (last && end != r->total)))
    return NULL;
  for (; *at && (*at)->begin <= begin; at = &(*at)->next) {
    *ret_repeated = (*at)->begin == begin && (*at)->end == end;
    if (*ret_repeated)
      return at;
    if ((*at)->end > begin)
      return NULL;
  }
  return *at && ((*at)->begin < end || last) ? NULL : at;
}

static bool is_complete(const NetReassembly *r)
{
  uint32_t end = 0;

  for (const NetPiece *piece = r->pieces; piece; piece = piece->next) {
    if (piece->begin != end)
      return false;
    end = piece->end;
  }
  return r->total > 0 && end == r->total;
}

/* The headers of the first piece without a fragment header, over all bytes. */
static NetPacket *join(const NetReassembly *r)
{
  const NetPacket *first = r->pieces->packet;
  NetPacket *whole = net_packet_copy(first, &r->host->node.owner);
  uint8_t *ip = whole->head + whole->l3;
  NetSlice body = { net_buffer_new(NULL, r->total), 0, r->total };

  net_slice_clear(&whole->payload);
  for (const NetPiece *piece = r->pieces; piece; piece = piece->next) {
    const NetPacket *packet = piece->packet;
    uint8_t *at = body.buffer->bytes + piece->begin;
    uint32_t held = (uint32_t)packet->head_length - packet->l4;

    memcpy(at, packet->head + packet->l4, held);
    net_slice_copy(packet->payload, at + held);
  }
  whole->head_length = whole->l4;
  whole->payload = body;
  if (net_packet_is_ipv6(first)) {
    NetIpv6Chain chain;

    net_ipv6_walk(ip, (uint32_t)(whole->l4 - whole->l3), &chain);
    ip[chain.fragment_named_at] = chain.protocol;
    whole->head_length = (uint16_t)(whole->l3 + chain.fragment_at);
    net_put16(ip + 4,
              (uint16_t)(net_packet_length(whole) - whole->l3 - NET_IPV6_SIZE));
  } else {
    net_put16(ip + 2, (uint16_t)(net_packet_length(whole) - whole->l3));
    net_put16(ip + 6, 0);
    net_ipv4_sum_put(whole);
  }
  whole->flags &= (uint8_t)~NET_PACKET_CHECKED;
  net_packet_parse(whole);
  return whole;
}

static NetPacket *finish(NetReassembly *r, NetIp *ip)
{
  NetHost *host = r->host;
  NetPacket *whole = join(r);
  const char *problem;

  reassembly_free(r, NULL, NULL);
  if (net_ip_get(whole, ip, &problem))
    return whole;
  net_drop(whole, &host->node, NULL, "ip-malformed", problem);
  return NULL;
}

NetPacket *net_reassembly_input(NetHost *host, NetNic *nic, NetPacket *packet,
                                NetIp *ip)
{
  uint32_t begin = ip->fragment_at, end = begin + ip->payload_length;
  const char *problem = piece_problem(ip);
  NetReassembly *r;
  NetPiece **at, *piece;
  bool repeated;

  if (problem) {
    net_drop(packet, &host->node, nic, "ip-fragment", problem);
    return NULL;
  }
  r = reassembly_of(host, ip);
  at = place_of(r, begin, end, !ip->more_fragments, &repeated);
  if (!at || repeated) {
    net_drop(packet, &host->node, nic, "ip-fragment",
             repeated ? "the fragment is there already"
                      : "the fragment overlaps another");
    if (!at)
      reassembly_free(r, "ip-fragment", "another fragment overlaps it");
    return NULL;
  }
  piece = g_new(NetPiece, 1);
  *piece = (NetPiece){ *at, packet, begin, end };
  *at = piece;
  if (!ip->more_fragments)
    r->total = end;
  return is_complete(r) ? finish(r, ip) : NULL;
}

void net_reassembly_clear(NetHost *host)
{
  while (host->reassemblies)
    reassembly_free(host->reassemblies, NULL, NULL);
}
