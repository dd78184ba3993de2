/* Which packets belong together, what became of each, numbers relative to
 * where each end began. */

#include "record.h"

#include <glib.h>

#include "told.h"

#define MS SIM_MILLISECOND

/* Just below the wrap, so that it is crossed. */
#define C_ISN 0xfffffffeu
#define S_ISN 0xffffff00u

static void set_up(Told *it, const void *unused)
{
  (void)unused;
  told_init(it);
}

static void tear_down(Told *it, const void *unused)
{
  (void)unused;
  told_clear(it);
}

static RecordPacket *row(const Told *it, guint number)
{
  g_assert_cmpuint(number, <=, it->run.record->packets->len);
  return it->run.record->packets->pdata[number - 1];
}

static void handshake(Told *it)
{
  told_state(it, CLIENT, TCP_CLOSED, TCP_SYN_SENT, C_ISN, 0);
  told_crossing(it, CLIENT, told_segment(it, CLIENT, "S", C_ISN, 0, 0), MS);
  told_state(it, SERVER, TCP_LISTEN, TCP_SYN_RECEIVED, S_ISN, C_ISN);
  told_crossing(it, SERVER, told_segment(it, SERVER, "S.", S_ISN, C_ISN + 1, 0),
                MS);
  told_state(it, CLIENT, TCP_SYN_SENT, TCP_ESTABLISHED, C_ISN, S_ISN);
  told_crossing(it, CLIENT,
                told_segment(it, CLIENT, ".", C_ISN + 1, S_ISN + 1, 0), MS);
  told_state(it, SERVER, TCP_SYN_RECEIVED, TCP_ESTABLISHED, S_ISN, C_ISN);
}

static void assert_numbers(const RecordPacket *packet, int64_t seq,
                           int64_t seq_end, int64_t ack)
{
  g_assert_cmpint(packet->seq, ==, seq);
  g_assert_cmpint(packet->seq_end, ==, seq_end);
  g_assert_cmpint(packet->ack, ==, ack);
}

static void numbers_are_relative_across_the_wrap(Told *it, const void *unused)
{
  (void)unused;
  handshake(it);
  told_crossing(it, CLIENT,
                told_segment(it, CLIENT, "P.", C_ISN + 1, S_ISN + 1, 100), MS);
  told_crossing(it, SERVER,
                told_segment(it, SERVER, "F.", S_ISN + 1, C_ISN + 101, 0), MS);
  assert_numbers(row(it, 1), 0, 1, -1);
  assert_numbers(row(it, 2), 0, 1, 1);
  assert_numbers(row(it, 3), 1, 1, 1);
  assert_numbers(row(it, 4), 1, 101, 1);
  assert_numbers(row(it, 5), 1, 2, 101);
  g_assert_cmpuint(row(it, 4)->payload, ==, 100);
  g_assert_cmpstr(row(it, 4)->from, ==, "client");
  g_assert_cmpstr(row(it, 4)->to, ==, "server");
  g_assert_cmpuint(row(it, 4)->from_end, ==, 0);
  g_assert_cmpuint(row(it, 5)->from_end, ==, 1);
}

static void numbers_go_on_past_4_gib(Told *it, const void *unused)
{
  const RecordPacket *last = NULL;

  (void)unused;
  handshake(it);
  for (uint32_t i = 0; i < 5; i++) {
    NetPacket *packet =
        told_segment(it, CLIENT, ".", C_ISN + 1 + i * 0x40000000u, 0, 1);

    told_packet(it, NET_TRACE_SENT, CLIENT, packet);
    last = row(it, it->run.record->packets->len);
  }
  g_assert_cmpint(last->seq, ==, INT64_C(0x100000001));
}

