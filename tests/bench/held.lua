-- Connections open at once, then all closed. They are opened 10 us apart,
-- carry nothing, and are closed in the same rhythm one second after the last
-- was opened; each close has its four segments.
--
-- There is one client host for every 10,000 connections, each on a wire of
-- its own to the one server.
title "Connections open at once"

local connections = param("connections", 10000)
local timewait = param("timewait", 240)
local per_host, interval = 10000, 10e-6

local spec = { msl = timewait / 2, timestamps = false, sack = false,
  initial_window = 10,
               send_buffer = "4MiB", receive_buffer = "4MiB",
               syn_backlog = 100000 }
local server = host("server", spec)
local sink = server:sink {}

local groups = {}
for begun = 0, connections - 1, per_host do
  local client = host("client" .. #groups + 1, spec)
  local count = math.min(per_host, connections - begun)
  link { client, server, rate = "1Gbit/s", delay = "1ms", queue = 10000 }
  groups[#groups + 1] = client:held {
    to = server, at = begun * interval, connections = count,
    interval = interval, hold = 1 + (connections - count) * interval,
  }
end

expect.that(function()
  local closed = 0
  for _, group in ipairs(groups) do
    closed = closed + group:connections()
  end
  return sink:most_open() == connections and closed == connections and
    sink:connections() == connections,
    sink:most_open() .. " were open at once, " .. closed .. " and " ..
    sink:connections() .. " closed"
end)
