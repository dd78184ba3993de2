/* The device's half of sending: what leaves together is handed over as one.
 *
 * packetdrill's own device is a tun device that takes TCP segmentation: there
 * it sees the kernel's aggregates, not segments. As Linux makes them: of full
 * segments but for the last, of no more than what its pacing rate sends in
 * about a millisecond but two at least (tcp_tso_autosize()), of half of CWND
 * at most (tcp_cwnd_test()), and with PSH on each that has several
 * (__tcp_transmit_skb()). */
#include <string.h>

#include "formats.h"
#include "info.h"
#include "segment.h"
#include "world.h"

#define LARGEST 65535u
#define PACING_SHIFT 10 /* sk_pacing_shift: a rate's 1/1024 s */

/** PdRecord: a connection's number at which a record of MSG_EOR ends, or an
 * aggregate that was sent. */
typedef struct PdRecord {
  TcpPair pair;
  uint32_t end;
} PdRecord;

void pd_offload_init(PdOffload *it, bool on)
{
  *it = (PdOffload){ .on = on, .least_segments = 2, .rtt_log = 9 };
  it->records = g_array_new(FALSE, FALSE, sizeof(PdRecord));
  it->aggregates = g_array_new(FALSE, FALSE, sizeof(PdRecord));
}

void pd_offload_clear(PdOffload *it)
{
  g_array_unref(it->records);
  g_array_unref(it->aggregates);
}

bool pd_offload_set(PdOffload *it, const char *name, const char *value)
{
  const struct {
    const char *name;
    guint64 least, most;
    unsigned *at;
  } table[] = {
    { "net.ipv4.tcp_min_tso_segs", 1, 63, &it->least_segments },
    { "net.ipv4.tcp_tso_rtt_log", 0, 255, &it->rtt_log },
  };

  for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
    guint64 number;

    if (!g_str_equal(name, table[i].name) ||
        !g_ascii_string_to_unsigned(value, 10, table[i].least, table[i].most,
                                    &number, NULL))
      continue;
    *table[i].at = (unsigned)number;
    return true;
  }
  return false;
}

/* -- records -- */

void pd_offload_record(PdOffload *it, const TcpConnection *conn,
                       uint32_t length)
{
  PdRecord record = { .pair = tcp_pair(conn) };
  TcpStatus status;

  tcp_status(conn, &status);
  record.end = status.snd.nxt + status.unsent + length;
  g_array_append_val(it->records, record);
}

static bool same_end(const TcpEnd *a, const TcpEnd *b)
{
  return a->port == b->port && net_address_equal(a->address, b->address);
}

static bool ends(const GArray *records, const TcpPair *pair, uint32_t end)
{
  for (guint i = records->len; i > 0; i--) {
    const PdRecord *record = &g_array_index(records, PdRecord, i - 1);

    if (record->end == end && same_end(&record->pair.local, &pair->local) &&
        same_end(&record->pair.remote, &pair->remote))
      return true;
  }
  return false;
}

/* -- sizes -- */

static uint32_t most_of(const PdOffload *it, const TcpInfo *info)
{
  int64_t bytes, segments, nearness;

  bytes = info->pacing_rate > 0 ? info->pacing_rate >> PACING_SHIFT : LARGEST;
  nearness = info->min_rtt >> it->rtt_log;
  if (info->min_rtt > 0 && nearness < 32)
    bytes += LARGEST >> nearness;
  segments = MAX(MIN(bytes, LARGEST) / info->snd_mss, it->least_segments);
  return (uint32_t)MIN(segments, MAX(info->snd_cwnd / 2, 1));
}

void pd_offload_size(PdWorld *it, PdSent *sent, const NetPacket *packet)
{
  const uint8_t *tcp = packet->head + packet->l4;
  TcpConnection *conn;
  TcpInfo info;
  TcpPair pair;
  uint32_t end;
  NetIp ip;

  if (!it->offload.on || !net_ip_peek(packet, &ip) ||
      ip.protocol != NET_PROTOCOL_TCP)
    return;
  pair = (TcpPair){ { ip.source, net_get16(tcp) },
                    { ip.destination, net_get16(tcp + 2) } };
  conn = tcp_find(it->stack, &pair);
  if (!conn)
    return;
  sent->l4 = packet->l4 - NET_ETHERNET_SIZE;
  sent->head = sent->l4 + (tcp[12] >> 4) * 4u;
  tcp_info(conn, &info);
  sent->full = (uint32_t)info.snd_mss;
  sent->most = info.snd_mss > 0 ? most_of(&it->offload, &info) : 1;
  sent->pair = pair;
  end = net_get32(tcp + 4) + sent->size - sent->head;
  sent->ends_record = ends(it->offload.records, &pair, end);
  sent->ends_aggregate = ends(it->offload.aggregates, &pair, end);
}

