-- TIME-WAIT keeps a pair of ports from being used again while old segments may
-- still be on their way. RFC 1337 describes how an old duplicate itself can end
-- it: TIME-WAIT answers the duplicate by an ACK; the other side has forgotten
-- the connection and answers the ACK by a RST; the RST has the right number,
-- and ends TIME-WAIT, minutes too soon. (308 shows the first half closely.)
--
-- Here is what follows from it. The network has copied two segments of the
-- first connection and keeps them. The first copy kills TIME-WAIT. So the
-- client may use its port again at once, with numbers that happen to lie where
-- the old ones were; and then the second copy arrives, in the middle of the
-- new connection.
--
-- The second client does what RFC 1337 advises, and ignores RSTs in TIME-WAIT:
-- its port stays taken.
--
-- Look at: what the server reads in the second connection. Without timestamps
-- nothing tells that it is wrong.

title "TIME-WAIT assassination, and what it was good for"
topic "Ending it at once"
tags { "rst", "time-wait", "duplicate", "port-reuse" }
question "Timestamps would have saved the server. Would they have saved \z
  TIME-WAIT?"

-- without timestamps, and with what each stack does against it switched off
local plain = { timestamps = false, ignore_reset_in_time_wait = false,
  time_wait_terse = false }
local client, server = host("client", plain), host("server", plain)
plain.ignore_reset_in_time_wait = true
local careful = host("careful", plain)

server:run(function (os)
  local listener = os.listen(80, { initial_sequence = 7000 })
  while true do
    local conn = listener:accept()
    os.spawn(function ()
      conn:send "an answer"
      local data = conn:receive_all()
      note(server, ("the program reads %q"):format(data))
      conn:close()
    end)
  end
end)

local same = { port = 5000, initial_sequence = 1000 }
for _, who in ipairs { client, careful } do
  local wire = link { who, server, rate = "10Mbit/s", delay = "50ms" }
  local text = "tcp[tcpflags] & tcp-push != 0"
  wire:duplicate { from = server, filter = text, nth = 1, delay = "1s" }
  wire:replay { from = who, filter = text, nth = 1, by = "3s" }

  who:run(function (os)
    local conn = os.connect("server", 80, same)
    conn:send "OLD"
    conn:receive(9)
    conn:close()
    os.sleep(2 - os.now())

    local why
    conn, why = os.connect("server", 80, same)
    expect.equal(why or "open", who == client and "open" or "EADDRINUSE",
      who:name() .. " uses the port again")
    conn = conn or os.connect("server", 80)
    os.sleep(3.5 - os.now())
    conn:send "the new data"
    conn:receive(9)
    conn:close()
  end)
end

-- the duplicate, the ACK, the RST: no TIME-WAIT any more, or still there
for _, who in ipairs { client, careful } do
  expect.order {
    { from = server, to = who, duplicate = true, length = 9 },
    { from = who, flags = ".", seq = 5, after = "1s" },
    { from = server, to = who, flags = "R", seq = 11 },
  }
  expect.state_at({ host = who, number = 1 }, "1.1s", "TIME-WAIT")
end
expect.state_at({ host = client, number = 1 }, "1.5s", "CLOSED")
expect.state_at({ host = careful, number = 1 }, "30s", "TIME-WAIT")

-- the second copy is text of the new connection, or of nothing at all
expect.packet { from = client, length = 3, duplicate = true, times = 1,
  rule = "TAKEN" }
expect.packet { from = careful, length = 3, duplicate = true, times = 1,
  rule = "LISTEN_ACK" }
