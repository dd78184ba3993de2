
-- Appended to a scenario: a part of the network that nothing happens in.
do
  local one, other = host "unrelated one", host "unrelated other"
  link { one, other, rate = "1Mbit/s", delay = "7ms", jitter = "3ms" }
end
