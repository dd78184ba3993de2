-- No honest stack sends a segment with SYN and FIN, or with no flag at all, or
-- with all of them. Port scanners and attackers do, to see what comes back.
--
-- RFC 9293 does not forbid these combinations; it says in which order the
-- flags are looked at. In LISTEN: first RST (ignored), then ACK (answered by
-- RST), then SYN (a connection); all else is dropped. On a closed port
-- everything but a RST is answered by RST.
--
-- Look at: SYN+FIN opens a connection on the open port. And silence is an
-- answer too: it tells a scanner that something listens there (compare FIN,
-- NULL and Xmas on the two ports).

title "Illegal flags meet an open and a closed port"
topic "What no honest stack sends"
tags { "flags", "forged", "rst", "scan" }
question "Which of these lets a scanner find open ports without opening a \z
  connection?"

local attacker, server = host "attacker", host "server"
link { attacker, server, rate = "10Mbit/s", delay = "5ms" }

server:run(function (os) os.listen(80) end)

local OPEN, CLOSED = 80, 81
-- Linux opens nothing for SYN+FIN; FreeBSD is silent to SYN+ACK.
local to_syn_fin = server:profile() ~= "linux" and "S." or nil
local to_syn_ack = server:profile() ~= "freebsd" and "R" or nil
local cases = {
  -- flags            the open port answers   the closed port answers
  { "SYN,FIN",          to_syn_fin,             "R." },
  { "SYN,FIN,PSH",      to_syn_fin,             "R." },
  { "SYN,FIN,RST",      nil,                    nil  },
  { "SYN,FIN,RST,PSH",  nil,                    nil  },
  { "FIN",              nil,                    "R." },
  { "none",             nil,                    "R." },
  { "FIN,PSH,URG",      nil,                    "R." },
  { "SYN,RST",          nil,                    nil  },
  { "SYN,ACK",          to_syn_ack,             "R"  },
  { "FIN,ACK",          "R",                    "R"  },
}

for i, case in ipairs(cases) do
  for _, port in ipairs { OPEN, CLOSED } do
    local from_port = 1000 * i + port
    local answer = case[port == OPEN and 2 or 3]

    at(0.1 * i, function ()
      note(attacker, case[1] .. " to port " .. port)
      attacker:inject { to = server, port = port, from_port = from_port,
        flags = case[1], seq = 1000, ack = 5000 }
    end)
    if answer then
      expect.packet { from = server, to_port = from_port, flags = answer,
        before = 0.1 * i + 0.02, times = 1 }
    else
      expect.no_packet { from = server, to_port = from_port }
    end
  end
end

stop "5s"
