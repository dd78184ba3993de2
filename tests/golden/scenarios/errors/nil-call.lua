-- A connection that was refused is used.
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }
client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "hello"
end)
