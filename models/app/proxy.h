/* A transparent proxy: a router that ends the TCP connections that go through
 * it, and makes two of each, with the addresses and ports of the original.
 *
 *   client  <-- connection 1 -->  [ proxy ]  <-- connection 2 -->  server
 *           "I am the server"       relay       "I am the client"
 *
 * Client and server are told nothing of it. What is acknowledged to one was
 * not received by the other, and each half ends by itself: how the proxy passes
 * the end of one half on to the other is its specification. Only TCP segments
 * to its ports, and what belongs to connections of its own, are diverted; all
 * else is routed.
 */
#pragma once

#include "tcp.h"

/** AppProxyFin: what the FIN of one half does to the other. */
typedef enum AppProxyFin {
  APP_PROXY_FIN_PASS, /* goes on behind the bytes before it: half-close */
  APP_PROXY_FIN_BOTH, /* both halves are closed: what comes the other way from
                         now on is answered by RST */
  APP_PROXY_FIN_HOLD, /* nothing, until the other half has its FIN, too */
} AppProxyFin;

/** AppProxyReset: what it does to one half that the other was reset, or gave
 * up. */
typedef enum AppProxyReset {
  APP_PROXY_RESET_PASS,  /* RST */
  APP_PROXY_RESET_CLOSE, /* FIN behind what is held */
  APP_PROXY_RESET_HOLD,  /* nothing: it lasts until its own end */
} AppProxyReset;

typedef struct AppProxySpec {
  const uint16_t *ports; /* copied: of servers */
  unsigned count;        /* > 0, at most APP_PROXY_PORTS */
  AppProxyFin on_fin;
  AppProxyReset on_reset;
  bool server_first; /* the client's SYN waits until the server has answered;
                        else the client's handshake comes first */
  SimTime delay;     /* of bytes and FINs inside */
  uint32_t buffer;   /* bytes, for each direction; > 0 */
} AppProxySpec;

#define APP_PROXY_PORTS 64

typedef struct AppProxyCounters {
  uint64_t accepted;  /* connections of clients */
  uint64_t connected; /* to servers */
  uint64_t refused;   /* clients that got a RST since the server could not be
                         reached */
  uint64_t to_server; /* bytes handed on */
  uint64_t to_client;
  uint64_t lost;     /* bytes acknowledged and never handed on */
  uint64_t fins;     /* read from either half */
  uint64_t resets;   /* halves that ended by an error */
  uint64_t diverted; /* packets */
  uint64_t open;     /* pairs of connections now */
} AppProxyCounters;

typedef struct AppProxy AppProxy;

/** app_proxy_new: (transfer none) stands on `stack`'s host, a router, which
 * from now on speaks for all addresses; NULL with `ret_error` if a port is in
 * use. */
AppProxy *app_proxy_new(TcpStack *stack, const AppProxySpec *spec,
                        TcpError *ret_error);

const AppProxyCounters *app_proxy_counters(const AppProxy *proxy);

/** AppProxyPair: the two halves of what its ends take for one connection. */
typedef struct AppProxyPair {
  TcpEnd client, server;
  TcpState to_client, to_server;   /* states of the proxy's own ends */
  uint32_t for_server, for_client; /* bytes held */
  bool client_ended, server_ended; /* its FIN was read */
} AppProxyPair;

/** app_proxy_each: pairs of which a half is still the proxy's, oldest first. */
void app_proxy_each(const AppProxy *proxy,
                    void (*func)(void *user, const AppProxyPair *pair),
                    void *user);
