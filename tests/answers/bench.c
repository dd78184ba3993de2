/* One row: the simulation, the probe, and the outcome in words. Numbers are
 * relative to what the host's own variables were before the segment, or to
 * the segment where the host had none. */
#include "held.h"

#include <string.h>

enum {
  PEER_MSS = 1460,
  PEER_ISS = -200, /* sequence numbers wrap early in a connection */
  PEER_WINDOW = 65535,
  TSVAL = 500000,
  TSVAL_NEWER_BY = 10,
  TSVAL_OLDER_BY = 1000,
  NEAR = 100000, /* numbers closer than this are neighbours */
};

/* -- the peer -- */

static void hear(Bench *bench, const TcpSegment *segment)
{
  uint32_t end = segment->seq + segment->length;

  if (segment->flags & TCP_RST)
    return;
  if (!bench->heard) {
    bench->snd.una = segment->seq;
    bench->snd.nxt = end;
  }
  bench->heard = true;
  if ((int32_t)(end - bench->snd.nxt) > 0)
    bench->snd.nxt = end;
  if (segment->flags & TCP_ACK)
    bench->rcv.right = segment->ack + segment->window;
  if (segment->options.has_timestamps)
    bench->ts_echo = segment->options.ts_value;
}

static void capture(void *user, NetPacket *packet, const NetIp *ip)
{
  Bench *bench = user;
  TcpSegment segment;
  const char *reason;

  if (tcp_segment_parse(packet, ip, &segment, &reason)) {
    segment.payload.buffer = NULL;
    if (!bench->fired)
      hear(bench, &segment);
    else if (bench->reply_count < BENCH_REPLIES)
      bench->replies[bench->reply_count++] =
          (BenchReply){ segment, bench->sim->now - bench->fired_at };
  }
  net_packet_free(packet);
}

static void ticked(Sim *sim, SimEvent *event)
{
  (void)sim;
  (void)event;
}

void bench_run(Bench *bench, SimTime span)
{
  SimTime until = bench->sim->now + span;

  sim_schedule(bench->sim, &bench->tick, &bench->owner, until);
  sim_run(bench->sim, until);
}

void bench_put(Bench *bench, TcpSegment *segment)
{
  SimOwner *owner = &net_host_node(bench->peer)->owner;
  NetPacket *packet = net_packet_new(bench->net, owner);
  NetIp ip = {
    .source = net_host_address(bench->peer),
    .destination = net_host_address(bench->host),
    .protocol = NET_PROTOCOL_TCP,
    .dont_fragment = true,
  };

  segment->source_port = BENCH_PEER_PORT;
  segment->destination_port = BENCH_HOST_PORT;
  segment->window = PEER_WINDOW;
  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = NET_ETHERNET_SIZE +
               (bench->net->family == NET_IPV6 ? NET_IPV6_SIZE : NET_IPV4_SIZE);
  tcp_segment_build(packet, segment, ip.source, ip.destination);
  net_host_send(bench->peer, packet, &ip, NULL);
  bench_run(bench, 0);
}

TcpConnection *bench_socket(Bench *bench)
{
  if (!bench->conn && bench->listener)
    bench->conn = tcp_accept(bench->listener, NULL, NULL);
  return bench->conn;
}

/* -- the probe -- */

