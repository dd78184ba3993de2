/* Spec tables: the strict reading of what a scenario writes.
 *
 * A spec table's every key must be known; an unknown one is an error that
 * names the file, the line and the nearest known key. Quantities are strings
 * with units or numbers in SI base units.
 *
 *   static const SpecKey link_keys[] = {
 *     { .name = "rate", .kind = SPEC_RATE,
 *       .offset = offsetof(LinkSpec, rate) }, ... { NULL } };
 *   spec_read(L, index, "link", link_keys, &spec);
 */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "knobs.h"
#include "simtime.h"

/* 31 years. A run ends before SIM_TIME_NEVER by more than several of them, so
 * that what is due so much later is due at a time. */
#define SPEC_LONGEST (INT64_C(1000000000) * SIM_SECOND)

typedef enum SpecKind {
  SPEC_BOOL,     /* bool */
  SPEC_INTEGER,  /* int64_t */
  SPEC_NUMBER,   /* double */
  SPEC_STRING,   /* const char *, owned by Lua while the table lives */
  SPEC_TIME,     /* SimTime */
  SPEC_RATE,     /* int64_t, bit/s */
  SPEC_SIZE,     /* int64_t, bytes */
  SPEC_FRACTION, /* double in [0, 1] */
  SPEC_CUSTOM,   /* what `read` makes of it */
} SpecKind;

/** SpecRead: the value at `index`, called `what` ("link.rate") in messages,
 * into `ret`. Raises. What it allocates belongs to the script. */
typedef void (*SpecRead)(lua_State *L, int index, const char *what, void *ret);

typedef struct SpecKey {
  const char *name;
  SpecKind kind;
  size_t offset;     /* of the field in the struct that is filled in */
  int64_t low, high; /* of INTEGER and SIZE, when low < high */
  bool required;
  size_t given;        /* offset of a bool set when the key is there, + 1; 0 */
  SpecRead read;       /* of CUSTOM */
  const char *example; /* of a required one, if not by its kind */
} SpecKey;

/** spec_read: fills `ret` from the table at `index`; fields whose key is
 * absent stay as they are. Raises a Lua error at the scenario's line. `what`
 * names the table in messages ("link"). */
void spec_read(lua_State *L, int index, const char *what, const SpecKey *keys,
               void *ret);

/** spec_read_list: the same where positions 1..n (the array part) are there for
 * the caller. */
void spec_read_list(lua_State *L, int index, const char *what,
                    const SpecKey *keys, void *ret);

/** spec_read_knobs: the same where the name of any knob is a key, too. */
void spec_read_knobs(lua_State *L, int index, const char *what,
                     const SpecKey *keys, void *ret, TcpKnobs *knobs);

/** spec_knob: the value at `index` as one of `knob`; raises if it is not in
 * its range. */
int64_t spec_knob(lua_State *L, int index, const TcpKnob *knob);

/** spec_error: raises "FILE:LINE: message" for the innermost scenario line. */
int spec_error(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** spec_kind: what is at `index`, for messages: "nothing", "nil", "a string",
 * "a host". May leave its text on the stack: an error follows. */
const char *spec_kind(lua_State *L, int index);

/** spec_push_where: pushes "FILE:LINE: " of that line, or "". */
void spec_push_where(lua_State *L);

/** spec_line: the innermost line of the scenario being executed, 0 if none. */
int spec_line(lua_State *L);

/** spec_unknown: raises `WHAT has no KIND "word"; did you mean "near"?`. */
int spec_unknown(lua_State *L, const char *what, const char *kind,
                 const char *word, const char *const *candidates);

/** spec_time: the value at `index` as a time; raises naming `what`. */
int64_t spec_time(lua_State *L, int index, const char *what);
int64_t spec_size(lua_State *L, int index, const char *what);
int64_t spec_rate(lua_State *L, int index, const char *what);
int64_t spec_integer(lua_State *L, int index, const char *what, int64_t low,
                     int64_t high);
double spec_fraction(lua_State *L, int index, const char *what);

/** spec_nearest: the candidate nearest to `word` (Damerau-Levenshtein, at most
 * a third of its length away), or NULL. `candidates` ends with NULL. */
const char *spec_nearest(const char *word, const char *const *candidates);
