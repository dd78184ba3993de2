/* Connection tracking: the whole table of states, flags and directions; the
 * window; time-outs; what is not TCP and what is broken. */
#include "net_track.h"

typedef struct Step {
  char from;
  unsigned flags;
  uint32_t seq, ack;
} Step;

/* How each state is reached, from the beginning, and the numbers that either
 * end would send next. */
typedef struct Reach {
  NetTrackState state;
  Step steps[8];
  uint32_t client_next, server_next;
} Reach;

#define OPEN                                          \
  { 'c', T_SYN, 0, 0 }, { 's', T_SYN | T_ACK, 0, 1 }, \
  {                                                   \
    'c', T_ACK, 1, 1                                  \
  }
#define FINS                 \
  OPEN,                      \
  {                          \
    'c', T_FIN | T_ACK, 1, 1 \
  }

static const Reach reaches[] = {
  { NET_TRACK_NONE, { { 0 } }, 0, 0 },
  { NET_TRACK_SYN_SENT, { { 'c', T_SYN, 0, 0 } }, 0, 0 },
  { NET_TRACK_SYN_SENT2, { { 'c', T_SYN, 0, 0 }, { 's', T_SYN, 0, 0 } }, 0, 0 },
  { NET_TRACK_SYN_RECV,
    { { 'c', T_SYN, 0, 0 }, { 's', T_SYN | T_ACK, 0, 1 } },
    1,
    1 },
  { NET_TRACK_ESTABLISHED, { OPEN }, 1, 1 },
  { NET_TRACK_FIN_WAIT, { FINS }, 2, 1 },
  { NET_TRACK_CLOSE_WAIT, { FINS, { 's', T_ACK, 1, 2 } }, 2, 1 },
  { NET_TRACK_LAST_ACK, { FINS, { 's', T_FIN | T_ACK, 1, 2 } }, 2, 2 },
  { NET_TRACK_TIME_WAIT,
    { FINS, { 's', T_FIN | T_ACK, 1, 2 }, { 'c', T_ACK, 2, 2 } },
    2,
    2 },
  { NET_TRACK_CLOSE, { OPEN, { 'c', T_RST, 1, 0 } }, 1, 1 },
};

static const unsigned kinds[] = { T_SYN, T_SYN | T_ACK, T_FIN | T_ACK, T_ACK,
                                  T_RST };

static const char *const kind_names[] = { "S", "S.", "F.", ".", "R" };

static void reach(Lab *lab, const Reach *to)
{
  for (const Step *step = to->steps; step->from; step++)
    lab_tcp(lab, step->from, step->flags, step->seq, step->ack, 0);
  if (to->state == NET_TRACK_NONE)
    g_assert_null(lab_flow(lab));
  else
    g_assert_cmpint(lab_flow(lab)->tcp.state, ==, to->state);
}

/* One line a direction and kind: "c F. FIN_WAIT", with "INVALID" where the
 * packet is; "-" where no flow is left, "new" where it is another one's. */
static void probe(const Reach *from, NetFamily family, char end, unsigned kind,
                  GString *out)
{
  Lab lab = lab_new(family, NULL);
  uint32_t seq, ack;
  NetTracked found;
  NetFlow *flow;

  reach(&lab, from);
  seq = end == 'c' ? from->client_next : from->server_next;
  ack = end == 'c' ? from->server_next : from->client_next;
  if (from->state == NET_TRACK_SYN_SENT || from->state == NET_TRACK_SYN_SENT2) {
    seq += !(kinds[kind] & T_SYN);
    ack = 1;
  }
  found = lab_tcp(&lab, end, kinds[kind], seq, ack, 0);
  net_tracker_sweep(lab.tracker);
  flow = lab_flow(&lab);
  g_string_append_printf(out, " %c:%s=%s%s%s", end, kind_names[kind],
                         found.as == NET_TRACKED_INVALID ? "!" : "",
                         flow ? net_track_state_name(flow->tcp.state) : "-",
                         flow && flow->tuple[0].source_port == 80 ? "*" : "");
  lab_end(&lab);
}

/* After nf_conntrack's two tables: "!" INVALID, else the state after it; an
 * ignored packet leaves the state. "-": forgotten. "*": the server's flow. */
