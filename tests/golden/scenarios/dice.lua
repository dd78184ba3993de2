-- Everything that draws from the seed: initial numbers and ports, loss, jitter,
-- duplication, a scenario's own random numbers, and the order of tables.

title "Many dice"

local LINK = { rate = "10Mbit/s", delay = "20ms", jitter = "5ms" }
local server = host "server"

local function join(client)
  local spec = { client, server }
  for key, value in pairs(LINK) do spec[key] = value end
  local wire = link(spec)
  wire:loss(0.05)
  wire:duplicate { probability = 0.05, delay = "30ms" }
  return wire
end

server:run(function (os)
  local listener = os.listen(80)
  while true do
    local conn = listener:accept()
    os.spawn(function ()
      conn:receive_all()
      conn:send(20000)
      conn:close()
    end)
  end
end)

local starts = {}
for i = 1, 4 do
  local client = host("client" .. i)
  join(client)
  starts["client" .. i] = { client = client, at = math.random() }
end

for name, start in pairs(starts) do
  note(("%s starts at %.6f s"):format(name, start.at))
  start.client:run(function (os)
    os.sleep(start.at)
    local conn = os.connect("server", 80)
    conn:send(10000)
    conn:shutdown "send"
    conn:receive_all()
    conn:close()
  end)
end

stop "30s"
