#include "info.h"

#include <glib.h>

#include "parts.h"

/* What the fields are made of. */
typedef struct Gathered {
  const TcpConnection *conn;
  const TcpKnobs *knobs;
  TcpCounts counts; /* zeros if there are none */
  SimTime now, sent, received;
  uint64_t acked;
  int64_t state, ca_state, options, pacing_rate;
  int64_t timeouts, probes, backoff;
  int64_t unacked, lost, retrans, reordering;
} Gathered;

static const char *const names[] = {
#define INFO(name, source) #name,
#include "info.def"
#undef INFO
};

G_STATIC_ASSERT(sizeof(TcpInfo) == G_N_ELEMENTS(names) * sizeof(int64_t));

const char *tcp_info_name(unsigned index)
{
  return index < G_N_ELEMENTS(names) ? names[index] : NULL;
}

int64_t tcp_info_value(const TcpInfo *info, unsigned index)
{
  return ((const int64_t *)info)[index];
}

static int64_t us(SimTime time)
{
  return time / SIM_MICROSECOND;
}

/* In ms; what has never happened counts from the handshake. */
static int64_t since(const Gathered *it, SimTime time)
{
  return (it->now - time) / SIM_MILLISECOND;
}

static SimTime limited(const Gathered *it, TcpLimit limit)
{
  return tcp_limited(it->conn, limit);
}

static int64_t segments(const TcpConnection *conn, uint32_t numbers)
{
  return (numbers + conn->mss - 1) / conn->mss;
}

/* The kernel's numbers of the states (include/net/tcp_states.h). */
static int64_t linux_state(TcpState state)
{
  static const int64_t numbers[] = {
    [TCP_CLOSED] = 7,       [TCP_LISTEN] = 10,     [TCP_SYN_SENT] = 2,
    [TCP_SYN_RECEIVED] = 3, [TCP_ESTABLISHED] = 1, [TCP_FIN_WAIT_1] = 4,
    [TCP_FIN_WAIT_2] = 5,   [TCP_CLOSE_WAIT] = 8,  [TCP_CLOSING] = 11,
    [TCP_LAST_ACK] = 9,     [TCP_TIME_WAIT] = 6,
  };

  return numbers[state];
}

/* In segments; what no loss has lowered yet is the kernel's infinity. */
static int64_t ssthresh(const TcpConnection *conn)
{
  if (conn->congestion.ssthresh >= 1u << 30)
    return INT32_MAX;
  return conn->congestion.ssthresh / conn->mss;
}

/* After a time-out everything sent before it counts as lost, and what has been
 * sent since as repeated, as far as it reaches. */
static void gather_recovery(Gathered *it)
{
  const TcpConnection *conn = it->conn;
  const TcpCongestion *c = &conn->congestion;
  uint32_t sent = conn->snd.nxt - conn->snd.una, lost = sent, flight;
  bool probing = conn->purpose == TCP_TIMER_PERSIST;

  it->backoff = conn->retries;
  if (probing || conn->purpose == TCP_TIMER_KEEPALIVE)
    it->probes = conn->unanswered;
  else
    it->timeouts = conn->retries;
  it->unacked = segments(conn, sent);
  if (c->recovering) {
    it->ca_state = TCP_CA_RECOVERY;
    it->lost = 1;
  } else if (it->timeouts > 0) {
    it->ca_state = TCP_CA_LOSS;
    flight = tcp_flight(conn);
    it->lost = segments(conn, lost);
    it->retrans = segments(conn, MIN(flight, lost));
  } else if (c->marked) {
    it->ca_state = TCP_CA_CWR;
  } else if (c->duplicates > 0) {
    it->ca_state = TCP_CA_DISORDER;
  }
}

/* What is known of each segment. */
static void gather_sent(Gathered *it)
{
  const TcpConnection *conn = it->conn;
  const TcpSent *sent = conn->sent;

  it->reordering = it->knobs->duplicate_acks;
  if (!sent)
    return;
  it->reordering = MAX(it->reordering, sent->reordering);
  if (sent->sacked > 0 && it->ca_state == TCP_CA_OPEN)
    it->ca_state = TCP_CA_DISORDER;
  if (it->ca_state == TCP_CA_LOSS)
    return;
  it->lost = it->retrans = 0;
  for (uint32_t i = 0; i < sent->count; i++) {
    const TcpSentSegment *item = tcp_sent_at(sent, i);

    it->lost += item->lost;
    it->retrans +=
        item->again && !item->sacked &&
        tcp_ranges_covered(&conn->resend, item->left, item->right) == 0;
  }
}

static void gather_counts(Gathered *it)
{
  const TcpConnection *conn = it->conn;

  it->sent = it->received = conn->opened;
  if (conn->counts) {
    it->counts = *conn->counts;
    it->sent = MIN(it->counts.sent, it->now);
    it->received = MIN(it->counts.received, it->now);
    if (it->counts.sent == SIM_TIME_NEVER)
      it->sent = conn->opened;
    if (it->counts.received == SIM_TIME_NEVER)
      it->received = conn->opened;
  }
  it->acked = it->counts.bytes_acked + (conn->syn_acked && !conn->passive) +
              tcb_fin_acked(conn);
}

void tcp_info(const TcpConnection *conn, TcpInfo *ret)
{
  Gathered gathered = { .conn = conn,
                        .knobs = tcb_knobs(conn),
                        .now = conn->stack->sim->now };
  const Gathered *it = &gathered;

  gathered.state = linux_state(conn->state);
  gathered.options = (conn->timestamps ? TCP_INFO_TIMESTAMPS : 0) |
                     (conn->sacks ? TCP_INFO_SACK : 0) |
                     (conn->scaling ? TCP_INFO_WSCALE : 0) |
                     (conn->ecn ? TCP_INFO_ECN : 0);
  gathered.pacing_rate = tcp_pacing_rate(conn);
  gather_recovery(&gathered);
  gather_sent(&gathered);
  gather_counts(&gathered);
  *ret = (TcpInfo){
#define INFO(name, source) .name = (int64_t)(source),
#include "info.def"
#undef INFO
  };
}
