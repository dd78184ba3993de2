-- Every segment carries a checksum over its header, its data and the addresses.
-- A segment whose sum is wrong is thrown away without a word: nobody knows who
-- sent it, for the addresses may be what is wrong. The sender hears nothing
-- and sends it again, as if it were lost.
--
-- That holds for forged ones, too: the RST has the right number, but a wrong
-- sum, and does nothing. Even a closed port is silent. (A firewall that answers
-- a segment with a wrong sum betrays that it is there.)
--
-- But the sum is only a sum: exchange two words, and it is the same. The last
-- segment arrives with two of its words exchanged; TCP takes it, and the
-- program reads what nobody has written.
--
-- Look at: the time that the damaged data take; and what the server has read.

title "A wrong checksum is silence, and a right one no proof"
topic "What no honest stack sends"
tags { "checksum", "damage", "forged", "retransmission" }
question "What should a program do that must be sure of its data?"

local client, server = host "client", host "server"
client:set { timestamps = false }
local wire = link { client, server, rate = "10Mbit/s", delay = "10ms" }
local text = "tcp[tcpflags] & tcp-push != 0"

local read
server:run(function (os)
  local conn = os.listen(80):accept()
  read = conn:receive_all()
  conn:close()
end)

wire:corrupt { from = client, filter = text, nth = 1, at = 60, bytes = "00" }
wire:corrupt { from = client, filter = text, after = "4.9s", nth = 1,
  at = family() == "ipv6" and 74 or 54, bytes = "77 6f 61 72" }
client:run(function (os)
  local conn = os.connect("server", 80)
  os.sleep "100ms"
  conn:send "damaged on its way, "
  os.sleep(3 - os.now())
  -- the number is right, the sum is not; a closed port hears the same
  client:inject { of = conn, to = server, flags = "R", seq = "rcv.nxt",
    checksum = "bad" }
  client:inject { to = server, port = 81, flags = "S", checksum = "bad" }
  client:inject { to = server, port = 81, flags = "S" }
  os.sleep(5 - os.now())
  conn:send "arwo"
  conn:close()
end)
expect.packet { from = client, length = 20, fate = "dropped", times = 1 }
expect.packet { from = client, length = 20, retransmission = 1, times = 1,
  fate = "delivered" }
expect.packet { injected = true, flags = "R", fate = "dropped", times = 1 }
expect.packet { injected = true, flags = "S", fate = "dropped", times = 1 }
expect.packet { injected = true, flags = "S", fate = "delivered", times = 1 }
expect.packet { from = server, flags = "R.", times = 1 }
expect.states({ host = server, port = 80 }, "ESTABLISHED", "CLOSE-WAIT",
  "LAST-ACK", "CLOSED")
expect.packet { from = client, length = 4, times = 1, fate = "delivered",
  retransmission = false }
expect.that(function ()
  return read == "damaged on its way, woar", read
end, "the server reads \"woar\", which nobody wrote")
