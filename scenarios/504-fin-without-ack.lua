-- From the second segment on every honest segment has ACK, FINs too. A FIN
-- without it belongs to no connection: port scanners send it, because filters
-- that look at SYNs do not see it.
--
-- A TCP with a connection drops it, for a segment without ACK says nothing
-- about whether its sender has heard us (RFC 9293 3.10.7.4, fifth step). But
-- before that it looks at the number, and a wrong one gets an ACK: "this is
-- what I expect". Linux looks at the flags first, and stays silent.
--
-- Look at: the same FIN with ACK, at the end: one flag more, and it is
-- believed.

title "FIN without ACK: nobody's end"
topic "What no honest stack sends"
tags { "flags", "forged", "fin", "scan" }
question "What could anybody do to a connection if such FINs counted?"

local attacker, server = host "attacker", host "server"
link { attacker, server, rate = "10Mbit/s", delay = "5ms" }
local linux = server:profile() == "linux"

server:run(function (os)
  local listener = os.listen(80)
  while true do listener:accept() end
end)

local wrong = not linux and ". seq 1 ack 1" or nil
local cases = {
  -- port, is open, segment, answer, state after
  { 81, false, "F 0:0(0)", "R. seq 0 ack 1", "CLOSED" },
  { 80, false, "F 0:0(0)", nil, "LISTEN" },
  { 80, true, "F 1:1(0)", nil, "ESTABLISHED" },
  { 80, true, "FP 1:101(100)", nil, "ESTABLISHED" },
  { 80, true, "F -1000:-1000(0)", wrong, "ESTABLISHED" },
  { 80, true, "F 70000:70000(0)", wrong, "ESTABLISHED" },
  { 80, true, "F. 1:1(0) ack 1", ". seq 1 ack 2", "CLOSE-WAIT" },
}

attacker:run(function (os)
  for i, case in ipairs(cases) do
    local to, open, segment, answer, state = table.unpack(case, 1, 5)
    local raw = os.raw("server", to, { port = 1000 + i })

    if open then
      raw:send "S 0:0(0)"
      raw:receive()
      raw:send ". 1:1(0) ack 1"
      os.sleep "10ms"
    end
    raw:send(segment)
    local heard = raw:receive "50ms"
    local text = heard and
      ("%s seq %d ack %d"):format(heard.flags, heard.seq, heard.ack)
    expect.equal(text or "silence", answer or "silence",
      ("%s to %d%s"):format(segment, to, open and ", open" or ""))
    expect.equal(server:state(to, attacker, 1000 + i), state, "after it")
  end
end)
stop "2s"
