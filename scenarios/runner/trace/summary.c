/* summary.json, one key a line so that diff and grep work on it. */
#include "summary.h"

#include "paths.h"
#include "record.h"
#include "text.h"

/* Counts of packets are of what was sent, once for each packet, however many
 * links it crossed; duplicates that the network made count as themselves. */
typedef struct Counts {
  uint64_t packets, delivered, dropped, pending, duplicates, injected, damaged;
  uint64_t segments, syn, fin, rst, retransmissions, payload_bytes;
} Counts;

static void count_segment(Counts *counts, const RecordPacket *packet)
{
  unsigned flags = packet->segment.flags;

  counts->segments++;
  counts->syn += (flags & TCP_SYN) != 0;
  counts->fin += (flags & TCP_FIN) != 0;
  counts->rst += (flags & TCP_RST) != 0;
  counts->retransmissions += packet->attempt > 0 && !packet->duplicate;
  counts->payload_bytes += packet->payload;
}

static Counts count(const Record *record)
{
  Counts counts = { 0 };

  for (guint i = 0; i < record->packets->len; i++) {
    const RecordPacket *packet = record->packets->pdata[i];

    counts.packets++;
    counts.delivered += packet->fate == RECORD_DELIVERED;
    counts.dropped += packet->fate == RECORD_DROPPED;
    counts.pending += packet->fate == RECORD_PENDING;
    counts.duplicates += packet->duplicate;
    counts.injected += packet->injected;
    counts.damaged += packet->damaged;
    if (packet->conversation)
      count_segment(&counts, packet);
  }
  return counts;
}

static void add_count(GString *text, const char *name, uint64_t value)
{
  if (text->str[text->len - 1] != '{')
    g_string_append_c(text, ',');
  g_string_append_printf(text, "\n    \"%s\": ", name);
  text_uint(text, value);
}

static void add_record_counts(GString *text, const Record *record)
{
  Counts counts = count(record);

  add_count(text, "connections", record->conversations->len);
  add_count(text, "packets", counts.packets);
  add_count(text, "delivered", counts.delivered);
  add_count(text, "dropped", counts.dropped);
  add_count(text, "pending", counts.pending);
  add_count(text, "duplicates", counts.duplicates);
  add_count(text, "injected", counts.injected);
  add_count(text, "damaged", counts.damaged);
  add_count(text, "segments", counts.segments);
  add_count(text, "syn", counts.syn);
  add_count(text, "fin", counts.fin);
  add_count(text, "rst", counts.rst);
  add_count(text, "retransmissions", counts.retransmissions);
  add_count(text, "payload_bytes", counts.payload_bytes);
}

static void add_counts(GString *text, const Run *run)
{
  g_string_append(text, "  \"counts\": {");
  add_count(text, "events", run->sim->fired);
  add_count(text, "packet_hops", run->net->hops);
  if (run->record)
    add_record_counts(text, run->record);
  g_string_append(text, "\n  },\n");
}

static void add_expectation(GString *text, const Expectation *expectation)
{
  g_string_append(text, "\n    {\"text\": ");
  text_json(text, expectation->text);
  g_string_append(text, ", \"line\": ");
  text_int(text, expectation->line);
  g_string_append(text, ", \"holds\": ");
  if (expectation->holds)
    g_string_append(text, "true, \"found\": null}");
  else if (!expectation->found)
    g_string_append(text, "null, \"found\": null}");
  else {
    g_string_append(text, "false, \"found\": ");
    text_json(text, expectation->found);
    g_string_append_c(text, '}');
  }
}

static void add_expectations(GString *text, const Expectations *all)
{
  unsigned total = all ? expectations_count(all) : 0;

  g_string_append(text, "  \"expectations\": [");
  for (unsigned i = 0; i < total; i++) {
    if (i > 0)
      g_string_append_c(text, ',');
    add_expectation(text, expectations_at(all, i));
  }
  g_string_append(text, total > 0 ? "\n  ]\n" : "]\n");
}

static void add_text(GString *text, const char *name, const char *value)
{
  g_string_append_printf(text, "  \"%s\": ", name);
  text_json(text, value);
  g_string_append(text, ",\n");
}

void summary_write(const Run *run, OutFile *file)
{
  g_autoptr(GString) text = g_string_new("{\n");

  add_text(text, "scenario", run->name);
  add_text(text, "title", run->title ? run->title : run->name);
  g_string_append(text, "  \"seed\": ");
  text_uint(text, run->options.seed);
  g_string_append(text, ",\n");
  add_text(text, "version", LINGER_VERSION);
  g_string_append_printf(text,
                         "  \"fingerprint\": \"%016" G_GINT64_MODIFIER "x\",\n",
                         run->sim->fingerprint);
  g_string_append(text, "  \"end_s\": ");
  text_seconds(text, run->sim->now);
  g_string_append_printf(text, ",\n  \"interrupted\": %s,\n",
                         run->interrupted ? "true" : "false");
  add_counts(text, run);
  add_expectations(text, run->expectations);
  g_string_append(text, "}\n");
  outfile_append(file, text->str, text->len);
}
