-- A link ends at something that is no host.
local client = host "client"
link { client, "server", rate = "10Mbit/s", delay = "50ms" }
