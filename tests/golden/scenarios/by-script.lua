-- One side of a connection is written in packetdrill's lines: what leaves
-- here (<) and what must come (>), with the times of this side.
title "A server answers a script of packets"

local peer, server = host "peer", host "server"
link { peer, server, delay = "10ms" }

server:run(function (os)
  local listener = os.listen(80)
  local conn = listener:accept()
  conn:receive_all()
  conn:send "goodbye"
  conn:close()
end)

peer:script [[
  0     < S 0:0(0) win 1000 <mss 1000,nop,nop,TS val 7 ecr 0>
  +.02  > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 100 ecr 7>
  +0    < . 1:1(0) ack 1 win 1000 <nop,nop,TS val 8 ecr 100>
  +.1   < FP. 1:11(10) ack 1 win 1000 <nop,nop,TS val 9 ecr 100>
  +.02  > . 1:1(0) ack 12 <...>
  +0    > P. 1:8(7) ack 12 <...>
  +0    > F. 8:8(0) ack 12 <...>
  +0    < . 12:12(0) ack 9 win 1000 <nop,nop,TS val 10 ecr 100>
]]

expect.data(server, 10)
