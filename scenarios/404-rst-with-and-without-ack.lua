-- Some RSTs carry an acknowledgment number, some do not. Which one it is
-- depends on what it answers (RFC 9293 3.5.2):
--
--   the segment has ACK    the RST takes that number for its own: just what the
--                          sender expects next. It needs no ACK.
--   it has none            the RST has number 0, and acknowledges the segment,
--                          SYN and FIN included: so the sender can see that it
--                          is meant.
--   it is a RST            nothing. A RST is never answered, or two hosts could
--                          go on for ever.
--
-- The probe sends segments to a port where nothing listens.
--
-- Look at: the numbers of each answer; and the client at the end, which gets
-- two RSTs and believes only the one that acknowledges its SYN.

title "RST with and without ACK, and never in answer to a RST"
topic "Ending it at once"
tags { "rst", "flags" }
question "What could a host do to others if RSTs were answered by RSTs?"

local probe, server = host "probe", host "server"
link { probe, server, rate = "10Mbit/s", delay = "5ms" }

-- What the probe sends (<) and what must come (>), in packetdrill's notation:
-- flags, numbers, bytes. Nothing else may come between.
probe:script([[
  0     < . 0:0(0) ack 1 win 1000
  +.01  > R 1:1(0)
  +.05  < . 0:100(100) ack 101 win 1000
  +.01  > R 101:101(0)
  +.05  < F. 0:0(0) ack 201 win 1000
  +.01  > R 201:201(0)
  +.05  < S. 0:0(0) ack 301 win 1000
  +.01  > R 301:301(0)

  +.05  < S 0:0(0) win 1000
  +.01  > R. 0:0(0) ack 1
  +.05  < F 0:0(0) win 1000
  +.01  > R. 0:0(0) ack 1
  +.05  < SF 0:100(100) win 1000
  +.01  > R. 0:0(0) ack 102
  +.05  < - 0:100(100) win 1000
  +.01  > R. 0:0(0) ack 100

  // silence, so that what comes next is the answer to the last line
  +.05  < R 0:0(0) win 1000
  +.05  < R. 0:0(0) ack 1 win 1000
  +.05  < SR 0:0(0) win 1000
  +.05  < FR. 0:0(0) ack 1 win 1000
  +.05  < . 0:0(0) ack 401 win 1000
  +.01  > R 401:401(0)
]], { to = server, port = 81 })

-- A client in SYN-SENT believes a RST only if it acknowledges the SYN.
local client, away = host "client", host "away"
link { client, away, rate = "10Mbit/s", delay = "5ms" }:drop { from = client }
client:run(function (os)
  os.connect("away", 80, { port = 2000 })
end, "2s")
local forged_resets = {
  { "2.1s", "R 0:0(0)" }, { "2.2s", "R. 0:0(0) ack 1" },
}
for _, forged in ipairs(forged_resets) do
  at(forged[1], function ()
    away:inject(forged[2], { to = client, from_port = 80, port = 2000 })
  end)
end
expect.states(client, "SYN-SENT", "CLOSED")
expect.time { host = client, state = "CLOSED", after = "2.2s",
  before = "2.21s" }
expect.error(client, "ECONNREFUSED")
