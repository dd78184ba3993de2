/* What the SYNs agree on: MSS, window scale, timestamps; and the initial
 * sequence number. */
#include "peer.h"

#include <string.h>

typedef struct OptionsRow {
  const char *name;
  int scaling, timestamps; /* the host's knobs */
  const char *syn, *syn_ack;
  const char *data; /* the host's ten bytes afterwards */
} OptionsRow;

#define OFFERS_NONE "S 0:0(0) <mss 1460>"
#define OFFERS_SCALE "S 0:0(0) <mss 1460,wscale 2>"
#define OFFERS_TS "S 0:0(0) <mss 1460,TS val 7 ecr 0>"
#define OFFERS_BOTH "S 0:0(0) <mss 1460,TS val 7 ecr 0,wscale 2>"
#define TAKES_NONE "S. 0:0(0) ack 1 win 65535 <mss 1460>"
#define TAKES_SCALE "S. 0:0(0) ack 1 win 65535 <mss 1460,wscale 0>"
#define TAKES_TS "S. 0:0(0) ack 1 win 65535 <mss 1460,TS val 0 ecr 7>"
#define TAKES_BOTH \
  "S. 0:0(0) ack 1 win 65535 <mss 1460,TS val 0 ecr 7,wscale 0>"
#define DATA "P. 1:11(10) ack 1"
#define DATA_TS "P. 1:11(10) ack 1 <TS val 0 ecr 7>"

static const OptionsRow passives[] = {
  { "none-wanted-none-offered", 0, 0, OFFERS_NONE, TAKES_NONE, DATA },
  { "none-wanted-scale-offered", 0, 0, OFFERS_SCALE, TAKES_NONE, DATA },
  { "none-wanted-ts-offered", 0, 0, OFFERS_TS, TAKES_NONE, DATA },
  { "none-wanted-both-offered", 0, 0, OFFERS_BOTH, TAKES_NONE, DATA },
  { "scale-wanted-none-offered", 1, 0, OFFERS_NONE, TAKES_NONE, DATA },
  { "scale-wanted-scale-offered", 1, 0, OFFERS_SCALE, TAKES_SCALE, DATA },
  { "scale-wanted-ts-offered", 1, 0, OFFERS_TS, TAKES_NONE, DATA },
  { "scale-wanted-both-offered", 1, 0, OFFERS_BOTH, TAKES_SCALE, DATA },
  { "ts-wanted-none-offered", 0, 1, OFFERS_NONE, TAKES_NONE, DATA },
  { "ts-wanted-scale-offered", 0, 1, OFFERS_SCALE, TAKES_NONE, DATA },
  { "ts-wanted-ts-offered", 0, 1, OFFERS_TS, TAKES_TS, DATA_TS },
  { "ts-wanted-both-offered", 0, 1, OFFERS_BOTH, TAKES_TS, DATA_TS },
  { "both-wanted-none-offered", 1, 1, OFFERS_NONE, TAKES_NONE, DATA },
  { "both-wanted-scale-offered", 1, 1, OFFERS_SCALE, TAKES_SCALE, DATA },
  { "both-wanted-ts-offered", 1, 1, OFFERS_TS, TAKES_TS, DATA_TS },
  { "both-wanted-both-offered", 1, 1, OFFERS_BOTH, TAKES_BOTH, DATA_TS },
};

static void test_passive(gconstpointer data)
{
  const OptionsRow *row = data;
  Peer *t = peer_new(0);

  peer_knob(t, "window_scaling", row->scaling);
  peer_knob(t, "timestamps", row->timestamps);
  user_listens(t);
  peer_sends(t, row->syn);
  host_sends(t, row->syn_ack);
  peer_sends(t, ". 1:1(0) ack 1 win 100 <TS val 7 ecr 0>");
  user_sends(t, 10);
  host_sends(t, row->data);
  number_is(t, "SND.WND", user_status(t).snd.wnd,
            strstr(row->syn_ack, "wscale") ? 400 : 100);
  peer_free(t);
}

#define ASKS_NONE "S 0:0(0) win 65535 <mss 1460>"
#define ASKS_SCALE "S 0:0(0) win 65535 <mss 1460,wscale 0>"
#define ASKS_TS "S 0:0(0) win 65535 <mss 1460,TS val 0 ecr 0>"
#define ASKS_BOTH "S 0:0(0) win 65535 <mss 1460,TS val 0 ecr 0,wscale 0>"
#define GETS_NONE "S. 0:0(0) ack 1 <mss 1460>"
#define GETS_SCALE "S. 0:0(0) ack 1 <mss 1460,wscale 2>"
#define GETS_TS "S. 0:0(0) ack 1 <mss 1460,TS val 7 ecr 0>"
#define GETS_BOTH "S. 0:0(0) ack 1 <mss 1460,TS val 7 ecr 0,wscale 2>"
#define ACK ". 1:1(0) ack 1 win 65535"
#define ACK_TS ". 1:1(0) ack 1 win 65535 <TS val 0 ecr 7>"

