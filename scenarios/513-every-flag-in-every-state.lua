-- All 64 combinations of the six old flags, in all eleven states. Each segment
-- carries one byte and has exactly the numbers that are expected next, so that
-- nothing but the flags decides. Each cell of the table is a connection of its
-- own, brought into its state by a real conversation.
--
-- The standard needs no table of 704 answers; it looks at the flags one by one
-- (RFC 9293 3.10.7). Read a row from the left and you see the order: RST before
-- SYN, SYN before ACK, nothing without ACK, and FIN last. PSH and URG decide
-- nothing: four rows are always alike.
--
-- Look at: the stripes of the heat map, and where `--profile linux` and
-- `freebsd` differ from it: a SYN with FIN at a listener, a RST in TIME-WAIT, a
-- segment without ACK.

title "Every flag in every state"
topic "What no honest stack sends"
tags { "flags", "forged", "states", "scan", "profile" }
question "Which single segment tells most about the state and the system of \z
  the other end?"

local server = host("server", { answer_interval = 0, timestamps = false,
  challenge_ack_limit = 2147483647 })
local peer = host "peer"
link { server, peer, rate = 0, delay = "1ms" }
local profile = server:profile()

-- ---------------------------------------------------------------------------
-- Ways into the states. The peer's numbers begin with 0, the server's as well.

local host_os, peer_os

local function hears(c, span)
  local last
  while true do
    local heard = c.raw:receive(span or "60ms")
    if not heard then
      return last
    end
    last = heard
  end
end
local function says(c, segment)
  c.raw:send(segment)
  hears(c)
end
local function listen(c)
  c.listener = host_os.listen(c.port, { initial_sequence = 0 })
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

local states = {
  -- name, its letters in the table, RCV.NXT, SND.NXT, the way there
  { "CLOSED", "CL", 1, 1, function () end },
  { "LISTEN", "LI", 0, 1, listen },
  { "SYN-SENT", "SS", 0, 1, connect },
  { "SYN-RECEIVED", "SR", 1, 1,
    function (c) listen(c); says(c, "S 0:0(0)") end },
  { "ESTABLISHED", "ES", 1, 1, established },
  { "FIN-WAIT-1", "F1", 1, 2, function (c) established(c); shuts(c) end },
  { "FIN-WAIT-2", "F2", 1, 2,
    function (c) established(c); shuts(c); acked(c) end },
  { "CLOSE-WAIT", "CW", 2, 1, function (c) established(c); fin_comes(c) end },
  { "CLOSING", "CG", 2, 2,
    function (c) established(c); shuts(c); fin_comes(c) end },
  { "LAST-ACK", "LA", 2, 2,
    function (c) established(c); fin_comes(c); shuts(c) end },
  { "TIME-WAIT", "TW", 2, 2,
    function (c)
      established(c); shuts(c); acked(c); says(c, "F. 1:1(0) ack 2")
    end },
}

local function letters_of(set)
  local text = ""
  for bit, letter in ipairs { "F", "S", "R", "P", ".", "U" } do
    if set >> (bit - 1) & 1 == 1 then
      text = text .. letter
    end
  end
  return text == "" and "none" or text
end

-- The same for a reader: A for ACK.
local function name_of(set)
  return (letters_of(set):gsub("%.", "A"))
end

-- ---------------------------------------------------------------------------
-- One cell

local MEANINGS = {
  { "-", "silence" }, { "A", "an ACK" }, { "R", "a RST" },
  { "+", "its text is taken" }, { ">", "another state" },
  { "x", "the connection is over" },
}
local WORDS = {}
for _, meaning in ipairs(MEANINGS) do
  WORDS[meaning[1]] = meaning[2]
end

local answers = results("flags.tsv",
  { "flags", "state", "outcome", "reply", "state_after" })
answers:heatmap { x = "flags", y = "state", value = "outcome",
  order = { "silence", "an ACK", "a RST", "its text is taken", "another state",
    "the connection is over" } }
local cells, ports = {}, 1024

local function outcome_of(c, before, after, reply, queued)
  if after ~= before then
    local over = after == "CLOSED" or after == "LISTEN"
    return over and "x" or ">"
  elseif reply and reply.flags:find "R" then
    return "R"
  elseif c.conn and c.conn:getsockopt "SIOCINQ" > queued then
    return "+"
  end
  return reply and "A" or "-"
end

local function try(set, state)
  local name, _, seq, ack, way = table.unpack(state)
  local c = { port = ports }
  ports = ports + 1
  c.raw = peer_os.raw("server", c.port, { port = 7 })
  way(c)
  local before = server:state(c.port, peer, 7)
  if before ~= name then
    error(name .. " was not reached, but " .. before)
  end

  local queued = c.conn and c.conn:getsockopt "SIOCINQ" or 0
  c.raw:send(("%s %d:%d(1)%s"):format(letters_of(set), seq, seq + 1,
    set & 0x10 ~= 0 and " ack " .. ack or ""))
  local reply = hears(c)
  local after = server:state(c.port, peer, 7)
  local outcome = outcome_of(c, before, after, reply, queued)
  cells[set] = cells[set] or {}
  cells[set][name] = outcome
  answers:row(name_of(set), name, WORDS[outcome],
    reply and reply.flags or "-", after)
  if c.conn then c.conn:abort() end
  if c.listener then c.listener:close() end
  c.raw:close()
