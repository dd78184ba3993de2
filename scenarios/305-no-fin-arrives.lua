-- The network fails, and both programs close. Each side sends its FIN again and
-- again, with waits that double, and gives up in the end. Giving up is silent:
-- no RST, since nothing arrives anyway.
--
-- How long that takes is a matter of taste. RFC 9293 asks for at least 100
-- seconds (R2); this profile takes 300. Linux repeats the FIN of a connection
-- that no program has any more eight times.
--
-- Look at: FIN-WAIT-1 on both sides until the end, and no TIME-WAIT: this
-- connection did not end in order, and each side knows it.

title "No FIN arrives: both repeat it until they give up"
topic "Ending it through loss"
tags { "fin", "loss", "retransmission", "timeout" }
question "An hour later the network works again. What is left to be told?"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

wire:drop { after = "1s" }

server:run(function (os)
  local conn = os.listen(80):accept()
  os.sleep(3 - os.now())
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  os.sleep(2 - os.now())
  conn:close()
end)

expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "CLOSED")
expect.states(server, "ESTABLISHED", "FIN-WAIT-1", "CLOSED")
for side, closed in pairs { [client] = 2, [server] = 3 } do
  expect.packet { from = side, flags = "F.", at = closed, times = 1 }
  expect.packet { from = side, flags = "F.", fate = "dropped", min = 6 }
  if client:profile() == "rfc9293" then
    for _, later in ipairs { 1, 3, 7, 15, 31, 63, 123, 183, 243 } do
      expect.packet { from = side, flags = "F.", at = closed + later }
    end
    expect.count { from = side, flags = "F.", times = 10 }
    expect.time { host = side, state = "CLOSED", at = closed + 300 }
  end
end
expect.no_packet { after = "1s", fate = "delivered" }
expect.no_packet { flags = "R" }
