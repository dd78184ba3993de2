/* The steps that bring a connection into a state. Invariant: when a step
 * returns, the kernel has done all that it does without waiting for a timer.
 * A step that the kernel refuses is noticed by the state that is reached. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "probe.h"

enum {
  SMALL_BUFFER_BYTES = 4096,
  WRITE_BYTES = 10,
  PEER_DATA_BYTES = 100,
  LONG_LINGER2_S = 120, /* more than the 60 s of a time-wait record */
};

static int new_socket(uint16_t port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons(port),
                                 .sin_addr.s_addr = htonl(LAB_KERNEL) };
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
  bind(fd, (struct sockaddr *)&address, sizeof address);
  return fd;
}

void bench_listen(Bench *bench, BenchConnection *c)
{
  (void)bench;
  c->listener = new_socket(c->port);
  listen(c->listener, 8);
}

void bench_accept(Bench *bench, BenchConnection *c)
{
  (void)bench;
  bench_socket(c);
}

void bench_unlisten(Bench *bench, BenchConnection *c)
{
  close(c->listener);
  c->listener = -1;
  bench_pump(bench, NULL);
}

static void open_actively(Bench *bench, BenchConnection *c, int buffer_bytes)
{
  struct sockaddr_in peer = { .sin_family = AF_INET,
                              .sin_port = htons(BENCH_PEER_PORT),
                              .sin_addr.s_addr = htonl(LAB_PEER) };

  c->fd = new_socket(c->port);
  if (buffer_bytes)
    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof(int));
  connect(c->fd, (struct sockaddr *)&peer, sizeof peer);
  bench_pump(bench, NULL);
}

void bench_connect(Bench *bench, BenchConnection *c)
{
  open_actively(bench, c, 0);
}

void bench_connect_small(Bench *bench, BenchConnection *c)
{
  open_actively(bench, c, SMALL_BUFFER_BYTES);
}

void bench_write(Bench *bench, BenchConnection *c)
{
  static const char bytes[WRITE_BYTES];

  send(c->fd, bytes, sizeof bytes, MSG_NOSIGNAL);
  bench_pump(bench, NULL);
}

void bench_shutdown(Bench *bench, BenchConnection *c)
{
  shutdown(c->fd, SHUT_WR);
  bench_pump(bench, NULL);
}

void bench_shutdown_both(Bench *bench, BenchConnection *c)
{
  shutdown(c->fd, SHUT_RDWR);
  bench_pump(bench, NULL);
}

void bench_close(Bench *bench, BenchConnection *c)
{
  close(c->fd);
  c->fd = -1;
  bench_pump(bench, NULL);
}

void bench_linger2(Bench *bench, BenchConnection *c)
{
  (void)bench;
  setsockopt(c->fd, IPPROTO_TCP, TCP_LINGER2, &(int){ LONG_LINGER2_S },
             sizeof(int));
}

void bench_no_linger2(Bench *bench, BenchConnection *c)
{
  (void)bench;
  setsockopt(c->fd, IPPROTO_TCP, TCP_LINGER2, &(int){ -1 }, sizeof(int));
}

void bench_linger_0(Bench *bench, BenchConnection *c)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  (void)bench;
  setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/* Idle 1 s, every second, three times. */
void bench_keepalive(Bench *bench, BenchConnection *c)
{
  (void)bench;
  setsockopt(c->fd, IPPROTO_TCP, TCP_KEEPIDLE, &(int){ 1 }, sizeof(int));
  setsockopt(c->fd, IPPROTO_TCP, TCP_KEEPINTVL, &(int){ 1 }, sizeof(int));
  setsockopt(c->fd, IPPROTO_TCP, TCP_KEEPCNT, &(int){ 3 }, sizeof(int));
  setsockopt(c->fd, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int));
}

void bench_user_timeout_3_s(Bench *bench, BenchConnection *c)
{
  (void)bench;
  setsockopt(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &(int){ 3000 }, sizeof(int));
}

/* The peer sends the segment at its next number and acknowledges what it has
 * acknowledged before. */
static void peer_send(Bench *bench, BenchConnection *c, uint8_t flags,
                      uint32_t length)
{
  Segment segment = probe_segment(c, flags, c->rcv.nxt, c->snd.una, length,
                                  c->timestamps ? PROBE_TSVAL : 0);
  uint8_t bytes[SEGMENT_ROOM];

  segment.kernel_port = c->port;
  segment.peer_port = BENCH_PEER_PORT;
  c->rcv.nxt = segment_end(&segment);
  c->probe = segment;
  lab_send(&bench->lab, bytes, segment_write(&segment, bytes));
  bench_pump(bench, NULL);
}

void bench_peer_syn(Bench *bench, BenchConnection *c)
{
  peer_send(bench, c, TH_SYN, 0);
}

void bench_peer_syn_ack(Bench *bench, BenchConnection *c)
{
  c->snd.una = c->snd.nxt;
  peer_send(bench, c, TH_SYN | TH_ACK, 0);
}

void bench_peer_ack(Bench *bench, BenchConnection *c)
{
  c->snd.una = c->snd.nxt;
  peer_send(bench, c, TH_ACK, 0);
}

void bench_peer_fin(Bench *bench, BenchConnection *c)
{
  peer_send(bench, c, TH_FIN | TH_ACK, 0);
}

void bench_peer_close_window(Bench *bench, BenchConnection *c)
{
  c->peer_window = 0;
  peer_send(bench, c, TH_ACK, 0);
}

void bench_peer_data(Bench *bench, BenchConnection *c)
{
  peer_send(bench, c, TH_ACK | TH_PUSH, PEER_DATA_BYTES);
}

/* Nobody reads: the window closes after a few segments. */
void bench_peer_fill(Bench *bench, BenchConnection *c)
{
  for (int i = 0; i < 100 && c->rcv.right != c->rcv.nxt; i++) {
    uint32_t room = c->rcv.right - c->rcv.nxt;

    setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &(int){ 1 }, sizeof(int));
    peer_send(bench, c, TH_ACK, room < 1000 ? room : 1000);
  }
}
