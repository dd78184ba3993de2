/* What a scenario says about the directions of a link: netem, queues, down
 * and up. Cases whose expectations all hold, and what is written wrong with
 * the whole message. */
#include "script.h"

#include <string.h>

#include "expect.h"
#include "record.h"

/* A takes no time to B but what the case adds; B hears UDP-like silence: what
 * is timed is the SYN and its answer. */
#define PAIR                                              \
  "local client, server = host 'client', host 'server'\n" \
  "local wire = link { client, server, rate = 0, delay = 0"
#define OPEN                                                             \
  " }\nserver:run(function (os) local l = os.listen(80) while true do"   \
  " local c = l:accept() os.spawn(function () c:receive_all() c:close()" \
  " end) end end)\n"                                                     \
  "client:run(function (os) local c = os.connect(server, 80)\n"

#define SLOW_PAIR                                         \
  "local client, server = host 'client', host 'server'\n" \
  "local wire = link { client, server, rate = 0, delay = '10ms' }\n"

/* 10 Mbit/s behind the router, 50 ms there and back. */
#define BOTTLENECK                                             \
  "local client, router = host 'client', router 'router'\n"    \
  "local server = host 'server'\n"                             \
  "link { client, router, rate = '1Gbit/s', delay = '5ms' }\n" \
  "local wire = link { router, server, rate = '10Mbit/s', delay = '20ms'"
#define BULK                                                              \
  " }\nfor _, h in ipairs { client, server } do"                          \
  " h:set { receive_buffer = '2MB', send_buffer = '2MB', ecn = 1 } end\n" \
  "server:sink { port = 80 }\n"                                           \
  "client:bulk { to = server, port = 80, bytes = '100MB' }\nstop '20s'\n"

typedef struct Case {
  const char *name;
  const char *source;
} Case;

