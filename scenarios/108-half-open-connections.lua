-- A SYN costs its sender nothing, and the listener a place: it must remember
-- the connection in SYN-RECEIVED until the third segment comes. Here somebody
-- sends SYNs from two ports and never answers (it may not even see the
-- answers, with a false address). This server remembers two, and is full.
--
-- An honest client comes. Its SYN is dropped without a word; it will try again.
-- After SYN,ACKs that nobody answers the server gives a place up.
--
-- Look at: SYN-RECEIVED of the two, and when the client gets in.

title "Half-open connections fill a listener, and a client must wait"
topic "Opening and using a connection"
tags { "handshake", "syn-flood", "backlog" }
question "How could a server answer a SYN without remembering anything?"

local silent = host("silent", { blackhole = 2 })
local client = host "client"
local server = host("server", { syn_backlog = 2, backlog_loose = false,
  synack_retries = 2, r2_syn = "never" })
local middle = switch "middle"
for _, node in ipairs { silent, client, server } do
  link { node, middle, rate = "10Mbit/s", delay = "10ms" }
end

server:run(function (os) os.listen(80):accept() end)
for port = 1001, 1002 do
  at("100ms", function ()
    silent:inject { to = server, port = 80, from_port = port, flags = "S",
      seq = 0, win = 1000 }
  end)
end

client:run(function (os)
  os.sleep "500ms"
  local conn = os.connect("server", 80)
  conn:send "hello"
end)

at("450ms", function ()
  for _, socket in ipairs(server:sockets()) do
    if socket.state ~= "LISTEN" then
      expect.equal(socket.ss_state, "SYN-RECV", "what ss calls " ..
        socket.remote:match "%d+$")
    end
  end
end)

for port = 1001, 1002 do
  expect.states({ host = server, port = port }, "SYN-RECEIVED", "CLOSED")
  -- three SYN,ACKs, and the wait that follows the last
  expect.packet { from = server, to_port = port, flags = "S.", times = 3 }
  expect.state_at({ host = server, port = port }, "7s", "SYN-RECEIVED")
end
expect.packet { from = client, flags = "S", rule = "LISTEN_OVERFLOW", min = 3 }
expect.packet { from = client, flags = "S", at = "500ms",
  rule = "LISTEN_OVERFLOW" }
expect.state_at(client, "7s", "SYN-SENT")
expect.states(client, "SYN-SENT", "ESTABLISHED")
expect.no_packet { flags = "R" }
expect.no_error(client)

stop "20s"