/* All that tells one connection's segments of one moment from others'. */
static bool is_alike(const PdSent *sent, const PdSent *next)
{
  const uint8_t *a = sent->bytes + sent->l4, *b = next->bytes + next->l4;
  unsigned addresses = sent->bytes[0] >> 4 == 4 ? 8 : 32;

  return next->time == sent->time && next->l4 == sent->l4 &&
         next->head == sent->head && memcmp(sent->bytes, next->bytes, 2) == 0 &&
         memcmp(a - addresses, b - addresses, addresses + 4) == 0 &&
         memcmp(a + 8, b + 8, 5) == 0 && memcmp(a + 14, b + 14, 2) == 0 &&
         memcmp(a + 18, b + 18, sent->head - sent->l4 - 18) == 0;
}

/* Is `next` the segment behind `sent`, all of whose segments are full? CWR
 * stands on the first alone, FIN and PSH on the last. */
static bool follows(const PdSent *sent, const PdSent *next)
{
  const uint8_t *a = sent->bytes + sent->l4, *b = next->bytes + next->l4;
  uint32_t length = sent->size - sent->head, more = next->size - next->head;
  unsigned free_flags = TCP_PSH | TCP_CWR;

  return length > 0 && length % sent->full == 0 && more > 0 &&
         more <= sent->full && !sent->ends_record && !sent->ends_aggregate &&
         sent->size + more <= LARGEST &&
         net_get32(b + 4) == net_get32(a + 4) + length &&
         !(a[13] & (TCP_FIN | TCP_SYN | TCP_URG)) && !(b[13] & TCP_CWR) &&
         (a[13] & ~free_flags) == (b[13] & ~(TCP_FIN | free_flags));
}

static void put_sums(PdSent *sent)
{
  bool ipv4 = sent->bytes[0] >> 4 == 4;
  uint8_t *tcp = sent->bytes + sent->l4;
  uint32_t size = sent->size - sent->l4;
  NetAddress ends[2];

  for (unsigned i = 0; i < 2; i++)
    ends[i] = ipv4 ? net_address_ipv4(net_get32(sent->bytes + 12 + 4 * i))
                   : net_address_ipv6_get(sent->bytes + 8 + 16 * i);
  net_put16(tcp + 16, 0);
  net_put16(tcp + 16,
            net_sum_finish(net_sum(
                net_sum_pseudo(ends[0], ends[1], NET_PROTOCOL_TCP, size), tcp,
                size)));
  if (!ipv4) {
    net_put16(sent->bytes + 4, (uint16_t)(sent->size - NET_IPV6_SIZE));
    return;
  }
  net_put16(sent->bytes + 2, (uint16_t)sent->size);
  net_put16(sent->bytes + 10, 0);
  net_put16(sent->bytes + 10,
            net_sum_finish(net_sum(0, sent->bytes, sent->l4)));
}

static PdSent *append(PdSent *sent, const PdSent *next)
{
  uint32_t length = next->size - next->head;

  sent = g_realloc(sent, sizeof *sent + sent->size + length);
  memcpy(sent->bytes + sent->size, next->bytes + next->head, length);
  sent->size += length;
  sent->ends_record = next->ends_record;
  sent->ends_aggregate = next->ends_aggregate;
  sent->bytes[sent->l4 + 13] |= (uint8_t)(next->bytes[next->l4 + 13] & TCP_FIN);
  return sent;
}

/* The kernel keeps the buffer: what is sent again of it is joined by nothing
 * behind it. PSH is that transmission's alone. */
static void note_aggregate(PdOffload *it, const PdSent *sent)
{
  PdRecord record = { sent->pair, net_get32(sent->bytes + sent->l4 + 4) +
                                      sent->size - sent->head };

  if (!sent->ends_aggregate)
    g_array_append_val(it->aggregates, record);
}

PdSent *pd_offload_take(PdWorld *it)
{
  PdSent *sent = pd_take(it);
  uint32_t segments = 1;

  while (sent && segments < sent->most && it->sent &&
         is_alike(sent, it->sent) && follows(sent, it->sent)) {
    PdSent *next = pd_take(it);

    sent = append(sent, next);
    segments++;
    g_free(next);
  }
  if (segments == 1)
    return sent;
  note_aggregate(&it->offload, sent);
  sent->bytes[sent->l4 + 13] |= TCP_PSH;
  put_sums(sent);
  return sent;
}
