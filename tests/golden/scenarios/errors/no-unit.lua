-- A quantity has a unit that does not exist.
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50mss" }
