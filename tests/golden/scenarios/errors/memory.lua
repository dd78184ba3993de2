-- The scenario wants more memory than there is for it.
local line, texts = ("x"):rep(10000), {}
for i = 1, 20 do
  texts[i] = line:rep(3000 + i)
end
