-- Losses seldom come alone: a radio link fades, a queue overflows, and many
-- packets in a row are gone. Gilbert's and Elliott's model has two states, a
-- good one in which nothing is lost and a bad one in which most is, and changes
-- between them at random.
--
-- Two clients send 100 kB each. On both ways one packet in ten is lost in the
-- long run; on the second way the losses come in bursts.
--
-- Look at: how the losses lie in the two conversations, and how often each
-- sender had to wait for a time-out, since nothing behind a loss arrived that
-- could have told of it.

title "The same loss, alone and in bursts"
topic "Ending it through loss"
tags { "loss", "netem", "random", "retransmission" }
question "Why is one loss of five packets not five times as bad as one of one?"

local BYTES = 100000
local ways = {
  { name = "alone", netem = { loss = "10%" } },
  -- from good to bad, from bad to good, loss in the bad state, in the good one
  { name = "bursts", netem = { loss = {
    gemodel = { "5.5%", "50%", "100%", "0%" } } } },
}

for i, way in ipairs(ways) do
  local client = host(way.name)
  local server = host("server-" .. way.name)
  local sent, lost = {}, {}

  way.netem.from = client
  link { client, server, rate = "10Mbit/s", delay = "20ms",
    queue = 1000 }:netem(way.netem)
  local sink = server:sink {}
  client:bulk { to = server, bytes = BYTES, at = i }

  local function key(packet) return packet.seq .. "/" .. packet.attempt end
  client:on("sent", function (packet) sent[#sent + 1] = key(packet) end)
  on.packet({ from = client, event = "dropped" }, function (packet)
    lost[key(packet)] = true
  end)

  -- how many in a row, on average
  function way.mean_burst()
    local losses, bursts, before = 0, 0, false
    for _, name in ipairs(sent) do
      if lost[name] then
        losses = losses + 1
        if not before then bursts = bursts + 1 end
      end
      before = lost[name]
    end
    return losses / bursts, losses
  end

  expect.that(function () return sink:bytes() == BYTES, sink:bytes() end,
    way.name .. ": all bytes arrive")
  expect.packet { from = client, fate = "dropped", min = 0, max = 50 }
  expect.packet { from = client, retransmission = true, min = 0, max = 60 }
  expect.packet { from = client, flags = "F.", fate = "delivered", min = 1 }
  expect.time { host = client, state = "TIME-WAIT", before = "5min" }
end

-- (of a few losses nothing can be said)
expect.that(function ()
  local alone, bursts = ways[1].mean_burst(), ways[2].mean_burst()
  local _, losses = ways[2].mean_burst()
  return losses < 8 or bursts > alone, ("%.2f and %.2f"):format(alone, bursts)
end, "the bursts are longer where losses come in bursts")
