/* Which packets: what faults and hooks share. A packet fits if every
 * condition that was given holds. */
#pragma once

#include "filter.h"
#include "script.h"

/** Where: a function of the scenario that judges a packet by its values. */
typedef struct Where {
  Script *script;
  int ref;
} Where;

typedef struct PacketMatch {
  ScriptNode *from, *to;
  Filter *filter;
  FlagsSpec flags;
  TcpState state; /* of the sender when it was made; 0: any */
  SimTime after, before;
  bool by_attempt;
  int64_t attempt_low, attempt_high; /* 0: the first transmission */
  Where where;                       /* script NULL: any */
} PacketMatch;

#define PACKET_MATCH_ALL \
  ((PacketMatch){ .before = SIM_TIME_NEVER, .attempt_high = INT64_MAX })

/** packet_match_filter: for SpecKey.read: an expression, or an error with
 * libpcap's words; the same text is compiled once. */
void packet_match_filter(lua_State *L, int index, const char *what, void *ret);

/** packet_match_attempt: for SpecKey.read of `retransmission`: true, false,
 * or its number. */
void packet_match_attempt(lua_State *L, int index, const char *what, void *ret);

/** packet_match_where: for SpecKey.read of `where`: a function. */
void packet_match_where(lua_State *L, int index, const char *what, void *ret);

/** packet_match_fits: all but from and to, which are the caller's. */
bool packet_match_fits(const PacketMatch *match, const NetPacket *packet,
                       SimTime now);

/** PACKET_MATCH_KEYS: the keys, for a struct whose `member` is one. */
#define PACKET_MATCH_KEYS(type, member)                            \
  { .name = "from",                                                \
    .kind = SPEC_CUSTOM,                                           \
    .read = world_read_node,                                       \
    .offset = offsetof(type, member.from) },                       \
      { .name = "to",                                              \
        .kind = SPEC_CUSTOM,                                       \
        .read = world_read_node,                                   \
        .offset = offsetof(type, member.to) },                     \
      { .name = "filter",                                          \
        .kind = SPEC_CUSTOM,                                       \
        .read = packet_match_filter,                               \
        .offset = offsetof(type, member.filter) },                 \
      { .name = "flags",                                           \
        .kind = SPEC_CUSTOM,                                       \
        .read = world_read_flags,                                  \
        .offset = offsetof(type, member.flags) },                  \
      { .name = "state",                                           \
        .kind = SPEC_CUSTOM,                                       \
        .read = world_read_state,                                  \
        .offset = offsetof(type, member.state) },                  \
      { .name = "after",                                           \
        .kind = SPEC_TIME,                                         \
        .offset = offsetof(type, member.after) },                  \
      { .name = "before",                                          \
        .kind = SPEC_TIME,                                         \
        .offset = offsetof(type, member.before) },                 \
  {                                                                \
    .name = "retransmission", .kind = SPEC_CUSTOM,                 \
    .read = packet_match_attempt, .offset = offsetof(type, member) \
  }

/** PACKET_WHERE_KEY: one more, for those who have the packet itself. */
#define PACKET_WHERE_KEY(type, member)                                \
  {                                                                   \
    .name = "where", .kind = SPEC_CUSTOM, .read = packet_match_where, \
    .offset = offsetof(type, member.where)                            \
  }
