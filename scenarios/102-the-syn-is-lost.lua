-- The first SYN is lost. Nothing has been measured on this way yet, so the
-- client waits for what RFC 6298 says of a time-out without a measurement: one
-- second. Then it sends its SYN again.
--
-- Look at: the application. For it, connect() has simply taken one second
-- longer; it is told of nothing.

title "The SYN is lost: the client waits one second and asks again"
topic "Opening and using a connection"
tags { "handshake", "loss", "retransmission" }
question "Why can the client not know sooner that the SYN was lost?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:drop { from = client, flags = "S", nth = 1 }

server:run(function (os) os.listen(80):accept() end)
client:run(function (os) os.connect("server", 80) end)

expect.states(client, "SYN-SENT", "ESTABLISHED")
expect.states(server, "SYN-RECEIVED", "ESTABLISHED")
expect.packet { from = client, flags = "S", fate = "dropped", at = 0,
  times = 1 }
expect.packet { from = client, flags = "S", retransmission = 1, at = "1s",
  rule = "RETRANSMISSION_TIMEOUT", times = 1 }
expect.packet { from = client, flags = "S", times = 2 }
expect.packet { from = server, flags = "S.", times = 1 }
expect.time { host = client, state = "ESTABLISHED", after = "1.1s",
  before = "1.101s" }

stop "3s"