static const char *const expected[] = {
  "NONE: c:S=SYN_SENT c:S.=!- c:F.=!- c:.=ESTABLISHED c:R=!- "
  "s:S=SYN_SENT* s:S.=!- s:F.=!- s:.=ESTABLISHED* s:R=!-",
  "SYN_SENT: c:S=SYN_SENT c:S.=!SYN_SENT c:F.=!SYN_SENT c:.=!SYN_SENT c:R=- "
  "s:S=SYN_SENT2 s:S.=SYN_RECV s:F.=!SYN_SENT s:.=SYN_SENT s:R=-",
  "SYN_SENT2: c:S=SYN_SENT2 c:S.=SYN_RECV c:F.=!SYN_SENT2 c:.=!SYN_SENT2 "
  "c:R=CLOSE "
  "s:S=SYN_SENT2 s:S.=SYN_RECV s:F.=!SYN_SENT2 s:.=SYN_SENT2 s:R=CLOSE",
  "SYN_RECV: c:S=SYN_RECV c:S.=SYN_RECV c:F.=FIN_WAIT c:.=ESTABLISHED "
  "c:R=CLOSE "
  "s:S=!SYN_RECV s:S.=SYN_RECV s:F.=FIN_WAIT s:.=SYN_RECV s:R=CLOSE",
  "ESTABLISHED: c:S=ESTABLISHED c:S.=!ESTABLISHED c:F.=FIN_WAIT "
  "c:.=ESTABLISHED c:R=CLOSE "
  "s:S=!ESTABLISHED s:S.=ESTABLISHED s:F.=FIN_WAIT s:.=ESTABLISHED s:R=CLOSE",
  "FIN_WAIT: c:S=FIN_WAIT c:S.=!FIN_WAIT c:F.=LAST_ACK c:.=CLOSE_WAIT "
  "c:R=CLOSE "
  "s:S=!FIN_WAIT s:S.=FIN_WAIT s:F.=LAST_ACK s:.=CLOSE_WAIT s:R=CLOSE",
  "CLOSE_WAIT: c:S=CLOSE_WAIT c:S.=!CLOSE_WAIT c:F.=LAST_ACK c:.=CLOSE_WAIT "
  "c:R=CLOSE "
  "s:S=!CLOSE_WAIT s:S.=CLOSE_WAIT s:F.=LAST_ACK s:.=CLOSE_WAIT s:R=CLOSE",
  "LAST_ACK: c:S=LAST_ACK c:S.=!LAST_ACK c:F.=LAST_ACK c:.=TIME_WAIT c:R=CLOSE "
  "s:S=!LAST_ACK s:S.=LAST_ACK s:F.=LAST_ACK s:.=TIME_WAIT s:R=CLOSE",
  "TIME_WAIT: c:S=SYN_SENT c:S.=!TIME_WAIT c:F.=TIME_WAIT c:.=TIME_WAIT "
  "c:R=CLOSE "
  "s:S=SYN_SENT* s:S.=TIME_WAIT s:F.=TIME_WAIT s:.=TIME_WAIT s:R=CLOSE",
  "CLOSE: c:S=SYN_SENT c:S.=!CLOSE c:F.=CLOSE c:.=CLOSE c:R=CLOSE "
  "s:S=!CLOSE s:S.=CLOSE s:F.=CLOSE s:.=CLOSE s:R=CLOSE",
};

static void every_flag_in_every_state(gconstpointer data)
{
  NetFamily family = (NetFamily)GPOINTER_TO_UINT(data);

  for (unsigned i = 0; i < G_N_ELEMENTS(reaches); i++) {
    GString *line = g_string_new(net_track_state_name(reaches[i].state));

    g_string_append_c(line, ':');
    for (unsigned end = 0; end < 2; end++)
      for (unsigned kind = 0; kind < G_N_ELEMENTS(kinds); kind++)
        probe(&reaches[i], family, "cs"[end], kind, line);
    g_assert_cmpstr(line->str, ==, expected[i]);
    g_string_free(line, TRUE);
  }
}

/* -- time-outs -- */

static SimTime left(Lab *lab)
{
  return lab_flow(lab)->expires - lab->w.sim->now;
}

