-- A home router has one address outside and lends its ports to the hosts
-- inside: network address translation. Here it has a single port to lend,
-- 40000, as a router does that is very busy. So the connections of two hosts
-- that know nothing of each other look from outside like one host that uses
-- its port again.
--
-- The server closes the first connection first, so it is the server that
-- holds TIME-WAIT for nat:40000. Then the other host connects, from the same
-- nat:40000, with an initial sequence number that has nothing to do with the
-- first one's:
--   lucky    its number is larger than the last of the old connection: the
--            server may take that for a new one (RFC 9293 3.6.1, MAY-2).
--   unlucky  its number is smaller: an old duplicate, says TIME-WAIT, and
--            answers with an ACK of the old connection. The new host, in
--            SYN-SENT, has never sent what is acknowledged there: RST. That
--            ends the TIME-WAIT, and the SYN that is repeated a second later
--            succeeds.
--            (FreeBSD says nothing at all, and SYN after SYN is ignored until
--            TIME-WAIT is over, a minute later.)
--
-- Timestamps would help neither: those of two hosts have nothing in common.
--
-- Look at: every connection twice, as it is inside and outside; the state that
-- conntrack shows when the port is taken over.

title "NAT reuses the port of a connection that is over"
topic "Ending it at once"
tags { "time-wait", "rst", "nat" }
question "What would happen if the client closed first?"

family "ipv4" -- linger translates IPv4 only

local hosts = {}
for _, name in ipairs { "first", "lucky", "second", "unlucky" } do
  hosts[#hosts + 1] = host(name, { timestamps = false })
end
local first, lucky, second, unlucky = table.unpack(hosts)
local server = host("server", { timestamps = false })
local home = nat("nat", { outside = server, ports = 40000,
  mapping = "address-and-port-dependent" })
for _, inside in ipairs(hosts) do
  link { inside, home, rate = "10Mbit/s", delay = "5ms" }
end
link { home, server, rate = "10Mbit/s", delay = "5ms" }

server:run(function (os)
  for _, port in ipairs { 80, 81 } do
    os.spawn(function ()
      local listener = os.listen(port)
      while true do
        local conn = listener:accept()
        conn:send "hello"
        conn:close() -- the server ends it first
      end
    end)
  end
end)

local heard = {}
local function visit(port, number)
  return function (os)
    local conn = os.connect("server", port, { initial_sequence = number })
    heard[os.host] = conn and conn:receive_all()
    if conn then conn:close() end
  end
end

first:run(visit(80, 1000000))
lucky:run(visit(80, 2000000), "1s")
second:run(visit(81, 2000000), "10s")
unlucky:run(visit(81, 1000000), "11s")
at("10.9s", function () print(home:connections()) end)

for _, name in ipairs { "first", "lucky", "second", "unlucky" } do
  expect.that(function () return heard[name] == "hello",
    name .. " heard " .. tostring(heard[name]) end)
end
-- outside, all come from the same port of the NAT
expect.packet { from = home, to = server, flags = "S", from_port = 40000,
  to_port = 80, times = 2 }
-- the lucky one's SYN is taken at once, the unlucky one's is not
expect.packet { from = lucky, flags = "S", times = 1 }
if server:profile() == "freebsd" then
  expect.packet { from = unlucky, flags = "S", min = 5 }
  expect.no_packet { from = unlucky, flags = "R" }
else
  expect.packet { from = unlucky, flags = "S", times = 2 }
  expect.packet { from = unlucky, flags = "R", times = 1 }
end
expect.that(function ()
  return home:counters().reused == 2, "ports were reused "
    .. home:counters().reused .. " times"
end)

stop "100s"
