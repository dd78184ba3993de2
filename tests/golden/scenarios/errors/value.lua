-- The scenario wants a text that is too long.
local text = ("x"):rep(100000000)
