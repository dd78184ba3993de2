#!/bin/bash
# linger run --as-pkt: a run of the library, written as a script at either end,
# holds when linger pkt runs it; what cannot be written is told.
. "$(dirname "$0")/../golden/tests.sh"

# written SCENARIO HOST [OPTION...]: HOST's script is in out/
written()
{
  local scenario=$1 host=$2
  shift 2
  "$linger" run -q --plot=none --capture=none --out=out "--as-pkt=$host" "$@" \
    "$top/scenarios/$scenario.lua" >/dev/null
}

# round SCENARIO HOST [OPTION...]: its script holds
round()
{
  rm -rf out
  written "$@" && "$linger" pkt "out/$2.pkt"
}

for scenario in 101-three-way-handshake 102-the-syn-is-lost \
  105-connection-refused 110-a-slow-reader 201-client-closes-first \
  205-half-close 208-fin-at-a-closed-window 215-user-timeout \
  301-the-first-fin-is-lost 305-no-fin-arrives 306-the-fin-overtakes-data \
  307-the-fin-comes-twice 401-abort-by-rst; do
  for host in client server; do
    check "$scenario holds at the $host" round $scenario $host
  done
done
for profile in linux freebsd; do
  check "303-the-second-fin-is-lost holds under $profile" \
    round 303-the-second-fin-is-lost server --profile=$profile
  check "203-three-segments-end-it holds over IPv6 under $profile" \
    round 203-three-segments-end-it client --profile=$profile --family=ipv6
done

# differs: a script whose last packet is another one does not hold
differs()
{
  written 201-client-closes-first client &&
    sed -i 's/> \. 9:9(0) ack 2/> . 9:9(0) ack 3/' out/client.pkt &&
    exits 1 "$linger" pkt out/client.pkt
}
check 'a packet that is another one is found' differs

written 201-client-closes-first server
check 'the calls of the host stand at their times' equal \
  "$(grep -E ' (accept|read|close)\(' out/server.pkt)" \
  '0.150236 accept(3, ..., ...) = 4
0.150236 read(4, ..., 7) = 7
0.350178 read(4, ..., 1000) = 0
0.550178 close(4) = 0'

# refuses NAME MESSAGE SCENARIO HOST
refuses()
{
  check "$1 is told" equal "$(written "$3" "$4" 2>&1 |
    sed 's/.*as a script: //; s/.*--as-pkt/--as-pkt/')" "$2"
  check "$1 is a wrong request" exits 2 written "$3" "$4"
}

refuses two-connections \
  'it has a second connection, from its port 5002 with 10.0.0.2 port 80' \
  109-a-full-backlog client
refuses no-such-host '--as-pkt=nobody: the scenario has no host of this name' \
  201-client-closes-first nobody
refuses an-icmp-message 'an ICMP message reaches it' 107-unreachable client
refuses a-port-used-again \
  'it has a second connection between the same ports' \
  309-old-duplicate-new-connection server
finish
