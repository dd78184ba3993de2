/* Any bytes as a capture file: whatever libpcap makes of them, what is read is
 * a packet that parses again to itself. */
#include "capture_read.h"
#include "formats.h"
#include "fuzz.h"
#include "net.h"

#define MOST_PACKETS 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint8_t *copy = g_memdup2(data, size);
  FILE *file = size > 0 ? fmemopen(copy, size, "rb") : NULL;
  Sim *sim = sim_new(1);
  Net *net = net_new(sim);
  CaptureReader *reader;
  NetPacket *packet;
  char problem[300];
  SimOwner owner;
  SimTime time;

  sim_owner_init(&owner, sim, "capture");
  reader = file ? capture_open(file, problem, sizeof problem) : NULL;
  for (unsigned i = 0; reader && i < MOST_PACKETS &&
                       capture_next(reader, net, &owner, &packet, &time);
       i++) {
    uint16_t head = packet->head_length, l4 = packet->l4;

    g_assert_cmpint(time, >=, 0);
    g_assert_cmpuint(net_packet_length(packet), >, NET_ETHERNET_SIZE);
    net_packet_parse(packet);
    g_assert_cmpuint(packet->head_length, ==, head);
    g_assert_cmpuint(packet->l4, ==, l4);
    net_packet_free(packet);
  }
  capture_close(reader);
  if (net->live_packets != 0)
    fuzz_fail("a packet is left");
  sim_free(sim);
  g_free(copy);
  return 0;
}

static size_t put32(uint8_t *at, uint32_t value)
{
  memcpy(at, &value, 4);
  return 4;
}

/* A classic header, any known link type, records with bytes that begin as IP
 * does. */
size_t fuzz_example(SimRandom *random, uint8_t *ret)
{
  static const uint8_t links[] = { 1, 0, 12, 101, 113, 228, 229 };
  size_t at = put32(ret, sim_random_below(random, 2) ? 0xa1b2c3d4 : 0xa1b23c4d);

  at += put32(ret + at, 0x00040002);
  at += put32(ret + at, 0);
  at += put32(ret + at, 0);
  at += put32(ret + at, 65535);
  at += put32(ret + at, links[sim_random_below(random, sizeof links)]);
  while (at + 16 + 100 < FUZZ_MOST) {
    uint32_t size = (uint32_t)sim_random_below(random, 100);

    at += put32(ret + at, (uint32_t)sim_random_below(random, 10));
    at += put32(ret + at, (uint32_t)sim_random_below(random, 1000000));
    at += put32(ret + at, size);
    at += put32(ret + at, size + (uint32_t)sim_random_below(random, 3) * 100);
    for (uint32_t i = 0; i < size; i++)
      ret[at + i] = (uint8_t)sim_random_next(random);
    if (size > 16)
      ret[at] = ret[at + 14] = sim_random_below(random, 2) ? 0x45 : 0x60;
    if (size > 16)
      net_put16(ret + at + 12, sim_random_below(random, 2) ? 0x0800 : 0x86dd);
    at += size;
  }
  return at;
}
