/* The clock: statements one after the other, each at its time.
 *
 * As packetdrill has it, a relative time counts from the moment at which the
 * statement before it was done, which for a packet that was waited for is when
 * it came; only arriving packets in a row count from when they were to
 * arrive. */
#include "pkt_run.h"

#include <stdarg.h>

#include "pkt_fd.h"
#include "units.h"

/* -- failing -- */

static PktOutcome fail(PktRun *it, PktPlace place, const char *format,
                       va_list arguments)
{
  g_autofree char *text = pkt_sentence(format, arguments);

  if (!it->failure && it->unsupported)
    it->failure = g_strdup_printf("%s:%d:%d: %s", it->script->file, place.line,
                                  place.column, text);
  else if (!it->failure)
    it->failure =
        g_strdup_printf("%s:%d: %s", it->script->file, place.line, text);
  return PKT_FAILED;
}

PktOutcome pkt_fail(PktRun *it, PktPlace place, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  fail(it, place, format, arguments);
  va_end(arguments);
  return PKT_FAILED;
}

PktOutcome pkt_unsupported(PktRun *it, PktPlace place, const char *format, ...)
{
  va_list arguments;

  it->unsupported |= !it->failure;
  va_start(arguments, format);
  fail(it, place, format, arguments);
  va_end(arguments);
  return PKT_FAILED;
}

PktOutcome pkt_malformed(PktRun *it, PktPlace place, const char *format, ...)
{
  va_list arguments;

  it->unsupported |= !it->failure;
  va_start(arguments, format);
  fail(it, place, format, arguments);
  va_end(arguments);
  return PKT_FAILED;
}

/* -- time -- */

PktOutcome pkt_advance(PktRun *it, SimTime until)
{
  Sim *sim = it->run->sim;

  sim_schedule(sim, &it->tick, &it->owner, until);
  for (;;) {
    SimEnd end = sim_run(sim, until);

    if (it->waking && it->waiting) {
      it->waking = false;
      if (pkt_call_again(it) == PKT_FAILED)
        return PKT_FAILED;
      if (it->returning && !it->waiting)
        return PKT_DONE;
      continue;
    }
    if (end != SIM_END_STOPPED || (it->capturing && it->sent))
      return PKT_DONE;
  }
}

static SimTime tolerance(const PktRun *it, SimTime from, SimTime before)
{
  SimTime share = (from - before) / 100000 * it->config.tolerance_share;

  return MAX(it->config.tolerance, share);
}

PktOutcome pkt_check_time(PktRun *it, PktPlace place, const char *what,
                          SimTime from, SimTime to, SimTime at, SimTime before)
{
  SimTime slack = tolerance(it, from, before);
  char wanted[40], last[40], found[40], margin[40];

  if (at >= from - slack && at <= sim_time_add(MAX(from, to), slack))
    return PKT_DONE;
  sim_format_time(from, 6, wanted, sizeof wanted);
  sim_format_time(to, 6, last, sizeof last);
  sim_format_time(at, 6, found, sizeof found);
  sim_format_time(slack, 6, margin, sizeof margin);
  if (to)
    return pkt_fail(it, place,
                    "%s at %s; it was to happen from %s to %s (within %s)",
                    what, found, wanted, last, margin);
  return pkt_fail(it, place, "%s at %s; it was to happen at %s (within %s)",
                  what, found, wanted, margin);
}

static bool is_arrival(const PktStatement *statement)
{
  return statement->kind == PKT_PACKET && !statement->packet->outbound;
}

/* When the statement is to happen, as a time of the run. */
static PktOutcome plan(PktRun *it, const PktStatement *statement)
{
  const PktTime *time = &statement->time;
  bool relative =
      time->kind == PKT_TIME_AFTER || time->kind == PKT_TIME_AFTER_BETWEEN;
  bool anchored = it->before && is_arrival(it->before) && is_arrival(statement);
  SimTime base = anchored ? it->previous : it->run->sim->now;
  SimTime offset = relative ? base : 0;
  SimTime last;

  it->planned = sim_time_add(time->from, offset);
  it->planned_to = time->to ? sim_time_add(time->to, offset) : 0;
  if (time->kind == PKT_TIME_ANY || time->kind == PKT_TIME_NONE)
    it->planned = it->run->sim->now;
  last = MAX(it->planned, it->planned_to);
  if (statement->kind == PKT_CALL && statement->call->blocks) {
    it->wait_until = sim_time_add(statement->call->end, offset);
    last = MAX(last, it->wait_until);
  }
  if (last > RUN_LONGEST)
    return pkt_fail(it, statement->place,
                    "this is over 146 years after the script began; write "
                    "shorter times");
  return PKT_DONE;
}

static PktOutcome go_to(PktRun *it, const PktStatement *statement,
                        const char *what)
{
  Sim *sim = it->run->sim;
  PktOutcome outcome =
      it->planned > sim->now ? pkt_advance(it, it->planned) : PKT_DONE;

  if (outcome != PKT_DONE)
    return outcome;
  return pkt_check_time(it, statement->place, what, it->planned, 0, sim->now,
                        it->before ? it->previous : it->planned);
}

/* -- statements -- */

static PktOutcome run_packet(PktRun *it, const PktStatement *statement)
{
  PktOutcome outcome;

  if (statement->packet->outbound)
    return pkt_packet_out(it, statement->packet);
  outcome = go_to(it, statement, "the packet arrives");
  return outcome == PKT_DONE ? pkt_packet_in(it, statement->packet) : outcome;
}

/* The next call waits for the one that is under way. */
static PktOutcome run_call(PktRun *it, const PktStatement *statement)
{
  SimTime return_at = it->wait_until;
  PktOutcome outcome = pkt_call_wait(it);

  it->wait_until = return_at;
  if (outcome == PKT_DONE)
    outcome = go_to(it, statement, "the system call begins");
  return outcome == PKT_DONE ? pkt_call_start(it, statement) : outcome;
}

