#include "network.h"

using namespace ns3;

namespace bench {

void set_tcp(double timewait_s)
{
  Config::SetDefault("ns3::TcpL4Protocol::SocketType",
                     TypeIdValue(TcpNewReno::GetTypeId()));
  Config::SetDefault("ns3::TcpL4Protocol::RecoveryType",
                     TypeIdValue(TcpClassicRecovery::GetTypeId()));
  Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(false));
  Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(false));
  Config::SetDefault("ns3::TcpSocketBase::MaxSegLifetime",
                     DoubleValue(timewait_s / 2));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1460));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(4 << 20));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(4 << 20));
}

Ptr<Node> Network::host()
{
  Ptr<Node> node = CreateObject<Node>();
  InternetStackHelper stack;
  stack.SetIpv6StackInstall(false);
  stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
  stack.Install(node);
  return node;
}

static void add_interface(Ptr<Node> node, Ptr<NetDevice> device,
                          Ipv4Address address)
{
  Ptr<Ipv4> ipv4 = node->GetObject<Ipv4>();
  uint32_t interface = ipv4->AddInterface(device);
  ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, "255.255.255.252"));
  ipv4->SetUp(interface);
}

Ipv4Address Network::join(Ptr<Node> a, Ptr<Node> b, const Wire &wire)
{
  PointToPointHelper helper;
  helper.SetDeviceAttribute("DataRate", StringValue(wire.rate));
  helper.SetChannelAttribute("Delay", StringValue(wire.delay));
  helper.SetQueue(
      "ns3::DropTailQueue<Packet>", "MaxSize",
      QueueSizeValue(QueueSize(QueueSizeUnit::PACKETS, wire.queue_packets)));
  helper.DisableFlowControl();

  NetDeviceContainer pair = helper.Install(a, b);
  for (uint32_t i = 0; i < 2; i++)
    devices.push_back(DynamicCast<PointToPointNetDevice>(pair.Get(i)));

  add_interface(a, pair.Get(0), Ipv4Address(next_subnet + 1));
  add_interface(b, pair.Get(1), Ipv4Address(next_subnet + 2));
  Ipv4Address far(next_subnet + 2);
  next_subnet += 4;
  return far;
}

void Network::default_route(Ptr<Node> from, Ipv4Address via, uint32_t interface)
{
  Ipv4StaticRoutingHelper helper;
  helper.GetStaticRouting(from->GetObject<Ipv4>())
      ->SetDefaultRoute(via, interface);
}

uint64_t Network::hops() const
{
  uint64_t total = 0;
  for (const auto &device : devices) {
    const auto queue = device->GetQueue();
    total += queue->GetTotalReceivedPackets() - queue->GetNPackets();
  }
  return total;
}

uint64_t Network::dropped() const
{
  uint64_t total = 0;
  for (const auto &device : devices)
    total += device->GetQueue()->GetTotalDroppedPackets();
  return total;
}

} // namespace bench
