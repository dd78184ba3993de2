/* The transmitter, the wire and the receive ring, in exact virtual time. */
#include "net_world.h"

static void test_time_is_rate_and_delay(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, ~UINT64_C(0));
  world_send(a, b, 1000);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==,
                  "0 sent a\n"
                  "5800000 received b\n"
                  "5800000 delivered b\n");
  g_assert_cmpuint(w.sim->fired, ==, 1);
  g_assert_cmpuint(net_host_udp_received(b), ==, 1);
  world_end(&w);
}

static void test_busy_transmitter_queues(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_SENT | 1 << NET_TRACE_RECEIVED);
  for (unsigned i = 0; i < 3; i++)
    world_send(a, b, i == 1 ? 500 : 1000);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==,
                  "0 sent a\n"
                  "800000 sent a\n"
                  "1200000 sent a\n"
                  "5800000 received b\n"
                  "6200000 received b\n"
                  "7000000 received b\n");
  g_assert_cmpuint(w.sim->fired, ==, 5);
  world_end(&w);
}

static void test_transmit_ring_overflows(void)
{
  NetWireSpec spec = ten_mbit;
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);

  spec.queue = 2;
  world_link(&w, a, b, spec);
  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_DROPPED);
  for (unsigned i = 0; i < 5; i++)
    world_send(a, b, 1000);
  g_assert_cmpstr(w.log->str, ==,
                  "0 dropped a nic-transmit-ring\n"
                  "0 dropped a nic-transmit-ring\n");
  world_run(&w);
  g_assert_cmpuint(net_host_udp_received(b), ==, 3);
  g_assert_cmpuint(net_host_node(a)->nics->counters.transmit_drops, ==, 2);
  world_end(&w);
}

static void test_receive_ring(void)
{
  NetHostSpec slow = { .nic = { .receive_ring = 1, .service = 2 * MS } };
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", &slow);

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_RECEIVED | 1 << NET_TRACE_DROPPED);
  for (unsigned i = 0; i < 3; i++)
    world_send(a, b, 1000);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==,
                  "7400000 dropped b nic-receive-ring\n"
                  "7800000 received b\n"
                  "9800000 received b\n");
  world_end(&w);
}

/* A node that takes no time any more first takes what waits. */
static void test_service_ends(void)
{
  NetHostSpec slow = { .nic = { .receive_ring = 5, .service = 2 * MS } };
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", &slow);

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_RECEIVED);
  for (unsigned i = 0; i < 4; i++)
    world_send(a, b, 1000);
  sim_run(w.sim, 7 * MS);
  net_nic_set_service(net_host_node(b)->nics, 0);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==,
                  "7800000 received b\n"
                  "7800000 received b\n"
                  "7800000 received b\n"
                  "8200000 received b\n");
  world_end(&w);
}

/* 10,000 packets under way are one pending event. */
static void test_one_event_a_wire(void)
{
  NetWireSpec spec = { .rate = 0, .delay = SIM_SECOND };
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, spec);

  world_finish(&w);
  net_host_listen_udp(b, 9);
  for (unsigned i = 0; i < 10000; i++)
    world_send(a, b, 100);
  g_assert_cmpuint(w.sim->queue.count, ==, 1);
  g_assert_cmpuint(link->wires[0].in_flight, ==, 10000);
  world_run(&w);
  g_assert_cmpuint(net_host_udp_received(b), ==, 10000);
  world_end(&w);
}

/* Logs the sizes of what arrives. */
typedef struct Sizes {
  unsigned count;
  unsigned overtaken;
  uint32_t last;
  SimTime first, latest;
} Sizes;

static void note_size(void *user, Sim *sim, unsigned kind, const void *record)
{
  const NetTracePacket *what = record;
  uint32_t size = net_packet_length(what->packet);
  Sizes *sizes = user;

  (void)kind;
  if (sizes->count++ == 0)
    sizes->first = sim->now;
  if (size < sizes->last)
    sizes->overtaken++;
  sizes->last = size;
  sizes->latest = sim->now;
}

static Sizes run_jitter(bool reorder)
{
  NetWireSpec spec = { .delay = MS, .jitter = 10 * MS, .reorder = reorder };
  Sizes sizes = { 0 };
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);

  world_link(&w, a, b, spec);
  world_finish(&w);
  net_host_listen_udp(b, 9);
  sim_trace_listen(w.sim, 1 << NET_TRACE_RECEIVED, note_size, &sizes);
  for (uint32_t i = 0; i < 200; i++)
    world_send(a, b, 100 + i);
  world_run(&w);
  world_end(&w);
  return sizes;
}

