-- A SYN whose source is its destination: the same address, the same port. In
-- 1997 half of all systems stopped when they got one ("land"): the listener
-- answered itself, the answer was not what the new connection expected, so it
-- sent an ACK, to itself, which was answered by an ACK, for ever.
--
-- No host sends itself anything by way of the network, so the segment is
-- forged, and that can be seen before any connection is made of it.
--
-- Look at: the reason why it was not taken; and that the server goes on to
-- serve.

title "Land: a segment from a host to itself"
topic "What no honest stack sends"
tags { "forged", "attack", "syn" }
question "Which addresses else can no segment from the network have as its \z
  source?"

local attacker, client = host "attacker", host "client"
local server = host "server"
local core = router "core"
for _, node in ipairs { attacker, client, server } do
  link { node, core, rate = "10Mbit/s", delay = "5ms" }
end

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  conn:close()
end)

at("100ms", function ()
  attacker:inject { to = server, as = server, from_port = 80, port = 80,
    flags = "S", seq = 1000, absolute = true }
end)
client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "still there?"
  conn:close()
end, "1s")

expect.packet { injected = true, flags = "S", times = 1, rule = "NOT_UNICAST" }
expect.no_packet { from = server, before = "1s", injected = false }
expect.data(server, "still there?")
expect.that(function ()
  return #server:sockets() <= 1, tostring(server:sockets())
end, "the server has no connection with itself")
