/* Pairs of connections: bytes and ends of the one are handed to the other.
 *
 *   pair_look:  read -> write, until nothing moves -> ends -> FINs
 */
#include "proxy_private.h"

static inline Half *other(Half *half)
{
  return &half->pair->half[half == &half->pair->half[CLIENT]];
}

static inline bool is_client(const Half *half)
{
  return half == &half->pair->half[CLIENT];
}

static void tell(const Half *half, const char *rule, const char *text)
{
  NetTraceAlert alert = { .node = net_host_node(half->pair->proxy->host),
                          .rule = rule,
                          .text = text,
                          .remark = true };

  net_alert(&alert);
}

/* -- pairs -- */

static void due(Sim *sim, SimEvent *event)
{
  (void)sim;
  proxy_pair_step(SIM_CONTAINER(event, Half, relay.timer)->pair);
}

ProxyPair *proxy_pair_new(AppProxy *proxy, TcpPair to_client)
{
  ProxyPair *pair = g_new0(ProxyPair, 1);

  pair->proxy = proxy;
  pair->half[CLIENT].name = to_client;
  pair->half[SERVER].name = proxy_mirrored(to_client);
  for (int i = 0; i < 2; i++) {
    pair->half[i].pair = pair;
    app_relay_init(&pair->half[i].relay, proxy->sim, &proxy->owner,
                   proxy->spec.buffer, proxy->spec.delay, due);
  }
  pair->previous = proxy->last;
  *(proxy->last ? &proxy->last->next : &proxy->first) = pair;
  proxy->last = pair;
  proxy->counters.open++;
  return pair;
}

void proxy_pair_free(ProxyPair *pair)
{
  AppProxy *proxy = pair->proxy;

  *(pair->previous ? &pair->previous->next : &proxy->first) = pair->next;
  *(pair->next ? &pair->next->previous : &proxy->last) = pair->previous;
  for (int i = 0; i < 2; i++) {
    proxy->counters.lost += pair->half[i].relay.held;
    app_relay_clear(&pair->half[i].relay);
  }
  net_packet_free(pair->syn);
  proxy->counters.open--;
  g_free(pair);
}

/* TCP ends it alone; nobody is told. */
static void half_release(Half *half)
{
  TcpConnection *tcp = half->tcp;

  half->tcp = NULL;
  half->open = false;
  half->gone = true;
  if (!tcp)
    return;
  tcp_set_user(tcp, NULL, NULL);
  tcp_release(tcp);
}

static void half_abort(Half *half)
{
  if (half->tcp)
    tcp_abort(half->tcp);
  half_release(half);
}

/* -- how the halves end -- */

/* The server cannot be reached: RST for the client. */
static void pair_refuse(ProxyPair *pair)
{
  AppProxy *proxy = pair->proxy;
  NetPacket *syn = pair->syn;
  const char *problem;
  NetIp ip;

  proxy->counters.refused++;
  half_abort(&pair->half[CLIENT]);
  pair->syn = NULL;
  if (syn && net_ip_get(syn, &ip, &problem))
    tcp_refuse(proxy->stack, syn, &ip);
  else
    net_packet_free(syn);
}

/* `half` was reset, or gave up. */
static void half_failed(Half *half)
{
  ProxyPair *pair = half->pair;
  AppProxyReset rule = pair->proxy->spec.on_reset;
  Half *rest = other(half);
  bool unreached = !is_client(half) && !half->open;

  half_release(half);
  half->failed = true;
  app_relay_end(&half->relay);
  if (unreached) {
    pair_refuse(pair);
    return;
  }
  pair->proxy->counters.resets++;
  if (rule == APP_PROXY_RESET_PASS || (is_client(half) && !rest->open))
    half_abort(rest);
  else if (rule == APP_PROXY_RESET_CLOSE)
    rest->finish = rest->close = true;
  else if (rest->tcp)
    tell(half, "proxy-reset-held",
         is_client(half)
             ? "the proxy does not tell the server that the client is gone"
             : "the proxy does not tell the client that the server is gone");
}

