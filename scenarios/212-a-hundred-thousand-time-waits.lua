-- A busy server that closes first keeps one TIME-WAIT for every connection that
-- it served in the last minutes. Here two crowds of programs, each on a host of
-- its own, ask fifty thousand questions each within a few seconds.
--
-- That looks bad in ss, but is it? A TIME-WAIT has no buffers, no application
-- and one timer. It costs the server some memory, and nothing else: the client
-- that comes afterwards is served as the first one was. What may run out are
-- a crowd's own ports: it has some 64,000 for one port of the server.
--
-- Look at: the first client and the last one (the crowds are not recorded).

title "A server with a hundred thousand TIME-WAITs serves the next client"
topic "Ending it in order"
tags { "time-wait", "load", "port-reuse" }
question "What are the limits to connections per second from one address?"

local N = param("connections", 100000) // 2

local first, last = host "first", host "last"
local crowds = {}
for i = 1, 2 do
  crowds[i] = host("crowd" .. i, { ephemeral_low = 1024,
    ephemeral_high = 65535 })
end
local server = host("server", { backlog = 4096, syn_backlog = 4096 })
local middle = switch "middle"
for _, node in ipairs { first, last, server, crowds[1], crowds[2] } do
  link { node, middle, rate = "10Gbit/s", delay = "1ms", queue = 10000 }
end

-- the server's answer is 1000 bytes, and then it closes
server:respond { request = 100, response = 1000, times = 1 }

local function ask(who, at)
  return who:request { to = server, at = at, request = 100, response = 1000,
    server_closes = true }
end

local one = ask(first, "0s")
at("500ms", function () record(false) end)
local many = {}
for i, crowd in ipairs(crowds) do
  many[i] = crowd:churn { to = server, at = "1s", request = 100,
    response = 1000, connections = N, parallel = 50, server_closes = true }
end
at("30s", function () record(true) end)
local other = ask(last, "31s")

at("32s", function ()
  local waiting = 0
  for _, socket in ipairs(server:sockets()) do
    if socket.state == "TIME-WAIT" then waiting = waiting + 1 end
  end
  expect.equal(waiting, 2 * N + 2, "connections in TIME-WAIT on the server")
  expect.equal(one:exchanges(), 1, "questions of the first client answered")
  for i = 1, 2 do
    expect.equal(many[i]:exchanges(), N, "questions of a crowd answered")
    expect.equal(many[i]:failed(), 0, "questions of a crowd that failed")
  end
  expect.equal(other:exchanges(), 1, "questions of the last client answered")
end)

for _, who in ipairs { first, last } do
  expect.states(who, "SYN-SENT", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK",
    "CLOSED")
  expect.count { from = who, flags = "S", times = 1 }
end
expect.state_at({ host = server, number = 1 }, "32s", "TIME-WAIT")
expect.no_packet { flags = "R" }

stop "35s"