static void an_old_duplicate_belongs_to_the_conversation_of_now(
    Told *it, const void *unused)
{
  NetPacket *old = told_segment(it, CLIENT, "F.", C_ISN - 50, 0, 0);

  (void)unused;
  handshake(it);
  old->flags |= NET_PACKET_INJECTED;
  told_packet(it, NET_TRACE_RECEIVED, SERVER, old);
  told_packet(it, NET_TRACE_DELIVERED, SERVER, old);
  g_assert_cmpuint(it->run.record->conversations->len, ==, 1);
  g_assert_true(row(it, 4)->injected);
  g_assert_cmpint(row(it, 4)->seq, ==, -50);
  g_assert_cmpstr(row(it, 4)->from, ==, "client");
  g_assert_cmpint(row(it, 4)->fate, ==, RECORD_DELIVERED);
}

/* As tcpdump prints a conversation that it did not see begin. */
static void without_a_syn_the_first_number_is_0(Told *it, const void *unused)
{
  (void)unused;
  told_packet(it, NET_TRACE_SENT, CLIENT,
              told_segment(it, CLIENT, "P.", 5000, 7000, 10));
  told_packet(it, NET_TRACE_SENT, SERVER,
              told_segment(it, SERVER, ".", 7000, 5010, 0));
  assert_numbers(row(it, 1), 0, 10, 1);
  assert_numbers(row(it, 2), 1, 1, 10);
}

static void a_forged_syn_does_not_move_the_beginning(Told *it,
                                                     const void *unused)
{
  NetPacket *forged = told_segment(it, CLIENT, "S", 12345, 0, 0);

  (void)unused;
  handshake(it);
  forged->flags |= NET_PACKET_INJECTED;
  told_packet(it, NET_TRACE_RECEIVED, SERVER, forged);
  told_packet(it, NET_TRACE_SENT, CLIENT,
              told_segment(it, CLIENT, ".", C_ISN + 1, S_ISN + 1, 0));
  assert_numbers(row(it, 5), 1, 1, 1);
}

/* TIME-WAIT at the client; the server is closed and then opens actively on
 * the same ports: the client's last state belongs to the first conversation. */
static void a_pair_used_again_is_a_new_conversation(Told *it,
                                                    const void *unused)
{
  const RecordState *state;

  (void)unused;
  handshake(it);
  told_state(it, CLIENT, TCP_ESTABLISHED, TCP_TIME_WAIT, C_ISN, S_ISN);
  told_state(it, SERVER, TCP_ESTABLISHED, TCP_CLOSED, S_ISN, C_ISN);
  told_at(it, 10 * MS);
  told_state(it, SERVER, TCP_CLOSED, TCP_SYN_SENT, 100, 0);
  told_crossing(it, SERVER, told_segment(it, SERVER, "S", 100, 0, 0), MS);
  told_state(it, CLIENT, TCP_TIME_WAIT, TCP_CLOSED, C_ISN, S_ISN);
  state = it->run.record->states->pdata[it->run.record->states->len - 1];
  g_assert_cmpuint(state->conversation->number, ==, 1);
  told_state(it, CLIENT, TCP_LISTEN, TCP_SYN_RECEIVED, 900, 100);
  state = it->run.record->states->pdata[it->run.record->states->len - 1];
  g_assert_cmpuint(state->conversation->number, ==, 2);
  g_assert_cmpuint(state->end, ==, 1);
  g_assert_cmpuint(row(it, 4)->conversation->number, ==, 2);
  assert_numbers(row(it, 4), 0, 1, -1);
  g_assert_cmpuint(row(it, 1)->conversation->number, ==, 1);
}

/* Nothing told of the new incarnation before the SYN came: the row moves. */
static void an_accepted_syn_moves_to_the_conversation_it_opens(
    Told *it, const void *unused)
{
  NetPacket *syn = told_segment(it, CLIENT, "S", 77, 0, 0);

  (void)unused;
  handshake(it);
  told_state(it, SERVER, TCP_ESTABLISHED, TCP_CLOSED, S_ISN, C_ISN);
  syn->flags |= NET_PACKET_INJECTED;
  told_packet(it, NET_TRACE_DELIVERED, SERVER, syn);
  g_assert_cmpuint(row(it, 4)->conversation->number, ==, 1);
  told_state(it, SERVER, TCP_LISTEN, TCP_SYN_RECEIVED, 900, 77);
  g_assert_cmpuint(row(it, 4)->conversation->number, ==, 2);
  g_assert_cmpuint(row(it, 4)->from_end, ==, 0);
  assert_numbers(row(it, 4), 0, 1, -1);
}

