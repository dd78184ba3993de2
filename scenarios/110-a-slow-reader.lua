-- The receiver says in every segment how many more bytes it has room for: its
-- window. This program reads nothing for three seconds. Its buffer of 4000
-- bytes fills, the window shrinks to nothing, and the sender must stop.
--
-- An ACK that says "window open again" may be lost, and then both would wait
-- for ever. So the sender asks from time to time: a zero-window probe.
--
-- Look at: "win 0" in the ACK that closes the window, the probes, and the ACK
-- that opens it again when the program reads (-v shows all windows).

title "A slow reader closes the window, is probed, and opens it again"
topic "Opening and using a connection"
tags { "window", "probe" }
question "Why must the probe be answered even though it cannot be taken?"

local client = host("client", { timestamps = false })
local server = host("server", { timestamps = false, window_scaling = false,
  receive_buffer = 4000, whole_segments = false, mss = 1000 })
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  os.sleep "3s"                    -- it does something else
  conn:discard()
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send(8000)
  conn:close()
end)

-- the window closes: the sender has sent all that fits, and no more
expect.packet { from = server, window = 0, before = "3s", min = 1 }
expect.no_packet { from = client, before = "3s", filter = "tcp", seq = 5001 }
if client:profile() == "linux" then
  -- Linux asks by an old number
  expect.packet { from = client, rule = "ZERO_WINDOW_PROBE", length = 0,
    before = "3s", min = 1 }
else
  expect.packet { from = client, rule = "ZERO_WINDOW_PROBE", length = 1,
    before = "3s", min = 1 }
end
expect.packet { from = server, after = "3s", rule = "WINDOW_UPDATE", min = 1 }
expect.data(server, 8000)
expect.no_error(client)
expect.no_packet { flags = "R" }
