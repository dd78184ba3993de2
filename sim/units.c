/* Quantities: a decimal number times a unit, in integers of 128 bits.
 *
 * A number is digits * 10^exponent with at most 24 digits (80 bits), and no
 * unit is over 2^47 base units, so that their product fits without rounding.
 */
#include "units.h"

#include <glib.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MOST_DIGITS 24
#define LONGEST_UNIT 12
#define FURTHEST_UNIT 5 /* in unit_distance() */

__extension__ typedef unsigned __int128 Wide;

/* A name that people write; `write` is the right one if this one is not. */
typedef struct Unit {
  const char *name;
  uint64_t scale; /* in base units */
  const char *write;
} Unit;

typedef struct Quantity {
  const char *what;    /* "a time" */
  const char *example; /* "20ms" */
  const char *list;    /* its units, for whom none is near */
  Unit units[48];      /* ends with a name of NULL */
} Quantity;

typedef struct Number {
  Wide digits;
  int exponent; /* of ten */
  bool negative;
  bool too_long;
} Number;

/* A text taken apart; `unit` begins where `number` ends. */
typedef struct Parts {
  Number number;
  const char *text;
  const char *start; /* of the number */
  int number_length;
  const char *unit;
  size_t unit_length;
} Parts;

static const Quantity time_quantity = {
  .what = "a time",
  .example = "20ms",
  .list = "ns us ms s min h d",
  .units = { { "", SIM_SECOND, NULL },
             { "ns", 1, NULL },
             { "us", SIM_MICROSECOND, NULL },
             { "\302\265s", SIM_MICROSECOND, NULL }, /* micro sign */
             { "\316\274s", SIM_MICROSECOND, NULL }, /* Greek mu */
             { "ms", SIM_MILLISECOND, NULL },
             { "s", SIM_SECOND, NULL },
             { "min", SIM_MINUTE, NULL },
             { "h", SIM_HOUR, NULL },
             { "d", (24 * SIM_HOUR), NULL },
             { "nsec", 0, "ns" },
             { "nanoseconds", 0, "ns" },
             { "usec", 0, "us" },
             { "microseconds", 0, "us" },
             { "msec", 0, "ms" },
             { "milliseconds", 0, "ms" },
             { "sec", 0, "s" },
             { "seconds", 0, "s" },
             { "m", 0, "min" },
             { "minutes", 0, "min" },
             { "hr", 0, "h" },
             { "hours", 0, "h" },
             { "days", 0, "d" } },
};

static const Quantity rate_quantity = {
  .what = "a rate",
  .example = "10Mbit/s",
  .list = "bit/s kbit/s Mbit/s Gbit/s Tbit/s B/s kB/s MB/s GB/s TB/s",
  .units = { { "", 1, NULL },
             { "bit/s", 1, NULL },
             { "kbit/s", 1000, NULL },
             { "Mbit/s", 1000000, NULL },
             { "Gbit/s", 1000000000, NULL },
             { "Tbit/s", 1000000000000, NULL },
             { "bps", 1, NULL },
             { "kbps", 1000, NULL },
             { "Mbps", 1000000, NULL },
             { "Gbps", 1000000000, NULL },
             { "Tbps", 1000000000000, NULL },
             { "B/s", 8, NULL },
             { "kB/s", 8000, NULL },
             { "MB/s", 8000000, NULL },
             { "GB/s", 8000000000, NULL },
             { "TB/s", 8000000000000, NULL },
             { "b/s", 0, "bit/s" },
             { "kb/s", 0, "kbit/s" },
             { "Kb/s", 0, "kbit/s" },
             { "Mb/s", 0, "Mbit/s" },
             { "Gb/s", 0, "Gbit/s" },
             { "Tb/s", 0, "Tbit/s" },
             { "bit", 0, "bit/s" },
             { "kbit", 0, "kbit/s" },
             { "Mbit", 0, "Mbit/s" },
             { "Gbit", 0, "Gbit/s" },
             { "Tbit", 0, "Tbit/s" },
             { "k", 0, "kbit/s" },
             { "M", 0, "Mbit/s" },
             { "G", 0, "Gbit/s" },
             { "T", 0, "Tbit/s" },
             { "kb", 0, "kbit/s" },
             { "Mb", 0, "Mbit/s" },
             { "Gb", 0, "Gbit/s" },
             { "Tb", 0, "Tbit/s" },
             { "B", 0, "B/s" },
             { "kB", 0, "kB/s" },
             { "MB", 0, "MB/s" },
             { "GB", 0, "GB/s" } },
};

static const Quantity size_quantity = {
  .what = "a size",
  .example = "64KiB",
  .list = "B kB MB GB KiB MiB GiB",
  .units = { { "", 1, NULL },
             { "B", 1, NULL },
             { "kB", 1000, NULL },
             { "MB", 1000000, NULL },
             { "GB", 1000000000, NULL },
             { "KiB", 1 << 10, NULL },
             { "MiB", 1 << 20, NULL },
             { "GiB", 1 << 30, NULL },
             { "byte", 0, "B" },
             { "bytes", 0, "B" },
             { "kbyte", 0, "kB" },
             { "Mbyte", 0, "MB" },
             { "Gbyte", 0, "GB" },
             { "k", 0, "kB" },
             { "K", 0, "KiB" },
             { "M", 0, "MB" },
             { "G", 0, "GB" } },
};

