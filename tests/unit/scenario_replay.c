/* Captures replayed into a scenario, and which files it may read. */
#include <glib/gstdio.h>
#include <unistd.h>

#include "formats.h"
#include "scenario_case.h"

static char *folder;

static void put32(GByteArray *bytes, uint32_t value)
{
  g_byte_array_append(bytes, (const uint8_t *)&value, 4);
}

/* From 192.0.2.1 port 7777 to 192.0.2.2 port 80, with a wrong checksum. */
static void segment_put(uint8_t *at, uint32_t seq, uint32_t ack, uint8_t flags)
{
  static const uint8_t ends[] = { 192, 0, 2, 1, 192, 0, 2, 2 };

  memset(at, 0, 40);
  at[0] = 0x45;
  net_put16(at + 2, 40);
  at[8] = 64;
  at[9] = NET_PROTOCOL_TCP;
  memcpy(at + 12, ends, 8);
  net_put16(at + 20, 7777);
  net_put16(at + 22, 80);
  net_put32(at + 24, seq);
  net_put32(at + 28, ack);
  at[32] = 5 << 4;
  at[33] = flags;
  net_put16(at + 34, 1000);
}

static void record_put(GByteArray *file, bool ng, uint32_t second,
                       const uint8_t *packet, uint32_t size)
{
  uint64_t time = second * UINT64_C(1000000);

  if (ng) {
    put32(file, 6);
    put32(file, 32 + size);
    put32(file, 0);
    put32(file, (uint32_t)(time >> 32));
    put32(file, (uint32_t)time);
  } else {
    put32(file, second);
    put32(file, 0);
  }
  put32(file, size);
  put32(file, size);
  g_byte_array_append(file, packet, size);
  if (ng)
    put32(file, 32 + size);
}

static void write_capture(const char *name, bool ng, unsigned first,
                          unsigned second, uint32_t later)
{
  static const uint32_t classic[] = {
    0xa1b2c3d4, 0x00040002, 0, 0, 65535, 101
  };
  static const uint32_t blocks[] = { 0x0a0d0d0a, 28,         0x1a2b3c4d, 1,
                                     0xffffffff, 0xffffffff, 28,         1,
                                     20,         101,        65535,      20 };
  g_autoptr(GByteArray) file = g_byte_array_new();
  g_autofree char *path = g_build_filename(folder, name, NULL);
  uint8_t packet[40];

  if (ng)
    g_byte_array_append(file, (const uint8_t *)blocks, sizeof blocks);
  else
    g_byte_array_append(file, (const uint8_t *)classic, sizeof classic);
  segment_put(packet, 5000, 0, (uint8_t)first);
  record_put(file, ng, 100, packet, 40);
  segment_put(packet, first & 2 ? 5001 : 5000, 0, (uint8_t)second);
  record_put(file, ng, 100 + later, packet, 40);
  g_assert_true(g_file_set_contents(path, (const char *)file->data,
                                    (gssize)file->len, NULL));
}

/* Takes the last `size` bytes away. */
static void cut_capture(const char *name, gsize size)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *bytes = NULL;
  gsize length;

  g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
  g_assert_true(
      g_file_set_contents(path, bytes, (gssize)(length - size), NULL));
}

/* The error, or the failed expectation, or NULL. */
static char *outcome(const char *calls, bool trusted, const char *set)
{
  g_autofree char *file = g_build_filename(folder, "x.lua", NULL);
  g_autofree char *source = g_strconcat(PAIR SERVE, calls, NULL);
  g_autoptr(GHashTable) settings = g_hash_table_new(g_str_hash, g_str_equal);
  RunOptions options = { .seed = 1,
                         .stop = 60 * SIM_SECOND,
                         .trusted = trusted,
                         .traced = true,
                         .settings = settings };
  g_autoptr(GError) error = NULL;
  char *found = NULL;
  Run *run;

  if (set)
    g_hash_table_insert(settings, (char *)(uintptr_t) "file",
                        (char *)(uintptr_t)set);
  run = run_new(file, &options);
  if (script_load_text(run, source, strlen(source), &error) &&
      script_start(run, &error)) {
    sim_run(run->sim, run->options.stop);
    script_finish(run);
    record_finish(run->record);
    if (!script_failed(run->script, &error) && expectations_check(run) > 0)
      for (unsigned i = 0; i < expectations_count(run->expectations); i++)
        if (!expectations_at(run->expectations, i)->holds)
          found = g_strdup(expectations_at(run->expectations, i)->found);
  }
  if (error)
    found = g_strdup(error->message);
  run_free(run);
  return found;
}

static void check(const char *calls, bool trusted, const char *set,
                  const char *wanted)
{
  g_autofree char *found = outcome(calls, trusted, set);

  if (!wanted)
    g_assert_cmpstr(found, ==, NULL);
  else if (!found || !strstr(found, wanted))
    g_error("expected \"%s\", there was \"%s\"", wanted, found);
}

#define MAP "map = { ['192.0.2.1'] = client, ['192.0.2.2'] = server }"

/* Four seconds apart; the server's SYN,ACK finds nobody, and is reset. */
static void test_addresses_and_time(gconstpointer data)
{
  const char *name = data;
  g_autofree char *calls = g_strdup_printf(
      "replay('%s', { " MAP ", at = '1s', speed = 2 })\n"
      "expect.packet { from = client, flags = 'S', at = '1s', injected = true"
      " }\n"
      "expect.packet { from = server, flags = 'S.', at = '1.01s' }\n"
      "expect.packet { from = client, flags = 'F', at = '3s', injected = true"
      " }",
      name);

  write_capture(name, g_str_has_suffix(name, "ng"), 0x02, 0x01, 4);
  check(calls, false, NULL, NULL);
}

