
-- Appended to a scenario: a part of the network with dice of its own.
do
  local one, other = host "unrelated one", host "unrelated other"
  link { one, other, rate = "1Mbit/s", delay = "7ms", jitter = "3ms" }
    :loss(0.2)
  other:run(function (os)
    local conn = os.listen(7):accept()
    conn:receive_all()
    conn:close()
  end)
  one:run(function (os)
    os.sleep(math.random())
    local conn = os.connect(other, 7)
    conn:send(50000)
    conn:close()
  end)
end
