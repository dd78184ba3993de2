-- close() returns at once, and nobody tells the program whether its last data
-- arrived. With SO_LINGER it can wait: close() then returns when everything,
-- the FIN included, has been acknowledged, or when the time is over.
--
-- Here the network fails right before the third program closes. The first one
-- does not linger, the second and the third linger for at most two seconds.
--
-- Look at: three times when close() returned. And the third: TCP goes on
-- trying all the same; lingering decides about the wait, not about the data.

title "Lingering close: wait for the last ACK, but not for ever"
topic "Ending it in order"
tags { "fin", "linger", "timeout" }
question "All is acknowledged. Does the program know that the peer has read it?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local listener = os.listen(80)
  for _ = 1, 3 do
    local conn = listener:accept()
    os.spawn(function () conn:receive_all() conn:close() end)
  end
end)

wire:drop { from = client, after = "10s", before = "14s" }

local function close_at(os, time, linger)
  local conn = os.connect("server", 80)
  os.sleep(time - os.now())
  conn:setsockopt("SO_LINGER", linger)
  conn:send "the last words"
  local closed, why = conn:close()
  return os.now() - time, closed, why, conn
end

client:run(function (os)
  local took, closed = close_at(os, 1, false)
  expect.equal(closed and took, 0.0, "without linger: close takes")

  took, closed = close_at(os, 5, "2s")
  expect.equal(closed, true, "with linger: close returns")
  expect.equal(took > 0.1 and took < 0.15, true, "after one round trip")

  local conn, why
  took, closed, why, conn = close_at(os, 10, "2s")
  -- Linux does not tell the program that the wait was in vain
  expect.equal(closed or why,
    client:profile() == "linux" and true or "ETIMEDOUT",
    "when nothing is acknowledged: close answers")
  expect.equal(took, 2.0, "after the linger time of")
  expect.equal(conn:state(), "FIN-WAIT-1", "and TCP goes on in state")
end)

-- the last words arrive after all
expect.packet { from = client, fate = "dropped", after = "10s", min = 2 }
expect.data(server, 42)
expect.no_packet { flags = "R" }
