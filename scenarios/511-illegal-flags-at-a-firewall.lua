-- No honest stack sends SYN with FIN, or a segment without any flag. Those who
-- do want to learn something, or to slip past a filter that looks at one flag
-- only. A firewall can know all such combinations beforehand: it need not
-- remember anything about connections, the segment alone gives itself away.
--
-- Two hosts, the same segments to a closed port of each. The first has no
-- firewall, and its TCP does what RFC 9293 says: whatever is not a RST is
-- answered by a RST, which tells the sender that the host is there and that
-- the port is closed. The second has one with the ready-made table
-- illegal_flags: it drops, counts and names what comes, and stays silent.
--
-- Look at: the reason under each lost segment; the table of counters; and that
-- an honest connection does not notice the firewall.

title "A firewall that knows the illegal flags, beside a host without one"
topic "What no honest stack sends"
tags { "flags", "firewall" }
question "What does the silence of the guarded host tell the attacker?"

local attacker = host "attacker"
local bare, guarded = host "bare", host "guarded"
link { attacker, bare, rate = "10Mbit/s", delay = "5ms" }
link { attacker, guarded, rate = "10Mbit/s", delay = "5ms" }

local wall = guarded:firewall { rules = { illegal_flags } }

local CLOSED = 81
local cases = {
  -- flags         the rule that knows it       what the bare host answers
  { "SYN,FIN",     "SYN+FIN",                   "R." },
  { "SYN,FIN,PSH", "SYN+FIN",                   "R." },
  { "SYN,RST",     "SYN+RST",                   nil  },
  { "FIN,RST",     "FIN+RST",                   nil  },
  { "FIN,PSH,URG", "Xmas",                      "R." },
  { "none",        "NULL",                      "R." },
  { "FIN",         "FIN without ACK",           "R." },
  { "PSH",         "no ACK",                    "R." },
  { "ACK",         "urgent pointer without URG", "R", urgent = 7 },
}
local dropped = {}

for i, case in ipairs(cases) do
  local flags, rule, answer = case[1], case[2], case[3]

  dropped[rule] = (dropped[rule] or 0) + 1
  for _, target in ipairs { bare, guarded } do
    local from_port = 1000 * i + (target == bare and 1 or 2)

    at(0.1 * i, function ()
      attacker:inject { to = target, port = CLOSED, from_port = from_port,
        flags = flags, seq = 1000, ack = 5000, urg = case.urgent }
    end)
    if answer and target == bare then
      expect.packet { from = bare, to_port = from_port, flags = answer,
        times = 1 }
    else
      expect.no_packet { from = target, to_port = from_port }
    end
    if target == guarded then
      expect.packet { to_port = CLOSED, from_port = from_port,
        fate = "dropped", times = 1 }
    end
  end
end

-- An honest client of the guarded host.
guarded:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  conn:close()
end)
attacker:run(function (os)
  local conn = os.connect("guarded", 80)
  conn:send "good day"
  conn:close()
  conn:wait_state "TIME-WAIT"
end, "2s")
expect.data(guarded, "good day")

expect.that(function ()
  local counters = wall:counters()

  print(counters)
  for rule, times in pairs(dropped) do
    if counters[rule] ~= times then
      return false, rule .. " was seen " .. counters[rule] .. " times"
    end
  end
  return true, "every illegal segment was dropped by the rule of its name"
end)

stop "10s"
