-- An application calls what is no socket call.
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }
client:run(function (os)
  os.sleep "1s"
  os.conect("server", 80)
end)