/* `syn` is the host's, `syn_ack` the peer's. */
static const OptionsRow actives[] = {
  { "none-asked-none", 0, 0, ASKS_NONE, GETS_NONE, ACK },
  { "none-asked-both", 0, 0, ASKS_NONE, GETS_BOTH, ACK },
  { "scale-asked-none", 1, 0, ASKS_SCALE, GETS_NONE, ACK },
  { "scale-asked-scale", 1, 0, ASKS_SCALE, GETS_SCALE, ACK },
  { "scale-asked-both", 1, 0, ASKS_SCALE, GETS_BOTH, ACK },
  { "ts-asked-none", 0, 1, ASKS_TS, GETS_NONE, ACK },
  { "ts-asked-ts", 0, 1, ASKS_TS, GETS_TS, ACK_TS },
  { "ts-asked-both", 0, 1, ASKS_TS, GETS_BOTH, ACK_TS },
  { "both-asked-none", 1, 1, ASKS_BOTH, GETS_NONE, ACK },
  { "both-asked-scale", 1, 1, ASKS_BOTH, GETS_SCALE, ACK },
  { "both-asked-ts", 1, 1, ASKS_BOTH, GETS_TS, ACK_TS },
  { "both-asked-both", 1, 1, ASKS_BOTH, GETS_BOTH, ACK_TS },
};

static void test_active(gconstpointer data)
{
  const OptionsRow *row = data;
  Peer *t = peer_new(0);
  TcpStatus status;

  peer_knob(t, "window_scaling", row->scaling);
  peer_knob(t, "timestamps", row->timestamps);
  user_connects(t);
  host_sends(t, row->syn);
  peer_sends(t, row->syn_ack);
  host_sends(t, row->data);
  status = user_status(t);
  number_is(t, "SND.WND of the SYN", status.snd.wnd, 65535);
  number_is(t, "shift", status.snd_scale,
            row->scaling && strstr(row->syn_ack, "wscale") ? 2 : 0);
  peer_free(t);
}

/* RFC 7323 2.2: the SYN's own window is never scaled; 2.3: at most 14. */
static void test_scale_of_the_peer(void)
{
  for (int shift = 0; shift <= 16; shift++) {
    g_autofree char *syn =
        g_strdup_printf("S 0:0(0) win 500 <mss 1460,wscale %d>", shift);
    Peer *t = peer_new(0);

    peer_knob(t, "window_scaling", 1);
    user_listens(t);
    peer_sends(t, syn);
    host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460,wscale 0>");
    peer_sends(t, ". 1:1(0) ack 1 win 60000");
    number_is(t, "SND.WND", user_status(t).snd.wnd, 60000 << MIN(shift, 14));
    peer_free(t);
  }
}

/* The shift is the smallest by which the field can hold the buffer. */
static void test_scale_of_the_host(void)
{
  for (int shift = 0; shift <= 14; shift++) {
    g_autofree char *syn =
        g_strdup_printf("S 0:0(0) win 65535 <mss 1460,wscale %d>", shift);
    Peer *t = peer_new(0);

    peer_knob(t, "window_scaling", 1);
    peer_knob(t, "receive_buffer", INT64_C(65535) << shift);
    user_connects(t);
    host_sends(t, syn);
    peer_sends(t, "S. 0:0(0) ack 1 <mss 1460,wscale 0>");
    host_sends(t, ". 1:1(0) ack 1 win 65535");
    peer_free(t);
  }
}

static void test_scale_of_the_host_rounds_up(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "window_scaling", 1);
  peer_knob(t, "receive_buffer", 65536);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,wscale 1>");
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460,wscale 0>");
  host_sends(t, ". 1:1(0) ack 1 win 32768");
  peer_free(t);
}

/* The shift of the SYN is the shift of the connection. */
static void test_scale_stays_as_offered(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "window_scaling", 1);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,wscale 0>");
  user_sets(t, "receive_buffer", 1 << 20);
  host_sends_at(t, S(1), "S 0:0(0) win 65535 <mss 1460,wscale 0>");
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460,wscale 0>");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
  peer_free(t);
}

