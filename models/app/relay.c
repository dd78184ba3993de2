/* The buffer between two connections. */
#include "relay.h"

#include <glib.h>

struct AppChunk {
  AppChunk *next;
  NetSlice slice;
  SimTime due;
};

void app_relay_init(AppRelay *relay, Sim *sim, SimOwner *owner, uint32_t most,
                    SimTime delay, SimEventFunc due)
{
  *relay =
      (AppRelay){ .sim = sim, .owner = owner, .most = most, .delay = delay };
  sim_event_init(&relay->timer, due);
}

static void drop_first(AppRelay *relay)
{
  AppChunk *chunk = relay->first;

  relay->first = chunk->next;
  relay->held -= chunk->slice.length;
  net_slice_clear(&chunk->slice);
  g_free(chunk);
}

void app_relay_discard(AppRelay *relay)
{
  while (relay->first)
    drop_first(relay);
}

void app_relay_clear(AppRelay *relay)
{
  app_relay_discard(relay);
  sim_cancel(relay->sim, &relay->timer);
}

static void put(AppRelay *relay, NetSlice slice)
{
  AppChunk *chunk = g_new(AppChunk, 1);

  *chunk =
      (AppChunk){ NULL, slice, sim_time_add(relay->sim->now, relay->delay) };
  if (relay->first)
    relay->last->next = chunk;
  else
    relay->first = chunk;
  relay->last = chunk;
  relay->held += slice.length;
}

/* The next thing that is not due yet wakes the relay's owner. */
static void set_timer(AppRelay *relay)
{
  SimTime next = relay->first ? relay->first->due : relay->ends_due;

  if ((relay->first || relay->ended) && next > relay->sim->now)
    sim_schedule(relay->sim, &relay->timer, relay->owner, next);
}

void app_relay_end(AppRelay *relay)
{
  if (relay->ended)
    return;
  relay->ended = true;
  relay->ends_due = sim_time_add(relay->sim->now, relay->delay);
  set_timer(relay);
}

TcpError app_relay_read(AppRelay *relay, TcpConnection *from)
{
  while (!relay->ended && relay->held < relay->most) {
    NetSlice slice;
    TcpError error = tcp_receive(from, relay->most - relay->held, &slice);

    if (error)
      return error;
    if (slice.length > 0)
      put(relay, slice);
    else
      app_relay_end(relay);
  }
  set_timer(relay);
  return relay->ended ? TCP_OK : TCP_EAGAIN;
}

/* Whole or in part. */
static TcpError send_first(AppRelay *relay, TcpConnection *to)
{
  NetSlice *slice = &relay->first->slice;
  uint32_t taken = 0;
  TcpError error = tcp_send(to, net_slice_ref(*slice, 0, slice->length), true,
                            false, &taken);

  relay->moved += taken;
  relay->blocked = error == TCP_EAGAIN || taken < slice->length;
  if (error)
    return error;
  if (taken == slice->length) {
    drop_first(relay);
    return TCP_OK;
  }
  relay->held -= taken;
  slice->offset += taken;
  slice->length -= taken;
  return TCP_EAGAIN;
}

TcpError app_relay_write(AppRelay *relay, TcpConnection *to)
{
  TcpError error = TCP_OK;

  if (relay->blocked && tcp_writable(to) == 0 && tcp_state(to) != TCP_CLOSED)
    return TCP_EAGAIN;
  while (!error && relay->first && relay->first->due <= relay->sim->now)
    error = send_first(relay, to);
  set_timer(relay);
  return error;
}

bool app_relay_is_over(const AppRelay *relay)
{
  return relay->ended && !relay->first && relay->ends_due <= relay->sim->now;
}
