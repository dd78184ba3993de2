/*
 * bulk: N flows share a dumbbell. N senders and N receivers, one pair a flow,
 * on access wires of 10 Gbit/s and 1 ms; two routers with a bottleneck of
 * 1 Gbit/s, 5 ms and a drop-tail queue of 100 packets between them.
 *
 *   sender --+                                +-- receiver
 *   sender --+-- router ==bottleneck== router-+-- receiver
 *
 * Flow i starts at i milliseconds and sends its share, then closes.
 */
#include "network.h"

#include <algorithm>
#include <iostream>
#include <memory>

using namespace ns3;
using bench::Network;

namespace {

/* What the application hands over at once. Of 1460, 14600, 65536 and 146000
 * bytes, none makes ns-3 clearly faster. */
const uint32_t CHUNK_BYTES = 1460;

class Flow {
public:
  Flow(Ptr<Node> sender, Ptr<Node> receiver, Ipv4Address to, uint64_t bytes,
       Time start)
      : to_send(bytes), remote(to, 80)
  {
    listener = Socket::CreateSocket(receiver, TcpSocketFactory::GetTypeId());
    listener->Bind(InetSocketAddress(Ipv4Address::GetAny(), 80));
    listener->Listen();
    listener->SetAcceptCallback(
        MakeNullCallback<bool, Ptr<Socket>, const Address &>(),
        MakeCallback(&Flow::accepted, this));

    socket = Socket::CreateSocket(sender, TcpSocketFactory::GetTypeId());
    socket->Bind();
    socket->SetConnectCallback(MakeCallback(&Flow::connected, this),
                               MakeNullCallback<void, Ptr<Socket>>());
    socket->SetSendCallback(MakeCallback(&Flow::writable, this));
    Simulator::Schedule(start, &Flow::connect, this);
  }

  uint64_t received = 0;
  Time last_byte;

private:
  void connect()
  {
    socket->Connect(remote);
  }

  void connected(Ptr<Socket>)
  {
    writable(socket, socket->GetTxAvailable());
  }

  void writable(Ptr<Socket>, uint32_t)
  {
    while (to_send > 0) {
      uint32_t want = to_send < CHUNK_BYTES ? uint32_t(to_send) : CHUNK_BYTES;
      if (socket->GetTxAvailable() < want)
        return;
      socket->Send(Create<Packet>(want));
      to_send -= want;
    }
    if (!closed) {
      closed = true;
      socket->Close();
    }
  }

  void accepted(Ptr<Socket> conn, const Address &)
  {
    conn->SetRecvCallback(MakeCallback(&Flow::readable, this));
    conn->SetCloseCallbacks(MakeCallback(&Flow::peer_closed, this),
                            MakeNullCallback<void, Ptr<Socket>>());
  }

  void readable(Ptr<Socket> conn)
  {
    while (Ptr<Packet> data = conn->Recv())
      received += data->GetSize();
    last_byte = Simulator::Now();
  }

  void peer_closed(Ptr<Socket> conn)
  {
    Simulator::ScheduleNow(&Socket::Close, conn);
  }

  Ptr<Socket> listener;
  Ptr<Socket> socket;
  uint64_t to_send;
  InetSocketAddress remote;
  bool closed = false;
};

std::vector<std::unique_ptr<Flow>> make_dumbbell(Network &net, uint32_t flows,
                                                 uint64_t bytes)
{
  const bench::Wire access = { "10Gbps", "1ms", 10000 };
  const bench::Wire bottleneck = { "1Gbps", "5ms", 100 };
  Ptr<Node> left = net.host();
  Ptr<Node> right = net.host();
  Ipv4Address right_address = net.join(left, right, bottleneck);
  net.default_route(left, right_address, 1);
  net.default_route(right, Ipv4Address(right_address.Get() - 1), 1);

  std::vector<std::unique_ptr<Flow>> made;
  for (uint32_t i = 0; i < flows; i++) {
    Ptr<Node> sender = net.host();
    Ptr<Node> receiver = net.host();
    Ipv4Address gateway = net.join(sender, left, access);
    net.default_route(sender, gateway, 1);
    Ipv4Address to = net.join(right, receiver, access);
    net.default_route(receiver, Ipv4Address(to.Get() - 1), 1);
    uint64_t share = bytes / flows + (i < bytes % flows ? 1 : 0);
    made.push_back(
        std::make_unique<Flow>(sender, receiver, to, share, MilliSeconds(i)));
  }
  return made;
}

} // namespace

int main(int argc, char **argv)
{
  uint32_t flows = 1;
  uint64_t megabytes = 300;
  CommandLine cmd;
  cmd.AddValue("flows", "connections at once", flows);
  cmd.AddValue("megabytes", "10^6 bytes that all flows send together",
               megabytes);
  cmd.Parse(argc, argv);
  bench::set_tcp(240);

  Network net;
  auto made = make_dumbbell(net, flows, megabytes * 1000000);
  Simulator::Run();

  uint64_t received = 0;
  Time last;
  for (const auto &flow : made) {
    received += flow->received;
    last = std::max(last, flow->last_byte);
  }
  std::cout << "packets=" << net.hops()
            << " events=" << Simulator::GetEventCount() << " bytes=" << received
            << " dropped=" << net.dropped()
            << " last_byte_s=" << last.GetSeconds() << "\n";
  Simulator::Destroy();
  if (received == megabytes * 1000000)
    return 0;
  std::cerr << "bulk: received " << received << " of " << megabytes * 1000000
            << " bytes\n";
  return 1;
}
