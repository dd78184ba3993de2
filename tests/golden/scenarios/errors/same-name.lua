-- Two hosts have the same name.
local client, other = host "client", host "client"
