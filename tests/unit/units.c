/* Quantities are read exactly, and errors say what to write instead. */
#include "units.h"

#include <glib.h>
#include <string.h>

typedef struct Row {
  const char *text;
  int64_t value; /* -1: refused */
  const char *error;
} Row;

typedef bool (*ParseFunc)(const char *text, int64_t *ret, char *ret_error,
                          size_t error_size);

static void check_rows(ParseFunc parse, const Row *rows, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    char error[200] = "untouched";
    int64_t value = -1;
    bool parsed = parse(rows[i].text, &value, error, sizeof(error));

    g_test_message("%s", rows[i].text);
    g_assert_true(parsed == (rows[i].error == NULL));
    g_assert_cmpint(value, ==, rows[i].value);
    g_assert_cmpstr(error, ==, parsed ? "untouched" : rows[i].error);
  }
}

#define WRITE_ONE "\", write one of ns us ms s min h d"
#define NO_NUMBER "it does not begin with a number, write for example \"20ms\""

static void test_time(void)
{
  static const Row rows[] = {
    { "20ms", 20000000, NULL },
    { "20 ms", 20000000, NULL },
    { "\t20ms \n", 20000000, NULL },
    { "0", 0, NULL },
    { "-0", 0, NULL },
    { "+3s", 3000000000, NULL },
    { "0.1ms", 100000, NULL },
    { "0.29s", 290000000, NULL }, /* as a double: 289999999.99999994 */
    { ".5us", 500, NULL },
    { "5.", 5000000000, NULL },
    { "7 ns", 7, NULL },
    { "2\302\265s", 2000, NULL },
    { "1.5min", 90000000000, NULL },
    { "2h", 7200000000000, NULL },
    { "1 d", 86400000000000, NULL },
    { "1e-3", 1000000, NULL },
    { "2.5E+2us", 250000, NULL },
    { "5.0000000000000003e-02", 50000000, NULL },
    { "0.49999999999999999999ns", 0, NULL },
    { "0.5ns", 1, NULL },
    { "1.5ns", 2, NULL },
    { "1e-99999", 0, NULL },
    { "1.7e-38s", 0, NULL },
    { "999999999999999999999999e-38d", 1, NULL },
    { "100000000000000000000000e-23", 1000000000, NULL },
    { "0e99999999999", 0, NULL },
    { "1.00000000000000000000000000000", 1000000000, NULL },
    { "9223372036854775807ns", INT64_MAX, NULL },
  };

  check_rows(sim_parse_time, rows, G_N_ELEMENTS(rows));
}

static void test_time_errors(void)
{
  static const Row rows[] = {
    { "20 mss", -1,
      "\"20 mss\" is not a time: unknown unit \"mss\", write \"20ms\"" },
    { "1.5 MS", -1,
      "\"1.5 MS\" is not a time: unknown unit \"MS\", write \"1.5ms\"" },
    { "5 sec", -1,
      "\"5 sec\" is not a time: unknown unit \"sec\", write \"5s\"" },
    { "20 m", -1,
      "\"20 m\" is not a time: unknown unit \"m\", write \"20min\"" },
    /* No guess at a prefix. */
    { "2ps", -1, "\"2ps\" is not a time: unknown unit \"ps" WRITE_ONE },
    { "7 fortnights", -1,
      "\"7 fortnights\" is not a time: unknown unit \"fortnights" WRITE_ONE },
    { "0x10", -1, "\"0x10\" is not a time: unknown unit \"x10" WRITE_ONE },
    { "1.2.3", -1, "\"1.2.3\" is not a time: unknown unit \".3" WRITE_ONE },
    { "1e", -1, "\"1e\" is not a time: unknown unit \"e" WRITE_ONE },
    { "1\033", -1, "\"1\\033\" is not a time: unknown unit \"\\033" WRITE_ONE },
    { "1,5ms", -1,
      "\"1,5ms\" is not a time: the decimal sign is a point, as in \"1.5\"" },
    { "", -1, "\"\" is not a time: " NO_NUMBER },
    { "ms", -1, "\"ms\" is not a time: " NO_NUMBER },
    { ".", -1, "\".\" is not a time: " NO_NUMBER },
    { "-", -1, "\"-\" is not a time: " NO_NUMBER },
    { "nan", -1, "\"nan\" is not a time: " NO_NUMBER },
    { "-5ms", -1, "\"-5ms\" is not a time: it is negative" },
    { "9223372036854775808ns", -1,
      "\"9223372036854775808ns\" is not a time: it is too large" },
    { "300000d", -1, "\"300000d\" is not a time: it is too large" },
    { "1e99999", -1, "\"1e99999\" is not a time: it is too large" },
    { "1.0000000000000000000000001", -1,
      "\"1.0000000000000000000000001\" is not a time: "
      "it has more than 24 digits" },
  };

  check_rows(sim_parse_time, rows, G_N_ELEMENTS(rows));
}

static void test_rate(void)
{
  static const Row rows[] = {
    { "10Mbit/s", 10000000, NULL },
    { "1.5Mbit/s", 1500000, NULL },
    { "64 kbit/s", 64000, NULL },
    { "9600", 9600, NULL },
    { "9600bps", 9600, NULL },
    { "100Gbps", 100000000000, NULL },
    { "1 Tbit/s", 1000000000000, NULL },
    { "1kB/s", 8000, NULL },
    { "12.5GB/s", 100000000000, NULL },
    { "0", -1, "\"0\" is not a rate: it is under 1 bit/s" },
    { "0.4bit/s", -1, "\"0.4bit/s\" is not a rate: it is under 1 bit/s" },
    { "10mbit/s", -1,
      "\"10mbit/s\" is not a rate: unknown unit \"mbit/s\", "
      "write \"10Mbit/s\"" },
    { "10 Mb/s", -1,
      "\"10 Mb/s\" is not a rate: unknown unit \"Mb/s\", "
      "write \"10Mbit/s\"" },
    { "10MB", -1,
      "\"10MB\" is not a rate: unknown unit \"MB\", write \"10MB/s\"" },
  };

  check_rows(sim_parse_rate, rows, G_N_ELEMENTS(rows));
}