static TcpSegment probe_make(const Bench *bench, const AnswersTable *table,
                             int flags, int seq, int ack)
{
  uint32_t window = bench->rcv.right - bench->rcv.nxt;
  const uint32_t seqs[ANSWERS_AT_COUNT][ANSWERS_POSITIONS] = {
    { 0, 10, -1u, -1000u, window + 1000 },
    { window - 100, window - 99, window - 1, window, window + 1 },
  };
  const uint32_t acks[ANSWERS_POSITIONS] = { bench->snd.una, bench->snd.nxt,
                                             bench->snd.una - 1,
                                             bench->snd.nxt + 1,
                                             bench->snd.una - (1u << 30) };
  const uint32_t tsvals[ANSWERS_TS_COUNT] = {
    [ANSWERS_TS_NEW] = TSVAL + TSVAL_NEWER_BY,
    [ANSWERS_TS_OLD] = TSVAL - TSVAL_OLDER_BY,
  };
  uint32_t tsval = tsvals[table->timestamps];

  return (TcpSegment){
    .seq = bench->rcv.nxt + seqs[table->at][seq],
    .ack = flags & TCP_ACK ? acks[ack] : 0,
    .length = table->payload_bytes + !!(flags & TCP_SYN) + !!(flags & TCP_FIN),
    .flags = (uint16_t)flags,
    .payload = net_slice_virtual(table->payload_bytes),
    .options = { .mss = flags & TCP_SYN ? PEER_MSS : 0,
                 .has_timestamps = tsval != 0,
                 .ts_value = tsval,
                 .ts_echo = bench->ts_echo },
  };
}

/* -- the outcome -- */

static void add_number(GString *text, const char *base, uint32_t offset)
{
  if (offset == 0)
    g_string_append(text, base);
  else
    g_string_append_printf(text, "%s%+d", base, (int)offset);
}

static void add_seq(GString *text, const Bench *bench, const TcpSegment *s)
{
  bool reset = s->flags & TCP_RST;

  if (reset && !(s->flags & TCP_ACK) && s->seq == bench->probe.ack)
    g_string_append(text, "SEG.ACK");
  else if (reset && s->seq == 0)
    g_string_append(text, "0");
  else if (bench->heard && s->seq - bench->snd.nxt + NEAR <= 2 * NEAR)
    add_number(text, "N", s->seq - bench->snd.nxt);
  else
    g_string_append(text, "ISS");
}

/* In CLOSED, LISTEN and SYN-SENT the host knows no RCV.NXT; a SYN with an ISS
 * of its own starts another connection. */
static void add_ack(GString *text, const Bench *bench, const TcpSegment *s)
{
  bool known = bench->before > TCP_SYN_SENT;

  if (!(s->flags & TCP_ACK))
    g_string_append(text, "-");
  else if (s->flags & TCP_RST && s->seq == 0 &&
           s->ack == bench->probe.seq + bench->probe.length)
    g_string_append(text, "SEG.END");
  else if (s->flags & TCP_SYN ? !known || s->seq + 1 != bench->snd.nxt : !known)
    add_number(text, "SEG.SEQ", s->ack - bench->probe.seq);
  else
    add_number(text, "R", s->ack - bench->rcv.nxt);
}

static void add_when(GString *text, SimTime after)
{
  if (after > 0 && after <= MS(8))
    g_string_append(text, "@t");
  else if (after > 0)
    g_string_append_printf(text, "@%d", (int)(after / SIM_MILLISECOND));
}

static void add_replies(GString *text, const Bench *bench)
{
  if (bench->reply_count == 0)
    g_string_append_c(text, '-');
  for (int i = 0; i < bench->reply_count; i++) {
    const TcpSegment *s = &bench->replies[i].segment;

    if (i > 0)
      g_string_append_c(text, ' ');
    answers_flags_name(text, s->flags);
    if (s->payload.length)
      g_string_append_printf(text, "(%u)", s->payload.length);
    g_string_append_c(text, ',');
    add_seq(text, bench, s);
    g_string_append_c(text, ',');
    add_ack(text, bench, s);
    if (s->options.has_timestamps)
      g_string_append(text, ",ts");
    add_when(text, bench->replies[i].after);
  }
}

static TcpState state_now(const Bench *bench)
{
  TcpPair pair = { { net_host_address(bench->host), BENCH_HOST_PORT },
                   { net_host_address(bench->peer), BENCH_PEER_PORT } };
  TcpStatus status;

  if (tcp_status_of(bench->stack, &pair, &status))
    return status.state;
  return bench->listener ? TCP_LISTEN : TCP_CLOSED;
}

