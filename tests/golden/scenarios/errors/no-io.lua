-- The sandbox has no files.
local file = io.open("/etc/passwd")
