-- A connection on which nothing is sent can stay for ever, and neither side
-- would notice that the other has gone. This server asks: after a minute of
-- silence it sends a probe, an empty segment with an old number, which the
-- other side must answer.
--
-- The first client only thinks for a long time: its TCP answers every probe.
-- The second one's cable is cut. Five probes go unanswered, and its connection
-- is given up.
--
-- Look at: the probe's number, one below what the client expects. That is why
-- it must be answered, and why it does no harm.

title "Keep-alive: an idle peer answers, a dead one is found out"
topic "Ending it in order"
tags { "keepalive", "probe", "timeout", "rst" }
question "Keep-alive is off by default. What speaks against it?"

local server = host("server", { keepalive = true, keepalive_idle = "60s",
  keepalive_interval = "10s", keepalive_count = 5 })
local thinking, gone = host "thinking", host "gone"
link { thinking, server, rate = "10Mbit/s", delay = "50ms" }
local cable = link { gone, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local listener = os.listen(80)
  for _ = 1, 2 do
    local conn = listener:accept()
    os.spawn(function () conn:receive_all() end)
  end
end)
for _, who in ipairs { thinking, gone } do
  who:run(function (os) os.connect("server", 80) end)
end
cable:drop { after = "30s" }

expect.count { to = thinking, rule = "KEEPALIVE_PROBE", seq = 0, length = 0,
  before = "190s", times = 3 }
expect.count { from = thinking, after = "1s", before = "190s", times = 3 }
expect.state_at(thinking, "190s", "ESTABLISHED")
expect.state_at({ host = server, number = 1 }, "190s", "ESTABLISHED")

expect.count { to = gone, rule = "KEEPALIVE_PROBE", seq = 0, length = 0,
  fate = "dropped", times = 5 }
-- silence since 0.15 s, the fifth probe 100 s later, and its interval
expect.time { host = server, number = 2, state = "CLOSED", after = "110.15s",
  before = "110.16s" }
expect.error(server, "ETIMEDOUT")
expect.state_at(gone, "190s", "ESTABLISHED")

stop "190s"
