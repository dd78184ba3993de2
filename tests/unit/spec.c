/* Spec tables are read strictly, and the error is the same in every run. */
#include "spec.h"

#include <glib.h>
#include <lauxlib.h>
#include <string.h>

#include "simtime.h"

typedef struct Sample {
  bool flag;
  int64_t count;
  double number;
  const char *text;
  SimTime time;
  int64_t rate, size;
  double part;
  bool has_time;
  int custom;
} Sample;

static void read_custom(lua_State *L, int index, const char *what, void *ret)
{
  g_assert_cmpstr(what, ==, "sample: custom");
  *(int *)ret = (int)lua_tointeger(L, index) + 1;
}

#define AT(name) .offset = offsetof(Sample, name)

static const SpecKey keys[] = {
  { .name = "flag", .kind = SPEC_BOOL, AT(flag) },
  { .name = "count", .kind = SPEC_INTEGER, AT(count), .low = 1, .high = 9 },
  { .name = "number", .kind = SPEC_NUMBER, AT(number) },
  { .name = "text", .kind = SPEC_STRING, AT(text) },
  { .name = "time",
    .kind = SPEC_TIME,
    AT(time),
    .given = offsetof(Sample, has_time) + 1 },
  { .name = "rate", .kind = SPEC_RATE, AT(rate) },
  { .name = "size", .kind = SPEC_SIZE, AT(size), .low = 10, .high = 1 << 20 },
  { .name = "part", .kind = SPEC_FRACTION, AT(part) },
  { .name = "custom", .kind = SPEC_CUSTOM, AT(custom), .read = read_custom },
  { .name = NULL },
};

static const SpecKey needy_keys[] = {
  { .name = "count", .kind = SPEC_INTEGER, AT(count), .required = true },
  { .name = NULL },
};

static int call_read(lua_State *L)
{
  spec_read(L, 1, "sample", keys, lua_touserdata(L, lua_upvalueindex(1)));
  return 0;
}

static int call_needy(lua_State *L)
{
  spec_read(L, 1, "sample", needy_keys, lua_touserdata(L, lua_upvalueindex(1)));
  return 0;
}

static int call_knobs(lua_State *L)
{
  TcpKnobs knobs = tcp_profile(0)->knobs;

  spec_read_knobs(L, 1, "sample", keys, lua_touserdata(L, lua_upvalueindex(1)),
                  &knobs);
  lua_pushfstring(L, "%I %I %I", (LUAI_UACINT)knobs.nagle,
                  (LUAI_UACINT)knobs.r2, (LUAI_UACINT)knobs.receive_buffer);
  return 1;
}

/* The result's text, or the error's. */
static char *run(const char *source, Sample *sample)
{
  lua_State *L = luaL_newstate();
  char *text;

  lua_pushlightuserdata(L, sample);
  lua_pushcclosure(L, call_read, 1);
  lua_setglobal(L, "sample");
  lua_pushlightuserdata(L, sample);
  lua_pushcclosure(L, call_needy, 1);
  lua_setglobal(L, "needy");
  lua_pushlightuserdata(L, sample);
  lua_pushcclosure(L, call_knobs, 1);
  lua_setglobal(L, "knobs");
  g_assert_cmpint(luaL_loadbuffer(L, source, strlen(source), "@x.lua"), ==,
                  LUA_OK);
  lua_pcall(L, 0, 1, 0);
  text = g_strdup(lua_tostring(L, -1));
  sample->text = NULL;
  lua_close(L);
  return text;
}

static void values_of_every_kind(void)
{
  Sample it = { 0 };
  g_autofree char *error =
      run("sample { flag = true, count = 3, number = 1.5, text = 'x',"
          " time = '20ms', rate = '10Mbit/s', size = '64KiB', part = '2%',"
          " custom = 41 }",
          &it);

  g_assert_cmpstr(error, ==, NULL);
  g_assert_true(it.flag && it.has_time);
  g_assert_cmpint(it.count, ==, 3);
  g_assert_cmpfloat(it.number, ==, 1.5);
  g_assert_cmpint(it.time, ==, 20 * SIM_MILLISECOND);
  g_assert_cmpint(it.rate, ==, 10000000);
  g_assert_cmpint(it.size, ==, 65536);
  g_assert_cmpfloat(it.part, ==, 0.02);
  g_assert_cmpint(it.custom, ==, 42);
}

