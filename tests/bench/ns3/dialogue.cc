#include "dialogue.h"

using namespace ns3;

namespace bench {

Server::Server(Ptr<Node> node, uint16_t port, uint32_t request,
               uint32_t response)
    : request_bytes(request), response_bytes(response)
{
  listener = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
  listener->Bind(InetSocketAddress(Ipv4Address::GetAny(), port));
  listener->Listen();
  listener->SetAcceptCallback(
      MakeNullCallback<bool, Ptr<Socket>, const Address &>(),
      MakeCallback(&Server::on_accept, this));
}

void Server::on_accept(Ptr<Socket> conn, const Address &)
{
  accepted++;
  conn->SetRecvCallback(MakeCallback(&Server::on_readable, this));
  conn->SetCloseCallbacks(MakeCallback(&Server::on_peer_closed, this),
                          MakeNullCallback<void, Ptr<Socket>>());
}

/* A request fits one segment, so that it arrives whole. */
void Server::on_readable(Ptr<Socket> conn)
{
  while (Ptr<Packet> data = conn->Recv()) {
    received_bytes += data->GetSize();
    if (data->GetSize() == request_bytes)
      conn->Send(Create<Packet>(response_bytes));
  }
}

void Server::on_peer_closed(Ptr<Socket> conn)
{
  closed++;
  Simulator::ScheduleNow(&Socket::Close, conn);
}

Client::Client(Ptr<Node> node, InetSocketAddress to, uint32_t request,
               uint32_t response)
    : remote(to), request_bytes(request), response_bytes(response)
{
  socket = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
  socket->Bind();
  socket->SetConnectCallback(MakeCallback(&Client::on_connected, this),
                             MakeNullCallback<void, Ptr<Socket>>());
  socket->SetRecvCallback(MakeCallback(&Client::on_readable, this));
  socket->SetCloseCallbacks(MakeCallback(&Client::on_closed, this),
                            MakeNullCallback<void, Ptr<Socket>>());
}

void Client::connect()
{
  socket->Connect(remote);
}

void Client::close()
{
  socket->Close();
  socket = nullptr;
}

void Client::on_connected(Ptr<Socket> conn)
{
  connected = true;
  if (request_bytes > 0)
    conn->Send(Create<Packet>(request_bytes));
}

/* ns-3 calls this for a FIN as well: a response counts once. */
void Client::on_readable(Ptr<Socket> conn)
{
  uint64_t before = received_bytes;
  while (Ptr<Packet> data = conn->Recv())
    received_bytes += data->GetSize();
  if (received_bytes > before && received_bytes == response_bytes &&
      on_response)
    on_response();
}

void Client::on_closed(Ptr<Socket>)
{
  if (on_peer_closed)
    on_peer_closed();
}

} // namespace bench
