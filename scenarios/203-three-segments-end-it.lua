-- Three segments are enough when the second side has nothing more to say: its
-- ACK of the FIN waits a moment (a delayed acknowledgment), the application
-- closes meanwhile, and one segment carries both the ACK and the FIN.
--
-- Look at: FIN-WAIT-2 does not appear. The client goes from FIN-WAIT-1 to
-- TIME-WAIT at once, because the segment that acknowledges its FIN brings the
-- server's.

title "Three segments end a connection: ACK and FIN ride together"
topic "Ending it in order"
tags { "fin", "delayed-ack" }
question "What must the server's application do for its FIN to ride on the ACK?"

local client = host "client"
local server = host("server", { delay_fin_ack = true })
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  os.sleep "100ms"
  conn:close()
end)

expect.states(client, "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "TIME-WAIT",
  "CLOSED")
expect.states(server, "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK",
  "CLOSED")
expect.packet { from = server, flags = "F.", ack = 2, times = 1 }
expect.no_packet { from = server, flags = ".", ack = 2 }
