/* Inside the expectations: one stated thing each, with the function that
 * judges it over the record when the run is over. */
#pragma once

#include "filter.h"
#include "record.h"
#include "script.h"

typedef struct Expect Expect;

struct Expect {
  Expectation base; /* base.found is set by expectations_check() */
  bool needs_record;
  /* true if it holds, else one or two sentences in `found` */
  bool (*check)(Expect *expect, Run *run, GString *found);
  void (*clear)(Expect *expect); /* (nullable) of what lies behind */
};

/** expect_add: (transfer none) a zeroed expectation of `size` bytes, stated at
 * `line`. */
Expect *expect_add(Run *run, size_t size, int line,
                   bool (*check)(Expect *, Run *, GString *));

/** ExpectEnd: which end of which conversation is meant. */
typedef struct ExpectEnd {
  const char *host; /* a node's name */
  int64_t port;     /* either end's; 0: any */
  int64_t number;   /* which of those that fit, from 1; 0: the only one */
} ExpectEnd;

/** expect_end_find: the conversation, and which end of it; NULL and a sentence
 * in `found` if there is none or no single one. */
RecordConversation *expect_end_find(const ExpectEnd *end, const Run *run,
                                    unsigned *ret_end, GString *found);

/* -- expect_state.c -- */

typedef struct ExpectStates {
  Expect expect;
  ExpectEnd end;
  unsigned count;
  TcpState *states;
} ExpectStates;
bool expect_states_check(Expect *expect, Run *run, GString *found);

typedef struct ExpectMoment {
  Expect expect;
  ExpectEnd end;
  TcpState state;
  SimTime time;          /* at which, or how long */
  SimTime after, before; /* of entering */
} ExpectMoment;
bool expect_state_at_check(Expect *expect, Run *run, GString *found);
bool expect_duration_check(Expect *expect, Run *run, GString *found);
bool expect_time_check(Expect *expect, Run *run, GString *found);

/* -- expect_packet.c -- */

typedef struct PacketWant {
  ScriptNode *from, *to;
  FlagsSpec flags;
  TcpState state;                              /* of the sender; 0: any */
  int64_t from_port, to_port;                  /* 0: any */
  int64_t seq, ack, length, window, low, high; /* low, high: how many */
  int64_t attempt_low, attempt_high;
  bool has_seq, has_ack, has_length, has_window, has_at, has_fate;
  bool injected, has_injected, duplicate, has_duplicate;
  SimTime at, after, before;
  RecordFate fate;
  const char *rule;     /* a rule's id */
  GHashTable *matching; /* ids of packets that fit the filter, or NULL */
} PacketWant;

typedef struct ExpectPacket {
  Expect expect;
  PacketWant want;
} ExpectPacket;
bool expect_packet_check(Expect *expect, Run *run, GString *found);

typedef struct ExpectOrder {
  Expect expect;
  unsigned count;
  PacketWant *wants;
  char **texts;
} ExpectOrder;
bool expect_order_check(Expect *expect, Run *run, GString *found);

/* -- expect_rule.c -- */

/** expect_read_rule: a SpecKey's reader: into a const char *, interned. */
void expect_read_rule(lua_State *L, int index, const char *what, void *ret);

/* -- lua_expect_value.c -- */

int expect_error(lua_State *L);
int expect_no_error(lua_State *L);
int expect_data(lua_State *L);
int expect_that(lua_State *L);
int expect_equal(lua_State *L);
