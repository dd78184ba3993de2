-- An application loops without ever waiting.
local client = host "client"
client:run(function (os)
  os.sleep "1s"
  local n = 0
  while true do
    n = n + 1
  end
end)
