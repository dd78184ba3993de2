-- A RST can be forged by anybody who guesses the ports and a number. How well
-- must the number fit? RFC 793 took any in the window: with a window of 64 KiB
-- one of 65536 guesses hits. RFC 5961 takes only the very next number:
--
--   exactly RCV.NXT         the connection is reset
--   elsewhere in the window an ACK asks: is that meant? (a challenge ACK)
--   outside the window      ignored, without a word
--
-- An honest peer answers the question: it knows nothing of the connection any
-- more, and to an ACK of an unknown connection the answer is a RST with exactly
-- the number that the ACK asks for. See the client "gone": its last data are
-- lost, so that its RST is ahead of what the server expects.
--
-- Look at: one number further, and the RST is a question. And "old", a server
-- that still believes all RSTs in the window.

title "A RST at, inside and outside the window: believed, asked, ignored"
topic "Ending it at once"
tags { "rst", "attack", "window", "challenge-ack" }
question "How many RSTs must a blind attacker send now, and how many before?"

local client, gone = host "client", host "gone"
local server = host "server"
local old = host("old", { insecure_rst = true, challenge_acks = false })
local wire = link { client, server, rate = "10Mbit/s", delay = "10ms" }
local path = link { gone, server, rate = "10Mbit/s", delay = "10ms" }
local past = link { client, old, rate = "10Mbit/s", delay = "10ms" }

for _, target in ipairs { server, old } do
  target:run(function (os)
    local listener = os.listen(80)
    while true do
      local conn = listener:accept()
      os.spawn(function () conn:receive_all() end)
    end
  end)
end

local cases = {
  -- target, where, number, what becomes of it
  { server, wire, "rcv.nxt - 1", "ignored" },
  { server, wire, "rcv.nxt", "believed" },
  { server, wire, "rcv.nxt + 1", "asked" },
  { server, wire, "rcv.wnd right edge - 1", "asked" },
  -- (to Linux the edge itself is inside)
  { server, wire, "rcv.wnd right edge",
    server:profile() == "linux" and "asked" or "ignored" },
  { old, past, "rcv.nxt + 1", "believed" },
  { old, past, "rcv.wnd right edge - 1", "believed" },
}

for i, case in ipairs(cases) do
  local target, where, number, outcome = table.unpack(case)
  local port, start = 1000 + i, i
  local ends = { host = target, port = port }

  client:run(function (os)
    local conn = os.connect(target, 80, { port = port })
    os.sleep "200ms"
    note(target, "RST at " .. number)
    where:inject { from = client, to = target, of = conn, flags = "R",
      seq = number }
    os.sleep "200ms"
    conn:close()
  end, start)

  if outcome == "believed" then
    expect.states(ends, "SYN-RECEIVED", "ESTABLISHED", "CLOSED")
    expect.packet { to = target, from_port = port, flags = "R", injected = true,
      times = 1, rule = "RST" }
    -- the client's own FIN meets a server that knows nothing
    expect.packet { from = target, to_port = port, flags = "R", times = 1,
      rule = "LISTEN_ACK" }
  else
    expect.states(ends, "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT")
    expect.packet { to = target, from_port = port, flags = "R", injected = true,
      times = 1, rule = outcome == "asked" and "RST_CHALLENGED" or
        "RST_OUTSIDE" }
    expect.packet { from = target, to_port = port, flags = ".", seq = 1,
      ack = 1, length = 0, after = start + 0.2, before = start + 0.4,
      times = outcome == "asked" and 1 or 0 }
    expect.no_packet { from = target, to_port = port,
      filter = "tcp[tcpflags] & tcp-rst != 0" }
  end
end

-- An honest RST that is not exact, because something before it was lost.
path:drop { from = gone, filter = "tcp[tcpflags] & tcp-push != 0" }
gone:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "these are lost"
  os.sleep "50ms"
  conn:abort()
end, "10s")

local abort = gone:profile() == "rfc9293" and "R" or "R."
expect.packet { from = gone, flags = abort, seq = 15, times = 1,
  rule = "RST_CHALLENGED" }
expect.packet { from = server, to = gone, flags = ".", seq = 1, ack = 1,
  after = "10.05s", times = 1 }
expect.packet { from = gone, flags = "R", seq = 1, times = 1, rule = "RST" }
expect.states({ host = server, number = 6 }, "SYN-RECEIVED", "ESTABLISHED",
  "CLOSED")

stop "11s"