static void timeouts_follow_the_state(void)
{
  Lab lab = lab_new(NET_IPV4, NULL);

  lab_tcp(&lab, 'c', T_SYN, 0, 0, 0);
  g_assert_cmpint(left(&lab), ==, 120 * SIM_SECOND);
  lab_tcp(&lab, 's', T_SYN | T_ACK, 0, 1, 0);
  g_assert_cmpint(left(&lab), ==, 60 * SIM_SECOND);
  lab_tcp(&lab, 'c', T_ACK, 1, 1, 0);
  g_assert_cmpint(left(&lab), ==, 432000 * SIM_SECOND);
  lab_tcp(&lab, 'c', T_ACK, 1, 1, 100);
  g_assert_cmpint(left(&lab), ==, 300 * SIM_SECOND); /* unacknowledged */
  lab_tcp(&lab, 's', T_ACK, 1, 101, 0);
  g_assert_cmpint(left(&lab), ==, 432000 * SIM_SECOND);
  lab_tcp(&lab, 'c', T_FIN | T_ACK, 101, 1, 0);
  g_assert_cmpint(left(&lab), ==, 120 * SIM_SECOND);
  lab_tcp(&lab, 's', T_ACK, 1, 102, 0);
  g_assert_cmpint(left(&lab), ==, 60 * SIM_SECOND);
  lab_tcp(&lab, 's', T_FIN | T_ACK, 1, 102, 0);
  g_assert_cmpint(left(&lab), ==, 30 * SIM_SECOND);
  lab_tcp(&lab, 'c', T_ACK, 102, 2, 0);
  g_assert_cmpint(left(&lab), ==, 120 * SIM_SECOND);
  lab_tcp(&lab, 's', T_RST, 2, 0, 0);
  g_assert_cmpint(left(&lab), ==, 10 * SIM_SECOND);
  lab_end(&lab);
}

/* nf_conntrack_tcp_timeout_max_retrans after max_retrans = 3 repetitions. */
static void a_segment_repeated_three_times_shortens_it(void)
{
  NetTrackSpec spec = net_track_defaults();
  Lab lab;

  spec.timeouts[NET_TRACK_MAX_RETRANS] = 7 * SIM_SECOND;
  lab = lab_new(NET_IPV4, &spec);
  lab_open(&lab);
  for (unsigned i = 0; i < 3; i++)
    lab_tcp(&lab, 'c', T_ACK, 1, 1, 10);
  g_assert_cmpint(left(&lab), ==, 300 * SIM_SECOND);
  lab_tcp(&lab, 'c', T_ACK, 1, 1, 10);
  g_assert_cmpint(left(&lab), ==, 7 * SIM_SECOND);
  lab_end(&lab);
}

static void count_forgotten(void *user, const NetFlow *flow)
{
  g_assert_cmpint(flow->tcp.state, ==, NET_TRACK_ESTABLISHED);
  ++*(unsigned *)user;
}

static void an_idle_connection_is_forgotten(gconstpointer data)
{
  NetTrackSpec spec = net_track_defaults();
  unsigned forgotten = 0;
  Lab lab;

  spec.timeouts[NET_TRACK_ESTABLISHED] = 60 * SIM_SECOND;
  spec.loose = GPOINTER_TO_INT(data);
  lab = lab_new(NET_IPV4, &spec);
  lab.tracker->forgot = count_forgotten;
  lab.tracker->user = &forgotten;
  lab_open(&lab);
  lab_wait(&lab, 60 * SIM_SECOND - 1);
  g_assert_cmpint(lab_tcp(&lab, 'c', T_ACK, 1, 1, 0).as, ==,
                  NET_TRACKED_ESTABLISHED);
  g_assert_cmpuint(forgotten, ==, 0);
  lab_wait(&lab, 60 * SIM_SECOND);
  lab_tcp(&lab, 'c', T_ACK, 1, 1, 5);
  g_assert_cmpuint(forgotten, ==, 1);
  g_assert_cmpint(lab.last.as, ==,
                  spec.loose ? NET_TRACKED_NEW : NET_TRACKED_INVALID);
  if (spec.loose)
    g_assert_cmpint(left(&lab), ==, 60 * SIM_SECOND);
  lab_end(&lab);
}

static void a_syn_repeated_prolongs_nothing(void)
{
  Lab lab = lab_new(NET_IPV4, NULL);

  lab_tcp(&lab, 'c', T_SYN, 0, 0, 0);
  lab_wait(&lab, 100 * SIM_SECOND);
  lab_tcp(&lab, 'c', T_SYN, 0, 0, 0);
  g_assert_cmpint(left(&lab), ==, 20 * SIM_SECOND);
  g_assert_cmpint(lab.last.as, ==, NET_TRACKED_NEW);
  lab_end(&lab);
}

