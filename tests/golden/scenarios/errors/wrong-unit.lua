-- A quantity has the unit of another.
local client, server = host "client", host "server"
link { client, server, rate = "10ms", delay = "50ms" }
