/* The transparent proxy: which packets are its own, and how its pairs begin.
 *
 * A half's user is its Half. The connection to the client has the server's end
 * as its local one, that to the server the client's: mirror images, by which
 * one finds the other.
 */
#include "conntrack.h"
#include "proxy_private.h"
#include "segment.h"

const AppProxyCounters *app_proxy_counters(const AppProxy *proxy)
{
  return &proxy->counters;
}

#define OPENING (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)

/* -- how they begin -- */

/* The server has answered: the SYN that waited may go up. */
static void let_in(ProxyPair *pair)
{
  AppProxy *proxy = pair->proxy;
  NetPacket *syn = pair->syn;
  const char *problem;
  NetIp ip;

  pair->syn = NULL;
  if (!syn)
    return;
  if (!net_ip_get(syn, &ip, &problem)) {
    net_packet_free(syn);
    return;
  }
  net_host_deliver(proxy->host, pair->nic, syn, &ip);
}

static void server_opened(Half *half)
{
  half->open = true;
  half->pair->proxy->counters.connected++;
  let_in(half->pair);
}

/* tcp_connect() may not have returned yet. */
static void notified(void *user, TcpConnection *tcp, unsigned events)
{
  Half *half = user;

  half->tcp = tcp;
  if (events & TCP_EVENT_ESTABLISHED && !half->open)
    server_opened(half);
  proxy_pair_step(half->pair);
}

static void connect_server(ProxyPair *pair)
{
  Half *half = &pair->half[SERVER];
  TcpEnd remote = half->name.remote;
  TcpError error;

  pair->busy = true;
  half->tcp = tcp_connect(pair->proxy->stack, &half->name.local, remote, NULL,
                          notified, half, &error);
  pair->busy = false;
  if (half->tcp)
    proxy_pair_step(pair);
  else
    proxy_pair_unreached(pair);
}

/* The half towards the server of the client's connection, or NULL. */
static Half *server_half(const AppProxy *proxy, TcpPair to_client)
{
  TcpPair to_server = proxy_mirrored(to_client);
  TcpConnection *tcp = tcp_find(proxy->stack, &to_server);

  return tcp ? tcp_user(tcp) : NULL;
}

/* The pair that waits for this client, or a new one. */
static ProxyPair *pair_of(AppProxy *proxy, TcpPair to_client)
{
  Half *half = server_half(proxy, to_client);

  if (half && !half->pair->half[CLIENT].tcp && !half->pair->half[CLIENT].gone)
    return half->pair;
  return proxy_pair_new(proxy, to_client);
}

static void acceptable(void *user, TcpListener *listener)
{
  AppProxy *proxy = user;
  TcpConnection *tcp;

  while ((tcp = tcp_accept(listener, NULL, NULL))) {
    ProxyPair *pair = pair_of(proxy, tcp_pair(tcp));
    Half *half = &pair->half[CLIENT];

    half->tcp = tcp;
    half->open = true;
    tcp_set_user(tcp, notified, half);
    proxy->counters.accepted++;
    if (pair->half[SERVER].tcp)
      proxy_pair_step(pair);
    else
      connect_server(pair);
  }
}

/* -- what is diverted -- */

static bool is_port(const AppProxy *proxy, uint16_t port)
{
  for (unsigned i = 0; i < proxy->spec.count; i++)
    if (proxy->ports[i] == port)
      return true;
  return false;
}

static bool is_ours(const AppProxy *proxy, const TcpPair *pair)
{
  TcpStatus status;

  return tcp_status_of(proxy->stack, pair, &status);
}

static TcpPair seen_by_receiver(const NetTuple *tuple)
{
  return (TcpPair){ { tuple->destination, tuple->destination_port },
                    { tuple->source, tuple->source_port } };
}

/* Errors about segments of ours, which are sent to the end that we play. */
static bool is_our_error(const AppProxy *proxy, const NetPacket *packet,
                         const NetIp *ip)
{
  const char *reason;
  NetQuoted quoted;
  TcpPair pair;

  if (!net_quoted_of(packet, ip, &quoted, &reason) ||
      quoted.tuple.protocol != NET_PROTOCOL_TCP)
    return false;
  pair = proxy_mirrored(seen_by_receiver(&quoted.tuple));
  return is_ours(proxy, &pair);
}

