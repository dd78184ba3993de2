-- An application loops without ever waiting.
local client = host "client"
client:run(function (os)
  os.sleep "1s"
  while true do end
end)
