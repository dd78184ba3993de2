/* TCP in UDP, as FreeBSD has it: what is taken, what is sent, and what is not
 * the connection's. */
#include "in_udp.h"

#include <string.h>

#include "formats.h"
#include "peer.h"
#include "sysctl.h"

#define PORT 9899 /* of the host's UDP */

typedef struct Tunnel {
  Peer *peer;
  uint16_t port; /* of the peer's UDP */
  GString *heard;
} Tunnel;

static void hears(void *user, NetPacket *packet, const NetIp *ip)
{
  Tunnel *it = user;
  const uint8_t *at = packet->head + packet->l4;
  NetIp inner = *ip;
  TcpSegment segment;
  const char *reason;
  g_autofree char *text = NULL;

  g_assert_cmpuint(net_get16(at), ==, PORT);
  g_assert_cmpuint(net_get16(at + NET_UDP_SIZE + 16), ==, 0);
  packet->l4 = (uint16_t)(packet->l4 + NET_UDP_SIZE);
  inner.payload_length -= NET_UDP_SIZE;
  g_assert_true(tcp_segment_parse(packet, &inner, &segment, &reason));
  text = peer_format(it->peer, &segment, false);
  g_string_append_printf(it->heard, "%s%s", it->heard->len ? "; " : "", text);
  net_packet_free(packet);
}

static Tunnel tunnel(Peer *t, uint16_t port)
{
  return (Tunnel){ t, port, g_string_new(NULL) };
}

static void opens(Tunnel *it)
{
  g_assert_true(net_host_open_udp(it->peer->peer, it->port, hears, NULL, it));
}

/* The host has sent `text` in UDP since it was asked last. */
static void heard(Tunnel *it, const char *text)
{
  host_silent(it->peer, it->peer->sim->now);
  if (!g_str_equal(it->heard->str, text))
    peer_fail(it->peer, "in UDP to %u: '%s', not '%s'", it->port,
              it->heard->str, text);
  g_string_truncate(it->heard, 0);
}

/* The segment comes in UDP: all of it payload, as who writes it by hand has
 * it. */
static void sends(Tunnel *it, const char *text)
{
  Peer *t = it->peer;
  NetPacket *packet = peer_packet(t, text);
  uint32_t size = packet->head_length - (uint32_t)packet->l4;
  uint32_t length = size + packet->payload.length;
  g_autofree uint8_t *bytes = g_malloc(length);

  memcpy(bytes, packet->head + packet->l4, size);
  net_put16(bytes + 16, 0xbad); /* nobody looks at it */
  net_slice_copy(packet->payload, bytes + size);
  net_packet_free(packet);
  net_host_send_udp(t->peer, net_host_address(t->host), it->port, PORT,
                    net_slice_of(bytes, length));
  host_silent(t, t->sim->now);
}

static Peer *host_with_udp(void)
{
  Peer *t = peer_new(0);
  const char *problem;
  int64_t port = PORT;

  g_assert_true(tcp_stack_sysctl(t->stack, "net.inet.tcp.udp_tunneling_port",
                                 &port, 1, &problem));
  g_assert_cmpuint(tcp_stack_udp_port(t->stack), ==, PORT);
  return t;
}

static void accepted(Tunnel *it)
{
  opens(it);
  user_listens(it->peer);
  sends(it, "S 0:0(0) <mss 1460>");
  heard(it, "S. 0:0(0) ack 1 <mss 1452>");
  sends(it, ". 1:1(0) ack 1");
  user_accepts(it->peer);
}

/* Who accepts answers where the SYN has come from. */
static void test_accepted(void)
{
  Peer *t = host_with_udp();
  Tunnel it = tunnel(t, 1);

  accepted(&it);
  sends(&it, "P. 1:11(10) ack 1");
  user_reads(t, 10);
  user_sends(t, 2904);
  heard(&it, ". 1:1453(1452) ack 11; P. 1453:2905(1452) ack 11");
  user_aborts(t);
  heard(&it, "R 2905:2905(0)");
  g_string_free(it.heard, TRUE);
  peer_free(t);
}

/* A segment in other datagrams, or in none, is refused where it has come from;
 * the connection does not know of it. */
