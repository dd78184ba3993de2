/* Spans of time for people, and the time that bytes take. */
#include "simtime.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>

#include "units.h"

__extension__ typedef unsigned __int128 Wide;

static uint64_t round_digits(uint64_t value, int digits)
{
  uint64_t step = 1;

  for (uint64_t rest = value; rest >= 10; rest /= 10)
    if (digits > 1)
      digits--;
    else
      step *= 10;
  return (value + step / 2) / step * step;
}

/* "2 h 30 min": whole `first`s, then whole `second`s, of which there are
 * `ratio` in a `first`. */
static void format_pair(uint64_t seconds, const char *first, const char *second,
                        uint64_t ratio, char *ret_text, size_t size)
{
  uint64_t rest = seconds % ratio;

  if (rest == 0)
    snprintf(ret_text, size, "%" PRIu64 " %s", seconds / ratio, first);
  else
    snprintf(ret_text, size, "%" PRIu64 " %s %" PRIu64 " %s", seconds / ratio,
             first, rest, second);
}

static void format_long(uint64_t time, char *ret_text, size_t size)
{
  uint64_t seconds = (time + SIM_SECOND / 2) / SIM_SECOND;
  uint64_t minutes = (time + SIM_MINUTE / 2) / SIM_MINUTE;
  uint64_t hours = (time + SIM_HOUR / 2) / SIM_HOUR;

  if (seconds < 3600)
    format_pair(seconds, "min", "s", 60, ret_text, size);
  else if (minutes < 24 * 60)
    format_pair(minutes, "h", "min", 60, ret_text, size);
  else
    format_pair(hours, "d", "h", 24, ret_text, size);
}

static void format_short(uint64_t time, char *ret_text, size_t size)
{
  static const char *const units[] = { "ns", "us", "ms", "s" };
  unsigned unit = 0;
  uint64_t scale = 1;
  char fraction[21];
  size_t length;

  while (unit < 3 && time / scale >= 1000) {
    scale *= 1000;
    unit++;
  }
  if (time == 0)
    unit = 3;
  snprintf(fraction, sizeof(fraction), "%09" PRIu64,
           time % scale * (SIM_SECOND / scale));
  for (length = 9; length > 0 && fraction[length - 1] == '0';)
    length--;
  snprintf(ret_text, size, "%" PRIu64 "%s%.*s %s", time / scale,
           length > 0 ? "." : "", (int)length, fraction, units[unit]);
}

char *sim_format_time(SimTime time, int digits, char *ret_text, size_t size)
{
  uint64_t rounded;

  g_assert(time >= 0 && digits >= 1 && digits <= 9);
  rounded = round_digits((uint64_t)time, digits);
  if (time == SIM_TIME_NEVER)
    snprintf(ret_text, size, "never");
  else if (rounded < 10 * (uint64_t)SIM_MINUTE)
    format_short(rounded, ret_text, size);
  else
    format_long((uint64_t)time, ret_text, size);
  return ret_text;
}

SimTime sim_transmission_time(int64_t bytes, int64_t rate)
{
  const uint64_t scale = 8 * (uint64_t)SIM_SECOND;
  uint64_t divisor = (uint64_t)rate;

  g_assert(bytes >= 0 && rate > 0);
  if (G_LIKELY((uint64_t)bytes <= UINT64_MAX / scale)) {
    uint64_t bits = (uint64_t)bytes * scale;
    uint64_t time = bits / divisor + (bits % divisor != 0);

    return time < INT64_MAX ? (SimTime)time : SIM_TIME_NEVER;
  } else {
    Wide bits = (Wide)bytes * scale;
    Wide time = bits / divisor + (bits % divisor != 0);

    return time < INT64_MAX ? (SimTime)time : SIM_TIME_NEVER;
  }
}
