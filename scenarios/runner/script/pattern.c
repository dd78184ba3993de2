/* Lua patterns by backtracking.
 *
 * match_here() handles one item and goes on; it recurses only where it may
 * have to come back, so that its depth is bounded by the items of a pattern
 * that offer a choice.
 */
#include "pattern.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

#include "sandbox.h"

#define DEEPEST 200
#define STEPS_PAID_AT_ONCE 64

static const char *match_here(Pattern *m, const char *s, const char *p);

static void take_step(Pattern *m)
{
  if (++m->steps < STEPS_PAID_AT_ONCE)
    return;
  sandbox_pay(m->L, m->steps);
  m->steps = 0;
}

/* The end of the single-character item that begins at `p`. */
static const char *item_end(Pattern *m, const char *p)
{
  if (p == m->text_end)
    luaL_error(m->L, "malformed pattern (ends with '%%')");
  if (*p == '%') {
    if (p + 1 == m->text_end)
      luaL_error(m->L, "malformed pattern (ends with '%%')");
    return p + 2;
  }
  if (*p != '[')
    return p + 1;
  p++;
  if (p < m->text_end && *p == '^')
    p++;
  do { /* a ']' that comes first is a member */
    if (p == m->text_end)
      luaL_error(m->L, "malformed pattern (missing ']')");
    p += *p == '%' && p + 1 < m->text_end ? 2 : 1;
  } while (p >= m->text_end || *p != ']');
  return p + 1;
}

static bool in_class(int c, int letter)
{
  bool in;

  switch (tolower(letter)) {
  case 'a':
    in = isalpha(c);
    break;
  case 'c':
    in = iscntrl(c);
    break;
  case 'd':
    in = isdigit(c);
    break;
  case 'g':
    in = isgraph(c);
    break;
  case 'l':
    in = islower(c);
    break;
  case 'p':
    in = ispunct(c);
    break;
  case 's':
    in = isspace(c);
    break;
  case 'u':
    in = isupper(c);
    break;
  case 'w':
    in = isalnum(c);
    break;
  case 'x':
    in = isxdigit(c);
    break;
  case 'z': /* deprecated, but there */
    in = c == 0;
    break;
  default:
    return letter == c;
  }
  return in != (isupper(letter) != 0);
}

/* Is `c` in the set from '[' at `p` to ']' at `last`? */
static bool in_set(int c, const char *p, const char *last)
{
  bool wanted = true;

  if (*++p == '^') {
    wanted = false;
    p++;
  }
  while (p < last) {
    if (*p == '%' && p + 1 < last) {
      if (in_class(c, (unsigned char)p[1]))
        return wanted;
      p += 2;
    } else if (p + 2 < last && p[1] == '-') {
      if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2])
        return wanted;
      p += 3;
    } else {
      if ((unsigned char)*p == c)
        return wanted;
      p++;
    }
  }
  return !wanted;
}

static bool fits(Pattern *m, const char *s, const char *p, const char *end)
{
  int c;

  take_step(m);
  if (s >= m->subject_end)
    return false;
  c = (unsigned char)*s;
  switch (*p) {
  case '.':
    return true;
  case '%':
    return in_class(c, (unsigned char)p[1]);
  case '[':
    m->steps += (int)((end - p) / 8);
    return in_set(c, p, end - 1);
  default:
    return (unsigned char)*p == c;
  }
}

static const char *match_balanced(Pattern *m, const char *s, const char *p)
{
  int nested = 0;

  if (m->text_end - p < 2)
    luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
  if (s >= m->subject_end || *s != p[0])
    return NULL;
  while (++s < m->subject_end) {
    take_step(m);
    if (*s == p[1]) {
      if (nested-- == 0)
        return s + 1;
    } else if (*s == p[0]) {
      nested++;
    }
  }
  return NULL;
}

static bool at_frontier(Pattern *m, const char *s, const char *set,
                        const char *end)
{
  int before = s == m->subject ? 0 : (unsigned char)s[-1];
  int after = s == m->subject_end ? 0 : (unsigned char)*s;

  take_step(m);
  return !in_set(before, set, end - 1) && in_set(after, set, end - 1);
}

static const char *match_again(Pattern *m, const char *s, int digit)
{
  const PatternCapture *capture;
  int index = digit - '1';

  if (index < 0 || index >= m->captured ||
      m->captures[index].size == PATTERN_OPEN)
    luaL_error(m->L, "invalid capture index %%%d in pattern", index + 1);
  capture = &m->captures[index];
  if (capture->size < 0)
    return NULL;
  m->steps += (int)(capture->size / 16);
  take_step(m);
  if (m->subject_end - s < capture->size ||
      memcmp(s, capture->start, (size_t)capture->size) != 0)
    return NULL;
  return s + capture->size;
}

