-- FIN is a flag, not a segment. A program that sends its last bytes and closes
-- at once leaves both to TCP together, and the FIN rides on the last data: one
-- segment says "here is the rest, and that was all".
--
-- The FIN stands behind the bytes of its segment in sequence: the server reads
-- them first and then the end.
--
-- Look at: the ACK. 5 bytes and the FIN are 6 numbers.

title "The FIN rides on the last data: one segment less"
topic "Ending it in order"
tags { "fin", "data" }
question "When can TCP not do this, although the program closes at once?"

local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  expect.equal(conn:receive(), "hello", "what is read first")
  expect.equal(conn:receive(), "", "and then the end")
  os.sleep "200ms"
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  -- (cork: wait for what comes, or for close)
  conn:setsockopt("TCP_CORK", true)
  conn:send "hello"
  conn:close()
end)

expect.packet { from = client, flags = "F.", seq = 1, length = 5, times = 1 }
expect.packet { from = server, flags = ".", ack = 7, times = 1 }
expect.count { from = client, times = 4 }
expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
  "CLOSED")
expect.states(server, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
