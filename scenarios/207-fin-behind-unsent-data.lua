-- Closing does not throw anything away. The program has given TCP 20000 bytes
-- and closes; most of them cannot go yet, since a new connection may have only
-- a few segments under way (slow start). The FIN must wait behind them all.
--
-- The state changes at once all the same: FIN-WAIT-1 means "closed, and the FIN
-- is sent or waits to be sent".
--
-- Look at: the time between close and the FIN, and that nothing is missing.

title "Closed with unsent data: the FIN waits until all of it has gone"
topic "Ending it in order"
tags { "fin", "data", "slow-start" }
question "The process exits right after close. Who sends the rest?"

local client = host("client", { initial_window = 2, slow_start_limit = 1,
  mss = 1000, timestamps = false })
local server = host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:discard()
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80, { send_buffer = "64KiB" })
  conn:send(20000)
  conn:close()
  expect.equal(conn:state(), "FIN-WAIT-1", "the state after close")
  expect.equal(os.now() < 0.11, true, "close returns at once")
end)

-- two segments, then more with each round trip: the FIN goes in the fourth
expect.no_packet { from = client, flags = "F.", before = "300ms" }
expect.packet { from = client, flags = "F.", after = "300ms", times = 1 }
expect.count { from = client, seq = 1, length = 1000, times = 1 }
expect.packet { from = client, seq = 2001, length = 1000, after = "200ms",
  times = 1 }
expect.state_at(client, "250ms", "FIN-WAIT-1")
expect.data(server, 20000)
expect.no_packet { flags = "R" }
