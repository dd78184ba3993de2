-- What TIME-WAIT is for. The last ACK is lost; the server, in LAST-ACK, sends
-- its FIN again. Somebody must still be there who knows the connection and can
-- acknowledge it once more: the client, in TIME-WAIT.
--
-- Without TIME-WAIT the second FIN would meet a closed port and be answered
-- by RST: a clean close would end as an error.
--
-- Look at: 2MSL begin anew at the repeated FIN.

title "The last ACK is lost: TIME-WAIT answers the repeated FIN"
topic "Ending it through loss"
tags { "fin", "loss", "time-wait", "retransmission" }
question "What if the repeated FIN is lost as well, and the next?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:drop { from = client, state = "TIME-WAIT", nth = 1 }

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
expect.packet { from = server, flags = "F.", times = 2 }
expect.packet { from = client, fate = "dropped", times = 1 }
expect.packet { from = client, rule = "TIME_WAIT_FIN", times = 1 }
expect.no_packet { flags = "R" }
-- TIME-WAIT began at 0.6 s, and anew when the FIN was repeated
if client:profile() == "rfc9293" then
  expect.time { host = client, state = "CLOSED", after = "241.6s",
    before = "241.61s" }
else
  expect.time { host = client, state = "CLOSED", after = "60.8s",
    before = "61.2s" }
end
