-- Challenge ACKs cost something, so RFC 5961 limits them: so many a second, for
-- the whole host. That was a mistake (CVE-2016-5696). What is counted for all
-- together tells each of the others' business.
--
-- An attacker who sees nothing of the client's connection wants its port. It
-- has a connection of its own to the same server, and does this now and then:
--   1. one forged ACK in the client's name, from the port that it tries. If
--      there is such a connection, the number is wrong, and the answer, which
--      goes to the client, counts.
--   2. five RSTs on its own connection, in the window but not exact: five
--      questions, if none was asked before; four, if one was.
-- In the same way it could find out the numbers.
--
-- Today Linux limits the answers of each connection for itself, so that there
-- is nothing to be counted: see the second server.
--
-- Look at: how many ACKs come back to the attacker at each try.

title "Answers that are counted tell a blind attacker the port"
topic "Ending it at once"
tags { "attack", "challenge-ack" }
question "The limit protects the server's processor. What would be a better \z
  one?"

local LIMIT, PORT = 5, 5002
local client, attacker = host("client", { timestamps = false }), host "attacker"
local leaks = host("leaks", { challenge_ack_limit = LIMIT,
  challenge_ack_interval = "1s", answer_interval = 0 })
local sound = host("sound", { challenge_ack_limit = 2147483647,
  answer_interval = 0 })
local core = router "core"
for _, node in ipairs { client, attacker, leaks, sound } do
  link { node, core, rate = "10Mbit/s", delay = "5ms" }
end

for _, server in ipairs { leaks, sound } do
  server:run(function (os)
    local listener = os.listen(80)
    for _ = 1, 2 do listener:accept() end
  end)
  client:run(function (os)
    os.connect(server, 80, { port = PORT })
  end, "100ms")
end

-- the attacker's own connection is written by hand, so that it can count
local function opened(os, server)
  local raw = os.raw(server, 80, { port = 40000 })
  raw:send "S 0:0(0)"
  raw:receive()
  raw:send(". 1:1(0) ack 1")
  return raw
end

local function tries(server, raw, port)
  attacker:inject { to = server, as = client, port = 80, from_port = port,
    flags = "ACK", seq = 1, ack = 1, absolute = true, guess = true }
  local answers = 0
  for i = 1, LIMIT do
    raw:send(("R %d:%d(0)"):format(1 + i, 1 + i))
  end
  while raw:receive "200ms" do
    answers = answers + 1
  end
  return answers
end

stop "14s" -- connections that are kept alive have no end

local counted = { {}, {} }
attacker:run(function (os)
  local ends = { opened(os, leaks), opened(os, sound) }
  for i, server in ipairs { leaks, sound } do
    for port = PORT - 2, PORT + 1 do
      os.sleep "1.5s" -- then it begins to count anew
      local answers = tries(server, ends[i], port)
      table.insert(counted[i], answers)
      note(attacker, ("port %d: %d answers%s"):format(port, answers,
        answers < LIMIT and ", so it is open" or ""))
    end
  end
end)

for i, wanted in ipairs { "5 5 4 5", "5 5 5 5" } do
  expect.that(function ()
    local all = table.concat(counted[i], " ")
    return all == wanted, all
  end, (i == 1 and "counted for all: " or "not counted: ") .. wanted)
end
