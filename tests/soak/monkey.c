/* Users that do anything at any time: every call in every state, from timers
 * and from inside notifications, on several connections and listeners of two
 * hosts at once, also of a host with itself. Nothing asserts; and when the
 * users have gone, whatever they have left behind comes to an end. */
#include "info.h"
#include "soak.h"
#include "sockets.h"
#include "sockopt.h"

#define SLOTS 6
#define DEEPEST 4 /* calls from inside notifications from inside calls ... */

typedef struct Monkey Monkey;

typedef struct Slot {
  Monkey *monkey;
  TcpConnection *conn;
  TcpListener *listener;
  bool given_up; /* released before its OPEN returned */
} Slot;

struct Monkey {
  SoakRun run;
  SoakCase it;
  SimRandom dice;
  SimOwner owner;
  SimEvent event;
  Slot conns[2][SLOTS];
  Slot listeners[2][SLOTS];
  unsigned depth;
  unsigned calls; /* still to make */
};

static uint64_t roll(Monkey *monkey, uint64_t bound)
{
  return sim_random_below(&monkey->dice, bound);
}

static void play(Monkey *monkey);

/* -- told -- */

static void react(Monkey *monkey)
{
  if (monkey->depth >= DEEPEST || roll(monkey, 3) > 0)
    return;
  monkey->depth++;
  play(monkey);
  monkey->depth--;
}

static void told(void *user, TcpConnection *conn, unsigned events)
{
  Slot *slot = user;

  g_assert_cmpuint(events, !=, 0);
  if (!slot->given_up)
    slot->conn = conn;
  react(slot->monkey);
}

static void accept_one(Slot *slot)
{
  Monkey *monkey = slot->monkey;
  unsigned side = slot >= monkey->listeners[1];

  for (unsigned i = 0; i < SLOTS; i++) {
    Slot *to = &monkey->conns[side][i];

    if (to->conn)
      continue;
    to->given_up = false;
    to->conn = tcp_accept(slot->listener, told, to);
    return;
  }
}

static void acceptable(void *user, TcpListener *listener)
{
  Slot *slot = user;

  if (slot->listener == listener && roll(slot->monkey, 4) > 0)
    accept_one(slot);
  react(slot->monkey);
}

/* -- calls -- */

/* Few ports, so that they meet. */
static uint16_t any_port(Monkey *monkey)
{
  return (uint16_t)roll(monkey, 5);
}

static int64_t any_value(Monkey *monkey, const TcpKnob *knob)
{
  int64_t high = MIN(knob->high, 1000 * SIM_SECOND);

  switch (roll(monkey, 6)) {
  case 0:
    return knob->low;
  case 1:
    return high;
  case 2:
    return MIN(knob->low + (int64_t)roll(monkey, 2000), high);
  case 3:
    return knob->low - 1;
  default:
    return knob->initial;
  }
}

static void set_any_knob(Monkey *monkey, TcpKnobs *ret, TcpConnection *conn)
{
  unsigned count = 0;
  const TcpKnob *knob;

  while (tcp_knob(count))
    count++;
  knob = tcp_knob((unsigned)roll(monkey, count));
  if (conn)
    tcp_set_knob(conn, knob->name, any_value(monkey, knob));
  else
    tcp_knob_set(ret, knob, any_value(monkey, knob));
}

static void call_listen(Monkey *monkey, unsigned side, Slot *slot)
{
  TcpKnobs knobs = *tcp_stack_knobs(monkey->run.ends[side].stack);
  NetAddress own =
      net_host_address(tcp_stack_host(monkey->run.ends[side].stack));
  TcpError error;

  if (slot->listener)
    return;
  set_any_knob(monkey, &knobs, NULL);
  slot->listener =
      tcp_listen(monkey->run.ends[side].stack,
                 roll(monkey, 2) ? NET_ADDRESS_ANY : own, any_port(monkey),
                 (unsigned)roll(monkey, 3), &knobs, acceptable, slot, &error);
  g_assert_true(!slot->listener == (error != TCP_OK));
}

