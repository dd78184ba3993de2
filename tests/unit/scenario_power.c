/* Hosts that crash, reboot or lose a NIC. Times are exact. */
#include "scenario_case.h"

#define CONNECT                                                          \
  PAIR SERVE "local answer\n"                                            \
             "client:run(function (os) local c = os.connect(server, 80)" \
             " c:send 'one' os.sleep '1s' c:send 'two'"                  \
             " local _, name = c:receive() answer = name end)\n"

static const Case cases[] = {
  { "crash-is-silent",
    CONNECT "client:set { r2 = '3s' }\n"
            "at('500ms', function () server:crash() end)\n"
            "expect.no_packet { from = server, after = '500ms' }\n"
            "expect.states(server, 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSED')\n"
            "expect.state_at(server, '500ms', 'CLOSED')\n"
            "expect.that(function () return answer == 'ETIMEDOUT', answer"
            " end)\n"
            "expect.packet { to = server, after = '1s', fate = 'dropped' }",
    NULL },
  { "reboot-answers-by-rst",
    CONNECT "at('500ms', function () server:reboot '200ms' end)\n"
            "expect.packet { from = server, flags = 'R', at = '1.03s' }\n"
            "expect.that(function () return answer == 'ECONNRESET', answer"
            " end)",
    NULL },
  { "reboot-runs-apps-anew",
    PAIR "local boots = 0\n"
         "server:run(function (os) boots = boots + 1 local l = os.listen(80)"
         " while true do local c = l:accept() c:receive_all() c:close() end"
         " end)\n"
         "client:run(function (os) os.sleep '1s'"
         " local c = os.connect(server, 80) c:send 'x' c:close() end)\n"
         "at('300ms', function () server:reboot '100ms' end)\n"
         "expect.that(function () return boots == 2, boots end)\n"
         "expect.data(server, 'x')",
    NULL },
  { "on-boot-instead",
    PAIR "local what = ''\n"
         "server:run(function (os) what = what .. 'run ' os.sleep '9s'"
         " what = what .. 'never' end)\n"
         "server:on_boot(function (os) what = what .. os.now() .. ' '"
         " .. os.host end)\n"
         "at('300ms', function () server:reboot(1) end)\n"
         "expect.that(function () return what == 'run 1.3 server', what end)",
    NULL },
  { "an-app-may-crash-its-own-host",
    PAIR "local what = ''\n"
         "server:run(function (os) what = what .. 'a' os.sleep '1s'"
         " if what == 'a' then server:reboot '1s' end what = what .. 'b' end)\n"
         "expect.that(function () return what == 'aab', what end)",
    NULL },
  { "initial-numbers-are-new",
    PAIR "server:run(function (os) local l = os.listen(80)"
         " while true do l:accept() end end)\n"
         "local isns = {}\n"
         "on.packet { flags = 'S.', where = function (p)"
         " isns[#isns + 1] = p.tcp.seq return false end } (function () end)\n"
         "client:run(function (os) os.connect(server, 80, { port = 5000 })"
         " :abort() server:reboot(0) os.sleep '1us'"
         " os.connect(server, 80, { port = 5000 }) end)\n"
         "stop '1s'\n"
         "expect.that(function () local d = (isns[2] - isns[1]) % 2^32"
         " return #isns == 2 and d > 50000 and d < 2^32 - 50000, d end)",
    NULL },
  { "wait-for-a-lost-connection",
    PAIR SERVE "local said\n"
               "client:run(function (os) local c = os.connect(server, 80)"
               " after('1s', function () client:crash() end)"
               " at('500ms', function () said = select(2,"
               " c:wait_state 'TIME-WAIT') end) c:wait_state 'TIME-WAIT' end)\n"
               "stop '5s'\n"
               "expect.that(function () return said == 'ENOTCONN', said end)",
    NULL },
  { "a-firewall-forgets",
    CONNECT "client:set { r2 = '3s' }\n"
            "server:firewall { policy = 'drop', rules = {\n"
            " { state = 'ESTABLISHED', action = 'accept' },\n"
            " { flags = 'S', action = 'accept' } } }\n"
            "at('500ms', function () server:reboot '200ms' end)\n"
            "expect.no_packet { from = server, after = '500ms' }\n"
            "expect.that(function () return answer == 'ETIMEDOUT', answer"
            " end)",
    NULL },
  { "programs-end",
    PAIR "local sink = server:sink {}\n"
         "local churn = client:churn { to = server, connections = 1000,"
         " request = 10, response = 0, times = 1 }\n"
         "at('1s', function () client:crash() end)\n"
         "expect.that(function () return churn:opened() < 100 end)\n"
         "expect.no_packet { from = client, after = '1s' }\n"
         "stop '20s'",
    NULL },
  { "nic-down-and-up",
    PAIR SERVE "client:run(function (os) local c = os.connect(server, 80)"
               " os.sleep '1s' c:close() end)\n"
               "at('900ms', function () server:nic_down() end)\n"
               "at('1.1s', function () server:nic_up(wire) end)\n"
               "expect.packet { from = client, flags = 'F.',"
               " fate = 'dropped', times = 1 }\n"
               "expect.states(server, 'SYN-RECEIVED', 'ESTABLISHED',"
               " 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED')",
    NULL },
  { "a-queue-goes-down-with-its-nic",
    "local client, server = host 'client', host 'server'\n"
    "link { client, server, rate = '1Mbit/s', delay = '10ms' }\n" SERVE
    "client:run(function (os) local c = os.connect(server, 80)"
    " c:send(10000) os.sleep '20ms' client:nic_down() os.sleep '10ms'"
    " client:nic_up() c:close() end)\n"
    "local why\n"
    "on.packet { event = 'dropped' } (function (p) why = p.reason end)\n"
    "expect.data(server, 10000)\n"
    "expect.that(function () return why == 'the NIC went down', why end)",
    NULL },
};

static const Wrong wrong[] = {
  { "crash-early", "server:crash()",
    "x.lua:3: server:crash happens in virtual time: put it into at, after, an "
    "app or a hook" },
  { "reboot-time", "at(0, function () server:reboot 'soon' end)",
    "x.lua:3: reboot: \"soon\" is not a time: it does not begin with a number,"
    " write for example \"20ms\" (at 0 s, in a function of at)" },
  { "on-boot", "server:on_boot(1)",
    "x.lua:3: server:on_boot needs a function (os) ... end, not a number" },
  { "nic-of-another",
    "local third = host 'third' local other = link { server, third }\n"
    "at(0, function () client:nic_down(other) end)",
    "x.lua:4: nic_down: client is not an end of the link server-third (at 0 s,"
    " in a function of at)" },
  { "nic-of-the-crashed",
    "at(0, function () client:crash() client:nic_up() end)",
    "x.lua:3: nic_up: client has crashed; reboot brings its NICs up (at 0 s, "
    "in a function of at)" },
};

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  cases_add("power", cases, G_N_ELEMENTS(cases));
  wrongs_add("power", PAIR, wrong, G_N_ELEMENTS(wrong));
  return g_test_run();
}
