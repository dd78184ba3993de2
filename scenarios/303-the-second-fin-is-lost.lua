-- The server's FIN is lost on its way. The server is in LAST-ACK and repeats it
-- until it is acknowledged. The client waits in FIN-WAIT-2 and cannot know that
-- anything was lost: for all it knows, the server's program is busy.
--
-- Look at: FIN-WAIT-2 has no timer for this. Only the side that has sent
-- something can notice a loss.

title "The second FIN is lost: LAST-ACK repeats it, FIN-WAIT-2 just waits"
topic "Ending it through loss"
tags { "fin", "loss", "retransmission" }
question "The server's host fails right after this. What of the client?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:drop { from = server, flags = "F.", nth = 1 }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  os.sleep "300ms"
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "goodbye"
  os.sleep "400ms"
  conn:close()
end)

expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
  "CLOSED")
expect.states(server, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
expect.packet { from = client, flags = "F.", times = 1 }
expect.packet { from = server, flags = "F.", fate = "dropped", times = 1 }
expect.packet { from = server, flags = "F.", retransmission = 1,
  fate = "delivered", times = 1 }
expect.packet { from = server, flags = "F.", times = 2 }
if server:profile() == "rfc9293" then
  -- closed at 0.85 s, and the time-out is 1 s
  expect.packet { from = server, flags = "F.", retransmission = 1,
    after = "1.85s", before = "1.851s", rule = "RETRANSMISSION_TIMEOUT" }
end
expect.no_packet { flags = "R" }
