/* What a filter costs: packets over one link, with nobody who decides about
 * them, and with a decider that asks a filter about each. */
#include <glib.h>
#include <stdio.h>
#include <time.h>

#include "filter.h"
#include "gate.h"
#include "host.h"

#define PACKETS 400000
#define ROUNDS 5

static double now_ns(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void ask(void *user, NetWire *wire, NetPacket *packet, NetFate *fate)
{
  (void)wire;
  fate->drop = filter_matches(user, packet);
}

/* ns of a packet on its way from host to host. */
static double measure(Filter *filter)
{
  Sim *sim = sim_new(1);
  Net *net = net_new(sim);
  NetWireSpec spec = { .rate = 0, .delay = SIM_MILLISECOND };
  NetHost *a = net_host_new(net, "a", NULL), *b = net_host_new(net, "b", NULL);
  NetLink *link = net_link_new(net, NULL, net_host_node(a), net_host_node(b),
                               &spec, &spec, NULL, NULL);
  char problem[200];
  double begun;

  if (!net_finish(net, problem, sizeof problem))
    g_error("%s", problem);
  net_host_listen_udp(b, 9);
  if (filter)
    net_wire_decide(&link->wires[0], ask, filter, NULL);
  begun = now_ns();
  for (unsigned i = 0; i < PACKETS; i++) {
    net_host_send_udp(a, net_host_address(b), 1, 9, net_slice_virtual(1000));
    if (i % 64 == 63)
      sim_run(sim, sim->now + 2 * SIM_MILLISECOND);
  }
  sim_run(sim, SIM_TIME_NEVER);
  begun = now_ns() - begun;
  if (net_host_udp_received(b) != PACKETS)
    g_error("packets are missing");
  sim_free(sim);
  return begun / PACKETS;
}

static double best(Filter *filter)
{
  double least = measure(filter);

  for (unsigned i = 1; i < ROUNDS; i++)
    least = MIN(least, measure(filter));
  return least;
}

int main(void)
{
  static const char *const texts[] = {
    "tcp",
    "udp dst port 10",
    "tcp[tcpflags] & tcp-fin != 0 and dst port 80",
    "src host 10.0.0.9 and udp[8:4] = 7",
  };
  double without = best(NULL);

  printf("%-46s %8s %8s %6s\n", "filter", "ns", "more ns", "ratio");
  printf("%-46s %8.1f %8s %6s\n", "none", without, "", "");
  for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
    char problem[200];
    Filter *filter = filter_new(texts[i], problem, sizeof problem);
    double with;

    if (!filter)
      g_error("%s", problem);
    with = best(filter);
    printf("%-46s %8.1f %8.1f %6.2f\n", texts[i], with, with - without,
           with / without);
    filter_free(filter);
  }
  return 0;
}
