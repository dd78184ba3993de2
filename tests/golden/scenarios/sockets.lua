title "What ss would show, from the SYN to TIME-WAIT"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "20ms" }

local function show(when)
  print(("-- %s: client, %.1f ms"):format(when, now() * 1000))
  print(client:sockets())
  print(("-- %s: server, %.1f ms"):format(when, now() * 1000))
  print(server:sockets())
end

server:run(function (os)
  local listener = os.listen(80, { backlog = 16 })
  local first = listener:accept()
  first:receive_all()
  os.sleep "2s"
  first:close()
  os.sleep "10s"
  local second = listener:accept()
  second:setsockopt("SO_KEEPALIVE", true)
  second:setsockopt("TCP_CORK", true)
  second:send(100)
end)

client:run(function (os)
  local first = os.connect("server", 80)
  show "open"
  first:send "goodbye"
  first:shutdown "send"
  os.sleep "1s"
  show "half-closed, the FIN was lost"
  os.sleep "1s"
  show "and once more"
  first:close()
  os.sleep "2s"
  show "closed, and the server is slow"
  os.sleep "1.5s"
  show "the server's FIN was lost"
  os.sleep "1.5s"
  show "and came"
  os.connect("server", 80)
  os.sleep "30s"
end)

-- both FINs get lost on their way, the client's twice
wire:drop { from = client, flags = "F.", nth = { 1, 2 } }
wire:drop { from = server, flags = "F.", nth = 1 }

at("3.5ms", function () show "the SYN is on its way" end)
at("21ms", function () show "the SYN,ACK is on its way" end)
at("15.4s", function () show "a corked send" end)
stop "17s"
