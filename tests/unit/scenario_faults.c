/* Chosen faults: which packets, and what becomes of them, over IPv4 and IPv6.
 * Times are exact. */
#include "scenario_case.h"

/* One connection, 3 segments of 1000 bytes and a FIN, one after the other. */
#define TALK                                                              \
  PAIR SERVE                                                              \
      "client:run(function (os) local c = os.connect(server, 80, { mss =" \
      " 1000, nagle = false, timestamps = false }) for i = 1, 3 do "      \
      "c:send(1000) end"                                                  \
      " os.sleep '1s' c:close() end)\n"

static const Case cases[] = {
  { "mask",
    TALK "wire:drop { from = client, filter = 'greater 900', mask = '101' }\n"
         "expect.packet { fate = 'dropped', times = 2 }\n"
         "expect.packet { fate = 'dropped', seq = 1 }\n"
         "expect.packet { fate = 'dropped', seq = 2001 }\n"
         "expect.data(server, 3000)",
    NULL },
  { "budget-is-shared",
    TALK "local b = budget(3)\n"
         "wire:drop { from = client, flags = 'S', budget = b }\n"
         "wire:drop { from = client, filter = 'greater 900', budget = b }\n"
         "expect.packet { fate = 'dropped', times = 3 }\n"
         "expect.packet { fate = 'dropped', flags = 'S', times = 3 }\n"
         "expect.that(function () return b:left() == 0 end)\n"
         "expect.data(server, 3000)",
    NULL },
  { "where",
    TALK "wire:drop { where = function (p) return p.seq == 1001 and"
         " p.length == 1000 and p.attempt == 0 and p.from == 'client' and"
         " p.ip.ttl == 64 and p.tcp.dport == 80 and #p.payload == 1000 and"
         " p.state == 'ESTABLISHED' and p.time == 0.02 end }\n"
         "expect.packet { fate = 'dropped', times = 1 }\n"
         "expect.packet { fate = 'dropped', seq = 1001 }",
    NULL },
  { "where-in-a-hook",
    TALK "local n = 0\n"
         "on.packet { where = function (p) return p.length > 0 end }"
         " (function () n = n + 1 end)\n"
         "expect.that(function () return n == 3, n end)",
    NULL },
  { "reorder-behind-two",
    TALK "wire:reorder { from = client, filter = 'greater 900', nth = 1,"
         " behind = 2 }\n"
         "local order = ''\n"
         "on.packet { host = server, event = 'received', where = function (p)"
         " return p.length > 0 end } (function (p)"
         " order = order .. p.seq .. '@' .. p.time .. ' ' end)\n"
         "expect.that(function () return order =="
         " '1001@0.03 2001@0.03 1@0.03 ', order end)",
    NULL },
  { "reorder-alone",
    TALK "wire:reorder { from = client, flags = 'F.', behind = 9,"
         " within = '50ms' }\n"
         "expect.packet { from = client, flags = 'F.', times = 1 }\n"
         "expect.state_at(server, '1.079s', 'ESTABLISHED')\n"
         "expect.state_at(server, '1.081s', 'LAST-ACK')",
    NULL },
  { "replay-later",
    TALK "wire:replay { from = client, flags = 'S', nth = 1, by = '5s',"
         " count = 2, interval = '1s' }\n"
         "local times = ''\n"
         "on.packet { host = server, event = 'received', flags = 'S' }"
         " (function (p) times = times .. p.time .. ' ' end)\n"
         "expect.that(function () return times == '0.01 5.01 6.01 ',"
         " times end)",
    NULL },
  { "replay-at-equal-times",
    TALK "wire:replay { from = client, flags = 'S', nth = 1, by = '5s',"
         " count = 2 }\n"
         "local times = ''\n"
         "on.packet { host = server, event = 'received', flags = 'S' }"
         " (function (p) times = times .. p.time .. ' ' end)\n"
         "expect.that(function () return times == '0.01 5.01 10.01 ',"
         " times end)",
    NULL },
  { "rewrite-mends",
    TALK "wire:rewrite { from = server, flags = 'S.',"
         " set = { ['tcp.mss'] = 500, ['ip.ttl'] = '-60', ['ip.tos'] = 8 } }\n"
         "local seen\n"
         "on.packet { host = client, event = 'received', flags = 'S.',"
         " where = function (p) seen = p.ip.ttl .. ' ' .. p.ip.tos .. ' '"
         " .. p.tcp.mss return false end } (function () end)\n"
         "expect.that(function () return seen == '4 8 500', seen end)\n"
         "expect.packet { from = client, length = 500, min = 6 }\n"
         "expect.no_packet { fate = 'dropped' }",
    NULL },
  { "rewrite-leaves-checksum",
    TALK "wire:rewrite { from = client, flags = 'S', nth = 1, mend = false,"
         " set = { ['tcp.win'] = 7 } }\n"
         "expect.packet { fate = 'dropped', times = 1 }\n"
         "expect.packet { flags = 'S', retransmission = 1 }",
    NULL },
  { "rewrite-writes-checksum",
    TALK "wire:rewrite { from = client, flags = 'S', nth = 1,"
         " set = { ['tcp.checksum'] = 1 } }\n"
         "expect.packet { fate = 'dropped', times = 1 }",
    NULL },
  { "rewrite-port-and-mac",
    PAIR SERVE "client:run(function (os) os.connect(server, 80) end)\n"
               "wire:rewrite { from = client, flags = 'S', nth = 1, set = {"
               " ['tcp.dport'] = 81, ['eth.src'] = '02:00:00:99:00:00' } }\n"
               "expect.packet { from = server, flags = 'R.', times = 1 }\n"
               "stop '500ms'",
    NULL },
  { "corrupt-a-field",
    TALK "wire:corrupt { from = client, flags = 'S', nth = 1,"
         " field = 'tcp.win', count = 16, mend = true }\n"
         "local win = {}\n"
         "on.packet { flags = 'S', event = 'sent' }"
         " (function (p) win[1] = p.window end)\n"
         "on.packet { flags = 'S', event = 'received' }"
         " (function (p) win[2] = p.window end)\n"
         "expect.that(function () return win[1] + win[2] == 65535 end)\n"
         "expect.no_packet { fate = 'dropped' }",
    NULL },
  { "corrupt-bytes",
    TALK "wire:corrupt { from = client, filter = 'greater 900', nth = 2,"
         " at = 200, bytes = 'de ad', mend = true }\n"
         "local bytes = {}\n"
         "on.packet { host = server, event = 'received', where = function (p)"
         " if p.length > 0 then bytes[#bytes + 1] = p.payload:gsub('%z', '')"
         " end end } (function () end)\n"
         "expect.that(function () return #bytes == 3 and bytes[1] == '' and"
         " bytes[2] == '\\xde\\xad' and bytes[3] == '', #bytes end)",
    NULL },
  { "corrupt-one-byte",
    TALK "wire:corrupt { from = client, flags = 'S', nth = 1, at = 12,"
         " count = 8 }\n"
         "expect.packet { fate = 'dropped', times = 1 }",
    NULL },
  { "truncate",
    TALK "wire:truncate { from = client, filter = 'greater 900', nth = 1,"
         " cut = 10 }\n"
         "expect.packet { fate = 'dropped', times = 1 }\n"
         "expect.data(server, 3000)",
    NULL },
  { "truncate-mended",
    TALK "wire:truncate { from = client, filter = 'greater 900', nth = 3,"
         " cut = 10, mend = true }\n"
         "expect.no_packet { fate = 'dropped' }\n"
         "expect.packet { from = server, ack = 2991 }\n"
         "expect.data(server, 3000)",
    NULL },
  { "reset-both",
    TALK "wire:reset { from = client, filter = 'greater 900', nth = 2 }\n"
         "expect.packet { from = client, flags = 'R.', seq = 1001, ack = 1, "
         "times = 1 }\n"
         "expect.packet { from = server, flags = 'R', seq = 1, at = '20ms' }\n"
         "expect.error(server, 'ECONNRESET')\n"
         "expect.state_at(client, '30ms', 'CLOSED')\n"
         "expect.state_at(server, '30ms', 'CLOSED')\n",
    NULL },
  { "reset-sender-and-pass",
    PAIR SERVE "client:run(function (os) os.connect(server, 80) end)\n"
               "wire:reset { from = client, flags = 'S', answer = 'sender',"
               " pass = true }\n"
               "expect.error(client, 'ECONNREFUSED')\n"
               "expect.packet { from = server, flags = 'S.', times = 1 }\n"
               "expect.packet { from = server, flags = 'R.', times = 1 }",
    NULL },
  { "reset-receiver-behind-what-passes",
    TALK "wire:reset { from = client, filter = 'greater 900', nth = 3,"
         " answer = 'receiver', pass = true }\n"
         "expect.packet { from = client, flags = 'R.', seq = 3001 }\n"
         "expect.error(server, 'ECONNRESET')",
    NULL },
  { "a-reset-is-not-answered",
    PAIR SERVE "client:run(function (os) os.connect(server, 80):abort() end)\n"
               "wire:reset { from = client,"
               " filter = 'tcp[tcpflags] & tcp-rst != 0' }\n"
               "expect.packet { from = client, flags = 'R', times = 1 }\n"
               "expect.no_packet { from = server, flags = 'R' }\n"
               "expect.state_at(server, '30ms', 'CLOSED')",
    NULL },
  { "drop-gives-the-reason",
    TALK "wire:rewrite { flags = 'S', nth = 1, set = { ['tcp.win'] = 1 } }\n"
         "wire:drop { flags = 'S', nth = 1 }\n"
         "local why\n"
         "on.packet { event = 'dropped' } (function (p) why = p.reason end)\n"
         "expect.that(function ()"
         " return why == 'dropped by the scenario, line 6', why end)",
    NULL },
};

