-- The address belongs to nobody who answers. The client sends its SYN again
-- and again, waits longer each time, and gives up in the end.
--
-- RFC 9293 asks for at least three minutes of patience. Linux repeats the SYN
-- four times a second apart and six times more with doubled waits; FreeBSD adds
-- a fifth of a second to each doubled wait, and gives up after 75 seconds.
--
-- Look at: the growing distance between the SYNs. If the way is only crowded,
-- impatience would make it worse.

title "Nobody is there: SYNs further and further apart, then a time-out"
topic "Opening and using a connection"
tags { "handshake", "loss", "retransmission", "error" }
question "Why does the wait double, and not stay at one second?"

local client, silent = host "client", host("silent", { blackhole = 2 })
link { client, silent, rate = "10Mbit/s", delay = "50ms" }

client:run(function (os) os.connect("silent", 80) end)

local sent = ({
  rfc9293 = { 0, 1, 3, 7, 15, 31, 63, 123 },
  linux = { 0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67 },
  freebsd = { 0, 1, 3.2, 7.4, 15.6, 31.8, 64 },
})[client:profile()]
local over = ({ rfc9293 = 180, linux = 131, freebsd = 75 })[client:profile()]

for _, time in ipairs(sent) do
  expect.packet { from = client, flags = "S", at = time, times = 1 }
end
expect.count { times = #sent }
expect.states(client, "SYN-SENT", "CLOSED")
expect.time { host = client, state = "CLOSED", at = over }
expect.error(client, "ETIMEDOUT")
