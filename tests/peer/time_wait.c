/* TIME-WAIT: 2MSL and its restart, RST and RFC 1337, a new SYN and RFC 6191;
 * and FIN-WAIT-2, which may not last for ever. */
#include "peer.h"

/* MUST-13 */
static void test_fin_restarts_2msl(void)
{
  Peer *t = peer_new(0);

  reaches(t, "TIME-WAIT");
  host_silent(t, S(100));
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  met(t, "TIME_WAIT_FIN");
  host_silent(t, S(340) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(340));
  met(t, "TIME_WAIT_EXPIRED");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_others_do_not_restart_2msl(void)
{
  Peer *t = peer_new(0);

  reaches(t, "TIME-WAIT");
  host_silent(t, S(100));
  peer_sends(t, "F. -9:-9(0) ack 1"); /* another FIN, of old */
  host_sends(t, ". 2:2(0) ack 2");
  peer_sends(t, "P. -9:1(10) ack 1");
  host_sends(t, ". 2:2(0) ack 2");
  peer_sends(t, ". 2:2(0) ack 2");
  host_silent(t, S(240) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(240));
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_the_record_outlives_its_user(void)
{
  Peer *t = peer_new(0);

  reaches(t, "TIME-WAIT");
  user_releases(t);
  number_is(t, "control blocks",
            (int64_t)tcp_stack_counters(t->stack)->connections, 0);
  host_silent(t, S(100));
  host_is(t, "TIME-WAIT");
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2 win 65534");
  host_silent(t, S(340) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(340));
  host_is(t, "CLOSED");
  peer_free(t);
}

/* Two records; the first one's restart lets the second expire before it. */
static void test_records_expire_in_order(void)
{
  Peer *t = peer_new(0);

  reaches(t, "TIME-WAIT");
  user_releases(t);
  host_silent(t, S(10));
  t->port = 5001;
  reaches(t, "TIME-WAIT");
  user_releases(t);
  host_silent(t, S(20));
  t->port = PEER_PORT;
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  host_silent(t, S(250));
  host_is(t, "TIME-WAIT");
  t->port = 5001;
  host_is(t, "CLOSED");
  t->port = PEER_PORT;
  host_silent(t, S(260) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(260));
  host_is(t, "CLOSED");
  peer_free(t);
}

/* The later record is over first. */
static void test_records_of_two_lengths(void)
{
  Peer *t = peer_new(0);

  reaches(t, "TIME-WAIT");
  user_releases(t);
  peer_knob(t, "msl", S(10));
  t->port = 5001;
  reaches(t, "TIME-WAIT");
  user_releases(t);
  host_silent(t, S(20) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(20));
  host_is(t, "CLOSED");
  t->port = PEER_PORT;
  host_silent(t, S(240) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(240));
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_rst_ends_it(void)
{
  Peer *t = peer_new(0);

  reaches(t, "TIME-WAIT");
  peer_sends(t, "R 2:2(0)");
  met(t, "TIME_WAIT_RST");
  host_is(t, "CLOSED");
  peer_free(t);
}

/* RFC 1337 fix F1: "ignore RST segments in TIME-WAIT state". */
static void test_rst_ignored(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "ignore_reset_in_time_wait", 1);
  reaches(t, "TIME-WAIT");
  peer_sends(t, "R 2:2(0)");
  met(t, "TIME_WAIT_RST_IGNORED");
  peer_sends(t, "R. 9:9(0) ack 2");
  met(t, "TIME_WAIT_RST_IGNORED");
  host_silent(t, S(240) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(240));
  host_is(t, "CLOSED");
  peer_free(t);
}

/* RFC 1337 figure 1: an old duplicate draws an ACK, whose answer by the
 * peer's closed TCP is the RST that ends TIME-WAIT. */
static void test_assassination(void)
{
  Peer *t = peer_new(0);

  reaches(t, "TIME-WAIT");
  peer_sends(t, "P. -9:1(10) ack 1");
  host_sends(t, ". 2:2(0) ack 2");
  peer_sends(t, "R 2:2(0)");
  host_is(t, "CLOSED");
  peer_free(t);
}

/* RFC 6191 2: which SYN may open the next incarnation. */
typedef struct ReuseRow {
  const char *name;
  bool timestamps; /* of the connection in TIME-WAIT */
  const char *syn;
  bool reused;
  bool silent; /* RFC 7323 3.2: no timestamp, no answer */
} ReuseRow;

static const ReuseRow reuses[] = {
  { "ts-larger", true, "S 2000:2000(0) <mss 1460,TS val 51 ecr 0>", true,
    false },
  { "ts-larger-seq-smaller", true, "S -9:-9(0) <mss 1460,TS val 51 ecr 0>",
    true, false },
  { "ts-equal-seq-larger", true, "S 2:2(0) <mss 1460,TS val 50 ecr 0>", true,
    false },
  { "ts-equal-seq-not-larger", true, "S 1:1(0) <mss 1460,TS val 50 ecr 0>",
    false, false },
  { "ts-smaller", true, "S 2000:2000(0) <mss 1460,TS val 49 ecr 0>", false,
    false },
  { "ts-gone-seq-larger", true, "S 2:2(0) <mss 1460>", true, false },
  { "ts-gone-seq-not-larger", true, "S 1:1(0) <mss 1460>", false, true },
  { "no-ts-but-now", false, "S -9:-9(0) <mss 1460,TS val 9 ecr 0>", true,
    false },
  { "no-ts-seq-larger", false, "S 2:2(0) <mss 1460>", true, false },
  { "no-ts-seq-not-larger", false, "S 1:1(0) <mss 1460>", false, false },
  { "no-ts-syn-ack", false, "S. 2000:2000(0) ack 2 <mss 1460>", false, false },
};

static void time_wait_with_timestamps(Peer *t)
{
  peer_sends(t, "S 0:0(0) <mss 1460,TS val 50 ecr 0>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460,TS val 0 ecr 50>");
  peer_sends(t, ". 1:1(0) ack 1 <TS val 50 ecr 0>");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1 <TS val 0 ecr 50>");
  peer_sends(t, "F. 1:1(0) ack 2 <TS val 50 ecr 0>");
  host_sends(t, ". 2:2(0) ack 2 <TS val 0 ecr 50>");
}

static void time_wait_without(Peer *t)
{
  peer_sends(t, "S 0:0(0) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
}

/* MAY-2, SHLD-4 */
static void test_reuse(gconstpointer data)
{
  const ReuseRow *row = data;
  Peer *t = peer_new(0);

  peer_knob(t, "timestamps", 1);
  user_listens(t);
  (row->timestamps ? time_wait_with_timestamps : time_wait_without)(t);
  host_is(t, "TIME-WAIT");
  peer_sends(t, row->syn);
  if (!row->silent)
    host_sends_something(t); /* the next two tests say what */
  if (row->reused)
    met(t, "TIME_WAIT_REUSED");
  else
    not_met(t, "TIME_WAIT_REUSED");
  host_is(t, row->reused ? "SYN-RECEIVED" : "TIME-WAIT");
  peer_free(t);
}

/* 3.6.1 MAY-2: the new ISS "is larger than the largest sequence number it
 * used on the previous connection incarnation". */
static void test_reuse_begins_above(void)
{
  Peer *t = peer_new(0);

  user_listens(t);
  time_wait_without(t);
  peer_sends(t, "S 2000:2000(0) <mss 1460>");
  host_sends(t, "S. 3:3(0) ack 2001 win 65535 <mss 1460>");
  peer_sends(t, ". 2001:2001(0) ack 4");
  host_is(t, "ESTABLISHED");
  user_releases(t); /* the old one's reference */
  user_accepts(t);
  t->read = 2000;
  peer_sends(t, "P. 2001:2011(10) ack 4");
  user_reads(t, 10);
  peer_free(t);
}

static void test_no_reuse_without_listener(void)
{
  Peer *t = peer_new(0);

  reaches(t, "TIME-WAIT");
  peer_sends(t, "S 2000:2000(0) <mss 1460>");
  host_sends(t, ". 2:2(0) ack 2");
  met(t, "SYN_CHALLENGED");
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

/* A SYN that would be dropped ends nothing. */
static void test_no_reuse_by_a_full_listener(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "backlog", 1);
  t->hold_accept = true;
  user_listens(t);
  peer_sends(t, "S 0:0(0) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1");
  user_accepts(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  t->port = 5001;
  peer_sends(t, "S 0:0(0) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1");
  t->port = PEER_PORT;
  peer_sends(t, "S 2000:2000(0) <mss 1460>");
  host_sends(t, ". 2:2(0) ack 2");
  host_is(t, "TIME-WAIT");
  t->port = 5001;
  user_unlistens(t);
  host_sends(t, "R 1:1(0)");
  t->port = PEER_PORT;
  peer_free(t);
}

/* A timestamp that the host would not use proves nothing. */
static void test_no_reuse_by_an_unwanted_timestamp(void)
{
  Peer *t = peer_new(0);

  user_listens(t);
  time_wait_without(t);
  peer_sends(t, "S -9:-9(0) <mss 1460,TS val 9 ecr 0>");
  host_sends(t, ". 2:2(0) ack 2");
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

static void test_no_reuse_by_knob(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "time_wait_reuse", 0);
  user_listens(t);
  time_wait_without(t);
  peer_sends(t, "S 2000:2000(0) <mss 1460>");
  host_sends(t, ". 2:2(0) ack 2");
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

/* The pair is taken for the host's own OPEN. */
static void test_no_connect_in_time_wait(void)
{
  Peer *t = peer_new(0);

  reaches(t, "TIME-WAIT");
  user_releases(t);
  user_connects_refused(t, "EADDRINUSE");
  host_silent(t, S(240));
  host_is(t, "CLOSED");
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  peer_free(t);
}

/* -- FIN-WAIT-2 -- */

static void test_fin_wait_2_of_a_closed_connection(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  host_silent(t, MS(400));
  peer_sends(t, ". 1:1(0) ack 2");
  host_silent(t, MS(400) + S(60) - 1);
  host_is(t, "FIN-WAIT-2");
  host_silent(t, MS(400) + S(60));
  met(t, "FIN_WAIT_2_EXPIRED");
  host_is(t, "CLOSED");
  user_error(t, "OK");
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, "R 2:2(0)");
  peer_free(t);
}

static void test_fin_wait_2_of_an_open_connection(void)
{
  Peer *t = peer_new(0);

  reaches(t, "FIN-WAIT-2");
  host_silent(t, S(100000));
  host_is(t, "FIN-WAIT-2");
  user_closes(t);
  host_silent(t, S(100060) - 1);
  host_is(t, "FIN-WAIT-2");
  host_silent(t, S(100060));
  met(t, "FIN_WAIT_2_EXPIRED");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_fin_wait_2_fin_in_time(void)
{
  Peer *t = peer_new(0);

  reaches(t, "FIN-WAIT-2");
  user_closes(t);
  host_silent(t, S(60) - 1);
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  host_is(t, "TIME-WAIT");
  host_silent(t, S(300) - 2);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(300) - 1);
  host_is(t, "CLOSED");
  peer_free(t);
}

void add_time_wait_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/" path, test_##name)
  ADD("time-wait/fin-repeated", fin_restarts_2msl);
  ADD("time-wait/others-repeated", others_do_not_restart_2msl);
  ADD("time-wait/user-gone", the_record_outlives_its_user);
  ADD("time-wait/two-records", records_expire_in_order);
  ADD("time-wait/two-lengths", records_of_two_lengths);
  ADD("time-wait/rst-exact", rst_ends_it);
  ADD("time-wait/rst-ignored", rst_ignored);
  ADD("time-wait/rst-assassination", assassination);
  for (size_t i = 0; i < G_N_ELEMENTS(reuses); i++) {
    g_autofree char *path =
        g_strdup_printf("/peer/time-wait/reuse-%s", reuses[i].name);

    g_test_add_data_func(path, &reuses[i], test_reuse);
  }
  ADD("time-wait/reuse-iss", reuse_begins_above);
  ADD("time-wait/reuse-no-listener", no_reuse_without_listener);
  ADD("time-wait/reuse-full-listener", no_reuse_by_a_full_listener);
  ADD("time-wait/reuse-unwanted-ts", no_reuse_by_an_unwanted_timestamp);
  ADD("time-wait/reuse-knob", no_reuse_by_knob);
  ADD("time-wait/connect", no_connect_in_time_wait);
  ADD("fin-wait-2/closed-expires", fin_wait_2_of_a_closed_connection);
  ADD("fin-wait-2/open-waits", fin_wait_2_of_an_open_connection);
  ADD("fin-wait-2/closed-fin-in-time", fin_wait_2_fin_in_time);
#undef ADD
}
