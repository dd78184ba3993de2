#include "case.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"

/* -- datagrams -- */

static void put_header(uint8_t *at, size_t size)
{
  at[0] = 0x45;
  net_put16(at + 2, (uint16_t)size);
  at[8] = 64;
  at[9] = NET_PROTOCOL_TCP;
  net_put32(at + 12, CASE_REMOTE);
  net_put32(at + 16, CASE_HOST);
  net_put16(at + 10, net_sum_finish(net_sum(0, at, 20)));
}

void case_arrive(Case *it, unsigned flags, const uint8_t *options,
                 size_t options_size, size_t length)
{
  uint8_t datagram[2000] = { 0 }, *tcp = datagram + 20;
  size_t head = 20 + options_size, size = 20 + head + length;
  uint64_t sum =
      net_sum_pseudo(net_address_ipv4(CASE_REMOTE), net_address_ipv4(CASE_HOST),
                     NET_PROTOCOL_TCP, (uint32_t)(head + length));

  put_header(datagram, size);
  net_put16(tcp, CASE_REMOTE_PORT);
  net_put16(tcp + 2, CASE_PORT);
  net_put32(tcp + 4, it->next);
  net_put32(tcp + 8, flags & ACK ? it->sent : 0);
  tcp[12] = (uint8_t)(head / 4 << 4);
  tcp[13] = (uint8_t)flags;
  net_put16(tcp + 14, 30000);
  if (options_size > 0)
    memcpy(tcp + 20, options, options_size);
  memset(tcp + head, 'x', length);
  net_put16(tcp + 16, net_sum_finish(net_sum(sum, tcp, head + length)));
  g_assert_cmpint(it->table.netdev_send(it->table.userdata, datagram, size), ==,
                  0);
  it->next += (uint32_t)length + (flags & (SYN | FIN) ? 1 : 0);
}

Seen case_leave(Case *it)
{
  uint8_t datagram[65536], *tcp = datagram + 20;
  size_t size = sizeof datagram, head;
  Seen seen = { 0 };

  g_assert_cmpint(it->table.netdev_receive(it->table.userdata, datagram, &size,
                                           &seen.time_us),
                  ==, 0);
  if (size == 0)
    return seen;
  g_assert_cmpuint(net_sum_finish(net_sum(0, datagram, 20)), ==, 0);
  g_assert_cmpuint(net_get16(datagram + 2), ==, size);
  g_assert_cmpuint(net_sum_finish(net_sum(
                       net_sum_pseudo(net_address_ipv4(CASE_HOST),
                                      net_address_ipv4(CASE_REMOTE),
                                      NET_PROTOCOL_TCP, (uint32_t)size - 20),
                       tcp, size - 20)),
                   ==, 0);
  head = (size_t)(tcp[12] >> 4) * 4;
  seen.seq = net_get32(tcp + 4);
  seen.ack = net_get32(tcp + 8);
  seen.flags = tcp[13];
  seen.length = (unsigned)(size - 20 - head);
  seen.options = (unsigned)head - 20;
  it->sent = seen.seq + seen.length + (seen.flags & (SYN | FIN) ? 1 : 0);
  return seen;
}

long long case_now_us(const Case *it)
{
  struct timeval now;

  it->table.gettimeofday(it->table.userdata, &now, NULL);
  return now.tv_sec * 1000000LL + now.tv_usec;
}

void case_pass(Case *it, unsigned span_us)
{
  it->table.usleep(it->table.userdata, span_us);
}

/* -- a connection -- */

/* `command` runs as one of a script does, before the first call. */
Case case_after(const char *flags, const char *command)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons(CASE_PORT),
                                 .sin_addr.s_addr = htonl(CASE_HOST) };
  Case it = { .next = CASE_ISN, .fd = -1 };
  PdTable *table = &it.table;

  packetdrill_interface_init(flags, table);
  if (command)
    g_assert_cmpint(system(command), ==, 0);
  it.listening = table->socket(table->userdata, AF_INET, SOCK_STREAM, 0);
  g_assert_cmpint(table->bind(table->userdata, it.listening,
                              (struct sockaddr *)&address, sizeof address),
                  ==, 0);
  g_assert_cmpint(table->listen(table->userdata, it.listening, 1), ==, 0);
  return it;
}

Case case_new(const char *flags)
{
  return case_after(flags, NULL);
}

void case_handshake(Case *it)
{
  Seen seen;

  case_arrive(it, SYN, NULL, 0, 0);
  seen = case_leave(it);
  g_assert_cmpuint(seen.flags, ==, SYN | ACK);
  g_assert_cmpuint(seen.ack, ==, CASE_ISN + 1);
  case_pass(it, 10000);
  case_arrive(it, ACK, NULL, 0, 0);
}

void case_open_one(Case *it)
{
  case_handshake(it);
  it->fd = it->table.accept(it->table.userdata, it->listening, NULL, NULL);
  g_assert_cmpint(it->fd, >=, 0);
}

void case_end(Case *it)
{
  it->table.free(it->table.userdata);
}

struct sockaddr_in case_address(uint16_t port, bool away)
{
  uint32_t address = away ? CASE_REMOTE : CASE_HOST;

  return (struct sockaddr_in){ .sin_family = AF_INET,
                               .sin_port = htons(port),
                               .sin_addr.s_addr = htonl(address) };
}

int case_socket(Case *it)
{
  return it->table.socket(it->table.userdata, AF_INET, SOCK_STREAM, 0);
}

int case_bind(Case *it, int fd, uint16_t port, socklen_t size)
{
  struct sockaddr_in address = case_address(port, false);

  return it->table.bind(it->table.userdata, fd, (struct sockaddr *)&address,
                        size);
}

int case_connect(Case *it, int fd, uint16_t port)
{
  struct sockaddr_in address = case_address(port, true);

  return it->table.connect(it->table.userdata, fd, (struct sockaddr *)&address,
                           sizeof address);
}
