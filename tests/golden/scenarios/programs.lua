-- Every program that needs no script, in one line each.
title "Programs that need no script"

local a, b = host "a", host "b"
link { a, b, rate = "100Mbit/s", delay = "1ms" }

local sink = b:sink { port = 9 }
local bulk = a:bulk { to = b, port = 9, bytes = "1MB" }
local respond = b:respond { port = 80, request = 10, response = 20, times = 2 }
local request = a:request { to = b, port = 80, request = 10, response = 20,
  times = 5 }
b:respond { port = 81, request = 100, response = 1000 }
local churn = a:churn { to = b, port = 81, request = 100, response = 1000,
  connections = 10 }
b:sink { port = 10 }
local held = a:held { to = b, port = 10, connections = 20, interval = "1ms",
  hold = "1s" }

expect.that(function ()
  return sink:bytes() == 1000000 and bulk:connections() == 1
end)
expect.that(function () -- the server closes after two answers
  return respond:exchanges() == 2 and request:received() == 40
end)
expect.that(function () return churn:connections() == 10 end)
expect.that(function ()
  return held:connections() == 20 and held:most_open() == 20
end)
