-- Routers and hosts can say that there is no way: ICMP "destination
-- unreachable", with a code for what is missing. Three programs try: the first
-- wants a network that the router has no way to, the second an address for
-- which nobody on the last link answers, the third the router itself, which
-- does not speak TCP.
--
-- Look at: a missing network or host is a soft error. Ways come back, so TCP
-- goes on trying, and only remembers the reason for when it gives up. A missing
-- protocol (or port) is a hard error and ends the attempt at once (RFC 9293
-- 3.9.2.2, RFC 5461). Linux does not wait: while it opens, either kind ends it.

title "No network, no host, no TCP: three kinds of unreachable"
topic "Opening and using a connection"
tags { "handshake", "icmp", "error" }
question "What could an attacker do if every ICMP error ended a connection?"

local client = host("client", { r2_syn = "6s", syn_retries = 0,
  syn_linear = 0 })
local gateway = router("gateway", { address = "10.0.1.254/24", arp = true })
local server = host("server", { address = "10.0.2.1/24" })
link { client, gateway, rate = "10Mbit/s", delay = "10ms" }
link { gateway, server, rate = "10Mbit/s", delay = "10ms" }

local six = family() == "ipv6"
local linux = client:profile() == "linux"
local no_tcp = linux and (six and "EPROTO" or "ENOPROTOOPT") or "ECONNREFUSED"
local cases = {
  { "no network", six and "2001:db8:99::1" or "10.99.0.1", "ENETUNREACH" },
  { "no host", six and "2001:db8:0:2::77" or "10.0.2.77", "EHOSTUNREACH" },
  { "no TCP", gateway, no_tcp },
}

client:run(function (os)
  for i, case in ipairs(cases) do
    os.sleep(10 * i - os.now())
    note(client, case[1])
    local _, why = os.connect(case[2], 80)
    expect.equal(why, case[3], case[1] .. ": why connect fails")
  end
end)

for i = 1, 2 do
  expect.packet { from = client, flags = "S", at = 10 * i, times = 1 }
  if linux then
    -- at once, or when the gateway has asked for the host's address in vain
    expect.time { host = client, number = i, state = "CLOSED",
      after = 10 * i, before = 10 * i + 3.5 }
  else
    -- SYNs go on until the client's patience is over
    expect.packet { from = client, flags = "S", at = 10 * i + 1, times = 1 }
    expect.count { from = client, flags = "S", after = 10 * i,
      before = 10 * i + 9, times = 3 }
    expect.time { host = client, number = i, state = "CLOSED",
      at = 10 * i + 6 }
  end
end
expect.count { from = client, flags = "S", after = "30s", times = 1 }
expect.time { host = client, number = 3, state = "CLOSED", after = "30.02s",
  before = "30.021s" }
expect.no_packet { to = client, flags = "R." }
