-- A segment is injected while the network is still being described.
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }
client:inject { tcp = "S 1:1(0)", to = server, port = 80 }
