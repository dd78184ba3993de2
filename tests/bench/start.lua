-- Two hosts, one connection, one four-segment close: what a process costs when
-- there is next to nothing to simulate.
title "One connection"

local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms", queue = 100 }

local service = server:respond { request = 7, response = 7 }
local request = client:request { to = server, request = 7, response = 7 }

expect.that(function()
  return request:connections() == 1 and service:connections() == 1,
    request:connections() .. " and " .. service:connections() .. " completed"
end)
