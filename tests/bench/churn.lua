-- Connections one after the other: connect, 100 bytes, 1000 bytes back, a
-- four-segment close by the client. The next one starts when the server's FIN
-- has arrived, so that the client's TIME-WAITs pile up.
--
-- In 240 s there are 40,000 of them, more than a host has ports to choose
-- from; so the server listens on four.
title "Connections one after the other"

local connections = param("connections", 10000)
local timewait = param("timewait", 0.002)
local ports = 4

local spec = { msl = timewait / 2, timestamps = false, sack = false,
  initial_window = 10,
               send_buffer = "4MiB", receive_buffer = "4MiB" }
local client, server = host("client", spec), host("server", spec)
link { client, server, rate = "1Gbit/s", delay = "1ms", queue = 100 }

local service = server:respond { ports = ports, request = 100,
                                 response = 1000 }
local churn = client:churn { to = server, ports = ports, request = 100,
                             response = 1000, connections = connections }

expect.that(function()
  return churn:connections() == connections and
    service:connections() == connections and
    churn:received() == connections * 1000,
    churn:connections() .. " completed, " .. service:connections() ..
    " at the server, " .. churn:received() .. " bytes came"
end)
