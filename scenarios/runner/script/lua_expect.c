/* expect.*: reads what a scenario states and keeps it for the run's end.
 *
 * A statement is read whole before it is added, so that one with an error is
 * not half there.
 */
#include "expect.h"

#include <stdio.h>
#include <string.h>

#include "lua_hook.h"
#include "packet_match.h"
#include "units.h"

#define MOST_STATES 64
#define MOST_ORDER 64

static void append_time(GString *text, const char *before, SimTime time)
{
  char buffer[40];

  g_string_append_printf(text, "%s%s", before,
                         sim_format_time(time, 9, buffer, sizeof buffer));
}

/* -- which end -- */

#define END_KEYS(type, member)                                           \
  { .name = "host",                                                      \
    .kind = SPEC_CUSTOM,                                                 \
    .read = read_end_host,                                               \
    .example = "a host",                                                 \
    .required = true,                                                    \
    .offset = offsetof(type, member.host) },                             \
      { .name = "port",                                                  \
        .kind = SPEC_INTEGER,                                            \
        .low = 1,                                                        \
        .high = 65535,                                                   \
        .offset = offsetof(type, member.port) },                         \
  {                                                                      \
    .name = "number", .kind = SPEC_INTEGER, .low = 1, .high = INT64_MAX, \
    .offset = offsetof(type, member.number)                              \
  }

static void read_end_host(lua_State *L, int index, const char *what, void *ret)
{
  *(const char **)ret = world_host(L, index, what)->node->name;
}

typedef struct EndSpec {
  ExpectEnd end;
} EndSpec;

const SpecKey end_keys[] = { END_KEYS(EndSpec, end), { .name = NULL } };

static ExpectEnd read_end(lua_State *L, int index, const char *what)
{
  EndSpec spec = { 0 };

  if (lua_istable(L, index))
    spec_read(L, index, what, end_keys, &spec);
  else
    spec.end.host = world_host(L, index, what)->node->name;
  return spec.end;
}

/* -- states -- */

static void states_clear(Expect *expect)
{
  g_free(((ExpectStates *)expect)->states);
}

static int expect_states(lua_State *L)
{
  ExpectEnd end = read_end(L, 1, "expect.states");
  TcpState states[MOST_STATES];
  int count = lua_gettop(L) - 1;
  ExpectStates *it;
  GString *text;

  if (count < 1 || count > MOST_STATES)
    return spec_error(L,
                      "expect.states needs 1 to %d states: "
                      "expect.states(client, \"ESTABLISHED\", ...)",
                      MOST_STATES);
  for (int i = 0; i < count; i++)
    states[i] = world_state(L, i + 2, "expect.states");
  it = (ExpectStates *)expect_add(script_of(L)->run, sizeof *it, spec_line(L),
                                  expect_states_check);
  it->expect.needs_record = true;
  it->expect.clear = states_clear;
  it->end = end;
  it->count = (unsigned)count;
  it->states = g_memdup2(states, (gsize)count * sizeof *states);
  text = g_string_new(end.host);
  g_string_append(text, " goes through ");
  for (int i = 0; i < count; i++)
    g_string_append_printf(text, "%s%s", i ? ", " : "",
                           tcp_state_name(states[i]));
  it->expect.base.text = g_string_free(text, FALSE);
  return 0;
}

static ExpectMoment *add_moment(lua_State *L, const ExpectMoment *parsed,
                                bool (*check)(Expect *, Run *, GString *))
{
  ExpectMoment *it = (ExpectMoment *)expect_add(script_of(L)->run, sizeof *it,
                                                spec_line(L), check);
  Expect base = it->expect;

  *it = *parsed;
  it->expect = base;
  it->expect.needs_record = true;
  return it;
}

static int expect_state_at(lua_State *L)
{
  ExpectMoment parsed = { .end = read_end(L, 1, "expect.state_at") };
  GString *text;

  parsed.time = spec_time(L, 2, "expect.state_at");
  parsed.state = world_state(L, 3, "expect.state_at");
  text = g_string_new(parsed.end.host);
  g_string_append_printf(text, " is in %s", tcp_state_name(parsed.state));
  append_time(text, " at ", parsed.time);
  add_moment(L, &parsed, expect_state_at_check)->expect.base.text =
      g_string_free(text, FALSE);
  return 0;
}