/* All that came before the FIN of `half` has been handed on. */
static void half_ended(Half *half)
{
  Half *rest = other(half);

  if (rest->gone)
    half->finish = true;
  switch (half->pair->proxy->spec.on_fin) {
  case APP_PROXY_FIN_PASS:
    rest->finish = true;
    break;
  case APP_PROXY_FIN_BOTH:
    rest->finish = rest->close = true;
    half->finish = true;
    break;
  case APP_PROXY_FIN_HOLD:
    if (rest->relay.ended)
      rest->finish = half->finish = true;
    break;
  }
}

/* -- what a half does when something may have changed -- */

static void fin_was_read(Half *half)
{
  AppProxy *proxy = half->pair->proxy;

  proxy->counters.fins++;
  if (proxy->spec.on_fin == APP_PROXY_FIN_HOLD && !other(half)->relay.ended)
    tell(half, "proxy-fin-held",
         is_client(half) ? "the proxy keeps the client's FIN to itself"
                         : "the proxy keeps the server's FIN to itself");
}

/* Nobody is left to give it to. */
static void discard(Half *half)
{
  half->pair->proxy->counters.lost += half->relay.held;
  app_relay_discard(&half->relay);
}

/* False: it failed. */
static bool half_read(Half *half)
{
  bool ended = half->relay.ended;
  TcpError error;

  if (!half->tcp)
    return true;
  error = tcp_state(half->tcp) == TCP_CLOSED ? tcp_error(half->tcp) : TCP_OK;
  if (!error && !half->close)
    error = app_relay_read(&half->relay, half->tcp);
  if (error && error != TCP_EAGAIN) {
    half_failed(half);
    return false;
  }
  if (half->relay.ended && !ended)
    fin_was_read(half);
  if (other(half)->gone)
    discard(half);
  return true;
}

/* What the other half has read goes out by `half`. */
static bool half_write(Half *half)
{
  AppRelay *relay = &other(half)->relay;
  uint64_t moved = relay->moved;
  TcpError error;

  if (!half->tcp || !half->open || half->finished)
    return true;
  error = app_relay_write(relay, half->tcp);
  *(is_client(half) ? &half->pair->proxy->counters.to_client
                    : &half->pair->proxy->counters.to_server) +=
      relay->moved - moved;
  if (error && error != TCP_EAGAIN)
    half_failed(half);
  return !error || error == TCP_EAGAIN;
}

static void half_finish(Half *half)
{
  bool written = !other(half)->relay.first;

  if (!half->tcp || !half->open)
    return;
  if (half->finish && written && !half->finished) {
    half->finished = true;
    if (half->close)
      tcp_close(half->tcp);
    else
      tcp_shutdown(half->tcp, TCP_SHUTDOWN_SEND);
  }
  if (half->finished && (half->close || half->relay.ended))
    half_release(half);
}

/* The server was asked first, and the client never completed its handshake:
 * TCP forgets that without a word. */
static bool client_vanished(const ProxyPair *pair)
{
  const Half *client = &pair->half[CLIENT];
  TcpStatus status;

  return pair->half[SERVER].open && !client->tcp && !client->gone &&
         !pair->syn &&
         !tcp_status_of(pair->proxy->stack, &client->name, &status);
}

static void pair_look(ProxyPair *pair)
{
  if (client_vanished(pair))
    half_failed(&pair->half[CLIENT]);
  for (int i = 0; i < 2; i++) {
    Half *half = &pair->half[i];
    uint32_t held;

    do {
      if (!half_read(half))
        break;
      held = half->relay.held;
      half_write(other(half));
    } while (half->relay.held < held && half->tcp);
  }
  for (int i = 0; i < 2; i++)
    if (app_relay_is_over(&pair->half[i].relay) && !pair->half[i].failed)
      half_ended(&pair->half[i]);
  for (int i = 0; i < 2; i++)
    half_finish(&pair->half[i]);
}

/* Calls on one half may tell of the other: then once more, not deeper. */
void proxy_pair_step(ProxyPair *pair)
{
  pair->again = true;
  if (pair->busy)
    return;
  pair->busy = true;
  while (pair->again) {
    pair->again = false;
    pair_look(pair);
  }
  pair->busy = false;
  if (!pair->half[CLIENT].tcp && !pair->half[SERVER].tcp && !pair->syn)
    proxy_pair_free(pair);
}

void proxy_pair_unreached(ProxyPair *pair)
{
  half_failed(&pair->half[SERVER]);
  proxy_pair_step(pair);
}
