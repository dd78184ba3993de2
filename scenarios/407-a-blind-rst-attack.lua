-- An attacker elsewhere in the network cannot see the connection. It knows the
-- two addresses and the ports (a server's is public, a client's can be tried)
-- and sends RSTs in the client's name, with numbers one window apart: one of
-- them must fall into the window. With a window of 64 KiB that takes 65536
-- guesses, a few seconds; here it is 256 MiB, so that 16 are enough.
--
-- The first server is an old one, which believes any RST in its window. The
-- second one does as RFC 5961 says: one of the 16 RSTs is in its window, but
-- not exact, so it asks, and asks the client, not the attacker. The client
-- is well, and goes on. To be believed the attacker would have to try all
-- 4294967296 numbers.
--
-- Look at: which guess hits; and where the challenge ACK goes.

title "A blind attacker guesses: RSTs one window apart"
topic "Ending it at once"
tags { "rst", "attack", "window", "challenge-ack" }
question "What else would the attacker have to guess if clients chose their \z
  ports at random, and how many RSTs would that make?"

local WINDOW, GUESSES = 256 << 20, 16
local knobs = { receive_buffer = WINDOW, window_scale = 14 }
local client, attacker = host "client", host "attacker"
local careful = host("careful", knobs)
knobs.insecure_rst, knobs.challenge_acks = true, false
local old = host("old", knobs)
local core = router "core"
for _, node in ipairs { client, attacker, careful, old } do
  link { node, core, rate = "10Mbit/s", delay = "5ms" }
end

local read = {}
for _, server in ipairs { old, careful } do
  server:run(function (os)
    local conn = os.listen(80, { initial_sequence = 0 }):accept()
    read[server:name()] = { conn:receive_all() }
    conn:close()
  end)
end

-- the number that the attacker does not know
local ISS <const> = 3000000000
local function talk(server, port)
  return function (os)
    local conn = os.connect(server, 80, { port = port, initial_sequence = ISS })
    os.sleep "1s"
    conn:send "all is well"
    conn:shutdown "send"
    conn:receive_all()
    conn:close()
  end
end
client:run(talk(old, 5001))
client:run(talk(careful, 5002), "2s")

for i, server in ipairs { old, careful } do
  for guess = 0, GUESSES - 1 do
    at(2 * i - 2 + 0.1 + 0.02 * guess, function ()
      attacker:inject { to = server, as = client, port = 80,
        from_port = 5000 + i, flags = "R", seq = guess * WINDOW,
        absolute = true, guess = true }
    end)
  end
end

-- RCV.NXT is ISS + 1: the first guess from there on hits, and only that one
local hit = (ISS + 1 + WINDOW - 1) // WINDOW
expect.states(old, "ESTABLISHED", "CLOSED")
expect.time { host = old, state = "CLOSED", after = 0.1 + 0.02 * hit,
  before = 0.1 + 0.02 * hit + 0.011 }
expect.packet { to = old, flags = "R", injected = true, times = hit,
  rule = "RST_OUTSIDE" }
expect.packet { to = old, flags = "R", injected = true, times = 1,
  seq = hit * WINDOW - ISS, rule = "RST" }
expect.error(client, "ECONNRESET")
expect.that(function ()
  return read.old[2] == "ECONNRESET", read.old[2]
end, "the old server reads ECONNRESET")

expect.states(careful, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
expect.packet { to = careful, flags = "R", injected = true, times = GUESSES - 1,
  rule = "RST_OUTSIDE" }
expect.packet { to = careful, flags = "R", injected = true, times = 1,
  seq = hit * WINDOW - ISS, rule = "RST_CHALLENGED" }
expect.packet { from = careful, flags = ".", seq = 1, ack = 1, length = 0,
  times = 1, after = "2.1s", before = "3s" }
expect.no_packet { to = attacker }
expect.that(function ()
  return read.careful[1] == "all is well", read.careful[1]
end, "the careful server reads what was sent")
