/* Knobs: what can be set, per host and per connection, with range, default
 * and one sentence each, in knobs.def. Profiles are named sets of them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "simtime.h"

typedef enum TcpKnobKind {
  TCP_KNOB_BOOL,
  TCP_KNOB_COUNT,
  TCP_KNOB_BYTES,
  TCP_KNOB_TIME, /* ns; SIM_TIME_NEVER where the range allows */
  TCP_KNOB_NAME, /* index of a name: tcp_knob_name() */
} TcpKnobKind;

typedef struct TcpKnobs {
#define KNOB(name, kind, initial, low, high, sentence) int64_t name;
#include "knobs.def"
#undef KNOB
} TcpKnobs;

typedef struct TcpKnob {
  const char *name;
  TcpKnobKind kind;
  int64_t initial, low, high;
  const char *sentence;
} TcpKnob;

/** tcp_knob: the `index`-th of knobs.def, or NULL past the end. */
const TcpKnob *tcp_knob(unsigned index);

/** tcp_knob_find: by name, or NULL. */
const TcpKnob *tcp_knob_find(const char *name);

/** tcp_knob_get, tcp_knob_set: one knob of a set. set: false if `value` is
 * outside the range. A send_buffer that is set does not grow any more. */
int64_t tcp_knob_get(const TcpKnobs *knobs, const TcpKnob *knob);
bool tcp_knob_set(TcpKnobs *knobs, const TcpKnob *knob, int64_t value);

/** tcp_knob_name: the `value`-th name that a knob of kind NAME may have
 * (transfer none), or NULL past the end. */
const char *tcp_knob_name(const TcpKnob *knob, unsigned value);

/** TcpProfile: a named set. */
typedef struct TcpProfile {
  const char *name;
  const char *sentence;
  TcpKnobs knobs;
} TcpProfile;

/** tcp_profile: the `index`-th, or NULL past the end; 0 is rfc9293. */
const TcpProfile *tcp_profile(unsigned index);
const TcpProfile *tcp_profile_find(const char *name);