static void test_other_datagrams(void)
{
  Peer *t = host_with_udp();
  Tunnel it = tunnel(t, 1), other = tunnel(t, 2);

  accepted(&it);
  opens(&other);
  sends(&other, "R 1:1(0)");
  met(t, "OTHER_UDP");
  heard(&other, "");
  sends(&other, "F. 1:1(0) ack 1");
  heard(&other, "R 1:1(0)");
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends(t, "R 1:1(0)");
  met(t, "OTHER_UDP");
  host_is(t, "ESTABLISHED");
  user_aborts(t);
  heard(&it, "R 1:1(0)");
  g_string_free(it.heard, TRUE);
  g_string_free(other.heard, TRUE);
  peer_free(t);
}

/* So it is in TIME-WAIT, but for a SYN that begins anew. */
static void test_time_wait(void)
{
  Peer *t = host_with_udp();
  Tunnel it = tunnel(t, 1), other = tunnel(t, 2);

  accepted(&it);
  opens(&other);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  heard(&it, "F. 1:1(0) ack 1");
  sends(&it, "F. 1:1(0) ack 2");
  heard(&it, ". 2:2(0) ack 2");
  sends(&other, "F. 1:1(0) ack 2");
  met(t, "OTHER_UDP");
  heard(&other, "R 2:2(0)");
  sends(&it, "F. 1:1(0) ack 2");
  heard(&it, ". 2:2(0) ack 2");
  g_string_free(it.heard, TRUE);
  g_string_free(other.heard, TRUE);
  peer_free(t);
}

/* The user says where to; without a port of its own the host cannot. */
static void test_connected(void)
{
  Peer *t = host_with_udp();
  Tunnel it = tunnel(t, 7);

  opens(&it);
  peer_knob(t, "udp_port", 7);
  user_connects(t);
  heard(&it, "S 0:0(0) <mss 1452>");
  sends(&it, "S. 0:0(0) ack 1 <mss 1460>");
  heard(&it, ". 1:1(0) ack 1");
  g_assert_cmpint(tcp_set_knob(t->conn, "udp_port", 8), ==, TCP_EINVAL);
  g_assert_true(tcp_stack_set_udp_port(t->stack, 0));
  user_sends(t, 10);
  heard(&it, "");
  user_aborts(t);
  user_releases(t);
  user_connects_refused(t, "EINVAL");
  g_string_free(it.heard, TRUE);
  peer_free(t);
}

/* Two cannot have one port. */
static void test_port_is_taken(void)
{
  Peer *t = peer_new(0);
  const char *problem;
  int64_t port = PORT;

  net_host_listen_udp(t->host, PORT);
  g_assert_false(tcp_stack_sysctl(t->stack, "net.inet.tcp.udp_tunneling_port",
                                  &port, 1, &problem));
  g_assert_cmpstr(problem, ==, "another has this port of UDP");
  g_assert_cmpuint(tcp_stack_udp_port(t->stack), ==, 0);
  peer_free(t);
}

static void test_port_out_of_range(void)
{
  const int64_t wrong[] = { -1, UINT16_MAX + 1 };
  Peer *t = peer_new(0);
  const char *problem;

  for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
    g_assert_false(tcp_stack_sysctl(t->stack, "net.inet.tcp.udp_tunneling_port",
                                    &wrong[i], 1, &problem));
    g_assert_cmpstr(problem, ==, "the value is out of range");
    g_assert_cmpuint(tcp_stack_udp_port(t->stack), ==, 0);
  }
  peer_free(t);
}

/* What is no segment is dropped, whatever it claims. */
static void test_too_short(void)
{
  Peer *t = host_with_udp();
  uint8_t bytes[24] = { 0 };

  bytes[12] = 0xf0; /* sixty bytes of header */
  for (uint32_t size = 0; size <= sizeof bytes; size += 4) {
    net_host_send_udp(t->peer, net_host_address(t->host), 1, PORT,
                      net_slice_of(bytes, size));
    host_silent(t, t->sim->now);
  }
  number_is(t, "malformed", (int64_t)tcp_stack_counters(t->stack)->malformed,
            7);
  peer_free(t);
}

void add_in_udp_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/in-udp/" path, test_##name)
  ADD("accepted", accepted);
  ADD("other-datagrams", other_datagrams);
  ADD("time-wait", time_wait);
  ADD("connected", connected);
  ADD("port-is-taken", port_is_taken);
  ADD("port-out-of-range", port_out_of_range);
  ADD("too-short", too_short);
#undef ADD
}
