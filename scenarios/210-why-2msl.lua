-- How long must TIME-WAIT last? A segment lives at most one MSL (maximum
-- segment lifetime) in the network: that is what MSL means. The wait must cover
-- the last ACK on its way to the server (one MSL), and a FIN that the server
-- has sent just before the ACK came, on its way back (another one). Then
-- nothing of this connection can be anywhere.
--
-- The first client's MSL is 5 s, and this network keeps to it, just so: the
-- last ACK is lost, and the repeated FIN is 4.9 s under way. It finds
-- TIME-WAIT. The second client takes the MSL for 2 s and has forgotten all.
--
-- Look at: what answers the repeated FIN, ACK or RST; and that 2MSL begin anew
-- with it.

title "Why 2MSL: an ACK on its way there, and a FIN on its way back"
topic "Ending it in order"
tags { "time-wait", "loss", "rst" }
question "Linux always waits 60 s. What does it bet on?"

local server = host("server", { rto_min = "1s", sack = false })
local client = host("client", { msl = "5s", sack = false })
local hasty = host("hasty", { msl = "2s", sack = false })

server:run(function (os)
  local listener = os.listen(80)
  for _ = 1, 2 do
    local conn = listener:accept()
    os.spawn(function () conn:receive_all() os.sleep "300ms" conn:close() end)
  end
end)

for _, who in ipairs { client, hasty } do
  local wire = link { who, server, rate = "10Mbit/s", delay = "50ms" }

  wire:drop { from = who, state = "TIME-WAIT", nth = 1 }
  wire:drop { from = server, flags = "F.", retransmission = 2, after = 1 }
  wire:delay { from = server, flags = "F.", retransmission = 1, by = "4900ms" }
  who:run(function (os)
    local conn = os.connect("server", 80)
    os.sleep "300ms"
    conn:close()
  end)
end

expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
  "CLOSED")
expect.packet { to = client, flags = "F.", rule = "TIME_WAIT_FIN", times = 1 }
expect.packet { from = client, rule = "TIME_WAIT_FIN", fate = "delivered",
  times = 1 }
expect.no_packet { from = client, flags = "R" }
-- 2MSL are 10 s; they ended at 16.7 s, and not at 10.8 s
expect.time { host = client, state = "CLOSED", after = "16.7s",
  before = "16.91s" }
expect.time { host = hasty, state = "CLOSED", after = "4.8s",
  before = "4.81s" }
expect.packet { from = hasty, flags = "R", after = "6.7s", times = 1 }
