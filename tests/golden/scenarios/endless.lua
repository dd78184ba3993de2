-- Two hosts that talk to each other until somebody stops them. With --trust and
-- --set tell=1 it tells whoever reads the pipe "started" that packets have been
-- sent.

title "Ping-pong for ever"

local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  while true do conn:send(conn:receive()) end
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  while true do
    conn:send "ping"
    conn:receive()
  end
end)

if param("tell", 0) == 1 then
  at("10s", function ()
    io.open("started", "w"):close()
  end)
end

expect.packet { flags = "R", times = 1 }
