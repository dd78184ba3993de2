-- The host is there, but no program listens on the port. TCP says so at once:
-- a RST that acknowledges the SYN, so that its sender knows that it is meant.
--
-- Look at: one round trip, and connect() fails with ECONNREFUSED. Nothing is
-- left on either side.

title "Connection refused: nobody listens, and a RST says so"
topic "Opening and using a connection"
tags { "handshake", "rst", "error" }
question "A firewall drops the SYN instead. What does the client see, and when?"

local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }

client:run(function (os)
  local conn, why = os.connect("server", 81)
  expect.equal(conn, nil, "what connect returns")
  expect.equal(why, "ECONNREFUSED", "why")
  expect.equal(os.now() < 0.101, true, "connect fails after one round trip")
end)

expect.states(client, "SYN-SENT", "CLOSED")
expect.error(client, "ECONNREFUSED")
expect.packet { from = client, flags = "S", times = 1 }
expect.packet { from = server, flags = "R.", seq = 0, ack = 1, times = 1,
  rule = "CLOSED_NO_ACK" }
expect.count { times = 2 }