end

local function show()
  print("flags    " .. (function ()
    local heads = {}
    for i, state in ipairs(states) do heads[i] = state[2] end
    return table.concat(heads, "   ")
  end)())
  for set = 0, 63 do
    local row = {}
    for i, state in ipairs(states) do row[i] = cells[set][state[1]] end
    print(("%-8s  %s"):format(name_of(set), table.concat(row, "    ")))
  end
  for _, meaning in ipairs(MEANINGS) do
    print(("  %s  %s"):format(meaning[1], meaning[2]))
  end
end

peer:run(function (os) peer_os = os end)
server:run(function (os)
  host_os = os
  for set = 0, 63 do
    -- one combination is drawn, the others are only counted
    record(letters_of(set) == "FS")
    for _, state in ipairs(states) do
      try(set, state)
    end
  end
  show()
end, "1us")

-- ---------------------------------------------------------------------------
-- What RFC 9293 says, flag by flag, in its own order (3.10.7)

local FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10

local function not_open(state, has)
  if state == "CLOSED" then
    return has(RST) and "-" or "R"
  elseif state == "LISTEN" then
    return has(RST) and "-" or has(ACK) and "R" or has(SYN) and ">" or "-"
  end
  -- SYN-SENT; the ACK is the right one
  if has(RST) then
    return has(ACK) and "x" or "-"
  end
  return has(SYN) and ">" or "-"
end

-- Of a segment that begins at RCV.NXT and acknowledges everything.
local ACKED = { -- our SYN or FIN is acknowledged
  ["SYN-RECEIVED"] = ">", ["FIN-WAIT-1"] = ">", CLOSING = ">",
  ["LAST-ACK"] = "x",
}
local FIN_STATES = { ESTABLISHED = ">", ["FIN-WAIT-2"] = ">" }
local TEXT_STATES = { ESTABLISHED = "+", ["FIN-WAIT-2"] = "+" }

local function open(state, has)
  if has(RST) then
    return "x"
  elseif has(SYN) then
    return state == "SYN-RECEIVED" and "x" or "A"
  elseif not has(ACK) then
    return "-"
  elseif has(FIN) and state == "TIME-WAIT" then
    return "A" -- a FIN that comes again
  end
  return ACKED[state] or has(FIN) and FIN_STATES[state] or
    TEXT_STATES[state] or "-"
end

local function standard(set, state)
  local function has(flag) return set & flag ~= 0 end

  if state == "CLOSED" or state == "LISTEN" or state == "SYN-SENT" then
    return not_open(state, has)
  end
  return open(state, has)
end

-- Where real stacks part from it: state, what the flags are, the outcome.
local PARTS = {
  rfc9293 = {},
  linux = {
    -- a listener takes no SYN with FIN
    { "LISTEN", { SYN | FIN, not_ = RST | ACK }, "-" },
    -- TIME-WAIT is a small record: it answers all text, whatever its flags,
    { "TIME-WAIT", { 0, not_ = RST }, "A" },
    -- and an urgent byte is none of the text
    { "ESTABLISHED", { ACK | 0x20, not_ = RST | SYN | FIN }, "A" },
    { "FIN-WAIT-2", { ACK | 0x20, not_ = RST | SYN | FIN }, "A" },
  },
  freebsd = {
    -- a listener ignores SYN,ACK
    { "LISTEN", { SYN | ACK, not_ = RST }, "-" },
    -- TIME-WAIT ignores RST, and whatever has no ACK; text it answers
    { "TIME-WAIT", { 0, not_ = ACK }, "-" },
    { "TIME-WAIT", { RST }, "-" },
    { "TIME-WAIT", { ACK, not_ = RST }, "A" },
  },
}

local function wanted_in(who, set, state)
  for _, part in ipairs(PARTS[who]) do
    local flags = part[2]
    if part[1] == state and set & flags[1] == flags[1] and
      set & (flags.not_ or 0) == 0 then
      return part[3]
    end
  end
  return standard(set, state)
end

for _, state in ipairs(states) do
  local name = state[1]
  expect.that(function ()
    for set = 0, 63 do
      local wanted, found = wanted_in(profile, set, name), cells[set][name]
      if found ~= wanted then
        return false, ("%s is answered by %s (%s), not by %s (%s)"):format(
          name_of(set), found, WORDS[found], wanted, WORDS[wanted])
      end
    end
    return true
  end, name .. ": all 64 as " ..
    (profile == "rfc9293" and "RFC 9293 says" or
      profile .. " is known to answer"))
end
expect.that(function ()
  return answers:rows() == 704, answers:rows() .. " rows"
end, "704 answers")
