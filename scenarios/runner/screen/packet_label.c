/* Packets and times as text. */
#include "packet_label.h"

#include <inttypes.h>
#include <string.h>

#include "units.h"

TimeScale time_scale_for(SimTime last, bool fine, bool coarse)
{
  unsigned few = coarse ? 1 : 3;

  if (last < 10 * SIM_MILLISECOND)
    return (TimeScale){ SIM_MICROSECOND, few };
  if (last < 10 * SIM_SECOND)
    return (TimeScale){ SIM_MILLISECOND, few };
  return (TimeScale){ SIM_SECOND, fine ? 6 : 3 };
}

char *time_scale_format(TimeScale scale, SimTime time)
{
  int64_t whole = 1, step;

  for (unsigned i = 0; i < scale.decimals; i++)
    whole *= 10;
  step = scale.unit / whole;
  time = time / step + (time % step >= step / 2 && step > 1 ? 1 : 0);
  return g_strdup_printf("%" PRId64 ".%0*" PRId64, time / whole,
                         (int)scale.decimals, time % whole);
}

const char *time_scale_unit(TimeScale scale, const Terminal *terminal)
{
  if (scale.unit == SIM_SECOND)
    return "s";
  if (scale.unit == SIM_MILLISECOND)
    return "ms";
  return terminal->utf8 ? "µs" : "us";
}

char *span_text(const Terminal *terminal, SimTime span)
{
  char text[64];
  char *micro;
  const char *sign = terminal_glyphs(terminal)->micro;

  sim_format_time(span, 4, text, sizeof text);
  micro = strstr(text, " us");
  if (!micro)
    return g_strdup(text);
  *micro = '\0';
  return g_strconcat(text, " ", sign, "s", NULL);
}

static void append_flags(GString *label, unsigned flags)
{
  static const struct {
    unsigned flag;
    const char *name;
  } names[] = {
    { TCP_SYN, "SYN" }, { TCP_FIN, "FIN" }, { TCP_RST, "RST" },
    { TCP_PSH, "PSH" }, { TCP_URG, "URG" }, { TCP_ECE, "ECE" },
    { TCP_CWR, "CWR" }, { TCP_ACK, "ACK" },
  };
  const char *separator = "";

  for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
    if (flags & names[i].flag) {
      g_string_append_printf(label, "%s%s", separator, names[i].name);
      separator = "+";
    }
  if (!(flags & 0xff))
    g_string_append(label, "no flags");
}

static void append_tcp(GString *label, const RecordPacket *packet, bool words)
{
  char letters[16];

  if (words)
    append_flags(label, packet->segment.flags);
  else
    g_string_append(label, tcp_flags_format(packet->segment.flags, letters));
  if (packet->malformed)
    return;
  g_string_append_printf(label, words ? " seq %" PRId64 : " %" PRId64,
                         packet->seq);
  if (packet->payload)
    g_string_append_printf(label, ":%" PRId64 "(%" PRIu32 ")",
                           packet->seq + packet->payload, packet->payload);
  if (packet->segment.flags & TCP_ACK)
    g_string_append_printf(label, " ack %" PRId64, packet->ack);
  if (packet->window == 0 && !(packet->segment.flags & TCP_RST))
    g_string_append(label, " win 0");
  if (packet->segment.flags & TCP_URG)
    g_string_append_printf(label, " urg %u", (unsigned)packet->segment.up);
}

static void append_oddities(GString *label, const RecordPacket *packet,
                            PacketForm form)
{
  if (packet->attempt)
    g_string_append_printf(
        label, form == PACKET_WORDS ? " retransmission %u" : " retrans. %u",
        packet->attempt);
  if (packet->injected)
    g_string_append(label, " injected");
  if (packet->duplicate)
    g_string_append(label, " duplicate");
  if (packet->damaged)
    g_string_append(label, " damaged");
  if (packet->marked)
    g_string_append(label, " CE");
  if (packet->malformed)
    g_string_append(label, " malformed");
}

char *packet_label(const Terminal *terminal, const RecordPacket *packet,
                   PacketForm form)
{
  GString *label = g_string_new(NULL);

  if (packet->conversation)
    append_tcp(label, packet, form != PACKET_SHORT);
  else {
    g_autofree char *summary = terminal_clean(
        terminal, packet->summary ? packet->summary : packet->protocol);
    g_string_append(label, summary);
  }
  append_oddities(label, packet, form);
  return g_string_free(label, FALSE);
}

/* What the segment SACKs, in the numbers that its ACK is shown in. */
static void append_blocks(GString *list, const RecordPacket *packet)
{
  const TcpOptions *options = &packet->segment.options;
  uint32_t base = packet->segment.ack - (uint32_t)packet->ack;

  for (unsigned i = 0; i < options->sack_count; i++)
    g_string_append_printf(list, "%s%" PRIu32 ":%" PRIu32, i ? " " : ", sack ",
                           options->sack[i].left - base,
                           options->sack[i].right - base);
}

char *packet_detail(const RecordPacket *packet)
{
  const TcpOptions *options = &packet->segment.options;
  g_autoptr(GString) list = g_string_new(NULL);

  if (!packet->conversation || packet->malformed)
    return NULL;
  if (options->mss)
    g_string_append_printf(list, ", mss %u", (unsigned)options->mss);
  if (options->has_scale)
    g_string_append_printf(list, ", wscale %u", (unsigned)options->scale);
  if (options->sack_permitted)
    g_string_append(list, ", sackOK");
  append_blocks(list, packet);
  if (options->has_timestamps)
    g_string_append_printf(list, ", TS val %" PRIu32 " ecr %" PRIu32,
                           options->ts_value, options->ts_echo);
  if (list->len)
    return g_strdup_printf("win %" PRId64 " <%s>", packet->window,
                           list->str + 2);
  return g_strdup_printf("win %" PRId64, packet->window);
}

TerminalStyle packet_style(const RecordPacket *packet)
{
  if (packet->fate == RECORD_DROPPED || packet->segment.flags & TCP_RST)
    return STYLE_BAD;
  if (packet->injected || packet->duplicate || packet->damaged)
    return STYLE_FOREIGN;
  return packet->attempt ? STYLE_WARN : STYLE_PLAIN;
}

bool packet_is_odd(const RecordPacket *packet)
{
  return packet->malformed || packet_style(packet) != STYLE_PLAIN;
}

const char *state_short(TcpState state)
{
  switch (state) {
  case TCP_ESTABLISHED:
    return "ESTAB";
  case TCP_SYN_RECEIVED:
    return "SYN-RECV";
  default:
    return tcp_state_name(state);
  }
}
