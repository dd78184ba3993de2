/* Plays a dialogue: time, segments, and what must come. Invariant: nothing that
 * the kernel sends goes unseen: it fails at the next step that is not `>`. */

#include "stage.h"

#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
  LATE_US = 30000, /* two ticks, a poll, and a busy machine */
  MTU4 = 1500,
  MTU6 = 1520,     /* segments are as large as over IPv4 */
  PEER_ISS = -384, /* numbers wrap early in a connection */
};

typedef struct {
  Segment segment;
  gint64 at_us;
} Heard;

void stage_fail(Stage *stage, const char *format, ...)
{
  va_list arguments;

  if (stage->trouble->len > 0)
    return;
  va_start(arguments, format);
  g_string_vprintf(stage->trouble, format, arguments);
  va_end(arguments);
}

gint64 stage_late(gint64 nominal_us)
{
  return nominal_us / 8 + LATE_US;
}

StagePair *stage_pair(Stage *stage)
{
  return &stage->pairs[stage->peer_port % STAGE_PEER_PORTS];
}

static void note(Stage *stage, const char *sign, const char *text)
{
  g_string_append_printf(stage->log, "# %10.6f %s %s\n",
                         (double)(lab_now_us() - stage->start_us) / 1e6, sign,
                         text);
}

/* -- what the kernel sends -- */

static void learn(Stage *stage, const Segment *segment)
{
  StagePair *pair = &stage->pairs[segment->peer_port % STAGE_PEER_PORTS];

  if (!pair->known && segment->flags & TH_SYN) {
    pair->known = TRUE;
    pair->base.kernel_iss = segment->seq;
  }
  if (!pair->ts_known && segment->timestamps) {
    pair->ts_known = TRUE;
    pair->base.ts_base =
        segment->tsval - (uint32_t)((lab_now_us() - stage->start_us) / 1000);
  }
}

void stage_pump(Stage *stage)
{
  uint8_t bytes[SEGMENT_ROOM];
  size_t length;

  while ((length = lab_receive(&stage->lab, bytes, sizeof bytes)) > 0) {
    Heard *heard = g_new0(Heard, 1);
    g_autofree char *text = NULL;

    if (!segment_read(&heard->segment, bytes, length)) {
      g_free(heard);
      continue;
    }
    heard->at_us = lab_now_us();
    learn(stage, &heard->segment);
    memcpy(stage->last, bytes, length);
    stage->last_length = length;
    g_queue_push_tail(&stage->heard, heard);
    text = segment_format(
        &heard->segment,
        &stage->pairs[heard->segment.peer_port % STAGE_PEER_PORTS].base, TRUE);
    note(stage, ">", text);
  }
}

/* Until `time_us`, or until something comes. */
static void watch(Stage *stage, gint64 time_us)
{
  gint64 left_us;

  stage_pump(stage);
  while (g_queue_is_empty(&stage->heard) &&
         (left_us = time_us - lab_now_us()) > 0) {
    lab_wait(&stage->lab, (int)(left_us / 1000) + 1);
    stage_pump(stage);
  }
}

static void check_seen(Stage *stage)
{
  const Heard *left = g_queue_peek_head(&stage->heard);
  g_autofree char *text = NULL;

  if (!left)
    return;
  text = segment_format(&left->segment, &stage_pair(stage)->base, TRUE);
  stage_fail(stage, "not expected: %s, %.3f s after the step before", text,
             (double)(left->at_us - stage->at_us) / 1e6);
}

/* Timestamps go by the kernel's clock, which is late as its timers are. */
static void round_timestamp(Segment *got, const Segment *want,
                            const SegmentBase *base)
{
  gint64 ms = want->tsval, late_ms = (int32_t)(got->tsval - base->ts_base) - ms;

  if (got->timestamps && want->timestamps &&
      late_ms >= -STAGE_EARLY_US / 1000 &&
      late_ms <= stage_late(ms * 1000) / 1000)
    got->tsval = base->ts_base + (uint32_t)ms;
}

