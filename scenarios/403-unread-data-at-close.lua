-- A program closes a connection while data wait that it has never read. TCP
-- has acknowledged them, so the peer believes that they arrived; a FIN would
-- confirm it. So TCP sends a RST instead (RFC 9293 3.6.1, SHLD-3): what you
-- sent was not read to the end.
--
-- Three clients get twenty bytes and close half a second later. The first one
-- has read none of them. The second one has read them all, and ends in order.
-- The third one had shut its sending half before: its FIN is sent and
-- acknowledged, and the RST comes all the same.
--
-- Look at: the first two conversations are the same up to the call of close;
-- what the peer is told depends on what a program has read.

title "Closed with unread data: a RST instead of a FIN"
topic "Ending it at once"
tags { "rst", "data" }
question "A web server refuses an upload with an error page and closes at \z
  once. Why does the browser not show the page?"

local server = host "server"
local unread, read, shut = host "unread", host "read", host "shut"
for _, client in ipairs { unread, read, shut } do
  link { client, server, rate = "10Mbit/s", delay = "20ms" }
end

local ends = {}
server:run(function (os)
  local listener = os.listen(80)
  for i = 1, 3 do
    local conn = listener:accept()
    os.spawn(function ()
      conn:send "twenty bytes of text"
      os.sleep "600ms"
      local data, why = conn:receive_all()
      ends[i] = data or why
      conn:close()
    end)
  end
end)

local function visit(shuts, reads)
  return function (os)
    local conn = os.connect("server", 80)
    if shuts then
      conn:shutdown "send"
    end
    os.sleep "500ms"
    expect.equal(conn:getsockopt "SIOCINQ", 20, os.host .. ": bytes waiting")
    if reads then
      conn:receive(20)
    end
    conn:close()
  end
end
unread:run(visit(false, false))
read:run(visit(false, true), "1s")
shut:run(visit(true, false), "2s")

-- real stacks say in it, too, what they have received
local flags = server:profile() == "rfc9293" and "R" or "R."
expect.states(unread, "ESTABLISHED", "CLOSED")
expect.packet { from = unread, flags = flags, seq = 1, times = 1,
  rule = "CLOSE_UNREAD" }
expect.no_packet { from = unread, flags = "F." }

expect.states(read, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
  "CLOSED")
expect.no_packet { from = read, flags = flags }

expect.states(shut, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSED")
expect.packet { from = shut, flags = "F.", seq = 1, times = 1 }
expect.packet { from = shut, flags = flags, seq = 2, times = 1,
  rule = "CLOSE_UNREAD" }

expect.no_packet { from = server, filter = "tcp[tcpflags] & tcp-rst != 0" }
expect.that(function ()
  return ends[1] == "ECONNRESET", ends[1]
end, "the first server reads ECONNRESET")
expect.that(function () return ends[2] == "", ends[2] end,
  "the second one reads the end")
