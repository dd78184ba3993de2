-- The server's host crashes and is up again a second later. It has forgotten
-- all of its connections, and its program listens anew. Then the client sends:
-- a segment of a connection that nobody here knows is answered by RST, and the
-- client learns within a round trip what silence would have told it after
-- minutes.
--
-- The second client sends while the host is down. Its repetition arrives when
-- it is up again, and gets the same answer.
--
-- Look at: the RST's number. It is the one that the client's ACK asked for, so
-- that the client can believe it.

title "The peer crashes and reboots: a RST for what it has forgotten"
topic "Ending it through loss"
tags { "crash", "rst", "retransmission" }
question "The server's program is up again, too. Why does that not help?"

local client, early = host "client", host "early"
local server = host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }
link { early, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local listener = os.listen(80)
  for _ = 1, 2 do
    local conn = listener:accept()
    os.spawn(function () conn:receive_all() end)
  end
end)
at("1s", function ()
  server:crash()
  server:reboot "1s"
end)

local function send_at(time)
  return function (os)
    local conn = os.connect("server", 80)
    os.sleep(time - os.now())
    conn:send "do you remember me?"
    local _, why = conn:receive()
    expect.equal(why, "ECONNRESET", "why receive fails")
  end
end
client:run(send_at(3))
early:run(send_at(1.9))

for _, who in ipairs { client, early } do
  expect.states(who, "SYN-SENT", "ESTABLISHED", "CLOSED")
  expect.packet { to = who, flags = "R", seq = 1, times = 1, after = "2s",
    rule = "LISTEN_ACK" }
  expect.error(who, "ECONNRESET")
end
expect.packet { from = client, after = "3s", times = 1 }
expect.time { host = client, state = "CLOSED", after = "3.1s",
  before = "3.101s" }
expect.packet { from = early, fate = "dropped", after = "1.9s", min = 1 }
expect.packet { from = early, retransmission = true, fate = "delivered",
  times = 1 }