static void numbers_are_base_units(void)
{
  Sample it = { .count = 5 };
  g_autofree char *error =
      run("sample { time = 0.1, rate = 8, size = 10, part = 1 }", &it);

  g_assert_cmpstr(error, ==, NULL);
  g_assert_cmpint(it.time, ==, 100 * SIM_MILLISECOND);
  g_assert_cmpint(it.rate, ==, 8);
  g_assert_cmpint(it.size, ==, 10);
  g_assert_cmpfloat(it.part, ==, 1);
  g_assert_cmpint(it.count, ==, 5);
}

static void mistakes_are_explained(void)
{
  static const struct {
    const char *source, *error;
  } table[] = {
    { "\nsample { conut = 1 }",
      "x.lua:2: sample has no key \"conut\"; did you mean \"count\"?" },
    { "sample { zebra = 1, aardvark = 1 }",
      "x.lua:1: sample has no key \"aardvark\"; it has: flag, count," },
    { "sample { 5 }",
      "x.lua:1: sample: a number stands there without a name; write flag = " },
    { "sample { [{}] = 1 }", "x.lua:1: sample: a key must be a name" },
    { "sample(5)", "x.lua:1: sample must be given a table { ... }, not a "
                   "number" },
    { "sample { flag = 1 }", "x.lua:1: sample: flag must be true or false, "
                             "not a number" },
    { "sample { count = 10 }",
      "x.lua:1: sample: count must lie in 1 to 9, not 10" },
    { "sample { count = 1.5 }",
      "x.lua:1: sample: count must be a whole number" },
    { "sample { count = '3' }",
      "x.lua:1: sample: count must be a whole number, not a string" },
    { "sample { text = 3 }", "x.lua:1: sample: text must be a string" },
    { "sample { time = -1 }", "x.lua:1: sample: time is negative: -1" },
    { "sample { time = -0.5 }", "x.lua:1: sample: time is negative: -0.5" },
    { "sample { time = 1e300 }", "x.lua:1: sample: time is too large" },
    { "sample { time = 0/0 }", "x.lua:1: sample: time is not a number" },
    { "sample { time = {} }", "x.lua:1: sample: time must be a time such as "
                              "\"20ms\" or a number of seconds, not a table" },
    { "sample { time = '20xs' }",
      "x.lua:1: sample: time: \"20xs\" is not a time" },
    { "sample { size = 9 }",
      "x.lua:1: sample: size must lie in 10 to 1048576, not 9" },
    { "sample { part = 1.5 }", "x.lua:1: sample: part must lie in 0 to 1" },
    { "needy {}", "x.lua:1: sample needs count = a whole number" },
    { "return knobs { nagle = false, r2 = 'never', receive_buffer = '2KiB' }",
      "0 9223372036854775807 2048" },
    { "knobs { nagel = true }",
      "x.lua:1: sample has no key \"nagel\"; did you mean \"nagle\"?" },
    { "knobs { receive_buffer = 0 }",
      "x.lua:1: receive_buffer must lie in 1 to 1073741824" },
    { "knobs { delayed_ack = '1s' }",
      "x.lua:1: delayed_ack must lie in 0 s to 500 ms" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
    Sample it = { 0 };
    g_autofree char *text = run(table[i].source, &it);

    if (!g_str_has_prefix(text ? text : "", table[i].error))
      g_assert_cmpstr(text, ==, table[i].error);
  }
}

static void nearest_word(void)
{
  static const char *const words[] = { "delay", "delta", "rate", "TIME-WAIT",
                                       NULL };

  g_assert_cmpstr(spec_nearest("dealy", words), ==, "delay");
  g_assert_cmpstr(spec_nearest("DELAY", words), ==, "delay");
  g_assert_cmpstr(spec_nearest("time-wait", words), ==, "TIME-WAIT");
  g_assert_cmpstr(spec_nearest("rat", words), ==, "rate");
  g_assert_cmpstr(spec_nearest("banana", words), ==, NULL);
  g_assert_cmpstr(spec_nearest("", words), ==, NULL);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/spec/values", values_of_every_kind);
  g_test_add_func("/spec/base-units", numbers_are_base_units);
  g_test_add_func("/spec/mistakes", mistakes_are_explained);
  g_test_add_func("/spec/nearest", nearest_word);
  return g_test_run();
}
