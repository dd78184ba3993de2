-- What can only be asked for is set.
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }
server:run(function (os) os.listen(80):accept() end)
client:run(function (os)
  os.connect("server", 80):setsockopt("TCP_INFO", true)
end)
