/* Profiles: named sets of knobs. A difference between stacks is data here,
 * never an `if` in input or output. */
#include <glib.h>
#include <string.h>

#include "knobs.h"

static const TcpProfile profiles[] = {
  { "rfc9293",
    "the standard and its companions, word for word",
    {
#define KNOB(name, kind, initial, low, high, sentence) .name = initial,
#include "knobs.def"
#undef KNOB
    } },
};

const TcpProfile *tcp_profile(unsigned index)
{
  return index < G_N_ELEMENTS(profiles) ? &profiles[index] : NULL;
}

const TcpProfile *tcp_profile_find(const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS(profiles); i++)
    if (strcmp(profiles[i].name, name) == 0)
      return &profiles[i];
  return NULL;
}
