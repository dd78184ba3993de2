title "ports that are none"
local a, b = host "a", host "b"
link { a, b }
a:scan { to = b, ports = "80-70000" }