static const char *open_capture(Pattern *m, const char *s, const char *p)
{
  ptrdiff_t what = PATTERN_OPEN;
  const char *end;

  if (m->captured >= PATTERN_CAPTURES)
    luaL_error(m->L, "too many captures");
  if (p < m->text_end && *p == ')') {
    what = PATTERN_POSITION;
    p++;
  }
  m->captures[m->captured] = (PatternCapture){ s, what };
  m->captured++;
  end = match_here(m, s, p);
  if (!end)
    m->captured--;
  return end;
}

static const char *close_capture(Pattern *m, const char *s, const char *p)
{
  int index = m->captured - 1;
  const char *end;

  while (index >= 0 && m->captures[index].size != PATTERN_OPEN)
    index--;
  if (index < 0)
    luaL_error(m->L, "invalid pattern capture");
  m->captures[index].size = s - m->captures[index].start;
  end = match_here(m, s, p);
  if (!end)
    m->captures[index].size = PATTERN_OPEN;
  return end;
}

static const char *match_most(Pattern *m, const char *s, const char *p,
                              const char *end)
{
  ptrdiff_t count = 0;

  while (fits(m, s + count, p, end))
    count++;
  for (; count >= 0; count--) {
    const char *found = match_here(m, s + count, end + 1);

    if (found)
      return found;
  }
  return NULL;
}

static const char *match_least(Pattern *m, const char *s, const char *p,
                               const char *end)
{
  for (;; s++) {
    const char *found = match_here(m, s, end + 1);

    if (found || !fits(m, s, p, end))
      return found;
  }
}

/* One item that is no choice: true, and where to go on, or false. */
static bool match_fixed(Pattern *m, const char **s, const char **p)
{
  const char *at = *p, *end;

  if (*at == '%' && at + 1 < m->text_end) {
    if (at[1] == 'b') {
      *s = match_balanced(m, *s, at + 2);
      *p = at + 4;
      return *s != NULL;
    }
    if (at[1] == 'f') {
      if (at + 2 >= m->text_end || at[2] != '[')
        luaL_error(m->L, "missing '[' after '%%f' in pattern");
      end = item_end(m, at + 2);
      *p = end;
      return at_frontier(m, *s, at + 2, end);
    }
    if (isdigit((unsigned char)at[1])) {
      *s = match_again(m, *s, at[1]);
      *p = at + 2;
      return *s != NULL;
    }
  }
  end = item_end(m, at);
  *p = end;
  if (!fits(m, *s, at, end))
    return false;
  ++*s;
  return true;
}

/* Does a repetition sign follow the item at `p`? Where, or NULL. */
static const char *repeated(Pattern *m, const char *p)
{
  const char *end;

  if (*p == '%' && p + 1 < m->text_end &&
      (p[1] == 'b' || p[1] == 'f' || isdigit((unsigned char)p[1])))
    return NULL;
  end = item_end(m, p);
  return end < m->text_end && strchr("*+-?", *end) && *end ? end : NULL;
}

static const char *match_repeated(Pattern *m, const char *s, const char *p,
                                  const char *end)
{
  const char *found;

  switch (*end) {
  case '*':
    return match_most(m, s, p, end);
  case '+':
    return fits(m, s, p, end) ? match_most(m, s + 1, p, end) : NULL;
  case '-':
    return match_least(m, s, p, end);
  default:
    if (fits(m, s, p, end) && (found = match_here(m, s + 1, end + 1)))
      return found;
    return match_here(m, s, end + 1);
  }
}

static const char *match_here(Pattern *m, const char *s, const char *p)
{
  const char *found = NULL, *end;

  if (++m->depth > DEEPEST)
    luaL_error(m->L, "pattern too complex");
  for (;;) {
    take_step(m);
    if (p >= m->text_end) {
      found = s;
      break;
    }
    if (*p == '(') {
      found = open_capture(m, s, p + 1);
      break;
    }
    if (*p == ')') {
      found = close_capture(m, s, p + 1);
      break;
    }
    if (*p == '$' && p + 1 == m->text_end) {
      found = s == m->subject_end ? s : NULL;
      break;
    }
    end = repeated(m, p);
    if (end) {
      found = match_repeated(m, s, p, end);
      break;
    }
    if (!match_fixed(m, &s, &p))
      break;
  }
  m->depth--;
  return found;
}

const char *pattern_match(Pattern *pattern, const char *at)
{
  pattern->captured = 0;
  pattern->depth = 0;
  return match_here(pattern, at, pattern->text);
}

void pattern_push(Pattern *pattern, int index, const char *from, const char *to)
{
  const PatternCapture *capture = &pattern->captures[index];

  if (index >= pattern->captured) {
    if (index > 0)
      luaL_error(pattern->L, "invalid capture index %%%d", index + 1);
    lua_pushlstring(pattern->L, from, (size_t)(to - from));
    return;
  }
  if (capture->size == PATTERN_OPEN)
    luaL_error(pattern->L, "unfinished capture");
  if (capture->size == PATTERN_POSITION)
    lua_pushinteger(pattern->L, capture->start - pattern->subject + 1);
  else
    lua_pushlstring(pattern->L, capture->start, (size_t)capture->size);
}
