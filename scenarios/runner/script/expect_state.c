/* Expectations on states: their sequence, when, and how long. */
#include "expect.h"

#include "units.h"

static void append_time(GString *text, SimTime time)
{
  char buffer[40];

  g_string_append(text, sim_format_time(time, 9, buffer, sizeof buffer));
}

/* (transfer container): the states of one end, in order. */
static GPtrArray *states_of(const Run *run, const RecordConversation *it,
                            unsigned end)
{
  const GPtrArray *all = run->record->states;
  GPtrArray *mine = g_ptr_array_new();

  for (unsigned i = 0; i < all->len; i++) {
    const RecordState *state = all->pdata[i];

    if (state->conversation == it && state->end == end)
      g_ptr_array_add(mine, (void *)(uintptr_t)state);
  }
  return mine;
}

static const RecordState *state_at(const GPtrArray *states, unsigned index)
{
  return states->pdata[index];
}

static void append_states(GString *text, const GPtrArray *states)
{
  for (unsigned i = 0; i < states->len; i++)
    g_string_append_printf(text, "%s%s", i ? ", " : "",
                           tcp_state_name(state_at(states, i)->state));
}

bool expect_states_check(Expect *expect, Run *run, GString *found)
{
  ExpectStates *want = (ExpectStates *)expect;
  unsigned end, first = 0, i = 0;
  RecordConversation *it = expect_end_find(&want->end, run, &end, found);
  g_autoptr(GPtrArray) states = NULL;

  if (!it)
    return false;
  states = states_of(run, it, end);
  while (first < states->len &&
         state_at(states, first)->state != want->states[0])
    first++;
  while (i < want->count && first + i < states->len &&
         state_at(states, first + i)->state == want->states[i])
    i++;
  if (i == want->count && first + i == states->len)
    return true;
  g_string_append_printf(found, "%s went through ", want->end.host);
  append_states(found, states);
  if (first == states->len)
    g_string_append_printf(found, ", never %s",
                           tcp_state_name(want->states[0]));
  else if (i < want->count)
    g_string_append_printf(found, "; %s is missing after %s",
                           tcp_state_name(want->states[i]),
                           tcp_state_name(want->states[i - 1]));
  else
    g_string_append_printf(found, "; after %s nothing more was expected",
                           tcp_state_name(want->states[i - 1]));
  return false;
}

bool expect_state_at_check(Expect *expect, Run *run, GString *found)
{
  ExpectMoment *want = (ExpectMoment *)expect;
  TcpState state = TCP_CLOSED;
  unsigned end;
  RecordConversation *it = expect_end_find(&want->end, run, &end, found);
  g_autoptr(GPtrArray) states = NULL;

  if (!it)
    return false;
  states = states_of(run, it, end);
  for (unsigned i = 0; i < states->len; i++)
    if (state_at(states, i)->from <= want->time)
      state = state_at(states, i)->state;
  if (want->time > run->sim->now && run->end != SIM_END_IDLE &&
      state != TCP_CLOSED) {
    g_string_append(found, "the run ended before, at ");
    append_time(found, run->sim->now);
    g_string_append_printf(found, ", with %s in %s", want->end.host,
                           tcp_state_name(state));
    return false;
  }
  if (state == want->state)
    return true;
  g_string_append_printf(found, "%s was in %s then", want->end.host,
                         tcp_state_name(state));
  return false;
}

/* The first stay in the state, or NULL and a sentence. */
static const RecordState *first_stay(const ExpectMoment *want, const Run *run,
                                     const GPtrArray *states, GString *found)
{
  (void)run;
  for (unsigned i = 0; i < states->len; i++)
    if (state_at(states, i)->state == want->state)
      return state_at(states, i);
  g_string_append_printf(found, "%s was never in %s; it went through ",
                         want->end.host, tcp_state_name(want->state));
  append_states(found, states);
  return NULL;
}

bool expect_duration_check(Expect *expect, Run *run, GString *found)
{
  ExpectMoment *want = (ExpectMoment *)expect;
  unsigned end;
  RecordConversation *it = expect_end_find(&want->end, run, &end, found);
  g_autoptr(GPtrArray) states = NULL;
  const RecordState *stay;

  if (!it)
    return false;
  states = states_of(run, it, end);
  stay = first_stay(want, run, states, found);
  if (!stay)
    return false;
  if (stay->to == SIM_TIME_NEVER || stay->final) {
    g_string_append(found, "the run ended before it left that state, which "
                           "it entered at ");
    append_time(found, stay->from);
    return false;
  }
  if (stay->to - stay->from == want->time)
    return true;
  g_string_append(found, "it lasted ");
  append_time(found, stay->to - stay->from);
  g_string_append(found, ", from ");
  append_time(found, stay->from);
  g_string_append(found, " to ");
  append_time(found, stay->to);
  return false;
}

bool expect_time_check(Expect *expect, Run *run, GString *found)
{
  ExpectMoment *want = (ExpectMoment *)expect;
  unsigned end;
  RecordConversation *it = expect_end_find(&want->end, run, &end, found);
  g_autoptr(GPtrArray) states = NULL;
  const RecordState *stay;

  if (!it)
    return false;
  states = states_of(run, it, end);
  stay = first_stay(want, run, states, found);
  if (!stay)
    return false;
  if (want->time != SIM_TIME_NEVER
          ? stay->from == want->time
          : stay->from >= want->after && stay->from < want->before)
    return true;
  g_string_append_printf(found, "%s entered it at ", want->end.host);
  append_time(found, stay->from);
  return false;
}
