/*
 * start: two hosts, one connection, one four-segment close: what a process
 * costs from its start to its exit when there is next to nothing to simulate.
 */
#include "dialogue.h"

#include <iostream>

using namespace ns3;

int main(int argc, char **argv)
{
  CommandLine cmd;
  cmd.Parse(argc, argv);
  bench::set_tcp(240);

  bench::Network net;
  Ptr<Node> host = net.host();
  Ptr<Node> server = net.host();
  Ipv4Address to = net.join(host, server, { "10Mbps", "50ms", 100 });
  bench::Server service(server, 80, 7, 7);
  bench::Client client(host, InetSocketAddress(to, 80), 7, 7);
  bool closed = false;
  client.on_response = [&client] { client.close(); };
  client.on_peer_closed = [&closed] { closed = true; };
  Simulator::Schedule(Seconds(0), &bench::Client::connect, &client);
  Simulator::Run();

  std::cout << "packets=" << net.hops()
            << " events=" << Simulator::GetEventCount() << " closed=" << closed
            << "\n";
  Simulator::Destroy();
  return closed && service.closed == 1 ? 0 : 1;
}
