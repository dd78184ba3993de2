/* From a cell to a segment, and from replies to an outcome. Invariant: numbers
 * are written relative to what the kernel's own variables were before the
 * segment, or to the segment where the kernel had none. */

#include "probe.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum {
  PEER_MSS = 1460,
  NEAR = 100000,            /* numbers closer than this are neighbours */
  TWO_TICKS_US = 25 * 1000, /* 8 ms, and what a busy machine adds */
};

Segment probe_segment(const BenchConnection *c, int flags, uint32_t seq,
                      uint32_t ack, uint32_t length, uint32_t tsval)
{
  return (Segment){ .flags = (uint8_t)flags,
                    .seq = seq,
                    .ack = flags & TH_ACK ? ack : 0,
                    .length = length,
                    .window = c->peer_window,
                    .mss = flags & TH_SYN ? PEER_MSS : 0,
                    .timestamps = tsval != 0,
                    .tsval = tsval,
                    .tsecr = c->tsecr };
}

Segment probe_make(const BenchConnection *c, const AnswersTable *table,
                   int flags, int seq, int ack, uint32_t older_by)
{
  const uint32_t window = c->rcv.right - c->rcv.nxt;
  const uint32_t seqs[ANSWERS_AT_COUNT][ANSWERS_POSITIONS] = {
    { 0, 10, -1u, -1000u, window + 1000 },
    { window - 100, window - 99, window - 1, window, window + 1 },
  };
  const uint32_t acks[ANSWERS_POSITIONS] = { c->snd.una, c->snd.nxt,
                                             c->snd.una - 1, c->snd.nxt + 1,
                                             c->snd.una - (1u << 30) };
  const uint32_t tsvals[ANSWERS_TS_COUNT] = {
    [ANSWERS_TS_NEW] = PROBE_TSVAL + PROBE_TSVAL_NEWER_BY,
    [ANSWERS_TS_OLD] = PROBE_TSVAL - older_by,
  };

  return probe_segment(c, flags, c->rcv.nxt + seqs[table->at][seq], acks[ack],
                       table->payload_bytes, tsvals[table->timestamps]);
}

static void add_number(GString *text, const char *base, uint32_t offset)
{
  if (offset == 0)
    g_string_append(text, base);
  else
    g_string_append_printf(text, "%s%+d", base, (int)offset);
}

static bool is_near(uint32_t a, uint32_t b)
{
  return a - b + NEAR <= 2 * NEAR;
}

static void add_seq(GString *text, const BenchConnection *c, const Segment *s)
{
  bool reset = s->flags & TH_RST;

  if (reset && !(s->flags & TH_ACK) && s->seq == c->probe.ack)
    g_string_append(text, "SEG.ACK");
  else if (reset && s->seq == 0)
    g_string_append(text, "0");
  else if (c->heard && is_near(s->seq, c->snd.nxt))
    add_number(text, "N", s->seq - c->snd.nxt);
  else
    g_string_append(text, "ISS");
}

/* In CLOSED, LISTEN and SYN-SENT the kernel knows no RCV.NXT; a SYN with an
 * ISS of its own starts another connection. */
static void add_ack(GString *text, const BenchConnection *c, const Segment *s)
{
  int before = c->state_before;
  bool known =
      before != TCP_CLOSE && before != TCP_LISTEN && before != TCP_SYN_SENT;

  if (!(s->flags & TH_ACK))
    g_string_append(text, "-");
  else if ((s->flags & TH_RST) && s->seq == 0 &&
           s->ack == segment_end(&c->probe))
    g_string_append(text, "SEG.END");
  else if ((s->flags & TH_SYN) ? !known || s->seq + 1 != c->snd.nxt : !known)
    add_number(text, "SEG.SEQ", s->ack - c->probe.seq);
  else
    add_number(text, "R", s->ack - c->rcv.nxt);
}

void probe_add_reply(GString *text, const BenchConnection *c,
                     const BenchReply *reply)
{
  const Segment *s = &reply->segment;

  answers_flags_name(text, s->flags);
  if (s->length)
    g_string_append_printf(text, "(%u)", s->length);
  g_string_append_c(text, ',');
  add_seq(text, c, s);
  g_string_append_c(text, ',');
  add_ack(text, c, s);
  if (s->timestamps)
    g_string_append(text, ",ts");
}

static void add_replies(GString *text, const BenchConnection *c)
{
  if (c->reply_count == 0)
    g_string_append_c(text, '-');
  for (int i = 0; i < c->reply_count && i < BENCH_REPLIES; i++) {
    if (i > 0)
      g_string_append_c(text, ' ');
    probe_add_reply(text, c, &c->replies[i]);
    if (!c->replies[i].at_once)
      g_string_append(text,
                      c->replies[i].after_us <= TWO_TICKS_US ? "@t" : "@40");
  }
  if (c->reply_count > BENCH_REPLIES)
    g_string_append(text, " ...");
}

const char *probe_state_name(int state)
{
  static const char *const names[] = {
    [TCP_ESTABLISHED] = "ESTAB",    [TCP_SYN_SENT] = "SYN-SENT",
    [TCP_SYN_RECV] = "SYN-RCVD",    [TCP_FIN_WAIT1] = "FIN-WAIT-1",
    [TCP_FIN_WAIT2] = "FIN-WAIT-2", [TCP_TIME_WAIT] = "TIME-WAIT",
    [TCP_CLOSE] = "CLOSED",         [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
    [TCP_LAST_ACK] = "LAST-ACK",    [TCP_LISTEN] = "LISTEN",
    [TCP_CLOSING] = "CLOSING",
  };

  return names[state];
}

static int drain(int fd)
{
  char bytes[8192];
  ssize_t got;
  int total = 0;

  while ((got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
    total += (int)got;
  return total;
}

/* What SIOCINQ says, and after a slash what recv() then gives if that differs:
 * an urgent byte hides what is behind it. */
static void add_socket(GString *text, const BenchConnection *c, int fd)
{
  int error = 0, queued = 0, total;
  socklen_t length = sizeof error;

  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error)
    g_string_append_printf(text, " !%s", strerrorname_np(error));
  ioctl(fd, FIONREAD, &queued);
  total = drain(fd) - c->readable_before;
  queued -= c->readable_before;
  if (queued || total)
    g_string_append_printf(text, " #%d", queued);
  if (queued != total)
    g_string_append_printf(text, "/%d", total);
}

const char *probe_outcome(const Bench *bench, BenchConnection *c,
                          const Variant *variant)
{
  g_autoptr(GString) text = g_string_new(NULL);
  int state = lab_state(&bench->lab, c->port, BENCH_PEER_PORT), fd;

  add_replies(text, c);
  if (state == TCP_LISTEN && variant->state != TCP_LISTEN)
    state = TCP_CLOSE;
  if (state != variant->state)
    g_string_append_printf(text, " =>%s", probe_state_name(state));
  fd = bench_socket(c);
  if (fd >= 0)
    add_socket(text, c, fd);
  return g_intern_string(text->str);
}
