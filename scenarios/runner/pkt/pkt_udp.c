/* A datagram socket: a port, perhaps a peer, and the datagrams that wait.
 *
 * What ICMP says of a datagram is told by the next call if the socket is
 * connected and the error is one that Linux calls hard (RFC 1122 4.1.3.3,
 * net/ipv4/icmp.c); with IP_RECVERR every error is, and it is queued too. */
#include "pkt_udp.h"

#include <string.h>

#include "formats.h"
#include "pkt_ready.h"

enum {
  MOST_IPV4 = 65507,
  MOST_IPV6 = 65527,
  ROOM = 212992, /* net.core.rmem_default */
  FIRST_PORT = 40000,
  HOST_TTL = 64, /* of who has set none */
  PEEK = 2,
  TRUNC = 0x20,
};

typedef struct Datagram {
  uint32_t length;
  NetIp ip;
  uint16_t port;
} Datagram;

struct PktUdp {
  uint16_t port; /* 0: none yet */
  TcpEnd peer;
  bool connected, read_shut, write_shut;
  GQueue datagrams;
  uint32_t held; /* bytes */
  Datagram last;
  bool cut;
  const char *error;
  GQueue refusals;
  bool receive_errors;
  int64_t room, ttl, tos;
  int64_t receive_ttl, receive_tos;
};

void pkt_udp_new(PktFd *fd)
{
  fd->udp = g_new0(PktUdp, 1);
  fd->udp->room = ROOM;
  g_queue_init(&fd->udp->datagrams);
  g_queue_init(&fd->udp->refusals);
}

void pkt_udp_free(PktFd *fd)
{
  PktUdp *udp = fd->udp;

  if (!udp)
    return;
  if (udp->port)
    net_host_close_udp(fd->run->host, udp->port);
  g_queue_clear_full(&udp->datagrams, g_free);
  g_queue_clear_full(&udp->refusals, g_free);
  g_free(udp);
  fd->udp = NULL;
}

/* -- from below -- */

static bool is_from_peer(const PktUdp *udp, NetAddress address, uint16_t port)
{
  return !udp->connected || (net_address_equal(address, udp->peer.address) &&
                             port == udp->peer.port);
}

static void arrived(void *user, NetPacket *packet, const NetIp *ip)
{
  PktFd *fd = user;
  PktUdp *udp = fd->udp;
  NetNode *node = net_host_node(fd->run->host);
  Datagram it = { .length = packet->payload.length,
                  .ip = *ip,
                  .port = net_get16(packet->head + packet->l4) };

  if (!is_from_peer(udp, ip->source, it.port)) {
    net_host_unreachable(fd->run->host, packet, NET_UNREACHABLE_PORT, 0);
    net_drop(packet, node, NULL, "udp-peer",
             "the socket is connected to another");
  } else if (udp->held + it.length > udp->room) {
    net_drop(packet, node, NULL, "udp-full",
             "the socket's receive buffer is full");
  } else {
    g_queue_push_tail(&udp->datagrams, g_memdup2(&it, sizeof it));
    udp->held += it.length;
    net_packet_free(packet);
    pkt_fd_wake(fd, PKT_READY_IN | PKT_READY_RDNORM);
  }
}

typedef struct Verdict {
  const char *error;
  bool hard;
} Verdict;

/* By the codes of IPv4's unreachable. */
static const Verdict unreachable[] = {
  { "ENETUNREACH", false },  { "EHOSTUNREACH", false },
  { "ENOPROTOOPT", true },   { "ECONNREFUSED", true },
  { "EMSGSIZE", true },      { "EOPNOTSUPP", false },
  { "ENETUNREACH", true },   { "EHOSTDOWN", true },
  { "ENONET", true },        { "ENETUNREACH", true },
  { "EHOSTUNREACH", true },  { "ENETUNREACH", false },
  { "EHOSTUNREACH", false }, { "EHOSTUNREACH", true },
  { "EHOSTUNREACH", true },  { "EHOSTUNREACH", true },
};

/* By those of IPv6's. */
static const Verdict unreachable6[] = {
  { "ENETUNREACH", false },  { "EACCES", true },
  { "EHOSTUNREACH", false }, { "EHOSTUNREACH", false },
  { "ECONNREFUSED", true },  { "EACCES", true },
  { "EACCES", true },
};

