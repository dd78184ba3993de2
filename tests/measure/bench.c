/* Connections under test and what the kernel says to them. Invariant: a
 * segment belongs to the connection whose port it carries; what comes for a
 * port that is no longer tested is dropped. */

#include "bench.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  FIRST_PORT = 10000,
  PEER_WINDOW = 65535,
  PEER_ISS = -200, /* sequence numbers wrap early in a connection */
};

void bench_add(Bench *bench, BenchConnection *connection, bool timestamps)
{
  if (bench->next_port < FIRST_PORT)
    bench->next_port = FIRST_PORT;
  *connection = (BenchConnection){ .port = bench->next_port++,
                                   .fd = -1,
                                   .listener = -1,
                                   .timestamps = timestamps,
                                   .peer_window = PEER_WINDOW,
                                   .rcv.nxt = (uint32_t)PEER_ISS,
                                   .rcv.right = (uint32_t)PEER_ISS,
                                   .born_us = lab_now_us() };
  bench->by_port[connection->port] = connection;
}

void bench_remove(Bench *bench, BenchConnection *connection)
{
  bench->by_port[connection->port] = NULL;
  if (connection->listener >= 0)
    close(connection->listener);
  lab_destroy(&bench->lab, connection->port, BENCH_PEER_PORT);
  if (connection->fd >= 0)
    close(connection->fd);
}

static void hear(BenchConnection *connection, const Segment *segment,
                 bool at_once)
{
  uint32_t end = segment_end(segment);

  if (connection->fired_us) {
    int at = connection->reply_count++;

    if (at < BENCH_REPLIES)
      connection->replies[at] =
          (BenchReply){ *segment, lab_now_us() - connection->fired_us,
                        at_once };
    return;
  }
  if (segment->flags & TH_RST)
    return;
  if (!connection->heard) {
    connection->snd.una = segment->seq;
    connection->snd.nxt = end;
  }
  connection->heard = true;
  if ((int32_t)(end - connection->snd.nxt) > 0)
    connection->snd.nxt = end;
  if (segment->flags & TH_ACK)
    connection->rcv.right = segment->ack + segment->window;
  if (segment->timestamps)
    connection->tsecr = segment->tsval;
}

void bench_pump(Bench *bench, const BenchConnection *asked)
{
  uint8_t bytes[SEGMENT_ROOM];
  Segment segment;
  size_t length;

  while ((length = lab_receive(&bench->lab, bytes, sizeof bytes)) > 0) {
    BenchConnection *to;

    if (!segment_read(&segment, bytes, length))
      continue;
    to = bench->by_port[segment.kernel_port];
    if (to)
      hear(to, &segment, to == asked);
  }
}

void bench_watch(Bench *bench, int ms)
{
  int64_t end_us = lab_now_us() + ms * 1000, left_us;

  while ((left_us = end_us - lab_now_us()) > 0) {
    lab_wait(&bench->lab, (int)(left_us / 1000) + 1);
    bench_pump(bench, NULL);
  }
}

void bench_fire(Bench *bench, BenchConnection *connection,
                const Segment *segment)
{
  uint8_t bytes[SEGMENT_ROOM];

  bench_pump(bench, NULL);
  connection->probe = *segment;
  connection->probe.kernel_port = connection->port;
  connection->probe.peer_port = BENCH_PEER_PORT;
  connection->fired_us = lab_now_us();
  if (connection->fd >= 0)
    ioctl(connection->fd, FIONREAD, &connection->readable_before);
  lab_send(&bench->lab, bytes, segment_write(&connection->probe, bytes));
  bench_pump(bench, connection);
}

int bench_socket(BenchConnection *connection)
{
  if (connection->fd < 0 && connection->listener >= 0)
    connection->fd =
        accept4(connection->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return connection->fd;
}
