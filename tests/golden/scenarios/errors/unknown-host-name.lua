-- An application connects to a host that does not exist.
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }
client:run(function (os) os.connect("sevrer", 80) end)
