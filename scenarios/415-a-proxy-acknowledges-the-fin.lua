-- A transparent proxy stands on the way: a box that ends every connection and
-- makes two of it, with the addresses and ports of the original. The client
-- believes that it talks to the server, the server that it talks to the
-- client; both talk to the proxy.
--
-- The client sends an order and closes. Its data are acknowledged, its FIN is
-- acknowledged, and the FIN of the other side comes too: TCP has kept its
-- promise, says the client, all has arrived. But it was the proxy that said
-- so. On the other side of it the link has just gone down. The proxy repeats
-- the order until it gives up, and has nobody left to tell: the client is gone.
--
-- What TCP acknowledges has arrived at the next TCP. Whether the order was
-- read, only an answer of the server's program could have told. (The end-to-end
-- argument: Saltzer, Reed, Clark, 1984.)
--
-- Look at: two connections of the same name; who acknowledges the client's FIN.

title "A proxy acknowledges the FIN, and the server never got the data"
topic "Ending it at once"
tags { "middlebox", "proxy", "fin" }
question "The client had waited for an answer before it closed. What changes?"

local client, server = host "client", host "server"
local box = proxy("proxy", { ports = 80, on_fin = "close both" })
link { client, box, delay = "10ms" }
local beyond = link { box, server, delay = "10ms" }

local heard
server:run(function (os)
  heard = os.listen(80):accept():receive_all()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  os.sleep "100ms"
  conn:send "one order of a thousand"
  conn:close()
end)

at("90ms", function () beyond:down() end) -- and nobody repairs it

-- The client has been through an orderly end, acknowledged in one round trip of
-- 20 ms to the proxy; to the server it would have been 40 ms.
expect.states(client, "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "TIME-WAIT")
expect.no_error(client)
expect.packet { from = box, to = client, flags = "F.", ack = 25,
  before = "145ms", times = 1 }
-- The server never heard of it.
expect.states(server, "SYN-RECEIVED", "ESTABLISHED")
expect.that(function ()
  return heard == nil, "the server heard " .. tostring(heard)
end, "the server's program has heard nothing")
-- The proxy has, and repeats it; run it without the last line to see it end.
expect.state_at({ host = box, number = 2 }, "1.9s", "FIN-WAIT-1")

stop "2s"
