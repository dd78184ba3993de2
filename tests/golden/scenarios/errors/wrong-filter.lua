-- A filter is none that libpcap understands.
local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }
wire:drop { from = client, filter = "tcp[tcpflags] & tpc-fin != 0" }
