/* Expectations: the list, and judging it when the run is over. */
#include "expect.h"

#include <string.h>

struct Expectations {
  GPtrArray *list; /* of Expect */
};

static void expect_free(void *data)
{
  Expect *expect = data;

  if (expect->clear)
    expect->clear(expect);
  g_free(expect->base.text);
  g_free(expect->base.found);
  g_free(expect);
}

Expectations *expectations_new(void)
{
  Expectations *expectations = g_new(Expectations, 1);

  expectations->list = g_ptr_array_new_with_free_func(expect_free);
  return expectations;
}

void expectations_free(Expectations *expectations)
{
  if (!expectations)
    return;
  g_ptr_array_unref(expectations->list);
  g_free(expectations);
}

Expect *expect_add(Run *run, size_t size, int line,
                   bool (*check)(Expect *, Run *, GString *))
{
  Expect *expect = g_malloc0(size);

  sandbox_charge(&run->script->sandbox, SANDBOX_KEPT);
  expect->base.line = line;
  expect->check = check;
  g_ptr_array_add(run->expectations->list, expect);
  return expect;
}

unsigned expectations_count(const Expectations *expectations)
{
  return expectations->list->len;
}

const Expectation *expectations_at(const Expectations *expectations,
                                   unsigned index)
{
  return &((const Expect *)expectations->list->pdata[index])->base;
}

static bool judge(Expect *expect, Run *run)
{
  GString *found = g_string_new(NULL);
  bool holds = false;

  if (expect->needs_record && !run->record)
    g_string_assign(found, "this run kept no record (--trace=none), so that "
                           "nothing can be said about its packets and states");
  else
    holds = expect->check(expect, run, found);
  g_free(expect->base.found);
  expect->base.found = g_string_free(found, holds);
  expect->base.holds = holds;
  return holds;
}

unsigned expectations_check(Run *run)
{
  GPtrArray *list = run->expectations->list;
  unsigned failed = 0;

  for (unsigned i = 0; i < list->len; i++)
    failed += !judge(list->pdata[i], run);
  return failed;
}

/* -- which end of which conversation -- */

static bool end_fits(const ExpectEnd *end, const RecordConversation *it,
                     unsigned side)
{
  if (!it->hosts[side] || !g_str_equal(it->hosts[side], end->host))
    return false;
  return end->port == 0 || it->ends[0].port == end->port ||
         it->ends[1].port == end->port;
}

static void describe_end(const ExpectEnd *end, GString *text)
{
  g_string_append(text, end->host);
  if (end->port)
    g_string_append_printf(text, " with port %" G_GINT64_FORMAT, end->port);
}

RecordConversation *expect_end_find(const ExpectEnd *end, const Run *run,
                                    unsigned *ret_end, GString *found)
{
  const GPtrArray *all = run->record->conversations;
  RecordConversation *chosen = NULL;
  int64_t count = 0;

  for (unsigned i = 0; i < all->len; i++)
    for (unsigned side = 0; side < 2; side++) {
      RecordConversation *it = all->pdata[i];

      if (!end_fits(end, it, side))
        continue;
      count++;
      if (count == (end->number ? end->number : 1)) {
        chosen = it;
        *ret_end = side;
      }
    }
  if (chosen && (end->number || count == 1))
    return chosen;
  describe_end(end, found);
  if (count == 0)
    g_string_append(found, " never had a connection");
  else if (chosen)
    g_string_append_printf(found,
                           " had %" G_GINT64_FORMAT " connections: name one "
                           "by { host = ..., port = ... } or number = ...",
                           count);
  else
    g_string_append_printf(found, " had only %" G_GINT64_FORMAT " connections",
                           count);
  return NULL;
}
