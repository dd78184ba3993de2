-- Both sides close at the same moment: the two FINs pass each other on the
-- wire, and neither acknowledges the other.
--
-- Each side is in FIN-WAIT-1 when a FIN arrives that does not acknowledge its
-- own. It must acknowledge that FIN and wait for the ACK of its own: this is
-- what CLOSING is for, the state that is hardest to see in real life.
--
-- Look at: both sides go through the same states, and both end in TIME-WAIT.

title "Simultaneous close: two FINs cross, both sides pass through CLOSING"
topic "Ending it in order"
tags { "fin", "closing", "time-wait" }
question "Could TCP do without CLOSING, and what would break?"

local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  os.sleep(0.5 - os.now())
  conn:close()
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  os.sleep(0.5 - os.now())
  conn:close()
end)

expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "CLOSING", "TIME-WAIT",
  "CLOSED")
expect.states(server, "ESTABLISHED", "FIN-WAIT-1", "CLOSING", "TIME-WAIT",
  "CLOSED")
-- FreeBSD acknowledges the crossing FIN by its own FIN once more
expect.packet { flags = "F.", times = client:profile() == "freebsd" and 4 or 2 }
expect.packet { flags = "F.", seq = 1, ack = 1, times = 2 }
