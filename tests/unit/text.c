/* Numbers and strings of trace files, at their edges. */

#include "text.h"

#define ASSERT_WRITES(call, wanted)               \
  do {                                            \
    g_autoptr(GString) line = g_string_new(NULL); \
    call;                                         \
    g_assert_cmpstr(line->str, ==, wanted);       \
  } while (0)

static void numbers(void)
{
  ASSERT_WRITES(text_uint(line, 0), "0");
  ASSERT_WRITES(text_uint(line, 10), "10");
  ASSERT_WRITES(text_uint(line, UINT64_MAX), "18446744073709551615");
  ASSERT_WRITES(text_int(line, -1), "-1");
  ASSERT_WRITES(text_int(line, INT64_MIN), "-9223372036854775808");
  ASSERT_WRITES(text_int(line, INT64_MAX), "9223372036854775807");
}

static void seconds(void)
{
  ASSERT_WRITES(text_seconds(line, 0), "0.000000000");
  ASSERT_WRITES(text_seconds(line, 1), "0.000000001");
  ASSERT_WRITES(text_seconds(line, 999999999), "0.999999999");
  ASSERT_WRITES(text_seconds(line, SIM_SECOND), "1.000000000");
  ASSERT_WRITES(text_seconds(line, 240 * SIM_SECOND + 50), "240.000000050");
}

static void json(void)
{
  ASSERT_WRITES(text_json(line, ""), "\"\"");
  ASSERT_WRITES(text_json(line, "a\"b\\c\n\t\r\x01\x7f"),
                "\"a\\\"b\\\\c\\n\\t\\u000d\\u0001\x7f\"");
  ASSERT_WRITES(text_json(line, "\xc3\xa9"), "\"\xc3\xa9\"");
  ASSERT_WRITES(text_json(line, "\xff"), "\"\xef\xbf\xbd\"");
  ASSERT_WRITES(text_json(line, "\xed\xa0\x80"), /* a surrogate */
                "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void cells(void)
{
  ASSERT_WRITES(text_cell(line, NULL), "-");
  ASSERT_WRITES(text_cell(line, ""), "-");
  ASSERT_WRITES(text_cell(line, "a\tb\nc\rd\x7f"), "a b c d ");
  ASSERT_WRITES(text_cell(line, "\x7f"), " ");
  ASSERT_WRITES(text_cell(line, "a \"b\" \\"), "a \"b\" \\");
  ASSERT_WRITES(text_cell(line, "\xff"), "\xef\xbf\xbd");
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/text/numbers", numbers);
  g_test_add_func("/text/seconds", seconds);
  g_test_add_func("/text/json", json);
  g_test_add_func("/text/cells", cells);
  return g_test_run();
}
