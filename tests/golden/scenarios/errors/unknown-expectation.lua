-- An expectation does not exist.
local client = host "client"
expect.pakcet { from = client }
