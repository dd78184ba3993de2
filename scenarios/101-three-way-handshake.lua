-- A connection begins with three segments. Each side chooses a number at
-- random, where its counting begins, and tells it in a SYN; each has it
-- acknowledged. The second segment is an answer and a question in one, so that
-- three are enough.
--
-- The SYNs also carry what can be agreed on at the beginning only: the largest
-- segment that each side takes (MSS), by how much window fields are to be
-- shifted (window scale), whether gaps may be told (SACK), and timestamps.
--
-- Look at: with -v, the options in the two SYNs. The server takes segments of
-- 1000 bytes and knows no SACK: what only one side offers does not hold.

title "Three segments open a connection, and agree on what will hold"
topic "Opening and using a connection"
tags { "handshake", "options" }
question "Why are two segments not enough, and why is the first number random?"

local client = host("client", { receive_buffer = "1MiB" })
local server = host("server", { mss = 1000, sack = false,
  receive_buffer = "64KiB" })
link { client, server, rate = "10Mbit/s", delay = "50ms" }

-- what TCP_INFO calls the options that hold
local TIMESTAMPS, SACK, SCALE = 1, 2, 4

local function agreed(conn, mss)
  local info = conn:getsockopt "TCP_INFO"
  expect.equal(conn:state(), "ESTABLISHED", "the state after the handshake")
  expect.equal(info.tcpi_options & (TIMESTAMPS | SACK | SCALE),
    TIMESTAMPS | SCALE, "timestamps and scaling hold, SACK does not")
  -- a timestamp takes 12 bytes of every segment
  expect.equal(info.tcpi_snd_mss, mss - 12, "the largest segment it may send")
end

server:run(function (os)
  local conn = os.listen(80):accept()
  expect.equal(os.now() > 0.15, true, "accept returns after 1.5 round trips")
  agreed(conn, 1000)
end)

client:run(function (os)
  local conn = os.connect("server", 80)
  expect.equal(os.now() < 0.101, true, "connect returns after one round trip")
  agreed(conn, 1000)
end)

expect.states(client, "SYN-SENT", "ESTABLISHED")
expect.states(server, "SYN-RECEIVED", "ESTABLISHED")
expect.order {
  { from = client, flags = "S", seq = 0 },
  { from = server, flags = "S.", seq = 0, ack = 1 },
  { from = client, flags = ".", seq = 1, ack = 1 },
}
expect.count { times = 3 }
-- MSS, the first option of each SYN
expect.packet { from = client, filter = "tcp[20:2] = 0x0204", times = 1 }
expect.packet { from = server, filter = "tcp[20:4] = 0x020403e8", times = 1 }

stop "1s"