static const Wrong wrong[] = {
  { "mask-text", "wire:drop { mask = '12' }",
    "x.lua:3: drop: mask must be of 0 and 1, as \"11001\", not \"12\"" },
  { "mask-empty", "wire:drop { mask = '00' }",
    "x.lua:3: drop: mask chooses no packet: it needs a 1" },
  { "mask-and-nth", "wire:drop { nth = 1, mask = '1' }",
    "x.lua:3: drop: mask: nth says the same in another way; give one of the "
    "two" },
  { "budget", "wire:drop { budget = 3 }",
    "x.lua:3: drop: budget must be a budget, as from budget(3), not a number; "
    "times = 3 is for one rule alone" },
  { "where", "wire:drop { where = 'x' }",
    "x.lua:3: drop: where must be a function (packet) that answers true or "
    "false, not a string" },
  { "field", "wire:rewrite { set = { ['tcp.wni'] = 0 } }",
    "x.lua:3: rewrite: set has no header field \"tcp.wni\"; did you mean "
    "\"tcp.win\"?" },
  { "field-range", "wire:rewrite { set = { ['tcp.win'] = 65536 } }",
    "x.lua:3: rewrite: set[\"tcp.win\"] must lie in 0 to 65535, not 65536" },
  { "field-mac", "wire:rewrite { set = { ['eth.src'] = '02:00' } }",
    "x.lua:3: rewrite: set[\"eth.src\"] must be an Ethernet address such as "
    "\"02:00:00:01:00:00\"" },
  { "set-empty", "wire:rewrite { set = {} }",
    "x.lua:3: rewrite: set is empty: it needs fields such as [\"tcp.win\"] = "
    "0" },
  { "corrupt-twice", "wire:corrupt { field = 'tcp.win', at = 3 }",
    "x.lua:3: corrupt: give field or at, not both" },
  { "corrupt-bytes-nowhere", "wire:corrupt { bytes = '00' }",
    "x.lua:3: corrupt: bytes needs at = offset in the frame; rewrite is for a "
    "field's value" },
  { "truncate-how", "wire:truncate {}",
    "x.lua:3: truncate needs size = bytes of the frame that are left, or cut = "
    "bytes off its end" },
  { "reset-whom", "wire:reset { answer = 'all' }",
    "x.lua:3: reset: answer must be \"sender\", \"receiver\" or \"both\"" },
  { "where-acts",
    "wire:drop { where = function (p) client:address() end }\n"
    "client:run(function (os) os.connect(server, 80) end)",
    "x.lua:3: a function of where only looks at the packet it is given: "
    "on.packet, at and apps are for what acts or asks (at 0 s, in a "
    "function of where)" },
  { "where-raises",
    "wire:drop { where = function (p) return p.nothing.there end }\n"
    "client:run(function (os) os.connect(server, 80) end)",
    "x.lua:3: attempt to index a nil value (field 'nothing') (at 0 s, "
    "in a function of where)" },
  { "where-loops",
    "wire:drop { where = function (p) while true do end end }\n"
    "client:run(function (os) os.connect(server, 80) end)",
    "too much work" },
};

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  cases_add("faults", cases, G_N_ELEMENTS(cases));
  wrongs_add("faults", PAIR, wrong, G_N_ELEMENTS(wrong));
  return g_test_run();
}
