#include "socket_text.h"

#include <inttypes.h>
#include <string.h>

#define NO_SSTHRESH INT32_MAX
#define REORDERING 3 /* what goes without saying */

/* -- gathering -- */

static void add_row(void *user, const TcpSocket *socket)
{
  const TcpKnob *knob = tcp_knob_find("congestion");
  const TcpKnobs *knobs = NULL;
  SocketRow row = { .socket = *socket };

  if (socket->conn) {
    knobs = tcp_knobs(socket->conn);
    tcp_info(socket->conn, &row.info);
    row.has_info = true;
  } else if (socket->listener) {
    knobs = tcp_listener_knobs(socket->listener);
  }
  if (knobs)
    row.control = tcp_knob_name(knob, (unsigned)knobs->congestion);
  row.socket.conn = NULL;
  row.socket.listener = NULL;
  g_array_append_val((GArray *)user, row);
}

GArray *socket_rows(const TcpStack *stack)
{
  GArray *rows = g_array_new(FALSE, FALSE, sizeof(SocketRow));

  tcp_each_socket(stack, add_row, rows);
  return rows;
}

/* -- the line of a socket -- */

/* ss cuts small units off as the time grows: 119min, 1min2sec, 1.200ms. */
static void add_time(GString *out, SimTime time)
{
  int64_t ms = time / SIM_MILLISECOND, seconds = ms / 1000;
  int64_t minutes = seconds / 60;

  ms %= 1000;
  seconds %= 60;
  if (minutes > 0)
    g_string_append_printf(out, "%" PRId64 "min", minutes);
  if (minutes > 0 || seconds > 9)
    ms = 0;
  if (seconds > 0 && minutes <= 9)
    g_string_append_printf(out, "%" PRId64 "%s", seconds, ms ? "." : "sec");
  if (ms > 0)
    g_string_append_printf(out, "%03" PRId64 "ms", ms);
}

char *socket_end(TcpEnd end, char *ret_text)
{
  if (!end.port)
    g_strlcpy(ret_text, "*:*", NET_END_TEXT);
  else if (net_address_is_any(end.address))
    g_snprintf(ret_text, NET_END_TEXT, "*:%u", end.port);
  else
    net_end_format(end.address, end.port, ret_text);
  return ret_text;
}

/* The colons of all ends stand under each other. */
static void add_end(GString *out, TcpEnd end, int width)
{
  char text[NET_END_TEXT];
  int size = (int)(strrchr(socket_end(end, text), ':') - text);

  g_string_append_printf(out, "%*.*s%-6s ", width, size, text, text + size);
}

static void add_socket(GString *out, const TcpSocket *it, int width)
{
  g_string_append_printf(out, "%-10s %-6u %-6u ",
                         tcp_socket_state_name(it->state), it->receive,
                         it->send);
  add_end(out, it->pair.local, width);
  add_end(out, it->pair.remote, width);
  if (it->timer != TCP_SOCKET_OFF) {
    g_string_append_printf(out, "timer:(%s,", tcp_socket_timer_name(it->timer));
    add_time(out, it->left);
    g_string_append_printf(out, ",%u)", it->count);
  }
  while (out->str[out->len - 1] == ' ')
    g_string_truncate(out, out->len - 1);
  g_string_append_c(out, '\n');
}

/* -- what -i adds -- */

static void add(GString *out, const char *name, int64_t value)
{
  if (value)
    g_string_append_printf(out, " %s:%" PRId64, name, value);
}

static void add_ms(GString *out, const char *name, int64_t us)
{
  if (us)
    g_string_append_printf(out, " %s:%g", name, (double)us / 1000);
}

static void add_rate(GString *out, const char *name, int64_t bytes)
{
  if (bytes)
    g_string_append_printf(out, " %s %" PRId64 "bps", name, bytes * 8);
}

static void add_options(GString *out, const SocketRow *row)
{
  const TcpInfo *it = &row->info;

  if (it->options & TCP_INFO_TIMESTAMPS)
    g_string_append(out, " ts");
  if (it->options & TCP_INFO_SACK)
    g_string_append(out, " sack");
  if (it->options & TCP_INFO_ECN)
    g_string_append(out, " ecn");
  g_string_append_printf(out, " %s", row->control);
  if (it->options & TCP_INFO_WSCALE)
    g_string_append_printf(out, " wscale:%" PRId64 ",%" PRId64, it->snd_wscale,
                           it->rcv_wscale);
}

