-- A client in TIME-WAIT's way: it opens a connection from the port that it used
-- a second ago, to a server that closed first and still remembers. The server
-- need not refuse. If the new SYN is certainly newer than all of the old
-- connection, by its number or by its timestamp, the old one can be forgotten
-- (RFC 9293 3.6.1 MAY-2, RFC 6191).
--
-- The third client sends a SYN with an older number and no timestamps: it might
-- be a duplicate that lingered in the network. It is answered by the ACK of the
-- old connection. A host that wants another one answers RST to that, and its
-- next SYN gets in (on FreeBSD there is silence instead).
--
-- Look at: the new connection begins in TIME-WAIT, not in LISTEN.

title "A port is used again in TIME-WAIT, if the SYN is newer than all before"
topic "Ending it in order"
tags { "time-wait", "port-reuse", "timestamps" }
question "How could an old SYN be taken for a newer one, and what would happen?"

local server = host "server"
local middle = switch "middle"
link { server, middle, rate = "10Mbit/s", delay = "10ms" }

-- what each client's two connections are opened with, and what becomes of the
-- second
local clients = {
  { name = "stamped", first = { initial_sequence = 1000000 },
    again = { initial_sequence = 500000 } },
  { name = "counted",
    first = { initial_sequence = 1000000, timestamps = false },
    again = { initial_sequence = 2000000, timestamps = false } },
  { name = "older", first = { initial_sequence = 1000000, timestamps = false },
    again = { initial_sequence = 500000, timestamps = false }, refused = true },
}

server:run(function (os)
  local listener = os.listen(80)
  while true do
    listener:accept():close()
  end
end)

for i, client in ipairs(clients) do
  local who = host(client.name)
  local port = 5000 + i

  link { who, middle, rate = "10Mbit/s", delay = "10ms" }
  client.first.port, client.again.port = port, port
  who:run(function (os)
    for _, knobs in ipairs { client.first, client.again } do
      local conn = os.connect("server", 80, knobs)
      conn:receive_all()
      os.sleep "100ms"
      conn:close()
      os.sleep(math.max(0, 1 - os.now()))
    end
  end)

  local old = { host = server, port = port, number = 1 }
  expect.state_at(old, "1s", "TIME-WAIT")
  if not client.refused then
    expect.packet { from = who, flags = "S", after = 1, times = 1 }
    expect.time { host = server, port = port, number = 1, state = "CLOSED",
      after = "1.02s", before = "1.021s" }
    expect.time { host = server, port = port, number = 2,
      state = "SYN-RECEIVED", after = "1.02s", before = "1.021s" }
    expect.no_packet { from = who, flags = "R" }
  elseif server:profile() == "freebsd" then
    -- FreeBSD says nothing to it, and the client must wait
    expect.no_packet { to = who, after = 1 }
    expect.state_at(old, "10s", "TIME-WAIT")
  else
    -- the ACK of the old connection, the RST of a host that has another one,
    -- and that ends TIME-WAIT: the client's next SYN gets in
    expect.packet { from = who, flags = "S", at = 1, times = 1 }
    expect.packet { to = who, flags = ".", after = 1, before = "1.03s",
      times = 1 }
    expect.packet { from = who, flags = "R", rule = "SYN_SENT_BAD_ACK",
      after = 1, before = "1.05s", times = 1 }
    expect.state_at(old, "1.1s", "CLOSED")
    expect.state_at({ host = who, number = 2 }, "5s", "CLOSED")
  end
  expect.no_error(who)
end

stop "10s"
