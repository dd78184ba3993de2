-- A segment is not in the notation.
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }
at("1s", function ()
  client:inject { tcp = "Z 1:1(0)", to = server, port = 80 }
end)
