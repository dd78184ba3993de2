-- Ten segments, the FIN on the last of them, and two on the way are lost. All
-- that follow arrive, the FIN too; but a FIN counts only in its turn, and it is
-- not its turn. Nothing behind the gap is thrown away. Each of these segments
-- is answered at once by an ACK that repeats what is missing.
--
-- Three such ACKs say that the network is alive and a segment is not late but
-- lost. So the sender repeats it at once and does not wait for its time-out
-- (fast retransmit, RFC 5681 3.2). With selective acknowledgments (SACK, RFC
-- 2018) it sees both gaps and fills them in one round trip. Without, it learns
-- of the second gap when the first one is filled (RFC 6582).
--
-- Look at: the server stays in ESTABLISHED for one round trip more where there
-- is no SACK.

title "Data before the FIN are lost: duplicate ACKs tell, and the FIN waits"
topic "Ending it through loss"
tags { "fin", "loss", "sack", "retransmission" }
question "Why three ACKs, and not one?"

for i, sack in ipairs { true, false } do
  local client = host(sack and "sack" or "plain", { sack = sack, mss = 1000,
    timestamps = false, initial_window = 10 })
  local server = host(sack and "server-sack" or "server-plain",
    { timestamps = false, mss = 1000, window_scaling = false,
      receive_buffer = 200000 })
  local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }
  local port = 5000 + i

  wire:drop { from = client, filter = "greater 1000", nth = { 3, 5 } }

  server:run(function (os)
    local conn = os.listen(80):accept()
    conn:discard()
    conn:close()
  end)

  client:run(function (os)
    local conn = os.connect(server, 80, { port = port })
    conn:send(10000)
    conn:close()
  end)

  -- the third of the ACKs that repeat 2001 comes at 206.1 ms
  expect.packet { from = client, seq = 2001, length = 1000, retransmission = 1,
    after = "206ms", before = "206.3ms", times = 1 }
  if sack then
    expect.packet { from = client, seq = 4001, length = 1000,
      retransmission = 1, after = "206.8ms", before = "208.2ms", times = 1 }
  else
    expect.packet { from = client, seq = 4001, length = 1000,
      retransmission = 1, after = "306.8ms", before = "307.9ms", times = 1 }
  end
  -- only what is lost goes again (and with SACK perhaps the end, to be sure)
  expect.count { from = client, retransmission = true, min = 2,
    max = sack and 3 or 2 }
  expect.no_packet { from = client, rule = "RETRANSMISSION_TIMEOUT" }
  -- the FIN has been there since 0.16 s
  expect.packet { from = client, flags = "F.", rule = "FIN_BEYOND_GAP",
    times = 1 }
  expect.time { host = server, state = "CLOSE-WAIT",
    after = sack and "256ms" or "356ms", before = sack and "260ms" or "360ms" }
  expect.data(server, 10000)
end
expect.no_packet { flags = "R" }