static void a_passive_end_that_forgot_stays_in_its_conversation(
    Told *it, const void *unused)
{
  (void)unused;
  told_state(it, CLIENT, TCP_CLOSED, TCP_SYN_SENT, C_ISN, 0);
  told_crossing(it, CLIENT, told_segment(it, CLIENT, "S", C_ISN, 0, 0), MS);
  told_state(it, SERVER, TCP_LISTEN, TCP_SYN_RECEIVED, 1, C_ISN);
  told_state(it, SERVER, TCP_SYN_RECEIVED, TCP_CLOSED, 1, C_ISN);
  told_crossing(it, CLIENT, told_segment(it, CLIENT, "S", C_ISN, 0, 0), MS);
  told_state(it, SERVER, TCP_LISTEN, TCP_SYN_RECEIVED, 2, C_ISN);
  g_assert_cmpuint(it->run.record->conversations->len, ==, 1);
}

static void states_know_what_caused_them(Told *it, const void *unused)
{
  const RecordState *state;

  (void)unused;
  handshake(it);
  state = it->run.record->states->pdata[1];
  g_assert_cmpint(state->state, ==, TCP_SYN_RECEIVED);
  g_assert_true(state->packet == row(it, 1));
  g_assert_cmpint(state->from, ==, MS);
  g_assert_cmpint(state->to, ==, 3 * MS);
  g_assert_cmpint(row(it, 1)->receiver_after, ==, TCP_SYN_RECEIVED);
  state = it->run.record->states->pdata[0];
  g_assert_null(state->packet);
  told_at(it, 9 * MS);
  told_state(it, SERVER, TCP_ESTABLISHED, TCP_FIN_WAIT_1, S_ISN, C_ISN);
  state = it->run.record->states->pdata[4];
  g_assert_null(state->packet);
  record_finish(it->run.record);
  g_assert_true(state->final);
  g_assert_cmpint(state->to, ==, 9 * MS);
}

static void a_lost_packet_says_why(Told *it, const void *unused)
{
  NetPacket *packet = told_segment(it, CLIENT, "S", 1, 0, 0);

  (void)unused;
  told_packet(it, NET_TRACE_SENT, CLIENT, packet);
  g_assert_cmpint(row(it, 1)->fate, ==, RECORD_PENDING);
  told_at(it, MS);
  told_dropped(it, CLIENT, packet, "the link lost it");
  g_assert_cmpint(row(it, 1)->fate, ==, RECORD_DROPPED);
  g_assert_cmpint(row(it, 1)->gone, ==, MS);
  g_assert_cmpint(row(it, 1)->received, ==, SIM_TIME_NEVER);
  g_assert_cmpstr(row(it, 1)->reason, ==, "the link lost it");
  g_assert_cmpstr(row(it, 1)->drop_rule, ==, "loss");
}

static void a_duplicate_is_a_row_and_a_flooded_copy_is_not(Told *it,
                                                           const void *unused)
{
  NetPacket *packet = told_segment(it, CLIENT, "S", 1, 0, 0);
  NetPacket *flooded = net_packet_copy(packet, &it->owner);
  NetPacket *duplicate = net_packet_copy(packet, &it->owner);

  (void)unused;
  duplicate->flags |= NET_PACKET_DUPLICATE;
  told_packet(it, NET_TRACE_SENT, CLIENT, packet);
  told_packet(it, NET_TRACE_SENT, SERVER, flooded);
  told_packet(it, NET_TRACE_DUPLICATED, CLIENT, duplicate);
  g_assert_cmpuint(it->run.record->packets->len, ==, 2);
  told_dropped(it, CLIENT, packet, "not for us");
  g_assert_cmpint(row(it, 1)->fate, ==, RECORD_PENDING);
  told_packet(it, NET_TRACE_DELIVERED, SERVER, flooded);
  g_assert_cmpint(row(it, 1)->fate, ==, RECORD_DELIVERED);
  g_assert_cmpuint(row(it, 1)->hops, ==, 2);
  g_assert_true(row(it, 2)->duplicate);
  net_packet_free(flooded);
  net_packet_free(duplicate);
}

