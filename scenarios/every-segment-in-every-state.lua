-- What does a TCP answer to a segment that makes no sense? To all of them: each
-- of the 64 combinations of flags, at five places of SEQ and five of ACK, with
-- 0, 1 and 100 bytes of payload, without timestamps, with new and with old
-- ones, in each state that a connection can be in. Every row is a connection of
-- its own, brought into its state by a real conversation.
--
-- The answers are in answers.tsv. A reply is written FLAGS[(BYTES)],SEQ,ACK:
-- N is SND.NXT and R is RCV.NXT before the segment, ISS the number of a new
-- connection, `-` silence; `,ts` stands behind what carries timestamps, `@t`
-- behind what came with the next tick of a timer, `@40` after 40 ms. Compare:
--
--     linger run every-segment-in-every-state.lua --set profile=linux

title "Every segment in every state"
topic "What no honest stack sends"
tags { "rst", "syn", "ack", "attack", "profile" }
question "How can one tell by such answers which system one talks to?"

local profile = param("profile", "default") -- default: what --profile says
local every = param("every", 1)             -- 10: only each tenth row
local only = param("state", "all")          -- one variant of a state

record "none"

local knobs = {
  answer_interval = 0, challenge_ack_limit = 2147483647,
  receive_buffer = "62KiB",
}
if profile ~= "default" then
  knobs.profile = profile
end
local host_under_test = host("host", knobs)
local peer = host "peer"
link { host_under_test, peer, rate = 0, delay = 0 }

local answers = results("answers.tsv", {
  "state", "flags", "seq", "ack", "payload", "timestamps",
  "replies", "state_after", "so_error", "queued", "readable",
})

-- ---------------------------------------------------------------------------
-- A conversation: `c` holds what the peer knows. All numbers are those on the
-- wire; both ends begin just below the wrap.

local TS_VALUE, NEWER, OLDER = 500000, 10, 1000
local PEER_PORT, HOST_PORT, PEER_ISS = 7, 1024, -200
local ports = 0

local function next_pair()
  ports = ports + 1
  return HOST_PORT + ports % 60000, PEER_PORT + ports // 60000
end

-- The distance between two numbers, whatever wrapped.
local function apart(a, b)
  return (a - b + (1 << 31)) % (1 << 32) - (1 << 31)
end

local function length_of(heard)
  local _, extra = heard.flags:gsub("[SF]", "")
  return heard.length + extra
end

local function hear(c, heard)
  if heard.flags:find "R" then
    return
  end
  local last = heard.seq + length_of(heard)
  if not c.una then
    c.una, c.nxt = heard.seq, last
  elseif apart(last, c.nxt) > 0 then
    c.nxt = last
  end
  if heard.ack then
    c.right = heard.ack + heard.win
  end
  c.ts_echo = heard.ts_val or c.ts_echo
end

-- Everything that comes in the next `span`.
local function listens(c, span)
  local heard = c.raw:receive(span)
  while heard do
    hear(c, heard)
    heard = c.raw:receive(0)
  end
end

