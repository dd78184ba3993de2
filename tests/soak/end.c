/* One user of the connection: sends, reads and closes as its plan says, partly
 * inside notifications, partly at times of its own. */
#include "soak.h"

#define CLIENT_PORT 4000
#define SERVER_PORT 80

static uint8_t payload_byte(uint64_t key, uint64_t offset)
{
  return (uint8_t)(sim_hash(key, offset >> 3) >> (offset & 7) * 8);
}

static uint64_t payload_key(const SoakRun *run, unsigned side)
{
  return sim_hash(run->it->number, side + 1);
}

NetSlice soak_payload(const SoakRun *run, unsigned side, uint64_t offset,
                      uint32_t length)
{
  NetBuffer *buffer = net_buffer_new(NULL, length);
  uint64_t key = payload_key(run, side);

  for (uint32_t i = 0; i < length; i++)
    buffer->bytes[i] = payload_byte(key, offset + i);
  return (NetSlice){ buffer, 0, length };
}

bool soak_payload_check(const SoakRun *run, unsigned side, uint64_t offset,
                        NetSlice slice)
{
  uint64_t key = payload_key(run, side);

  for (uint32_t i = 0; i < slice.length; i++)
    if (!slice.buffer ||
        slice.buffer->bytes[slice.offset + i] != payload_byte(key, offset + i))
      return false;
  return true;
}

static Sim *end_sim(const SoakEnd *end)
{
  return end->run->sim;
}

static const char *end_name(const SoakEnd *end)
{
  return end->side == SOAK_CLIENT ? "client" : "server";
}

static void end_failed(SoakEnd *end, const char *call, TcpError error)
{
  if (!end->error)
    end->error = error;
  if (!end->run->it->rough)
    soak_problem(end->run, "%s: %s answers %s", end_name(end), call,
                 tcp_error_name(error));
}

static void wait_for(SoakEnd *end, SimEvent *event, SimTime span, bool *waits)
{
  *waits = true;
  sim_schedule(end_sim(end), event, &end->owner, end_sim(end)->now + span);
}

/* -- sending -- */

static bool may_write(const SoakEnd *end)
{
  if (end->shut || end->writing_waits || end->sent == end->plan->bytes)
    return false;
  return (end->opened || end->plan->early) &&
         (end->eof || !end->plan->data_after_peer);
}

static void end_write(SoakEnd *end)
{
  const SoakPlan *plan = end->plan;

  while (may_write(end)) {
    uint32_t size = (uint32_t)MIN(plan->write, plan->bytes - end->sent), taken;
    TcpError error =
        tcp_send(end->conn, soak_payload(end->run, end->side, end->sent, size),
                 plan->push, plan->urgent, &taken);

    if (error == TCP_EAGAIN)
      return;
    if (error) {
      end_failed(end, "SEND", error);
      return;
    }
    end->sent += taken;
    if (plan->write_pause > 0)
      wait_for(end, &end->write, plan->write_pause, &end->writing_waits);
  }
}

/* -- receiving -- */

static void end_read(SoakEnd *end)
{
  const SoakPlan *plan = end->plan;
  NetSlice slice;

  while (!end->eof && !end->reading_waits &&
         !(end->shut && plan->whole_close)) {
    TcpError error = tcp_receive(end->conn, plan->read, &slice);

    if (error == TCP_EAGAIN)
      return;
    if (error) {
      end_failed(end, "RECEIVE", error);
      end->eof = true;
      return;
    }
    end->eof = slice.length == 0;
    if (!soak_payload_check(end->run, !end->side, end->received, slice))
      soak_problem(end->run, "%s: wrong bytes after %" G_GUINT64_FORMAT,
                   end_name(end), end->received);
    end->received += slice.length;
    net_slice_clear(&slice);
    if (plan->read_pause > 0 && !end->eof)
      wait_for(end, &end->read, plan->read_pause, &end->reading_waits);
  }
}

/* -- closing -- */

static bool close_is_due(SoakEnd *end)
{
  if (end->shut || end->closed || !end->opened || end->sent < end->plan->bytes)
    return false;
  switch (end->plan->when) {
  case SOAK_AT_ONCE:
    return true;
  case SOAK_AFTER_PEER:
    return end->eof;
  default:
    if (!end->closing_waits)
      wait_for(end, &end->close, end->plan->close_pause, &end->closing_waits);
    return end->close_due;
  }
}

static void end_release(SoakEnd *end)
{
  TcpConnection *conn = end->conn;

  end->conn = NULL;
  end->done = true;
  end->ended = end_sim(end)->now;
  tcp_release(conn);
  if (end->listener)
    tcp_listener_close(end->listener);
  end->listener = NULL;
}

/* A slow reader may find everything there after the connection has gone. */
static bool is_unread(const SoakEnd *end)
{
  return (tcp_readable(end->conn) > 0 || end->reading_waits) && !end->error;
}