static int expect_duration(lua_State *L)
{
  ExpectMoment parsed = { .end = read_end(L, 1, "expect.duration") };
  GString *text;

  parsed.state = world_state(L, 2, "expect.duration");
  parsed.time = spec_time(L, 3, "expect.duration");
  text = g_string_new(tcp_state_name(parsed.state));
  g_string_append_printf(text, " of %s lasts", parsed.end.host);
  append_time(text, " ", parsed.time);
  add_moment(L, &parsed, expect_duration_check)->expect.base.text =
      g_string_free(text, FALSE);
  return 0;
}

const SpecKey time_keys[] = {
  END_KEYS(ExpectMoment, end),
  { .name = "state",
    .kind = SPEC_CUSTOM,
    .read = world_read_state,
    .example = "\"TIME-WAIT\"",
    .required = true,
    .offset = offsetof(ExpectMoment, state) },
  { .name = "at", .kind = SPEC_TIME, .offset = offsetof(ExpectMoment, time) },
  { .name = "after",
    .kind = SPEC_TIME,
    .offset = offsetof(ExpectMoment, after) },
  { .name = "before",
    .kind = SPEC_TIME,
    .offset = offsetof(ExpectMoment, before) },
  { .name = NULL },
};

static int expect_time(lua_State *L)
{
  ExpectMoment parsed = { .time = SIM_TIME_NEVER, .before = SIM_TIME_NEVER };
  GString *text;

  spec_read(L, 1, "expect.time", time_keys, &parsed);
  text = g_string_new(parsed.end.host);
  g_string_append_printf(text, " enters %s", tcp_state_name(parsed.state));
  if (parsed.time != SIM_TIME_NEVER)
    append_time(text, " at ", parsed.time);
  if (parsed.after > 0)
    append_time(text, " not before ", parsed.after);
  if (parsed.before != SIM_TIME_NEVER)
    append_time(text, " before ", parsed.before);
  add_moment(L, &parsed, expect_time_check)->expect.base.text =
      g_string_free(text, FALSE);
  return 0;
}

/* -- packets -- */

typedef struct WantSpec {
  PacketWant want;
  PacketMatch match; /* for its readers */
  int64_t times;
  bool has_times, has_low, has_high;
} WantSpec;

static void read_want_fate(lua_State *L, int index, const char *what, void *ret)
{
  static const char *const names[] = { "pending", "delivered", "dropped",
                                       NULL };
  PacketWant *want = ret;

  for (unsigned i = 0; lua_type(L, index) == LUA_TSTRING && names[i]; i++)
    if (g_str_equal(names[i], lua_tostring(L, index))) {
      want->has_fate = true;
      want->fate = (RecordFate)i;
      return;
    }
  spec_error(L, "%s must be \"delivered\", \"dropped\" or \"pending\"", what);
}

#define NUMBER_KEY(word, has)                 \
  {                                           \
    .name = #word, .kind = SPEC_INTEGER,      \
    .offset = offsetof(WantSpec, want.word),  \
    .given = offsetof(WantSpec, want.has) + 1 \
  }

const SpecKey want_keys[] = {
  PACKET_MATCH_KEYS(WantSpec, match),
  NUMBER_KEY(seq, has_seq),
  NUMBER_KEY(ack, has_ack),
  NUMBER_KEY(length, has_length),
  NUMBER_KEY(window, has_window),
  { .name = "from_port",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 65535,
    .offset = offsetof(WantSpec, want.from_port) },
  { .name = "to_port",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 65535,
    .offset = offsetof(WantSpec, want.to_port) },
  { .name = "at",
    .kind = SPEC_TIME,
    .offset = offsetof(WantSpec, want.at),
    .given = offsetof(WantSpec, want.has_at) + 1 },
  { .name = "times",
    .kind = SPEC_INTEGER,
    .low = 0,
    .high = INT64_MAX,
    .offset = offsetof(WantSpec, times),
    .given = offsetof(WantSpec, has_times) + 1 },
  { .name = "min",
    .kind = SPEC_INTEGER,
    .low = 0,
    .high = INT64_MAX,
    .offset = offsetof(WantSpec, want.low),
    .given = offsetof(WantSpec, has_low) + 1 },
  { .name = "max",
    .kind = SPEC_INTEGER,
    .low = 0,
    .high = INT64_MAX,
    .offset = offsetof(WantSpec, want.high),
    .given = offsetof(WantSpec, has_high) + 1 },
  { .name = "fate",
    .kind = SPEC_CUSTOM,
    .read = read_want_fate,
    .offset = offsetof(WantSpec, want) },
  { .name = "rule",
    .kind = SPEC_CUSTOM,
    .read = expect_read_rule,
    .offset = offsetof(WantSpec, want.rule) },
  { .name = "injected",
    .kind = SPEC_BOOL,
    .offset = offsetof(WantSpec, want.injected),
    .given = offsetof(WantSpec, want.has_injected) + 1 },
  { .name = "duplicate",
    .kind = SPEC_BOOL,
    .offset = offsetof(WantSpec, want.duplicate),
    .given = offsetof(WantSpec, want.has_duplicate) + 1 },
  { .name = NULL },
};

