/* The gate: every fate of a packet, and dice that fall the same whatever else
 * is decided. */
#include "carrier.h"
#include "net_world.h"
#include "netem.h"

typedef struct Script {
  unsigned seen;
  unsigned nth;
  NetFate fate;
  unsigned freed;
} Script;

static void decide(void *user, NetWire *wire, NetPacket *packet, NetFate *fate)
{
  Script *script = user;

  g_assert_nonnull(wire);
  g_assert_nonnull(packet);
  if (++script->seen == script->nth)
    *fate = script->fate;
}

static void count_free(void *user)
{
  Script *script = user;

  script->freed++;
}

/* Three datagrams of 1000 bytes; `fate` for the second. */
static void run_fate(NetFate fate, const NetHostSpec *receiver,
                     const char *expected)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", receiver);
  NetLink *link = world_link(&w, a, b, ten_mbit);
  Script script = { .nth = 2, .fate = fate };

  world_finish(&w);
  net_host_listen_udp(b, 9);
  net_wire_decide(&link->wires[0], decide, &script, count_free);
  world_listen(&w, 1 << NET_TRACE_RECEIVED | 1 << NET_TRACE_DROPPED |
                       1 << NET_TRACE_DUPLICATED);
  for (unsigned i = 0; i < 3; i++)
    world_send(a, b, 1000);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==, expected);
  g_assert_cmpuint(script.seen, ==, 3);
  world_end(&w);
  g_assert_cmpuint(script.freed, ==, 1);
}

static void test_drop(void)
{
  run_fate((NetFate){ .drop = true, .rule = "test-drop", .reason = "why" },
           NULL,
           "800000 dropped a-b test-drop\n"
           "5800000 received b\n"
           "7400000 received b\n");
  run_fate((NetFate){ .drop = true }, NULL,
           "800000 dropped a-b wire-drop\n"
           "5800000 received b\n"
           "7400000 received b\n");
}

static void test_duplicate(void)
{
  run_fate((NetFate){ .copies = 2, .rule = "twice" }, NULL,
           "800000 duplicated a-b twice\n"
           "800000 duplicated a-b twice\n"
           "5800000 received b\n"
           "6600000 received b\n"
           "6600000 received b\n"
           "6600000 received b\n"
           "7400000 received b\n");
  run_fate((NetFate){ .copies = 1, .copy_delay = MS }, NULL,
           "800000 duplicated a-b\n"
           "5800000 received b\n"
           "6600000 received b\n"
           "7400000 received b\n"
           "7600000 received b\n");
}

/* The delayed one is overtaken, and the one behind it is not held back. */
static void test_delay(void)
{
  run_fate((NetFate){ .delay = 3 * MS }, NULL,
           "5800000 received b\n"
           "7400000 received b\n"
           "9600000 received b\n");
}

/* The header's checksums or the NIC's find a changed bit wherever it is. */
static void test_corrupt(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);
  const NetNicCounters *counters;

  world_finish(&w);
  net_host_listen_udp(b, 9);
  net_wire_corruption(&link->wires[0], 1);
  for (unsigned i = 0; i < 500; i++)
    world_send(a, b, 60);
  world_run(&w);
  counters = &net_host_node(b)->nics->counters;
  g_assert_cmpuint(counters->received_packets, ==, 500);
  g_assert_cmpuint(counters->checksum_drops, >, 200);
  g_assert_cmpuint(net_host_udp_received(b), ==, 0);
  world_end(&w);
}

/* Changes the last byte of the payload, which is shared with the sender. */
static void damage_payload(void *user, NetWire *wire, NetPacket *packet,
                           NetFate *fate)
{
  (void)wire;
  (void)user;
  net_slice_clear(&packet->payload);
  packet->payload = net_slice_of("abcdefgh", 8);
  fate->replaced = true;
}

static void check_damaged(NetHostSpec receiver, uint64_t checksum_drops,
                          const char *expected)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", &receiver);
  NetLink *link = world_link(&w, a, b, ten_mbit);

  world_finish(&w);
  net_host_listen_udp(b, 9);
  net_wire_decide(&link->wires[0], damage_payload, NULL, NULL);
  world_listen(&w, 1 << NET_TRACE_RECEIVED | 1 << NET_TRACE_DROPPED);
  world_send(a, b, 50);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==, expected);
  g_assert_cmpuint(net_host_node(b)->nics->counters.checksum_drops, ==,
                   checksum_drops);
  world_end(&w);
}

static void test_who_checks(void)
{
  check_damaged((NetHostSpec){ 0 }, 1, "5040000 dropped b nic-checksum\n");
  check_damaged((NetHostSpec){ .nic.no_checksum_offload = true }, 0,
                "5040000 received b\n"
                "5040000 dropped b udp-malformed\n");
  check_damaged((NetHostSpec){ .nic.promiscuous = true }, 0,
                "5040000 received b\n"
                "5040000 dropped b udp-malformed\n");
}

