-- The scenario is no Lua.
local client = host "client