static void call_connect(Monkey *monkey, unsigned side, Slot *slot)
{
  TcpStack *to = monkey->run.ends[roll(monkey, 4) ? !side : side].stack;
  TcpStack *from = monkey->run.ends[side].stack;
  TcpKnobs knobs = *tcp_stack_knobs(from);
  TcpEnd local = { NET_ADDRESS_ANY, any_port(monkey) };
  TcpEnd remote = { net_host_address(tcp_stack_host(to)), any_port(monkey) };
  TcpConnection *conn;
  TcpError error;

  if (slot->conn)
    return;
  if (roll(monkey, 20) == 0)
    remote.address = net_address_ipv4(0xc0000201); /* nobody's */
  set_any_knob(monkey, &knobs, NULL);
  slot->given_up = false;
  conn = tcp_connect(from, roll(monkey, 2) ? &local : NULL, remote,
                     roll(monkey, 2) ? &knobs : NULL, told, slot, &error);
  g_assert_true(!conn == (error != TCP_OK));
  if (!slot->given_up && !slot->conn)
    slot->conn = conn;
}

static void call_send(Monkey *monkey, TcpConnection *conn)
{
  static const uint8_t text[3000];
  uint32_t length = (uint32_t)roll(monkey, 3000), taken;
  NetSlice slice =
      roll(monkey, 2) ? net_slice_virtual(length) : net_slice_of(text, length);

  if (roll(monkey, 4) == 0)
    tcp_send_more(conn, slice, false, &taken);
  else
    tcp_send(conn, slice, roll(monkey, 2), roll(monkey, 4) == 0, &taken);
  g_assert_cmpuint(taken, <=, length);
}

static void call_receive(Monkey *monkey, TcpConnection *conn)
{
  uint32_t most = 1 + (uint32_t)roll(monkey, 3000);
  NetSlice slice;

  tcp_receive(conn, most, &slice);
  g_assert_cmpuint(slice.length, <=, most);
  net_slice_clear(&slice);
}

/* Nothing that TCP_INFO counts is negative. */
static void ask_info(TcpConnection *conn)
{
  TcpInfo info;

  tcp_info(conn, &info);
  for (unsigned i = 0; tcp_info_name(i); i++)
    g_assert_cmpint(tcp_info_value(&info, i), >=, 0);
  g_assert_cmpint(info.bytes_retrans, <=, info.bytes_sent);
  g_assert_cmpuint(tcp_unread(conn), >=, tcp_readable(conn));
  g_assert_cmpuint(tcp_outstanding(conn), <=,
                   tcp_unsent(conn) + tcp_unacknowledged(conn) + 1);
}

static void ask_socket(void *user, const TcpSocket *socket)
{
  (void)user;
  g_assert_nonnull(tcp_socket_state_name(socket->state));
  g_assert_cmpint(socket->left, >=, 0);
}

static void call_status(TcpConnection *conn)
{
  TcpStatus status;
  SimTime linger;

  ask_info(conn);
  tcp_each_socket(tcp_stack(conn), ask_socket, NULL);

  tcp_status(conn, &status);
  g_assert_cmpint(status.state, ==, tcp_state(conn));
  tcp_linger(conn, &linger);
  tcp_status_of(tcp_stack(conn), &status.pair, &status);
  g_assert_nonnull(tcp_knobs(conn));
  tcp_writable(conn);
  tcp_readable(conn);
  tcp_unsent(conn);
  tcp_unacknowledged(conn);
}

static void call_release(Slot *slot)
{
  TcpConnection *conn = slot->conn;

  slot->conn = NULL;
  slot->given_up = true;
  tcp_release(conn);
}

static void call_conn(Monkey *monkey, Slot *slot)
{
  TcpConnection *conn = slot->conn;

  switch (roll(monkey, 14)) {
  case 0:
  case 1:
    call_send(monkey, conn);
    break;
  case 2:
  case 3:
  case 4:
    call_receive(monkey, conn);
    break;
  case 5:
  case 6:
    tcp_shutdown(conn, (TcpShutdown)(1 + roll(monkey, 3)));
    break;
  case 7:
    tcp_close(conn);
    break;
  case 8:
    tcp_abort(conn);
    break;
  case 9:
    call_release(slot);
    break;
  case 10:
    tcp_set_linger(conn, roll(monkey, 2), (SimTime)roll(monkey, 2));
    break;
  case 11:
    if (roll(monkey, 4) > 0)
      set_any_knob(monkey, NULL, conn);
    else
      tcp_set_linger2(conn, (SimTime)roll(monkey, 3) - 1);
    break;
  case 12:
    call_status(conn);
    break;
  default:
    tcp_error(conn);
  }
}

