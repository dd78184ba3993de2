/* Ending a connection at once: RST by the user's abort, by linger 0, because
 * data would be lost; and what CLOSE and ABORT mean in each state. */
#include "peer.h"

typedef struct CallRow {
  const char *state;
  const char *sends; /* at the call, or NULL */
  const char *after;
} CallRow;

/* 3.10.5 */
static const CallRow aborts[] = {
  { "SYN-SENT", NULL, "CLOSED" },
  { "SYN-RECEIVED/active", "R 1:1(0) win 0", "CLOSED" },
  { "ESTABLISHED", "R 1:1(0) win 0", "CLOSED" },
  { "FIN-WAIT-1", "R 2:2(0) win 0", "CLOSED" },
  { "FIN-WAIT-2", "R 2:2(0) win 0", "CLOSED" },
  { "CLOSE-WAIT", "R 1:1(0) win 0", "CLOSED" },
  { "CLOSING", NULL, "CLOSED" },
  { "LAST-ACK", NULL, "CLOSED" },
  { "TIME-WAIT", NULL, "CLOSED" },
};

/* 3.10.4 */
static const CallRow closes[] = {
  { "SYN-SENT", NULL, "CLOSED" },
  { "SYN-RECEIVED/active", "F. 1:1(0) ack 1 win 65535", "FIN-WAIT-1" },
  { "ESTABLISHED", "F. 1:1(0) ack 1 win 65535", "FIN-WAIT-1" },
  { "FIN-WAIT-1", NULL, "FIN-WAIT-1" },
  { "FIN-WAIT-2", NULL, "FIN-WAIT-2" },
  { "CLOSE-WAIT", "F. 1:1(0) ack 2 win 65534", "LAST-ACK" },
  { "CLOSING", NULL, "CLOSING" },
  { "TIME-WAIT", NULL, "TIME-WAIT" },
};

/* The state that the call made is the state at once. */
static void check_call(Peer *t, const CallRow *row)
{
  if (row->sends)
    host_sends(t, row->sends);
  host_is(t, row->after);
  user_error(t, "OK");
  peer_free(t);
}

static void test_abort(gconstpointer data)
{
  const CallRow *row = data;
  Peer *t = peer_new(0);

  reaches(t, row->state);
  user_aborts(t);
  met(t, "ABORT");
  check_call(t, row);
}

static void test_close(gconstpointer data)
{
  const CallRow *row = data;
  Peer *t = peer_new(0);

  reaches(t, row->state);
  user_closes(t);
  check_call(t, row);
}

static void test_linger_zero(gconstpointer data)
{
  const CallRow *row = data;
  Peer *t = peer_new(0);

  reaches(t, row->state);
  tcp_set_linger(t->conn, true, 0);
  user_closes(t);
  if (row->sends)
    met(t, "LINGER_ZERO");
  check_call(t, row);
}

static void test_abort_forgets_what_is_queued(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 10000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 2921:4381(1460) ack 1");
  user_aborts(t);
  host_sends(t, "R 4381:4381(0)");
  told(t, TCP_EVENT_CLOSED);
  peer_sends(t, ". 1:1(0) ack 4381");
  host_sends(t, "R 4381:4381(0)");
  met(t, "CLOSED_ACK");
  peer_free(t);
}

/* 3.6.1 SHLD-3, RFC 2525 2.17 */
static void test_close_with_unread_data(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  user_reads_some(t, 9);
  user_closes(t);
  host_sends(t, "R 1:1(0) win 0");
  met(t, "CLOSE_UNREAD");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_close_with_unread_data_in_close_wait(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "FP. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 12");
  user_closes(t);
  host_sends(t, "R 1:1(0)");
  met(t, "CLOSE_UNREAD");
  host_is(t, "CLOSED");
  peer_free(t);
}

/* SHLD-3 holds wherever the peer may still listen. */
static void test_close_with_unread_data_in_last_ack(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "FP. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 12");
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 1:1(0) ack 12");
  host_is(t, "LAST-ACK");
  user_closes(t);
  host_sends(t, "R 2:2(0)");
  met(t, "CLOSE_UNREAD");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_close_with_unread_data_in_closing(void)
{
  Peer *t = peer_new(0);

  reaches(t, "FIN-WAIT-1");
  peer_sends(t, "FP. 1:11(10) ack 1");
  host_sends(t, ". 2:2(0) ack 12");
  host_is(t, "CLOSING");
  user_closes(t);
  host_sends(t, "R 2:2(0)");
  met(t, "CLOSE_UNREAD");
  peer_free(t);
}

/* In TIME-WAIT the peer listens no more. */
static void test_close_with_unread_data_in_time_wait(void)
{
  Peer *t = peer_new(0);

  reaches(t, "FIN-WAIT-2");
  peer_sends(t, "FP. 1:11(10) ack 2");
  host_sends(t, ". 2:2(0) ack 12");
  user_closes(t);
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

static void test_close_with_all_read(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  user_reads(t, 10);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 11");
  peer_free(t);
}

static void test_close_with_unread_data_allowed(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "reset_on_unread", 0);
  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 11");
  peer_free(t);
}

/* 3.6.1 MUST-... "SHOULD send a RST to show that data was lost" (MAY-1) */
static void test_data_after_close(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, "R 1:1(0) win 0");
  met(t, "TEXT_AFTER_CLOSE");
  host_is(t, "CLOSED");
  user_error(t, "ECONNRESET");
  peer_free(t);
}