static void a_header_that_cannot_be_read_has_ends_all_the_same(
    Told *it, const void *unused)
{
  NetPacket *packet = told_segment(it, CLIENT, "SF", 1, 0, 0);

  (void)unused;
  packet->head[packet->l4 + 12] = 0x40; /* a data offset of 16 bytes */
  told_packet(it, NET_TRACE_SENT, CLIENT, packet);
  g_assert_true(row(it, 1)->malformed);
  g_assert_cmpstr(row(it, 1)->protocol, ==, "tcp");
  g_assert_nonnull(row(it, 1)->conversation);
  g_assert_cmpuint(row(it, 1)->segment.flags, ==, TCP_SYN | TCP_FIN);
  packet = told_segment(it, CLIENT, "S", 1, 0, 0);
  packet->head_length = (uint16_t)(packet->l4 + 3);
  told_packet(it, NET_TRACE_SENT, CLIENT, packet);
  g_assert_null(row(it, 2)->conversation);
  packet = told_segment(it, CLIENT, "S", 1, 0, 0);
  packet->head_length = packet->l3 = packet->l4 = 0;
  told_packet(it, NET_TRACE_SENT, CLIENT, packet);
  g_assert_cmpstr(row(it, 3)->protocol, ==, "other");
}

static void a_verdict_is_about_its_packet(Told *it, const void *unused)
{
  NetPacket *packet = told_segment(it, CLIENT, ".", C_ISN + 1, S_ISN + 1, 9);
  const RecordEvent *event;

  (void)unused;
  handshake(it);
  told_crossing(it, CLIENT, packet, MS);
  told_verdict(it, SERVER, packet, TCP_ESTABLISHED, TCP_RULE_NONE);
  g_assert_cmpint(row(it, 4)->receiver_before, ==, TCP_ESTABLISHED);
  g_assert_cmpint(row(it, 4)->receiver_after, ==, TCP_ESTABLISHED);
  event = it->run.record->events->pdata[it->run.record->events->len - 1];
  g_assert_cmpint(event->kind, ==, RECORD_VERDICT);
  g_assert_true(event->packet == row(it, 4));
  g_assert_cmpstr(event->host, ==, "server");
  g_assert_cmpuint(event->end, ==, 1);
}

#define TOLD(name, test) \
  g_test_add("/record/" name, Told, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  TOLD("numbers-are-relative-across-the-wrap",
       numbers_are_relative_across_the_wrap);
  TOLD("numbers-go-on-past-4-gib", numbers_go_on_past_4_gib);
  TOLD("an-old-duplicate-belongs-to-the-conversation-of-now",
       an_old_duplicate_belongs_to_the_conversation_of_now);
  TOLD("without-a-syn-the-first-number-is-0",
       without_a_syn_the_first_number_is_0);
  TOLD("a-forged-syn-does-not-move-the-beginning",
       a_forged_syn_does_not_move_the_beginning);
  TOLD("a-pair-used-again-is-a-new-conversation",
       a_pair_used_again_is_a_new_conversation);
  TOLD("an-accepted-syn-moves-to-the-conversation-it-opens",
       an_accepted_syn_moves_to_the_conversation_it_opens);
  TOLD("a-passive-end-that-forgot-stays-in-its-conversation",
       a_passive_end_that_forgot_stays_in_its_conversation);
  TOLD("states-know-what-caused-them", states_know_what_caused_them);
  TOLD("a-lost-packet-says-why", a_lost_packet_says_why);
  TOLD("a-duplicate-is-a-row-and-a-flooded-copy-is-not",
       a_duplicate_is_a_row_and_a_flooded_copy_is_not);
  TOLD("a-header-that-cannot-be-read-has-ends-all-the-same",
       a_header_that_cannot_be_read_has_ends_all_the_same);
  TOLD("a-verdict-is-about-its-packet", a_verdict_is_about_its_packet);
  return g_test_run();
}
