-- The server's host loses power. Nothing is sent: no FIN, no RST, it is just
-- gone. The client notices nothing as long as it has nothing to say. Then it
-- sends, and repeats, and gives up in the end.
--
-- A second client only waits for an answer. It will wait for ever: a connection
-- on which nothing is sent cannot tell a silent peer from a dead one. (See
-- keep-alive for a remedy.)
--
-- Look at: how long it takes the first client to find out, and that the second
-- one never does.

title "The peer crashes: who sends finds out late, who waits never does"
topic "Ending it through loss"
tags { "crash", "retransmission", "timeout" }
question "Why does no stack simply ask a silent peer every few seconds?"

local sender, waiter = host "sender", host "waiter"
local server = host "server"
link { sender, server, rate = "10Mbit/s", delay = "50ms" }
link { waiter, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local listener = os.listen(80)
  for _ = 1, 2 do
    local conn = listener:accept()
    os.spawn(function () conn:receive_all() end)
  end
end)
at("1s", function () server:crash() end)

sender:run(function (os)
  local conn = os.connect("server", 80)
  os.sleep(2 - os.now())
  conn:send "are you there?"
  local _, why = conn:receive()
  expect.equal(why, "ETIMEDOUT", "why the sender's receive fails")
end)
waiter:run(function (os)
  local conn = os.connect("server", 80)
  conn:receive()
end)

expect.error(sender, "ETIMEDOUT")
expect.states(sender, "SYN-SENT", "ESTABLISHED", "CLOSED")
expect.states(waiter, "SYN-SENT", "ESTABLISHED")
expect.packet { from = sender, rule = "RETRANSMISSION_TIMEOUT", min = 8,
  fate = "dropped" }
-- when patience ends is a matter of taste, but nobody gives up in 100 s
expect.state_at(sender, "101s", "ESTABLISHED")
expect.state_at(waiter, "1h", "ESTABLISHED")
expect.no_packet { from = waiter, after = "1s" }
expect.no_packet { from = server, after = "1s" }

stop "1h"