static void add_path(GString *out, const TcpInfo *it)
{
  add_ms(out, "rto", it->rto);
  add(out, "backoff", it->backoff);
  if (it->rtt)
    g_string_append_printf(out, " rtt:%g/%g", (double)it->rtt / 1000,
                           (double)it->rttvar / 1000);
  add_ms(out, "ato", it->ato);
  add(out, "mss", it->snd_mss);
  add(out, "pmtu", it->pmtu);
  add(out, "rcvmss", it->rcv_mss);
  add(out, "advmss", it->advmss);
  add(out, "cwnd", it->snd_cwnd);
  if (it->snd_ssthresh != NO_SSTHRESH)
    add(out, "ssthresh", it->snd_ssthresh);
}

static void add_counts(GString *out, const TcpInfo *it)
{
  add(out, "bytes_sent", it->bytes_sent);
  add(out, "bytes_retrans", it->bytes_retrans);
  add(out, "bytes_acked", it->bytes_acked);
  add(out, "bytes_received", it->bytes_received);
  add(out, "segs_out", it->segs_out);
  add(out, "segs_in", it->segs_in);
  add(out, "data_segs_out", it->data_segs_out);
  add(out, "data_segs_in", it->data_segs_in);
}

static void add_rates(GString *out, const TcpInfo *it)
{
  if (it->rtt && it->snd_mss && it->snd_cwnd)
    g_string_append_printf(out, " send %" PRId64 "bps",
                           it->snd_cwnd * it->snd_mss * 8000000 / it->rtt);
  add(out, "lastsnd", it->last_data_sent);
  add(out, "lastrcv", it->last_data_recv);
  add(out, "lastack", it->last_ack_recv);
  add_rate(out, "pacing_rate", it->pacing_rate);
  add_rate(out, "delivery_rate", it->delivery_rate);
  add(out, "delivered", it->delivered);
}

static void add_limit(GString *out, const char *name, int64_t us, int64_t of)
{
  if (us / 1000)
    g_string_append_printf(out, " %s:%" PRId64 "ms(%.1f%%)", name, us / 1000,
                           (double)us * 100 / (double)of);
}

static void add_troubles(GString *out, const TcpInfo *it)
{
  if (it->busy_time / 1000)
    g_string_append_printf(out, " busy:%" PRId64 "ms", it->busy_time / 1000);
  add_limit(out, "rwnd_limited", it->rwnd_limited, it->busy_time);
  add_limit(out, "sndbuf_limited", it->sndbuf_limited, it->busy_time);
  add(out, "unacked", it->unacked);
  if (it->retrans || it->total_retrans)
    g_string_append_printf(out, " retrans:%" PRId64 "/%" PRId64, it->retrans,
                           it->total_retrans);
  add(out, "lost", it->lost);
  add(out, "sacked", it->sacked);
  if (it->reordering != REORDERING)
    add(out, "reordering", it->reordering);
  add_ms(out, "rcv_rtt", it->rcv_rtt);
  add(out, "rcv_space", it->rcv_space);
  add(out, "rcv_ssthresh", it->rcv_ssthresh);
  add(out, "notsent", it->notsent_bytes);
  add_ms(out, "minrtt", it->min_rtt);
  add(out, "rcv_ooopack", it->rcv_ooopack);
  add(out, "snd_wnd", it->snd_wnd);
}

static void add_info(GString *out, const SocketRow *row)
{
  g_string_append_c(out, '\t');
  if (row->has_info) {
    add_options(out, row);
    add_path(out, &row->info);
    add_counts(out, &row->info);
    add_rates(out, &row->info);
    add_troubles(out, &row->info);
  } else {
    g_string_append_printf(out, " %s", row->control);
  }
  g_string_append_c(out, '\n');
}

static int address_width(const GArray *rows)
{
  int width = (int)strlen("Local Address");

  for (unsigned i = 0; i < rows->len; i++) {
    const TcpPair *pair = &g_array_index(rows, SocketRow, i).socket.pair;
    char text[NET_END_TEXT];

    socket_end(pair->local, text);
    width = MAX(width, (int)(strrchr(text, ':') - text));
    socket_end(pair->remote, text);
    width = MAX(width, (int)(strrchr(text, ':') - text));
  }
  return width;
}

char *socket_text(const GArray *rows)
{
  GString *out = g_string_new(NULL);
  int width = address_width(rows);

  g_string_append_printf(out, "%-10s %-6s %-6s %*s:%-5s %*s:%s\n", "State",
                         "Recv-Q", "Send-Q", width, "Local Address", "Port",
                         width, "Peer Address", "Port");
  for (unsigned i = 0; i < rows->len; i++) {
    const SocketRow *row = &g_array_index(rows, SocketRow, i);

    add_socket(out, &row->socket, width);
    if (row->control)
      add_info(out, row);
  }
  g_string_truncate(out, out->len - 1);
  return g_string_free(out, FALSE);
}
