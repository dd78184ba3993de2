-- The FIN has arrived, but its ACK is lost. To the client this looks exactly as
-- if the FIN had been lost: it waits for its time-out and sends it again. The
-- server knows this FIN already. It must acknowledge it once more, or the
-- client would repeat it for ever.
--
-- Look at: the server's state at the repeated FIN does not change, and its
-- program is told of the end once only.

title "The ACK of the first FIN is lost: the FIN comes twice, and counts once"
topic "Ending it through loss"
tags { "fin", "loss", "retransmission" }
question "The server closes before the FIN is repeated. What changes?"

local client = host "client"
local server = host("server", { delay_fin_ack = false })
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:drop { from = server, state = "CLOSE-WAIT", flags = ".", nth = 1 }

local ends = 0
server:run(function (os)
  local conn = os.listen(80):accept()
  while conn:receive() ~= "" do end
  ends = ends + 1
  os.sleep "3s"
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "goodbye"
  os.sleep "400ms"
  conn:close()
end)

expect.packet { from = server, fate = "dropped", ack = 9, times = 1 }
expect.packet { from = client, flags = "F.", times = 2 }
-- (Linux answers it as any old number)
expect.packet { from = client, flags = "F.", retransmission = 1, times = 1,
  rule = server:profile() == "linux" and "UNACCEPTABLE" or "FIN_REPEATED" }
expect.packet { from = server, flags = ".", ack = 9, fate = "delivered",
  times = 1 }
expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
  "CLOSED")
expect.states(server, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
expect.that(function () return ends == 1, ends .. " times" end,
  "the server's program is told of the end once")
expect.no_packet { flags = "R" }