/* A fraction is a double: here the scale divides. */
static const Quantity fraction_quantity = {
  .what = "a fraction",
  .example = "2%",
  .list = "%",
  .units = { { "", 1, NULL }, { "%", 100, NULL }, { "percent", 0, "%" } },
};

G_GNUC_PRINTF(5, 6)
static bool refuse(const char *text, const Quantity *quantity, char *ret_error,
                   size_t error_size, const char *format, ...)
{
  g_autofree char *quoted = g_strescape(text, NULL);
  va_list arguments;
  int length;

  length = snprintf(ret_error, error_size, "\"%.40s%s\" is not %s: ", quoted,
                    strlen(quoted) > 40 ? "..." : "", quantity->what);
  if (length < 0 || (size_t)length >= error_size)
    return false;
  va_start(arguments, format);
  vsnprintf(ret_error + length, error_size - (size_t)length, format, arguments);
  va_end(arguments);
  return false;
}

static const char *skip_space(const char *text)
{
  while (g_ascii_isspace(*text))
    text++;
  return text;
}

static void add_digit(Number *number, unsigned digit, bool after_point)
{
  const Wide too_wide = (Wide)1000000000000 * 1000000000000;

  number->exponent -= after_point;
  if (number->digits * 10 + digit < too_wide) {
    number->digits = number->digits * 10 + digit;
  } else {
    number->exponent++;
    number->too_long |= digit != 0;
  }
}

/* Returns what follows the number, NULL if there is none. */
static const char *read_number(const char *text, Number *ret)
{
  bool after_point = false;

  *ret = (Number){ .negative = *text == '-' };
  text += *text == '-' || *text == '+';
  if (!g_ascii_isdigit(text[*text == '.']))
    return NULL;
  for (; g_ascii_isdigit(*text) || (*text == '.' && !after_point); text++)
    if (*text == '.')
      after_point = true;
    else
      add_digit(ret, (unsigned)(*text - '0'), after_point);
  if (*text == 'e' || *text == 'E') {
    const char *power = text + 1;
    bool down = *power == '-';
    int exponent = 0;

    power += *power == '-' || *power == '+';
    if (!g_ascii_isdigit(*power))
      return text;
    for (; g_ascii_isdigit(*power); power++)
      exponent = MIN(10 * exponent + (*power - '0'), 9999);
    ret->exponent += down ? -exponent : exponent;
    text = power;
  }
  return text;
}

/* Edits from `unit` to `name` (Wagner and Fischer 1974): a letter's case is
 * 1, any other letter 3. */
static int unit_distance(const char *unit, size_t length, const char *name)
{
  int row[LONGEST_UNIT + 1];
  size_t width = strlen(name);

  for (size_t j = 0; j <= width; j++)
    row[j] = 3 * (int)j;
  for (size_t i = 0; i < length; i++) {
    int diagonal = row[0];

    row[0] += 3;
    for (size_t j = 0; j < width; j++) {
      bool same_letter = g_ascii_tolower(unit[i]) == g_ascii_tolower(name[j]);
      int change = unit[i] == name[j] ? 0 : same_letter ? 1 : 3;
      int best = MIN(diagonal + change, 3 + MIN(row[j], row[j + 1]));

      diagonal = row[j + 1];
      row[j + 1] = best;
    }
  }
  return row[width];
}

/* What to write instead of an unknown unit, NULL if none is near. The first
 * letter must be right: it is the prefix, and a guess at that may be wrong by
 * a thousand. */
static const char *nearest_unit(const Quantity *quantity, const Parts *parts)
{
  const char *nearest = NULL;
  int least = FURTHEST_UNIT + 1;

  if (parts->unit_length > LONGEST_UNIT)
    return NULL;
  /* The first has no name. */
  for (const Unit *unit = quantity->units + 1; unit->name != NULL; unit++) {
    int distance = unit_distance(parts->unit, parts->unit_length, unit->name);
    size_t longer = MAX(parts->unit_length, strlen(unit->name));

    if (g_ascii_tolower(*unit->name) == g_ascii_tolower(*parts->unit) &&
        distance < least && distance <= (int)longer) {
      least = distance;
      nearest = unit->write != NULL ? unit->write : unit->name;
    }
  }
  return nearest;
}

static bool refuse_unit(const Parts *parts, const Quantity *quantity,
                        char *ret_error, size_t error_size)
{
  const char *nearest = nearest_unit(quantity, parts);
  g_autofree char *unit = g_strndup(parts->unit, MIN(parts->unit_length, 40));
  g_autofree char *quoted = g_strescape(unit, NULL);

  if (*unit == ',')
    return refuse(parts->text, quantity, ret_error, error_size,
                  "the decimal sign is a point, as in \"1.5\"");
  if (nearest != NULL)
    return refuse(parts->text, quantity, ret_error, error_size,
                  "unknown unit \"%s\", write \"%.*s%s\"", quoted,
                  parts->number_length, parts->start, nearest);
  return refuse(parts->text, quantity, ret_error, error_size,
                "unknown unit \"%s\", write one of %s", quoted, quantity->list);
}