static PktOutcome run_statement(PktRun *it, const PktStatement *statement)
{
  PktOutcome outcome;

  switch (statement->kind) {
  case PKT_PACKET:
    return run_packet(it, statement);
  case PKT_CALL:
    return run_call(it, statement);
  case PKT_CODE:
    outcome = go_to(it, statement, "the code runs");
    return outcome == PKT_DONE ? pkt_code_run(it, statement) : outcome;
  case PKT_COMMAND:
    outcome = go_to(it, statement, "the command runs");
    return outcome == PKT_DONE ? pkt_command_run(it, statement) : outcome;
  }
  return PKT_DONE;
}

static bool goes_back(const PktRun *it, const PktStatement *statement)
{
  return it->before && statement->time.kind == PKT_TIME_AT &&
         it->before->time.kind == PKT_TIME_AT &&
         statement->time.from < it->before->time.from;
}

/* --non_fatal: what differs is told among what is printed. */
static PktOutcome forgive(PktRun *it, const PktStatement *statement)
{
  bool forgiven = (statement->kind == PKT_PACKET && it->config.warn_packet) ||
                  (statement->kind == PKT_CALL && it->config.warn_call);

  if (!forgiven || it->unsupported || it->fatal)
    return PKT_FAILED;
  g_string_append_printf(it->printed, "warning: %s\n%s", it->failure,
                         it->details->str);
  g_clear_pointer(&it->failure, g_free);
  g_string_truncate(it->details, 0);
  return PKT_DONE;
}

static PktOutcome step(PktRun *it, const PktStatement *statement)
{
  PktOutcome outcome;

  it->now = statement;
  if (goes_back(it, statement))
    return pkt_malformed(it, statement->place, "time goes back here");
  outcome = plan(it, statement);
  if (outcome != PKT_DONE)
    return outcome;
  outcome = run_statement(it, statement);
  if (outcome == PKT_FAILED)
    outcome = forgive(it, statement);
  if (outcome == PKT_DONE)
    outcome = pkt_advance(it, it->run->sim->now);
  it->before = statement;
  it->previous = it->planned;
  return outcome;
}

/* A script that says what is not simulated is not begun. */
static PktOutcome examine(PktRun *it)
{
  for (const PktStatement *at = it->script->statements; at; at = at->next)
    if (at->packet && at->packet->cannot)
      return pkt_unsupported(it, at->body, "%s is not simulated",
                             at->packet->cannot);
  return PKT_DONE;
}

/* Commands with commas between, before all others. */
static PktOutcome run_init(PktRun *it)
{
  g_autofree char *text =
      g_strdelimit(g_strdup(it->config.init_scripts), ",", ';');
  const PktStatement init = {
    .kind = PKT_COMMAND, .place = { 1, 1 }, .body = { 1, 1 }, .text = text
  };

  return pkt_command_run(it, &init);
}

bool pkt_run_play(PktRun *it)
{
  PktOutcome outcome = examine(it);

  if (outcome == PKT_DONE && it->config.dry_run)
    return true;
  if (outcome == PKT_DONE && it->config.init_scripts)
    outcome = run_init(it);

  for (const PktStatement *at = it->script->statements;
       at && outcome == PKT_DONE; at = at->next)
    outcome = step(it, at);
  if (outcome == PKT_DONE)
    outcome = pkt_call_wait(it);
  pkt_call_clear(it);
  return outcome == PKT_DONE;
}

/* -- beginning and end -- */

const char *pkt_profile(const char *text)
{
  return g_strstr_len(text, -1, "net.inet.") ? "freebsd" : "linux";
}

static bool configure(PktRun *it, const char *const *options, GError **error)
{
  g_autofree char *problem = NULL;
  PktPlace top = { 1, 1 };

  pkt_config_init(&it->config);
  for (const PktOption *at = it->script->options; at; at = at->next)
    if (!pkt_config_set(&it->config, at->name, at->value, &problem))
      return pkt_wrong(error, it->script, at->place, "--%s: %s", at->name,
                       problem);
  for (; options && *options; options += 2)
    if (!pkt_config_set(&it->config, options[0], options[1], &problem))
      return pkt_wrong(error, it->script, top, "--%s: %s", options[0], problem);
  if (pkt_config_finish(&it->config, &problem) && pkt_world_build(it, &problem))
    return true;
  return pkt_wrong(error, it->script, top, "%s", problem);
}

PktRun *pkt_run_new(const PktScript *script, const char *profile,
                    const char *const *options, const RunOptions *run_options,
                    GError **error)
{
  PktRun *it = g_new0(PktRun, 1);

  it->script = script;
  it->profile = profile;
  it->run = run_new(script->file, run_options);
  it->details = g_string_new(NULL);
  it->printed = g_string_new(NULL);
  it->fds = g_ptr_array_new();
  it->variables =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  it->flow.ts_values = g_hash_table_new(NULL, NULL);
  it->next_port = 33000;
  if (configure(it, options, error))
    return it;
  pkt_run_free(it);
  return NULL;
}

void pkt_run_free(PktRun *it)
{
  if (!it)
    return;
  pkt_call_clear(it);
  pkt_fd_clear(it);
  if (it->sent_end)
    pkt_world_clear(it);
  run_free(it->run);
  g_ptr_array_unref(it->fds);
  g_hash_table_unref(it->variables);
  g_hash_table_unref(it->flow.ts_values);
  g_string_free(it->details, TRUE);
  g_string_free(it->printed, TRUE);
  g_free(it->failure);
  pkt_config_clear(&it->config);
  g_free(it);
}