static WantSpec read_want(lua_State *L, int index, const char *what)
{
  WantSpec spec = { .match = PACKET_MATCH_ALL };
  PacketWant *want = &spec.want;

  spec_read(L, index, what, want_keys, &spec);
  if (spec.has_times && (spec.has_low || spec.has_high))
    spec_error(L,
               "%s: times says the number, min and max its bounds: not "
               "both",
               what);
  if (spec.has_low && spec.has_high && want->low > want->high)
    spec_error(L, "%s: min is above max, so that no number fits", what);
  want->from = spec.match.from;
  want->to = spec.match.to;
  want->flags = spec.match.flags;
  want->state = spec.match.state;
  want->after = spec.match.after;
  want->before = spec.match.before;
  want->attempt_low = spec.match.attempt_low;
  want->attempt_high = spec.match.attempt_high;
  if (spec.match.filter)
    want->matching = hooks_watch_filter(script_of(L), spec.match.filter);
  if (!spec.has_low)
    want->low = spec.has_high ? 0 : 1;
  if (!spec.has_high)
    want->high = INT64_MAX;
  if (spec.has_times)
    want->low = want->high = spec.times;
  return spec;
}

static void describe_numbers(const PacketWant *want, GString *text)
{
  if (want->has_seq)
    g_string_append_printf(text, ", seq %" G_GINT64_FORMAT, want->seq);
  if (want->has_ack)
    g_string_append_printf(text, ", ack %" G_GINT64_FORMAT, want->ack);
  if (want->has_length)
    g_string_append_printf(text, ", %" G_GINT64_FORMAT " bytes", want->length);
  if (want->has_window)
    g_string_append_printf(text, ", window %" G_GINT64_FORMAT, want->window);
  if (want->attempt_low == want->attempt_high)
    g_string_append_printf(text, ", repetition %" G_GINT64_FORMAT,
                           want->attempt_low);
  else if (want->attempt_low > 0)
    g_string_append(text, ", a retransmission");
}

static void describe_want(const WantSpec *spec, GString *text)
{
  static const char *const fates[] = { "still on its way", "delivered",
                                       "lost" };
  const PacketWant *want = &spec->want;
  char flags[16];

  if (want->flags.given)
    g_string_append_printf(text, " %s",
                           tcp_flags_format(want->flags.flags, flags));
  if (want->from)
    g_string_append_printf(text, " from %s", want->from->node->name);
  if (want->to)
    g_string_append_printf(text, " to %s", want->to->node->name);
  if (want->from_port)
    g_string_append_printf(text, ", from port %" G_GINT64_FORMAT,
                           want->from_port);
  if (want->to_port)
    g_string_append_printf(text, ", to port %" G_GINT64_FORMAT, want->to_port);
  describe_numbers(want, text);
  if (want->state)
    g_string_append_printf(text, ", sent in %s", tcp_state_name(want->state));
  if (want->has_at)
    append_time(text, " at ", want->at);
  if (want->after > 0)
    append_time(text, " not before ", want->after);
  if (want->before != SIM_TIME_NEVER)
    append_time(text, " before ", want->before);
  if (want->has_fate)
    g_string_append_printf(text, ", %s", fates[want->fate]);
  if (want->rule)
    g_string_append_printf(text, ", by rule %s", want->rule);
  if (want->matching)
    g_string_append(text, ", fitting the filter");
  if (want->has_injected)
    g_string_append_printf(text, ", %sinjected", want->injected ? "" : "not ");
  if (want->has_duplicate)
    g_string_append_printf(text, ", %sa duplicate",
                           want->duplicate ? "" : "not ");
}