/* -- the window -- */

static void window_of(bool liberal)
{
  NetTrackSpec spec = net_track_defaults();
  NetTrackedAs bad = liberal ? NET_TRACKED_ESTABLISHED : NET_TRACKED_INVALID;
  Lab lab;

  spec.be_liberal = liberal;
  lab = lab_new(NET_IPV4, &spec);
  lab_open(&lab);
  /* III: acknowledges what was never sent */
  g_assert_cmpint(lab_tcp(&lab, 'c', T_ACK, 1, 2, 0).as, ==, bad);
  /* I: the window of 1000 ends at 1001 */
  g_assert_cmpint(lab_tcp(&lab, 'c', T_ACK, 1001, 1, 0).as, ==,
                  NET_TRACKED_ESTABLISHED);
  g_assert_cmpint(lab_tcp(&lab, 'c', T_ACK, 5001, 1, 0).as, ==, bad);
  lab_end(&lab);
}

static void what_is_out_of_window_is_invalid(void)
{
  window_of(false);
  window_of(true);
}

static void a_reset_is_believed_at_the_right_number(void)
{
  Lab lab = lab_new(NET_IPV4, NULL);

  lab_open(&lab);
  lab_tcp(&lab, 'c', T_ACK, 1, 1, 100);
  lab_tcp(&lab, 's', T_ACK, 1, 101, 0);
  g_assert_cmpint(lab_tcp(&lab, 'c', T_RST, 100, 0, 0).as, ==,
                  NET_TRACKED_INVALID);
  lab_tcp(&lab, 'c', T_RST, 102, 0, 0); /* a challenge ACK may follow */
  g_assert_cmpint(lab.last.as, ==, NET_TRACKED_ESTABLISHED);
  g_assert_cmpint(lab_flow(&lab)->tcp.state, ==, NET_TRACK_ESTABLISHED);
  lab_tcp(&lab, 'c', T_RST, 101, 0, 0);
  g_assert_cmpint(lab_flow(&lab)->tcp.state, ==, NET_TRACK_CLOSE);
  lab_end(&lab);
}

/* A SYN ignored in ESTABLISHED, then answered: the box was out of step. */
static void an_answered_syn_puts_it_in_step(void)
{
  Lab lab = lab_new(NET_IPV4, NULL);

  lab_open(&lab);
  lab_tcp(&lab, 'c', T_SYN, 5000, 0, 0);
  g_assert_cmpint(lab_flow(&lab)->tcp.state, ==, NET_TRACK_ESTABLISHED);
  lab_tcp(&lab, 's', T_SYN | T_ACK, 9000, 5001, 0);
  g_assert_cmpint(lab_flow(&lab)->tcp.state, ==, NET_TRACK_SYN_RECV);
  lab_tcp(&lab, 'c', T_ACK, 5001, 9001, 0);
  g_assert_cmpint(lab_flow(&lab)->tcp.state, ==, NET_TRACK_ESTABLISHED);
  lab_end(&lab);
}

/* RFC 5961: the ACK that answers a SYN in LAST_ACK is not the last one. */
static void a_challenge_is_not_the_last_ack(void)
{
  Lab lab = lab_new(NET_IPV4, NULL);

  reach(&lab, &reaches[7]);
  lab_tcp(&lab, 'c', T_SYN, 9000, 0, 0);
  lab_tcp(&lab, 's', T_ACK, 2, 2, 0);
  g_assert_cmpint(lab_flow(&lab)->tcp.state, ==, NET_TRACK_LAST_ACK);
  lab_end(&lab);
}

/* -- broken and other packets -- */

static void illegal_flags_are_invalid(void)
{
  Lab lab = lab_new(NET_IPV6, NULL);
  unsigned right = 0;

  for (unsigned flags = 0; flags < 64; flags++) {
    NetTracked found = lab_tcp(&lab, 'c', flags, 0, 0, 0);

    if (found.reason)
      right += !strstr(found.reason, "combination of flags");
    else
      right++;
  }
  g_assert_cmpuint(right, ==, 18); /* nine, with and without PSH */
  lab_end(&lab);
}

