-- Flows share a dumbbell: one pair of hosts a flow, two routers, a bottleneck
-- of 1 Gbit/s and 5 ms with a drop-tail queue of 100 packets.
--
--   sender --+                                +-- receiver
--   sender --+-- left ====bottleneck==== right+-- receiver
--
-- Flow i starts at i milliseconds and sends its share, then closes.
title "Flows share a bottleneck of 1 Gbit/s"

local flows = param("flows", 1)
local bytes = param("megabytes", 300) * 1000000

local spec = { timestamps = false, sack = false, initial_window = 10,
               send_buffer = "4MiB", receive_buffer = "4MiB" }
local left, right = router "left", router "right"
link { left, right, rate = "1Gbit/s", delay = "5ms", queue = 100 }

local received = 0
local sinks = {}
for i = 1, flows do
  local sender = host("sender" .. i, spec)
  local receiver = host("receiver" .. i, spec)
  link { sender, left, rate = "10Gbit/s", delay = "1ms", queue = 10000 }
  link { right, receiver, rate = "10Gbit/s", delay = "1ms", queue = 10000 }
  sinks[i] = receiver:sink { port = 80 }
  sender:bulk { to = receiver, at = (i - 1) / 1000,
                bytes = bytes // flows + (i <= bytes % flows and 1 or 0) }
end

expect.that(function()
  local ended = 0
  for _, sink in ipairs(sinks) do
    received = received + sink:received()
    ended = ended + sink:connections()
  end
  return received == bytes and ended == flows,
    received .. " bytes came and " .. ended .. " flows ended"
end)
