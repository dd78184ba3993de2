-- The urgent pointer counts only if URG is set (RFC 9293 3.1); without it the
-- field must be ignored, whatever it says. Old stacks and filters did not
-- always agree on that, and who wants to hide something likes it when a filter
-- and a host read the same bytes in two ways.
--
-- With URG, hosts differ as well. To RFC 9293 the urgent byte is a byte of the
-- stream like all others. BSD's sockets, and Linux', take it out of the stream
-- and hand it over apart, unless the program asks for SO_OOBINLINE. So HELLO is
-- read as HELLO or as HELO, and a filter that looks for a word must know who
-- reads it.
--
-- Look at: what the two programs read from the same five bytes.

title "An urgent pointer without URG is nothing"
topic "What no honest stack sends"
tags { "flags", "forged", "urgent" }
question "A filter looks for a forbidden word. How would you get it past the \z
  filter with urgent bytes?"

local client = host "client"
local inline = host("inline", { urgent_apart = false, urgent_to_last = false })
local apart = host("apart", { urgent_apart = true, urgent_to_last = false })

local read = { inline = {}, apart = {} }
for _, server in ipairs { inline, apart } do
  local wire = link { client, server, rate = "10Mbit/s", delay = "5ms" }
  local heard = read[server:name()]

  server:run(function (os)
    local listener = os.listen(80)
    while true do
      local conn = listener:accept()
      local all, data = "", conn:receive()
      while data and data ~= "" do
        all, data = all .. data, conn:receive()
      end
      heard[#heard + 1] = all
      note(server, ("the program reads %q"):format(all))
      conn:close()
    end
  end)

  -- The client says HELLO three times. Somebody on the way writes the pointer
  -- into the second one's header, and into the third one's the flag as well.
  local hello = "tcp[tcpflags] & tcp-push != 0"
  wire:rewrite { from = client, filter = hello, nth = 2,
    set = { ["tcp.urg"] = 4 } }
  wire:rewrite { from = client, filter = hello, nth = 3,
    set = { ["tcp.urg"] = 4, ["tcp.flags"] = "PU." } }
  client:run(function (os)
    for _ = 1, 3 do
      local conn = os.connect(server, 80)
      conn:send "HELLO"
      conn:close()
      os.sleep "1s"
    end
  end, server == inline and 0 or "10s")
end

for name, wanted in pairs {
  inline = "HELLO HELLO HELLO",
  apart = "HELLO HELLO HELO",
} do
  expect.that(function ()
    local all = table.concat(read[name], " ")
    return all == wanted, all
  end, name .. " reads " .. wanted)
end
-- all of them end in order
expect.packet { from = client, flags = "F.", times = 6 }
expect.no_packet { filter = "tcp[tcpflags] & tcp-rst != 0" }