static void a_bad_checksum_is_invalid(void)
{
  Lab lab = lab_new(NET_IPV4, NULL);
  NetIp ip;
  NetPacket *packet = lab_packet(&lab, false, T_SYN, 0, 0, 0, &ip);

  packet->head[packet->l4 + 17] ^= 1;
  g_assert_cmpint(lab_judge(&lab, packet, &ip).as, ==, NET_TRACKED_INVALID);
  g_assert_cmpstr(lab.last.reason, ==, "its checksum is wrong");
  lab_end(&lab);
}

/* An ICMP error from a router about the client's SYN, `quote` bytes of it. */
static NetTracked icmp_error(Lab *lab, uint32_t quote)
{
  bool ipv4 = lab->family == NET_IPV4;
  NetIp ip, outer;
  NetPacket *inner = lab_packet(lab, false, T_SYN, ISS_C, 0, 0, &ip);
  NetPacket *packet =
      net_packet_new(lab->w.net, &net_host_node(lab->maker)->owner);
  uint8_t bytes[200];
  uint32_t size = net_packet_bytes(inner, bytes, sizeof bytes);

  outer = (NetIp){ .source = lab_address(lab, true),
                   .destination = ip.source,
                   .ttl = 64,
                   .protocol = ipv4 ? NET_PROTOCOL_ICMP : NET_PROTOCOL_ICMPV6 };
  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = inner->l4;
  packet->head_length = (uint16_t)(packet->l4 + NET_ICMP_SIZE);
  memcpy(packet->head, inner->head, packet->l4);
  memset(packet->head + packet->l4, 0, NET_ICMP_SIZE);
  packet->head[packet->l4] =
      ipv4 ? NET_ICMP_UNREACHABLE : NET_ICMPV6_UNREACHABLE;
  packet->payload =
      net_slice_of(bytes + inner->l3, MIN(quote, size - inner->l3));
  outer.payload_length = net_packet_length(packet) - packet->l4;
  net_ip_put(packet, &outer, 1);
  net_put16(packet->head + packet->l4 + 2, net_transport_sum(packet, &outer));
  net_packet_free(inner);
  return lab_judge(lab, packet, &outer);
}

static void icmp_errors_are_related(gconstpointer data)
{
  Lab lab = lab_new((NetFamily)GPOINTER_TO_UINT(data), NULL);
  uint32_t header = lab.family == NET_IPV4 ? 20 : 40;

  g_assert_cmpint(icmp_error(&lab, 100).as, ==, NET_TRACKED_INVALID);
  lab_tcp(&lab, 'c', T_SYN, 0, 0, 0);
  g_assert_cmpint(icmp_error(&lab, 100).as, ==, NET_TRACKED_RELATED);
  g_assert_true(lab.last.reply);
  g_assert_true(lab.last.flow == lab_flow(&lab));
  g_assert_cmpint(icmp_error(&lab, header + 8).as, ==, NET_TRACKED_RELATED);
  for (uint32_t size = 0; size < header + 8; size++)
    g_assert_cmpint(icmp_error(&lab, size).as, ==, NET_TRACKED_INVALID);
  g_assert_cmpint(lab_flow(&lab)->tcp.state, ==, NET_TRACK_SYN_SENT);
  lab_end(&lab);
}

/* Whatever the bytes are, there is a verdict. */
static void garbage_is_judged(void)
{
  Lab lab = lab_new(NET_IPV4, NULL);
  SimRandom dice;

  sim_random_init(&dice, 7, "garbage");
  for (unsigned i = 0; i < 200000; i++) {
    NetIp ip;
    const char *why;
    bool reply = sim_random_below(&dice, 2);
    NetPacket *packet;
    unsigned changes = (unsigned)sim_random_below(&dice, 6);

    lab.family = (NetFamily)sim_random_below(&dice, 2);
    packet = lab_packet(
        &lab, reply, (unsigned)sim_random_below(&dice, 64),
        (reply ? ISS_S : ISS_C) + (uint32_t)sim_random_below(&dice, 4),
        (reply ? ISS_C : ISS_S) + (uint32_t)sim_random_below(&dice, 4),
        (uint32_t)sim_random_below(&dice, 3), &ip);
    for (unsigned c = 0; c < changes; c++)
      packet->head[14 + sim_random_below(&dice, packet->head_length - 14u)] =
          (uint8_t)sim_random_below(&dice, 256);
    if (sim_random_below(&dice, 4) == 0)
      packet->head_length =
          (uint16_t)(14 + sim_random_below(&dice, packet->head_length - 13u));
    packet->flags |= NET_PACKET_CHECKED; /* past the checksum */
    net_packet_parse(packet);
    packet->l3 = NET_ETHERNET_SIZE;
    if (net_ip_get(packet, &ip, &why))
      lab_judge(&lab, packet, &ip);
    else
      net_packet_free(packet);
  }
  g_assert_cmpuint(lab.tracker->count, >, 0);
  lab_end(&lab);
}

