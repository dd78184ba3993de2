-- The data offset says where the header ends: at least 5 words of 4 bytes, at
-- most 15, and no further than the segment goes. A segment whose offset is
-- wrong, or that ends before its header does, has no header that can be
-- trusted, not even its ports: it is thrown away, and nobody is told.
--
-- The attacker sends such segments to a closed port, which would answer any
-- honest one, and into an open connection. Receivers that believed the offset
-- have read behind the end of the packet; some fell over.
--
-- Look at: complete silence; and the honest segment at the end, which is
-- answered.

title "Headers that lie: data offset under 5 or past the end, cut short"
topic "What no honest stack sends"
tags { "malformed", "forged" }
question "Why does a host not answer such a segment by a RST?"

local attacker, server = host "attacker", host "server"
link { attacker, server, rate = "10Mbit/s", delay = "5ms" }

server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
end)

local lies = {
  { "offset 0", data_offset = 0 },
  { "offset 4", data_offset = 4 },
  { "offset 6, past the end", data_offset = 6 },
  { "offset 15, past the end", data_offset = 15, length = 39 },
  { "cut to 0 bytes", truncate = 0 },
  { "cut to 8 bytes", truncate = 8 },
  { "cut to 19 bytes", truncate = 19 },
  { "cut in the options", truncate = 22, mss = 1460 },
}

-- Against nothing: SYNs to a closed port. Against something: RSTs with exactly
-- the right number. The last of each is honest.
lies[#lies + 1] = { "the whole truth" }
attacker:run(function (os)
  local conn = os.connect("server", 80, { port = 2000 })
  for _, lie in ipairs(lies) do
    for _, what in ipairs {
      { to = server, port = 81, from_port = 3000, flags = "S" },
      { to = server, of = conn, flags = "R", seq = "rcv.nxt" },
    } do
      os.sleep "50ms"
      note(attacker, lie[1])
      what.data_offset, what.truncate = lie.data_offset, lie.truncate
      what.mss, what.length = lie.mss, lie.length
      attacker:inject(what)
    end
  end
end)

-- (what ends before the checksum does has a wrong one)
expect.packet { injected = true, rule = "MALFORMED", times = 2 * 6 }
expect.packet { injected = true, rule = "BAD_CHECKSUM", times = 2 * 2 }
expect.packet { injected = true, flags = "S", rule = "CLOSED_NO_ACK",
  times = 1 }
expect.packet { injected = true, flags = "R", rule = "RST", times = 1 }
expect.packet { from = server, to_port = 3000, times = 1, flags = "R." }
expect.packet { from = server, to_port = 2000, times = 1, flags = "S." }
expect.states({ host = server, port = 80 }, "ESTABLISHED", "CLOSED")
expect.time { host = server, port = 80, state = "CLOSED", after = "915ms",
  before = "916ms" }
