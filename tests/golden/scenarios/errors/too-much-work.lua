-- An application does more in one instant than any scenario needs.
local client = host "client"
client:run(function (os)
  os.sleep "1s"
  table.move({}, 1, 1e10, 2)
end)
