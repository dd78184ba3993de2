/* What the boxes that track connections have in common for a scenario. */
#pragma once

#include "conntrack.h"
#include "script.h"

/** TRACK_KEYS: for a struct whose `member` is a NetTrackSpec and which has
 * `most` and `max_retrans` as int64_t beside it. */
#define TRACK_KEYS(type, member)                                     \
  { .name = "timeouts",                                              \
    .kind = SPEC_CUSTOM,                                             \
    .read = track_read_timeouts,                                     \
    .offset = offsetof(type, member) },                              \
      { .name = "loose",                                             \
        .kind = SPEC_BOOL,                                           \
        .offset = offsetof(type, member.loose) },                    \
      { .name = "be_liberal",                                        \
        .kind = SPEC_BOOL,                                           \
        .offset = offsetof(type, member.be_liberal) },               \
      { .name = "max_retrans",                                       \
        .kind = SPEC_INTEGER,                                        \
        .low = 1,                                                    \
        .high = 255,                                                 \
        .offset = offsetof(type, max_retrans) },                     \
  {                                                                  \
    .name = "most", .kind = SPEC_INTEGER, .low = 1, .high = 1 << 24, \
    .offset = offsetof(type, most)                                   \
  }

/** track_read_timeouts: for SpecKey.read. */
void track_read_timeouts(lua_State *L, int index, const char *what, void *ret);

/** track_push: pushes the list of `tracker`'s flows (nullable: none), which
 * prints as `conntrack -L` would. */
int track_push(lua_State *L, NetTracker *tracker);
