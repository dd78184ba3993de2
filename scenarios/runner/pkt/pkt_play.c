/* From a file to a verdict. */
#include "pkt_play.h"

#include <string.h>

#include "ladder.h"
#include "output.h"
#include "pkt_write.h"
#include "record.h"
#include "source.h"

/* What google's runner of tests defines by the family. */
static void define_family(GHashTable *table, const PktOrder *order)
{
  static const char *const words[][3] = {
    { "TFO_COOKIE", "3021b9d889017eeb", "c1d1e9742a47a9bc" },
    { "CMSG_LEVEL_IP", "SOL_IP", "SOL_IPV6" },
    { "CMSG_TYPE_RECVERR", "IP_RECVERR", "IPV6_RECVERR" },
    { "CODE", "host_unreachable", "address_unreachable" },
  };
  const char *version = "ipv4";

  for (const char *const *at = order->options; at && *at; at += 2)
    if (g_str_equal(at[0], "ip_version") && at[1])
      version = at[1];
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
    bool is_message = g_str_has_prefix(words[i][0], "CMSG");
    bool ipv6 = g_str_equal(version, "ipv6") ||
                (is_message && g_str_equal(version, "ipv4-mapped-ipv6"));

    g_hash_table_insert(table, g_strdup(words[i][0]),
                        g_strdup(words[i][1 + ipv6]));
  }
}

/* Words that the command line defines, and the system's name for #ifdef. */
static GHashTable *definitions(const PktOrder *order, const char *profile)
{
  GHashTable *table =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  bool freebsd = g_str_equal(profile, "freebsd");

  g_hash_table_insert(table, g_strdup(freebsd ? "FreeBSD" : "Linux"),
                      g_strdup("1"));
  define_family(table, order);
  for (const char *const *at = order->options; at && *at; at += 2) {
    g_auto(GStrv) halves = NULL;

    if (!g_str_equal(at[0], "define"))
      continue;
    halves = g_strsplit(at[1], "=", 2);
    g_hash_table_insert(table, g_strdup(halves[0]),
                        g_strdup(halves[1] ? halves[1] : "1"));
  }
  return table;
}

static PktVerdict tell(GString *report, PktVerdict verdict, GError *error)
{
  g_string_append_printf(report, "%s\n", error->message);
  g_error_free(error);
  return verdict;
}

static void tell_failure(const PktOrder *order, const PktRun *it,
                         GString *report)
{
  bool verbose;

  if (it->failure)
    g_string_append_printf(report, "%s\n%s", it->failure, it->details->str);
  if (it->printed->len > 0)
    g_string_append(report, it->printed->str);
  verbose = order->verbose || it->config.verbose;
  if (it->run->record && !it->unsupported && (it->failure || verbose))
    ladder_print(it->run->record, order->terminal, verbose, report);
}

/* The traces of a run, where they are wanted: DIR/NAME. */
static PktVerdict play(const PktOrder *order, PktRun *it, const char *dir,
                       GString *report)
{
  PktVerdict verdict = PKT_OK;
  GError *error = NULL;
  Output *output = NULL;

  if (dir) {
    output = output_open(it->run, dir, NULL, &error);
    if (!output)
      return tell(report, PKT_UNFINISHED, error);
  }
  if (!pkt_run_play(it))
    verdict = it->unsupported ? PKT_UNREADABLE : PKT_NOT_OK;
  if (output && !output_finish(output, &error))
    verdict = tell(report, PKT_UNFINISHED, error);
  else if (!output && it->run->record)
    record_finish(it->run->record);
  tell_failure(order, it, report);
  pkt_run_free(it);
  output_free(output);
  return verdict;
}

/* What linger wrote into a comment (pkt_write.h). */
static bool set_written(PktRun *it, const char *text, GError **error)
{
  PktPlace top = { 1, 1 };
  g_autofree char *word = NULL;

  if (pkt_written_knobs(text, tcp_stack_knobs(it->stack), &word))
    return true;
  return pkt_wrong(error, it->script, top,
                   "'%s' in a comment \"// linger:\" is no knob with a value "
                   "that it may have",
                   word);
}

PktVerdict pkt_play(const PktOrder *order, const char *file, const char *dir,
                    GString *report)
{
  g_autoptr(GByteArray) bytes = NULL;
  g_autoptr(GHashTable) defines = NULL;
  GError *error = NULL;
  const char *profile, *text;
  PktVerdict verdict;
  PktScript *script;
  PktRun *run;

  bytes = source_read(file, &error);
  if (!bytes)
    return tell(report, PKT_UNFINISHED, error);
  text = (const char *)bytes->data;
  profile = order->profile              ? order->profile
            : pkt_written_profile(text) ? pkt_written_profile(text)
                                        : pkt_profile(text);
  defines = definitions(order, profile);
  script = pkt_parse(file, text, bytes->len, defines, &error);
  if (!script)
    return tell(report, PKT_UNREADABLE, error);
  run = pkt_run_new(script, profile, order->options, &order->run, &error);
  if (run && !set_written(run, text, &error))
    g_clear_pointer(&run, pkt_run_free);
  verdict =
      run ? play(order, run, dir, report) : tell(report, PKT_UNREADABLE, error);
  pkt_script_free(script);
  return verdict;
}
