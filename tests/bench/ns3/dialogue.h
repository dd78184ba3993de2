/*
 * One TCP conversation as churn, held and start use it: the client connects,
 * sends a request, gets a response and closes; the server closes when it sees
 * the client's FIN.
 *
 *   SYN, SYN-ACK, ACK, request, response, FIN, ACK, FIN, ACK
 *
 * ns-3 tells the application of a FIN before it acknowledges it. The server
 * therefore closes in an event of its own, so that the close has its four
 * segments in order.
 */
#ifndef LINGER_BENCH_NS3_DIALOGUE_H
#define LINGER_BENCH_NS3_DIALOGUE_H

#include "network.h"

#include <functional>

namespace bench {

/* Answers each request with a response, on any number of connections. */
class Server {
public:
  Server(ns3::Ptr<ns3::Node> node, uint16_t port, uint32_t request_bytes,
         uint32_t response_bytes);

  uint64_t accepted = 0;
  uint64_t received_bytes = 0;
  uint64_t closed = 0;

private:
  void on_accept(ns3::Ptr<ns3::Socket> conn, const ns3::Address &peer);
  void on_readable(ns3::Ptr<ns3::Socket> conn);
  void on_peer_closed(ns3::Ptr<ns3::Socket> conn);

  ns3::Ptr<ns3::Socket> listener;
  uint32_t request_bytes;
  uint32_t response_bytes;
};

/* One client connection. on_response runs when the response is complete,
 * on_peer_closed when the server's FIN has arrived. */
class Client {
public:
  Client(ns3::Ptr<ns3::Node> node, ns3::InetSocketAddress remote,
         uint32_t request_bytes, uint32_t response_bytes);

  /* Opens the connection; only inside Simulator::Run(). */
  void connect();
  void close();

  std::function<void()> on_response;
  std::function<void()> on_peer_closed;
  bool connected = false;
  uint64_t received_bytes = 0;

private:
  void on_connected(ns3::Ptr<ns3::Socket> conn);
  void on_readable(ns3::Ptr<ns3::Socket> conn);
  void on_closed(ns3::Ptr<ns3::Socket> conn);

  ns3::Ptr<ns3::Socket> socket;
  ns3::InetSocketAddress remote;
  uint32_t request_bytes;
  uint32_t response_bytes;
};

} // namespace bench

#endif
