/* What the user's calls share: user.c, receive.c. */
#pragma once

#include "parts.h"

/** tcp_call_traced: traces that `call` moved `length` bytes of `conn`, or was
 * answered by `error`, which it returns. */
TcpError tcp_call_traced(TcpConnection *conn, const char *call, uint32_t length,
                         TcpError error);

/** tcp_take_error: the pending error, which is told once. */
static inline TcpError tcp_take_error(TcpConnection *conn)
{
  TcpError error = conn->error;

  conn->error = TCP_OK;
  return error;
}
