-- A host has a knob that does not exist.
local client = host("client", { time_wiat = "10s" })
