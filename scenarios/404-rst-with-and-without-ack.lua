-- Some RSTs carry an acknowledgment number, some do not. Which one it is
-- depends on what it answers (RFC 9293 3.5.2):
--
--   the segment has ACK    the RST takes that number for its own: just what the
--                          sender expects next. It needs no ACK.
--   it has none            the RST has number 0, and acknowledges the segment,
--                          SYN and FIN included: so the sender can see that it
--                          is meant.
--   it is a RST            nothing. A RST is never answered, or two hosts could
--                          go on for ever.
--
-- The probe sends segments to a port where nothing listens.
--
-- Look at: the numbers of each answer; and the client at the end, which gets
-- two RSTs and believes only the one that acknowledges its SYN.

title "RST with and without ACK, and never in answer to a RST"
topic "Ending it at once"
tags { "rst", "flags" }
question "What could a host do to others if RSTs were answered by RSTs?"

local probe, server = host "probe", host "server"
link { probe, server, rate = "10Mbit/s", delay = "5ms" }

local PORT, SEQ, ACK = 81, 1000, 5000
local cases = {
  -- flags     bytes  the RST: flags, number, ACK
  { "ACK",         0, "R",  ACK },
  { "ACK",       100, "R",  ACK },
  { "FIN,ACK",     0, "R",  ACK },
  { "SYN,ACK",     0, "R",  ACK },
  { "SYN",         0, "R.", 0, SEQ + 1 },
  { "FIN",         0, "R.", 0, SEQ + 1 },
  { "SYN,FIN",   100, "R.", 0, SEQ + 102 },
  { "none",      100, "R.", 0, SEQ + 100 },
  { "RST",         0 },
  { "RST,ACK",     0 },
  { "SYN,RST",     0 },
  { "FIN,RST,ACK", 0 },
}
local heard = {}

-- Written and read by hand: the probe's own TCP stays out of it.
probe:run(function (os)
  local raw = os.raw("server", PORT, { port = 1000, absolute = true })
  for i, case in ipairs(cases) do
    local letters = case[1] == "none" and "none" or
      case[1]:gsub("ACK", "."):gsub("(%u)%u+", "%1"):gsub(",", "")
    raw:send(("%s %d:%d(%d)%s"):format(letters, SEQ, SEQ + case[2], case[2],
      letters:find(".", 1, true) and " ack " .. ACK or ""))
    heard[i] = raw:receive "50ms"
  end
end)

for i, case in ipairs(cases) do
  local flags, seq, ack = case[3], case[4], case[5]
  expect.that(function ()
    local answer = heard[i]
    if not flags or not answer then
      return not flags and not answer, answer and answer.flags or "silence"
    end
    return answer.flags == flags and answer.seq == seq and answer.ack == ack,
      ("%s seq %d ack %s"):format(answer.flags, answer.seq, answer.ack)
  end, ("%s with %d bytes: %s"):format(case[1], case[2], flags and
    ("%s seq %d%s"):format(flags, seq, ack and " ack " .. ack or "") or
    "silence"))
end

-- A client in SYN-SENT believes a RST only if it acknowledges the SYN.
local client, away = host "client", host "away"
link { client, away, rate = "10Mbit/s", delay = "5ms" }:drop { from = client }
client:run(function (os)
  os.connect("away", 80, { port = 2000 })
end, "2s")
local forged_resets = {
  { "2.1s", "R 0:0(0)" }, { "2.2s", "R. 0:0(0) ack 1" },
}
for _, forged in ipairs(forged_resets) do
  at(forged[1], function ()
    away:inject(forged[2], { to = client, from_port = 80, port = 2000 })
  end)
end
expect.states(client, "SYN-SENT", "CLOSED")
expect.time { host = client, state = "CLOSED", after = "2.2s",
  before = "2.21s" }
expect.error(client, "ECONNREFUSED")
