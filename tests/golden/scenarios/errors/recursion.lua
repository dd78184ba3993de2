-- A function calls itself for ever.
local function f() return 1 + f() end
f()