static const Unit *find_unit(const Quantity *quantity, const Parts *parts)
{
  for (const Unit *unit = quantity->units; unit->name != NULL; unit++)
    if (unit->write == NULL && strlen(unit->name) == parts->unit_length &&
        memcmp(unit->name, parts->unit, parts->unit_length) == 0)
      return unit;
  return NULL;
}

/* The number and unit of `text`, which is not negative; NULL and an error
 * otherwise. */
static const Unit *take_apart(const char *text, const Quantity *quantity,
                              Number *ret_number, char *ret_error,
                              size_t error_size)
{
  Parts parts = { .text = text, .start = skip_space(text) };
  const char *end = read_number(parts.start, &parts.number);
  const Unit *unit;

  if (end == NULL) {
    refuse(text, quantity, ret_error, error_size,
           "it does not begin with a number, write for example \"%s\"",
           quantity->example);
    return NULL;
  }
  parts.number_length = (int)(end - parts.start);
  parts.unit = skip_space(end);
  parts.unit_length = strlen(parts.unit);
  while (parts.unit_length > 0 &&
         g_ascii_isspace(parts.unit[parts.unit_length - 1]))
    parts.unit_length--;
  unit = find_unit(quantity, &parts);
  if (unit == NULL) {
    refuse_unit(&parts, quantity, ret_error, error_size);
    return NULL;
  }
  if (parts.number.too_long) {
    refuse(text, quantity, ret_error, error_size, "it has more than %d digits",
           MOST_DIGITS);
    return NULL;
  }
  if (parts.number.negative && parts.number.digits > 0) {
    refuse(text, quantity, ret_error, error_size, "it is negative");
    return NULL;
  }
  *ret_number = parts.number;
  return unit;
}

/* digits * 10^exponent * scale, half rounded up; false if over INT64_MAX. */
static bool scale_number(const Number *number, uint64_t scale, int64_t *ret)
{
  Wide value = number->digits * scale;
  Wide divisor = 1;
  int exponent = number->exponent;

  for (; exponent > 0 && value > 0 && value <= INT64_MAX; exponent--)
    value *= 10;
  /* 10^38 fits; a value under 2^127 rounds to zero from 10^39 on. */
  if (exponent < -38)
    value = 0;
  for (; exponent < 0 && value > 0; exponent++)
    divisor *= 10;
  value = value / divisor + (divisor > 1 && value % divisor >= divisor / 2);
  if (value > INT64_MAX)
    return false;
  *ret = (int64_t)value;
  return true;
}

static bool parse_whole(const char *text, const Quantity *quantity,
                        int64_t *ret, char *ret_error, size_t error_size)
{
  Number number;
  const Unit *unit = take_apart(text, quantity, &number, ret_error, error_size);

  if (unit == NULL)
    return false;
  if (!scale_number(&number, unit->scale, ret))
    return refuse(text, quantity, ret_error, error_size, "it is too large");
  return true;
}

bool sim_parse_time(const char *text, SimTime *ret, char *ret_error,
                    size_t error_size)
{
  return parse_whole(text, &time_quantity, ret, ret_error, error_size);
}

bool sim_parse_rate(const char *text, int64_t *ret, char *ret_error,
                    size_t error_size)
{
  int64_t rate;

  if (!parse_whole(text, &rate_quantity, &rate, ret_error, error_size))
    return false;
  if (rate == 0)
    return refuse(text, &rate_quantity, ret_error, error_size,
                  "it is under 1 bit/s");
  *ret = rate;
  return true;
}

bool sim_parse_size(const char *text, int64_t *ret, char *ret_error,
                    size_t error_size)
{
  return parse_whole(text, &size_quantity, ret, ret_error, error_size);
}

bool sim_parse_fraction(const char *text, double *ret, char *ret_error,
                        size_t error_size)
{
  const uint64_t half = 1000000000000; /* of MOST_DIGITS */
  char decimal[64];
  Number number;
  const Unit *unit =
      take_apart(text, &fraction_quantity, &number, ret_error, error_size);
  double fraction;

  if (unit == NULL)
    return false;
  snprintf(decimal, sizeof(decimal), "%" PRIu64 "%012" PRIu64 "e%d",
           (uint64_t)(number.digits / half), (uint64_t)(number.digits % half),
           number.exponent - (unit->scale == 100 ? 2 : 0));
  fraction = g_ascii_strtod(decimal, NULL); /* rounds correctly */
  if (fraction > 1)
    return refuse(text, &fraction_quantity, ret_error, error_size,
                  unit->scale == 1
                      ? "it is over 1 (a percentage ends in \"%%\")"
                      : "it is over 100%%");
  *ret = fraction;
  return true;
}
