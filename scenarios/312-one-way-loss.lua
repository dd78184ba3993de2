-- From one moment on, nothing gets through from the server to the client; the
-- other direction works. It happens where the two ways differ, or where a
-- firewall has forgotten the connection.
--
-- The client closes. Its FINs arrive, all of them, and each one is answered;
-- but the answers are lost, so the client does not know. The two sides disagree
-- about the connection for as long as the client tries.
--
-- Look at: the server in CLOSE-WAIT and LAST-ACK, the client in FIN-WAIT-1. In
-- the end both give up, and each thinks the other has gone.

title "One-way loss: every FIN arrives, and no answer does"
topic "Ending it through loss"
tags { "loss", "fin", "retransmission", "timeout" }
question "Can two hosts ever be sure that both know the connection is over?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:drop { from = server, after = "1s" }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  os.sleep "2s"
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  os.sleep(2 - os.now())
  conn:close()
end)

expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "CLOSED")
expect.states(server, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
expect.packet { from = client, flags = "F.", fate = "delivered", min = 6 }
expect.no_packet { from = client, fate = "dropped" }
expect.packet { from = server, flags = "F.", fate = "dropped", min = 6 }
expect.no_packet { from = server, after = "1s", fate = "delivered" }
expect.state_at(client, "20s", "FIN-WAIT-1")
expect.state_at(server, "20s", "LAST-ACK")
