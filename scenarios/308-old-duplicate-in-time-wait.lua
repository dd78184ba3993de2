-- The other thing that TIME-WAIT is for: an old duplicate. The network made a
-- copy of a segment and kept it for two seconds; it arrives when both sides
-- have closed. The client, in TIME-WAIT, still knows that these numbers are
-- old, and answers with an ACK that says what it expects.
--
-- Look at: what that ACK does. It reaches a server that has forgotten the
-- connection. Nothing there knows the ACK, so a RST answers it, and that RST
-- has exactly the number that ends TIME-WAIT early. RFC 1337 calls it TIME-WAIT
-- assassination. The second client ignores RST in TIME-WAIT, as that RFC
-- advises.

title "An old duplicate arrives in TIME-WAIT, and the answer ends it early"
topic "Ending it through loss"
tags { "duplicate", "rst", "time-wait" }
question "Who is worse off after the assassination, and when would it matter?"

local server = host "server"
local client = host "client"
local careful = host("careful", { ignore_reset_in_time_wait = true })
local wires = {
  link { client, server, rate = "10Mbit/s", delay = "50ms" },
  link { careful, server, rate = "10Mbit/s", delay = "50ms" },
}

server:run(function (os)
  local listener = os.listen(80)
  for _ = 1, 2 do
    local conn = listener:accept()
    os.spawn(function ()
      conn:send "an answer"
      conn:receive_all()
      conn:close()
    end)
  end
end)

for i, who in ipairs { client, careful } do
  wires[i]:duplicate { from = server, filter = "tcp[tcpflags] & tcp-push != 0",
    nth = 1, delay = "2s" }
  who:run(function (os)
    local conn = os.connect("server", 80)
    os.sleep "200ms"
    conn:receive()
    conn:close()
  end)
end

if server:profile() == "linux" then
  -- its ACK of a FIN waits for its own FIN to ride on
  expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "TIME-WAIT", "CLOSED")
else
  expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
    "CLOSED")
end
expect.packet { from = client, after = "2s", flags = ".", times = 1,
  rule = "PAWS" }
expect.packet { to = client, flags = "R", times = 1, rule = "LISTEN_ACK" }
expect.packet { to = careful, flags = "R", times = 1 }
-- FreeBSD is always careful
expect.state_at(client, "3s",
  client:profile() == "freebsd" and "TIME-WAIT" or "CLOSED")
expect.state_at(careful, "3s", "TIME-WAIT")
if careful:profile() == "linux" then
  -- the duplicate begins the wait anew
  expect.state_at(careful, "62.2s", "TIME-WAIT")
  expect.state_at(careful, "62.3s", "CLOSED")
else
  expect.duration(careful, "TIME-WAIT",
    careful:profile() == "rfc9293" and "240s" or "60s")
end
