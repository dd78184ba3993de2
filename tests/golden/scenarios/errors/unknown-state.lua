-- An expectation names a state that does not exist.
local client = host "client"
expect.states(client, "ESTABLISHED", "FINWAIT-1")