static void test_size(void)
{
  static const Row rows[] = {
    { "64KiB", 65536, NULL },
    { "64kB", 64000, NULL },
    { "1460", 1460, NULL },
    { "1.5 MiB", 1572864, NULL },
    { "3GB", 3000000000, NULL },
    { "2GiB", INT64_C(1) << 31, NULL },
    { "10 kbytes", -1,
      "\"10 kbytes\" is not a size: unknown unit \"kbytes\", "
      "write \"10kB\"" },
    { "64KB", -1,
      "\"64KB\" is not a size: unknown unit \"KB\", write \"64kB\"" },
  };

  check_rows(sim_parse_size, rows, G_N_ELEMENTS(rows));
}

static void test_fraction(void)
{
  static const struct {
    const char *text;
    double value;
  } rows[] = {
    { "2%", 0.02 },   { "0.02", 0.02 }, { "1.1%", 0.011 }, { "100 %", 1 },
    { "1e-3", 1e-3 }, { "0", 0 },       { "0.1", 0.1 },    { "1", 1 },
  };
  char error[100];
  double value;

  for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_assert_true(
        sim_parse_fraction(rows[i].text, &value, error, sizeof(error)));
    g_assert_true(value == rows[i].value);
  }
  g_assert_false(sim_parse_fraction("2", &value, error, sizeof(error)));
  g_assert_cmpstr(error, ==,
                  "\"2\" is not a fraction: it is over 1 "
                  "(a percentage ends in \"%\")");
  g_assert_false(sim_parse_fraction("100.1%", &value, error, sizeof(error)));
  g_assert_cmpstr(error, ==, "\"100.1%\" is not a fraction: it is over 100%");
  g_assert_true(value == 1); /* untouched */
}

/* An error fits where it is written, whatever the text. */
static void test_small_room(void)
{
  char error[40];
  int64_t value;

  for (size_t size = 0; size < sizeof(error); size++) {
    memset(error, '!', sizeof(error));
    g_assert_false(sim_parse_time("no number", &value, error, size));
    if (size > 0)
      g_assert_cmpuint(strlen(error), <, size);
    g_assert_cmpint(error[size], ==, '!');
  }
}

static void test_format(void)
{
  static const struct {
    SimTime time;
    int digits;
    const char *text;
  } rows[] = {
    { 0, 3, "0 s" },
    { 1, 3, "1 ns" },
    { 1500000, 3, "1.5 ms" },
    { 50049999, 3, "50 ms" },
    { 50050000, 3, "50.1 ms" },
    { 999600, 3, "1 ms" },
    { 1234567890, 9, "1.23456789 s" },
    { 1234567890, 1, "1 s" },
    { 1002003004, 9, "1.002003 s" },
    { 240 * SIM_SECOND, 3, "240 s" },
    { 599600 * SIM_MILLISECOND, 3, "10 min" },
    { 750 * SIM_SECOND, 3, "12 min 30 s" },
    { 3599500 * SIM_MILLISECOND, 3, "1 h" },
    { 2 * SIM_HOUR + SIM_MINUTE, 3, "2 h 1 min" },
    { 36 * SIM_HOUR, 3, "1 d 12 h" },
    { SIM_TIME_NEVER, 3, "never" },
  };
  char text[40];

  for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
    g_assert_cmpstr(
        sim_format_time(rows[i].time, rows[i].digits, text, sizeof(text)), ==,
        rows[i].text);
}

static void test_transmission(void)
{
  g_assert_cmpint(sim_transmission_time(1500, 10000000), ==, 1200000);
  g_assert_cmpint(sim_transmission_time(0, 1), ==, 0);
  g_assert_cmpint(sim_transmission_time(1, 3), ==, 2666666667);
  g_assert_cmpint(sim_transmission_time(INT64_C(1) << 40, 1000000000), ==,
                  INT64_C(8) << 40);
  g_assert_cmpint(sim_transmission_time(INT64_MAX, 1), ==, SIM_TIME_NEVER);
  g_assert_cmpint(sim_transmission_time(2000000000, 1), ==, SIM_TIME_NEVER);
}

static void test_time_add(void)
{
  g_assert_cmpint(sim_time_add(1, 2), ==, 3);
  g_assert_cmpint(sim_time_add(SIM_TIME_NEVER - 1, 1), ==, SIM_TIME_NEVER);
  g_assert_cmpint(sim_time_add(SIM_TIME_NEVER, 1), ==, SIM_TIME_NEVER);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/units/time", test_time);
  g_test_add_func("/units/time-errors", test_time_errors);
  g_test_add_func("/units/rate", test_rate);
  g_test_add_func("/units/size", test_size);
  g_test_add_func("/units/fraction", test_fraction);
  g_test_add_func("/units/error-fits", test_small_room);
  g_test_add_func("/units/format-time", test_format);
  g_test_add_func("/units/transmission-time", test_transmission);
  g_test_add_func("/units/time-add", test_time_add);
  return g_test_run();
}
