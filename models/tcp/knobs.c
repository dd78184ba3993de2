#include "knobs.h"

#include <glib.h>
#include <string.h>

#include "congestion.h"

static const TcpKnob knob_list[] = {
#define KNOB(name, kind, initial, low, high, sentence) \
  { #name, TCP_KNOB_##kind, initial, low, high, sentence },
#include "knobs.def"
#undef KNOB
};

G_STATIC_ASSERT(sizeof(TcpKnobs) == G_N_ELEMENTS(knob_list) * sizeof(int64_t));

const TcpKnob *tcp_knob(unsigned index)
{
  return index < G_N_ELEMENTS(knob_list) ? &knob_list[index] : NULL;
}

const TcpKnob *tcp_knob_find(const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS(knob_list); i++)
    if (strcmp(knob_list[i].name, name) == 0)
      return &knob_list[i];
  return NULL;
}

/* TcpKnobs has the knobs in the list's order and nothing else. */
int64_t tcp_knob_get(const TcpKnobs *knobs, const TcpKnob *knob)
{
  return ((const int64_t *)knobs)[knob - knob_list];
}

/* The only names so far are those of congestion control. */
const char *tcp_knob_name(const TcpKnob *knob, unsigned value)
{
  const TcpCongestionOps *ops =
      knob->kind == TCP_KNOB_NAME ? tcp_congestion_ops(value) : NULL;

  return ops ? ops->name : NULL;
}

bool tcp_knob_set(TcpKnobs *knobs, const TcpKnob *knob, int64_t value)
{
  if (value < knob->low || value > knob->high)
    return false;
  if (knob->kind == TCP_KNOB_NAME && !tcp_knob_name(knob, (unsigned)value))
    return false;
  ((int64_t *)knobs)[knob - knob_list] = value;
  if (strcmp(knob->name, "send_buffer") == 0)
    knobs->send_buffer_most = 0;
  return true;
}
