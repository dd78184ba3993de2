/*
 * Hosts and wires for the ns-3 side of the benchmarks, set up to be as cheap
 * as ns-3 allows: no IPv6, no queue disc, no flow control, static routes, no
 * checksums, so that the ratio in the table flatters nobody.
 *
 * Invariant: every device of a program is in `devices`, so hops() counts every
 * transmission. The queue of a device counts what enters it in any case, and
 * all of it has been transmitted once the queue is empty again: counting costs
 * the measured run nothing.
 */
#ifndef LINGER_BENCH_NS3_NETWORK_H
#define LINGER_BENCH_NS3_NETWORK_H

#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct Wire {
  std::string rate;
  std::string delay;
  uint32_t queue_packets;
};

/* Sets what every socket made later starts from: NewReno without SACK, MSS
 * 1460, buffers of 4 MiB, and a TIME-WAIT of `timewait_s`. Timestamps are off:
 * ns-3 does not count them in the MSS, and 1460 bytes with them would be
 * fragmented. */
void set_tcp(double timewait_s);

class Network {
public:
  /* Makes a host with an IPv4 stack and static routing. */
  ns3::Ptr<ns3::Node> host();

  /* Joins two hosts; a gets address x.x.x.1 and b x.x.x.2 of a fresh /30.
   * Returns the address of b. */
  ns3::Ipv4Address join(ns3::Ptr<ns3::Node> a, ns3::Ptr<ns3::Node> b,
                        const Wire &wire);

  /* Lets `from` send what it has no route for over its interface number
   * `interface` to `via`. Interface 0 is the loopback. */
  void default_route(ns3::Ptr<ns3::Node> from, ns3::Ipv4Address via,
                     uint32_t interface);

  /* Transmissions of all devices so far. */
  uint64_t hops() const;

  /* Packets that found a queue full. */
  uint64_t dropped() const;

private:
  std::vector<ns3::Ptr<ns3::PointToPointNetDevice>> devices;
  uint32_t next_subnet = 0x0a000000;
};

} // namespace bench

#endif
