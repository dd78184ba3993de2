/* packetdrill scripts: whatever the text is, it is read into a tree or told to
 * be wrong with its place; code is executed or refused; and what was read is
 * played, to a verdict. */
#include "fuzz.h"
#include "pkt_python.h"
#include "pkt_run.h"

static bool lookup(void *user, const char *name, int64_t *ret)
{
  (void)user;
  *ret = (int64_t)strlen(name);
  return name[0] != 'q';
}

static void check_code(const char *text)
{
  GHashTable *variables =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  GString *printed = g_string_new(NULL);
  char *problem = NULL;
  int line = -1;
  PktPythonEnd end =
      pkt_python_run(text, variables, lookup, NULL, printed, &line, &problem);

  g_assert_cmpint(line, >=, 0);
  g_assert_true((end == PKT_PYTHON_HOLDS) == !problem);
  g_free(problem);
  g_string_free(printed, TRUE);
  g_hash_table_unref(variables);
}

static void play(const PktScript *script)
{
  RunOptions options = { .seed = 1, .stop = SIM_TIME_NEVER };
  GError *error = NULL;
  PktRun *run = pkt_run_new(script, "linux", NULL, &options, &error);

  if (run) {
    g_assert_true(pkt_run_play(run) == !run->failure);
    pkt_run_free(run);
  } else {
    g_assert_nonnull(error);
    g_error_free(error);
  }
}

static void check_script(const char *text, size_t size)
{
  GHashTable *defines =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  GError *error = NULL;
  PktScript *script = pkt_parse("fuzz", text, size, defines, &error);

  if (script) {
    play(script);
    pkt_script_free(script);
  } else {
    g_assert_true(g_str_has_prefix(error->message, "fuzz:"));
    g_error_free(error);
  }
  g_hash_table_unref(defines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char *text = g_strndup((const char *)data, size);

  check_script(text, strlen(text));
  check_code(text);
  g_free(text);
  return 0;
}

/* A script of whole statements, with a byte or two changed. */
size_t fuzz_example(SimRandom *random, uint8_t *ret)
{
  static const char *const parts[] = {
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n",
    "+0 bind(3, ..., ...) = 0\n",
    "+0 listen(3, 1) = 0\n",
    "+0 < S 0:0(0) win 1000 <mss 1000,sackOK,TS val 1 ecr 0>\n",
    "+0 > S. 0:0(0) ack 1 <...>\n",
    "+.1 < . 1:1(0) ack 1 win 1000\n",
    "+0 accept(3, ..., ...) = 4\n",
    "+0...0.2 read(4, ..., 10) = 10\n",
    "+0 write(4, ..., 1000) = 1000\n",
    "* > P. 1:1001(1000) ack 1\n",
    "+0 %{ assert tcpi_snd_cwnd == 10, 'x %d' % (1) }%\n",
    "`sysctl -q net.ipv4.tcp_sack=0`\n",
    "--mtu=1400\n#ifdef A\n#else\n",
    "+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0\n",
    "+0 < icmp unreachable frag_needed mtu 600 [1:1(0)]\n",
    "x = (1 + 2) // 3; print(x)\n",
    "+0 close(4) = 0\n",
  };
  GString *text = g_string_new(NULL);
  size_t size;

  for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++)
    if (sim_random_below(random, 4) && text->len + strlen(parts[i]) < FUZZ_MOST)
      g_string_append(text, parts[i]);
  for (unsigned i = 0; i < sim_random_below(random, 3) && text->len > 0; i++)
    text->str[sim_random_below(random, text->len)] =
        (char)(32 + sim_random_below(random, 95));
  size = text->len;
  memcpy(ret, text->str, size);
  g_string_free(text, TRUE);
  return size;
}
