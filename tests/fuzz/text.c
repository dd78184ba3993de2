/* What a scenario writes as text besides Lua: segments in packetdrill's and
 * tcpdump's notation, quantities, addresses, and packet filters, which are then
 * asked about frames that follow them. */
#include "filter.h"
#include "formats.h"
#include "fuzz.h"
#include "net.h"
#include "notation.h"
#include "units.h"

static void check_error(const char *error, size_t size)
{
  g_assert_cmpuint(strlen(error), >, 0);
  g_assert_cmpuint(strlen(error), <, size);
}

static void check_notation(const char *text)
{
  Notation notation;
  char error[160] = "", narrow[8] = "";

  if (notation_parse(text, &notation, error, sizeof error)) {
    g_assert_cmpuint(notation.options_size, <=, TCP_OPTIONS_MAX);
    g_assert_cmpuint(notation.flags, <, 256);
  } else {
    check_error(error, sizeof error);
    notation_parse(text, &notation, narrow, sizeof narrow);
    check_error(narrow, sizeof narrow);
  }
}

static void check_quantity(const char *text)
{
  char error[160], formatted[64];
  int64_t value = -1;
  double fraction = -1;
  NetAddress address;

  if (sim_parse_time(text, &value, error, sizeof error)) {
    g_assert_cmpint(value, >=, 0);
    sim_format_time(value, 9, formatted, sizeof formatted);
  }
  if (sim_parse_rate(text, &value, error, sizeof error))
    g_assert_cmpint(value, >, 0);
  if (sim_parse_size(text, &value, error, sizeof error))
    g_assert_cmpint(value, >=, 0);
  if (sim_parse_fraction(text, &fraction, error, sizeof error))
    g_assert_true(fraction >= 0 && fraction <= 1);
  net_address_parse(text, &address);
}

static void check_filter(const char *text, const uint8_t *frame, size_t size)
{
  char error[300] = "";
  Filter *filter;
  Sim *sim;
  NetPacket *packet;
  SimOwner owner;

  filter = filter_new(text, error, sizeof error);
  if (!filter) {
    check_error(error, sizeof error);
    return;
  }
  sim = sim_new(1);
  sim_owner_init(&owner, sim, "fuzz");
  packet = net_packet_from_frame(net_new(sim), &owner, frame, (uint32_t)size);
  filter_matches(filter, packet);
  net_packet_free(packet);
  filter_free(filter);
  sim_free(sim);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const uint8_t *end;
  char *text;

  if (size == 0)
    return 0;
  end = memchr(data + 1, 0, size - 1);
  if (!end)
    end = data + size;
  text = g_strndup((const char *)data + 1, (size_t)(end - data) - 1);
  if (data[0] & 1)
    check_notation(text);
  else if (data[0] & 2)
    check_quantity(text);
  else
    check_filter(text, end, (size_t)(data + size - end));
  g_free(text);
  return 0;
}

static const char *const words[] = {
  "F.",          "S",       "P.",        "R",        "none",    "1:1(0)",
  " ack ",       "1",       " win ",     "urg ",     "<mss ",   "nop,",
  "sackOK",      "TS val",  " ecr ",     ">",        "Flags [", "], seq ",
  ":",           ", ",      "options [", "length",   "eol",     "wscale ",
  "4294967296",  "-1",      "20",        "ms",       "Mbit/s",  "KiB",
  "%",           "1e-3",    ".5",        "10.0.0.1", "tcp",     "tcp[tcpflags]",
  " & ",         "tcp-fin", " != 0",     " and ",    "port ",   "ip[0]",
  "len",         ">",       "udp",       "(",        ")",       "not ",
  "ether[12:2]", " == ",    "0x800",     "host ",
};

size_t fuzz_example(SimRandom *random, uint8_t *ret)
{
  size_t size = 1;

  ret[0] = (uint8_t)sim_random_below(random, 4);
  for (uint64_t i = 1 + sim_random_below(random, 9); i > 0; i--) {
    const char *word = words[sim_random_below(random, G_N_ELEMENTS(words))];

    memcpy(ret + size, word, strlen(word));
    size += strlen(word);
  }
  if (ret[0] & 3)
    return size;
  ret[size++] = 0;
  return size + fuzz_noise(random, ret + size, 100);
}
