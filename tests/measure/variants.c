/* The states that are measured, as lists of steps. Invariant: a list is a real
 * conversation; no state is poked into the kernel. */

#include "variants.h"

#include <netinet/tcp.h>
#include <string.h>

/* The kernel's names of the states. */
enum {
  IS_CLOSED = TCP_CLOSE,
  IS_LISTEN = TCP_LISTEN,
  IS_SYN_SENT = TCP_SYN_SENT,
  IS_SYN_RECEIVED = TCP_SYN_RECV,
  IS_ESTABLISHED = TCP_ESTABLISHED,
  IS_FIN_WAIT_1 = TCP_FIN_WAIT1,
  IS_FIN_WAIT_2 = TCP_FIN_WAIT2,
  IS_CLOSE_WAIT = TCP_CLOSE_WAIT,
  IS_CLOSING = TCP_CLOSING,
  IS_LAST_ACK = TCP_LAST_ACK,
  IS_TIME_WAIT = TCP_TIME_WAIT,
};

const Variant variants[] = {
#define VARIANT(name, state, zero, ...) \
  { name, IS_##state, zero, { __VA_ARGS__ } },
#include "variants.def"
#undef VARIANT
  { NULL, 0, false, { NULL } },
};

const Variant *variant_by_name(const char *name)
{
  for (const Variant *variant = variants; variant->name; variant++)
    if (!strcmp(variant->name, name))
      return variant;
  return NULL;
}
