/* What the two files of the proxy share. */
#pragma once

#include <glib.h>

#include "box.h"
#include "proxy.h"
#include "relay.h"

typedef struct ProxyPair ProxyPair;

enum { CLIENT, SERVER };

typedef struct Half {
  ProxyPair *pair;
  TcpConnection *tcp; /* NULL: not there yet, or over */
  TcpPair name;       /* local: the end that the proxy plays */
  AppRelay relay;     /* what came by it, for the other half */
  bool open;          /* may be written to */
  bool finish;        /* FIN once all was written ... */
  bool close;         /* ... and nothing is read any more */
  bool finished;      /* that FIN is queued */
  bool gone;          /* it was there and is over ... */
  bool failed;        /* ... by an error */
} Half;

struct ProxyPair {
  AppProxy *proxy;
  ProxyPair *next, *previous;
  Half half[2];
  NetPacket *syn; /* of the client, that waits for the server; or NULL */
  NetNic *nic;    /* by which it came */
  bool busy;      /* pair_step() is on the stack, and will look again: */
  bool again;
};

struct AppProxy {
  NetBox box; /* owned by the host, and the proxy with it */
  AppProxySpec spec;
  uint16_t ports[APP_PROXY_PORTS];
  TcpStack *stack;
  NetHost *host;
  Sim *sim;
  SimOwner owner;
  ProxyPair *first, *last;
  AppProxyCounters counters;
};

/** proxy_mirrored: the name of the one half as the other's. */
static inline TcpPair proxy_mirrored(TcpPair pair)
{
  return (TcpPair){ pair.remote, pair.local };
}

/** proxy_pair_new: in the list, without connections. */
ProxyPair *proxy_pair_new(AppProxy *proxy, TcpPair to_client);
void proxy_pair_free(ProxyPair *pair);

/** proxy_pair_step: does what can be done; frees the pair if it is over. */
void proxy_pair_step(ProxyPair *pair);

/** proxy_pair_unreached: the OPEN towards the server was refused. */
void proxy_pair_unreached(ProxyPair *pair);
