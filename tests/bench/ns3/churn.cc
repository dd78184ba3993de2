/*
 * churn: K connections one after the other between two hosts on 1 Gbit/s and
 * 1 ms: connect, 100 bytes, 1000 bytes back, a four-segment close by the
 * client. The next one starts when the server's FIN has arrived, so that the
 * TIME-WAITs of the client pile up for as long as --timewait says.
 */
#include "dialogue.h"

#include <iostream>
#include <memory>

using namespace ns3;

namespace {

const uint32_t REQUEST_BYTES = 100;
const uint32_t RESPONSE_BYTES = 1000;

class Churn {
public:
  Churn(Ptr<Node> from, Ipv4Address to, uint32_t connections)
      : node(from), remote(to, 80), left(connections)
  {
    Simulator::Schedule(Seconds(0), &Churn::next, this);
  }

  uint64_t completed = 0;
  uint64_t received_bytes = 0;

private:
  void next()
  {
    if (left == 0)
      return;
    left--;
    client = std::make_unique<bench::Client>(node, remote, REQUEST_BYTES,
                                             RESPONSE_BYTES);
    client->on_response = [this] { client->close(); };
    client->on_peer_closed = [this] { done(); };
    client->connect();
  }

  /* Called from inside the socket: the client must outlive the call. */
  void done()
  {
    completed++;
    received_bytes += client->received_bytes;
    Simulator::ScheduleNow(&Churn::next, this);
  }

  Ptr<Node> node;
  InetSocketAddress remote;
  uint32_t left;
  std::unique_ptr<bench::Client> client;
};

} // namespace

int main(int argc, char **argv)
{
  uint32_t connections = 10000;
  double timewait_s = 0.002;
  CommandLine cmd;
  cmd.AddValue("connections", "connections, one after the other", connections);
  cmd.AddValue("timewait", "2MSL in seconds", timewait_s);
  cmd.Parse(argc, argv);
  bench::set_tcp(timewait_s);

  bench::Network net;
  Ptr<Node> client = net.host();
  Ptr<Node> server = net.host();
  Ipv4Address to = net.join(client, server, { "1Gbps", "1ms", 100 });
  bench::Server service(server, 80, REQUEST_BYTES, RESPONSE_BYTES);
  Churn churn(client, to, connections);
  Simulator::Run();

  std::cout << "packets=" << net.hops()
            << " events=" << Simulator::GetEventCount()
            << " completed=" << churn.completed
            << " end_s=" << Simulator::Now().GetSeconds() << "\n";
  Simulator::Destroy();
  if (churn.completed == connections && service.closed == connections &&
      churn.received_bytes == uint64_t(connections) * RESPONSE_BYTES)
    return 0;
  std::cerr << "churn: " << churn.completed << " of " << connections
            << " connections completed\n";
  return 1;
}
