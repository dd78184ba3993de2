-- Two programs connect to each other at the same moment, each from the port
-- that the other one connects to. Nobody listens. The two SYNs cross.
--
-- TCP makes one connection of it, not two: each side is in SYN-SENT, gets a
-- SYN that acknowledges nothing, enters SYN-RECEIVED and answers SYN,ACK.
-- It is how two hosts behind NAT can find each other ("hole punching").
--
-- Look at: four segments instead of three, and both sides in SYN-RECEIVED.

title "Simultaneous open: two SYNs cross and make one connection"
topic "Opening and using a connection"
tags { "handshake", "simultaneous" }
question "Neither side listened. Which one is the server?"

local left, right = host "left", host "right"
link { left, right, rate = "10Mbit/s", delay = "50ms" }

left:run(function (os)
  local conn = os.connect(right, 2000, { port = 1000 })
  conn:send "from the left"
end)
right:run(function (os)
  local conn = os.connect(left, 1000, { port = 2000 })
  conn:receive(13)
end)

for _, side in ipairs { left, right } do
  expect.states(side, "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED")
  expect.packet { from = side, flags = "S", times = 1, at = 0 }
  expect.packet { from = side, flags = "S.", seq = 0, ack = 1, times = 1 }
  expect.time { host = side, state = "SYN-RECEIVED", after = "50ms",
    before = "50.1ms" }
  expect.time { host = side, state = "ESTABLISHED", after = "100ms",
    before = "100.2ms" }
end
expect.data(right, "from the left")

stop "1s"
