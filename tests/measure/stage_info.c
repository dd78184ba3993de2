/* TCP_INFO by the names of its fields. Invariant: this file knows the kernel's
 * struct, which <netinet/tcp.h> would hide. */

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "stage.h"

typedef struct {
  const char *name;
  size_t offset, size;
} Field;

#define FIELD(name)                                \
  {                                                \
#name, offsetof(struct tcp_info, tcpi_##name), \
        sizeof((struct tcp_info *)0)->tcpi_##name  \
  }

static const Field fields[] = {
  FIELD(state),
  FIELD(ca_state),
  FIELD(retransmits),
  FIELD(probes),
  FIELD(backoff),
  FIELD(options),
  FIELD(rto),
  FIELD(ato),
  FIELD(snd_mss),
  FIELD(rcv_mss),
  FIELD(unacked),
  FIELD(sacked),
  FIELD(lost),
  FIELD(retrans),
  FIELD(last_data_sent),
  FIELD(last_data_recv),
  FIELD(last_ack_recv),
  FIELD(pmtu),
  FIELD(rcv_ssthresh),
  FIELD(rtt),
  FIELD(rttvar),
  FIELD(snd_ssthresh),
  FIELD(snd_cwnd),
  FIELD(advmss),
  FIELD(reordering),
  FIELD(rcv_rtt),
  FIELD(rcv_space),
  FIELD(total_retrans),
  FIELD(pacing_rate),
  FIELD(bytes_acked),
  FIELD(bytes_received),
  FIELD(segs_out),
  FIELD(segs_in),
  FIELD(notsent_bytes),
  FIELD(min_rtt),
  FIELD(data_segs_in),
  FIELD(data_segs_out),
  FIELD(busy_time),
  FIELD(rwnd_limited),
  FIELD(sndbuf_limited),
  FIELD(delivered),
  FIELD(delivered_ce),
  FIELD(bytes_sent),
  FIELD(bytes_retrans),
  FIELD(dsack_dups),
  FIELD(reord_seen),
  FIELD(rcv_ooopack),
  FIELD(snd_wnd),
};

static gint64 number_at(const uint8_t *bytes, size_t size)
{
  uint32_t four;
  gint64 eight;

  if (size == 1)
    return *bytes;
  if (size == 4) {
    memcpy(&four, bytes, sizeof four);
    return four;
  }
  memcpy(&eight, bytes, sizeof eight);
  return eight;
}

gboolean stage_info(int fd, const char *name, gint64 *ret_value)
{
  uint8_t bytes[1024] = { 0 };
  socklen_t length = sizeof bytes;

  getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytes, &length);
  for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
    if (strcmp(fields[i].name, name) == 0) {
      *ret_value = number_at(bytes + fields[i].offset, fields[i].size);
      return TRUE;
    }
  return FALSE;
}