/* Without scaling on both sides a larger buffer is of no use. */
static void test_scale_refused(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "window_scaling", 1);
  peer_knob(t, "receive_buffer", 1 << 20);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,wscale 5>");
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
  peer_sends(t, "P. 65536:65546(10) ack 1");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
  met(t, "UNACCEPTABLE");
  peer_free(t);
}

typedef struct MssRow {
  const char *name;
  int64_t knob;
  int timestamps;
  const char *syn, *syn_ack, *data;
  const char *data_ipv6; /* NULL: the same */
} MssRow;

/* 3.7.1: the peer's MSS or 536 (1220 over IPv6), what the host itself offers,
 * and options off (RFC 6691). */
static const MssRow sizes[] = {
  { "peer-smaller", 0, 0, "S 0:0(0) <mss 100>", "S. 0:0(0) ack 1 <mss 1460>",
    ". 1:101(100) ack 1", NULL },
  { "peer-larger", 0, 0, "S 0:0(0) <mss 9000>", "S. 0:0(0) ack 1 <mss 1460>",
    ". 1:1461(1460) ack 1", NULL },
  { "peer-silent", 0, 0, "S 0:0(0)", "S. 0:0(0) ack 1 <mss 1460>",
    ". 1:537(536) ack 1", ". 1:1221(1220) ack 1" },
  { "knob", 1000, 0, "S 0:0(0) <mss 1460>", "S. 0:0(0) ack 1 <mss 1000>",
    ". 1:1001(1000) ack 1", NULL },
  { "timestamps", 0, 1, "S 0:0(0) <mss 1460,TS val 7 ecr 0>",
    "S. 0:0(0) ack 1 <mss 1460,TS val 0 ecr 7>",
    ". 1:1449(1448) ack 1 <TS val 0 ecr 7>", NULL },
};

/* MUST-14, MUST-15, MUST-16, MUST-67, SHLD-5, MAY-3 */
static void test_mss(gconstpointer data)
{
  const MssRow *row = data;
  Peer *t = peer_new(0);

  peer_knob(t, "timestamps", row->timestamps);
  peer_knob(t, "mss", row->knob);
  peer_knob(t, "initial_window", 1);
  user_listens(t);
  peer_sends(t, row->syn);
  host_sends(t, row->syn_ack);
  peer_sends(t, ". 1:1(0) ack 1 <TS val 7 ecr 0>");
  user_sends(t, 5000);
  host_sends(t, row->data_ipv6 && peer_family() == NET_IPV6 ? row->data_ipv6
                                                            : row->data);
  peer_free(t);
}

/* 3.4.1: a clock of 4 us, RFC 6528: and a hash of the pair (MUST-8, MUST-9,
 * SHLD-1). */
static void test_isn(void)
{
  Peer *t = peer_new(0);
  uint32_t first, second, other;

  peer_knob(t, "initial_sequence", -1);
  user_connects(t);
  host_sends_something(t);
  first = user_status(t).snd.iss;
  user_aborts(t);
  user_releases(t);
  host_silent(t, S(1));
  user_connects(t);
  host_sends_something(t);
  second = user_status(t).snd.iss;
  user_aborts(t);
  user_releases(t);
  t->port = 5001;
  user_connects(t);
  host_sends_something(t);
  other = user_status(t).snd.iss;
  number_is(t, "numbers in a second", (int32_t)(second - first), 250000);
  if (other == second)
    peer_fail(t, "two pairs have one ISN");
  peer_free(t);
}

void add_options_tests(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(passives); i++) {
    g_autofree char *path =
        g_strdup_printf("/peer/options/passive-%s", passives[i].name);

    g_test_add_data_func(path, &passives[i], test_passive);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(actives); i++) {
    g_autofree char *path =
        g_strdup_printf("/peer/options/active-%s", actives[i].name);

    g_test_add_data_func(path, &actives[i], test_active);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
    g_autofree char *path =
        g_strdup_printf("/peer/options/mss-%s", sizes[i].name);

    g_test_add_data_func(path, &sizes[i], test_mss);
  }
  g_test_add_func("/peer/options/scale-of-peer", test_scale_of_the_peer);
  g_test_add_func("/peer/options/scale-of-host", test_scale_of_the_host);
  g_test_add_func("/peer/options/scale-rounded-up",
                  test_scale_of_the_host_rounds_up);
  g_test_add_func("/peer/options/scale-stays", test_scale_stays_as_offered);
  g_test_add_func("/peer/options/scale-refused", test_scale_refused);
  g_test_add_func("/peer/options/isn", test_isn);
}
