-- A stateful firewall remembers each connection that it has let through, and
-- forgets one that is idle for too long: Linux after five days, others after a
-- few minutes; here it is half a minute. Neither end is told. Both still are in
-- ESTABLISHED when the next segment belongs to nothing that the firewall
-- knows.
--
-- Three clients do the same: they send, are idle for a minute, and send again.
--   idle    its segment is dropped. TCP repeats it, as it would after a loss,
--           until it gives up: ETIMEDOUT. The server never learns of that: its
--           half of the connection stays open for ever.
--   told    its firewall is a polite one, which answers what it does not know
--           by a RST: ECONNRESET, at once.
--   alive   sends a keep-alive every ten seconds: the firewall hears of the
--           connection and does not forget it. (RFC 9293 wants two hours
--           between keep-alives by default: too long for most firewalls.)
--
-- Look at: "has forgotten the connection"; what conntrack -L would print
-- before and after.

title "A firewall forgets an idle connection"
topic "Ending it at once"
tags { "rst", "firewall", "keep-alive" }
question "Which of the three ends would you rather be, and what does it cost?"

local idle, told, alive = host "idle", host "told", host "alive"
local server = host "server"
local unknown = { state = "INVALID", action = "drop", name = "unknown",
  message = "it belongs to no connection that the firewall remembers" }
local silent = firewall("silent", { rules = { unknown }, loose = false,
  timeouts = { established = "30s" } })
unknown.action, unknown.with = "reject", "rst"
local polite = firewall("polite", { rules = { unknown }, loose = false,
  timeouts = { established = "30s" } })

link { idle, silent, rate = "10Mbit/s", delay = "5ms" }
link { alive, silent, rate = "10Mbit/s", delay = "5ms" }
link { told, polite, rate = "10Mbit/s", delay = "5ms" }
local edge = router "edge"
link { silent, edge, rate = "10Mbit/s", delay = "5ms" }
link { polite, edge, rate = "10Mbit/s", delay = "5ms" }
link { edge, server, rate = "10Mbit/s", delay = "5ms" }

server:run(function (os)
  local listener = os.listen(80)
  while true do
    local conn = listener:accept()
    os.spawn(function ()
      conn:receive_all()
      conn:close()
    end)
  end
end)

local function talk(options)
  return function (os)
    local conn = os.connect("server", 80, options)
    conn:send "before"
    os.sleep "5s"
    if options.keepalive == nil and os.host == "idle" then
      print(silent:connections())
    end
    os.sleep "55s"
    conn:send "after"
    local data, problem = conn:receive_all()
    if not problem then conn:close() end
  end
end

idle:run(talk { user_timeout = "30s" })
told:run(talk {}, "1s")
alive:run(talk { keepalive = true, keepalive_idle = "10s",
  keepalive_interval = "10s" }, "2s")

expect.error(idle, "ETIMEDOUT")
expect.error(told, "ECONNRESET")
expect.packet { from = idle, to = server, fate = "dropped", min = 3,
  after = "60s" }
expect.packet { to = told, flags = "R", times = 1, after = "60s" }
expect.that(function ()
  print(silent:connections())
  local left = silent:connections()
  return #left == 1 and left[1].state == "ESTABLISHED" and left[1].left <= 30,
    "only the connection that is kept alive is remembered"
end)
expect.that(function ()
  local open = 0
  for _, socket in ipairs(server:sockets()) do
    if socket.state == "ESTABLISHED" then open = open + 1 end
  end
  return open == 3, open .. " connections of the server are still open"
end)

stop "150s"
