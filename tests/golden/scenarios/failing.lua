-- Every kind of expectation, each stating what does not happen: what a person
-- reads who looks for the mistake.

title "Nothing is as expected"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:drop { from = client, filter = "tcp[tcpflags] & tcp-fin != 0", nth = 1 }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "goodbye"
  conn:close()
end)

expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "TIME-WAIT", "CLOSED")
expect.states(server, "ESTABLISHED", "CLOSING")
expect.packet { from = client, flags = "F.", times = 1 }
expect.packet { from = server, flags = "R" }
expect.packet { from = server, flags = "F.", fate = "dropped", min = 1 }
expect.packet { filter = "tcp[tcpflags] & tcp-syn != 0", max = 1 }
expect.packet { from = client, seq = 1, length = 7, at = "1ms" }
expect.packet { from = client, flags = "F.", after = "2h" }
expect.no_packet { from = client, flags = "F.", retransmission = 1 }
expect.order {
  { from = server, flags = "F." },
  { from = client, flags = "S" },
}
expect.state_at(client, "1s", "TIME-WAIT")
expect.duration(client, "TIME-WAIT", "60s")
expect.duration(client, "LAST-ACK", "60s")
expect.error(client, "ECONNRESET")
expect.data(server, "hello")
expect.data(server, 8)
expect.that(function () return false, "because it is not" end)
expect.that(function () return 1 + nil end)