/* Makes the UDP datagram one of TCP with 8 bytes of options, by its bytes. */
static void make_tcp(void *user, NetWire *wire, NetPacket *packet,
                     NetFate *fate)
{
  (void)wire;
  (void)user;
  packet->head[23] = NET_PROTOCOL_TCP;
  net_slice_clear(&packet->payload);
  packet->payload = net_slice_of("\0\0\0\0\x70\0\0\0\0\0\0\0\1\1\1\1\1\1\1"
                                 "\1 and data",
                                 29);
  net_ipv4_sum_put(packet);
  fate->replaced = true;
}

static void check_head(void *user, Sim *sim, unsigned kind, const void *record)
{
  const NetTracePacket *what = record;
  unsigned *count = user;

  g_assert_nonnull(sim);
  g_assert_cmpuint(kind, ==, NET_TRACE_RECEIVED);
  g_assert_cmpuint(what->packet->head_length, ==, 34 + 28);
  g_assert_cmpuint(what->packet->payload.length, ==, 9);
  g_assert_cmpuint(what->packet->flags & NET_PACKET_DAMAGED, !=, 0);
  (*count)++;
}

/* Headers that changed are parsed anew. */
static void test_replaced_is_parsed(void)
{
  NetHostSpec receiver = { .nic.no_checksum_offload = true, .no_icmp = true };
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", &receiver);
  NetLink *link = world_link(&w, a, b, ten_mbit);
  unsigned count = 0;

  world_finish(&w);
  net_wire_decide(&link->wires[0], make_tcp, NULL, NULL);
  sim_trace_listen(w.sim, 1 << NET_TRACE_RECEIVED, check_head, &count);
  world_send(a, b, 42 + 29);
  sim_run(w.sim, 6 * MS);
  g_assert_cmpuint(count, ==, 1);
  world_run(&w);
  world_end(&w);
}

/* A shared payload keeps its bytes when one packet's copy is damaged. */
static void test_corrupt_spares_the_sender(void)
{
  uint8_t bytes[1000] = { 0 };
  NetSlice kept = net_slice_of(bytes, sizeof bytes);
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);

  world_finish(&w);
  net_wire_corruption(&link->wires[0], 1);
  for (unsigned i = 0; i < 20; i++)
    net_host_send_udp(a, net_host_address(b), 1, 9,
                      net_slice_ref(kept, 0, kept.length));
  world_run(&w);
  g_assert_cmpint(memcmp(kept.buffer->bytes, bytes, sizeof bytes), ==, 0);
  g_assert_cmpuint(kept.buffer->references, ==, 1);
  net_slice_clear(&kept);
  world_end(&w);
}

/* Which of 64 packets are lost, as a mask. */
static uint64_t lost(double duplication, double corruption)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, (NetWireSpec){ .rate = 0, .delay = MS });
  uint64_t mask = 0;

  world_finish(&w);
  net_host_listen_udp(b, 9);
  net_wire_duplication(&link->wires[0], duplication);
  net_wire_loss(&link->wires[0], 0.25);
  net_wire_corruption(&link->wires[0], corruption);
  world_listen(&w, 1 << NET_TRACE_DROPPED);
  for (unsigned i = 0; i < 64; i++) {
    world_send(a, b, 100);
    if (strstr(w.log->str, "wire-loss"))
      mask |= UINT64_C(1) << i;
    g_string_truncate(w.log, 0);
  }
  world_run(&w);
  world_end(&w);
  return mask;
}

static void test_dice_are_independent(void)
{
  uint64_t mask = lost(0, 0);

  g_assert_cmpint(__builtin_popcountll(mask), >, 6);
  g_assert_cmpint(__builtin_popcountll(mask), <, 30);
  g_assert_cmphex(lost(0.5, 0), ==, mask);
  g_assert_cmphex(lost(1, 0.5), ==, mask);
}

static void test_loss_ends(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);

  world_finish(&w);
  net_host_listen_udp(b, 9);
  net_wire_loss(&link->wires[0], 1);
  world_send(a, b, 100);
  net_wire_loss(&link->wires[0], 0);
  world_send(a, b, 100);
  world_run(&w);
  g_assert_cmpuint(net_host_udp_received(b), ==, 1);
  world_end(&w);
}

static void test_reordering(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);

  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_RECEIVED);
  net_wire_reordering(&link->wires[0], 1, 2 * MS);
  world_send(a, b, 1000);
  net_wire_reordering(&link->wires[0], 0, 0);
  world_send(a, b, 500);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==,
                  "6200000 received b\n"
                  "7800000 received b\n");
  world_end(&w);
}

