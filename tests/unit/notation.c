/* Segments as people write them. */
#include "notation.h"

#include <glib.h>
#include <string.h>

static Notation parse(const char *text)
{
  char problem[200];
  Notation it;

  if (!notation_parse(text, &it, problem, sizeof problem))
    g_error("%s: %s", text, problem);
  return it;
}

static void assert_options(const Notation *it, const uint8_t *bytes,
                           size_t size)
{
  g_assert_cmpuint(it->options_size, ==, size);
  g_assert_cmpint(memcmp(it->options, bytes, size), ==, 0);
}

static void packetdrill_and_tcpdump_say_the_same(void)
{
  static const char *const texts[] = {
    "FP. 1:5(4) ack 1 win 100 urg 3 <mss 1460,nop,wscale 7>",
    ("Flags [FP.], seq 1:5, ack 1, win 100, urg 3,"
     " options [mss 1460,nop,wscale 7], length 4"),
    "FP. 1:5 ack 1 win 0x64 urg 3 <mss 1460, nop, wscale 7>",
    "FP. 1(4) ack 1 win 100 urg 3 <mss 1460 nop wscale 7>",
  };
  static const uint8_t options[] = { 2, 4, 5, 180, 1, 3, 3, 7 };

  for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
    Notation it = parse(texts[i]);

    g_assert_cmpuint(it.flags, ==, TCP_FIN | TCP_PSH | TCP_ACK);
    g_assert_true(it.has_seq && it.has_ack && it.has_window && it.has_urgent);
    g_assert_cmpint(it.seq, ==, 1);
    g_assert_cmpint(it.length, ==, 4);
    g_assert_cmpint(it.ack, ==, 1);
    g_assert_cmpuint(it.window, ==, 100);
    g_assert_cmpuint(it.urgent, ==, 3);
    assert_options(&it, options, sizeof options);
  }
}

static void flags_alone_are_a_segment(void)
{
  Notation it = parse("R");

  g_assert_cmpuint(it.flags, ==, TCP_RST);
  g_assert_false(it.has_seq || it.has_ack || it.has_window || it.has_urgent);
  g_assert_cmpuint(it.options_size, ==, 0);
  g_assert_cmpuint(parse("none 1").flags, ==, 0);
  g_assert_cmpuint(parse("- 1").flags, ==, 0);
  g_assert_cmpuint(parse("SFRP.UEW").flags, ==, 0xff);
}

static void numbers_may_be_far_off(void)
{
  Notation it = parse("F. -5:-5(0) ack 4294967295");

  g_assert_cmpint(it.seq, ==, -5);
  g_assert_cmpint(it.length, ==, 0);
  g_assert_cmpint(it.ack, ==, UINT32_MAX);
}

static void all_options_are_known(void)
{
  static const uint8_t options[] = {
    4, 2, 8, 10, 0, 0, 0, 10, 0, 0, 0, 20, 1, 0
  };
  Notation it = parse("S 0 <sackOK,TS val 10 ecr 20,nop,eol>");

  assert_options(&it, options, sizeof options);
}

static void mistakes_are_explained(void)
{
  static const struct {
    const char *text, *problem;
  } table[] = {
    { "", "begins with its flags" },
    { "   ", "begins with its flags" },
    { "X", "\"X\" is not a list of flags" },
    { "F. 1:5(3)", "1:5 is 4 bytes, not 3" },
    { "F. 5:1", "a length of -4" },
    { "F. 1:70000", "a length of 69999" },
    { "F. 1(70000)", "the length must lie in 0 to 65000" },
    { "F. 1(4", "without \")\"" },
    { "F. 1 2", "a second sequence number" },
    { "F. 1 ack", "ack needs a number" },
    { "F. 1 win 65536", "win must lie in 0 to 65535" },
    { "F. 1 akc 1", "\"akc\" is unknown" },
    { "F. 1 <mss>", "mss needs a number" },
    { "F. 1 <mss 1", "end without \">\"" },
    { "F. 1 <moss 1>", "\"moss\" is not an option" },
    { "F. 1 <TS val 1 ecr>", "ecr needs a number" },
    { "F. 1 <TS 1>", "stands where \"val\" is needed" },
    { "F. 1 <TS val 1 ecr 1,TS val 1 ecr 1,TS val 1 ecr 1,TS val 1 ecr 1,"
      "nop>",
      "over 40 bytes" },
    { "Flags [F., seq 1", "\"[\" without \"]\"" },
    { "Flags [F.], options mss", "options are written" },
    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "is too long" },
    { "F. 99999999999999999999", "seq must lie in" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
    Notation it = { .length = 77 };
    char problem[200] = "";

    g_assert_false(notation_parse(table[i].text, &it, problem, sizeof problem));
    if (!strstr(problem, table[i].problem))
      g_assert_cmpstr(problem, ==, table[i].problem);
    g_assert_cmpint(it.length, ==, 77);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/notation/two-notations",
                  packetdrill_and_tcpdump_say_the_same);
  g_test_add_func("/notation/flags", flags_alone_are_a_segment);
  g_test_add_func("/notation/numbers", numbers_may_be_far_off);
  g_test_add_func("/notation/options", all_options_are_known);
  g_test_add_func("/notation/mistakes", mistakes_are_explained);
  return g_test_run();
}
