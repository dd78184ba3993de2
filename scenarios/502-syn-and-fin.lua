-- A segment that says "I begin" and "I have finished" at once. Filters that let
-- SYNs in only where a connection may begin, or that know a beginning by "SYN
-- and nothing else", were passed by with SYN+FIN. What does a TCP make of it?
--
--   nothing is open     RST, which acknowledges SYN and FIN: two numbers
--   a listener          RFC 9293 forbids nothing: the SYN opens a connection,
--                       and what else is in the segment is taken when it is
--                       open (3.10.7.2). So it goes on to CLOSE-WAIT at once,
--                       and the program reads data, and then the end. FreeBSD
--                       forgets the FIN and the data; Linux drops the segment.
--   open                the SYN is looked at before the FIN: a challenge ACK,
--                       and the FIN does not count
--
-- Look at: what the server's first and second answer acknowledge. (PSH changes
-- nothing: it never does.)

title "SYN+FIN: begin and end in one segment"
topic "What no honest stack sends"
tags { "flags", "forged", "syn", "profile" }
question "There was a use for SYN+FIN once: one question, one answer, three \z
  segments. Why was it given up?"

local attacker, server = host "attacker", host("server", { timestamps = false })
link { attacker, server, rate = "10Mbit/s", delay = "5ms" }
local profile = server:profile()

local read = {}
server:run(function (os)
  local listener = os.listen(80)
  while true do
    local conn = listener:accept()
    os.spawn(function ()
      local data = conn:receive(100, "500ms")
      while data and data ~= "" do
        table.insert(read, #data .. " bytes")
        data = conn:receive(100, "500ms")
      end
      table.insert(read, data and "the end" or "no more")
    end)
  end
end)

local OPENS = { -- the answer, the state when that was acknowledged
  rfc9293 = { "S. ack 1", "CLOSE-WAIT" },
  linux = { "silence", "LISTEN" },
  freebsd = { "S. ack 1", "ESTABLISHED" },
}
local opens = OPENS[profile]
local kept = profile == "rfc9293"
local cases = {
  -- segment         port  answer     state after   what acknowledges the rest
  { "SF 0:0(0)",       81, "R. ack 2",  "CLOSED" },
  { "SFP 0:10(10)",    81, "R. ack 12", "CLOSED" },
  { "SF 0:0(0)",       80, opens[1], opens[2], kept and ". ack 2" },
  { "SFP 0:10(10)",    80, opens[1], opens[2], kept and ". ack 12" },
}

local function text(answer)
  return answer and answer.flags .. " ack " .. answer.ack or "silence"
end

attacker:run(function (os)
  for i, case in ipairs(cases) do
    local segment, port, wanted, state, rest = table.unpack(case)
    local raw = os.raw("server", port, { port = 1000 + i })
    local what = segment .. " to port " .. port

    raw:send(segment)
    local answer = raw:receive "50ms"
    expect.equal(text(answer), wanted, what)
    if answer and answer.flags == "S." then
      raw:send ". 1:1(0) ack 1"
      expect.equal(text(raw:receive "50ms"), rest or "silence",
        "the rest of " .. what)
    end
    expect.equal(server:state(port, attacker, 1000 + i), state,
      "after " .. what)
    os.sleep(math.ceil(os.now()) - os.now())
  end

  local raw = os.raw("server", 80, { port = 2000 })
  raw:send "S 0:0(0)"
  raw:receive()
  raw:send ". 1:1(0) ack 1"
  raw:send "SF 1:1(0)"
  expect.equal(text(raw:receive "50ms"), ". ack 1",
    "SYN+FIN on an open connection")
  expect.equal(server:state(80, attacker, 2000), "ESTABLISHED", "after it")
end)

local wanted = ({
  rfc9293 = "the end, 10 bytes, the end, no more",
  linux = "no more",
  freebsd = "no more, no more, no more",
})[profile]
expect.that(function ()
  local all = table.concat(read, ", ")
  return all == wanted, all
end, "the programs read: " .. wanted)
