/* Profiles: named sets of knobs. A difference between stacks is data here,
 * never an `if` in input or output.
 *
 * Each begins with the defaults of knobs.def, which are rfc9293, and says what
 * is different. */
#include <glib.h>
#include <string.h>

#include "knobs.h"

/* that the second initialiser of a field holds is the idea of this table */
#pragma GCC diagnostic ignored "-Woverride-init"

static const TcpProfile profiles[] = {
  { "rfc9293",
    "the standard and its companions, word for word",
    {
#define KNOB(name, kind, initial, low, high, sentence) .name = initial,
#include "knobs.def"
#undef KNOB
    } },
  { "linux",
    "Linux 6.18 with its settings at their defaults, as measured",
    {
#define KNOB(name, kind, initial, low, high, sentence) .name = initial,
#include "knobs.def"
#undef KNOB
        /* opening */
        .syn_retries = 6,
        .syn_linear = 4,
        .synack_retries = 5,
        .syn_text = 0,
        .drop_syn_fin = 1,
        .syn_again = 8 * SIM_MILLISECOND,
        .offer_again = 1,
        .syn_again_alone = 1,
        .shutdown_ends_opening = 1,
        .window_scale = 10,
        .option_layout = 1,
        .small_records = 1,
        .ephemeral_low = 32768,
        .ephemeral_high = 60999,
        .backlog = 4096,
        .backlog_loose = 1,
        .connect_told = 1,
        .unopened_is_broken = 1,
        /* buffers */
        .receive_buffer = 64240,
        .window_round_up = 1,
        .send_buffer = 8192,
        .send_buffer_most = 2 << 20,
        .send_overhead = 832,
        /* acknowledging */
        .delayed_ack = 40 * SIM_MILLISECOND,
        .delayed_ack_first = 4 * SIM_MILLISECOND,
        .delay_fin_ack = 1,
        .fin_ack_full = 1,
        .read_acks = 1,
        .window_doubles = 1,
        .push_written = 1,
        .nagle_small = 1,
        .sack_numbers = 1,
        .window_by_news = 1,
        .quick_acks = 16,
        .pingpong = 1,
        .urgent_apart = 1,
        /* arriving segments */
        .loose_options = 1,
        .header_prediction = 1,
        .flags_first = 1,
        .loose_window = 1,
        .paws_slack = 1,
        .paws_silent = 1,
        .timestamps_required = 0,
        .ack_bound_acked = 1,
        .syn_ack_loose = 1,
        .text_after_fin = 1,
        .reset_at_fin = 1,
        .reset_errors = 2,
        .reset_on_shut = 1,
        .shut_keeps_text = 1,
        /* retransmission */
        .rto_min = SIM_MILLISECOND,
        .rto_from_syn_echo = 1,
        .rto_variance_min = 200 * SIM_MILLISECOND,
        .rto_peaks = 1,
        .rto_max = 120 * SIM_SECOND,
        .persist_max = 120 * SIM_SECOND,
        .probe_empty = 1,
        .orphan_probes_end = 1,
        .retries = 15,
        .retries_are_time = 1,
        .patience_from_retry = 1,
        .orphan_retries = 8,
        .frto = 1,
        .rack = 1,
        .tail_loss_probe = 1,
        .tail_loss_ack_delay = 200 * SIM_MILLISECOND,
        .detection_slack = 6 * SIM_MILLISECOND,
        .undo = 1,
        /* congestion */
        .congestion = 1,
        .cubic_linux = 1,
        .hystart_detect = 3,
        .pacing_burst = 2,
        .initial_window = 10,
        .syn_repeats_free = 1,
        .slow_start_limit = 0,
        .window_validation = 1,
        .count_delivered = 1,
        .loss_from_window = 1,
        .prr = 1,
        .ecn = 2,
        /* ending */
        .msl = 30 * SIM_SECOND,
        .fin_wait_2_timeout = 60 * SIM_SECOND,
        .reuse_isn_step = 65537,
        .time_wait_reopen = 1,
        .time_wait_unavailable = 1,
        .time_wait_ports = 2,
        .reuse_address = 0,
        .reset_acks = 1,
        .end_before_error = 1,
        .linger_ends_time_wait = 0,
        .linger_told = 0,
        .keepalive_user_timeout = 1,
        /* attacks */
        .challenge_ack_limit = INT32_MAX,
        .icmp_may_reset = 3,
        .answer_interval = 500 * SIM_MILLISECOND,
    } },
  { "freebsd",
    "FreeBSD",
    {
#define KNOB(name, kind, initial, low, high, sentence) .name = initial,
#include "knobs.def"
#undef KNOB
        /* opening */
        .mss_at_once = 1,
        .path_mss = 1,
        .reply_service = 1,
        .r2_syn = 75 * SIM_SECOND,
        .syn_text = 2,
        .ignore_syn_ack = 1,
        .option_layout = 2,
        .ephemeral_low = 10000,
        /* buffers */
        .receive_buffer = 65536,
        .send_buffer = 32768,
        .buffer_limit = 2 << 20,
        .window_round_up = 1,
        .whole_segments = 1,
        /* acknowledging */
        .delayed_ack = 40 * SIM_MILLISECOND,
        .delayed_ack_once = 1,
        .window_quarters = 1,
        .nagle_burst = 1,
        .dsack_at_once = 1,
        /* arriving segments */
        .loose_options = 1,
        .old_acks = 1,
        .reset_errors = 1,
        .fin_again = 1,
        /* retransmission */
        .rto_min = 30 * SIM_MILLISECOND,
        .rto_slop = 200 * SIM_MILLISECOND,
        .initial_window = 10,
        .ecn = 2,
        .ecn_syn_retries = 1,
        /* ending */
        .msl = 30 * SIM_SECOND,
        .fin_wait_2_timeout = 60 * SIM_SECOND,
        .fin_wait_2_fast = 0,
        .ignore_reset_in_time_wait = 1,
        .time_wait_terse = 1,
        .reset_acks = 2,
        .keepalive = 1,
        .keepalive_count = 8,
        /* attacks */
        .challenge_ack_limit = 1000,
        .icmp_may_reset = 2,
        .challenge_ack_interval = SIM_SECOND,
    } },
};

const TcpProfile *tcp_profile(unsigned index)
{
  return index < G_N_ELEMENTS(profiles) ? &profiles[index] : NULL;
}

const TcpProfile *tcp_profile_find(const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS(profiles); i++)
    if (strcmp(profiles[i].name, name) == 0)
      return &profiles[i];
  return NULL;
}
