/*
 * held: N connections open at once, then all closed. They are opened 10 us
 * apart, carry nothing, and are closed in the same rhythm one second after
 * the last one opened; each close has its four segments.
 *
 * A host of ns-3 has 16383 ephemeral ports, so there is one client host for
 * every 10^4 connections, each on a wire of its own to the one server.
 */
#include "dialogue.h"

#include <iostream>
#include <memory>

using namespace ns3;

int main(int argc, char **argv)
{
  const uint32_t per_host = 10000;
  uint32_t connections = 10000;
  double timewait_s = 240;
  CommandLine cmd;
  cmd.AddValue("connections", "connections open at once", connections);
  cmd.AddValue("timewait", "2MSL in seconds", timewait_s);
  cmd.Parse(argc, argv);
  bench::set_tcp(timewait_s);

  bench::Network net;
  Ptr<Node> server = net.host();
  bench::Server service(server, 80, 0, 0);
  std::vector<std::unique_ptr<bench::Client>> clients;
  uint64_t closed = 0;
  Ptr<Node> host;
  Ipv4Address to;
  for (uint32_t i = 0; i < connections; i++) {
    if (i % per_host == 0) {
      host = net.host();
      to = net.join(host, server, { "1Gbps", "1ms", 10000 });
    }
    clients.push_back(
        std::make_unique<bench::Client>(host, InetSocketAddress(to, 80), 0, 0));
    bench::Client *client = clients.back().get();
    client->on_peer_closed = [&closed] { closed++; };
    Time start = MicroSeconds(10) * i;
    Time held = MicroSeconds(10) * connections + Seconds(1);
    Simulator::Schedule(start, &bench::Client::connect, client);
    Simulator::Schedule(start + held, &bench::Client::close, client);
  }
  uint64_t open_at_once = 0;
  Simulator::Schedule(MicroSeconds(10) * connections + Seconds(0.5), [&] {
    for (const auto &client : clients)
      open_at_once += client->connected;
    open_at_once -= closed;
  });
  Simulator::Run();

  std::cout << "packets=" << net.hops()
            << " events=" << Simulator::GetEventCount()
            << " open_at_once=" << open_at_once << " closed=" << closed
            << " end_s=" << Simulator::Now().GetSeconds() << "\n";
  Simulator::Destroy();
  if (open_at_once == connections && closed == connections &&
      service.closed == connections)
    return 0;
  std::cerr << "held: " << open_at_once << " open, " << closed << " closed, of "
            << connections << "\n";
  return 1;
}