static void expect(Stage *stage, const DialogueStep *step)
{
  const SegmentBase *base;
  gint64 late_us = stage_late(step->after_us), took_us;
  g_autofree Heard *heard = NULL;
  g_autofree char *got = NULL;
  Segment want;

  watch(stage, stage->at_us + step->after_us + late_us);
  heard = g_queue_pop_head(&stage->heard);
  base = &stage_pair(stage)->base;
  if (!heard) {
    stage_fail(stage, "expected %s, and nothing came", step->rest);
    return;
  }
  if (segment_parse(step->rest, base, &want))
    round_timestamp(&heard->segment, &want, base);
  got = segment_format(&heard->segment, base,
                       strstr(step->rest, " win ") != NULL);
  took_us = heard->at_us - stage->at_us;
  if (*step->rest && strcmp(got, step->rest) != 0)
    stage_fail(stage, "expected %s, got %s after %.3f s", step->rest, got,
               (double)took_us / 1e6);
  else if (took_us < step->after_us - STAGE_EARLY_US ||
           took_us > step->after_us + late_us)
    stage_fail(stage, "%s came after %.3f s, not %.3f s", got,
               (double)took_us / 1e6, (double)step->after_us / 1e6);
  stage->at_us = heard->at_us;
}

/* -- what the peer sends -- */

static void say(Stage *stage, const DialogueStep *step)
{
  uint8_t bytes[SEGMENT_ROOM];
  Segment segment;

  if (!segment_parse(step->rest, &stage_pair(stage)->base, &segment)) {
    stage_fail(stage, "this is not notation: %s", step->rest);
    return;
  }
  note(stage, "<", step->rest);
  segment.peer_port = stage->peer_port;
  segment.kernel_port = STAGE_KERNEL_PORT;
  segment.ipv6 = stage->lab.ipv6;
  lab_send(&stage->lab, bytes, segment_write(&segment, bytes));
  stage_pump(stage);
}

static void say_icmp(Stage *stage, const DialogueStep *step)
{
  uint8_t bytes[SEGMENT_ROOM];
  unsigned type, code;

  if (sscanf(step->rest, "%u %u", &type, &code) != 2 ||
      stage->last_length == 0) {
    stage_fail(stage, "nothing to send an error about, or no type and code");
    return;
  }
  note(stage, "< ICMP", step->rest);
  lab_send(&stage->lab, bytes,
           segment_write_icmp((uint8_t)type, (uint8_t)code, stage->last,
                              stage->last_length, bytes));
  stage_pump(stage);
}

/* -- steps -- */

static void play_step(Stage *stage, const DialogueStep *step)
{
  if (strcmp(step->verb, ">") == 0) {
    expect(stage, step);
    return;
  }
  if (step->timed)
    watch(stage, stage->at_us + step->after_us);
  else
    stage_pump(stage);
  check_seen(stage);
  if (stage->trouble->len > 0)
    return;
  stage->at_us = step->timed ? stage->at_us + step->after_us : lab_now_us();
  if (strcmp(step->verb, "<") == 0)
    say(stage, step);
  else if (g_str_has_prefix(step->verb, "icmp"))
    say_icmp(stage, step);
  else if (*step->verb && !stage_call(stage, step))
    stage_fail(stage, "there is no verb %s", step->verb);
}

static void stage_clear(Stage *stage)
{
  stage_call_end(stage);
  lab_close(&stage->lab);
  g_queue_clear_full(&stage->heard, g_free);
  g_string_free(stage->log, TRUE);
}

char *stage_play(const Dialogue *dialogue, gboolean ipv6)
{
  Stage stage = { .fd = -1,
                  .listener = -1,
                  .peer_port = 5000,
                  .log = g_string_new(NULL),
                  .trouble = g_string_new(NULL) };

  if (!lab_open(&stage.lab))
    return NULL;
  if ((ipv6 && !lab_ipv6(&stage.lab)) || !lab_mtu(ipv6 ? MTU6 : MTU4) ||
      !lab_sysctl("tcp_rmem", "4096 131072 33554432"))
    return NULL;
  for (int i = 0; i < STAGE_PEER_PORTS; i++)
    stage.pairs[i].base.peer_iss = (uint32_t)PEER_ISS;
  stage.start_us = stage.at_us = lab_now_us();
  for (guint i = 0; i < dialogue->steps->len; i++) {
    const DialogueStep *step = &g_array_index(dialogue->steps, DialogueStep, i);

    play_step(&stage, step);
    if (stage.trouble->len > 0) {
      g_string_append_printf(stage.trouble, " (line %d)", step->line);
      break;
    }
  }
  stage_pump(&stage);
  check_seen(&stage);
  if (stage.trouble->len > 0) {
    g_string_prepend(stage.trouble, "# ");
    g_string_append_printf(stage.trouble, "\n%s", stage.log->str);
  }
  stage_clear(&stage);
  return g_string_free(stage.trouble, FALSE);
}