static const Case cases[] = {
  { "netem-both-directions", PAIR ", netem = { delay = '100ms' }" OPEN
                                  "expect.equal(now(), 0.2) c:close() end)" },
  { "netem-one-direction",
    PAIR ", netem = { delay = '100ms' }, back = { netem = {} }" OPEN
         "expect.equal(now(), 0.1) c:close() end)" },
  { "netem-while-running",
    PAIR OPEN "expect.equal(now(), 0.0)\n"
              "wire:netem { delay = '1s', from = server }\n"
              "os.connect(server, 80) expect.equal(now(), 1.0)\n"
              "wire:netem {}\n"
              "os.connect(server, 80) expect.equal(now(), 1.0)\n"
              "wire:netem { delay = { '10ms' } }\n"
              "os.connect(server, 80) expect.equal(now(), 1.02) stop() end)" },
  { "netem-slots-end", PAIR ", netem = { slot = { '10s', packets = 1 } }" OPEN
                            "expect.equal(now(), 0.0) os.connect(server, 80)\n"
                            "expect.equal(now(), 1.0) stop() end)\n"
                            "at(1, function () wire:netem {} end)" },
  { "delay-of-a-life",
    "local client, server = host 'client', host 'server'\n"
    "link { client, server, delay = 1e9, jitter = 1e9, reorder = 1,"
    " reorder_delay = 1e9 }\n"
    "client:run(function (os) os.connect(server, 80) end)\n"
    "for i = 1, 9 do client:run(function (os)"
    " for j = 1, 9 do os.sleep(1e9) end os.connect(server, 80) end) end\n"
    "expect.that(function () return now() > 0 end)" },
  { "netem-table", PAIR ", netem = { delay = { '100ms', '10ms',"
                        " distribution = { 8192 } } }" OPEN
                        "expect.equal(now(), 0.22) c:close() end)" },
  { "netem-loss-and-counts",
    PAIR ", netem = { loss = { gemodel = { 0, 1, 1, '100%' } } },"
         " back = { netem = {} } }\n"
         "client:run(function (os)"
         " expect.equal(select(2, os.connect(server, 80)), 'ETIMEDOUT') end)\n"
         "expect.packet { from = client, flags = 'S', times = 8,"
         " fate = 'dropped', rule = 'netem-loss-good' }\n"
         "expect.that(function () local n = wire:counts(client).netem"
         " return n.lost == 8 and n.packets == 8 and n.state == 1 end)\n"
         "expect.that(function ()"
         " return wire:counts(server).netem.packets == 0 end)" },
  /* From 1 to 3 and back, for certain: every other packet is lost. */
  { "netem-state",
    PAIR ", netem = { loss = { state = { 1, 1 } } },"
         " back = { netem = {} } }\n"
         "client:run(function (os) os.connect(server, 80) end)\n"
         "expect.packet { from = client, flags = 'S', fate = 'dropped',"
         " rule = 'netem-loss-burst', times = 1 }\n"
         "expect.packet { from = client, flags = 'S', fate = 'delivered',"
         " times = 1 }\n" },
  { "netem-rate", PAIR ", netem = { rate = { '8kbit/s', -14, 48, 5 } },"
                       " back = { netem = {} } }\n"
                       "client:run(function (os) os.connect(server, 80)"
                       " expect.equal(now(), 0.106) end)\n" },
  { "netem-slot",
    PAIR ", netem = { slot = { '50ms', packets = 1 } },"
         " back = { netem = {} } }\n"
         "at('1s', function () end)\n"
         "client:run(function (os) os.sleep '1s' os.connect(server, 80)"
         " expect.equal(now(), 1.05) stop() end)\n" },
  { "netem-duplicate-reorder",
    PAIR ", netem = { delay = '10ms', duplicate = 1,"
         " reorder = { gap = 2 } }, back = { netem = {} } }\n"
         "client:run(function (os) os.connect(server, 80) end)\n"
         "expect.packet { from = client, flags = 'S', duplicate = true,"
         " fate = 'delivered' }\n"
         "expect.that(function () return wire:counts(client).netem.reordered"
         " == 1 end)" },
  /* queues */
  { "queue-names",
    PAIR ", queue = 'codel', back = { queue = { 'red', ecn = true } } }\n"
         "expect.equal(wire:counts(client).queue.name, 'codel')\n"
         "expect.equal(wire:counts(server).queue.name, 'red')\n"
         "wire:queue { 'fq_codel', from = client }\n"
         "expect.equal(wire:counts(client).queue.name, 'fq_codel')\n"
         "expect.equal(wire:counts(server).queue.name, 'red')\n"
         "wire:queue(7)\n"
         "expect.equal(wire:counts(server).queue.name, 'fifo')" },
  { "queue-ring", PAIR ", queue = 3 }\n"
                       "expect.equal(wire:counts(client).queue.name, 'ring')" },
  /* RFC 8289 3.2: a bulk transfer's packets wait about the target, where a
   * long drop-tail queue has them wait for its whole length. */
  { "queue-codel-bulk",
    BOTTLENECK ", queue = 1000" BULK
               "expect.that(function () local q = wire:counts(router).queue"
               " return q.name == 'ring' and q.waiting > 100 end)\n" },
  { "queue-codel-waits",
    BOTTLENECK ", queue = 'codel'" BULK
               "expect.that(function () local q = wire:counts(router).queue"
               " return q.mean_wait < 0.015 and q.sent > 12000 and"
               " q.dropped > 3, q.mean_wait .. ' ' .. q.sent end)\n" },
  { "queue-fq-codel-marks",
    BOTTLENECK ", queue = 'fq_codel'" BULK
               "expect.that(function () local q = wire:counts(router).queue"
               " return q.mean_wait < 0.015 and q.sent > 12000 and"
               " q.dropped == 0 and q.marked > 3,"
               " q.mean_wait .. ' ' .. q.sent .. ' ' .. q.dropped end)\n" },
  { "queue-red-marks",
    BOTTLENECK ", queue = { 'red', ecn = true, min = 20, max = 60,"
               " limit = 200, gentle = true }" BULK
               "expect.that(function () local q = wire:counts(router).queue"
               " return q.sent > 15000 and q.marked > 10 and q.average > 5"
               " and q.average < 60, q.average .. ' ' .. q.marked end)\n" },
  /* down and up */
  { "down-and-up",
    PAIR ", netem = { delay = '10ms' }" OPEN "expect.equal(now(), 0.02)\n"
         "wire:down()\n"
         "at('1.5s', function () wire:up() end)\n"
         "os.connect(server, 80) expect.equal(now(), 3.04) stop() end)\n"
         "expect.packet { flags = 'S', rule = 'link-down', times = 2,"
         " fate = 'dropped' }" },
  { "down-cuts",
    SLOW_PAIR "client:run(function (os) os.connect(server, 80) end)\n"
              "at('5ms', function () wire:down() wire:up() end)\n"
              "expect.packet { flags = 'S', rule = 'link-down', times = 1,"
              " fate = 'dropped' }\n"
              "expect.that(function ()"
              " return wire:counts(client).in_flight == 0 end)" },
  { "down-spares-what-is-under-way",
    SLOW_PAIR "client:run(function (os) os.connect(server, 80) end)\n"
              "at('5ms', function () wire:down { under_way = 'arrives' } end)\n"
              "expect.packet { flags = 'S', at = 0, fate = 'delivered' }\n"
              "expect.packet { from = server, fate = 'dropped',"
              " rule = 'link-down' } stop '100ms'" },
  { "down-one-direction",
    PAIR OPEN "wire:down { from = server }\n"
              "c:send 'x' os.sleep '1s' stop() end)\n"
              "expect.packet { from = client, length = 1,"
              " fate = 'delivered' }\n"
              "expect.packet { from = server, flags = '.',"
              " fate = 'dropped', rule = 'link-down' }" },
  { "down-and-injection",
    PAIR " }\nwire:down()\n"
         "at('1s', function () client:inject { to = server, port = 80,"
         " flags = 'S' } end)\n"
         "expect.packet { injected = true, rule = 'link-down' }" },
  { "rule-of-a-firewall",
    PAIR " }\nserver:firewall { rules = { { name = 'rst', action = 'drop' } }"
         " }\nat('1s', function () client:inject { to = server, port = 80,"
         " flags = 'S' } end)\n"
         "expect.packet { rule = 'rst', fate = 'dropped' }" },
  /* partitions */
  { "partition-through-a-switch",
    "local a, b, c = host 'a', host 'b', host 'c'\n"
    "local hub = switch 'hub'\n"
    "for _, node in ipairs { a, b, c } do link { node, hub, rate = 0,"
    " delay = 0 } end\n"
    "partition { { a, b }, { c }, from = 0, to = '2.5s' }\n"
    "b:run(function (os) os.listen(80) os.sleep '9s' end)\n"
    "c:run(function (os) os.listen(80) os.sleep '9s' end)\n"
    "a:run(function (os) os.connect(b, 80) expect.equal(now(), 0.0)\n"
    " os.connect(c, 80) expect.equal(now(), 3.0) stop() end)\n"
    "expect.packet { from = a, fate = 'dropped', rule = 'partition',"
    " times = 2 }" },
  { "partition-leaves-others",
    "local a, b = host 'a', host 'b'\n"
    "link { a, b, rate = 0, delay = 0 }\n"
    "partition { { a }, { host 'c' } }\n"
    "b:run(function (os) os.listen(80) end)\n"
    "a:run(function (os) os.connect(b, 80) expect.equal(now(), 0.0)"
    " stop() end)" },
  /* MTU on the path: the router tells, TCP sends less (RFC 1191). */
  { "mtu-on-the-path",
    BOTTLENECK " }\n"
               "server:run(function (os) local c = os.listen(80):accept()"
               " c:receive_all() end)\n"
               "client:run(function (os) local c = os.connect(server, 80)\n"
               " c:send(('x'):rep(3000)) os.sleep '1s'\n"
               " wire:mtu(1000) c:send(('y'):rep(3000)) os.sleep '2s'"
               " stop() end)\n"
               "expect.packet { from = client, length = 1448, before = '1s' }\n"
               "expect.packet { from = client, length = 1448, after = '1s',"
               " fate = 'dropped' }\n"
               "expect.packet { from = client, length = 948, after = '1s' }\n"
               "expect.data(server, 6000)" },
  /* rings */
  { "receive-ring-overflows",
    SLOW_PAIR "server:run(function (os) os.listen(80):accept() end)\n"
              "client:run(function (os) local c = os.connect(server, 80)\n"
              " server:nic { receive_ring = 1, service = '50ms',"
              " link = wire }\n"
              " c:send(('x'):rep(8000)) os.sleep '1s' stop() end)\n"
              "expect.packet { from = client, rule = 'nic-receive-ring',"
              " fate = 'dropped' }" },
  { "transmit-ring-overflows",
    "local client, server = host 'client', host 'server'\n"
    "local wire = link { client, server, rate = '1Mbit/s', delay = 0 }\n"
    "server:run(function (os) os.listen(80):accept() end)\n"
    "client:run(function (os) local c = os.connect(server, 80)\n"
    " client:nic { transmit_ring = 1 }\n"
    " c:send(('x'):rep(8000)) os.sleep '100ms' stop() end)\n"
    "expect.that(function ()"
    " return wire:counts(client).queue.dropped > 0 end)\n" },
};

