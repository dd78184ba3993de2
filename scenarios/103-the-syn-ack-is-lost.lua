-- The server's answer is lost. Now both sides wait: the client for an answer
-- to its SYN, the server for an acknowledgment of its own, and both repeat
-- what was not acknowledged after one second.
--
-- Look at: the two repetitions. The client's SYN comes to a connection in
-- SYN-RECEIVED; one with the same number is no new connection, and is answered
-- by a plain ACK or by the SYN,ACK once more.

title "The SYN,ACK is lost: both sides ask again"
topic "Opening and using a connection"
tags { "handshake", "loss", "retransmission" }
question "The server has sent nothing but one segment. What does it remember?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:drop { from = server, flags = "S.", nth = 1 }

server:run(function (os) os.listen(80):accept() end)
client:run(function (os) os.connect("server", 80) end)

expect.states(client, "SYN-SENT", "ESTABLISHED")
expect.states(server, "SYN-RECEIVED", "ESTABLISHED")
expect.packet { from = client, flags = "S", times = 2 }
expect.packet { from = client, flags = "S", at = "1s", times = 1 }
expect.packet { from = server, flags = "S.", fate = "dropped", times = 1 }
expect.packet { from = server, flags = "S.", fate = "delivered", min = 1 }
expect.no_packet { flags = "R" }
expect.no_error(client)

stop "3s"
