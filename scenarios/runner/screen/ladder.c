/* Sorts the events of a run by the conversation that they concern. */
#include "ladder.h"

#include "ladder_draw.h"
#include "packet_label.h"

#define CONVERSATIONS_MOST 8
#define OTHERS_MOST 20

typedef struct Sorter {
  const Record *record;
  GPtrArray *events;      /* of GPtrArray of RecordEvent, by conversation */
  GPtrArray *others;      /* RecordEvents of no conversation */
  RecordConversation *at; /* the one that something last happened in */
} Sorter;

static GPtrArray *events_of(Sorter *it, const RecordConversation *conversation)
{
  return it->events->pdata[conversation->number - 1];
}

static bool involves(const RecordConversation *it, const char *host)
{
  return !host || g_strcmp0(host, it->hosts[0]) == 0 ||
         g_strcmp0(host, it->hosts[1]) == 0;
}

/* Where something between two hosts, or at one, is shown: in the last
 * conversation that anything happened in, else in any of theirs. */
static RecordConversation *conversation_near(Sorter *it, const char *from,
                                             const char *to)
{
  const GPtrArray *all = it->record->conversations;

  if (it->at && involves(it->at, from) && involves(it->at, to))
    return it->at;
  for (guint i = 0; i < all->len && i < CONVERSATIONS_MOST; i++)
    if (involves(all->pdata[i], from) && involves(all->pdata[i], to))
      return all->pdata[i];
  return NULL;
}

/* What happens next at the same time, in which a note was written: that is
 * what the note is about. */
static RecordConversation *conversation_next(const Record *record, guint index)
{
  const RecordEvent *note = record->events->pdata[index];

  for (guint i = index + 1; i < record->events->len; i++) {
    const RecordEvent *event = record->events->pdata[i];

    if (event->time != note->time)
      break;
    if (event->packet && event->packet->conversation)
      return event->packet->conversation;
    if (event->conversation)
      return event->conversation;
  }
  return NULL;
}

static RecordConversation *conversation_of_note(Sorter *it, guint index)
{
  const RecordEvent *note = it->record->events->pdata[index];
  RecordConversation *next = conversation_next(it->record, index);

  if (next && involves(next, note->host))
    return next;
  return conversation_near(it, note->host, NULL);
}

static RecordConversation *conversation_of(Sorter *it, guint index)
{
  const RecordEvent *event = it->record->events->pdata[index];
  const RecordPacket *packet = event->packet;

  if (event->kind == RECORD_STATE)
    return event->state->conversation;
  if (event->kind == RECORD_NOTE || (event->kind == RECORD_ALERT && !packet))
    return conversation_of_note(it, index);
  if (!packet)
    return event->conversation;
  if (packet->conversation)
    return packet->conversation;
  if (!packet->from || !packet->to || g_str_equal(packet->protocol, "arp"))
    return NULL;
  return conversation_near(it, packet->from, packet->to);
}

static void sort_event(Sorter *it, guint index)
{
  RecordEvent *event = it->record->events->pdata[index];
  RecordConversation *conversation = conversation_of(it, index);

  if (!conversation) {
    g_ptr_array_add(it->others, event);
    return;
  }
  g_ptr_array_add(events_of(it, conversation), event);
  it->at = conversation;
}

static void sort(Sorter *it)
{
  const Record *record = it->record;

  for (guint i = 0; i < record->conversations->len; i++)
    g_ptr_array_add(it->events, g_ptr_array_new());
  for (guint i = 0; i < record->events->len; i++)
    sort_event(it, i);
}

/* -- what belongs to no conversation -- */

static bool is_worth_a_line(const RecordEvent *event, bool verbose)
{
  if (event->kind == RECORD_NOTE ||
      (event->kind == RECORD_ALERT && event->count))
    return true;
  if (event->kind != RECORD_SENT || event->packet->conversation)
    return false;
  return verbose || !g_str_equal(event->packet->protocol, "arp");
}

static char *other_text(const RecordEvent *event)
{
  const RecordPacket *packet = event->packet;
  const char *fate = "";

  if (event->kind == RECORD_NOTE || event->kind == RECORD_ALERT)
    return g_strdup(event->text);
  if (packet->fate == RECORD_DROPPED)
    fate = packet->reason ? packet->reason : "lost";
  return g_strdup_printf("%s > %s: %s%s%s", packet->from ? packet->from : "?",
                         packet->to ? packet->to : "all",
                         packet->summary ? packet->summary : packet->protocol,
                         *fate ? "; lost: " : "", fate);
}

static void print_others(Sorter *it, const Terminal *terminal, bool verbose,
                         GString *out)
{
  unsigned printed = 0, left = 0;

  for (guint i = 0; i < it->others->len; i++) {
    const RecordEvent *event = it->others->pdata[i];
    g_autofree char *text = NULL, *time = NULL, *first = NULL;

    if (!is_worth_a_line(event, verbose))
      continue;
    if (printed == OTHERS_MOST && !verbose) {
      left++;
      continue;
    }
    if (printed++ == 0)
      g_string_append_printf(out, "%sBeside the connections%s\n",
                             terminal_style(terminal, STYLE_STRONG),
                             terminal_style(terminal, STYLE_PLAIN));
    text = other_text(event);
    time = span_text(terminal, event->time);
    first = g_strdup_printf("%12s  ", time);
    terminal_paragraph(terminal, out, first, text,
                       event->kind == RECORD_NOTE ? STYLE_NOTE : STYLE_PLAIN);
  }
  if (left)
    g_string_append_printf(out, "%s %u more; -v shows all\n",
                           terminal_glyphs(terminal)->ellipsis, left);
  if (printed)
    g_string_append_c(out, '\n');
}

void ladder_print(const Record *record, const Terminal *terminal, bool verbose,
                  GString *out)
{
  Sorter it = {
    .record = record,
    .events = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref),
    .others = g_ptr_array_new(),
  };
  guint count = record->conversations->len;
  guint shown = verbose ? count : MIN(count, CONVERSATIONS_MOST);

  sort(&it);
  for (guint i = 0; i < shown; i++) {
    ladder_draw(it.events->pdata[i], record->conversations->pdata[i], terminal,
                verbose, out);
    g_string_append_c(out, '\n');
  }
  if (shown < count)
    g_string_append_printf(out, "%s %u more connections; -v shows all\n\n",
                           terminal_glyphs(terminal)->ellipsis, count - shown);
  print_others(&it, terminal, verbose, out);
  g_ptr_array_unref(it.events);
  g_ptr_array_unref(it.others);
}