typedef struct Wrong {
  const char *name;
  const char *source;
  const char *error;
} Wrong;

#define NETEM(spec) "link { host 'a', host 'b', netem = { " spec " } }"

#define QUEUE(spec) "link { host 'a', host 'b', queue = " spec " }"

static const Wrong wrongs[] = {
  { "netem-key", NETEM("dealy = '1ms'"),
    "x.lua:1: link: netem has no key \"dealy\"; did you mean \"delay\"?" },
  { "netem-negative-delay", NETEM("delay = -1"),
    "x.lua:1: link: netem: delay is negative: -1; write 0 or more" },
  { "netem-long-delay", NETEM("delay = '25h'"),
    "x.lua:1: link: netem: delay must be 24h at most" },
  { "netem-distribution",
    NETEM("delay = { '10ms', '1ms', distribution = 'paretonromal' }"),
    "x.lua:1: link: netem: delay: distribution has no name \"paretonromal\"; "
    "did you mean \"paretonormal\"?" },
  { "netem-no-jitter", NETEM("delay = { '10ms', distribution = 'normal' }"),
    "x.lua:1: link: netem: delay: a distribution needs a jitter: { \"100ms\", "
    "\"10ms\", distribution = ... }" },
  { "netem-no-time", NETEM("delay = { distribution = 'normal' }"),
    "x.lua:1: link: netem: delay needs a time: { \"100ms\", \"10ms\", "
    "\"25%\" }" },
  { "netem-table-empty", NETEM("delay = { 1, 1, distribution = {} }"),
    "x.lua:1: link: netem: delay: distribution: a table has 1 to 16384 "
    "entries, not 0" },
  { "netem-table-range", NETEM("delay = { 1, 1, distribution = { 40000 } }"),
    "x.lua:1: link: netem: delay: distribution[1] must lie in -32768 to "
    "32767, not 40000" },
  { "netem-loss-over", NETEM("loss = '101%'"),
    "x.lua:1: link: netem: loss: probability: \"101%\" is not a fraction: it "
    "is over 100%" },
  { "netem-loss-number", NETEM("loss = 2"),
    "x.lua:1: link: netem: loss: probability must lie in 0 to 1, not 2; "
    "\"2%\" is percent" },
  { "netem-loss-two", NETEM("loss = { '1%', gemodel = { '1%' } }"),
    "x.lua:1: link: netem: loss has two models; write one of { \"1%\" }, "
    "{ state = { ... } }, { gemodel = { ... } }" },
  { "netem-state-sum", NETEM("loss = { state = { 0.6, 0.1, 0, 0, 0.6 } }"),
    "x.lua:1: link: netem: loss: state: p13 + p14 is 120%, over 100%: they "
    "leave the same state" },
  { "netem-gemodel-many", NETEM("loss = { gemodel = { 0, 0, 0, 0, 0 } }"),
    "x.lua:1: link: netem: loss: gemodel has 5 values, but takes these at "
    "most: p, r, 1-h, 1-k" },
  { "netem-ecn-alone", NETEM("ecn = true"),
    "x.lua:1: link: netem: ecn needs a loss model, whose losses it makes "
    "marks; write loss = \"1%\" beside it" },
  { "netem-reorder-alone", NETEM("reorder = '25%'"),
    "x.lua:1: link: netem: reorder needs a delay: who is not held back cannot "
    "be overtaken; write delay = \"10ms\" beside it" },
  { "netem-gap", NETEM("delay = 1, reorder = { '25%', gap = 0 }"),
    "x.lua:1: link: netem: reorder: gap must lie in 1 to 4294967295, not 0" },
  { "netem-rate-zero", NETEM("rate = 0"),
    "x.lua:1: link: netem: rate: a rate of 0 lets nothing through; leave it "
    "out for no limit, or take the link down" },
  { "netem-cell", NETEM("rate = { 8000, 0, 48, -48 }"),
    "x.lua:1: link: netem: rate: a cell of 48 bytes less 48 is nothing; "
    "cell_overhead must be over -48" },
  { "netem-slot", NETEM("slot = { '10ms', '5ms' }"),
    "x.lua:1: link: netem: slot: the shortest wait comes first: "
    "{ \"10ms\", \"20ms\" }" },
  { "netem-limit", NETEM("limit = 0"),
    "x.lua:1: link: netem: limit must lie in 1 to 16777216, not 0" },
  { "netem-from",
    "local l = link { host 'a', host 'b' }\n"
    "l:netem { from = host 'c' }",
    "x.lua:2: netem: c is not an end of the link a-b, whose ends are a and "
    "b" },
  { "queue-name", QUEUE("'codle'"),
    "x.lua:1: link: queue has no discipline \"codle\"; did you mean "
    "\"codel\"?" },
  { "queue-type", QUEUE("true"),
    "x.lua:1: link: queue must be a number of packets, a name such as "
    "\"codel\" or { \"codel\", ... }, not true" },
  { "queue-empty", QUEUE("{}"),
    "x.lua:1: link: queue needs one discipline: { \"codel\", ... }" },
  { "queue-key", QUEUE("{ 'codel', min = 3 }"),
    "x.lua:1: link: queue has no key \"min\"; it has: limit, bytes, from, "
    "ecn, target, interval, ce_threshold" },
  { "queue-thresholds", QUEUE("{ 'red', min = 20 }"),
    "x.lua:1: link: queue: min is 20 and max is 15; min must be less" },
  { "queue-max", QUEUE("{ 'red', max = 200 }"),
    "x.lua:1: link: queue: max is 200, over the limit of 60: it would never "
    "count" },
  { "queue-weight", QUEUE("{ 'red', weight = 0 }"),
    "x.lua:1: link: queue: weight must be over 0" },
  { "queue-interval", QUEUE("{ 'codel', interval = 0 }"),
    "x.lua:1: link: queue: interval must be over 0, such as \"100ms\"" },
  { "queue-fq-bytes", QUEUE("{ 'fq_codel', bytes = true }"),
    "x.lua:1: link: queue: the limit of fq_codel is in packets" },
  { "queue-from",
    "local a = host 'a' link { a, host 'b', queue = { 'red', from = a } }",
    "x.lua:1: link: queue: from is for wire:queue; here it is `queue` for the "
    "first end and back = { queue = ... } for the second" },
  { "queue-zero", QUEUE("0"),
    "x.lua:1: link: queue must lie in 1 to 16777216, not 0" },
  { "down-word", "link { host 'a', host 'b' }:down { under_way = 'arrive' }",
    "x.lua:1: down: under_way has no value \"arrive\"; did you mean "
    "\"arrives\"?" },
  { "rule-of-the-network", "expect.packet { rule = 'netem-los' }",
    "x.lua:1: linger has no rule \"netem-los\"; did you mean "
    "\"netem-loss\"?" },
  { "rule-of-a-firewall",
    "firewall('f', { rules = { { name = 'no-telnet', action = 'drop' } } })\n"
    "expect.packet { rule = 'no-telnt' }",
    "x.lua:2: linger has no rule \"no-telnt\"; did you mean \"no-telnet\"?" },
  { "partition-one", "partition { { host 'a' } }",
    "x.lua:1: partition needs two groups: partition { { a, b }, { c } }" },
  { "partition-flat", "partition { host 'a', host 'b' }",
    "x.lua:1: partition: group 1 must be a list of nodes: partition { { a, b "
    "}, { c } }" },
  { "partition-twice", "local a = host 'a' partition { { a }, { a } }",
    "x.lua:1: partition: a is named twice" },
  { "partition-times",
    "partition { { host 'a' }, { host 'b' }, from = 2, to = 1 }",
    "x.lua:1: partition: from must be less than to" },
  { "mtu-small", "link { host 'a', host 'b' }:mtu(20)",
    "x.lua:1: mtu must lie in 68 to 65535 bytes, not 20" },
  { "nic-none", "host 'a':nic { receive_ring = 1 }",
    "x.lua:1: nic: a has no NIC yet; describe its link first" },
  { "rate-tiny", "link { host 'a', host 'b', rate = 0.001 }",
    "x.lua:1: link: rate is under 1 bit/s: 0.001" },
  { "delay-long", "link { host 'a', host 'b', delay = '300000h' }",
    "x.lua:1: link: delay is over 1000000000 s, the longest that a scenario "
    "can name" },
};

