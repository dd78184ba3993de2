-- A function of the interface does not exist.
local client, server = host "client", host "server"
lonk { client, server }
