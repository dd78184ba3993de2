/* Forged segments, datagrams and frames, by those who see a connection and by
 * those who guess, over IPv4 and IPv6. Times are exact. */
#include "scenario_case.h"

/* A connection that is open from 20 ms on, and an attacker beside it. */
#define OPEN                                                                  \
  "local client, server, eve = host 'client', host 'server', host 'eve'\n"    \
  "local r = router 'r'\n"                                                    \
  "local wire = link { client, r, rate = 0, delay = '5ms' }\n"                \
  "local far = link { r, server, rate = 0, delay = '5ms' }\n"                 \
  "local other = link { eve, r, rate = 0, delay = '5ms' }\n"                  \
  "local c\n"                                                                 \
  "server:run(function (os) local c = os.listen(80):accept()"                 \
  " c:receive_all() c:close() end)\n"                                         \
  "client:run(function (os) c = os.connect(server, 80, { timestamps = false " \
  "})\n"                                                                      \
  " c:receive_all() end)\n"                                                   \
  "stop '9s'\n"

static const Case cases[] = {
  { "right-edge",
    OPEN "at('1s', function () wire:inject { from = client, of = c, as ="
         " client, flags = 'R', seq = 'rcv.wnd right edge' } wire:inject {"
         " from = client, of = c, as = client, flags = 'R', seq ="
         " 'rcv.wnd right edge - 1' } end)\n"
         "expect.packet { from = server, flags = '.', at = '1.01s', times = 1"
         " }\n"
         "expect.state_at(server, '2s', 'ESTABLISHED')",
    NULL },
  { "numbers-of-either-side",
    OPEN "at('1s', function () wire:inject { from = client, of = c, as ="
         " client, flags = 'R', seq = 'client.snd.nxt' } end)\n"
         "expect.states(server, 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSED')",
    NULL },
  { "off-path-guess",
    OPEN "at('1s', function () eve:inject { of = c, as = client, guess = true,"
         " tcp = 'R 1:1(0)' } end)\n"
         "expect.state_at(server, '1.009s', 'ESTABLISHED')\n"
         "expect.state_at(server, '1.01s', 'CLOSED')",
    NULL },
  { "off-path-absolute",
    OPEN "at('1s', function () eve:inject { of = c, as = client, absolute ="
         " true, flags = 'R', seq = 5 } end)\n"
         "expect.packet { flags = 'R', injected = true, times = 1 }\n"
         "expect.state_at(server, '2s', 'ESTABLISHED')",
    NULL },
  { "a-router-sees",
    OPEN "at('1s', function () r:inject { of = c, as = client,"
         " tcp = 'R 1:1(0)' } end)\n"
         "expect.state_at(server, '1.005s', 'CLOSED')",
    NULL },
  { "every-field",
    OPEN "local seen\n"
         "on.packet { host = server, event = 'received', where = function (p)"
         " if p.injected then local t, i = p.tcp, p.ip seen = table.concat({"
         " i.ttl, i.tos, t.win, t.urg, t.reserved, p.eth.src }, ' ') end"
         " end } (function () end)\n"
         "at('1s', function () far:inject { from = r, of = c, as = client,"
         " flags = '.', set = { ['ip.ttl'] = 3, ['ip.tos'] = 0x10,"
         " ['tcp.win'] = 9, ['tcp.urg'] = 8, ['tcp.reserved'] = 5,"
         " ['eth.src'] = '02:00:00:00:00:77' } } end)\n"
         "expect.that(function () return seen =="
         " '3 16 9 8 5 02:00:00:00:00:77', seen end)\n"
         "expect.no_packet { fate = 'dropped' }",
    NULL },
  { "bad-by-name",
    OPEN "at('1s', function () far:inject { from = r, of = c, as = client,"
         " flags = 'R', set = { ['tcp.checksum'] = 'bad' } } end)\n"
         "expect.packet { flags = 'R', fate = 'dropped', times = 1 }\n"
         "expect.state_at(server, '2s', 'ESTABLISHED')",
    NULL },
  { "headers-in-between",
    OPEN "at('1s', function () far:inject { from = r, of = c, as = client,"
         " flags = 'R', ip_options = '01 01 01', extensions = {"
         " { 'hop-by-hop' }, { 60, '01 02 00 00' } } } end)\n"
         "expect.packet { flags = 'R', fate = 'delivered', times = 1 }\n"
         "expect.state_at(server, '1.005s', 'CLOSED')",
    NULL },
  { "fragments",
    OPEN "at('1s', function () far:inject { from = r, of = c, as = client,"
         " flags = '.', payload = ('x'):rep(28), fragments = {"
         " { at = 24, length = 24 }, { at = 0, length = 24 } } } end)\n"
         "expect.data(server, ('x'):rep(28))",
    NULL },
  { "fragments-overlap",
    OPEN "at('1s', function () far:inject { from = r, of = c, as = client,"
         " flags = '.', payload = ('x'):rep(28), fragments = {"
         " { at = 0, length = 32 }, { at = 24, length = 24, bytes = '7979' } }"
         " } end)\n"
         "local why\n"
         "on.packet { event = 'dropped' } (function (p) why = p.rule end)\n"
         "expect.that(function () return why == 'ip-fragment', why end)",
    NULL },
  { "icmp-about-a-connection",
    OPEN "client:run(function (os) os.sleep '1s' c:send(1400) end)\n"
         "far:drop { from = r, after = '1s', times = 1 }\n"
         "at('1.1s', function () r:inject { of = c, to = client,"
         " icmp = { kind = 'packet too big', mtu = 1300 } } end)\n"
         "expect.packet { from = client, seq = 1, at = '1.105s' }\n"
         "expect.no_packet { from = client, length = 1400, after = '1.1s' }",
    NULL },
  { "icmp-with-a-wrong-number",
    OPEN "client:run(function (os) os.sleep '1s' c:send(1400) end)\n"
         "far:drop { from = r, after = '1s', times = 1 }\n"
         "at('1.1s', function () r:inject { of = c, to = client, seq ="
         " 'snd.nxt+1', icmp = { kind = 'packet too big', mtu = 1300 } }"
         " end)\n"
         "expect.no_packet { from = client, after = '1.1s', before = '1.2s' }\n"
         "expect.packet { from = client, length = 1400, after = '1.2s' }",
    NULL },
  { "echo",
    OPEN "local got\n"
         "on.packet { host = eve, event = 'received', where = function (p)"
         " got = p.icmp and p.icmp.rest .. p.payload end }"
         " (function () end)\n"
         "at('1s', function () eve:inject { to = server, icmp = { kind ="
         " 'echo', rest = 7 }, payload = 'abc' } end)\n"
         "expect.that(function () return got == '7abc', got end)",
    NULL },
  { "udp-is-refused",
    OPEN "local got\n"
         "on.packet { host = eve, event = 'received', where = function (p)"
         " got = p.icmp and p.icmp.type .. ' ' .. p.icmp.code end }"
         " (function () end)\n"
         "at('1s', function () eve:inject { to = server, udp = true, port ="
         " 53, payload = 'abc' } end)\n"
         "expect.that(function () return got == '3 3' or got == '1 4', got"
         " end)",
    NULL },
  { "header-behind-the-head",
    OPEN "local got\n"
         "server:sysctl('net.inet.tcp.udp_tunneling_port', 9899)\n"
         "on.packet { host = eve, event = 'received' }"
         " (function () got = true end)\n"
         "at('1s', function () eve:inject { to = server, udp = true, port ="
         " 9899, from_port = 7, extensions = { { 'destination',"
         " ('01 04 00 00 00 00 '):rep(10) .. '01 00' } }, payload ="
         " string.pack('>I2I2I4I4BBI2I4', 5000, 80, 1, 0, 0xf0, 2, 65535, 0)"
         " .. ('\\1'):rep(40) } end)\n"
         "local answered = family() == 'ipv4' or nil\n"
         "expect.that(function () return got == answered, got end)",
    NULL },
  { "frame",
    OPEN "local got\n"
         "on.packet { host = server, event = 'dropped' }"
         " (function (p) got = p.rule end)\n"
         "at('1s', function () r:inject { frame ="
         " 'ff ff ff ff ff ff 02 00 00 00 00 01 12 34 00', to = server } end)\n"
         "expect.that(function () return got == 'ethernet-type', got end)",
    NULL },
};