static void a_full_table_takes_no_more(void)
{
  NetTrackSpec spec = net_track_defaults();
  Lab lab;
  NetIp ip;
  NetPacket *packet;
  NetTracked tracked;

  spec.most = 1;
  lab = lab_new(NET_IPV4, &spec);
  lab_tcp(&lab, 'c', T_SYN, 0, 0, 0);
  packet = lab_packet(&lab, false, T_SYN, 5, 0, 0, &ip);
  net_put16(packet->head + packet->l4, 7777);
  packet->flags |= NET_PACKET_CHECKED;
  tracked = net_tracker_judge(lab.tracker, packet, &ip);
  g_assert_cmpint(tracked.as, ==, NET_TRACKED_NEW);
  g_assert_false(net_tracker_settle(lab.tracker, &tracked, true));
  lab_wait(&lab, 120 * SIM_SECOND);
  tracked = net_tracker_judge(lab.tracker, packet, &ip);
  g_assert_true(net_tracker_settle(lab.tracker, &tracked, true));
  g_assert_cmpuint(lab.tracker->count, ==, 1);
  net_packet_free(packet);
  lab_end(&lab);
}

static void it_prints_as_conntrack_does(void)
{
  Lab lab = lab_new(NET_IPV4, NULL);
  char text[NET_FLOW_TEXT];

  lab_tcp(&lab, 'c', T_SYN, 0, 0, 0);
  g_assert_cmpstr(net_flow_format(lab_flow(&lab), 0, text, sizeof text), ==,
                  "tcp      6 120 SYN_SENT src=10.0.0.1 dst=10.0.1.2 "
                  "sport=1025 dport=80 [UNREPLIED] src=10.0.1.2 dst=10.0.0.1 "
                  "sport=80 dport=1025");
  lab_tcp(&lab, 's', T_SYN | T_ACK, 0, 1, 0);
  lab_tcp(&lab, 'c', T_ACK, 1, 1, 0);
  g_assert_cmpstr(net_flow_format(lab_flow(&lab), 0, text, sizeof text), ==,
                  "tcp      6 432000 ESTABLISHED src=10.0.0.1 dst=10.0.1.2 "
                  "sport=1025 dport=80 src=10.0.1.2 dst=10.0.0.1 "
                  "sport=80 dport=1025 [ASSURED]");
  lab_end(&lab);
}

#define V4 GINT_TO_POINTER(NET_IPV4)
#define V6 GINT_TO_POINTER(NET_IPV6)
#define ADD(name, func) g_test_add_func("/conntrack/" name, func)
#define ADD_DATA(name, data, func) \
  g_test_add_data_func("/conntrack/" name, data, func)

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD_DATA("states-ipv4", V4, every_flag_in_every_state);
  ADD_DATA("states-ipv6", V6, every_flag_in_every_state);
  ADD("timeouts", timeouts_follow_the_state);
  ADD("timeout-repeated", a_segment_repeated_three_times_shortens_it);
  ADD_DATA("forgotten-loose", GINT_TO_POINTER(true),
           an_idle_connection_is_forgotten);
  ADD_DATA("forgotten-strict", GINT_TO_POINTER(false),
           an_idle_connection_is_forgotten);
  ADD("syn-repeated", a_syn_repeated_prolongs_nothing);
  ADD("window", what_is_out_of_window_is_invalid);
  ADD("reset", a_reset_is_believed_at_the_right_number);
  ADD("in-step", an_answered_syn_puts_it_in_step);
  ADD("challenge", a_challenge_is_not_the_last_ack);
  ADD("flags", illegal_flags_are_invalid);
  ADD("checksum", a_bad_checksum_is_invalid);
  ADD_DATA("icmp-ipv4", V4, icmp_errors_are_related);
  ADD_DATA("icmp-ipv6", V6, icmp_errors_are_related);
  ADD("garbage", garbage_is_judged);
  ADD("full", a_full_table_takes_no_more);
  ADD("prints", it_prints_as_conntrack_does);
  return g_test_run();
}
