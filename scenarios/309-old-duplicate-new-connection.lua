-- A segment of an old connection was caught in the network for three seconds.
-- It arrives when a new connection is open between the same two ports. If its
-- number happens to fit, its bytes would be taken for the new connection's:
-- wrong data, with a right checksum, and nobody would ever know.
--
-- Without timestamps this is what happens here: the numbers were made to fit,
-- and the new connection began too soon. With timestamps the segment tells that
-- it is old, whatever its number (PAWS, RFC 7323). And TIME-WAIT for 2MSL would
-- have kept the ports from being used again while old segments live.
--
-- Look at: what the two servers have read in the end.

title "An old duplicate meets a new connection on the same ports"
topic "Ending it through loss"
tags { "duplicate", "port-reuse", "timestamps", "time-wait" }
question "At 10 Gbit/s the numbers come round in 4 s. Does 2MSL still help?"

local function try(name, stamps)
  local client = host("client" .. name, { timestamps = stamps })
  local server = host("server" .. name, { timestamps = stamps })
  local wire = link { client, server, rate = "10Mbit/s", delay = "10ms" }
  local read = {}

  wire:replay { from = client, filter = "tcp[tcpflags] & tcp-push != 0",
    nth = 1, by = "3s" }

  server:run(function (os)
    local listener = os.listen(80, { initial_sequence = 7000 })
    for i = 1, 2 do
      local conn = listener:accept()
      read[i] = conn:receive_all()
      conn:close()
    end
  end)

  client:run(function (os)
    -- an abort, so that nothing is left that would know the old numbers
    local same = { port = 5000, initial_sequence = 1000 }
    local conn = os.connect(server, 80, same)
    conn:send "OLD"
    os.sleep(1 - os.now())
    conn:abort()

    conn = os.connect(server, 80, same)
    os.sleep(3.025 - os.now())
    conn:send "the new data"
    conn:close()
  end)

  return client, server, read
end

local plain, _, read_plain = try("", false)
local stamped, _, read_stamped = try("-ts", true)

expect.packet { from = plain, seq = 1, length = 3, duplicate = true, times = 1,
  rule = "TAKEN" }
expect.packet { from = stamped, seq = 1, length = 3, duplicate = true,
  times = 1, rule = "PAWS" }
expect.that(function ()
  return read_plain[2] == "OLD new data", read_plain[2]
end, "without timestamps the second connection reads \"OLD new data\"")
expect.that(function ()
  return read_stamped[2] == "the new data", read_stamped[2]
end, "with timestamps it reads what was sent")
