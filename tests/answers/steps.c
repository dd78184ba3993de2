/* The steps that bring a connection into a state, and the states as lists of
 * them (../measure/variants.def). */
#include <string.h>

#include "held.h"

enum {
  SMALL_BUFFER_BYTES = 4096,
  WRITE_BYTES = 10,
  PEER_DATA_BYTES = 100,
  PEER_MSS = 1460,
  LONG_LINGER2_S = 120, /* more than the 60 s of a record */
};

static void acceptable(void *user, TcpListener *listener)
{
  (void)user;
  (void)listener;
}

void bench_listen(Bench *bench)
{
  TcpError error;

  bench->listener = tcp_listen(bench->stack, NET_ADDRESS_ANY, BENCH_HOST_PORT,
                               0, NULL, acceptable, bench, &error);
}

void bench_accept(Bench *bench)
{
  bench_socket(bench);
}

void bench_unlisten(Bench *bench)
{
  tcp_listener_close(bench->listener);
  bench->listener = NULL;
}

void bench_connect(Bench *bench)
{
  TcpEnd local = { NET_ADDRESS_ANY, BENCH_HOST_PORT };
  TcpEnd remote = { net_host_address(bench->peer), BENCH_PEER_PORT };
  TcpError error;

  bench->conn =
      tcp_connect(bench->stack, &local, remote, NULL, NULL, NULL, &error);
}

void bench_connect_small(Bench *bench)
{
  tcp_stack_knobs(bench->stack)->receive_buffer = SMALL_BUFFER_BYTES;
  bench_connect(bench);
}

void bench_write(Bench *bench)
{
  tcp_send(bench->conn, net_slice_virtual(WRITE_BYTES), false, false, NULL);
}

void bench_shutdown(Bench *bench)
{
  tcp_shutdown(bench->conn, TCP_SHUTDOWN_SEND);
}

void bench_shutdown_both(Bench *bench)
{
  tcp_shutdown(bench->conn, TCP_SHUTDOWN_BOTH);
}

void bench_close(Bench *bench)
{
  tcp_release(bench->conn);
  bench->conn = NULL;
}

void bench_linger2(Bench *bench)
{
  tcp_set_knob(bench->conn, "fin_wait_2_timeout", LONG_LINGER2_S * SIM_SECOND);
}

/* The peer sends the segment at its next number and acknowledges what it has
 * acknowledged before. */
static void peer_send(Bench *bench, unsigned flags, uint32_t length)
{
  TcpSegment segment = {
    .seq = bench->rcv.nxt,
    .ack = flags & TCP_ACK ? bench->snd.una : 0,
    .flags = (uint16_t)flags,
    .payload = net_slice_virtual(length),
    .options = { .mss = flags & TCP_SYN ? PEER_MSS : 0,
                 .has_timestamps = bench->timestamps,
                 .ts_value = 500000,
                 .ts_echo = bench->ts_echo },
  };

  bench->rcv.nxt += length + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
  bench_put(bench, &segment);
}

void bench_peer_syn(Bench *bench)
{
  peer_send(bench, TCP_SYN, 0);
}

void bench_peer_syn_ack(Bench *bench)
{
  bench->snd.una = bench->snd.nxt;
  peer_send(bench, TCP_SYN | TCP_ACK, 0);
}

void bench_peer_ack(Bench *bench)
{
  bench->snd.una = bench->snd.nxt;
  peer_send(bench, TCP_ACK, 0);
}

void bench_peer_fin(Bench *bench)
{
  peer_send(bench, TCP_FIN | TCP_ACK, 0);
}

void bench_peer_data(Bench *bench)
{
  peer_send(bench, TCP_ACK | TCP_PSH, PEER_DATA_BYTES);
}

/* Nobody reads: the window closes after a few segments. */
void bench_peer_fill(Bench *bench)
{
  for (int i = 0; i < 100 && bench->rcv.right != bench->rcv.nxt; i++) {
    uint32_t room = bench->rcv.right - bench->rcv.nxt;

    peer_send(bench, TCP_ACK, MIN(room, 1000));
    bench_run(bench, MS(1));
  }
}

static const Variant variants[] = {
#define VARIANT(name, state, zero, ...) \
  { name, TCP_##state, zero, { __VA_ARGS__ } },
#include "variants.def"
#undef VARIANT
};

const Variant *variant_find(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(variants); i++)
    if (strcmp(variants[i].name, name) == 0)
      return &variants[i];
  return NULL;
}
