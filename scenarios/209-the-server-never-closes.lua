-- The server's program has forgotten to close. Its connection stays in
-- CLOSE-WAIT: TCP waits for the program, not for the network, and there is no
-- time-out for that. Many of them in ss or netstat are a bug in the program
-- that owns them.
--
-- The client has closed and waits in FIN-WAIT-2 for a FIN that never comes.
-- RFC 9293 sets no limit to that; Linux waits a minute, FreeBSD for ten without
-- a segment, and then they forget, since no program is left that could be told.
--
-- Look at: who still has the connection at the end.

title "The program that never closes: CLOSE-WAIT for ever, FIN-WAIT-2 not quite"
topic "Ending it in order"
tags { "fin", "close-wait", "fin-wait-2", "timeout" }
question "CLOSE-WAIT grows and grows on a server. Where do you look?"

local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  -- and here close is missing
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "goodbye"
  os.sleep "300ms"
  conn:close()
end)

expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSED")
expect.duration(client, "FIN-WAIT-2",
  client:profile() == "freebsd" and "10min" or "60s")
expect.states(server, "ESTABLISHED", "CLOSE-WAIT")
expect.state_at(server, "1h", "CLOSE-WAIT")
expect.count { flags = "F.", times = 1 }
expect.no_packet { after = "2s" }

stop "1h"
