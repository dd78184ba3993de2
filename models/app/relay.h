/* Bytes on their way from one connection to another: a bounded buffer.
 *
 *   from --tcp_receive--> chunks, each due `delay` later --tcp_send--> to
 *
 * Slices are handed over, never copied. What does not fit stays in `from`,
 * whose window closes: backpressure. The end (a FIN) waits behind the bytes.
 */
#pragma once

#include "tcp.h"

typedef struct AppChunk AppChunk;

typedef struct AppRelay {
  Sim *sim;
  SimOwner *owner;
  AppChunk *first, *last;
  SimEvent timer;   /* pending while the first chunk or the end is not due */
  SimTime delay;    /* each byte's, and the end's */
  SimTime ends_due; /* if `ended` */
  uint64_t moved;   /* bytes given to `to` so far */
  uint32_t held;    /* bytes in chunks */
  uint32_t most;    /* of them, > 0 */
  bool ended;       /* no more will come from `from` */
  bool blocked;     /* the last SEND was not taken whole */
} AppRelay;

/** app_relay_init: `due` is called when something has waited long enough. */
void app_relay_init(AppRelay *relay, Sim *sim, SimOwner *owner, uint32_t most,
                    SimTime delay, SimEventFunc due);

/** app_relay_discard: what is held is thrown away. */
void app_relay_discard(AppRelay *relay);

/** app_relay_clear: the same, and nobody is called any more. */
void app_relay_clear(AppRelay *relay);

/** app_relay_read: takes from `from` what there is room for. Returns: TCP_OK:
 * its end was reached (`ended`); TCP_EAGAIN: more may come; else the error by
 * which `from` is over. */
TcpError app_relay_read(AppRelay *relay, TcpConnection *from);

/** app_relay_write: gives `to` what is due and what it has room for. Returns:
 * TCP_EAGAIN if there was no room for all; an error: `to` takes no more. */
TcpError app_relay_write(AppRelay *relay, TcpConnection *to);

/** app_relay_end: no more is read. */
void app_relay_end(AppRelay *relay);

/** app_relay_is_over: it has ended, all was written, and the end is due. */
bool app_relay_is_over(const AppRelay *relay);
