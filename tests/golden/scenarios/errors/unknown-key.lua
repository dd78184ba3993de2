-- A table has a key that does not exist.
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", dealy = "50ms" }
