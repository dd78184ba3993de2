-- SYN, FIN and RST in one segment, with or without PSH: open, finish, and
-- forget it. TCP looks at the flags in a fixed order (RFC 9293 3.10.7), and
-- where the RST comes first, it decides alone:
--
--   nothing is open, LISTEN   ignored, as each RST is
--   SYN-SENT                  ignored: it does not acknowledge the SYN
--   open                      a RST with its number: exact, the connection is
--                             reset; in the window, it is asked; outside, it is
--                             ignored
--
-- So a filter that lets through what is not "SYN alone" lets through a RST.
--
-- Look at: the answers are those to a plain RST (compare 405 and 406). Under
-- `--profile linux` there is a trace of the other flags: a SYN or FIN makes
-- the segment longer, and one number below the window then touches it.

title "SYN+FIN+RST: the RST decides"
topic "What no honest stack sends"
tags { "flags", "forged", "rst" }
question "Why does RFC 9293 look at RST before SYN, and at SYN before ACK?"

local attacker, server = host "attacker", host "server"
link { attacker, server, rate = "10Mbit/s", delay = "5ms" }
local linux = server:profile() == "linux"

local told = {}
server:run(function (os)
  local listener = os.listen(80)
  while true do
    local conn = listener:accept()
    os.spawn(function ()
      local _, why = conn:receive_all()
      table.insert(told, why)
    end)
  end
end)

-- Each of them with and without PSH.
local cases = {
  -- port, is open, number, answer, state after
  { 81, false, 0, nil, "CLOSED" },
  { 80, false, 0, nil, "LISTEN" },
  { 80, true, 1, nil, "LISTEN" }, -- the connection is gone
  { 80, true, 2, ".", "ESTABLISHED" },
  { 80, true, 0, linux and "." or nil, "ESTABLISHED" },
  { 80, true, -1000, nil, "ESTABLISHED" },
}

attacker:run(function (os)
  local port = 1000
  for _, case in ipairs(cases) do
    local to, open, number, answer, state = table.unpack(case, 1, 5)
    for _, flags in ipairs { "SFR", "SFRP" } do
      local name = ("%s to %d%s, number %d"):format(flags, to,
        open and ", open" or "", number)
      port = port + 1
      local raw = os.raw("server", to, { port = port })
      if open then
        raw:send "S 0:0(0)"
        raw:receive()
        raw:send ". 1:1(0) ack 1"
        os.sleep "10ms"
      end
      raw:send(("%s %d:%d(0)"):format(flags, number, number))
      local heard = raw:receive "50ms"
      expect.equal(heard and heard.flags or "silence", answer or "silence",
        name)
      expect.equal(server:state(to, attacker, port), state, "after it")
    end
  end
end)

expect.that(function ()
  local all = table.concat(told, " ")
  return all == "ECONNRESET ECONNRESET", all
end, "two programs are told ECONNRESET")
stop "3s"
