-- A connection opens with three segments and ends with four.
--
-- SYN, SYN,ACK, ACK: each side tells its initial sequence number and has it
-- acknowledged. To end, each side sends a FIN when it has nothing more to
-- say, and has that acknowledged too: two FINs, two ACKs.
--
-- Look at: who has to wait in TIME-WAIT (the one that closed first), and that
-- CLOSE-WAIT lasts exactly as long as the server's application takes.

title "Four segments end a connection: the client closes first"
topic "Ending it in order"
tags { "handshake", "fin", "time-wait" }
question "Why must the side that closes first wait, and not the other?"

local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local listener = os.listen(80)
  local conn = listener:accept()
  conn:receive_all()               -- returns at the client's FIN
  os.sleep "200ms"                 -- CLOSE-WAIT lasts this long
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "goodbye"
  os.sleep "200ms"
  conn:close()
end)

expect.states(client, "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
  "TIME-WAIT", "CLOSED")
expect.states(server, "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK",
  "CLOSED")
expect.packet { from = client, flags = "S", times = 1 }
expect.packet { from = server, flags = "S.", times = 1 }
expect.packet { from = client, flags = "F.", times = 1 }
expect.packet { from = server, flags = "F.", times = 1 }
expect.no_packet { flags = "R" }
expect.data(server, "goodbye")
-- 2MSL: RFC 9293 takes an MSL of two minutes, real stacks of half a one
expect.duration(client, "TIME-WAIT",
  client:profile() == "rfc9293" and "240s" or "60s")
