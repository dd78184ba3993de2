-- Every packet is lost with a probability of one in ten, in both directions,
-- each by its own throw of the dice. Twenty connections are opened, carry a
-- question and an answer, and are closed in order.
--
-- Another run with the same seed loses the same packets; --seed=2 loses others.
--
-- Look at: all twenty end in order, whatever is lost. TCP pays with time: most
-- are over in half a second, some take several.

title "Random loss: one packet in ten, and all connections end in order"
topic "Ending it through loss"
tags { "loss", "retransmission", "random" }
question "Which loss costs a connection most: of data, a SYN, or the last ACK?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms",
  loss = "10%" }
local N = 20
local ended = {}

server:run(function (os)
  local listener = os.listen(80)
  for _ = 1, N do
    local conn = listener:accept()
    os.spawn(function ()
      conn:send(#conn:receive_all() .. " bytes")
      conn:close()
    end)
  end
end)

for i = 1, N do
  client:run(function (os)
    local conn = os.connect("server", 80)
    conn:send(string.rep("x", 1000))
    conn:shutdown "send"
    ended[i] = conn:receive_all()
    conn:close()
  end, i * 0.1)
end

for i = 1, N do
  expect.that(function () return ended[i] == "1000 bytes", ended[i] end,
    "client " .. i .. " has its answer")
end
expect.no_error(client)
expect.no_error(server)
expect.no_packet { flags = "R" }
-- of some 240 packets about 24
expect.packet { fate = "dropped", min = 8, max = 60 }
expect.packet { retransmission = true, min = 5 }
