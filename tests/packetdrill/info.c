/* TCP_INFO as Linux lays it out: the fields of info.def one after the other,
 * each of its size, aligned to it. */
#include "socket.h"

#include <string.h>

#include "info.h"

#define ACCURATE_ECN_SIZE 4 /* the structure's end, of what is not simulated */

/* Those that are not 32 bits. The two scales share a byte, as do the two
 * fields behind them. */
static unsigned size_of(const char *name)
{
  static const char *const bytes[] = { "state",  "ca_state", "retransmits",
                                       "probes", "backoff",  "options" };
  static const char *const words[] = { "total_rto", "total_rto_recoveries" };
  static const char *const longs[] = {
    "pacing_rate",   "max_pacing_rate", "bytes_acked",  "bytes_received",
    "delivery_rate", "busy_time",       "rwnd_limited", "sndbuf_limited",
    "bytes_sent",    "bytes_retrans",
  };

  for (gsize i = 0; i < G_N_ELEMENTS(bytes); i++)
    if (g_str_equal(bytes[i], name))
      return 1;
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_str_equal(words[i], name))
      return 2;
  for (gsize i = 0; i < G_N_ELEMENTS(longs); i++)
    if (g_str_equal(longs[i], name))
      return 8;
  return 4;
}

static bool put_bits(const char *name, int64_t value, uint8_t *ret)
{
  static const struct {
    const char *name;
    unsigned byte, shift, mask;
  } table[] = { { "snd_wscale", 6, 0, 15 },
                { "rcv_wscale", 6, 4, 15 },
                { "delivery_rate_app_limited", 7, 0, 1 },
                { "fastopen_client_fail", 7, 1, 3 } };

  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (g_str_equal(table[i].name, name)) {
      ret[table[i].byte] |=
          (uint8_t)((value & table[i].mask) << table[i].shift);
      return true;
    }
  return false;
}

static void put(uint8_t *at, unsigned size, int64_t value)
{
  uint8_t byte = (uint8_t)value;
  uint16_t word = (uint16_t)value;
  uint32_t number = (uint32_t)value;

  memcpy(at,
         size == 1   ? (void *)&byte
         : size == 2 ? (void *)&word
         : size == 4 ? (void *)&number
                     : (void *)&value,
         size);
}

gsize pd_info(const TcpConnection *conn, uint8_t *ret, gsize room)
{
  TcpInfo info;
  gsize at = 0;

  memset(ret, 0, room);
  tcp_info(conn, &info);
  for (unsigned i = 0; tcp_info_name(i); i++) {
    const char *name = tcp_info_name(i);
    int64_t value = tcp_info_value(&info, i);
    unsigned size = size_of(name);

    if (put_bits(name, value, ret)) {
      at = 8;
      continue;
    }
    at = (at + size - 1) / size * size;
    if (at + size > room)
      break;
    put(ret + at, size, value);
    at += size;
  }
  return MIN((at + ACCURATE_ECN_SIZE + 7) / 8 * 8, room);
}
