-- Each kind of segment is lost once, and sent again: SYN, SYN+ACK, data in the
-- middle of a window, data at its end, FIN.

title "Everything is lost once"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "10ms" }

wire:drop { from = client, filter = "tcp[tcpflags] & tcp-syn != 0", nth = 1 }
wire:drop { from = server, filter = "tcp[tcpflags] & tcp-syn != 0", nth = 1 }
wire:drop { from = client, filter = "greater 1000", nth = { 8, 40 } }
wire:drop { from = server, filter = "tcp[tcpflags] & tcp-push != 0", nth = 1 }
wire:drop { from = client, filter = "tcp[tcpflags] & tcp-fin != 0", nth = 1 }
wire:drop { from = server, filter = "tcp[tcpflags] & tcp-fin != 0", nth = 1 }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  conn:send "thank you"
  os.sleep "5s"
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send(100000)
  os.sleep "10s"
  conn:shutdown "send"
  conn:receive_all()
  conn:close()
end)

expect.packet { fate = "dropped", times = 7 }
expect.data(server, 100000)
expect.data(client, "thank you")
expect.state_at(client, "60s", "TIME-WAIT")