static const char *short_name(TcpState state)
{
  if (state == TCP_ESTABLISHED)
    return "ESTAB";
  return state == TCP_SYN_RECEIVED ? "SYN-RCVD" : tcp_state_name(state);
}

static uint32_t drain(TcpConnection *conn)
{
  uint32_t total = 0;
  NetSlice slice;

  while (!tcp_receive(conn, 8192, &slice) && slice.length > 0) {
    total += slice.length;
    net_slice_clear(&slice);
  }
  return total;
}

/* What SIOCINQ says, and after a slash what recv() then gives if that differs:
 * an urgent byte hides what is behind it. */
static void add_socket(GString *text, const Bench *bench, TcpConnection *conn)
{
  TcpError error = tcp_error(conn);
  int queued = (int)(tcp_readable(conn) - bench->readable_before);
  int total = (int)(drain(conn) - bench->readable_before);

  if (error)
    g_string_append_printf(text, " !%s", tcp_error_name(error));
  if (queued || total)
    g_string_append_printf(text, " #%d", queued);
  if (queued != total)
    g_string_append_printf(text, "/%d", total);
}

static char *outcome(Bench *bench, const Variant *variant)
{
  GString *text = g_string_new(NULL);
  TcpState state = state_now(bench);

  add_replies(text, bench);
  if (state == TCP_LISTEN && variant->state != TCP_LISTEN)
    state = TCP_CLOSED;
  if (state != variant->state)
    g_string_append_printf(text, " =>%s", short_name(state));
  if (bench_socket(bench))
    add_socket(text, bench, bench->conn);
  return g_string_free(text, FALSE);
}

/* -- a row -- */

static void bench_begin(Bench *bench, const TcpKnobs *knobs)
{
  NetWireSpec wire = { .delay = 0 };
  char problem[200] = "";

  bench->sim = sim_new(7);
  bench->net = net_new(bench->sim);
  if (g_strcmp0(g_getenv("LINGER_FAMILY"), "6") == 0)
    bench->net->family = NET_IPV6;
  bench->host = net_host_new(bench->net, "host", NULL);
  bench->peer = net_host_new(bench->net, "peer", NULL);
  net_link_new(bench->net, NULL, net_host_node(bench->host),
               net_host_node(bench->peer), &wire, &wire, NULL, NULL);
  if (!net_finish(bench->net, problem, sizeof problem))
    g_error("%s", problem);
  bench->stack = tcp_stack_new(bench->host, knobs);
  net_host_register(bench->peer, NET_PROTOCOL_TCP, capture, NULL, bench);
  sim_owner_init(&bench->owner, bench->sim, "bench");
  sim_event_init(&bench->tick, ticked);
  bench->rcv.nxt = bench->rcv.right = (uint32_t)PEER_ISS;
}

char *bench_outcome(const TcpKnobs *knobs, const Variant *variant,
                    const AnswersTable *table, int flags, int seq, int ack)
{
  Bench bench = { .timestamps = table->timestamps != ANSWERS_TS_NONE };
  char *text;

  bench_begin(&bench, knobs);
  for (const BenchStep *step = variant->steps; *step; step++) {
    (*step)(&bench);
    bench_run(&bench, 0);
  }
  bench_run(&bench, variant->zero_window ? MS(55) : MS(20));
  bench.before = state_now(&bench);
  if (bench.before != variant->state ||
      (variant->zero_window && bench.rcv.right != bench.rcv.nxt)) {
    text = g_strdup_printf("not reached: %s", short_name(bench.before));
  } else {
    bench.probe = probe_make(&bench, table, flags, seq, ack);
    bench.readable_before = bench.conn ? tcp_readable(bench.conn) : 0;
    bench.fired_at = bench.sim->now;
    bench.fired = true;
    bench_put(&bench, &bench.probe);
    bench_run(&bench, MS(65));
    text = outcome(&bench, variant);
  }
  sim_free(bench.sim);
  return text;
}
