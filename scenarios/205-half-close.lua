-- A FIN closes one direction only. The client says that it has sent all it
-- had (shutdown of the sending side) and goes on receiving: a half-close.
--
-- The server may take all the time it wants: it is in CLOSE-WAIT, the client
-- in FIN-WAIT-2, and data flows from one to the other as before.
--
-- Look at: data with the client in FIN-WAIT-2, acknowledged as always.

title "Half-close: one direction ends, data still flows the other way"
topic "Ending it in order"
tags { "fin", "half-close" }
question "A program calls close instead of shutdown here. What happens to the \z
  answer?"

local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  local question = conn:receive_all()
  for i = 1, 3 do
    os.sleep "300ms"
    conn:send(question .. " " .. i .. "\n")
  end
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "line"
  conn:shutdown "send"
  conn:receive_all()
  conn:close()
end)

expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
  "CLOSED")
expect.states(server, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
expect.data(client, "line 1\nline 2\nline 3\n")
expect.state_at(client, "1s", "FIN-WAIT-2")
expect.state_at(server, "1s", "CLOSE-WAIT")
expect.no_packet { flags = "R" }
