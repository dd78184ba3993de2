-- A connection is open when the third segment has come, whether the server's
-- program has asked for it or not. Those that it has not asked for wait in the
-- accept queue (listen's second argument, the backlog). This program is slow,
-- and its queue takes two.
--
-- Look at: the third client's SYN is not answered while the queue is full. The
-- clients that are queued have sent their requests already, and TCP has
-- acknowledged them: an acknowledgment is not the application's.

title "A full accept queue: open connections wait, and new ones are not let in"
topic "Opening and using a connection"
tags { "handshake", "backlog" }
question "Would a RST be better than silence when the queue is full?"

local client = host "client"
local server = host("server", { backlog = 2, backlog_loose = false })
link { client, server, rate = "10Mbit/s", delay = "10ms" }

server:run(function (os)
  local listener = os.listen(80)
  os.sleep "2500ms"
  for _ = 1, 3 do
    local conn = listener:accept()
    os.spawn(function () conn:receive_all() conn:close() end)
  end
end)

for i = 1, 3 do
  client:run(function (os)
    local conn = os.connect("server", 80, { port = 5000 + i })
    conn:send("request " .. i)
    conn:close()
  end, 0.1 * i)
end

at("1s", function ()
  expect.equal(server:sockets()[1].recv_q, 2, "waiting for accept at 1 s")
end)

for i = 1, 2 do
  expect.state_at({ host = server, port = 5000 + i }, "0.33s", "CLOSE-WAIT")
  expect.packet { from = client, from_port = 5000 + i, flags = "S", times = 1 }
end
expect.packet { from = client, from_port = 5003, flags = "S", at = 0.3,
  rule = "LISTEN_OVERFLOW", times = 1 }
expect.state_at({ host = client, port = 5003 }, "2.4s", "SYN-SENT")
expect.time { host = client, port = 5003, state = "ESTABLISHED",
  after = "2.5s" }
expect.data(server, 27)
expect.no_packet { flags = "R" }

stop "8s"
