/* 3.10.7.1 to 3.10.7.3: segments in CLOSED, LISTEN and SYN-SENT, and the test
 * that judges every row. */
#include "arrives.h"

typedef struct ArrivesCase {
  const char *state;
  const ArrivesRow *row;
} ArrivesCase;

static void test_arrives(gconstpointer data)
{
  const ArrivesCase *c = data;
  const ArrivesRow *row = c->row;
  Peer *t = peer_new(0);

  reaches(t, c->state);
  peer_sends(t, row->segment);
  if (row->reply)
    host_sends(t, row->reply);
  met(t, row->rule);
  host_is(t, row->after ? row->after : c->state);
  if (t->conn)
    user_error(t, row->error ? row->error : "OK");
  peer_free(t);
}

void add_arrives_rows(const char *state, const ArrivesRow *rows, size_t count)
{
  g_autofree char *name = g_ascii_strdown(state, -1);

  for (size_t i = 0; i < count; i++) {
    g_autofree char *path =
        g_strdup_printf("/peer/arrives/%s/%s", name, rows[i].name);
    ArrivesCase *c = g_new(ArrivesCase, 1);

    *c = (ArrivesCase){ state, &rows[i] };
    g_test_add_data_func_full(path, c, test_arrives, g_free);
  }
}

/* 3.10.7.1: "all data in the incoming segment is discarded"; RST is dropped,
 * anything else is answered by RST. */
static const ArrivesRow in_closed[] = {
  { "rst", "R 0:0(0)", NULL, NULL, "CLOSED_RST", NULL },
  { "rst-ack", "R. 0:0(0) ack 9", NULL, NULL, "CLOSED_RST", NULL },
  { "syn-rst", "SR 0:0(0)", NULL, NULL, "CLOSED_RST", NULL },
  { "syn", "S 0:0(0)", "R. " SEQ_0 " ack 1 win 0", NULL, "CLOSED_NO_ACK",
    NULL },
  { "syn-ack-field", "S 0:0(0) ack 9", "R. " SEQ_0 " ack 1", NULL,
    "CLOSED_NO_ACK", NULL }, /* without the flag it is no ACK */
  { "syn-text", "S 0:10(10)", "R. " SEQ_0 " ack 11", NULL, "CLOSED_NO_ACK",
    NULL },
  { "syn-fin", "SF 0:0(0)", "R. " SEQ_0 " ack 2", NULL, "CLOSED_NO_ACK", NULL },
  { "fin", "F 5:5(0)", "R. " SEQ_0 " ack 6", NULL, "CLOSED_NO_ACK", NULL },
  { "null", "none 5:5(0)", "R. " SEQ_0 " ack 5", NULL, "CLOSED_NO_ACK", NULL },
  { "xmas", "FPU 5:5(0) urg 1", "R. " SEQ_0 " ack 6", NULL, "CLOSED_NO_ACK",
    NULL },
  { "ack", ". 5:5(0) ack 9", "R 9:9(0) win 0", NULL, "CLOSED_ACK", NULL },
  { "syn-ack", "S. 0:0(0) ack 9", "R 9:9(0)", NULL, "CLOSED_ACK", NULL },
  { "fin-ack", "F. 5:5(0) ack 9", "R 9:9(0)", NULL, "CLOSED_ACK", NULL },
  { "text", "P. 5:15(10) ack 9", "R 9:9(0)", NULL, "CLOSED_ACK", NULL },
};

/* 3.10.7.2: RST, then ACK, then SYN; "you are unlikely to get here, but if you
 * do, drop the segment". */
static const ArrivesRow in_listen[] = {
  { "rst", "R 0:0(0)", NULL, NULL, "LISTEN_RST", NULL },
  { "rst-ack", "R. 0:0(0) ack 9", NULL, NULL, "LISTEN_RST", NULL },
  { "syn-rst", "SR 0:0(0)", NULL, NULL, "LISTEN_RST", NULL },
  { "syn-fin-rst", "SFR 0:0(0)", NULL, NULL, "LISTEN_RST", NULL },
  { "ack", ". 5:5(0) ack 9", "R 9:9(0) win 0", NULL, "LISTEN_ACK", NULL },
  { "syn-ack", "S. 0:0(0) ack 9", "R 9:9(0)", NULL, "LISTEN_ACK", NULL },
  { "fin-ack", "F. 5:5(0) ack 9", "R 9:9(0)", NULL, "LISTEN_ACK", NULL },
  { "text", "P. 5:15(10) ack 9", "R 9:9(0)", NULL, "LISTEN_ACK", NULL },
  { "syn", "S 0:0(0) <mss 1460>", "S. 0:0(0) ack 1 win 65535 <mss 1460>",
    "SYN-RECEIVED", "LISTEN_SYN", NULL },
  { "syn-text", "S 0:10(10)", "S. 0:0(0) ack 1 win 65535 <mss 1460>",
    "SYN-RECEIVED", "LISTEN_SYN", NULL },
  { "syn-fin", "SF 0:0(0)", "S. 0:0(0) ack 1 win 65535 <mss 1460>",
    "SYN-RECEIVED", "LISTEN_SYN", NULL },
  { "syn-fin-psh", "SFP 0:10(10)", "S. 0:0(0) ack 1 <mss 1460>", "SYN-RECEIVED",
    "LISTEN_SYN", NULL },
  { "syn-urg", "SU 0:0(0) urg 5", "S. 0:0(0) ack 1 <mss 1460>", "SYN-RECEIVED",
    "LISTEN_SYN", NULL },
  { "fin", "F 5:5(0)", NULL, NULL, "LISTEN_OTHER", NULL },
  { "null", "none 5:5(0)", NULL, NULL, "LISTEN_OTHER", NULL },
  { "xmas", "FPU 5:5(0) urg 1", NULL, NULL, "LISTEN_OTHER", NULL },
  { "text-without-ack", "P 5:15(10)", NULL, NULL, "LISTEN_OTHER", NULL },
};

