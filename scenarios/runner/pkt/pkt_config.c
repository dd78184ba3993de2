/* Options: a table from a name to what reads its value. */
#include "pkt_config.h"

#include <string.h>

void pkt_config_init(PktConfig *config)
{
  *config = (PktConfig){
    .mtu = 1500,
    .bind_port = 8080,
    .connect_port = 8080,
    .tolerance = 4 * SIM_MILLISECOND,
    .tolerance_share = 12500,
  };
}

static bool wrong(char **ret_problem, const char *value, const char *wanted)
{
  *ret_problem = g_strdup_printf("'%s' stands where %s is needed",
                                 value ? value : "nothing", wanted);
  return false;
}

static bool read_number(const char *value, guint64 least, guint64 most,
                        guint64 *ret, char **ret_problem)
{
  g_autofree char *wanted = g_strdup_printf(
      "a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, least, most);

  if (value && g_ascii_string_to_unsigned(value, 10, least, most, ret, NULL))
    return true;
  return wrong(ret_problem, value, wanted);
}

static bool read_version(PktConfig *it, const char *value, char **ret_problem)
{
  static const char *const words[] = { "ipv4", "ipv4-mapped-ipv6", "ipv6" };

  for (unsigned i = 0; value && i < G_N_ELEMENTS(words); i++)
    if (g_str_equal(words[i], value)) {
      it->version = (PktIpVersion)i;
      return true;
    }
  return wrong(ret_problem, value, "ipv4, ipv4-mapped-ipv6 or ipv6");
}

/* "192.0.2.1", or "192.0.2.1/24": the first address is the one. */
static bool read_address(const char *value, NetAddress *ret, char **ret_problem)
{
  g_autofree char *text = g_strdup(value ? value : "");
  char *slash = strchr(text, '/');

  if (slash)
    *slash = '\0';
  return net_address_parse(text, ret) ||
         wrong(ret_problem, value, "an address");
}

static bool read_local(PktConfig *it, const char *value, char **ret_problem)
{
  return read_address(value, &it->local, ret_problem);
}

static bool read_remote(PktConfig *it, const char *value, char **ret_problem)
{
  return read_address(value, &it->remote, ret_problem);
}

static bool read_mtu(PktConfig *it, const char *value, char **ret_problem)
{
  guint64 number;

  if (!read_number(value, 68, 65535, &number, ret_problem))
    return false;
  it->mtu = (uint32_t)number;
  return true;
}

static bool read_port(uint16_t *ret, const char *value, char **ret_problem)
{
  guint64 number;

  if (!read_number(value, 1, 65535, &number, ret_problem))
    return false;
  *ret = (uint16_t)number;
  return true;
}

static bool read_bind_port(PktConfig *it, const char *value, char **ret_problem)
{
  return read_port(&it->bind_port, value, ret_problem);
}

static bool read_connect_port(PktConfig *it, const char *value,
                              char **ret_problem)
{
  return read_port(&it->connect_port, value, ret_problem);
}

static bool read_tolerance(PktConfig *it, const char *value, char **ret_problem)
{
  guint64 number;

  if (!read_number(value, 1, G_MAXINT32, &number, ret_problem))
    return false;
  it->tolerance = (SimTime)number * SIM_MICROSECOND;
  return true;
}

/* Of up to three digits behind the point. */
static bool read_share(PktConfig *it, const char *value, char **ret_problem)
{
  guint64 whole = 0, part = 0;
  g_auto(GStrv) halves = g_strsplit(value ? value : "", ".", 2);
  bool good = halves[0] &&
              g_ascii_string_to_unsigned(halves[0], 10, 0, 100, &whole, NULL);

  if (good && halves[1]) {
    g_autofree char *digits = g_strdup_printf("%.3s000", halves[1]);

    digits[3] = '\0';
    good = g_ascii_string_to_unsigned(digits, 10, 0, 999, &part, NULL);
  }
  if (!good)
    return wrong(ret_problem, value, "a percentage");
  it->tolerance_share = (unsigned)(whole * 1000 + part);
  return true;
}

static bool read_tick(PktConfig *it, const char *value, char **ret_problem)
{
  guint64 number;

  if (!read_number(value, 0, 1000000, &number, ret_problem))
    return false;
  it->ts_tick = (SimTime)number * SIM_MICROSECOND;
  return true;
}

static bool read_scaled(PktConfig *it, const char *value, char **ret_problem)
{
  (void)value;
  (void)ret_problem;
  it->ts_echo_scaled = true;
  return true;
}

static bool read_strict(PktConfig *it, const char *value, char **ret_problem)
{
  (void)value;
  (void)ret_problem;
  it->strict_segments = true;
  return true;
}

/* --non_fatal=packet,syscall */
static bool read_non_fatal(PktConfig *it, const char *value, char **ret_problem)
{
  g_auto(GStrv) words = g_strsplit(value ? value : "", ",", -1);

  for (char **word = words; *word; word++)
    if (g_str_equal(*word, "packet"))
      it->warn_packet = true;
    else if (g_str_equal(*word, "syscall"))
      it->warn_call = true;
    else
      return wrong(ret_problem, *word, "packet or syscall");
  return *words || wrong(ret_problem, NULL, "packet or syscall");
}

static bool read_dry_run(PktConfig *it, const char *value, char **ret_problem)
{
  (void)value;
  (void)ret_problem;
  it->dry_run = true;
  return true;
}

static bool read_verbose(PktConfig *it, const char *value, char **ret_problem)
{
  (void)value;
  (void)ret_problem;
  it->verbose = true;
  return true;
}

static bool read_init(PktConfig *it, const char *value, char **ret_problem)
{
  if (!value || !*value)
    return wrong(ret_problem, value, "a list of commands");
  g_free(it->init_scripts);
  it->init_scripts = g_strdup(value);
  return true;
}

/* Code is Python over TCP_INFO, whatever runs it. */
static bool read_code(PktConfig *it, const char *value, char **ret_problem)
{
  (void)it;
  return (value &&
          (strstr(value, "python") || g_str_equal(value, "TCP_INFO"))) ||
         wrong(ret_problem, value, "python (or TCP_INFO, of --code_sockopt)");
}

static bool ignore(PktConfig *it, const char *value, char **ret_problem)
{
  (void)it;
  (void)value;
  (void)ret_problem;
  return true;
}

static bool refuse(char **ret_problem, const char *why)
{
  *ret_problem = g_strdup(why);
  return false;
}

static bool refuse_wire(PktConfig *it, const char *value, char **ret_problem)
{
  (void)it;
  (void)value;
  return refuse(ret_problem, "there is no second machine: host and wire are "
                             "simulated");
}

static bool refuse_so(PktConfig *it, const char *value, char **ret_problem)
{
  (void)it;
  (void)value;
  return refuse(ret_problem, "linger's own TCP is under test; packetdrill runs "
                             "it as a library (tests/README.md)");
}

static bool read_in_udp(PktConfig *it, const char *value, char **ret_problem)
{
  if (!value || !g_str_equal(value, "tcp"))
    return wrong(ret_problem, value, "tcp");
  it->tcp_in_udp = true;
  return true;
}

static bool refuse_md5(PktConfig *it, const char *value, char **ret_problem)
{
  (void)it;
  (void)value;
  return refuse(ret_problem, "TCP MD5 signatures are not simulated");
}

static const struct {
  const char *name;
  bool (*read)(PktConfig *it, const char *value, char **ret_problem);
} table[] = {
  { "ip_version", read_version },
  { "local_ip", read_local },
  { "remote_ip", read_remote },
  { "mtu", read_mtu },
  { "bind_port", read_bind_port },
  { "connect_port", read_connect_port },
  { "tolerance_usecs", read_tolerance },
  { "tolerance_percent", read_share },
  { "tcp_ts_tick_usecs", read_tick },
  { "tcp_ts_ecr_scaled", read_scaled },
  { "strict_segments", read_strict },
  { "non_fatal", read_non_fatal },
  { "dry_run", read_dry_run },
  { "verbose", read_verbose },
  { "init_scripts", read_init },
  { "code_command", read_code },
  { "code_format", read_code },
  { "code_sockopt", read_code },
  { "wire_client", refuse_wire },
  { "wire_server", refuse_wire },
  { "wire_server_ip", refuse_wire },
  { "wire_server_at", refuse_wire },
  { "wire_server_port", refuse_wire },
  { "wire_client_dev", refuse_wire },
  { "wire_server_dev", refuse_wire },
  { "so_filename", refuse_so },
  { "so_flags", refuse_so },
  { "udp_encapsulation", read_in_udp },
  { "udp_encaps", read_in_udp }, /* its older name */
  { "tcp_md5_secret", refuse_md5 },
  /* the parser has taken these */
  { "define", ignore },
  { "D", ignore },
  /* how the machine reaches the other side: here every address is a neighbour
   * on a link that takes no time */
  { "gateway_ip", ignore },
  { "netmask_ip", ignore },
  { "local_linklocal_ip", ignore },
  { "gateway_linklocal_ip", ignore },
  { "is_anyip", ignore },
  { "speed", ignore },
  { "tun_dev", ignore },
  { "persistent_tun_dev", ignore },
  /* how the device says that a large packet was joined: it arrives as it is */
  { "mss", ignore },
  /* the port of packets that are refused where they are written */
  { "psp_udp_port", ignore },
  /* packetdrill's own memory, traces and cleaning up */
  { "send_omit_free", ignore },
  { "no_cleanup", ignore },
  { "use_expect", ignore },
  { "debug", ignore },
};

void pkt_config_clear(PktConfig *config)
{
  g_clear_pointer(&config->init_scripts, g_free);
}

/* (transfer full) (nullable): scripts may quote a value. */
static char *unquoted(const char *value)
{
  size_t size = value ? strlen(value) : 0;

  if (size >= 2 && *value == '"' && value[size - 1] == '"')
    return g_strndup(value + 1, size - 2);
  return g_strdup(value);
}

bool pkt_config_set(PktConfig *config, const char *name, const char *value,
                    char **ret_problem)
{
  g_autofree char *plain = unquoted(value);

  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (g_str_equal(table[i].name, name))
      return table[i].read(config, plain, ret_problem);
  *ret_problem = g_strdup_printf("there is no option --%s", name);
  return false;
}

static NetAddress address(const char *text)
{
  NetAddress it = NET_ADDRESS_ANY;

  net_address_parse(text, &it);
  return it;
}

bool pkt_config_finish(PktConfig *config, char **ret_problem)
{
  bool ipv6 = config->version == PKT_IPV6;

  if (net_address_is_any(config->local))
    config->local = address(ipv6 ? "fd3d:a0b:17d6::1" : "192.168.0.1");
  if (net_address_is_any(config->remote))
    config->remote = address(ipv6 ? "fd3d:fa7b:d17d::1" : "192.0.2.1");
  if (net_address_is_ipv4(config->local) != !ipv6 ||
      net_address_is_ipv4(config->remote) != !ipv6) {
    *ret_problem = g_strdup("the addresses are not of --ip_version's family");
    return false;
  }
  if (!net_address_equal(config->local, config->remote))
    return true;
  *ret_problem = g_strdup("both sides have the same address");
  return false;
}
