/* Words that are not known, and what was perhaps meant. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "spec.h"

#define LONGEST_WORD 40
#define LIST_SIZE 200 /* two lines and a bit */
#define BEGINNINGS 4

/* Optimal string alignment: one transposition counts as one. */
static unsigned distance(const char *a, const char *b)
{
  unsigned rows[3][LONGEST_WORD + 1];
  unsigned *before = rows[0], *above = rows[1], *row = rows[2];
  size_t a_size = strlen(a), b_size = strlen(b);

  if (a_size > LONGEST_WORD || b_size > LONGEST_WORD)
    return UINT32_MAX;
  for (unsigned j = 0; j <= b_size; j++)
    row[j] = j;
  for (unsigned i = 1; i <= a_size; i++) {
    unsigned *free_row = before;

    before = above;
    above = row;
    row = free_row;
    row[0] = i;
    for (unsigned j = 1; j <= b_size; j++) {
      bool same = g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 1]);
      unsigned best = above[j - 1] + !same;

      best = MIN(best, above[j] + 1);
      best = MIN(best, row[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        best = MIN(best, before[j - 2] + 1);
      row[j] = best;
    }
  }
  return row[b_size];
}

const char *spec_nearest(const char *word, const char *const *candidates)
{
  const char *nearest = NULL;
  unsigned limit = MAX(1, (unsigned)MIN(strlen(word), LONGEST_WORD) / 3);

  for (; *candidates; candidates++) {
    unsigned far = distance(word, *candidates);

    if (far > limit || (nearest && far == limit))
      continue;
    nearest = *candidates;
    limit = far;
  }
  return nearest;
}

/* Those that begin nearly as `word` reads, at most BEGINNINGS: time_wiat for
 * time_wait_reuse and its family. */
static bool beginnings(const char *word, const char *const *candidates,
                       char *ret_list)
{
  size_t size = strlen(word), used = 0;
  unsigned limit = (unsigned)size / 4, count = 0;
  char begin[LONGEST_WORD + 1];

  if (size < 3 || size > LONGEST_WORD)
    return false;
  for (; *candidates && count < BEGINNINGS; candidates++) {
    if (strlen(*candidates) <= size)
      continue;
    g_strlcpy(begin, *candidates, size + 1);
    if (distance(word, begin) > limit)
      continue;
    used += (size_t)snprintf(ret_list + used, LIST_SIZE - used, "%s\"%s\"",
                             count++ ? ", " : "", *candidates);
  }
  return count > 0;
}

int spec_unknown(lua_State *L, const char *what, const char *kind,
                 const char *word, const char *const *candidates)
{
  const char *nearest = spec_nearest(word, candidates);
  char list[LIST_SIZE] = "";
  size_t used = 0;

  if (nearest)
    return spec_error(L, "%s has no %s \"%.60s\"; did you mean \"%s\"?", what,
                      kind, word, nearest);
  if (beginnings(word, candidates, list))
    return spec_error(L, "%s has no %s \"%.60s\"; did you mean %s%s?", what,
                      kind, word, strchr(list, ',') ? "one of " : "", list);
  for (; *candidates; candidates++) {
    int wrote = snprintf(list + used, sizeof list - used, "%s%s",
                         used ? ", " : "", *candidates);

    used += (size_t)wrote;
    if (used > sizeof list - LONGEST_WORD) {
      snprintf(list + used, sizeof list - used, ", ...");
      break;
    }
  }
  return spec_error(L, "%s has no %s \"%.60s\"; it has: %s", what, kind, word,
                    list);
}
