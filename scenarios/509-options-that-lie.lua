-- Options follow the header: a kind, a length that counts kind and length, too,
-- and the value. So no length is below 2. A receiver that believed a length of
-- 0 would stand on the same spot for ever; one that believed too long a one
-- would read what is behind the header as options.
--
-- RFC 9293 wants a stack to be prepared for that (MUST-7). linger under its
-- rules throws the whole segment away. Linux and FreeBSD stop at the first
-- length that cannot be, and believe what came before it.
--
-- Each SYN offers an MSS of 1000 somewhere among its options. If it was
-- believed, the server's data come in segments of that size; if not, of 536
-- bytes (over IPv6 of 1220).
--
-- Look at: the length of the server's first segment, or that none comes.

title "Options of length 0, 1, too long, and twice"
topic "What no honest stack sends"
tags { "malformed", "forged", "options", "profile" }
question "Unknown options must be passed over. Why can a length of 0 not be?"

local attacker, server = host "attacker", host("server", { timestamps = false })
link { attacker, server, rate = "10Mbit/s", delay = "5ms" }
local forgives = server:profile() ~= "rfc9293"

server:run(function (os)
  local listener = os.listen(80)
  while true do
    local conn = listener:accept()
    os.spawn(function () conn:send(1500) end)
  end
end)

local DEFAULT = family() == "ipv6" and 1220 or 536
local MSS, MSS_500 = "020403e8", "020401f4"
local cases = {
  -- options                                     the server's segments
  { "no options", "", DEFAULT },
  { "MSS", MSS, 1000 },
  { "an unknown kind, then MSS", "fd060000" .. "00000101" .. MSS, 1000 },
  { "an MSS of 3 bytes", "02030301", DEFAULT },
  { "MSS twice", MSS .. MSS_500, 500 },
  { "MSS, then length 0", MSS .. "08000000", forgives and 1000 },
  { "length 0, then MSS", "08000101" .. MSS, forgives and DEFAULT },
  { "length 1, then MSS", "08010101" .. MSS, forgives and DEFAULT },
  { "MSS, then too long", MSS .. "080a0000", forgives and 1000 },
}

attacker:run(function (os)
  for i, case in ipairs(cases) do
    local name, options, size = table.unpack(case, 1, 3)
    local raw = os.raw("server", 80, { port = 2000 + i })

    note(attacker, name)
    attacker:inject { to = server, port = 80, from_port = 2000 + i,
      flags = "S", seq = 0, options = options, absolute = true }
    local answer = raw:receive "50ms"
    local data
    if answer then
      raw:send ". 1:1(0) ack 1"
      data = raw:receive "50ms"
      raw:send "R 1:1(0)"
    end
    expect.equal(data and data.length or "silence", size or "silence", name)
  end
end)
expect.packet { injected = true, flags = "S", rule = "MALFORMED",
  times = forgives and 0 or 4 }
