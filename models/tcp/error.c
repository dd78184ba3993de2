#include <glib.h>

#include "tcp.h"

static const struct {
  const char *name, *text;
} errors[] = {
  [TCP_OK] = { "OK", "success" },
  [TCP_EAGAIN] = { "EAGAIN", "nothing to do now" },
  [TCP_EINVAL] = { "EINVAL", "the call makes no sense here" },
  [TCP_EISCONN] = { "EISCONN", "already connected" },
  [TCP_ENOTCONN] = { "ENOTCONN", "not connected" },
  [TCP_EPIPE] = { "EPIPE", "this side has finished sending" },
  [TCP_EADDRINUSE] = { "EADDRINUSE", "the address is in use" },
  [TCP_EADDRNOTAVAIL] = { "EADDRNOTAVAIL", "not an address of this host" },
  [TCP_ENETUNREACH] = { "ENETUNREACH", "no route to the network" },
  [TCP_EHOSTUNREACH] = { "EHOSTUNREACH", "no way to the host" },
  [TCP_ECONNREFUSED] = { "ECONNREFUSED", "the peer refused the connection" },
  [TCP_ECONNRESET] = { "ECONNRESET", "the peer reset the connection" },
  [TCP_ECONNABORTED] = { "ECONNABORTED", "the connection was aborted here" },
  [TCP_ETIMEDOUT] = { "ETIMEDOUT", "the peer did not answer in time" },
  [TCP_ENOPROTOOPT] = { "ENOPROTOOPT", "no such option" },
  [TCP_EMSGSIZE] = { "EMSGSIZE", "too large" },
  [TCP_EPROTO] = { "EPROTO", "a router found the header wrong" },
  [TCP_EOPNOTSUPP] = { "EOPNOTSUPP", "the way there does not support it" },
  [TCP_EHOSTDOWN] = { "EHOSTDOWN", "the host is down" },
  [TCP_ENONET] = { "ENONET", "the host is cut off from its network" },
  [TCP_EACCES] = { "EACCES", "a router does not permit it" },
  [TCP_ENOBUFS] = { "ENOBUFS", "no such buffer is to be had" },
};

const char *tcp_error_name(TcpError error)
{
  g_return_val_if_fail((unsigned)error < G_N_ELEMENTS(errors), "?");
  return errors[error].name;
}

const char *tcp_error_text(TcpError error)
{
  g_return_val_if_fail((unsigned)error < G_N_ELEMENTS(errors), "?");
  return errors[error].text;
}
