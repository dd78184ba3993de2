-- The network makes a copy of each FIN, and the copy arrives a little later.
-- Nothing bad must come of it: a FIN is a number in sequence, and a number that
-- was taken is not taken again.
--
-- Look at: the copy of the client's FIN finds CLOSE-WAIT and is answered by an
-- ACK, in case the first ACK was lost. The copy of the server's FIN finds
-- TIME-WAIT, is answered too, and begins 2MSL anew.
--
-- That last answer comes to a server that has forgotten the connection, and
-- there is a RST in return. This client ignores it, as RFC 1337 advises; what
-- it does otherwise is another scenario.

title "Each FIN comes twice: the second one is answered, and changes nothing"
topic "Ending it through loss"
tags { "fin", "duplicate", "time-wait" }
question "How do these ACKs help a sender, and when are they in vain?"

local client = host("client", { ignore_reset_in_time_wait = true })
local server = host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:duplicate { flags = "F.", delay = "60ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  os.sleep "200ms"
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  os.sleep "100ms"
  conn:close()
end)

expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
  "CLOSED")
expect.states(server, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
-- (Linux answers it as any old number)
expect.packet { from = client, flags = "F.", duplicate = true, times = 1,
  rule = server:profile() == "linux" and "UNACCEPTABLE" or "FIN_REPEATED" }
expect.packet { from = server, flags = "F.", duplicate = true, times = 1,
  rule = "TIME_WAIT_FIN" }
expect.packet { from = server, flags = ".", ack = 2, times = 2 }
expect.packet { from = client, flags = ".", ack = 2, times = 2 }
-- TIME-WAIT began at 0.5 s, and anew with the copy 60 ms later
local wait = client:profile() == "rfc9293" and 240 or 60
expect.time { host = client, state = "CLOSED", after = wait + 0.56,
  before = wait + 0.57 }
