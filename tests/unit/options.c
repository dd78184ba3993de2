/* The command line is read as GNU programs read it, and what is wrong is
 * answered with what is right. */
#include "options.h"

#include <string.h>

#include "run_options.h"

/* getopt moves the words about, and the settings point to them: they must
 * outlive the test. */
static void read_words(RunSettings *ret, const char *line, GError **error)
{
  g_autofree char *whole = g_strconcat("run ", line, NULL);
  g_auto(GStrv) words = g_strsplit(whole, " ", -1);
  g_autofree char **kept = g_new0(char *, g_strv_length(words) + 1);

  for (guint i = 0; words[i]; i++)
    kept[i] = (char *)g_intern_string(words[i]);
  run_settings_read(ret, (int)g_strv_length(words), kept, error);
}

static void assert_wrong(const char *line, const char *message)
{
  g_autoptr(GError) error = NULL;
  RunSettings it;

  read_words(&it, line, &error);
  g_assert_error(error, OPTION_ERROR, 0);
  g_assert_cmpstr(error->message, ==, message);
  run_settings_clear(&it);
}

static void options_come_in_any_form_and_order(void)
{
  g_autoptr(GError) error = NULL;
  RunSettings it;

  read_words(&it,
             "a.lua --seed=7 -qw x.pcapng --set loss=2% b=c --stop 3s --out=o "
             "--set=x=y=z --plot=png,svg,png --colo=never --width 100",
             &error);
  /* -w is for one scenario */
  g_assert_error(error, OPTION_ERROR, 0);
  g_assert_cmpint(it.files->len, ==, 2);
  g_assert_cmpstr(it.files->pdata[1], ==, "b=c");
  g_assert_cmpuint(it.run.seed, ==, 7);
  g_assert_true(it.quiet);
  g_assert_cmpstr(it.write, ==, "x.pcapng");
  g_assert_cmpstr(g_hash_table_lookup(it.run.settings, "loss"), ==, "2%");
  g_assert_cmpstr(g_hash_table_lookup(it.run.settings, "x"), ==, "y=z");
  g_assert_cmpint(it.run.stop, ==, 3 * SIM_SECOND);
  g_assert_cmpstr(it.out, ==, "o");
  g_assert_cmpint(it.formats->len, ==, 2);
  g_assert_cmpint(it.colour, ==, TERMINAL_COLOUR_NEVER);
  g_assert_cmpuint(it.width, ==, 100);
  run_settings_clear(&it);
}

static void two_dashes_end_the_options(void)
{
  g_autoptr(GError) error = NULL;
  RunSettings it;

  read_words(&it, "-v -- --seed", &error);
  g_assert_no_error(error);
  g_assert_cmpint(it.files->len, ==, 1);
  g_assert_cmpstr(it.files->pdata[0], ==, "--seed");
  g_assert_true(it.verbose);
  run_settings_clear(&it);
}

static void defaults_are_those_of_the_manual(void)
{
  g_autoptr(GError) error = NULL;
  RunSettings it;

  read_words(&it, "-", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(it.run.seed, ==, 1);
  g_assert_true(it.run.stop == SIM_TIME_NEVER);
  g_assert_true(it.run.traced);
  g_assert_null(it.run.capture);
  g_assert_cmpint(it.formats->len, ==, 1);
  g_assert_cmpstr(it.files->pdata[0], ==, "-");
  run_settings_clear(&it);
}

static void no_trace_is_no_capture_unless_asked_for(void)
{
  g_autoptr(GError) error = NULL;
  RunSettings it;

  read_words(&it, "--trace=none a", &error);
  g_assert_false(it.run.traced);
  g_assert_cmpstr(it.run.capture, ==, "none");
  run_settings_clear(&it);
  read_words(&it, "--trace=none -w - a", &error);
  g_assert_cmpstr(it.run.capture, ==, "one");
  run_settings_clear(&it);
  g_assert_no_error(error);
}

static void what_is_wrong_names_what_is_right(void)
{
  assert_wrong("--sead=3 a", "unknown option '--sead'; did you mean '--seed'?");
  assert_wrong("--xyzzy a", "unknown option '--xyzzy'");
  assert_wrong("-Z a", "unknown option '-Z'");
  assert_wrong("-qZ a", "unknown option '-Z'");
  assert_wrong("--se=3 a", "option '--se' could be any of: --seed, --set");
  assert_wrong("a --seed", "option '--seed' needs a value: --seed=N");
  assert_wrong("a -w", "option '-w' needs a value: -w FILE");
  assert_wrong("--quiet=3 a", "option '--quiet' takes no value");
  assert_wrong("--plot=sgv a", "--plot cannot be 'sgv'; did you mean 'svg'?");
  assert_wrong("--plot=tikz a",
               "--plot cannot be 'tikz'; write one of: svg, png, pdf, none");
  assert_wrong("--color=alway a",
               "--color cannot be 'alway'; did you mean 'always'?");
  assert_wrong("--seed=-1 a", "--seed cannot be '-1'; write a whole number");
  assert_wrong("--set=x a", "--set cannot be 'x'; write NAME=VALUE");
  assert_wrong("--width=10 a", "--width cannot be '10'; write a number of "
                               "columns from 60 to 1000");
  assert_wrong("-v", "no scenario was named");
  assert_wrong("-w - --summary=- a",
               "standard output takes one of the capture (-w -), the summary "
               "(--summary=-) and --tap-report");
  assert_wrong("-qv a", "-q and -v contradict each other");
}

static void every_option_has_one_meaning(void)
{
  for (gsize c = 0; commands[c]; c++)
    for (const OptionRow *a = commands[c]->options; a->name; a++)
      for (const OptionRow *b = a + 1; b->name; b++) {
        g_assert_cmpstr(a->name, !=, b->name);
        g_assert_true(!a->letter || a->letter != b->letter);
      }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/options/any-form-and-order",
                  options_come_in_any_form_and_order);
  g_test_add_func("/options/two-dashes-end-the-options",
                  two_dashes_end_the_options);
  g_test_add_func("/options/defaults", defaults_are_those_of_the_manual);
  g_test_add_func("/options/no-trace-is-no-capture",
                  no_trace_is_no_capture_unless_asked_for);
  g_test_add_func("/options/what-is-wrong-names-what-is-right",
                  what_is_wrong_names_what_is_right);
  g_test_add_func("/options/every-option-has-one-meaning",
                  every_option_has_one_meaning);
  return g_test_run();
}