static void end_close(SoakEnd *end)
{
  const SoakPlan *plan = end->plan;
  TcpError error = TCP_OK;

  if (end->closed && end->run->it->rough && !is_unread(end)) {
    error = tcp_error(end->conn);
    if (error)
      end_failed(end, "the end", error);
    end_release(end);
    return;
  }
  if (close_is_due(end)) {
    end->shut = true;
    error = plan->whole_close ? tcp_close(end->conn)
                              : tcp_shutdown(end->conn, TCP_SHUTDOWN_SEND);
    if (error)
      end_failed(end, "CLOSE", error);
    if (plan->whole_close && plan->release_early) {
      end_release(end);
      return;
    }
  }
  if (plan->whole_close && !end->closed)
    return;
  if (end->shut && end->eof && !plan->whole_close && plan->release_early) {
    end_release(end);
    return;
  }
  if (end->closed && end->shut && (end->eof || plan->whole_close)) {
    error = tcp_error(end->conn);
    if (error)
      end_failed(end, "the end", error);
    end_release(end);
  }
}

/* Calls from outside a turn tell us at their end what became true: that is
 * looked at when the work at hand is done. */
static void end_work(SoakEnd *end)
{
  end->again = true;
  if (end->working || !end->conn)
    return;
  end->working = true;
  while (end->again && end->conn) {
    TcpState state = tcp_state(end->conn);

    end->again = false;
    if (state >= TCP_ESTABLISHED ||
        (end->plan->early && state == TCP_SYN_RECEIVED))
      end->opened = true;
    end->closed = state == TCP_CLOSED;
    end_read(end);
    end_write(end);
    end_close(end);
  }
  end->working = false;
}

static void told(void *user, TcpConnection *conn, unsigned events)
{
  SoakEnd *end = user;

  if (!end->conn && !end->done)
    end->conn = conn; /* told before tcp_connect() has returned */
  g_assert_true(end->conn == conn);
  if (events & TCP_EVENT_CLOSED)
    g_assert_cmpint(tcp_state(conn), ==, TCP_CLOSED);
  end_work(end);
}

static void write_again(Sim *sim, SimEvent *event)
{
  SoakEnd *end = SIM_CONTAINER(event, SoakEnd, write);

  g_assert_nonnull(sim);
  end->writing_waits = false;
  end_work(end);
}

static void read_again(Sim *sim, SimEvent *event)
{
  SoakEnd *end = SIM_CONTAINER(event, SoakEnd, read);

  g_assert_nonnull(sim);
  end->reading_waits = false;
  end_work(end);
}

static void close_now(Sim *sim, SimEvent *event)
{
  SoakEnd *end = SIM_CONTAINER(event, SoakEnd, close);

  g_assert_nonnull(sim);
  end->close_due = true;
  end_work(end);
}

/* -- opening -- */

static void acceptable(void *user, TcpListener *listener)
{
  SoakEnd *end = user;

  if (end->conn || end->done) {
    soak_problem(end->run, "a second connection came about");
    return;
  }
  end->conn = tcp_accept(listener, told, end);
  g_assert_nonnull(end->conn);
  if (!end->run->it->keep_listener) {
    end->listener = NULL;
    tcp_listener_close(listener);
  }
  end_work(end);
}

static void end_connect(SoakEnd *end)
{
  const SoakEnd *peer = &end->run->ends[!end->side];
  uint16_t ports[2] = { CLIENT_PORT, SERVER_PORT };
  TcpEnd local = { NET_ADDRESS_ANY, ports[end->side] };
  TcpEnd remote = { net_host_address(tcp_stack_host(peer->stack)),
                    ports[!end->side] };
  TcpError error;
  TcpConnection *conn = tcp_connect(end->stack, &local, remote,
                                    &end->plan->knobs, told, end, &error);

  if (error)
    end_failed(end, "OPEN", error);
  if (!end->done)
    end->conn = conn;
  end_work(end);
}

void soak_end_open(SoakEnd *end)
{
  TcpError error;

  if (end->side == SOAK_CLIENT || end->run->it->simultaneous) {
    end_connect(end);
    return;
  }
  end->listener = tcp_listen(end->stack, NET_ADDRESS_ANY, SERVER_PORT, 0,
                             &end->plan->knobs, acceptable, end, &error);
  g_assert_nonnull(end->listener);
}

void soak_end_abort(SoakEnd *end)
{
  if (end->conn)
    tcp_abort(end->conn);
  if (end->listener)
    tcp_listener_close(end->listener);
  end->listener = NULL;
}

static void open_now(Sim *sim, SimEvent *event)
{
  g_assert_nonnull(sim);
  soak_end_open(SIM_CONTAINER(event, SoakEnd, open));
}

void soak_end_init(SoakEnd *end, SoakRun *run, unsigned side)
{
  *end = (SoakEnd){ .run = run, .plan = &run->it->plans[side], .side = side };
  sim_owner_init(&end->owner, run->sim, side ? "user server" : "user client");
  sim_random_init(&end->dice, run->it->number, side ? "server" : "client");
  sim_event_init(&end->open, open_now);
  sim_event_init(&end->write, write_again);
  sim_event_init(&end->read, read_again);
  sim_event_init(&end->close, close_now);
}
