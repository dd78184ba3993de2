/* Expectations on packets: how many fit, and their order. */
#include "expect.h"

#include "units.h"

#define MOST_SHOWN 8

static bool rule_fits(const char *id, const RecordPacket *packet)
{
  return g_str_equal(id, tcp_rule_id(packet->rule)) ||
         g_str_equal(id, tcp_rule_id(packet->judged)) ||
         (packet->drop_rule && g_str_equal(id, packet->drop_rule));
}

static bool ends_fit(const PacketWant *want, const RecordPacket *packet)
{
  if (want->from &&
      (!packet->from || !g_str_equal(packet->from, want->from->node->name)))
    return false;
  return !want->to ||
         (packet->to && g_str_equal(packet->to, want->to->node->name));
}

static bool ports_fit(const PacketWant *want, const RecordPacket *packet)
{
  if (!want->from_port && !want->to_port)
    return true;
  if (!packet->conversation || packet->malformed)
    return false;
  return (!want->from_port || packet->segment.source_port == want->from_port) &&
         (!want->to_port || packet->segment.destination_port == want->to_port);
}

static bool numbers_fit(const PacketWant *want, const RecordPacket *packet)
{
  if (!ports_fit(want, packet))
    return false;
  if (want->flags.given &&
      (!packet->conversation ||
       !world_flags_fit(&want->flags, packet->segment.flags)))
    return false;
  if ((want->has_seq && packet->seq != want->seq) ||
      (want->has_ack && packet->ack != want->ack) ||
      (want->has_length && packet->payload != want->length) ||
      (want->has_window && packet->window != want->window))
    return false;
  if (want->state && packet->sender_before != want->state)
    return false;
  return packet->attempt >= want->attempt_low &&
         packet->attempt <= want->attempt_high;
}

static bool packet_fits(const PacketWant *want, const RecordPacket *packet)
{
  if (!ends_fit(want, packet) || !numbers_fit(want, packet))
    return false;
  if (want->has_at ? packet->sent != want->at
                   : packet->sent < want->after || packet->sent >= want->before)
    return false;
  if ((want->has_fate && packet->fate != want->fate) ||
      (want->has_injected && packet->injected != want->injected) ||
      (want->has_duplicate && packet->duplicate != want->duplicate))
    return false;
  if (want->rule && !rule_fits(want->rule, packet))
    return false;
  return !want->matching || g_hash_table_contains(want->matching, &packet->id);
}

static void append_rules(GString *text, const RecordPacket *packet)
{
  g_string_append_printf(text, " (sent by %s", tcp_rule_id(packet->rule));
  if (packet->judged)
    g_string_append_printf(text, ", met %s", tcp_rule_id(packet->judged));
  if (packet->drop_rule)
    g_string_append_printf(text, ", dropped by %s", packet->drop_rule);
  g_string_append_c(text, ')');
}

static void append_packet(GString *text, const RecordPacket *packet)
{
  char time[40], flags[16];

  g_string_append_printf(text, "%s at %s",
                         packet->conversation && !packet->malformed
                             ? tcp_flags_format(packet->segment.flags, flags)
                         : packet->summary ? packet->summary
                                           : packet->protocol,
                         sim_format_time(packet->sent, 9, time, sizeof time));
  if (packet->conversation && !packet->malformed)
    g_string_append_printf(text, " (seq %" G_GINT64_FORMAT, packet->seq);
  if (packet->conversation && !packet->malformed && packet->ack >= 0)
    g_string_append_printf(text, " ack %" G_GINT64_FORMAT, packet->ack);
  if (packet->conversation && !packet->malformed)
    g_string_append_printf(text, ", %u bytes%s)", packet->payload,
                           packet->fate == RECORD_DROPPED ? ", lost" : "");
}

/* What the same sender sent instead. */
static void append_sent(GString *found, const PacketWant *want, const Run *run)
{
  const GPtrArray *packets = run->record->packets;
  unsigned shown = 0;

  for (unsigned i = 0; i < packets->len; i++) {
    const RecordPacket *packet = packets->pdata[i];

    if (!ends_fit(want, packet))
      continue;
    if (shown == MOST_SHOWN) {
      g_string_append(found, ", ...");
      return;
    }
    g_string_append(found, shown++ ? ", " : "; there were: ");
    append_packet(found, packet);
    if (want->rule)
      append_rules(found, packet);
  }
  if (shown == 0)
    g_string_append_printf(found, "; %s sent %s%s%s",
                           want->from ? want->from->node->name : "nobody",
                           want->from ? "nothing" : "anything",
                           want->to ? " to " : "",
                           want->to ? want->to->node->name : "");
}

bool expect_packet_check(Expect *expect, Run *run, GString *found)
{
  const PacketWant *want = &((ExpectPacket *)expect)->want;
  const GPtrArray *packets = run->record->packets;
  int64_t count = 0;
  GString *list;

  for (unsigned i = 0; i < packets->len; i++)
    count += packet_fits(want, packets->pdata[i]);
  if (count >= want->low && count <= want->high)
    return true;
  if (count == 0) {
    g_string_append(found, "there was none");
    append_sent(found, want, run);
    return false;
  }
  list = g_string_new(NULL);
  count = 0;
  for (unsigned i = 0; i < packets->len; i++) {
    if (!packet_fits(want, packets->pdata[i]))
      continue;
    if (count++ < MOST_SHOWN) {
      g_string_append(list, count > 1 ? ", " : ": ");
      append_packet(list, packets->pdata[i]);
    }
  }
  g_string_append_printf(found, "there %s %" G_GINT64_FORMAT "%s%s",
                         count == 1 ? "was" : "were", count, list->str,
                         count > MOST_SHOWN ? ", ..." : "");
  g_string_free(list, TRUE);
  return false;
}

bool expect_order_check(Expect *expect, Run *run, GString *found)
{
  ExpectOrder *order = (ExpectOrder *)expect;
  const GPtrArray *packets = run->record->packets;
  const RecordPacket *last = NULL;
  unsigned next = 0;

  for (unsigned i = 0; i < packets->len && next < order->count; i++)
    if (packet_fits(&order->wants[next], packets->pdata[i])) {
      last = packets->pdata[i];
      next++;
    }
  if (next == order->count)
    return true;
  g_string_append_printf(found, "packet %u of the list (%s) is missing",
                         next + 1, order->texts[next]);
  if (last) {
    g_string_append(found, " after ");
    append_packet(found, last);
  }
  append_sent(found, &order->wants[next], run);
  return false;
}