static Verdict judge(uint8_t type, uint8_t code)
{
  switch (type) {
  case NET_ICMP_UNREACHABLE:
    return code < G_N_ELEMENTS(unreachable)
               ? unreachable[code]
               : (Verdict){ "EHOSTUNREACH", false };
  case NET_ICMP_PARAMETER_PROBLEM:
    return (Verdict){ "EPROTO", true };
  case NET_ICMP_SOURCE_QUENCH:
    return (Verdict){ NULL, false };
  default:
    return (Verdict){ "EHOSTUNREACH", false };
  }
}

static Verdict judge6(uint8_t type, uint8_t code)
{
  switch (type) {
  case NET_ICMPV6_UNREACHABLE:
    return code < G_N_ELEMENTS(unreachable6) ? unreachable6[code]
                                             : (Verdict){ "EPROTO", true };
  case NET_ICMPV6_TOO_BIG:
    return (Verdict){ "EMSGSIZE", false };
  case NET_ICMPV6_PARAMETER_PROBLEM:
    return (Verdict){ "EPROTO", true };
  default:
    return (Verdict){ "EHOSTUNREACH", false };
  }
}

static void refused(void *user, uint8_t type, uint8_t code, uint32_t rest,
                    const NetIp *quoted, const uint8_t *l4, uint32_t l4_size)
{
  PktFd *fd = user;
  PktUdp *udp = fd->udp;
  bool ipv4 = net_address_is_ipv4(quoted->source);
  Verdict verdict = ipv4 ? judge(type, code) : judge6(type, code);
  PktRefusal it = {
    .error = verdict.error,
    .type = type,
    .code = code,
    .origin = ipv4 ? 2 : 3,
    .info = verdict.error && g_str_equal(verdict.error, "EMSGSIZE") ? rest : 0
  };

  (void)l4_size;
  if (!verdict.error ||
      (udp->connected &&
       !is_from_peer(udp, quoted->destination, net_get16(l4 + 2))))
    return;
  if (udp->receive_errors)
    g_queue_push_tail(&udp->refusals, g_memdup2(&it, sizeof it));
  else if (!verdict.hard || !udp->connected)
    return;
  udp->error = verdict.error;
  pkt_fd_wake(fd, PKT_READY_ERR);
}

/* -- names -- */

static bool take_port(PktFd *fd, uint16_t port)
{
  if (!net_host_open_udp(fd->run->host, port, arrived, refused, fd))
    return false;
  fd->udp->port = port;
  return true;
}

/* As many as a host has; false: all were given. */
static bool take_any_port(PktFd *fd)
{
  PktRun *it = fd->run;

  while (!fd->udp->port && it->udp_ports <= UINT16_MAX - FIRST_PORT)
    take_port(fd, (uint16_t)(FIRST_PORT + it->udp_ports++));
  return fd->udp->port != 0;
}

/* Of the script's packets, from now on. */
static void begin_flow(PktFd *fd, bool sends)
{
  PktFlow *flow = &fd->run->flow;

  flow->protocol = PKT_UDP;
  flow->listening = !sends;
  flow->connecting = false;
  flow->local = (TcpEnd){ fd->run->config.local, fd->udp->port };
  flow->remote = sends ? fd->udp->peer : (TcpEnd){ .port = 0 };
}

PktOutcome pkt_udp_bind(PktRun *it, PktCalling *calling, PktFd *fd)
{
  if (fd->udp->port)
    return pkt_return_error(calling, "EINVAL");
  if (!take_port(fd, it->config.bind_port))
    return pkt_return_error(calling, "EADDRINUSE");
  begin_flow(fd, false);
  return pkt_return(calling, 0);
}

static bool is_unspecified(const PktExpr *address)
{
  return address && address->kind == PKT_EXPR_WORD &&
         g_str_equal(address->text, "AF_UNSPEC");
}

static TcpEnd written_peer(const PktRun *it)
{
  return (TcpEnd){ it->config.remote, it->config.connect_port };
}

