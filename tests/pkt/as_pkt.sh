#!/bin/bash
# linger run --as-pkt: a run of the library, written as scripts at either end,
# holds when linger pkt runs them; what they have not got is told.
. "$(dirname "$0")/../golden/tests.sh"

# written SCENARIO HOST [OPTION...]: HOST's script is in out/
written()
{
  local scenario=$1 host=$2
  shift 2
  "$linger" run -q --plot=none --capture=none --out=out "--as-pkt=$host" "$@" \
    "$top/scenarios/$scenario.lua" >/dev/null
}

# round SCENARIO HOST [OPTION...]: its scripts hold
round()
{
  rm -rf out
  written "$@" && "$linger" pkt out
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

# told SCENARIO HOST TEXT: its scripts hold, and TEXT is what was said
told()
{
  local text
  rm -rf out
  text=$(written "$1" "$2" 2>&1) && equal "$text" "$3" && "$linger" pkt out
}

check 'of two connections each is a script' told 507-bad-checksum server \
  "server has 2 connections, and packetdrill follows one at a time: server.pkt \
to server-2.pkt are one each
server.pkt: left out: 0.130165 s: a segment whose checksum is wrong: \
packetdrill's are right
server.pkt: left out: 3.010000 s: a segment whose checksum is wrong: \
packetdrill's are right"
check 'and says so' equal "$(sed -n 2p out/server-2.pkt)" \
  '// connection 2 of 2; packetdrill follows one at a time'
check 'a closed port answers' equal "$(tail -n 2 out/server-2.pkt)" \
  '3.010000 < S 0:0(0) win 65535
3.010000 > R. 0:0(0) ack 1'
check 'what is left out stands in its place' equal \
  "$(grep -c '^// 0.130165 left out' out/server.pkt)" 1

check 'a crash ends the scripts' told 314-the-peer-reboots server \
  "server has 2 connections, and packetdrill follows one at a time: server.pkt \
to server-2.pkt are one each
server.pkt: left out: 1.000000 s: all from here on: the host crashes, which no \
script can make it do
server-2.pkt: left out: 1.000000 s: all from here on: the host crashes, which \
no script can make it do"

for host in client refused; do
  case $host in
  client) scenario=107-unreachable ;;
  *) scenario=413-the-path-goes-silent ;;
  esac
  check "errors of ICMP reach the $host" round $scenario $host
  check "errors of ICMP reach the $host over IPv6" round $scenario $host \
    --family=ipv6
done
check 'an error names its segment' equal \
  "$(rm -rf out; written 413-the-path-goes-silent refused 2>/dev/null
    grep -m1 icmp out/refused.pkt | cut -d' ' -f2-)" \
  '< icmp unreachable packet_filtered [1:15(14)]'

for host in older server; do
  check "a port used again is another script ($host)" \
    round 211-reusing-the-port $host
done
check 'what a scanner sends meets each port alone' \
  round 512-what-a-port-scanner-learns bare

# alone SCENARIO HOST TEXT: what its other connections did is told
alone()
{
  rm -rf out
  written "$1" "$2" 2>&1 | grep -F "$3"
}
check 'a backlog that others fill is told' alone 109-a-full-backlog server \
  'server-3.pkt does not hold alone: server-3.pkt:'
check 'an application within the answer holds' round 311-bursty-loss alone
check 'options without words are told' alone 509-options-that-lie server \
  'options of a kind or a length that packetdrill has no words for'
check 'an echo of what was not sent is told' alone \
  309-old-duplicate-new-connection server-ts \
  'echoes a timestamp that this connection has not sent'

# refuses NAME MESSAGE SCENARIO HOST
refuses()
{
  check "$1 is told" equal \
    "$(written "$3" "$4" 2>&1 | sed 's/.*--as-pkt/--as-pkt/')" "$2"
  check "$1 is a wrong request" exits 2 written "$3" "$4"
}

refuses no-such-host '--as-pkt=nobody: the scenario has no host of this name' \
  201-client-closes-first nobody
refuses no-connection "--as-pkt=server: there is nothing to write: the host \
takes part in no connection" 107-unreachable server
refuses others-names "--as-pkt=proxy: there is nothing to write: the host takes \
part in no connection but in the name of others, whose addresses a script's \
host has not got" 415-a-proxy-acknowledges-the-fin proxy
finish
