/* A table of what a connection's variables are called and where they are. */
#include "events_tcb.h"

#include <string.h>

#include "record_parts.h"
#include "text.h"

typedef enum Kind { NUMBER, SMALL, FLAG, SPAN, MOMENT } Kind;

typedef struct Variable {
  const char *name; /* as a JSON key, with its quotes and colon */
  size_t offset;
  Kind kind;
} Variable;

#define VARIABLE(name, field, kind)                   \
  {                                                   \
    "\"" name "\":", offsetof(TcpStatus, field), kind \
  }

static const Variable variables[] = {
  VARIABLE("snd.una", snd.una, NUMBER),
  VARIABLE("snd.nxt", snd.nxt, NUMBER),
  VARIABLE("snd.wnd", snd.wnd, NUMBER),
  VARIABLE("snd.up", snd.up, NUMBER),
  VARIABLE("snd.wl1", snd.wl1, NUMBER),
  VARIABLE("snd.wl2", snd.wl2, NUMBER),
  VARIABLE("iss", snd.iss, NUMBER),
  VARIABLE("rcv.nxt", rcv.nxt, NUMBER),
  VARIABLE("rcv.wnd", rcv.wnd, NUMBER),
  VARIABLE("rcv.up", rcv.up, NUMBER),
  VARIABLE("irs", rcv.irs, NUMBER),
  VARIABLE("cwnd", cwnd, NUMBER),
  VARIABLE("ssthresh", ssthresh, NUMBER),
  VARIABLE("mss", mss, NUMBER),
  VARIABLE("flight", flight, NUMBER),
  VARIABLE("unsent", unsent, NUMBER),
  VARIABLE("unread", unread, NUMBER),
  VARIABLE("retries", retries, NUMBER),
  VARIABLE("srtt", srtt, SPAN),
  VARIABLE("rttvar", rttvar, SPAN),
  VARIABLE("rto", rto, SPAN),
  VARIABLE("timer_at", timer_at, MOMENT),
  VARIABLE("snd.scale", snd_scale, SMALL),
  VARIABLE("rcv.scale", rcv_scale, SMALL),
  VARIABLE("timestamps", timestamps, FLAG),
  VARIABLE("fin_sent", fin_sent, FLAG),
  VARIABLE("fin_acked", fin_acked, FLAG),
  VARIABLE("fin_received", fin_received, FLAG),
};

typedef struct Written {
  unsigned conversation;
  TcpStatus status;
} Written;

struct EventsTcb {
  GHashTable *written; /* TcpPair as its host sees it -> Written */
};

EventsTcb *events_tcb_new(void)
{
  EventsTcb *it = g_new0(EventsTcb, 1);

  it->written = g_hash_table_new_full(record_pair_hash, record_pair_equal,
                                      g_free, g_free);
  return it;
}

void events_tcb_free(EventsTcb *it)
{
  if (!it)
    return;
  g_hash_table_unref(it->written);
  g_free(it);
}

static size_t size_of(Kind kind)
{
  switch (kind) {
  case NUMBER:
    return sizeof(uint32_t);
  case SMALL:
    return sizeof(uint8_t);
  case FLAG:
    return sizeof(bool);
  default:
    return sizeof(SimTime);
  }
}

static void put_time(GString *line, const uint8_t *at, Kind kind)
{
  SimTime time;

  memcpy(&time, at, sizeof time);
  if (kind == MOMENT && time == SIM_TIME_NEVER)
    g_string_append(line, "null");
  else
    text_seconds(line, time);
}

static void put_value(GString *line, const uint8_t *at, Kind kind)
{
  uint32_t number;

  switch (kind) {
  case NUMBER:
    memcpy(&number, at, sizeof number);
    text_uint(line, number);
    break;
  case SMALL:
    text_uint(line, *at);
    break;
  case FLAG:
    g_string_append(line, *at ? "true" : "false");
    break;
  default:
    put_time(line, at, kind);
  }
}

static void separate(GString *line, gsize empty)
{
  if (line->len > empty)
    g_string_append_c(line, ',');
}

static void put_text(GString *line, gsize empty, const char *name,
                     const char *value)
{
  separate(line, empty);
  g_string_append(line, name);
  if (value)
    text_json(line, value);
  else
    g_string_append(line, "null");
}

static void put_changes(GString *line, const TcpStatus *old,
                        const TcpStatus *new)
{
  gsize empty = line->len;

  if (old->state != new->state)
    put_text(line, empty, "\"state\":", tcp_state_name(new->state));
  if (g_strcmp0(old->timer, new->timer) != 0)
    put_text(line, empty, "\"timer\":", new->timer);
  if (old->error != new->error)
    put_text(line, empty,
             "\"error\":", new->error ? tcp_error_name(new->error) : NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(variables); i++) {
    const Variable *it = &variables[i];
    const uint8_t *at = (const uint8_t *)new + it->offset;

    if (memcmp((const uint8_t *)old + it->offset, at, size_of(it->kind)) == 0)
      continue;
    separate(line, empty);
    g_string_append(line, it->name);
    put_value(line, at, it->kind);
  }
}

static Written *written_of(EventsTcb *it, const TcpPair *pair)
{
  Written *written = g_hash_table_lookup(it->written, pair);

  if (!written) {
    written = g_new0(Written, 1);
    g_hash_table_insert(it->written, g_memdup2(pair, sizeof *pair), written);
  }
  return written;
}

bool events_tcb_changed(EventsTcb *it, GString *line, const TcpStatus *status,
                        unsigned conversation)
{
  Written *written = written_of(it, &status->pair);
  gsize empty;

  if (written->conversation != conversation) {
    memset(&written->status, 0, sizeof written->status);
    written->status.timer_at = SIM_TIME_NEVER;
    written->conversation = conversation;
  }
  g_string_append(line, ",\"changed\":{");
  empty = line->len;
  put_changes(line, &written->status, status);
  written->status = *status;
  if (line->len == empty)
    return false;
  g_string_append_c(line, '}');
  return true;
}