static void test_jitter_keeps_order(void)
{
  Sizes kept = run_jitter(false);
  Sizes mixed = run_jitter(true);

  g_assert_cmpuint(kept.count, ==, 200);
  g_assert_cmpuint(kept.overtaken, ==, 0);
  g_assert_cmpuint(mixed.count, ==, 200);
  g_assert_cmpuint(mixed.overtaken, >, 50);
  g_assert_cmpint(mixed.first, >=, MS);
  g_assert_cmpint(mixed.first, <, 2 * MS);
  g_assert_cmpint(mixed.latest, >, 10 * MS);
  g_assert_cmpint(mixed.latest, <=, 11 * MS);
}

static uint64_t run_fingerprint(bool unrelated, double loss, uint16_t port)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetWireSpec spec = { .rate = MBIT, .delay = MS, .jitter = MS };
  NetLink *link = world_link(&w, a, b, spec);
  uint64_t fingerprint;

  if (unrelated) {
    NetHost *c = net_host_new(w.net, "c", NULL);
    NetHost *d = net_host_new(w.net, "d", NULL);

    world_link(&w, c, d, spec);
  }
  world_finish(&w);
  net_wire_loss(&link->wires[0], loss);
  net_host_listen_udp(b, 100);
  net_host_listen_udp(b, 101);
  for (unsigned i = 0; i < 20; i++)
    net_host_send_udp(a, net_host_address(b), 1, port, net_slice_virtual(9));
  world_run(&w);
  fingerprint = w.sim->fingerprint;
  world_end(&w);
  return fingerprint;
}

static void test_fingerprint(void)
{
  uint64_t fingerprint = run_fingerprint(false, 0.3, 100);

  g_assert_cmphex(run_fingerprint(false, 0.3, 100), ==, fingerprint);
  g_assert_cmphex(run_fingerprint(true, 0.3, 100), ==, fingerprint);
  g_assert_cmphex(run_fingerprint(false, 0, 101), !=,
                  run_fingerprint(false, 0, 100));
}

/* Those that may overtake keep their order at equal times. */
static void test_put_keeps_order(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetWire *wire = &world_link(&w, a, b, ten_mbit)->wires[0];
  const uint8_t frame[100] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
  Sizes sizes = { 0 };

  sim_trace_listen(w.sim, 1 << NET_TRACE_RECEIVED, note_size, &sizes);
  for (uint32_t size = 20; size <= sizeof frame; size++)
    net_wire_put(wire, net_packet_from_frame(w.net, &wire->owner, frame, size));
  world_run(&w);
  g_assert_cmpuint(sizes.count, ==, 81);
  g_assert_cmpuint(sizes.overtaken, ==, 0);
  g_assert_cmpint(sizes.first, ==, 5 * MS);
  g_assert_cmpint(sizes.latest, ==, 5 * MS);
  world_end(&w);
}

/* What is injected past the transmitter arrives in order of time. */
static void test_put_overtakes_transmission(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);
  uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_RECEIVED | 1 << NET_TRACE_DROPPED);
  world_send(a, b, 1000);
  net_wire_put(
      &link->wires[0],
      net_packet_from_frame(w.net, &link->wires[0].owner, frame, sizeof frame));
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==,
                  "5000000 received b\n"
                  "5000000 dropped b ethernet-type\n"
                  "5800000 received b\n");
  world_end(&w);
}

/* A run that is cut short leaves packets everywhere; freeing gives them
 * back. */
static void test_freed_while_full(void)
{
  NetHostSpec slow = { .nic = { .service = SIM_SECOND }, .arp = true };
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", &slow);
  NetHost *b = net_host_new(w.net, "b", &slow);

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  for (unsigned i = 0; i < 8; i++)
    net_host_send_udp(a, net_host_address(b), 1, 9, net_slice_of("abc", 3));
  net_host_send_udp(a, net_host_address(a), 1, 9, net_slice_of("abc", 3));
  sim_run(w.sim, 6 * MS);
  g_assert_cmpint(w.net->live_packets, >, 0);
  sim_free(w.sim);
  g_string_free(w.log, TRUE);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/net/wire/rate-and-delay", test_time_is_rate_and_delay);
  g_test_add_func("/net/wire/busy-queues", test_busy_transmitter_queues);
  g_test_add_func("/net/wire/one-event", test_one_event_a_wire);
  g_test_add_func("/net/wire/jitter-order", test_jitter_keeps_order);
  g_test_add_func("/net/wire/put-order", test_put_keeps_order);
  g_test_add_func("/net/wire/put", test_put_overtakes_transmission);
  g_test_add_func("/net/nic/transmit-ring", test_transmit_ring_overflows);
  g_test_add_func("/net/nic/receive-ring", test_receive_ring);
  g_test_add_func("/net/nic/service-ends", test_service_ends);
  g_test_add_func("/net/fingerprint", test_fingerprint);
  g_test_add_func("/net/freed-while-full", test_freed_while_full);
  return g_test_run();
}