/* The server is asked first. True: the SYN was taken over. */
static bool wait_for_server(AppProxy *proxy, NetNic *nic, NetPacket *packet,
                            const TcpPair *to_client)
{
  const Half *half = server_half(proxy, *to_client);
  ProxyPair *pair;

  if (!proxy->spec.server_first || packet->head_length < packet->l4 + 20 ||
      (packet->head[packet->l4 + 13] & OPENING) != TCP_SYN || (half && half->open))
    return false;
  if (half) {
    net_drop(packet, net_host_node(proxy->host), nic, "proxy-waits",
             "the proxy still waits for the server");
    return true;
  }
  pair = proxy_pair_new(proxy, *to_client);
  pair->syn = packet;
  pair->nic = nic;
  connect_server(pair);
  return true;
}

static bool divert(AppProxy *proxy, NetNic *nic, NetPacket *packet, NetIp *ip,
                   const TcpPair *pair)
{
  bool known = is_ours(proxy, pair);

  if (!known && !is_port(proxy, pair->local.port))
    return true;
  proxy->counters.diverted++;
  if (!known && wait_for_server(proxy, nic, packet, pair))
    return false;
  net_host_deliver(proxy->host, nic, packet, ip);
  return false;
}

static bool inspect(NetBox *box, const NetCrossing *at, NetPacket *packet,
                    NetIp *ip)
{
  AppProxy *proxy = SIM_CONTAINER(box, AppProxy, box);
  NetTuple tuple;
  TcpPair pair;

  if (at->point != NET_POINT_ARRIVING ||
      net_host_owns(proxy->host, ip->destination))
    return true;
  if (is_our_error(proxy, packet, ip)) {
    proxy->counters.diverted++;
    net_host_deliver(proxy->host, at->in, packet, ip);
    return false;
  }
  if (ip->protocol != NET_PROTOCOL_TCP || !net_tuple_of(packet, ip, &tuple))
    return true;
  pair = seen_by_receiver(&tuple);
  return divert(proxy, at->in, packet, ip, &pair);
}

/* -- the whole -- */

void app_proxy_each(const AppProxy *proxy,
                    void (*func)(void *user, const AppProxyPair *pair),
                    void *user)
{
  for (const ProxyPair *at = proxy->first; at; at = at->next) {
    const Half *client = &at->half[CLIENT], *server = &at->half[SERVER];
    AppProxyPair pair = {
      .client = client->name.remote,
      .server = server->name.remote,
      .for_server = client->relay.held,
      .for_client = server->relay.held,
      .client_ended = client->relay.ended,
      .server_ended = server->relay.ended,
    };
    TcpStatus status;

    pair.to_client = pair.to_server = TCP_CLOSED;
    if (tcp_status_of(proxy->stack, &client->name, &status))
      pair.to_client = status.state;
    if (tcp_status_of(proxy->stack, &server->name, &status))
      pair.to_server = status.state;
    func(user, &pair);
  }
}

static void proxy_free(NetBox *box)
{
  AppProxy *proxy = SIM_CONTAINER(box, AppProxy, box);

  while (proxy->first)
    proxy_pair_free(proxy->first);
  g_free(proxy);
}

static bool listen_all(AppProxy *proxy, TcpError *ret_error)
{
  for (unsigned i = 0; i < proxy->spec.count; i++)
    if (!tcp_listen(proxy->stack, NET_ADDRESS_ANY, proxy->ports[i], 0, NULL,
                    acceptable, proxy, ret_error))
      return false;
  return true;
}

AppProxy *app_proxy_new(TcpStack *stack, const AppProxySpec *spec,
                        TcpError *ret_error)
{
  AppProxy *proxy = g_new0(AppProxy, 1);
  NetNode *node;
  char *owner;

  proxy->box.inspect = inspect;
  proxy->box.free = proxy_free;
  proxy->spec = *spec;
  for (unsigned i = 0; i < spec->count; i++)
    proxy->ports[i] = spec->ports[i];
  proxy->spec.ports = proxy->ports;
  proxy->stack = stack;
  proxy->host = tcp_stack_host(stack);
  node = net_host_node(proxy->host);
  proxy->sim = node->net->sim;
  owner = g_strconcat(node->name, " proxy", NULL);
  sim_owner_init(&proxy->owner, proxy->sim, owner);
  g_free(owner);
  net_host_set_transparent(proxy->host, true);
  net_node_add_box(node, &proxy->box);
  return listen_all(proxy, ret_error) ? proxy : NULL;
}
