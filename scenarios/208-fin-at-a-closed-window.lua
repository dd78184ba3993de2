-- A FIN takes a number in sequence, like a byte, and so it needs room in the
-- window like a byte. This server's buffer holds 1000 bytes and nobody reads.
-- The client sends 1000 bytes, and closes: its FIN must wait, and the client
-- asks from time to time whether the window has opened. RFC 9293 asks by the
-- next number, and this is the FIN itself: it comes, and is not taken. Linux
-- asks by an old number instead and keeps the FIN back.
--
-- Look at: the client's FIN-WAIT-1 lasts as long as the server does not read,
-- and so does the server's ESTABLISHED, although a FIN may have come.

title "A FIN must wait while the window is closed"
topic "Ending it in order"
tags { "fin", "window", "probe" }
question "Must a receiver whose window is closed take a FIN that comes anyway?"

local client = host("client", { timestamps = false })
local server = host("server", { timestamps = false, window_scaling = false,
  receive_buffer = 1000, whole_segments = false, mss = 500 })
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  os.sleep "2s"
  conn:discard()
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send(1000)
  conn:close()
end)

expect.packet { from = server, window = 0, before = "2s", min = 1 }
if client:profile() == "linux" then
  -- after 0.3 s, and after 0.6 s more
  expect.packet { from = client, flags = ".", rule = "ZERO_WINDOW_PROBE",
    before = "2s", times = 2 }
  expect.no_packet { from = client, flags = "F.", before = "2s" }
else
  expect.packet { from = client, flags = "F.", rule = "ZERO_WINDOW_PROBE",
    before = "2s", min = 1 }
  expect.packet { from = client, flags = "F.", rule = "WINDOW_CLOSED",
    before = "2s", min = 1 }
end
expect.state_at(client, "2s", "FIN-WAIT-1")
expect.state_at(server, "2s", "ESTABLISHED")
-- the window opens, and a round trip later the FIN is taken
expect.packet { from = server, rule = "WINDOW_UPDATE", after = "2s", times = 1 }
expect.packet { from = client, flags = "F.", seq = 1001, after = "2s",
  times = 1 }
expect.data(server, 1000)
expect.states(server, "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK",
  "CLOSED")
expect.no_packet { flags = "R" }
