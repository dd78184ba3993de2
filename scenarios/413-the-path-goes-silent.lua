-- Something in the middle stops forwarding: a firewall whose rules were
-- changed, a tunnel that is down, a router with a black hole. No RST comes, no
-- ICMP: nothing. Each end must find out by itself, and what it finds out
-- depends on what it is doing.
--
--   sends    its data are not acknowledged: it repeats them, more and more
--            rarely, and gives up after minutes: ETIMEDOUT
--   probes   idle, with keep-alive: finds out, in the time that it has chosen
--   waits    idle, without: never
--   server   has sent what was asked, and was told so. Its connections stay
--            ESTABLISHED; it waits for clients that are gone.
--
-- Beside them "refused", whose firewall says what it does: each packet is
-- answered by ICMP "administratively prohibited". That is a hint, not a proof,
-- and an open connection does not die of it (RFC 5461); but now there is
-- something to tell the user.
--
-- Look at: when each of them knows.

title "The path goes silent: who finds out, and when"
topic "Ending it at once"
tags { "middlebox", "firewall", "retransmission", "keep-alive", "icmp" }
question "Why do administrators let firewalls drop silently, and what does it \z
  cost their own users?"

local sends, probes, waits = host "sends", host "probes", host "waits"
local refused, server = host "refused", host "server"
local polite = firewall("polite", { stateless = true, rules = {
  { filter = "tcp[tcpflags] & tcp-push != 0", action = "reject",
    with = "icmp admin-prohibited" },
} })
local core = router "core"
for _, client in ipairs { sends, probes, waits } do
  link { client, core, rate = "10Mbit/s", delay = "5ms" }
    :drop { after = "1s" }
end
link { refused, polite, rate = "10Mbit/s", delay = "1ms" }
link { polite, core, rate = "10Mbit/s", delay = "4ms" }
link { core, server, rate = "10Mbit/s", delay = "5ms" }

server:run(function (os)
  local listener = os.listen(80)
  for _ = 1, 4 do
    local conn = listener:accept()
    os.spawn(function ()
      conn:receive_all()
      conn:close()
    end)
  end
end)

local told = {}
local function finds_out(before, options)
  return function (os)
    local conn = os.connect("server", 80, options)
    os.sleep "2s"
    if before then
      conn:send "are you there?"
    end
    local _, why = conn:receive()
    told[os.host] = ("%s after %.2f s"):format(why, os.now() - 2)
  end
end
-- (half a minute instead of the usual many minutes)
sends:run(finds_out(true, { user_timeout = "30s" }))
refused:run(finds_out(true, { user_timeout = "30s" }))
probes:run(finds_out(false, { keepalive = true, keepalive_idle = "10s",
  keepalive_interval = "5s", keepalive_count = 3 }))
waits:run(finds_out(false))
stop "1h"

local linux = server:profile() == "linux" -- counts from the first repetition
local limit = linux and "30.46" or "30.02"
for name, wanted in pairs {
  sends = "ETIMEDOUT after " .. limit .. " s",
  refused = "EHOSTUNREACH after " .. limit .. " s",
  probes = "ETIMEDOUT after 23.02 s",
  waits = "nothing",
} do
  expect.that(function ()
    return (told[name] or "nothing") == wanted, told[name]
  end, name .. " is told " .. wanted)
end
expect.packet { from = probes, flags = ".", seq = 0, length = 0, times = 3,
  fate = "dropped", rule = "KEEPALIVE_PROBE" }
expect.packet { from = sends, length = 14, fate = "dropped", min = 5 }
expect.packet { to = refused, filter = "icmp or icmp6", min = 5 }
expect.no_packet { to = sends, after = "1s" }

-- and nobody tells the server
expect.that(function ()
  local open = 0
  for _, socket in ipairs(server:sockets()) do
    open = open + (socket.state == "ESTABLISHED" and 1 or 0)
  end
  return open == 4, open .. " are open"
end, "the server still has all four connections")
