#!/bin/bash
# Every scenario of the library holds under every profile, twice, with the same
# fingerprint; and a host's sysctl names do what they say.
. "$(dirname "${BASH_SOURCE[0]}")/tests.sh"

# twice PROFILE: all of the library, two times, each in one process
twice()
{
  "$linger" run -q --plot=none --capture=none --profile="$1" --out="$1-1" \
    "$top"/scenarios/[0-9]*.lua &&
    "$linger" run -q --plot=none --capture=none --profile="$1" --out="$1-2" \
      "$top"/scenarios/[0-9]*.lua
}

for profile in rfc9293 linux freebsd; do
  check "the library holds under $profile, twice" twice "$profile"
  for file in "$top"/scenarios/[0-9]*.lua; do
    name=$(basename "$file" .lua)
    check "$name under $profile leaves the same twice" \
      diff -r "$profile-1/$name" "$profile-2/$name"
  done
done

cat >sysctl.lua <<'LUA'
local client, server = host "client", host "server"
link { client, server, delay = "10ms" }
client:sysctl("net.ipv4.tcp_fin_timeout", 5)
server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  os.sleep "60s"
end)
client:run(function (os)
  local conn = os.connect("server", 80)
  conn:close()
end)
expect.duration(client, "FIN-WAIT-2", "5s")
LUA
check 'a sysctl sets its knob' \
  "$linger" run -q --plot=none --profile=linux --out=out sysctl.lua

cat >three.lua <<'LUA'
local client = host("client", { profile = "linux" })
client:sysctl("net.ipv4.tcp_rmem", "4096 20000 8388608")
client:run(function (os)
  expect.equal(os.listen(80):getsockopt "SO_RCVBUF", 8760)
end)
LUA
check 'a sysctl takes three numbers' \
  "$linger" run -q --plot=none --out=out three.lua

cat >ttl.lua <<'LUA'
local client, server = host("client", { ttl = 9 }), host "server"
link { client, server, delay = "10ms" }
client:run(function (os) os.connect("server", 80) end)
expect.packet { from = client, filter = "ip[8] = 9", times = 1 }
LUA
check 'the time to live is the user'"'"'s choice (RFC 9293 MUST-49)' \
  "$linger" run -q --plot=none --out=out ttl.lua

# says TEXT SCRIPT: the script is wrong, and the error has the text.
says()
{
  echo "$2" >wrong.lua
  "$linger" run --plot=none --out=out wrong.lua 2>err
  [ $? = 2 ] && grep -F -- "$1" err
}
check 'an unknown sysctl is an error that names the nearest' \
  says '"net.ipv4.tcp_fin_timeout"' \
  'host("a"):sysctl("net.ipv4.tcp_fin_timout", 5)'
check 'a value out of range is an error' \
  says 'out of range' 'host("a"):sysctl("net.ipv4.tcp_syn_retries", 1000)'
check 'words are no numbers' \
  says 'one number, or three' 'host("a"):sysctl("net.ipv4.tcp_rmem", "1 few")'
check 'an unknown profile is an error that names the nearest' \
  says '"linux"' 'host("a", { profile = "linx" })'
finish
