-- A SYN that arrives on an open connection: either the peer has crashed and
-- begins anew, or somebody forges it. RFC 793 reset the connection when the
-- number was in the window, and so gave blind attackers a second chance. RFC
-- 5961 has one answer to both, whatever the number: an ACK that says what is
-- expected.
--
-- The forged SYN: the ACK goes to the client whose name was used. For it that
-- is an old ACK like any other, and nothing happens.
--
-- The honest SYN: client "reborn" has lost its memory and opens the same
-- connection anew. The ACK acknowledges what it never sent, so it answers by
-- a RST with just the number that the server expects. The server's old
-- connection ends, and the next SYN opens a new one.
--
-- Look at: the same challenge, and two ends that know different things.

title "A SYN on an open connection: forged, or the peer begins anew"
topic "Ending it at once"
tags { "rst", "syn", "attack", "crash", "challenge-ack" }
question "Why must the challenge be an ACK, and not a RST?"

local plain = { timestamps = false }
local client, reborn = host("client", plain), host("reborn", plain)
local attacker, server = host "attacker", host("server", plain)
local old = host("old", { timestamps = false, insecure_syn = true,
  challenge_acks = false })
local core = router "core"
for _, node in ipairs { client, reborn, attacker, server, old } do
  link { node, core, rate = "10Mbit/s", delay = "5ms" }
end

local read = {}
for _, target in ipairs { server, old } do
  target:run(function (os)
    local listener = os.listen(80)
    while true do
      local conn = listener:accept()
      os.spawn(function ()
        local data, why = conn:receive_all()
        table.insert(read, target:name() .. ": " .. (data or why))
        conn:close()
      end)
    end
  end)
end

local function talk(target, port)
  return function (os)
    local conn = os.connect(target, 80, { port = port, initial_sequence = 0 })
    os.sleep "1s"
    conn:send "all is well"
    conn:close()
  end
end
client:run(talk(server, 5001))
client:run(talk(old, 5002), "2s")

local forged = {
  { server, 5001, 100, "0.1s" }, { server, 5001, 3000000000, "0.7s" },
  { old, 5002, 100, "2.1s" },
}
for _, case in ipairs(forged) do
  local target, port, number, time = table.unpack(case)
  at(time, function ()
    attacker:inject { to = target, as = client, port = 80, from_port = port,
      flags = "S", seq = number, absolute = true, guess = true }
  end)
end

-- in the window or not, the answer is the same, and goes to the client
expect.packet { to = server, injected = true, seq = 100, times = 1,
  rule = "SYN_CHALLENGED" }
expect.packet { to = server, injected = true, seq = 3000000000 - (1 << 32),
  times = 1, rule = server:profile() == "linux" and "SYN_CHALLENGED" or
    "UNACCEPTABLE" }
for _, time in ipairs { 0.1, 0.7 } do
  expect.packet { from = server, to = client, flags = ".", seq = 1, ack = 1,
    after = time, before = time + 0.1, times = 1 }
end
expect.no_packet { to = attacker }
expect.states({ host = server, port = 5001 }, "ESTABLISHED", "CLOSE-WAIT",
  "LAST-ACK", "CLOSED")
expect.packet { to = old, injected = true, times = 1, rule = "SYN_IN_WINDOW" }
expect.states(old, "ESTABLISHED", "CLOSED")

-- The same client's host has forgotten all, and its program starts again.
reborn:run(function (os)
  os.connect("server", 80, { port = 5003, initial_sequence = 0 })
end, "4s")
reborn:on_boot(function (os)
  local conn = os.connect("server", 80, { port = 5003, initial_sequence = 100 })
  conn:send "I am new here"
  conn:close()
end)
at("5s", function () reborn:reboot() end)

expect.order {
  { from = reborn, flags = "S", seq = 0, at = "4s" },
  { from = reborn, flags = "S", after = "5s", rule = "SYN_CHALLENGED" },
  { from = server, to = reborn, flags = ".", rule = "SYN_SENT_BAD_ACK" },
  { from = reborn, flags = "R", rule = "RST" },
  { from = reborn, flags = "S", retransmission = true },
  { from = server, to = reborn, flags = "S." },
}
expect.states({ host = server, port = 5003, number = 1 }, "ESTABLISHED",
  "CLOSED")
expect.states({ host = server, port = 5003, number = 2 }, "ESTABLISHED",
  "CLOSE-WAIT", "LAST-ACK", "CLOSED")
expect.that(function ()
  local all = table.concat(read, ", ")
  return all == "server: all is well, old: ECONNRESET, " ..
    "server: ECONNRESET, server: I am new here", all
end, "what the servers' programs read")
