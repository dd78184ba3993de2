-- A hook raises an error of its own.
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }
server:run(function (os) os.listen(80) end)
client:run(function (os) os.connect("server", 80) end)
on.packet({ from = client }, function () error("that was unexpected") end)