/* A RST whose number in the capture is not the connection's. */
static void test_live_numbers(void)
{
  const char *calls =
      "client:run(function (os) local c = os.connect(server, 80)"
      " os.sleep '1s' replay('rst.pcap', { " MAP ", of = c }) end)\n"
      "expect.states(server, 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSED')";

  write_capture("rst.pcap", false, 0x04, 0x04, 4);
  check(calls, false, NULL, NULL);
  check("client:run(function (os) local c = os.connect(server, 80)"
        " os.sleep '1s' replay('rst.pcap', { " MAP " }) end)\n"
        "expect.state_at({ host = server, number = 1 }, '3s', 'ESTABLISHED')",
        false, NULL, NULL);
}

/* Acknowledgments become the connection's, too; and what was one number in the
 * capture stays one, though the connection goes on. */
static void test_live_acknowledgments(void)
{
  write_capture("fin.pcap", false, 0x10, 0x11, 4);
  check("client:set { timestamps = false }\n"
        "client:run(function (os) local c = os.connect(server, 80)"
        " os.sleep '1s' replay('fin.pcap', { " MAP ", of = c }) end)\n"
        "expect.state_at({ host = server, number = 1 }, '5.5s', 'LAST-ACK')",
        false, NULL, NULL);
  check("client:set { timestamps = false }\n"
        "client:run(function (os) local c = os.connect(server, 80)"
        " os.sleep '1s' replay('fin.pcap', { " MAP ", of = c })"
        " os.sleep '1s' c:send 'x' end)\n"
        "expect.state_at({ host = server, number = 1 }, '5.5s', 'ESTABLISHED')",
        false, NULL, NULL);
}

static void test_nobody(void)
{
  write_capture("syn.pcap", false, 0x02, 0x02, 4);
  check("local why\n"
        "on.packet { event = 'dropped' } (function (p) why = p.rule end)\n"
        "replay('syn.pcap')\n"
        "expect.that(function () return why == 'replay-nowhere', why end)",
        false, NULL, NULL);
}

/* The first datagram is sent; that the second is not is told. */
static void test_damage(gconstpointer data)
{
  const char *name = data;
  g_autofree char *calls =
      g_strdup_printf("\nreplay('%s', { " MAP ", at = '1s' })", name);
  g_autofree char *wanted = g_strdup_printf(
      "x.lua:5: replay: \"%s\" is damaged after 1 datagram: ", name);
  g_autofree char *first =
      g_strdup_printf("x.lua:5: replay: \"%s\" is damaged after 0 ", name);

  write_capture(name, g_str_has_suffix(name, "ng"), 0x02, 0x01, 4);
  cut_capture(name, 5);
  check(calls, false, NULL, wanted);
  check(calls, false, NULL, "(at 1 s, in a replay)");
  cut_capture(name, 80);
  check(calls, false, NULL, first);
}

/* Slower than the clock can count: it never comes. */
static void test_slow(void)
{
  write_capture("slow.pcap", false, 0x02, 0x02, 2000000000);
  check("replay('slow.pcap', { " MAP ", speed = 2e-6 })\n"
        "expect.packet { from = client, flags = 'S', times = 1 }",
        false, NULL, NULL);
}

static void test_files(void)
{
  g_autofree char *absolute = g_build_filename(folder, "syn.pcap", NULL);
  g_autofree char *by_path = g_strdup_printf("replay('%s')", absolute);
  g_autofree char *text = g_build_filename(folder, "no.pcap", NULL);
  g_autofree char *link = g_build_filename(folder, "link.pcap", NULL);

  write_capture("syn.pcap", false, 0x02, 0x02, 4);
  g_assert_true(g_file_set_contents(text, "no capture", -1, NULL));
  g_assert_cmpint(symlink("/etc/hostname", link), ==, 0);
  check("replay('syn.pcap')", false, NULL, NULL);
  check(by_path, false, NULL, "was not given to the scenario");
  check(by_path, true, NULL, NULL);
  check("replay(param('file', 'x'))", false, absolute, NULL);
  check("replay('../syn.pcap')", false, NULL, "was not given to the scenario");
  check("replay('link.pcap')", false, NULL,
        "leads out of the scenario's folder");
  check("replay('nil.pcap')", false, NULL, "No such file or directory");
  check("replay('no.pcap')", false, NULL, "is no capture");
  check("replay('syn.pcap', { speed = 0 })", false, NULL, "speed must be");
  check("replay('syn.pcap', { map = { here = client } })", false, NULL,
        "its keys are addresses of the capture");
  g_unlink(link);
}

static void empty_folder(void)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name(dir))) {
    g_autofree char *path = g_build_filename(folder, name, NULL);

    g_unlink(path);
  }
  g_rmdir(folder);
}

int main(int argc, char **argv)
{
  int status;

  g_test_init(&argc, &argv, NULL);
  folder = g_dir_make_tmp("linger-XXXXXX", NULL);
  g_test_add_data_func("/replay/pcap", "s.pcap", test_addresses_and_time);
  g_test_add_data_func("/replay/pcapng", "s.pcapng", test_addresses_and_time);
  g_test_add_func("/replay/live-numbers", test_live_numbers);
  g_test_add_func("/replay/live-acknowledgments", test_live_acknowledgments);
  g_test_add_func("/replay/nobody", test_nobody);
  g_test_add_data_func("/replay/damaged-pcap", "d.pcap", test_damage);
  g_test_add_data_func("/replay/damaged-pcapng", "d.pcapng", test_damage);
  g_test_add_func("/replay/slow", test_slow);
  g_test_add_func("/replay/files", test_files);
  status = g_test_run();
  empty_folder();
  g_free(folder);
  return status;
}