static Run *load(const char *source, GError **error)
{
  RunOptions options = {
    .seed = 1, .stop = SIM_TIME_NEVER, .traced = true, .work = 10000000
  };
  Run *run = run_new("x.lua", &options);

  if (script_load_text(run, source, strlen(source), error))
    script_start(run, error);
  return run;
}

static void test_case(const void *data)
{
  const Case *it = data;
  g_autoptr(GError) error = NULL;
  Run *run = load(it->source, &error);
  const char *problem;
  unsigned count;

  g_assert_no_error(error);
  run->end = sim_run(run->sim, run->options.stop);
  script_finish(run);
  record_finish(run->record);
  script_failed(run->script, &error);
  g_assert_no_error(error);
  g_assert_true(run->end != SIM_END_IDLE || sim_check_end(run->sim, &problem));
  expectations_check(run);
  count = expectations_count(run->expectations);
  g_assert_cmpuint(count, >, 0);
  for (unsigned i = 0; i < count; i++) {
    const Expectation *stated = expectations_at(run->expectations, i);

    if (!stated->holds)
      g_error("line %d: %s: %s", stated->line, stated->text, stated->found);
  }
  run_free(run);
}

static void test_wrong(const void *data)
{
  const Wrong *it = data;
  g_autoptr(GError) error = NULL;
  Run *run = load(it->source, &error);

  g_assert_nonnull(error);
  g_assert_cmpstr(error->message, ==, it->error);
  run_free(run);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *path = g_strconcat("/wire/", cases[i].name, NULL);

    g_test_add_data_func(path, &cases[i], test_case);
  }
  for (unsigned i = 0; i < G_N_ELEMENTS(wrongs); i++) {
    g_autofree char *path = g_strconcat("/wire/wrong/", wrongs[i].name, NULL);

    g_test_add_data_func(path, &wrongs[i], test_wrong);
  }
  return g_test_run();
}
