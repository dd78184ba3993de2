/* The transparent proxy: two connections with the names of one, whose halves
 * end when they like. client - 10 ms - proxy - 10 ms - server; times are
 * exact. */
#include "scenario_case.h"

#define NET(spec)                                                 \
  "local client, server = host 'client', host 'server'\n"         \
  "local box = proxy('proxy', { ports = {80}, " spec " })\n"      \
  "local near = link { client, box, rate = 0, delay = '10ms' }\n" \
  "local far = link { box, server, rate = 0, delay = '10ms' }\n"  \
  "local function counts(name, wanted)\n"                         \
  "  expect.that(function () local is = box:counters()[name]\n"   \
  "    return is == wanted, name .. ' is ' .. tostring(is) end)\nend\n"

/* Asks, half-closes at 100 ms, and reads to the end. */
#define ASK                                                     \
  "local heard, why\n"                                          \
  "client:run(function (os) local c = os.connect(server, 80)\n" \
  "  os.sleep '80ms' c:send 'ask' c:shutdown 'send'\n"          \
  "  heard, why = c:receive_all() c:close() end)\n"

/* Sends a byte, and aborts at 500 ms. */
#define ABORT                                                   \
  "client:run(function (os) local c = os.connect(server, 80)\n" \
  "  c:send 'x' os.sleep '480ms' c:abort() end)\n"

