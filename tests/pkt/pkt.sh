#!/bin/bash
# linger pkt: own scripts, of Linux and of FreeBSD, hold in all three variants;
# a wrong script is told with its place; a packet that differs is shown beside
# the one expected.
# shellcheck disable=SC2016
. "$(dirname "$0")/../golden/tests.sh"

scripts=$top/tests/pkt/scripts
for version in ipv4 ipv4-mapped-ipv6 ipv6; do
  for script in "$scripts"/*.pkt "$top"/tests/pkt/freebsd/*.pkt; do
    [[ $version != ipv6 || $script != *-v4.pkt ]] || continue
    mtu=1500
    [ $version != ipv6 ] || mtu=1520
    check "$(basename "$script" .pkt) holds over $version" \
      "$linger" pkt --ip_version=$version --mtu=$mtu "$script"
  done
done

# Scripts of a real Linux, which against-linux compares. ICMPv6 has other codes.
for version in ipv4 ipv4-mapped-ipv6 ipv6; do
  mtu=1500 own=('*.pkt')
  [ $version != ipv6 ] || mtu=1520 own=('*.pkt' ! -name 'icmp-*' ! -name 'pmtu*')
  check "what holds on Linux holds over $version" xargs -a <(
    find "$top/tests/pkt/linux" -name "${own[@]}" | sort
  ) "$linger" pkt --quiet --profile=linux --ip_version=$version --mtu=$mtu
done

# refuses NAME MESSAGE TEXT: the script is wrong, and the message says where
refuses()
{
  local status=0
  printf '%s\n' "$3" >"$1.pkt"
  "$linger" pkt --width=80 "$1.pkt" >"$1.out" || status=$?
  check "$1 is told with its place" equal "$status $(sed -n 2p "$1.out")" \
    "2 $1.pkt:$2"
}

# The lines of the table: its names, messages and scripts.
name='' message='' text=''
while IFS= read -r line; do
  if [[ $line == '== '* ]]; then
    [ -z "$name" ] || refuses "$name" "$message" "${text%$'\n'}"
    name=${line#== } text=
    IFS= read -r message
  else
    text+=$line$'\n'
  fi
done <"$top/tests/pkt/refusals.txt"
refuses "$name" "$message" "${text%$'\n'}"

# opens VERSION CODE... : each ICMP error is known, and FreeBSD's SYN-SENT,
# where it may not end, survives it
opens()
{
  version=$1
  shift
  {
    echo '`sysctl -w net.inet.tcp.icmp_may_rst=0`'
    echo '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3'
    echo '+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0'
    echo '+0 connect(3, ..., ...) = -1 EINPROGRESS'
    echo '+0 > S 0:0(0) <...>'
    for code; do echo "+0 < icmp $code [0:0(0)]"; done
    echo '1.0 > S 0:0(0) <...>'
  } >icmp-$version.pkt
  check "the codes of ICMP over $version are known" \
    "$linger" pkt --ip_version=$version icmp-$version.pkt
}

opens ipv4 'unreachable precedence_violation' 'unreachable precedence_cutoff' \
  'time_exceeded ttl_exceeded_in_transit' 'time_exceeded frag_reass_exceeded' \
  'parameter_problem code_2' 'type_3 code_13' source_quench redirect
opens ipv6 'unreachable admin_prohibited' 'time_exceeded exceeded_hop_limit' \
  'time_exceeded exceeded_frag_time' 'parameter_problem header_field' \
  'parameter_problem unknown_next_header' 'parameter_problem unknown_option'
printf '0 < icmp unreachable code_256 [0:0(0)]\n' >code.pkt
check 'a code over 255 is told' exits 2 "$linger" pkt code.pkt

# FreeBSD's SYN offers what the path has room for, but over IPv4, while opening,
# only an error that asks for very little is believed.
too_big()
{
  printf '%s\n' '`sysctl -w net.inet.tcp.rfc1323=0`' \
    '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3' \
    '+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0' \
    '+0 connect(3, ..., ...) = -1 EINPROGRESS' '+0 > S 0:0(0) <...>' \
    "+.1 < icmp $2 mtu $3 [0:0(0)]" "1.0 > S 0:0(0) <mss $4,sackOK,eol,eol>" \
    >too-big.pkt
  check "what an MTU of $3 does to the SYN over $1" \
    "$linger" pkt --ip_version="$1" too-big.pkt
}

too_big ipv4 'unreachable frag_needed' 1300 1460
too_big ipv4 'unreachable frag_needed' 575 536
too_big ipv6 'packet_too_big' 1300 1240

refuses deep "1:10002: this is nested too deeply; write fewer brackets" \
  "0 poll($(head -c 12000 /dev/zero | tr '\0' '{')"
refuses long-word "1:3: no command is run, and \"$(head -c 572 /dev/zero |
  tr '\0' x) ..." "0 \`$(head -c 100000 /dev/zero | tr '\0' x)\`"
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n\0\n0 close(9) = 0\n' \
  >zero.pkt
check 'a byte 0 does not end a script' exits 2 "$linger" pkt zero.pkt

control='{cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=9}'
printf '%s\n' '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3' \
  "+0 sendmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 1}], msg_flags=0,
    msg_control=[$(yes "$control," | head -n 100000)
      $control]}, 0) = -1 EPIPE (Broken pipe)" >controls.pkt
check 'TCP passes over any number of control messages' "$linger" pkt controls.pkt
printf '%s\n' '0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3' \
  '+0 connect(3, ..., ...) = 0' '+0 sendmsg(3, {msg_name(...)=...,
    msg_iov(1)=[{..., 1}], msg_flags=0, msg_control=[{cmsg_level=SOL_IPV6,
    cmsg_type=IPV6_HOPLIMIT, cmsg_data=7}]}, 0) = 1' \
  '+0 > (hlim 7) udp (1)' '+0 write(3, ..., 1) = 1' '+0 > (hlim 64) udp (1)' \
  '+0 getsockopt(3, SOL_IPV6, IPV6_UNICAST_HOPS, [64], [4]) = 0' >hops.pkt
check 'the hop limit of one datagram is no other'\''s' \
  "$linger" pkt --ip_version=ipv6 hops.pkt

mkdir -p folder/below && cp zero.pkt folder && mkfifo folder/below/pipe.pkt
ln -s .. folder/below/up
check 'a folder may hold pipes and circles' equal \
  "$(timeout 10 "$linger" pkt -q folder 2>&1 | tail -n 1)" \
  '1 script: 0 ok, 0 failed, 1 not run'

opens=$scripts/opens.pkt
"$linger" pkt -q --out=places "$opens" "$opens" "$opens" "$opens" >/dev/null
check 'each of four scripts of one name has its place' equal \
  "$(ls places | tr '\n' ' ')" 'opens opens-2 opens-3 opens-4 '

# fails NAME MESSAGE TEXT: the script is run, and does not hold
fails()
{
  printf '%s\n' "$3" >"$1.pkt"
  check "$1 fails" exits 1 "$linger" pkt "$1.pkt"
  check "$1 is told" equal "$("$linger" pkt "$1.pkt" | sed -n 2p)" "$1.pkt:$2"
}

fails late '3: this is over 146 years after the script began; write shorter '\
'times' '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+4600000000 fcntl(3, F_SETFL, O_RDWR) = 0
+9000000000 close(3) = 0'
fails lasting '2: this is over 146 years after the script began; write shorter '\
'times' '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+1...9000000000 connect(3, ..., ...) = 0'

printf '0 `rm -rf /`\n' >shell.pkt
check 'a command that is not understood is an error' exits 2 \
  "$linger" pkt shell.pkt
# complains NAME LINE TEXT: a line of commands does not hold, or is not understood
complains()
{
  printf '%s\n' "$3" >"$1.pkt"
  check "$1 is told with its line" equal \
    "$("$linger" pkt --profile freebsd "$1.pkt" | sed -n 2p)" "$1.pkt:$2"
}

complains nobody '2: grep finds no line with "SYN_RCVD" in what the command '\
'before it shows' '
0 `sockstat -s | grep SYN_RCVD`'
complains none '1: grep finds no line with "1" in what the command before it '\
'shows' '0 `sockstat -s | grep -c SYN_RCVD | grep 1`'
complains no-such-connection '1: tcpdrop: there is no such connection' \
  '0 `tcpdrop 192.168.0.1 8080 192.0.2.1 80`'
complains dropped-state '1:3: tcpdrop is understood as tcpdrop -a, -s STATE '\
'(SYN_SENT to TIME_WAIT), or LADDR LPORT FADDR FPORT' '0 `tcpdrop -s LISTEN`'
complains counting '1:3: what a command shows can be read by grep only, not by '\
'"wc"' '0 `sockstat | wc -l`'
complains pattern '1:3: grep is understood as | grep [-cqv] PATTERN, of plain '\
'characters, ".", "^" first and "$" last' '0 `sockstat | grep [0-9]`'
complains sockstat-option '1:3: sockstat is understood with -46clLnqsw, -p '\
'PORTS and -P PROTOCOLS' '0 `sockstat -j 1`'
check 'what sockstat shows is told' equal \
  "$("$linger" pkt --profile freebsd none.pkt | sed -n 3p)" \
  'USER COMMAND    PID FD PROTO LOCAL ADDRESS         FOREIGN ADDRESS       '\
'PATH STATE CONN STATE'

printf '0 < S 0:0(0) win 9\n+0 > R. 0:0(0) ack 2\n' >differs.pkt
check 'a packet that differs fails' exits 1 "$linger" pkt differs.pkt
check 'both packets are shown, and the difference' equal \
  "$("$linger" pkt differs.pkt | sed -n 2,5p)" \
  'differs.pkt:2: the packet that was sent is another one
script: R. 0:0(0) ack 2
actual: R. 0:0(0) ack 1
                  ^^^^^'
check 'TAP counts the scripts' equal \
  "$("$linger" pkt --tap "$scripts" | head -n 1)" \
  "1..$(find "$scripts" -name '*.pkt' | wc -l)"
check 'many at once say the same' equal "$("$linger" pkt -j 4 "$scripts")" \
  "$("$linger" pkt -j 1 "$scripts")"
mkdir -p same/name
cp "$scripts/opens.pkt" same/opens.pkt
cp "$scripts/datagrams.pkt" same/name/opens.pkt
check 'scripts of one name leave their traces apart' \
  "$linger" pkt -q --out=apart --capture=all --plot=none same
for file in opens/trace.pcapng name/opens/packets.tsv; do
  check "$file is there" test -s apart/$file
done
check 'no picture is drawn where none is wanted' \
  test ! -e apart/opens/timeline.svg

printf '+0 `frob`\n' >dry.pkt
check 'a dry run reads only' "$linger" pkt --dry_run dry.pkt
printf -- '--dry_run\n+0 `frob`\n' >dry-inside.pkt
check 'a script may want to be read only' "$linger" pkt dry-inside.pkt
check 'a dry run tells what cannot be read' exits 2 \
  "$linger" pkt --dry_run no-window.pkt
printf -- '--non_fatal=packet\n0 < S 0:0(0) win 9\n+0 > R. 0:0(0) ack 2\n' \
  >goes-on.pkt
check 'a packet that differs may be a warning' "$linger" pkt goes-on.pkt
check 'it is told' equal "$("$linger" pkt goes-on.pkt | sed -n 2p)" \
  'warning: goes-on.pkt:3: the packet that was sent is another one'
printf -- '--non_fatal=packet\n0 close(3) = 0\n' >call-goes.pkt
check 'a call that differs is none then' exits 1 "$linger" pkt call-goes.pkt
check 'a call that differs may be one' \
  "$linger" pkt --non_fatal=syscall call-goes.pkt
printf '0 < S 0:0(0) win 9\n+0 > . 0:0(0) ack 1\n+0 > . 0:0(0) ack 1\n' \
  >nothing.pkt
check 'a packet that does not come fails always' exits 1 \
  "$linger" pkt --non_fatal=packet,syscall nothing.pkt
check 'commands may come first' \
  "$linger" pkt --init_scripts=../common/defaults.sh,true "$scripts/commands.pkt"
check 'they are not run either' exits 2 \
  "$linger" pkt --init_scripts=/bin/rm "$scripts/opens.pkt"
check 'all that a runner of packetdrill says is taken' "$linger" pkt \
  --ip_version=ipv4 --local_ip=192.168.0.1 --gateway_ip=192.168.0.1 \
  --netmask_ip=255.255.0.0 --remote_ip=192.0.2.1 -D TFO_COOKIE=3021b9d889017eeb \
  -D CODE=host_unreachable -D CMSG_LEVEL_IP=SOL_IP "$scripts/opens.pkt"

printf '%s\n' '0 < S 0:0(0) win 9' \
  '+0 > [ect0] R. 0:0(0) ack 1 win 7 <nop,nop,TS val 1 ecr 0,nop,nop,sackOK,eol,eol,eol,eol>' \
  '' >wide.pkt
check 'what does not fit 80 columns takes more lines' equal \
  "$("$linger" pkt wide.pkt | sed -n 3,9p)" \
  'script: [ect0]  R. 0:0(0) ack 1 win 7
actual: [noecn] R. 0:0(0) ack 1 win 0
        ^^^^^^^                 ^^^^^
script: <nop,nop,TS val 1 ecr 0,nop,nop,sackOK,eol,eol,eol,eol>
actual:
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
why:    CLOSED_NO_ACK: nothing is open here: RST that acknowledges the segment'
printf '0 < S 0:0(0) win 9\n+1 > R. 0:0(0) ack 1\n' >late.pkt
check 'a packet at another time is shown with its rule' equal \
  "$("$linger" pkt late.pkt | sed -n 3,5p | cut -c1-30)" \
  'script: R. 0:0(0) ack 1
actual: R. 0:0(0) ack 1
why:    CLOSED_NO_ACK: nothing'
check 'traces are written where they are wanted' \
  "$linger" pkt -q --out=traces "$scripts/opens.pkt"
for file in trace.pcapng packets.tsv states.tsv events.jsonl summary.json \
  timeline.svg; do
  check "$file is among them" test -s traces/opens/$file
done

# thousand: scripts take far less than five seconds, two side by side
thousand()
{
  local i began count
  count=$(find "$scripts" -name '*.pkt' | wc -l)
  mkdir thousand
  for ((i = 0; i * count < 1000; i++)); do
    cp -r "$scripts" "thousand/$i"
  done
  began=$SECONDS
  "$linger" pkt -q -j 2 thousand && [ $((SECONDS - began)) -lt 5 ]
}
check 'a thousand scripts in under five seconds' thousand

finish