static void test_data_after_close_in_fin_wait_2(void)
{
  Peer *t = peer_new(0);

  reaches(t, "FIN-WAIT-2");
  user_closes(t);
  peer_sends(t, "FP. 1:11(10) ack 2");
  host_sends(t, "R 2:2(0) win 0");
  met(t, "TEXT_AFTER_CLOSE");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_old_data_after_close(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  user_reads(t, 10);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 11");
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 2:2(0) ack 11");
  met(t, "UNACCEPTABLE");
  host_is(t, "FIN-WAIT-1");
  peer_free(t);
}

static void test_data_after_close_allowed(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "reset_on_late_data", 0);
  reaches(t, "FIN-WAIT-2");
  user_closes(t);
  peer_sends(t, "FP. 1:11(10) ack 2");
  host_sends(t, ". 2:2(0) ack 12");
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

/* The peer's process crashed, and its host answers for it. */
static void test_rst_for_queued_data(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  peer_sends(t, "R. 1:1(0) ack 101");
  met(t, "RST");
  told(t, TCP_EVENT_CLOSED);
  user_send_refused(t, "ECONNRESET");
  user_send_refused(t, "EPIPE");
  peer_free(t);
}

/* What was read in sequence before the RST may still be received. */
static void test_rst_behind_data(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  peer_sends(t, "R 11:11(0)");
  host_is(t, "CLOSED");
  user_reads(t, 10);
  user_read_refused(t, "ECONNRESET");
  user_read_refused(t, "ENOTCONN");
  peer_free(t);
}

/* CLOSE in SYN-RECEIVED with data queued waits for ESTABLISHED. */
static void test_close_in_syn_received_with_data(void)
{
  Peer *t = peer_new(0);

  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  user_sends(t, 10);
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  user_closes(t);
  host_is(t, "SYN-RECEIVED");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535");
  host_sends(t, "FP. 1:11(10) ack 1");
  host_is(t, "FIN-WAIT-1");
  peer_free(t);
}

/* CLOSE in SYN-RECEIVED without: the FIN follows the SYN at once, and both
 * are repeated until they are acknowledged. */
static void test_close_in_syn_received(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-RECEIVED/active");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  host_is(t, "FIN-WAIT-1");
  peer_sends(t, ". 1:1(0) ack 1");
  host_is(t, "FIN-WAIT-1");
  peer_sends(t, ". 1:1(0) ack 2");
  host_is(t, "FIN-WAIT-2");
  peer_free(t);
}

/* Figure 7's SYN,ACK comes when the FIN is already out. */
static void test_close_in_syn_received_syn_ack(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-RECEIVED/active");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, "S. 0:0(0) ack 1");
  host_is(t, "FIN-WAIT-1");
  number_is(t, "SND.UNA", (int32_t)(user_status(t).snd.una - HOST_ISS), 1);
  host_sends_at(t, S(1), "F. 1:1(0) ack 1");
  peer_free(t);
}

static void test_close_in_syn_received_repeated(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-RECEIVED/active");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  host_sends_at(t, S(1), "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 2");
  host_is(t, "FIN-WAIT-2");
  peer_free(t);
}

static void add_rows(const char *what, const CallRow *rows, size_t count,
                     GTestDataFunc func)
{
  for (size_t i = 0; i < count; i++) {
    g_autofree char *state = g_ascii_strdown(rows[i].state, -1);
    g_autofree char *path = g_strdup_printf("/peer/%s/%s", what, state);

    g_test_add_data_func(path, &rows[i], func);
  }
}

void add_close_once_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/" path, test_##name)
  add_rows("abort", aborts, G_N_ELEMENTS(aborts), test_abort);
  add_rows("close-call", closes, G_N_ELEMENTS(closes), test_close);
  add_rows("linger-zero", aborts + 2, 4, test_linger_zero);
  ADD("abort/established-data-queued", abort_forgets_what_is_queued);
  ADD("unread/established-some", close_with_unread_data);
  ADD("unread/close-wait-some", close_with_unread_data_in_close_wait);
  ADD("unread/last-ack-some", close_with_unread_data_in_last_ack);
  ADD("unread/closing-some", close_with_unread_data_in_closing);
  ADD("unread/time-wait-some", close_with_unread_data_in_time_wait);
  ADD("unread/established-none", close_with_all_read);
  ADD("unread/established-allowed", close_with_unread_data_allowed);
  ADD("late-data/fin-wait-1-new", data_after_close);
  ADD("late-data/fin-wait-2-new", data_after_close_in_fin_wait_2);
  ADD("late-data/fin-wait-1-old", old_data_after_close);
  ADD("late-data/fin-wait-2-allowed", data_after_close_allowed);
  ADD("rst/established-data-queued", rst_for_queued_data);
  ADD("rst/established-data-unread", rst_behind_data);
  ADD("close-call/syn-received-data-queued", close_in_syn_received_with_data);
  ADD("close-call/syn-received-syn-ack", close_in_syn_received_syn_ack);
  ADD("close-call/syn-received-repeated", close_in_syn_received_repeated);
  ADD("close-call/syn-received-acked", close_in_syn_received);
#undef ADD
}
