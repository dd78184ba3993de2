-- The same RST, with exactly the number that is expected next, reaches a host
-- in each of the eleven states. What it does depends on what there is to reset:
--
--   CLOSED, LISTEN    nothing: a RST cannot mean what does not exist yet
--   SYN-SENT          the RST must acknowledge the SYN; then: refused
--   SYN-RECEIVED      a listener's: it goes on listening, as if nothing had
--                     been
--   ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT
--                     the connection is gone, and what was under way is lost:
--                     ECONNRESET
--   CLOSING, LAST-ACK gone; no error, says RFC 9293, for all was received, and
--                     nobody can say more: ECONNRESET, say Linux and FreeBSD
--   TIME-WAIT         gone too early; FreeBSD ignores the RST, as RFC 1337
--                     advises
--
-- And never is there an answer.
--
-- Look at: the table of the outcomes, and compare `--profile linux` and
-- `freebsd` (`-v` draws all twelve conversations).

title "A RST in each of the eleven states"
topic "Ending it at once"
tags { "rst", "states", "attack" }
question "Why is a RST no error to the standard in CLOSING and LAST-ACK?"

local server, peer = host "server", host "peer"
link { server, peer, rate = 0, delay = "1ms" }
local profile = server:profile()

-- A conversation is written by hand: the peer says so and so. `c` holds the
-- program's ends; the peer's number is 1 once its SYN is sent.
local host_os, peer_os
local function hears(c)
  while c.raw:receive "20ms" do end
end
local function says(c, segment)
  c.raw:send(segment)
  hears(c)
end

local function listen(c)
  c.listener = host_os.listen(c.port)
end
local function half_open(c)
  listen(c)
  says(c, "S 0:0(0)")
end
local function connect(c)
  c.conn = host_os.connect("peer", 7, { port = c.port, nonblocking = true,
    initial_sequence = 0 })
  hears(c)
end
local function established(c)
  connect(c)
  says(c, "S. 0:0(0) ack 1")
end
local function shuts(c)
  c.conn:shutdown "send"
  hears(c)
end
local function fin_comes(c)
  says(c, "F. 1:1(0) ack 1")
end
local function acked(c)
  says(c, ". 1:1(0) ack 2")
end

-- what is no error to the standard is one to real stacks
local linux, standard = profile == "linux", profile == "rfc9293"
local late = not standard and "ECONNRESET" or nil
local cases = {
  { "CLOSED", function () end, "CLOSED" },
  { "LISTEN", listen, "LISTEN" },
  { "SYN-SENT", connect, "SYN-SENT", seq = 0 },
  { "SYN-SENT", connect, "CLOSED", "ECONNREFUSED", seq = 0, ack = 1 },
  { "SYN-RECEIVED", half_open, "LISTEN" },
  { "ESTABLISHED", established, "CLOSED", "ECONNRESET" },
  { "FIN-WAIT-1", function (c) established(c); shuts(c) end,
    "CLOSED", "ECONNRESET" },
  { "FIN-WAIT-2", function (c) established(c); shuts(c); acked(c) end,
    "CLOSED", "ECONNRESET" },
  { "CLOSE-WAIT", function (c) established(c); fin_comes(c) end,
    "CLOSED", linux and "EPIPE" or "ECONNRESET", seq = 2 },
  { "CLOSING", function (c) established(c); shuts(c); fin_comes(c) end,
    "CLOSED", late, seq = 2 },
  { "LAST-ACK", function (c) established(c); fin_comes(c); shuts(c) end,
    "CLOSED", late, seq = 2 },
  { "TIME-WAIT",
    function (c) established(c); shuts(c); acked(c); says(c, "F. 1:1(0) ack 2")
    end,
    profile == "freebsd" and "TIME-WAIT" or "CLOSED", seq = 2 },
}

local rows = {}
local function try(i, case)
  local before, way, after, failure = table.unpack(case, 1, 4)
  local c = { port = 1000 + i }
  local name = before .. (case.ack and ", RST with ACK" or "")
  note(server, "a RST in " .. name)
  c.raw = peer_os.raw("server", c.port, { port = 7 })
  way(c)
  expect.equal(server:state(c.port, peer, 7), before, "on the way there")

  local seq = case.seq or 1
  c.raw:send(("R%s %d:%d(0)%s"):format(case.ack and "." or "", seq, seq,
    case.ack and " ack " .. case.ack or ""))
  local answer = c.raw:receive "20ms"
  local state = server:state(c.port, peer, 7)
  local told = c.conn and c.conn:getsockopt "SO_ERROR"
  rows[i] = ("%-24s %-12s %s"):format(name, state, told or "no error")
  expect.equal(answer and answer.flags or "silence", "silence",
    "the answer in " .. name)
  expect.equal(state, after, "after a RST in " .. name)
  expect.equal(told or "no error", failure or "no error",
    "what the program is told in " .. name)
  c.raw:close()
end

peer:run(function (os) peer_os = os end)
server:run(function (os)
  host_os = os
  for i, case in ipairs(cases) do
    try(i, case)
  end
  print("a RST in                 ends in      and the program is told")
  print(table.concat(rows, "\n"))
end, "1us")

stop "2s"
