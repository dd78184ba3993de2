-- The network turns two segments around: the FIN arrives before the data that
-- it follows. It must not be taken yet: the connection ends behind the data,
-- and these have not come.
--
-- The server keeps the FIN beside the gap and says by a duplicate ACK what it
-- expects. When the data come, both are taken at once, in the right order.
--
-- Look at: ESTABLISHED lasts until the gap is filled, and one ACK is for all.

title "The FIN overtakes data: it waits beside the gap"
topic "Ending it through loss"
tags { "fin", "reordering", "data" }
question "What would be lost if the FIN were believed when it arrives?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:reorder { from = client, filter = "tcp[tcpflags] & tcp-push != 0",
  nth = 1 }

server:run(function (os)
  local conn = os.listen(80):accept()
  expect.equal(conn:receive_all(), "the last words", "what is read")
  os.sleep "200ms"
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  os.sleep "100ms"
  conn:setsockopt("TCP_NODELAY", true)
  conn:send "the last words"
  os.sleep "5ms"
  conn:close()
end)

expect.packet { from = client, flags = "F.", seq = 15, times = 1,
  rule = "FIN_BEYOND_GAP" }
expect.packet { from = server, flags = ".", ack = 1, times = 1 }
expect.packet { from = server, flags = ".", ack = 16, times = 1 }
expect.states(server, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
-- the FIN was sent 5 ms after the data, and the data arrive right behind it
expect.time { host = server, state = "CLOSE-WAIT", after = "255ms",
  before = "257ms" }
expect.data(server, "the last words")
expect.no_packet { retransmission = true }