static void describe_count(const PacketWant *want, GString *text)
{
  if (want->high == 0)
    g_string_append(text, "no packet");
  else if (want->low == want->high)
    g_string_append_printf(text, "%" G_GINT64_FORMAT " packet%s", want->low,
                           want->low == 1 ? "" : "s");
  else if (want->high == INT64_MAX && want->low == 1)
    g_string_append(text, "a packet");
  else if (want->high == INT64_MAX)
    g_string_append_printf(text, "%" G_GINT64_FORMAT " packets or more",
                           want->low);
  else
    g_string_append_printf(
        text, "%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " packets", want->low,
        want->high);
}

static int add_packet(lua_State *L, const char *what, bool none)
{
  WantSpec spec = read_want(L, 1, what);
  ExpectPacket *it;
  GString *text = NULL;

  if (none && (spec.has_times || spec.has_low || spec.has_high))
    return spec_error(L, "%s takes no number", what);
  if (none)
    spec.want.low = spec.want.high = 0;
  it = (ExpectPacket *)expect_add(script_of(L)->run, sizeof *it, spec_line(L),
                                  expect_packet_check);
  it->expect.needs_record = true;
  it->want = spec.want;
  text = g_string_new(NULL);
  describe_count(&spec.want, text);
  describe_want(&spec, text);
  it->expect.base.text = g_string_free(text, FALSE);
  return 0;
}

static int expect_packet(lua_State *L)
{
  return add_packet(L, "expect.packet", false);
}

static int expect_no_packet(lua_State *L)
{
  return add_packet(L, "expect.no_packet", true);
}

static int expect_count(lua_State *L)
{
  return add_packet(L, "expect.count", false);
}

static void order_clear(Expect *expect)
{
  ExpectOrder *order = (ExpectOrder *)expect;

  g_free(order->wants);
  g_strfreev(order->texts);
}

static int expect_order(lua_State *L)
{
  PacketWant wants[MOST_ORDER];
  lua_Integer count;
  ExpectOrder *it;

  if (!lua_istable(L, 1))
    return spec_error(L, "expect.order needs a list: expect.order { { ... }, "
                         "{ ... } }");
  count = (lua_Integer)lua_rawlen(L, 1);
  if (count < 2 || count > MOST_ORDER)
    return spec_error(L,
                      "expect.order needs a list of 2 to %d packets: "
                      "expect.order { { ... }, { ... } }",
                      MOST_ORDER);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, 1, i + 1);
    wants[i] = read_want(L, lua_gettop(L), "expect.order").want;
    lua_pop(L, 1);
  }
  it = (ExpectOrder *)expect_add(script_of(L)->run, sizeof *it, spec_line(L),
                                 expect_order_check);
  it->expect.needs_record = true;
  it->expect.clear = order_clear;
  it->count = (unsigned)count;
  it->wants = g_memdup2(wants, (gsize)count * sizeof *wants);
  it->texts = g_new0(char *, (gsize)count + 1);
  for (lua_Integer i = 0; i < count; i++) {
    WantSpec spec = { .want = wants[i] };
    GString *text = g_string_new("a packet");

    describe_want(&spec, text);
    it->texts[i] = g_string_free(text, FALSE);
  }
  it->expect.base.text = g_strjoinv("; then ", it->texts);
  return 0;
}

const luaL_Reg expect_functions[] = {
  { "states", expect_states },     { "state_at", expect_state_at },
  { "duration", expect_duration }, { "time", expect_time },
  { "packet", expect_packet },     { "no_packet", expect_no_packet },
  { "count", expect_count },       { "order", expect_order },
  { "error", expect_error },       { "no_error", expect_no_error },
  { "data", expect_data },         { "that", expect_that },
  { "equal", expect_equal },       { NULL, NULL },
};

void expect_open(lua_State *L)
{
  script_table(L, "expect", expect_functions, NULL);
  lua_setglobal(L, "expect");
}
