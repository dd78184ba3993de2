-- A key has a value of the wrong type.
local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }
wire:drop { from = client, nth = "first" }