/* 3.10.7.3: "If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset (unless the
 * RST bit is set ...)". */
static const ArrivesRow in_syn_sent[] = {
  { "ack-at-iss", ". 0:0(0) ack 0", "R 0:0(0) win 0", NULL, "SYN_SENT_BAD_ACK",
    NULL },
  { "ack-beyond-snd-nxt", ". 0:0(0) ack 2", "R 2:2(0)", NULL,
    "SYN_SENT_BAD_ACK", NULL },
  { "syn-ack-at-iss", "S. 0:0(0) ack 0", "R 0:0(0)", NULL, "SYN_SENT_BAD_ACK",
    NULL },
  { "syn-ack-beyond-snd-nxt", "S. 0:0(0) ack 2", "R 2:2(0)", NULL,
    "SYN_SENT_BAD_ACK", NULL },
  { "fin-ack-old", "F. 0:0(0) ack -5", "R -5:-5(0)", NULL, "SYN_SENT_BAD_ACK",
    NULL },
  { "rst-ack-at-iss", "R. 0:0(0) ack 0", NULL, NULL, "SYN_SENT_BAD_ACK", NULL },
  { "rst-ack-beyond-snd-nxt", "R. 0:0(0) ack 2", NULL, NULL, "SYN_SENT_BAD_ACK",
    NULL },
  { "rst-ack", "R. 0:0(0) ack 1", NULL, "CLOSED", "SYN_SENT_RST",
    "ECONNREFUSED" },
  { "syn-rst-ack", "SR. 0:0(0) ack 1", NULL, "CLOSED", "SYN_SENT_RST",
    "ECONNREFUSED" },
  { "rst", "R 0:0(0)", NULL, NULL, "SYN_SENT_RST_NO_ACK", NULL },
  { "syn-rst", "SR 0:0(0)", NULL, NULL, "SYN_SENT_RST_NO_ACK", NULL },
  { "syn", "S 0:0(0) <mss 1460>", "S. 0:0(0) ack 1 win 65535 <mss 1460>",
    "SYN-RECEIVED", "SYN_SENT_SYN", NULL },
  { "syn-fin", "SF 0:0(0)", "S. 0:0(0) ack 1 win 65535 <mss 1460>",
    "SYN-RECEIVED", "SYN_SENT_SYN", NULL },
  { "syn-ack", "S. 0:0(0) ack 1", ". 1:1(0) ack 1 win 65535", "ESTABLISHED",
    "SYN_SENT_SYN_ACK", NULL },
  { "syn-ack-text", "S. 0:10(10) ack 1", ". 1:1(0) ack 11 win 65525",
    "ESTABLISHED", "SYN_SENT_SYN_ACK", NULL },
  { "syn-fin-ack", "SF. 0:0(0) ack 1", ". 1:1(0) ack 2", "CLOSE-WAIT",
    "SYN_SENT_SYN_ACK", NULL },
  { "syn-fin-ack-text", "SF. 0:10(10) ack 1", ". 1:1(0) ack 12", "CLOSE-WAIT",
    "SYN_SENT_SYN_ACK", NULL },
  { "ack", ". 0:0(0) ack 1", NULL, NULL, "SYN_SENT_OTHER", NULL },
  { "fin-ack", "F. 0:0(0) ack 1", NULL, NULL, "SYN_SENT_OTHER", NULL },
  { "text", "P. 0:10(10) ack 1", NULL, NULL, "SYN_SENT_OTHER", NULL },
  { "fin", "F 0:0(0)", NULL, NULL, "SYN_SENT_OTHER", NULL },
  { "null", "none 0:0(0)", NULL, NULL, "SYN_SENT_OTHER", NULL },
  { "xmas", "FPU 0:0(0) urg 1", NULL, NULL, "SYN_SENT_OTHER", NULL },
};

void add_arrives_tests(void)
{
  add_arrives_rows("CLOSED", in_closed, G_N_ELEMENTS(in_closed));
  add_arrives_rows("LISTEN", in_listen, G_N_ELEMENTS(in_listen));
  add_arrives_rows("SYN-SENT", in_syn_sent, G_N_ELEMENTS(in_syn_sent));
}