PktOutcome pkt_udp_connect(PktRun *it, PktCalling *calling, PktFd *fd)
{
  PktUdp *udp = fd->udp;

  udp->connected = !is_unspecified(pkt_arg(calling, 1));
  if (!udp->connected)
    return pkt_return(calling, 0);
  if (!take_any_port(fd))
    return pkt_return_error(calling, "EAGAIN");
  udp->peer = it->flow.protocol == PKT_UDP && it->flow.remote.port
                  ? it->flow.remote
                  : written_peer(it);
  begin_flow(fd, true);
  return pkt_return(calling, 0);
}

/* As Linux has it, one that is not connected fails and is shut all the same. */
PktOutcome pkt_udp_shutdown(PktCalling *calling, PktFd *fd, int64_t how)
{
  fd->udp->read_shut |= how != 1;
  fd->udp->write_shut |= how != 0;
  return fd->udp->connected ? pkt_return(calling, 0)
                            : pkt_return_error(calling, "ENOTCONN");
}

/* -- text -- */

/* What waits is told once. */
static bool take_error(PktUdp *udp, const char **ret)
{
  *ret = udp->error;
  udp->error = NULL;
  return *ret != NULL;
}

static bool fits(const PktFd *fd, TcpEnd peer, int64_t size)
{
  NetPath path = { .nic = NULL };
  uint32_t headers = net_ip_size(peer.address) + NET_UDP_SIZE;

  return net_host_path(fd->run->host, peer.address, &path) &&
         size + headers <= net_host_mtu(&path);
}

static void transmit(PktFd *fd, TcpEnd peer, int64_t size)
{
  const PktUdp *udp = fd->udp;
  NetIp ip = { .source = NET_ADDRESS_ANY,
               .destination = peer.address,
               .ttl = (uint8_t)udp->ttl,
               .tos = (uint8_t)udp->tos,
               .dont_fragment = fits(fd, peer, size) };

  net_host_send_udp_as(fd->run->host, &ip, udp->port, peer.port,
                       net_slice_virtual((uint32_t)size));
}

PktOutcome pkt_udp_send(PktRun *it, PktCalling *calling, PktFd *fd,
                        int64_t size, int64_t flags, const PktExpr *to)
{
  PktUdp *udp = fd->udp;
  int64_t most = net_address_is_ipv4(it->config.local) ? MOST_IPV4 : MOST_IPV6;
  bool addressed =
      to && !(to->kind == PKT_EXPR_WORD && g_str_equal(to->text, "NULL"));
  const char *error;

  if (!take_any_port(fd)) /* also for what fails below */
    return pkt_return_error(calling, "EAGAIN");
  if (flags & 1)
    return pkt_return_error(calling, "EOPNOTSUPP");
  if (!udp->connected && !addressed)
    return pkt_return_error(calling, "EDESTADDRREQ");
  if (size > most)
    return pkt_return_error(calling, "EMSGSIZE");
  if (take_error(udp, &error))
    return pkt_return_error(calling, error);
  if (udp->write_shut)
    return pkt_return_error(calling, "EPIPE");
  if (!udp->connected)
    udp->peer = it->flow.protocol == PKT_UDP && it->flow.remote.port
                    ? it->flow.remote
                    : written_peer(it);
  begin_flow(fd, true);
  transmit(fd, udp->peer, size);
  return pkt_return(calling, size);
}

static PktOutcome give(PktCalling *calling, PktUdp *udp, int64_t size,
                       int64_t flags)
{
  Datagram *it = g_queue_peek_head(&udp->datagrams);
  int64_t length = it->length;

  udp->last = *it;
  udp->cut = length > size;
  if (!(flags & PEEK)) {
    udp->held -= it->length;
    g_free(g_queue_pop_head(&udp->datagrams));
  }
  return pkt_return(calling, flags & TRUNC ? length : MIN(length, size));
}

PktOutcome pkt_udp_receive(PktRun *it, PktCalling *calling, PktFd *fd,
                           int64_t size, int64_t flags)
{
  PktUdp *udp = fd->udp;
  const char *error;

  if (flags & 1)
    return pkt_return_error(calling, "EOPNOTSUPP");
  pkt_wait_until(it, calling, fd->receive_timeout);
  if (take_error(udp, &error))
    return pkt_return_error(calling, error);
  if (!g_queue_is_empty(&udp->datagrams))
    return give(calling, udp, size, flags);
  return udp->read_shut ? pkt_return(calling, 0) : pkt_wait(calling, fd, flags);
}

