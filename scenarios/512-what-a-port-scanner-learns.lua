-- A port scanner knocks at ports and draws its conclusions from what comes
-- back. Every kind of knock asks TCP a different question:
--
--   syn      the first step of a handshake, never finished. SYN,ACK: open.
--            RST: closed. (The scanner's own TCP, which knows nothing of all
--            this, answers the SYN,ACK by a RST: the server's program does not
--            even learn that somebody was there.)
--   connect  a whole handshake, by the operating system's own connect().
--   fin, null, xmas
--            segments that belong to no connection. A closed port answers by
--            RST; an open one drops them (RFC 9293 3.10.7.2). Silence then
--            means: open, or a filter has dropped it.
--   ack      tells nothing of open and closed, for both answer by RST. But it
--            tells whether a filter is there.
--
-- Two servers with the same ports: 22 and 80 open, 443 closed. In front of the
-- second stands a firewall that lets connections to port 80 begin, rejects 22
-- by ICMP, and drops all else without a word.
--
-- Look at: what the same question learns from the two. The firewall makes
-- closed ports and missing hosts look alike, and only to connect and syn does
-- port 80 show that it is open.

title "What a port scanner learns"
topic "What no honest stack sends"
tags { "flags", "firewall", "scan" }
question "Why does a FIN scan tell nothing of the guarded host?"

local scanner, bare, guarded = host "scanner", host "bare", host "guarded"
local wall = firewall("wall", {
  loose = false,
  policy = "drop",
  rules = {
    { state = "ESTABLISHED|RELATED", action = "accept" },
    { filter = "tcp dst port 80", state = "NEW", action = "accept" },
    { filter = "tcp dst port 22", state = "NEW", action = "reject",
      with = "icmp admin-prohibited" },
  },
})
link { scanner, bare, rate = "10Mbit/s", delay = "5ms" }
link { scanner, wall, rate = "10Mbit/s", delay = "5ms" }
link { wall, guarded, rate = "10Mbit/s", delay = "5ms" }

for _, server in ipairs { bare, guarded } do
  for _, port in ipairs { 22, 80 } do
    server:run(function (os)
      local listener = os.listen(port)
      while true do listener:accept() end
    end)
  end
end

local kinds = { "syn", "connect", "fin", "null", "xmas", "ack" }
local PORTS = { 22, 80, 443 }
local learned = { bare = {}, guarded = {} }
local reports = {}

scanner:run(function (os)
  for _, target in ipairs { bare, guarded } do
    for _, kind in ipairs(kinds) do
      local scan = scanner:scan { to = target, ports = PORTS, kind = kind,
        timeout = "200ms" }
      local report = scan:wait()

      learned[target:name()][kind] = report.states
      reports[#reports + 1] = target:name() .. "\n" .. tostring(report)
    end
  end
end)

local wanted = {
  bare = {
    syn     = { "open", "open", "closed" },
    connect = { "open", "open", "closed" },
    fin     = { "open|filtered", "open|filtered", "closed" },
    null    = { "open|filtered", "open|filtered", "closed" },
    xmas    = { "open|filtered", "open|filtered", "closed" },
    ack     = { "unfiltered", "unfiltered", "unfiltered" },
  },
  guarded = {
    syn     = { "filtered", "open", "filtered" },
    connect = { "filtered", "open", "filtered" },
    fin     = { "open|filtered", "open|filtered", "open|filtered" },
    null    = { "open|filtered", "open|filtered", "open|filtered" },
    xmas    = { "open|filtered", "open|filtered", "open|filtered" },
    ack     = { "filtered", "filtered", "filtered" },
  },
}

-- A connect scan sees what its own operating system makes of the ICMP error:
-- FreeBSD believes it as it would a RST.
if scanner:profile() == "freebsd" then
  wanted.guarded.connect[1] = "closed"
end

for _, name in ipairs { "bare", "guarded" } do
  for _, kind in ipairs(kinds) do
    for i, port in ipairs(PORTS) do
      expect.that(function ()
        local found = learned[name][kind] and learned[name][kind][port]
        local what = kind .. " of " .. name .. ":" .. port
        return found == wanted[name][kind][i],
          what .. " is " .. tostring(found) .. ", not " .. wanted[name][kind][i]
      end)
    end
  end
end
expect.that(function ()
  print(table.concat(reports, "\n"))
  return true
end)

stop "30s"
