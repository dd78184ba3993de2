-- A fault is chosen by a probability above one.
local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }
wire:loss(1.5)