const NetIp *pkt_udp_last(const PktFd *fd, bool *ret_cut)
{
  *ret_cut = fd->udp->cut;
  return &fd->udp->last.ip;
}

bool pkt_udp_refusal(PktFd *fd, PktRefusal *ret)
{
  PktRefusal *it = g_queue_pop_head(&fd->udp->refusals);

  if (!it)
    return false;
  *ret = *it;
  g_free(it);
  it = g_queue_peek_head(&fd->udp->refusals);
  fd->udp->error = it ? it->error : NULL;
  return true;
}

int64_t pkt_udp_ready(const PktFd *fd)
{
  const PktUdp *udp = fd->udp;
  bool readable = udp->datagrams.length > 0 || udp->read_shut;
  bool wrong = udp->error || udp->refusals.length > 0;

  return PKT_READY_OUT | PKT_READY_WRNORM |
         (readable ? PKT_READY_IN | PKT_READY_RDNORM : 0) |
         (udp->read_shut ? PKT_READY_RDHUP : 0) | (wrong ? PKT_READY_ERR : 0) |
         (udp->read_shut && udp->write_shut ? PKT_READY_HUP : 0);
}

/* -- options -- */

typedef struct Option {
  const char *name, *name6;
  gsize offset;
  int64_t least, most;
} Option;

#define OPTION(name, name6, field, least, most)       \
  {                                                   \
    name, name6, offsetof(PktUdp, field), least, most \
  }

static const Option options[] = {
  OPTION("IP_TTL", "IPV6_UNICAST_HOPS", ttl, 1, 255),
  OPTION("IP_TOS", "IPV6_TCLASS", tos, 0, 255),
  OPTION("SO_RCVBUF", NULL, room, 1, 1 << 30),
  OPTION("IP_RECVTTL", "IPV6_RECVHOPLIMIT", receive_ttl, 0, G_MAXINT32),
  OPTION("IP_RECVTOS", "IPV6_RECVTCLASS", receive_tos, 0, G_MAXINT32),
};

static int64_t *find_option(PktUdp *udp, const char *name, const Option **ret)
{
  for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
    if (g_str_equal(options[i].name, name) ||
        (options[i].name6 && g_str_equal(options[i].name6, name))) {
      *ret = &options[i];
      return (int64_t *)(void *)((char *)udp + options[i].offset);
    }
  return NULL;
}

bool pkt_udp_set(PktFd *fd, const char *name, int64_t value,
                 const char **ret_error)
{
  const Option *option;
  int64_t *field = find_option(fd->udp, name, &option);

  *ret_error = NULL;
  if (g_str_equal(name, "IP_RECVERR") || g_str_equal(name, "IPV6_RECVERR"))
    fd->udp->receive_errors = value != 0;
  else if (!field)
    return false;
  else if (value < option->least || value > option->most)
    *ret_error = "EINVAL";
  else
    *field = value;
  return true;
}

/* Errors by number, as SO_ERROR gives them. */
static int64_t number_of(const char *error)
{
  int64_t number = 0;

  if (error)
    pkt_symbol(error, &number);
  return number;
}

bool pkt_udp_ask(PktFd *fd, const char *name, int64_t *ret)
{
  const Option *option;
  int64_t *field = find_option(fd->udp, name, &option);
  const char *error;

  if (g_str_equal(name, "SO_ERROR")) {
    take_error(fd->udp, &error);
    *ret = number_of(error);
    return true;
  }
  if (g_str_equal(name, "SIOCINQ") || g_str_equal(name, "FIONREAD")) {
    const Datagram *first = g_queue_peek_head(&fd->udp->datagrams);

    *ret = first ? first->length : 0;
    return true;
  }
  if (!field)
    return false;
  *ret = field == &fd->udp->room                 ? 2 * *field
         : field == &fd->udp->ttl && *field == 0 ? HOST_TTL
                                                 : *field;
  return true;
}
