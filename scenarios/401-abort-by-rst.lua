-- An abort ends a connection with one segment. The RST asks for no answer and
-- gets none: whatever was under way is thrown away on both sides.
--
-- A program aborts by closing with a linger time of 0. There is no FIN, no
-- TIME-WAIT, and the other side's next read fails with ECONNRESET.
--
-- Look at: data that the server had sent and the client never read.

title "Abort: one RST ends it at once, and nobody answers"
topic "Ending it at once"
tags { "rst", "abort" }
question "How can the server tell this from a crash of the client?"

local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:send "an answer that nobody reads"
  conn:receive_all()               -- fails with ECONNRESET
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  os.sleep "300ms"
  conn:setsockopt("linger", 0)
  conn:close()
end)

expect.states(client, "SYN-SENT", "ESTABLISHED", "CLOSED")
expect.states(server, "SYN-RECEIVED", "ESTABLISHED", "CLOSED")
-- real stacks say in it, too, what they have received
expect.packet { from = client, times = 1, rule = "LINGER_ZERO",
  flags = client:profile() == "rfc9293" and "R" or "R." }
expect.no_packet { from = server, after = "351ms" }
expect.no_packet { flags = "F." }
expect.error(server, "ECONNRESET")
