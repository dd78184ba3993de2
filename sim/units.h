/* Quantities as people write them: "20ms", "10Mbit/s", "64KiB", "1.5%".
 *
 * A number without a unit is in SI base units: seconds, bit/s, bytes, a
 * fraction. Units: ns us ms s min h d; bit/s kbit/s Mbit/s Gbit/s Tbit/s (bps,
 * and B/s kB/s ... in bytes); B kB MB GB (powers of 1000), KiB MiB GiB
 * (powers of 1024). White space around the number is allowed, and so is an
 * exponent: "1e-3". Exact: no rounding but to the base unit (half away from
 * zero); at most 24 digits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "simtime.h"

/** sim_parse_time: to ns. On failure false, `ret` untouched, and one sentence
 * that says what is wrong and what to write in `ret_error` (capacity
 * `error_size` bytes). Negative spans are errors, as are those over 2^63. */
bool sim_parse_time(const char *text, SimTime *ret, char *ret_error,
                    size_t error_size);

/** sim_parse_rate: to bit/s (0 is an error). Errors as sim_parse_time(). */
bool sim_parse_rate(const char *text, int64_t *ret, char *ret_error,
                    size_t error_size);

/** sim_parse_size: to bytes. Errors as sim_parse_time(). */
bool sim_parse_size(const char *text, int64_t *ret, char *ret_error,
                    size_t error_size);

/** sim_parse_fraction: "2%" or "0.02" to [0, 1]. Errors likewise. */
bool sim_parse_fraction(const char *text, double *ret, char *ret_error,
                        size_t error_size);

/** sim_format_time: `time` (>= 0) as "1.5 ms" or "240 s", rounded to `digits`
 * significant digits (1 to 9); from 10 minutes on in whole numbers of two
 * units, "12 min 30 s". Writes into `ret_text` and returns it. */
char *sim_format_time(SimTime time, int digits, char *ret_text, size_t size);

/** sim_transmission_time: ns that `bytes` take at `rate` (bit/s, > 0), rounded
 * up; 128-bit inside. */
SimTime sim_transmission_time(int64_t bytes, int64_t rate);
