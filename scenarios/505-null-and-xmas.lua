-- NULL is a segment without any flag, Xmas one that is lit like a tree: FIN,
-- PSH and URG. Neither has ACK, so neither can belong to a connection, whatever
-- else it carries.
--
--   nothing is open   RST
--   LISTEN            silence: it is no SYN
--   open              dropped, with all its text; if the number is wrong, most
--                     stacks say what they expect
--
-- Silence where something listens, RST where nothing does: that is what both
-- scans are for (512).
--
-- Look at: the text of a NULL is lost although its number is right. With ACK
-- the same tree is an ordinary last segment, and its text is read.

title "NULL and Xmas: no flags, and too many"
topic "What no honest stack sends"
tags { "flags", "forged", "scan" }
question "Windows answers NULL and Xmas by RST on open ports, too. What does \z
  that tell a scanner?"

local attacker, server = host "attacker", host "server"
link { attacker, server, rate = "10Mbit/s", delay = "5ms" }
local linux = server:profile() == "linux"

local read = 0
server:run(function (os)
  local listener = os.listen(80)
  while true do
    local conn = listener:accept()
    os.spawn(function ()
      local data = conn:receive()
      while data and data ~= "" do
        read, data = read + #data, conn:receive()
      end
    end)
  end
end)

local wrong = not linux and ". ack 1" or nil
local cases = {
  -- port, is open, segment, answer, state after
  { 81, false, "none 0:0(0)", "R. ack 0", "CLOSED" },
  { 81, false, "FPU 0:0(0)", "R. ack 1", "CLOSED" },
  { 80, false, "none 0:0(0)", nil, "LISTEN" },
  { 80, false, "FPU 0:0(0)", nil, "LISTEN" },
  { 80, true, "none 1:101(100)", nil, "ESTABLISHED" },
  { 80, true, "FPU 1:101(100) urg 100", nil, "ESTABLISHED" },
  { 80, true, "none 70000:70000(0)", wrong, "ESTABLISHED" },
  { 80, true, "FPU 70000:70000(0)", wrong, "ESTABLISHED" },
  { 80, true, "FPU. 1:101(100) ack 1 urg 100", ". ack 102", "CLOSE-WAIT" },
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
    local heard = raw:receive "100ms"
    expect.equal(heard and heard.flags .. " ack " .. heard.ack or "silence",
      answer or "silence", ("%s to %d%s"):format(segment, to,
        open and ", open" or ""))
    expect.equal(server:state(to, attacker, 1000 + i), state, "after it")
  end
end)

-- (to Linux the urgent byte is none of the stream: 506)
local text = linux and 99 or 100
expect.that(function () return read == text, read .. " bytes" end,
  "only the text of the last segment is read")
stop "2s"