static void hold_first(void *user, NetWire *wire, NetPacket *packet,
                       NetFate *fate)
{
  uint32_t *behind = user;

  (void)wire;
  (void)packet;
  fate->behind = *behind;
  fate->within = 40 * MS;
  fate->copies = *behind > 0;
  *behind = 0;
}

static void check_held(uint32_t behind, const char *expected)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);

  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_RECEIVED);
  net_wire_decide(&link->wires[0], hold_first, &behind, NULL);
  world_send(a, b, 1500);
  for (unsigned i = 0; i < 3; i++)
    world_send(a, b, 250);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==, expected);
  world_end(&w);
}

/* 1.2 ms for the first, 0.2 ms for the others; the copy does not wait. Behind
 * more than there are it goes alone when the time is over. */
static void test_behind(void)
{
  check_held(2, "6200000 received b\n6400000 received b\n6600000 received b\n"
                "6600000 received b\n6800000 received b\n");
  check_held(9, "6200000 received b\n6400000 received b\n6600000 received b\n"
                "6800000 received b\n45000000 received b\n");
}

/* What waits to go onto a link that is cut is lost with it; else it is lost
 * when its time has come. */
static void check_held_down(bool cut, const char *expected)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);
  uint32_t behind = 9;

  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_RECEIVED | 1 << NET_TRACE_DROPPED);
  net_wire_decide(&link->wires[0], hold_first, &behind, NULL);
  world_send(a, b, 1500);
  sim_run(w.sim, 10 * MS);
  net_wire_down(&link->wires[0], cut);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==, expected);
  world_end(&w);
}

static void test_held_down(void)
{
  check_held_down(true, "6200000 received b\n10000000 dropped a-b link-down\n");
  check_held_down(false,
                  "6200000 received b\n40000000 dropped a-b link-down\n");
}

/* What was cut takes no time of what comes later: 100 bytes in 100 ms. */
static void test_cut_netem(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetWire *wire = &world_link(&w, a, b, (NetWireSpec){ 0 })->wires[0];

  world_finish(&w);
  net_host_listen_udp(b, 9);
  net_wire_netem(wire, &(NetNetemSpec){ .rate = { .rate = 8000 } });
  world_listen(&w, 1 << NET_TRACE_RECEIVED);
  world_send(a, b, 100);
  world_send(a, b, 100);
  world_wait(&w, &wire->owner, 20 * MS);
  net_wire_down(wire, true);
  net_wire_up(wire);
  world_send(a, b, 100);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==, "120000000 received b\n");
  world_end(&w);
}

static void free_while_held(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);
  uint32_t behind = 1;

  world_finish(&w);
  net_wire_decide(&link->wires[0], hold_first, &behind, NULL);
  world_send(a, b, 100);
  sim_run(w.sim, 10 * MS);
  sim_free(w.sim);
  g_string_free(w.log, TRUE);
}

typedef struct Once {
  NetWire *wire;
  NetDecider *decider;
  unsigned asked;
} Once;

static void ask_once(void *user, NetWire *wire, NetPacket *packet,
                     NetFate *fate)
{
  Once *once = user;

  (void)packet;
  once->asked++;
  fate->drop = true;
  net_wire_undecide(wire, once->decider);
}

/* A decider may end itself while it is asked. */
static void test_undecide_inside(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);
  Once once = { .wire = &link->wires[0] };

  world_finish(&w);
  net_host_listen_udp(b, 9);
  once.decider = net_wire_decide(once.wire, ask_once, &once, NULL);
  world_send(a, b, 100);
  world_send(a, b, 100);
  world_run(&w);
  g_assert_cmpuint(once.asked, ==, 1);
  g_assert_cmpuint(net_host_udp_received(b), ==, 1);
  world_end(&w);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/net/gate/drop", test_drop);
  g_test_add_func("/net/gate/duplicate", test_duplicate);
  g_test_add_func("/net/gate/delay", test_delay);
  g_test_add_func("/net/gate/corrupt", test_corrupt);
  g_test_add_func("/net/gate/corrupt-shared", test_corrupt_spares_the_sender);
  g_test_add_func("/net/gate/replaced", test_replaced_is_parsed);
  g_test_add_func("/net/gate/who-checks", test_who_checks);
  g_test_add_func("/net/gate/dice-independent", test_dice_are_independent);
  g_test_add_func("/net/gate/loss-ends", test_loss_ends);
  g_test_add_func("/net/gate/reordering", test_reordering);
  g_test_add_func("/net/gate/behind", test_behind);
  g_test_add_func("/gate/held-down", test_held_down);
  g_test_add_func("/gate/cut-netem", test_cut_netem);
  g_test_add_func("/net/gate/behind-at-the-end", free_while_held);
  g_test_add_func("/net/gate/undecide-inside", test_undecide_inside);
  return g_test_run();
}
