/* Sockets as `ss -tanoi` prints them. */
#pragma once

#include <glib.h>

#include "info.h"
#include "sockets.h"

/** SocketRow: a socket as it was; nothing in it points to the stack. */
typedef struct SocketRow {
  TcpSocket socket; /* without conn and listener */
  TcpInfo info;     /* if has_info */
  bool has_info;
  const char *control; /* congestion control (transfer none), or NULL */
} SocketRow;

/** socket_rows: (transfer full) of SocketRow: what `stack` has now. */
GArray *socket_rows(const TcpStack *stack);

/** socket_end: "10.0.0.1:80", "[fe80::1]:80", "*:80"; "*:*" of no port; into
 * `ret_text` (NET_END_TEXT bytes), returned. */
char *socket_end(TcpEnd end, char *ret_text);

/** socket_text: (transfer full) the table: a line of titles, one for each
 * socket, and under it what -i adds. No line end at the end. */
char *socket_text(const GArray *rows);
