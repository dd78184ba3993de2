-- An expectation names a rule that does not exist.
local client = host "client"
expect.packet { from = client, rule = "TIME_WAIT_FINN" }
