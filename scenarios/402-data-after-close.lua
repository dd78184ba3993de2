-- close says that the program is done, with reading too. If data arrive after
-- that, nobody will ever read them, and acknowledging them would be a lie. So
-- TCP answers by a RST (RFC 9293 3.6.1), and the sender learns that its data
-- are lost.
--
-- Two clients ask the same server, which takes a while to answer. The first
-- one closes; the second one only shuts its sending half, and can still read.
--
-- Look at: the first client's FIN and the second one's are the same segment.
-- The server cannot tell which of the two its answer will meet.

title "Data after close: they would be lost, and a RST says so"
topic "Ending it at once"
tags { "rst", "half-close", "data" }
question "A server answers into a closed connection: is its first or its \z
  second send told of it?"

local closes, shuts = host "closes", host "shuts"
local server = host "server"
link { closes, server, rate = "10Mbit/s", delay = "50ms" }
link { shuts, server, rate = "10Mbit/s", delay = "50ms" }

local told = {}
server:run(function (os)
  local listener = os.listen(80)
  for i = 1, 2 do
    local conn = listener:accept()
    os.spawn(function ()
      conn:receive_all()
      os.sleep "300ms"
      told[i] = { conn:send "an answer" }
      os.sleep "200ms"
      local _, why = conn:send "and more of it"
      told[i].second = why
      conn:close()
    end)
  end
end)

closes:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "a question"
  conn:close()
end)
shuts:run(function (os)
  local conn = os.connect("server", 80)
  conn:send "a question"
  conn:shutdown "send"
  conn:receive_all()
  conn:close()
end, "1s")

-- a FIN each, and nothing in it says which call made it
expect.packet { from = closes, flags = "F.", seq = 11, ack = 1, times = 1 }
expect.packet { from = shuts, flags = "F.", seq = 11, ack = 1, times = 1 }

expect.states(closes, "FIN-WAIT-1", "FIN-WAIT-2", "CLOSED")
expect.packet { from = closes, flags = "R", seq = 12, times = 1,
  rule = "TEXT_AFTER_CLOSE" }
expect.packet { to = closes, length = 9, times = 1 }
expect.no_packet { to = closes, flags = "F." }

expect.states(shuts, "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED")
expect.data(shuts, "an answerand more of it")
expect.no_packet { from = shuts, filter = "tcp[tcpflags] & tcp-rst != 0" }
expect.that(function ()
  return told[1][1] == 9 and told[2][1] == 9,
    "the first send takes all 9 bytes"
end, "the first send of each succeeds")
expect.that(function ()
  return told[1].second and not told[2].second, tostring(told[1].second)
end, "only the second send fails, and only to the client that closed")
