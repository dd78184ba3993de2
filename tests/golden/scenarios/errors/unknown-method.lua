-- A method of a link does not exist.
local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }
wire:dorp { from = client, nth = 1 }
