/* Raw ends, a scenario's own tables, and what comes with them. */
#include "scenario_case.h"

#define RAW                    \
  "client:run(function (os)\n" \
  " local raw = os.raw(server, 80, { initial_sequence = 4294967295 })\n"

#define SCRIPT(lines) "client:script [[ 0 < S 0:0(0) win 9\n" lines "]]\n"

static const Case cases[] = {
  { "handshake-by-hand",
    PAIR SERVE RAW
    " raw:send 'S 0:0(0) win 1000 <mss 1000>'\n"
    " local it = raw:receive()\n"
    " expect.equal(it.flags, 'S.') expect.equal(it.seq, 0)\n"
    " expect.equal(it.ack, 1) expect.equal(it.time, 0.02)\n"
    " expect.equal(it.ts_val, nil)\n"
    " raw:send '. 1:1(0) ack 1'\n"
    " raw:send 'FP. 1:11(10) ack 1'\n"
    " it = raw:receive() expect.equal(it.flags, '.')\n"
    " expect.equal(it.ack, 12)\n"
    " it = raw:receive() expect.equal(it.flags, 'F.')\n"
    " expect.equal(it.seq, 1)\n"
    " raw:send '. 12:12(0) ack 2'\n"
    "end)\n"
    "expect.data(server, 10)\n"
    "expect.states(server, 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT',"
    " 'LAST-ACK', 'CLOSED')",
    NULL },
  { "nobody-answers-for-raw-ends",
    PAIR SERVE RAW
    " raw:send 'S 0:0(0)' os.sleep '1s' raw:close() end)\n"
    "expect.packet { from = client, flags = 'R', times = 1, after = '1s' }",
    NULL },
  { "receive-ends-in-time",
    PAIR RAW
    " expect.equal(raw:receive '3ms', nil) expect.equal(now(), 0.003)\n"
    " expect.equal(raw:receive(0), nil) expect.equal(now(), 0.003) end)",
    NULL },
  { "absolute-numbers",
    PAIR SERVE
    "client:run(function (os)\n"
    " local raw = os.raw(server, 80, { absolute = true, port = 9 })\n"
    " expect.equal(raw:port(), 9)\n"
    " raw:send 'S -1:-1(0)' local it = raw:receive()\n"
    " expect.equal(it.ack, 0) end)",
    NULL },
  { "ends-in-use-are-refused",
    PAIR SERVE
    "client:run(function (os)\n"
    " local raw = os.raw(server, 80, { port = 9 })\n"
    " local again, name = os.raw(server, 80, { port = 9 })\n"
    " expect.equal(again, nil) expect.equal(name, 'EADDRINUSE')\n"
    " local c\n"
    " c, name = os.connect(server, 80, { port = 9 })\n"
    " expect.equal(name, 'EADDRINUSE')\n"
    " raw:close() c = os.connect(server, 80, { port = 9 }) c:close() end)",
    NULL },
  { "a-crash-ends-raw-ends",
    PAIR SERVE "local raw, woken\n"
               "client:run(function (os) if raw then return end\n"
               " raw = os.raw(server, 80, { port = 9 })\n"
               " raw:send 'S 0:0(0)' os.sleep '9s' end)\n"
               "server:run(function (os) os.sleep '1ms'\n"
               " raw:receive() woken = raw:receive() or now() end)\n"
               "at('500ms', function () client:reboot '100ms' end)\n"
               "expect.packet { from = client, flags = 'R', at = '1.02s' }\n"
               "expect.that(function () return woken == 0.5, woken end)\n"
               "expect.that(function ()"
               " return tostring(raw) == 'closed raw ends of client' end)",
    NULL },
  { "connect-without-waiting",
    PAIR SERVE
    "client:run(function (os)\n"
    " local c = os.connect(server, 80, { nonblocking = true, port = 9 })\n"
    " expect.equal(now(), 0) expect.equal(c:state(), 'SYN-SENT')\n"
    " expect.equal(client:state(9, server, 80), 'SYN-SENT')\n"
    " os.sleep '15ms'\n"
    " expect.equal(server:state(80, client, 9), 'SYN-RECEIVED')\n"
    " expect.equal(server:state(80, client, 10), 'LISTEN')\n"
    " expect.equal(client:state(10, server, 80), 'CLOSED')\n"
    " c:close() end)",
    NULL },
  { "receive-without-waiting",
    PAIR SERVE
    "client:run(function (os)\n"
    " local c = os.connect(server, 80)\n"
    " local data, name = c:receive(10, 0)\n"
    " expect.equal(data, nil) expect.equal(name, 'EAGAIN')\n"
    " expect.equal(now(), 0.02)\n"
    " data, name = c:receive(10, '5ms') expect.equal(name, 'EAGAIN')\n"
    " expect.equal(now(), 0.025) c:close() end)",
    NULL },
  { "a-record-is-a-segment",
    PAIR SERVE
    "client:run(function (os)\n"
    " local c = os.connect(server, 80, { initial_window = 1, nagle = false, "
    "mss = 1000 })\n"
    " c:send(988) c:send(100, { record = true }) c:send(100) c:close() end)\n"
    "expect.packet { from = client, length = 100, times = 2 }",
    NULL },
  { "script-holds",
    PAIR SERVE SCRIPT(
        "+.02 > S. 0:0(0) ack 1 <...>\n"
        "+0 < F. 1:1(0) ack 1 win 9\n"
        "+.02 > . 1:1(0) ack 2\n"
        "+0 > F. 1:1(0) ack 2\n") "expect.states(server, 'SYN-RECEIVED', "
                                  "'ESTABLISHED', 'CLOSE-WAIT',"
                                  " 'LAST-ACK', 'CLOSED')",
    NULL },
  { "script-takes-segments-as-one",
    PAIR "server:run(function (os) local c = os.listen(80):accept()"
         " c:send(3000) c:receive_all() end)\n"
         "client:script [[\n"
         " 0    < S 0:0(0) win 9000 <mss 1000>\n"
         " +.02 > S. 0:0(0) ack 1 <...>\n"
         " +0   < . 1:1(0) ack 1 win 9000\n"
         " +.02 > P. 1:3001(3000) ack 1\n"
         " +0   < R 1:1(0) win 0\n"
         "]]",
    NULL },
  { "script-takes-no-other-as-one",
    PAIR "server:run(function (os) local c = os.listen(80):accept()"
         " c:send(2000) c:receive_all() end)\n"
         "client:script [[\n"
         " 0    < S 0:0(0) win 9000 <mss 1000>\n"
         " +.02 > S. 0:0(0) ack 1 <...>\n"
         " +0   < . 1:1(0) ack 1 win 9000\n"
         " +.02 > P. 1:3001(3000) ack 1\n"
         "]]",
    "script:4: the packet that was sent is another one\n"
    "script: P. 1:3001(3000) ack 1\n"
    "actual: P. 1:2001(2000) ack 1\n"
    "           ^^^^^^^^^^^^" },
  { "script-of-who-connects",
    PAIR "server:run(function (os)"
         " local c, why = os.connect(client, 33000, { port = 80 })"
         " expect.equal(why, 'ECONNREFUSED') end)\n"
         "client:script [[\n"
         " 0.01 > S 0:0(0) <...>\n"
         " +.1  < icmp unreachable port_unreachable [0:0(0)]\n"
         "]]",
    NULL },
  { "script-differs", PAIR SERVE SCRIPT("+.02 > S. 0:0(0) ack 2 <...>\n"),
    "script:2: the packet that was sent is another one\n"
    "script: S. 0:0(0) ack 2 <...>\n"
    "actual: S. 0:0(0) ack 1 <...>\n"
    "                  ^^^^^\n"
    "why:    LISTEN_SYN" },
  { "script-waits-in-vain",
    PAIR SERVE SCRIPT("+.02 > S. 0:0(0) ack 1 <...>\n"
                      "+.1 > . 1:1(0) ack 1\n"),
    "script:3: nothing was sent; expected: > . 1:1(0) ack 1" },
  { "script-is-met-too-early",
    PAIR SERVE SCRIPT("+.2 > S. 0:0(0) ack 1 <...>\n"),
    "script:2: the packet came at 20 ms; it was to come at 200 ms" },
  { "script-tolerates-more",
    PAIR SERVE "client:script([[ 0 < S 0:0(0) win 9\n"
               "+.2 > S. 0:0(0) ack 1 <...> ]], { tolerance = '180ms' })",
    NULL },
  { "script-of-a-port-in-use",
    PAIR SERVE "client:run(function (os) os.raw(server, 80, { port = 33000 }) "
               "end)\n" SCRIPT(""),
    "its ends cannot be taken" },
  { "rows-are-counted",
    PAIR "local table = results('x.tsv', { 'a', 'b' })\n"
         "at('1s', function () table:row(1, 'x') table:row(nil, true)\n"
         " expect.equal(table:rows(), 2) end)",
    NULL },
};

