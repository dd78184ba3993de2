-- Some networks end connections that they do not like: a box on the path reads
-- along, and when it sees a forbidden word it sends a RST to both ends, each in
-- the other's name. It has seen the numbers, so both RSTs are exact, and no
-- stack can tell them from honest ones.
--
--   within    the box is a part of the path: it also drops the segment with the
--             word
--   beside    it only listens, and cannot drop: the word arrives, and the RST
--             just behind it
--   deaf      the same, but both ends have a firewall of their own that drops
--             every RST. Now the box is powerless, and the answer arrives.
--
-- Look at: the RSTs that nobody has sent, as the ladder says; and that they
-- take only half a round trip, for the box is nearer than the other end.

title "A middlebox resets a connection, in the name of both ends"
topic "Ending it at once"
tags { "rst", "middlebox", "attack", "firewall" }
question "Who ignores RSTs is safe from this box. What else does it get?"

local WORD <const> = "the forbidden word"

local function conversation(name, at_time, passes)
  local client, server = host(name), host(name .. "-server")
  local wire = link { client, server, rate = "10Mbit/s", delay = "40ms" }
  local case = { client = client, server = server }

  wire:reset { from = client, pass = passes,
    where = function (packet) return packet.payload == WORD end }
  server:run(function (os)
    local conn = os.listen(80):accept()
    case.read, case.server_told = conn:receive()
    if case.read then
      os.sleep "100ms"
      local _, why = conn:send "an answer"
      case.server_told = why
    end
    conn:close()
  end)
  client:run(function (os)
    local conn = os.connect(server, 80)
    conn:send(WORD)
    case.answer, case.client_told = conn:receive()
    if case.answer then
      conn:receive()
    end
    conn:close()
  end, at_time)
  return case
end

local within = conversation("within", 0, false)
local beside = conversation("beside", "1s", true)
local deaf = conversation("deaf", "2s", true)
local no_resets = { filter = "tcp[tcpflags] & tcp-rst != 0", action = "drop",
  name = "no RST" }
for _, node in ipairs { deaf.client, deaf.server } do
  node:firewall { rules = { no_resets }, stateless = true }
end

for start, case in pairs { [0] = within, [1] = beside } do
  expect.states(case.client, "ESTABLISHED", "CLOSED")
  expect.states(case.server, "ESTABLISHED", "CLOSED")
  -- half of the way there, and half of the way back, behind the handshake
  expect.time { host = case.client, state = "CLOSED", after = start + 0.12,
    before = start + 0.121 }
  expect.packet { to = case.client, flags = "R", seq = 1, injected = true,
    times = 1, rule = "RST" }
  expect.packet { to = case.server, flags = "R.", seq = 19, injected = true,
    times = case == beside and 1 or 0, rule = "RST" }
  expect.packet { to = case.server, injected = true, times = 1, rule = "RST" }
  expect.packet { to = case.server, length = 18, times = 1,
    fate = case == within and "dropped" or "delivered" }
  expect.that(function ()
    return case.client_told == "ECONNRESET" and
      case.server_told == "ECONNRESET", case.client_told
  end, case.client:name() .. ": both programs are told ECONNRESET")
end
expect.that(function () return not within.read and beside.read == WORD end,
  "the word arrives only past the box that cannot drop")

expect.packet { injected = true, fate = "dropped", times = 2, after = "2s" }
expect.that(function ()
  return deaf.answer == "an answer", deaf.client_told
end, "the deaf client reads the answer")
expect.states(deaf.client, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