#define AT(call) "at('1s', function () " call " end)"
#define LINE "x.lua:11: "
#define END " (at 1 s, in a function of at)"

static const Wrong wrong[] = {
  { "off-path", AT("eve:inject { of = c, as = client, tcp = 'R 1:1(0)' }"),
    LINE "inject: no packet of that connection passes eve, so its numbers are "
         "not known there: give seq (and ack) as numbers with absolute = true, "
         "or say guess = true for one who guessed them right" END },
  { "off-path-link",
    AT("other:inject { from = eve, of = c, as = client, flags = 'R' }"),
    LINE "inject: no packet of that connection passes eve-r, so its numbers "
         "are not known there: give seq (and ack) as numbers with absolute = "
         "true, or say guess = true for one who guessed them right" END },
  { "nothing", AT("eve:inject { to = server, port = 80 }"),
    LINE "inject needs tcp = \"F. 1:1(0) ack 1\" or flags = ..., or udp, icmp, "
         "raw, frame" END },
  { "two-kinds", AT("eve:inject { to = server, udp = true, icmp = 'echo' }"),
    LINE "inject: of tcp, udp, icmp and frame give one" END },
  { "icmp-kind", AT("eve:inject { to = server, icmp = 'ecko' }"),
    LINE "inject: icmp has no kind \"ecko\"; did you mean \"echo\"?" END },
  { "fragment-step",
    AT("eve:inject { to = server, udp = true, port = 1, fragments = { { at = "
       "3, length = 8 } } }"),
    LINE "fragment: at counts in steps of 8 bytes" END },
  { "whose-number",
    AT("far:inject { from = r, of = c, as = client, flags = 'R', seq = "
       "'eve.snd.nxt' }"),
    LINE "inject: eve has no such connection" END },
  { "extension",
    AT("eve:inject { to = server, port = 1, flags = 'S', "
       "extensions = { { 'hop' } } }"),
    LINE "inject: extensions has no header \"hop\"; did you mean "
         "\"hop-by-hop\"?" END },
};

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  cases_add("forged", cases, G_N_ELEMENTS(cases));
  wrongs_add("forged", OPEN, wrong, G_N_ELEMENTS(wrong));
  return g_test_run();
}