static const Wrong wrong[] = {
  { "script-with-a-call", PAIR "client:script [[ +0 close(3) = 0 ]]",
    "x.lua:3: script:1: only TCP packets (<, >) and errors of ICMP about TCP "
    "(<) can stand here; calls are made "
    "by an app of the host under test" },
  { "script-with-an-error-to-come",
    PAIR "client:script [[ +0 > icmp unreachable [0:0(0)] ]]",
    "x.lua:3: script:1: only TCP packets (<, >) and errors of ICMP about TCP "
    "(<) can stand here; calls are made by an app of the host under test" },
  { "script-malformed", PAIR "client:script [[ +0 < X 0:0(0) win 1 ]]",
    "x.lua:3: script:1:7: found 'X'; expected flags (letters of F S R P . U E "
    "W A, or - for none), udp or icmp" },
  { "script-of-whom",
    PAIR "host 'third' client:script [[ +0 < S 0:0(0) win 1 ]]",
    "x.lua:3: script: several hosts could be under test; name it: "
    "script([[...]], { to = HOST })" },
  { "not-a-segment", PAIR RAW " raw:send 'X 1:1(0)' end)",
    "x.lua:5: send: \"X 1:1(0)\": \"X\" is not a list of flags; the letters "
    "are S F R P . U E W, and . is ACK (at 0 s, in an app of client)" },
  { "a-closed-raw", PAIR RAW " raw:close() raw:send 'S 0:0(0)' end)",
    "x.lua:5: send: these raw ends are closed; os.raw opens others (at 0 s, in "
    "an app of client)" },
  { "a-path", "results('../x.tsv', { 'a' })", "is no name for it" },
  { "a-file-of-ours", "results('states.tsv', { 'a' })", "write another name" },
  { "twice", "results('x.tsv', { 'a' }) results('x.tsv', { 'a' })",
    "there is a file x.tsv already" },
  { "too-late", "host 'a' at(0, function () results('x.tsv', { 'a' }) end)",
    "before the run" },
  { "no-columns", "results('x.tsv', {})", "1 to 256 columns" },
  { "a-row-too-short",
    "local t = results('x.tsv', { 'a', 'b' }) host 'a'\n"
    "at(0, function () t:row(1) end)",
    "x.lua:2: row has 1 values, the table 2 columns (at 0 s, in a function of "
    "at)" },
  { "a-cell-of-no-kind",
    "local t = results('x.tsv', { 'a' }) host 'a'\n"
    "at(0, function () t:row({}) end)",
    "value 1 is a table" },
  { "record-none-too-late", "host 'a' at(0, function () record 'none' end)",
    "before the run" },
};

static void test_record_none(void)
{
  RunOptions options = { .seed = 1, .stop = SIM_TIME_NEVER, .traced = true };
  Run *run = run_new("x.lua", &options);
  const char *text =
      "record 'none' local a, b = host 'a', host 'b' link { a, b }";

  g_assert_true(script_load_text(run, text, strlen(text), NULL));
  g_assert_null(run->record);
  g_assert_cmpstr(run->options.capture, ==, "none");
  g_assert_cmpuint(run->sim->trace.mask, ==, 0);
  run_free(run);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  cases_add("raw", cases, G_N_ELEMENTS(cases));
  wrongs_add("raw", "", wrong, G_N_ELEMENTS(wrong));
  g_test_add_func("/raw/record-none", test_record_none);
  return g_test_run();
}
