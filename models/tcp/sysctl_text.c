/* sysctl's values as sysctl(8) takes them: numbers in decimal or hexadecimal,
 * one or more, or the name of a congestion control. */
#include <glib.h>
#include <string.h>

#include "sysctl.h"

static bool set_knob(TcpStack *stack, const char *name, int64_t value)
{
  return tcp_knob_set(tcp_stack_knobs(stack), tcp_knob_find(name), value);
}

static bool set_congestion(TcpStack *stack, const char *value,
                           const char **ret_problem)
{
  const TcpKnob *knob = tcp_knob_find("congestion");

  for (unsigned i = 0; tcp_knob_name(knob, i); i++)
    if (strcmp(tcp_knob_name(knob, i), value) == 0)
      return set_knob(stack, "congestion", i);
  *ret_problem = "this congestion control is not simulated";
  return false;
}

/* "1" or "4096 131072 6291456": how many numbers; 0: something else. */
static unsigned read_numbers(const char *at, int64_t *ret)
{
  unsigned count = 0;

  for (;;) {
    char *end;

    at += strspn(at, " \t,");
    if (!*at)
      return count;
    if (count == TCP_SYSCTL_VALUES)
      return 0;
    ret[count] =
        g_ascii_strtoll(at, &end, at[0] == '0' && at[1] == 'x' ? 16 : 10);
    if (end == at || (*end && !strchr(" \t,", *end)))
      return 0;
    count++;
    at = end;
  }
}

bool tcp_stack_sysctl_text(TcpStack *stack, const char *name, const char *value,
                           const char **ret_problem)
{
  int64_t numbers[TCP_SYSCTL_VALUES];
  unsigned count = read_numbers(value, numbers);

  if (strcmp(name, "net.ipv4.tcp_congestion_control") == 0)
    return set_congestion(stack, value, ret_problem);
  if (count == 0) {
    *ret_problem = "numbers are needed";
    return false;
  }
  /* All ones is Linux's way to say that there is no mark. */
  if (strcmp(name, "net.ipv4.tcp_notsent_lowat") == 0) {
    int64_t mark = numbers[0] >= UINT32_MAX ? 0 : numbers[0];

    *ret_problem = "the value is out of range";
    return set_knob(stack, "notsent_lowat", mark);
  }
  return tcp_stack_sysctl(stack, name, numbers, count, ret_problem);
}
