-- One connection over IPv4 and one over IPv6, at the same time, through a
-- narrow link between two routers. Neighbours are asked for.
-- The first large segment of each comes back as an ICMP error, and what was
-- outstanding goes again in smaller ones; nothing waits for a time-out.
title "Two families share a narrow link"

local a = host("a", { arp = true, msl = "1s" })
local r, s = router("r", { arp = true }), router("s", { arp = true })
local b = host("b", { arp = true, msl = "1s" })

link { a, r, rate = "10Mbit/s", delay = "1ms" }
link { r, s, rate = "10Mbit/s", delay = "1ms", mtu = 1300 }
link { s, b, rate = "10Mbit/s", delay = "1ms" }

b:run(function (os)
  local listener = os.listen(80)
  for _ = 1, 2 do
    local conn = listener:accept()
    local data = conn:receive_all()
    assert(#data == 20000, "20000 bytes were sent")
    conn:close()
  end
end)

for _, family in ipairs { "ipv4", "ipv6" } do
  a:run(function (os)
    local conn = os.connect("b", 80, { family = family })
    local here, there = conn:ends()
    if family == "ipv4" then
      assert(there == "10.0.2.2:80", there)
    else
      assert(there == "[2001:db8:0:2::2]:80", there)
    end
    conn:send(string.rep("x", 20000))
    conn:close()
  end)
end

-- libpcap knows tcp[...] over IPv4 alone; here it sees both.
expect.packet { from = a, filter = "tcp[tcpflags] & tcp-syn != 0", times = 2 }
expect.packet { from = a, filter = "ip6 and tcp", min = 20 }
expect.packet { from = a, filter = "ip and tcp", min = 20 }
expect.packet { flags = "R", times = 0 }
