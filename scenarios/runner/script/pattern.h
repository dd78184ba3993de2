/* Lua patterns (Lua 5.4 manual 6.4.1), with every step paid from the sandbox's
 * budget: a pattern that backtracks for ever ends as an endless loop does. */
#pragma once

#include <lua.h>
#include <stddef.h>

#define PATTERN_CAPTURES 32

typedef struct PatternCapture {
  const char *start;
  ptrdiff_t size; /* or one of the two below */
} PatternCapture;

#define PATTERN_OPEN (-1)     /* not closed yet */
#define PATTERN_POSITION (-2) /* "()" */

typedef struct Pattern {
  lua_State *L;
  const char *subject, *subject_end;
  const char *text, *text_end; /* without the anchor */
  int depth;
  int steps; /* not yet paid */
  int captured;
  PatternCapture captures[PATTERN_CAPTURES];
} Pattern;

/** pattern_match: matches at `at` exactly; the end of the match, or NULL.
 * Raises for a malformed pattern. */
const char *pattern_match(Pattern *pattern, const char *at);

/** pattern_push: pushes capture `index` (from 0); the whole match, which is
 * `from` to `to`, if there are none and `index` is 0. */
void pattern_push(Pattern *pattern, int index, const char *from,
                  const char *to);
