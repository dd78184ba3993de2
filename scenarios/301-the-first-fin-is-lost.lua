-- A FIN is a number in sequence like a byte of data: if it is lost, it is sent
-- again when the retransmission timer expires, until it is acknowledged.
--
-- The client stays in FIN-WAIT-1 all that time. The server notices nothing.
--
-- Look at: the time between the two FINs. It is the retransmission time-out,
-- 1 s here because RFC 6298 allows no less.

title "The first FIN is lost: FIN-WAIT-1 lasts until it is sent again"
topic "Ending it through loss"
tags { "fin", "loss", "retransmission" }
question "How would the client know whether its FIN or the ACK of it was lost?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:drop { from = client, filter = "tcp[tcpflags] & tcp-fin != 0", nth = 1 }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  os.sleep "200ms"
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "goodbye"
  os.sleep "200ms"
  conn:close()
end)

expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
  "CLOSED")
expect.states(server, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
expect.packet { from = client, flags = "F.", times = 2 }
expect.packet { from = client, flags = "F.", fate = "dropped", times = 1 }
-- Linux asks by a tail loss probe, as long as it can, before it believes in a
-- time-out: what goes is the same FIN.
expect.packet { from = client, flags = "F.", retransmission = 1, times = 1,
  rule = client:profile() == "linux" and "LOSS_PROBE"
    or "RETRANSMISSION_TIMEOUT" }
