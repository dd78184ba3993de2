-- How long does TCP try to deliver what it was given? By RFC 9293 at least 100
-- seconds, on Linux some 15 minutes. A program that knows better says so: a
-- user time-out of ten seconds means that data may stay unacknowledged for ten
-- seconds, and not longer.
--
-- The network fails at 5 s, and the program sends at 6 s.
--
-- Look at: the growing distance between the repetitions, and ETIMEDOUT. The
-- server has heard nothing and still thinks that all is well: giving up sends
-- no segment, since it could not arrive anyway.

title "User time-out: data may be unacknowledged for ten seconds, not longer"
topic "Ending it in order"
tags { "timeout", "retransmission", "error" }
question "What must the server do to learn that the client has given up?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:drop { after = "5s" }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:setsockopt("TCP_USER_TIMEOUT", "10s")
  os.sleep(6 - os.now())
  conn:send "are you there?"
  local data, why = conn:receive()
  expect.equal(data, nil, "what receive returns")
  expect.equal(why, "ETIMEDOUT", "why")
end)

-- Linux counts from the first repetition by its time-out
if client:profile() == "linux" then
  expect.time { host = client, state = "CLOSED", after = "16.2s",
    before = "16.8s" }
else
  expect.time { host = client, state = "CLOSED", at = "16s" }
end
expect.packet { from = client, rule = "RETRANSMISSION_TIMEOUT", min = 3,
  fate = "dropped" }
expect.no_packet { flags = "R" }
expect.no_packet { flags = "F." }
expect.error(client, "ETIMEDOUT")
expect.state_at(server, "10min", "ESTABLISHED")

stop "10min"
