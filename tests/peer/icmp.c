/* What ICMP errors do in each state under each profile (3.9.2.2, RFC 1122
 * 4.2.3.9, RFC 5461, RFC 5927). Linux was measured; over IPv6 an error is what
 * RFC 7915 4.2 makes of it. */
#include <string.h>

#include "peer.h"

enum { UNREACHABLE = 3, QUENCH = 4, EXCEEDED = 11, PROBLEM = 12 };

/* What ends, and by which error; NULL: nothing does. */
typedef struct Row {
  const char *what;
  uint8_t type, code;
  const char *rfc9293, *freebsd, *linux;
  bool request, request6; /* linux: a half-open connection is taken away */
  const char *linux6;     /* if not the same */
} Row;

static const Row rows[] = {
  { "net", UNREACHABLE, 0, NULL, NULL, "ENETUNREACH", true, false, NULL },
  { "host", UNREACHABLE, 1, NULL, NULL, "EHOSTUNREACH", true, false, NULL },
  { "port", UNREACHABLE, 3, "ECONNREFUSED", "ECONNREFUSED", "ECONNREFUSED",
    false, true, NULL },
  { "filtered", UNREACHABLE, 13, NULL, "ECONNREFUSED", "EHOSTUNREACH", false,
    true, "EACCES" },
};

static Peer *profile_new(const char *profile)
{
  Peer *t = peer_new(0);

  peer_profile(t, profile);
  return t;
}

static const char *linux_error(const Row *row)
{
  return peer_family() == NET_IPV6 && row->linux6 ? row->linux6 : row->linux;
}

static void opening(const char *profile, const char *state, const Row *row,
                    const char *error)
{
  Peer *t = profile_new(profile);
  g_autofree char *name = g_strndup(state, strcspn(state, "/"));

  reaches(t, state);
  peer_icmp(t, row->type, row->code);
  host_is(t, error ? "CLOSED" : name);
  user_error(t, error                           ? error
                : g_str_equal(profile, "linux") ? linux_error(row)
                                                : "OK");
  peer_free(t);
}

static void half_open(const char *profile, const Row *row, bool gone)
{
  Peer *t = profile_new(profile);

  reaches(t, "SYN-RECEIVED");
  peer_icmp(t, row->type, row->code);
  host_is(t, gone ? "LISTEN" : "SYN-RECEIVED");
  if (!gone)
    peer_sends(t, "R 1:1(0)");
  peer_free(t);
}

static void test_opening(gconstpointer data)
{
  const Row *row = data;
  bool ipv6 = peer_family() == NET_IPV6;

  opening("rfc9293", "SYN-SENT", row, row->rfc9293);
  opening("rfc9293", "SYN-RECEIVED/active", row, row->rfc9293);
  half_open("rfc9293", row, row->rfc9293 != NULL);
  opening("freebsd", "SYN-SENT", row, row->freebsd);
  opening("freebsd", "SYN-RECEIVED/active", row, NULL);
  half_open("freebsd", row, false);
  opening("linux", "SYN-SENT", row, linux_error(row));
  opening("linux", "SYN-RECEIVED/active", row, linux_error(row));
  half_open("linux", row, ipv6 ? row->request6 : row->request);
}

/* From ESTABLISHED on nothing ends (RFC 5461 2.1), and Linux tells. */
static void test_open(gconstpointer data)
{
  static const char *const states[] = { "ESTABLISHED", "CLOSE-WAIT" };
  static const char *const closing[] = { "FIN-WAIT-1", "CLOSING", "LAST-ACK" };
  static const char *const profiles[] = { "rfc9293", "linux", "freebsd" };
  const Row *row = data;

  for (size_t i = 0; i < G_N_ELEMENTS(profiles); i++) {
    bool linux = strcmp(profiles[i], "linux") == 0;

    for (size_t j = 0; j < G_N_ELEMENTS(states); j++) {
      Peer *t = profile_new(profiles[i]);

      peer_knob(t, "delay_fin_ack", 0);
      reaches(t, states[j]);
      user_sends(t, 10);
      host_sends_something(t);
      peer_icmp(t, row->type, row->code);
      host_is(t, states[j]);
      user_error(t, linux ? linux_error(row) : "OK");
      user_error(t, "OK"); /* told once */
      peer_free(t);
    }
    for (size_t j = 0; j < G_N_ELEMENTS(closing); j++) {
      Peer *t = profile_new(profiles[i]);

      peer_knob(t, "delay_fin_ack", 0);
      peer_knob(t, "fin_again", 0);
      reaches(t, closing[j]);
      peer_icmp(t, row->type, row->code);
      host_is(t, closing[j]);
      peer_free(t);
    }
  }
}

/* Only IPv4 has these in this form. */
static void test_others(void)
{
  static const Row others[] = {
    { "net-prohibited", UNREACHABLE, 9, NULL, "ECONNREFUSED", "ENETUNREACH",
      false, false, NULL },
    { "host-prohibited", UNREACHABLE, 10, NULL, "ECONNREFUSED", "EHOSTUNREACH",
      false, false, NULL },
    { "ttl", EXCEEDED, 0, NULL, "EHOSTUNREACH", "EHOSTUNREACH", true, false,
      NULL },
    { "problem", PROBLEM, 0, NULL, NULL, "EPROTO", true, false, NULL },
    { "protocol", UNREACHABLE, 2, "ECONNREFUSED", "ECONNREFUSED", "ENOPROTOOPT",
      false, false, NULL },
  };

  if (peer_family() == NET_IPV6)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
    test_opening(&others[i]);
    test_open(&others[i]);
  }
}

/* MUST-55: RFC 6633 2 */
static void test_source_quench(void)
{
  static const char *const profiles[] = { "rfc9293", "linux", "freebsd" };

  for (size_t i = 0; i < G_N_ELEMENTS(profiles); i++) {
    Peer *t = profile_new(profiles[i]);
    uint32_t before;

    if (peer_family() == NET_IPV6) {
      peer_free(t);
      continue;
    }
    established(t);
    user_sends(t, 10);
    host_sends(t, "P. 1:11(10) ack 1");
    before = user_status(t).cwnd;
    peer_icmp(t, QUENCH, 0);
    number_is(t, "CWND", user_status(t).cwnd, before);
    user_error(t, "OK");
    peer_free(t);
  }
}

void add_icmp_tests(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *opening_name =
        g_strconcat("/peer/icmp/opening/", rows[i].what, NULL);
    g_autofree char *open_name =
        g_strconcat("/peer/icmp/open/", rows[i].what, NULL);

    g_test_add_data_func(opening_name, &rows[i], test_opening);
    g_test_add_data_func(open_name, &rows[i], test_open);
  }
  g_test_add_func("/peer/icmp/ipv4-only", test_others);
  g_test_add_func("/peer/icmp/source-quench", test_source_quench);
}
