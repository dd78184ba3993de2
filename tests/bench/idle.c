/* What connections weigh that do nothing: bytes of allocated memory for an
 * idle pair of ESTABLISHED connections, both ends together, and for a
 * TIME-WAIT record. Spare room of pools and hash tables is included, so each
 * is measured at several counts; the worst one is judged.
 *
 *     usage: idle        prints bytes; fails if a connection is missing
 */
#include <glib.h>
#include <malloc.h>
#include <stdio.h>

#include "app.h"
#include "net_link.h"

#define PORT 80
#define PORTS 8 /* a host's own ports are not enough for 10^5 */
#define PAIR_TARGET 1536
#define RECORD_TARGET 128

static const unsigned counts[] = { 10000, 30000, 100000 };

typedef struct Hosts {
  Sim *sim;
  NetHost *client, *server;
  TcpStack *from, *to;
} Hosts;

static Hosts hosts_new(void)
{
  NetWireSpec wire = { .delay = SIM_MICROSECOND, .queue = 1000 };
  Sim *sim = sim_new(1);
  Net *net = net_new(sim);
  Hosts hosts = { .sim = sim,
                  .client = net_host_new(net, "client", NULL),
                  .server = net_host_new(net, "server", NULL) };
  char problem[200];

  net_link_new(net, NULL, net_host_node(hosts.client),
               net_host_node(hosts.server), &wire, &wire, NULL, NULL);
  if (!net_finish(net, problem, sizeof problem))
    g_error("%s", problem);
  hosts.from = tcp_stack_new(hosts.client, NULL);
  hosts.to = tcp_stack_new(hosts.server, NULL);
  return hosts;
}

static size_t allocated(void)
{
  struct mallinfo2 info = mallinfo2();

  return info.uordblks + info.hblkhd;
}

static void accept_one(void *user, TcpListener *listener)
{
  (void)user;
  tcp_accept(listener, NULL, NULL);
}

static double weigh_pairs(unsigned count)
{
  Hosts hosts = hosts_new();
  TcpEnd remote = { net_host_address(hosts.server), 0 };
  size_t before = allocated();
  double bytes;
  TcpError error;

  for (uint16_t i = 0; i < PORTS; i++)
    tcp_listen(hosts.to, NET_ADDRESS_ANY, PORT + i, 0, NULL, accept_one, NULL,
               &error);
  for (unsigned i = 0; i < count; i++) {
    remote.port = (uint16_t)(PORT + i % PORTS);
    tcp_connect(hosts.from, NULL, remote, NULL, NULL, NULL, &error);
    sim_run(hosts.sim, SIM_TIME_NEVER);
  }
  bytes = (double)(allocated() - before) / count;
  if (tcp_stack_counters(hosts.to)->passive_opens != count ||
      tcp_stack_counters(hosts.from)->connections != count ||
      tcp_stack_counters(hosts.to)->connections != count)
    g_error("not all of %u pairs are open", count);
  sim_free(hosts.sim);
  return bytes;
}

static double weigh_records(unsigned count)
{
  Hosts hosts = hosts_new();
  size_t before = allocated();
  double bytes;

  app_sink_new(hosts.to,
               &(AppSinkSpec){ .service = { .port = PORT, .ports = PORTS } });
  app_churn_new(hosts.from, &(AppChurnSpec){ .each.to = { .host = hosts.server,
                                                          .port = PORT,
                                                          .ports = PORTS },
                                             .connections = count });
  sim_run(hosts.sim, 100 * SIM_SECOND);
  bytes = (double)(allocated() - before) / count;
  if (tcp_stack_counters(hosts.from)->time_waits != count)
    g_error("not all of %u connections are in TIME-WAIT", count);
  sim_free(hosts.sim);
  return bytes;
}

static void report(const char *what, double (*weigh)(unsigned), double target)
{
  double worst = 0;

  printf("%-24s", what);
  for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++) {
    double bytes = weigh(counts[i]);

    worst = MAX(worst, bytes);
    printf(" %8.0f", bytes);
  }
  printf(" %8.0f %s\n", target, worst <= target ? "reached" : "missed");
}

int main(void)
{
  printf("%-24s", "bytes of each");
  for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++)
    printf(" %8u", counts[i]);
  printf(" %8s\n", "target");
  report("idle pair", weigh_pairs, PAIR_TARGET);
  report("TIME-WAIT record", weigh_records, RECORD_TARGET);
  return 0;
}