static void call_listener(Monkey *monkey, Slot *slot)
{
  TcpListener *listener = slot->listener;

  if (roll(monkey, 4) > 0) {
    accept_one(slot);
    return;
  }
  if (roll(monkey, 4) > 0) {
    tcp_listener_set_knob(listener, "defer_accept",
                          (SimTime)roll(monkey, 5) * SIM_SECOND);
    return;
  }
  slot->listener = NULL;
  tcp_listener_close(listener);
}

/* One call of any kind. */
static void play(Monkey *monkey)
{
  unsigned side = (unsigned)roll(monkey, 2);
  Slot *conn = &monkey->conns[side][roll(monkey, SLOTS)];
  Slot *listener = &monkey->listeners[side][roll(monkey, SLOTS)];

  if (monkey->calls == 0)
    return;
  monkey->calls--;
  if (roll(monkey, 8) == 0 && listener->listener)
    call_listener(monkey, listener);
  else if (conn->conn)
    call_conn(monkey, conn);
  else if (roll(monkey, 3) == 0)
    call_listen(monkey, side, listener);
  else
    call_connect(monkey, side, conn);
}

/* -- a run -- */

static void next(Sim *sim, SimEvent *event)
{
  Monkey *monkey = SIM_CONTAINER(event, Monkey, event);
  static const SimTime spans[] = { SIM_MICROSECOND, SIM_MILLISECOND,
                                   50 * SIM_MILLISECOND, SIM_SECOND,
                                   20 * SIM_SECOND };
  SimTime mean = spans[roll(monkey, G_N_ELEMENTS(spans))];

  for (uint64_t i = roll(monkey, 6); i > 0; i--)
    play(monkey);
  if (monkey->calls > 0)
    sim_schedule(sim, event, &monkey->owner,
                 sim->now + sim_random_exponential(&monkey->dice, mean));
}

/* The users leave: in order, or at once. */
static void leave(Monkey *monkey)
{
  for (unsigned i = 0; i < 2 * SLOTS; i++) {
    Slot *conn = &monkey->conns[i / SLOTS][i % SLOTS];
    Slot *listener = &monkey->listeners[i / SLOTS][i % SLOTS];

    if (listener->listener)
      tcp_listener_close(listener->listener);
    listener->listener = NULL;
    if (conn->conn && roll(monkey, 2))
      tcp_abort(conn->conn);
    if (conn->conn)
      call_release(conn);
  }
}

static void monkey_init(Monkey *monkey, uint64_t number)
{
  *monkey = (Monkey){ .it = soak_case_rough(number), .calls = 400 };
  soak_run_init(&monkey->run, &monkey->it,
                (SoakOptions){ .trace = true, .idle = true });
  soak_blame(&monkey->run);
  sim_random_init(&monkey->dice, number, "monkey");
  sim_owner_init(&monkey->owner, monkey->run.sim, "monkey");
  sim_event_init(&monkey->event, next);
  sim_schedule(monkey->run.sim, &monkey->event, &monkey->owner, 0);
  for (unsigned i = 0; i < 2 * SLOTS; i++) {
    monkey->conns[i / SLOTS][i % SLOTS].monkey = monkey;
    monkey->listeners[i / SLOTS][i % SLOTS].monkey = monkey;
  }
  for (unsigned side = 0; side < 2; side++)
    *tcp_stack_knobs(monkey->run.ends[side].stack) =
        monkey->it.plans[side].knobs;
}

static void monkey_case(uint64_t number)
{
  Monkey monkey;
  SoakRun *run = &monkey.run;

  monkey_init(&monkey, number);
  while (monkey.calls > 0 && run->problem[0] == '\0')
    if (sim_run(run->sim, run->sim->now + 100 * SIM_SECOND) == SIM_END_IDLE)
      break;
  leave(&monkey);
  soak_run_on(run);
  soak_check_empty(run);
  if (run->problem[0] != '\0') {
    soak_report(run);
    g_test_fail_printf("case %" G_GUINT64_FORMAT ": %s", number, run->problem);
  }
  soak_blame(NULL);
  soak_run_clear(run);
}

static void test_monkey(void)
{
  soak_each(3000000, 1000, monkey_case);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/soak/monkey", test_monkey);
  return g_test_run();
}
