/* Tables for plots and for people with awk: tab separated, a header row,
 * times in seconds with 9 decimals, `-` and NaN for what is not there. */
#include "tables.h"

#include <string.h>

#include "paths.h"
#include "results.h"
#include "text.h"

/* -- cells; each ends with its tab -- */

static void tab(GString *line)
{
  g_string_append_c(line, '\t');
}

static void cell(GString *line, const char *text)
{
  text_cell(line, text);
  tab(line);
}

static void cell_uint(GString *line, uint64_t value)
{
  text_uint(line, value);
  tab(line);
}

static void cell_int(GString *line, int64_t value, bool known)
{
  if (known)
    text_int(line, value);
  else
    g_string_append(line, "NaN");
  tab(line);
}

static void cell_time(GString *line, SimTime time)
{
  if (time == SIM_TIME_NEVER)
    g_string_append(line, "NaN");
  else
    text_seconds(line, time);
  tab(line);
}

static void cell_end(GString *line, const RecordConversation *conversation,
                     unsigned end)
{
  char label[128];

  cell(line, conversation
                 ? record_end_label(conversation, end, label, sizeof label)
                 : NULL);
}

static void end_row(GString *line, OutFile *file)
{
  line->str[line->len - 1] = '\n';
  outfile_append(file, line->str, line->len);
  g_string_truncate(line, 0);
}

static void header(OutFile *file, const char *names)
{
  outfile_append(file, names, strlen(names));
}

/* -- states.tsv -- */

static void state_row(GString *line, const RecordState *state)
{
  cell_uint(line, state->conversation->number);
  cell(line, state->host);
  cell_end(line, state->conversation, state->end);
  cell(line, tcp_state_name(state->state));
  cell_time(line, state->from);
  cell_time(line, state->to);
  cell(line, state->rule ? tcp_rule_sentence(state->rule) : NULL);
  cell(line, state->rule ? tcp_rule_id(state->rule) : NULL);
  cell(line, state->rule ? tcp_rule_section(state->rule) : NULL);
  cell_uint(line, state->final);
}

void tables_states(const Run *run, OutFile *file)
{
  const Record *record = run->record;
  g_autoptr(GString) line = g_string_sized_new(512);

  header(file, "connection\thost\tend\tstate\tfrom_s\tto_s\tcause\trule\t"
               "section\tfinal\n");
  for (guint i = 0; i < record->states->len; i++) {
    state_row(line, record->states->pdata[i]);
    end_row(line, file);
  }
}

/* -- packets.tsv -- */

static const char *fate_name(const RecordPacket *packet)
{
  switch (packet->fate) {
  case RECORD_DELIVERED:
    return packet->duplicate ? "duplicate" : "delivered";
  case RECORD_DROPPED:
    return "dropped";
  default:
    return "pending";
  }
}

static const char *reason(const RecordPacket *packet)
{
  if (packet->fate == RECORD_DROPPED && packet->reason)
    return packet->reason;
  return packet->rule ? tcp_rule_sentence(packet->rule) : NULL;
}

static void segment_cells(GString *line, const RecordPacket *packet)
{
  const TcpSegment *segment = &packet->segment;
  bool tcp = packet->conversation != NULL;
  bool numbers = tcp && !packet->malformed;
  char flags[16];

  cell(line, tcp ? tcp_flags_format(segment->flags, flags) : NULL);
  cell_int(line, packet->seq, numbers);
  cell_int(line, packet->seq_end, numbers);
  cell_int(line, packet->ack, numbers && segment->flags & TCP_ACK);
  cell_uint(line, packet->payload);
  cell_int(line, packet->window, numbers);
}

static void packet_row(GString *line, const RecordPacket *packet)
{
  const RecordConversation *conversation = packet->conversation;

  cell_uint(line, packet->number);
  if (conversation)
    cell_uint(line, conversation->number);
  else
    cell(line, NULL);
  cell(line, packet->protocol);
  cell_time(line, packet->sent);
  cell_time(line, packet->received);
  cell(line, packet->from);
  cell(line, packet->to);
  cell_end(line, conversation, packet->from_end);
  cell_end(line, conversation, 1 - packet->from_end);
  segment_cells(line, packet);
  cell(line, fate_name(packet));
  cell(line, reason(packet));
  cell(line, packet->rule ? tcp_rule_id(packet->rule) : NULL);
  cell_uint(line, packet->attempt);
  cell_uint(line, packet->injected);
}

void tables_packets(const Run *run, OutFile *file)
{
  const Record *record = run->record;
  g_autoptr(GString) line = g_string_sized_new(512);

  header(file,
         "id\tconnection\tprotocol\tsent_s\treceived_s\tfrom\tto\tfrom_end\t"
         "to_end\tflags\tseq\tseq_end\tack\tlength\twindow\tfate\treason\t"
         "rule\tretransmission\tinjected\n");
  for (guint i = 0; i < record->packets->len; i++) {
    packet_row(line, record->packets->pdata[i]);
    end_row(line, file);
  }
}

/* -- plot.tsv -- */

static void key(GString *line, const char *name, const char *value,
                OutFile *file)
{
  cell(line, name);
  cell(line, value);
  end_row(line, file);
}

typedef struct Keys {
  GString *line;
  OutFile *file;
} Keys;

static void picture_key(void *user, const char *name, const char *value)
{
  const Keys *it = user;

  key(it->line, name, value, it->file);
}

void tables_plot(const Run *run, OutFile *file)
{
  g_autoptr(GString) line = g_string_new(NULL);
  g_autoptr(GString) value = g_string_new(NULL);

  header(file, "key\tvalue\n");
  key(line, "title", run->title ? run->title : run->name, file);
  key(line, "scenario", run->name, file);
  text_uint(value, run->options.seed);
  key(line, "seed", value->str, file);
  g_string_printf(value, "%016" G_GINT64_MODIFIER "x", run->sim->fingerprint);
  key(line, "fingerprint", value->str, file);
  key(line, "version", LINGER_VERSION, file);
  g_string_truncate(value, 0);
  text_seconds(value, run->sim->now);
  key(line, "end_s", value->str, file);
  results_pictures(run, picture_key, &(Keys){ line, file });
}