static const Case cases[] = {
  { "the-ends-keep-their-names",
    NET("") "local seen\n"
            "server:run(function (os) local c = os.listen(80):accept()"
            " seen = c:ends() c:close() end)\n"
            "client:run(function (os) local c = os.connect(server, 80,"
            " { port = 5000 }) c:receive_all() c:close() end)\n"
            "expect.packet { from = client, to = box, flags = 'S',"
            " from_port = 5000, at = 0, times = 1 }\n"
            "expect.packet { from = box, to = client, flags = 'S.',"
            " from_port = 80, at = '10ms', times = 1 }\n"
            "expect.packet { from = box, to = server, flags = 'S',"
            " from_port = 5000, at = '30ms', times = 1 }\n"
            "expect.no_packet { from = client, to = server }\n"
            "expect.no_packet { from = server, to = client }\n"
            "counts('accepted', 1) counts('connected', 1) counts('open', 0)",
    NULL },
  { "a-half-close-is-passed-on-behind-the-data",
    NET("") "local asked\n" ASK
            "server:run(function (os) local c = os.listen(80):accept()\n"
            "  asked = c:receive_all() os.sleep '1s' c:send 'answer'"
            " c:close() end)\n"
            "expect.that(function () return heard == 'answer' and"
            " asked == 'ask', tostring(heard) end)\n"
            "expect.states(client, 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2',"
            " 'TIME-WAIT', 'CLOSED')\n"
            "expect.packet { from = client, flags = 'F.', at = '100ms' }\n"
            "expect.packet { from = box, to = server, flags = 'F.',"
            " at = '110ms', times = 1 }\n"
            "expect.duration(server, 'CLOSE-WAIT', '1s')\n"
            "expect.states({ host = box, number = 1 }, 'CLOSE-WAIT',"
            " 'LAST-ACK', 'CLOSED')\n"
            "expect.states({ host = box, number = 2 }, 'FIN-WAIT-1',"
            " 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED')\n"
            "counts('to_server', 3) counts('to_client', 6) counts('fins', 2)",
    NULL },
  { "a-half-close-is-held",
    NET("on_fin = 'hold'") ASK
    "server:run(function (os) local c = os.listen(80):accept()\n"
    "  c:receive(3) os.sleep '1s' c:send 'answer' c:close() end)\n"
    "expect.that(function () return heard == 'answer' end)\n"
    "expect.states(server, 'ESTABLISHED', 'FIN-WAIT-1', 'TIME-WAIT',"
    " 'CLOSED')\n"
    "expect.states(client, 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT',"
    " 'CLOSED')\n"
    "expect.packet { from = box, to = server, flags = 'F.',"
    " at = '1.13s', times = 1 }",
    NULL },
  { "both-halves-are-closed",
    NET("on_fin = 'close both'") ASK
    "server:run(function (os) local c = os.listen(80):accept()\n"
    "  c:receive_all() os.sleep '1s' c:send 'answer' c:close() end)\n"
    "expect.that(function () return heard == '' end)\n"
    "expect.packet { from = box, to = client, flags = 'F.',"
    " at = '110ms', times = 1 }\n"
    "expect.packet { from = box, to = server, flags = 'R',"
    " at = '1.13s' }\n"
    "counts('to_client', 0)",
    NULL },
  { "a-reset-is-passed-on",
    NET("") SERVE ABORT "expect.packet { from = box, to = server, flags = 'R',"
                        " at = '510ms', times = 1 }\n"
                        "expect.error(server, 'ECONNRESET')\n"
                        "counts('resets', 1) counts('open', 0)",
    NULL },
  { "a-reset-becomes-a-fin",
    NET("on_reset = 'close'") SERVE ABORT
    "expect.packet { from = box, to = server, flags = 'F.',"
    " at = '510ms', times = 1 }\n"
    "expect.no_packet { from = box, to = server, flags = 'R' }\n"
    "expect.no_error(server)\n"
    "counts('resets', 1) counts('open', 0)",
    NULL },
  { "a-reset-becomes-a-fin-behind-the-data",
    NET("on_reset = 'close', delay = '100ms'") SERVE
    "client:run(function (os) local c = os.connect(server, 80)\n"
    "  c:send 'x' os.sleep '480ms' c:send 'y' c:abort() end)\n"
    "expect.data(server, 'xy')\n"
    "expect.packet { from = box, to = server, flags = 'F.',"
    " at = '610ms', times = 1 }",
    NULL },
  { "a-reset-is-held",
    NET("on_reset = 'hold'") ABORT
    "server:run(function (os) local c = os.listen(80):accept()\n"
    "  os.sleep '2s' c:send 'to nobody' os.sleep '1s'"
    " c:receive(1) c:close() end)\n"
    "expect.no_packet { from = box, to = server, flags = 'R' }\n"
    "expect.no_error(server)\n"
    "expect.states(server, 'ESTABLISHED', 'FIN-WAIT-1', 'TIME-WAIT',"
    " 'CLOSED')\n"
    "counts('lost', 9) counts('open', 0)",
    NULL },
  { "who-cannot-be-let-in-is-reset",
    NET("") "local why\n"
            "client:run(function (os) local c = os.connect(server, 80)\n"
            "  local _, name = c:receive_all() why = name end)\n"
            "expect.that(function () return why == 'ECONNRESET', why end)\n"
            "expect.packet { from = box, to = client, flags = 'R.',"
            " max = 1, min = 0 }\n"
            "expect.states(client, 'SYN-SENT', 'ESTABLISHED', 'CLOSED')\n"
            "expect.state_at(client, '60ms', 'CLOSED')\n"
            "counts('refused', 1) counts('open', 0)",
    NULL },
  { "server-first-refuses-the-syn",
    NET("connect = 'server first'") "local why\n"
                                    "client:run(function (os) local c, name = "
                                    "os.connect(server, 80)\n"
                                    "  why = name end)\n"
                                    "expect.that(function () return why == "
                                    "'ECONNREFUSED', why end)\n"
                                    "expect.packet { from = box, to = client, "
                                    "flags = 'R.',"
                                    " at = '30ms', times = 1 }\n"
                                    "expect.no_packet { from = box, to = "
                                    "client, flags = 'S.' }\n"
                                    "counts('accepted', 0) counts('refused', "
                                    "1) counts('open', 0)",
    NULL },
  { "server-first-lets-the-syn-wait",
    NET("connect = 'server first'") "local asked\n" ASK
                                    "server:run(function (os) local c = "
                                    "os.listen(80):accept()\n"
                                    "  asked = c:receive_all() c:send 'answer' "
                                    "c:close() end)\n"
                                    "expect.packet { from = box, to = server, "
                                    "flags = 'S',"
                                    " at = '10ms', times = 1 }\n"
                                    "expect.packet { from = box, to = client, "
                                    "flags = 'S.',"
                                    " at = '30ms', times = 1 }\n"
                                    "expect.that(function () return heard == "
                                    "'answer' and"
                                    " asked == 'ask' end)\n"
                                    "counts('accepted', 1) counts('open', 0)",
    NULL },
  { "a-slow-reader-stops-the-sender",
    NET("buffer = 4096, send_buffer = 4096, receive_buffer = 4096") "server:"
                                                                    "set { "
                                                                    "receive_"
                                                                    "buffer = "
                                                                    "4096 }\n"
                                                                    "client:"
                                                                    "set { "
                                                                    "send_"
                                                                    "buffer = "
                                                                    "4096 }\n"
                                                                    "local "
                                                                    "got, "
                                                                    "sent, "
                                                                    "held = 0, "
                                                                    "nil, nil\n"
                                                                    "server:"
                                                                    "run("
                                                                    "function "
                                                                    "(os) "
                                                                    "local c = "
                                                                    "os.listen("
                                                                    "80):"
                                                                    "accept()\n"
                                                                    "  "
                                                                    "os.sleep "
                                                                    "'3s' sent "
                                                                    "= sent or "
                                                                    "'not "
                                                                    "yet'\n"
                                                                    "  got = "
                                                                    "#c:"
                                                                    "receive_"
                                                                    "all() "
                                                                    "c:close() "
                                                                    "end)\n"
                                                                    "client:"
                                                                    "run("
                                                                    "function "
                                                                    "(os) "
                                                                    "local c = "
                                                                    "os."
                                                                    "connect("
                                                                    "server, "
                                                                    "80)\n"
                                                                    "  "
                                                                    "c:send("
                                                                    "string."
                                                                    "rep('x', "
                                                                    "100000)) "
                                                                    "sent = "
                                                                    "'all' "
                                                                    "c:close() "
                                                                    "end)\n"
                                                                    "at('2s', "
                                                                    "function "
                                                                    "() held = "
                                                                    "box:"
                                                                    "connection"
                                                                    "s()[1]."
                                                                    "for_"
                                                                    "server "
                                                                    "end)\n"
                                                                    "expect."
                                                                    "that("
                                                                    "function "
                                                                    "() return "
                                                                    "held == "
                                                                    "4096 and "
                                                                    "got == "
                                                                    "100000,"
                                                                    " held .. "
                                                                    "' held, "
                                                                    "got ' .. "
                                                                    "got end)\n"
                                                                    "expect."
                                                                    "that("
                                                                    "function "
                                                                    "() return "
                                                                    "sent == "
                                                                    "'all' "
                                                                    "end)\n"
                                                                    "expect."
                                                                    "packet { "
                                                                    "from = "
                                                                    "box, to = "
                                                                    "client, "
                                                                    "window = "
                                                                    "0,"
                                                                    " before = "
                                                                    "'2s' }\n"
                                                                    "counts('"
                                                                    "to_server'"
                                                                    ", 100000) "
                                                                    "counts('"
                                                                    "lost', 0)",
    NULL },
  { "it-takes-its-time",
    NET("delay = '100ms'") ASK
    "server:run(function (os) local c = os.listen(80):accept()\n"
    "  c:receive_all() c:close() end)\n"
    "expect.packet { from = box, to = server, flags = '.',"
    " length = 3, at = '210ms', times = 1 }\n"
    "expect.packet { from = box, to = client, flags = 'F.',"
    " at = '330ms', times = 1 }",
    NULL },
  { "other-ports-pass",
    NET("") "server:run(function (os) os.listen(81):accept():close() end)\n"
            "client:run(function (os) local c = os.connect(server, 81)\n"
            "  c:receive_all() c:close() end)\n"
            "expect.packet { from = client, to = server, flags = 'S',"
            " times = 1 }\n"
            "expect.states(client, 'SYN-SENT', 'ESTABLISHED', 'CLOSE-WAIT',"
            " 'LAST-ACK', 'CLOSED')\n"
            "counts('diverted', 0)",
    NULL },
  { "one-port-to-two-servers",
    NET("") "local other = host 'other'\n"
            "link { box, other, rate = 0, delay = '10ms' }\n"
            "local n = 0\n"
            "for _, it in ipairs { server, other } do it:run(function (os)\n"
            "  os.listen(80):accept():receive_all() n = n + 1 end) end\n"
            "for _, it in ipairs { server, other } do client:run("
            "function (os)\n"
            "  local c = os.connect(it, 80, { port = 5000,"
            " reuse_address = true }) c:close() end) end\n"
            "expect.that(function () return n == 2, n .. ' heard' end)",
    NULL },
};

static const Wrong wrong[] = {
  { "no-table", "proxy 'box'",
    "x.lua:1: proxy needs a table: proxy(\"proxy\", { ports = 80 })" },
  { "no-ports", "proxy('box', {})", "x.lua:1: proxy needs ports = ..." },
  { "unknown-word", "proxy('box', { ports = 80, on_fin = 'pas' })",
    "x.lua:1: proxy has no on_fin \"pas\"; did you mean \"pass\"?" },
  { "too-many-ports", "proxy('box', { ports = '1-100' })",
    "x.lua:1: proxy.ports: 100 ports; name the servers', at most 64" },
  { "unknown-key", "proxy('box', { port = 80 })",
    "x.lua:1: proxy has no key \"port\"; did you mean \"ports\"?" },
};

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  cases_add("proxy", cases, G_N_ELEMENTS(cases));
  wrongs_add("proxy", "", wrong, G_N_ELEMENTS(wrong));
  return g_test_run();
}
