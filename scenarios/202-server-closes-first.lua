-- Either side may close first. Here the server does, as a web server does
-- after its answer when it does not keep connections.
--
-- The roles of the four segments are swapped, and so is TIME-WAIT: it is now
-- the server that must remember the connection for 2MSL. A server that closes
-- first collects one TIME-WAIT for each client that it has served.
--
-- Look at: which side goes through which states, compared with the first
-- scenario.

title "Four segments end a connection: the server closes first"
topic "Ending it in order"
tags { "fin", "time-wait" }
question "A web server closes after each answer. Where does TIME-WAIT gather?"

local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive()
  conn:send "here you are"
  os.sleep "300ms"
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "please"
  conn:receive_all()
  os.sleep "100ms"
  conn:close()
end)

expect.states(server, "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
  "FIN-WAIT-2", "TIME-WAIT", "CLOSED")
expect.states(client, "SYN-SENT", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK",
  "CLOSED")
expect.order {
  { from = server, flags = "F." },
  { from = client, flags = "." },
  { from = client, flags = "F." },
  { from = server, flags = "." },
}
expect.data(client, "here you are")
-- 2MSL: RFC 9293 takes an MSL of two minutes, real stacks of half a one
expect.duration(server, "TIME-WAIT",
  server:profile() == "rfc9293" and "240s" or "60s")