local function options(c, syn, value)
  local list = {}
  if syn then
    list[#list + 1] = "mss 1460"
  end
  if value then
    list[#list + 1] = ("TS val %d ecr %d"):format(value, c.ts_echo or 0)
  end
  return #list > 0 and " <" .. table.concat(list, ",") .. ">" or ""
end

-- The peer's next segment, in order; acknowledges what it has acknowledged.
local function says(c, flags, length)
  local ack = flags:find(".", 1, true) and " ack " .. (c.una or 0) or ""
  c.rcv = apart(c.rcv, 0)
  c.raw:send(("%s %d:%d(%d)%s win 65535%s"):format(flags, c.rcv,
    c.rcv + length, length, ack,
    options(c, flags:find "S", c.timestamps and TS_VALUE)))
  c.rcv = c.rcv + length
  if flags:find "[SF]" then
    c.rcv = c.rcv + 1
  end
  listens(c, "1us")
end

local function acknowledges(c)
  c.una = c.nxt
end

-- ---------------------------------------------------------------------------
-- Ways into a state

local host_os, peer_os

local function listen(c)
  c.listener = host_os.listen(c.port)
end

local function connect(c, window)
  c.conn = host_os.connect("peer", c.peer_port,
    { port = c.port, nonblocking = true, receive_buffer = window })
  listens(c, "1us")
end

local function established(c, window)
  connect(c, window)
  acknowledges(c)
  says(c, "S.", 0)
end

local function writes(c)
  c.conn:send(10)
  listens(c, "1us")
end

local function shuts(c)
  c.conn:shutdown "send"
  listens(c, "1us")
end

local function closes(c)
  c.conn:close()
  c.conn = nil
  listens(c, "1us")
end

local function fin_acked(c)
  acknowledges(c)
  says(c, ".", 0)
end

local function fin_comes(c)
  says(c, "F.", 0)
end

-- Nobody reads: the window closes.
local function fills(c)
  for _ = 1, 100 do
    local room = apart(c.right, c.rcv)
    if room == 0 then
      return
    end
    says(c, ".", math.min(room, 1000))
    listens(c, "1ms")
  end
end

local function passive(c)
  listen(c)
  says(c, "S", 0)
  acknowledges(c)
  says(c, ".", 0)
  c.conn = c.listener:accept()
end

local variants = {
  { "CLOSED", function () end },
  { "LISTEN", listen },
  { "SYN-SENT", connect },
  { "SYN-RCVD", function (c) listen(c); says(c, "S", 0) end },
  { "SYN-RCVD/simultaneous", function (c) connect(c); says(c, "S", 0) end },
  { "ESTAB", established },
  { "ESTAB/data", function (c) established(c); writes(c) end },
  { "ESTAB/zero", function (c) established(c, 4096); fills(c) end },
  { "FIN-WAIT-1", function (c) established(c); shuts(c) end },
  { "FIN-WAIT-1/data",
    function (c) established(c); writes(c); shuts(c) end },
  { "FIN-WAIT-1/orphan", function (c) established(c); closes(c) end },
  { "FIN-WAIT-2", function (c) established(c); shuts(c); fin_acked(c) end },
  { "FIN-WAIT-2/orphan",
    function (c) established(c); closes(c); fin_acked(c) end },
  { "CLOSE-WAIT", function (c) established(c); fin_comes(c) end },
  { "CLOSING", function (c) established(c); shuts(c); fin_comes(c) end },
  { "CLOSING/orphan",
    function (c) established(c); closes(c); fin_comes(c) end },
  { "LAST-ACK", function (c) established(c); fin_comes(c); shuts(c) end },
  { "LAST-ACK/orphan",
    function (c) established(c); fin_comes(c); closes(c) end },
  { "TIME-WAIT",
    function (c) established(c); shuts(c); fin_acked(c); fin_comes(c) end },
  { "TIME-WAIT/listener",
    function (c) passive(c); shuts(c); fin_acked(c); fin_comes(c) end },
}

-- ---------------------------------------------------------------------------
-- The segment

local FLAGS = { [0] = "none" } -- of 0 to 63, as tcpdump has them, and ours
local NAMES = { [0] = "0" }
for set = 1, 63 do
  local letters, name = {}, {}
  for bit, letter in ipairs { "F", "S", "R", "P", ".", "U" } do
    if set >> (bit - 1) & 1 == 1 then
      letters[#letters + 1] = letter
      table.insert(name, 1, letter == "." and "A" or letter)
    end
  end
  FLAGS[set] = table.concat(letters)
  -- the field's order: U A P R S F
  NAMES[set] = table.concat(name)
end

local ACK, SYN, FIN = 0x10, 0x02, 0x01
local SEQS = { "nxt", "+10", "-1", "-1000", "right" }
local ACKS = { "una", "nxt", "una-1", "nxt+1", "old" }
local SECONDS = { none = false, new = TS_VALUE + NEWER, old = TS_VALUE - OLDER }

local function seq_at(c, where)
  local r = c.rcv
  if where == "nxt" then return r end
  if where == "+10" then return r + 10 end
  if where == "-1" then return r - 1 end
  if where == "-1000" then return r - 1000 end
  return (c.right or PEER_ISS) + 1000
end

local function ack_at(c, where)
  local una, nxt = c.una or 0, c.nxt or 0
  if where == "una" then return una end
  if where == "nxt" then return nxt end
  if where == "una-1" then return una - 1 end
  if where == "nxt+1" then return nxt + 1 end
  return una - (1 << 30)
end

-- ---------------------------------------------------------------------------
-- The outcome, in words

local ORDER = { "U", ".", "P", "R", "S", "F" }

local function flags_text(flags)
  local text = ""
  for _, letter in ipairs(ORDER) do
    if flags:find(letter, 1, true) then
      text = text .. (letter == "." and "A" or letter)
    end
  end
  return text == "" and "0" or text
end

local function offset(base, by)
  return by == 0 and base or ("%s%+d"):format(base, by)
end

local function seq_text(c, probe, reply)
  local is_reset = reply.flags:find "R"
  if is_reset and not reply.ack and apart(reply.seq, probe.ack) == 0 then
    return "SEG.ACK"
  elseif is_reset and reply.seq == 0 then
    return "0"
  end
  local by = c.nxt and apart(reply.seq, c.nxt)
  if by and by >= -100000 and by <= 100000 then
    return offset("N", by)
  end
  return "ISS"
end

-- In CLOSED, LISTEN and SYN-SENT the host knows no RCV.NXT, and a SYN with an
-- ISS of its own starts another connection.
local function ack_text(c, probe, reply)
  if not reply.ack then
    return "-"
  elseif reply.flags:find "R" and reply.seq == 0 and
    apart(reply.ack, probe.seq + probe.length) == 0 then
    return "SEG.END"
  end
  local known = c.before ~= "CLOSED" and c.before ~= "LISTEN" and
    c.before ~= "SYN-SENT"
  if reply.flags:find "S" then
    known = known and apart(reply.seq + 1, c.nxt) == 0
  end
  if known then
    return offset("R", apart(reply.ack, c.rcv))
  end
  return offset("SEG.SEQ", apart(reply.ack, probe.seq))
end

local function reply_text(c, probe, reply)
  local after_ms = ((reply.time - probe.time) * 1000 + 0.5) // 1
  local bytes = reply.length > 0 and ("(%d)"):format(reply.length) or ""
  local when = after_ms > 8 and ("@%d"):format(after_ms) or
    after_ms > 0 and "@t" or ""
  return flags_text(reply.flags) .. bytes .. "," .. seq_text(c, probe, reply) ..
    "," .. ack_text(c, probe, reply) .. (reply.ts_val and ",ts" or "") .. when
end

local SHORT = { ESTABLISHED = "ESTAB", ["SYN-RECEIVED"] = "SYN-RCVD" }

local function state_of(c)
  local state = host_under_test:state(c.port, peer, c.peer_port)
  return SHORT[state] or state
end

-- What SIOCINQ says more than before, and what can be read: an urgent byte
-- hides what is behind it.
local function socket_of(c)
  local conn = c.conn or c.listener and c.waiting and c.listener:accept()
  if not conn then
    return "-", 0, 0
  end
  local failure = conn:getsockopt "SO_ERROR"
  local queued = conn:getsockopt "SIOCINQ"
  local readable, data = 0, conn:receive(65536, 0)
  while data and data ~= "" do
    readable = readable + #data
    data = conn:receive(65536, 0)
  end
  c.conn = conn
  return failure or "-", queued - c.queued, readable - c.queued
end

local function probe_row(variant, flags, seq, ack, payload, timestamps)
  local c = { rcv = PEER_ISS, timestamps = timestamps ~= "none" }
  c.port, c.peer_port = next_pair()
  c.raw = peer_os.raw("host", c.port, { port = c.peer_port, absolute = true })
  variant[2](c)
  listens(c, variant[1]:find "zero" and "55ms" or "20ms")
  c.before = state_of(c)
  c.queued = c.conn and c.conn:getsockopt "SIOCINQ" or 0
  local name = variant[1]:match "[^/]+"
  if c.before ~= name then
    error(variant[1] .. " was not reached, but " .. c.before)
  end

  local probe = { seq = apart(seq_at(c, seq), 0),
    ack = apart(ack_at(c, ack), 0), time = now(),
    length = payload + (flags & SYN) // SYN + (flags & FIN) // FIN }
  c.raw:send(("%s %d:%d(%d)%s win 65535%s"):format(FLAGS[flags], probe.seq,
    probe.seq + payload, payload,
    flags & ACK ~= 0 and " ack " .. probe.ack or "",
    options(c, flags & SYN ~= 0, SECONDS[timestamps])))
  local replies, last = {}, probe.time + 0.065
  while true do
    local reply = c.raw:receive(last - now())
    if not reply then
      break
    end
    replies[#replies + 1] = reply_text(c, probe, reply)
  end

  local after = state_of(c)
  if after == "LISTEN" and c.before ~= "LISTEN" then
    after = "CLOSED"
  end
  c.waiting = c.before == "SYN-RCVD" and after ~= "SYN-RCVD" and
    after ~= "CLOSED"
  answers:row(variant[1], NAMES[flags], seq, flags & ACK ~= 0 and ack or "-",
    payload, timestamps, #replies > 0 and table.concat(replies, " ") or "-",
    after, socket_of(c))
  if c.conn then
    c.conn:abort()
  end
  if c.listener then
    c.listener:close()
  end
  c.raw:close()
end

local rows = 0

local function all_rows(variant, each)
  for _, timestamps in ipairs { "none", "new", "old" } do
    for _, payload in ipairs { 0, 1, 100 } do
      for flags = 0, 63 do
        for _, seq in ipairs(SEQS) do
          for at = 1, flags & ACK ~= 0 and #ACKS or 1 do
            rows = rows + 1
            if rows % every == 0 then
              each(variant, flags, seq, ACKS[at], payload, timestamps)
            end
          end
        end
      end
    end
  end
end

peer:run(function (os) peer_os = os end)
host_under_test:run(function (os)
  host_os = os
  for _, variant in ipairs(variants) do
    if only == "all" or only == variant[1] then
      all_rows(variant, probe_row)
    end
  end
end, "1us")

expect.that(function ()
  return answers:rows() == rows // every, answers:rows() .. " rows"
end)
