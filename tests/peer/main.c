/* All tests against the scripted peer, and at their end the question which
 * rules of rules.def none of them has met. */
#include "peer.h"

static void test_every_rule_is_reached(void)
{
  const bool *met = peer_rules_met();

  for (int rule = TCP_RULE_NONE + 1; rule < TCP_RULES; rule++)
    if (!met[rule]) {
      g_test_message("not reached: %s (%s): %s", tcp_rule_id((TcpRule)rule),
                     tcp_rule_section((TcpRule)rule),
                     tcp_rule_sentence((TcpRule)rule));
      g_test_fail();
    }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  add_arrives_tests();
  add_arrives_opening_tests();
  add_arrives_open_tests();
  add_arrives_closing_tests();
  add_close_order_tests();
  add_close_once_tests();
  add_time_wait_tests();
  add_opening_tests();
  add_options_tests();
  add_forged_tests();
  add_requirements_tests();
  add_records_tests();
  add_retransmission_tests();
  add_congestion_tests();
  add_rate_tests();
  add_prr_tests();
  add_cubic_tests();
  add_rack_tests();
  add_tail_loss_probe_tests();
  add_frto_tests();
  add_hystart_tests();
  add_pace_tests();
  add_ecn_tests();
  add_sack_tests();
  add_scoreboard_tests();
  add_window_tests();
  add_text_tests();
  add_path_mtu_tests();
  add_paws_tests();
  add_attacks_tests();
  add_icmp_tests();
  add_keepalive_tests();
  add_why_tests();
  add_crossing_tests();
  add_calls_tests();
  add_linux_giving_up_tests();
  add_linux_ending_tests();
  add_linux_acks_tests();
  add_linux_fin_ack_tests();
  add_linux_opening_tests();
  add_linux_probing_tests();
  add_linux_cubic_tests();
  add_linux_recovery_tests();
  add_linux_undo_tests();
  add_in_udp_tests();
  add_freebsd_tests();
  add_freebsd_settings_tests();
  add_sysctl_tests();
  add_sockopt_tests();
  add_sockopt_opening_tests();
  add_sockopt_info_tests();
  /* behind all others, in a suite of its own */
  g_test_add_func("/peer-rules/every-rule-is-reached",
                  test_every_rule_is_reached);
  return g_test_run();
}
