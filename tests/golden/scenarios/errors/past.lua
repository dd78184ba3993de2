-- A wrong time: an event in the past.
local client = host "client"
after("1s", function () at("500ms", function () end) end)
