#!/bin/bash
# Wireshark and tcpdump read every capture, find nothing wrong in it but what a
# scenario made wrong, and count the same as the run does.
# shellcheck disable=SC2016,SC2317
. "$(dirname "$0")/tests.sh"

if ! command -v tshark >/dev/null; then
  skip 'captures are read by tshark' 'tshark is not installed'
  finish
fi
export HOME=$work XDG_CONFIG_HOME=$work

ERROR=$((0x800000)) NOTE=$((0x400000)) # severities of expert information

# One row a frame: 1 number, 2 time, 3 state of TCP's checksum, 4 of IP's
# (0 bad, 1 good), 5 malformed, 6 TCP flags, 7-9 seen before in one sense or
# another, 10 severities, 11 messages, 12 comments, 13-15 what is no TCP: ICMP
# (what it quotes is cut short and has no right sum), ICMPv6, ARP; 16 and
# 17 source in IPv4 and IPv6, 18 where it was captured.
dissect()
{
  tshark -n -r "$1" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
    -o "tcp.analyze_sequence_numbers:${2-TRUE}" --disable-protocol http \
    -T fields -E aggregator='|' \
    -e frame.number -e frame.time_epoch -e tcp.checksum.status \
    -e ip.checksum.status -e _ws.malformed -e tcp.flags \
    -e tcp.analysis.retransmission -e tcp.analysis.fast_retransmission \
    -e tcp.analysis.spurious_retransmission -e _ws.expert.severity \
    -e _ws.expert.message -e frame.comment -e icmp.type -e icmpv6.type \
    -e arp.opcode -e ip.src -e ipv6.src -e frame.interface_name \
    2>tshark.err
}

of_tcp() { awk -F '\t' '$13 $14 $15 == ""' "$1"; }

# The numbers of the frames for which a condition holds.
frames() { awk -F '\t' "$2 { printf \"%s \", \$1 }" "$1"; }

# has_severity SEVERITY: that condition, of a row of dissect()
has_severity() { echo "(\"|\" \$10 \"|\") ~ /\\|$1\\|/"; }

# -- nothing is wrong --

# is_sound ROWS [STATUS [BAD [MALFORMED [ERRORS]]]]: STATUS is that of the IP
# header's checksum, 1; IPv6 has none: ''. The rest are the frames that were
# made wrong.
is_sound()
{
  equal "bad checksum: $(frames "$1" "\$3 != 1 || \$4 != \"${2-1}\"")" \
    "bad checksum: ${3-}" &&
    equal "malformed: $(frames "$1" '$5 != ""')" "malformed: ${4-}" &&
    equal "error: $(frames "$1" "$(has_severity "$ERROR")")" "error: ${5-}"
}

# The frames that a scenario makes wrong (a header that is cut short before the
# checksum has none to be right).
is_as_declared()
{
  case $1 in
    507-*) is_sound one 1 '7 8 ' '' '7 8 ' ;;
    508-*)
      is_sound one 1 '4 5 6 7 12 13 14 15 ' '8 9 10 11 14 15 16 17 18 19 ' \
        '4 5 6 7 8 9 10 11 14 15 16 17 18 19 '
      ;;
    *) is_sound one ;;
  esac
}

# Each frame names the rule that sent it or judged it, unless it was injected.
says_why()
{
  equal "no reason: $(frames "$1" '$12 !~ /\[[A-Z_0-9]+\]|^injected/')" \
    'no reason: '
}

# What an expert may remark about an honest conversation on a bad wire. An
# injected frame may be remarkable in any way.
remarks()
{
  awk -F '\t' '$12 !~ /injected/ {
    count = split($11, message, "|")
    split($10, severity, "|")
    for (i = 1; i <= count; i++)
      if (severity[i] >= '"$NOTE"')
        print "frame " $1 ": " message[i]
  }' "$1" | grep -vE ': (This frame (initiates|undergoes) the connection closing|This frame is a \(suspected\) ((fast|spurious) )?(retransmission|out-of-order segment)|Duplicate ACK \(#[0-9]+\)|Connection reset \(RST\)|Previous segment\(s\) not captured.*|TCP (window specified by the receiver is now completely full|Zero Window (segment|Probe))|ACK to a TCP Zero Window Probe|(ACK to a )?TCP keep-alive segment|A new tcp session is started with the same ports as an earlier session in this trace)$'
}

# not_captured FRAME...: that remark about each
not_captured()
{
  local frame

  for frame; do
    echo "frame $frame: ACKed segment that wasn't captured" \
      '(common at capture start)'
  done
}

# The answer to SYN+FIN acknowledges both; Wireshark counts the SYN only. The
# old connection's ACK is none of the new one's.
remarkable()
{
  case $1 in
    309-*)
      echo 'frame 12: D-SACK Sequence'
      not_captured 12
      ;;
    211-*) not_captured 25 41 ;;
    404-*) not_captured 14 ;;
    410-*)
      echo 'frame 23: D-SACK Sequence'
      not_captured 23
      ;;
    502-*) not_captured 2 4 8 12 ;;
    513-*) not_captured 2 ;;
    511-*) not_captured 3 6 ;;
    501-*) not_captured 5 10 ;;
  esac
}

# -- the same counts --

# of_table DIR VIEW CONDITION: the times of the packets of the run for which the
# condition holds, as they were seen by the host VIEW, or by all.
of_table()
{
  awk -F '\t' -v view="$2" '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    {
      flags = $column["flags"]
      probe = $column["rule"] == "ZERO_WINDOW_PROBE" && $column["length"] > 0
      again = $column["retransmission"] > 0 && !probe
      key = $column["connection"] $column["from_end"] $column["seq"]
      sent = view == "" || $column["from"] == view
      arrived = $column["received_s"] != "NaN" &&
        (view == "" || $column["to"] == view)
      known = key in seen
      if ((sent || arrived) && !probe &&
          $column["seq"] != $column["seq_end"]) seen[key]
    }
    '"$3"' {
      if (sent && $column["fate"] != "duplicate") print $column["sent_s"]
      if (arrived) print $column["received_s"]
    }' "$1/packets.tsv" | sort -g
}

# of_capture ROWS CONDITION: the same of dissected rows
of_capture()
{
  awk -F '\t' 'function bit(n) { return int(hex($6) / n) % 2 }
    function hex(text,  i, value) {
      for (i = 3; i <= length(text); i++)
        value = 16 * value + index("123456789abcdef", substr(text, i, 1))
      return value
    }
    '"$2"' { print $2 }' "$1" | sort -g
}

# agree DIR VIEW ROWS: SYN, FIN, RST at the same times
agree()
{
  equal "$(of_capture "$3" 'bit(2)')" "$(of_table "$1" "$2" 'flags ~ /S/')" &&
    equal "$(of_capture "$3" 'bit(1)')" \
      "$(of_table "$1" "$2" 'flags ~ /F/')" &&
    equal "$(of_capture "$3" 'bit(4)')" "$(of_table "$1" "$2" 'flags ~ /R/')"
}

# A repetition can only be told by who has seen the original; a probe of a
# closed window is told apart from both.
#
# Wireshark takes for a repetition, too: a copy that the network made, an old
# number on the same ports, and text whose original it has not seen when a FIN
# behind it has come.
#
# And a forged segment for the original, if an honest one has its number later.
tells_repetitions()
{
  [[ $1 != 30[79]-* && $1 != 310-* && $1 != 40[46]-* && $1 != 410-* &&
    $1 != 50[3478]-* && $1 != 512-* ]]
}

# Who forges another's segment has sent it, though the table has the other's
# name; what is cut short has no flags to be read.
tells_senders() { [[ $1 != 40[78]-* && $1 != 508-* && $1 != 510-* ]]; }

# The library without what has no checksum, or a wrong one.
sound=()
for file in "$top"/scenarios/[0-9]*.lua; do
  [[ $file != */50[78]-* ]] && sound+=("$file")
done

agree_on_repetitions()
{
  equal "$(of_capture "$3" '$7 $8 $9 != ""')" \
    "$(of_table "$1" "$2" 'again && known')"
}

# -- every scenario --

count() { awk 'END { print NR }' "$1"; }

reads()
{
  dissect "$1/trace.pcapng" >every || { cat tshark.err; return 1; }
  of_tcp every >one
  [ "$(count one)" -gt 0 ] &&
    equal "$(grep -v '^Running as user' tshark.err)" ''
}

others_read()
{
  ! command -v tcpdump >/dev/null ||
    equal "$(tcpdump -nr "$1" 2>/dev/null | grep -c '^[0-9]')" "$2" || return 1
  ! command -v capinfos >/dev/null ||
    equal "$(capinfos -MTrc "$1" | cut -f 2)" "$2"
}

lost_are_read()
{
  local wrong=''

  [[ $1 != */507-* ]] || wrong='1 2 3 '
  dissect "$1/dropped.pcapng" FALSE >dropped &&
    equal "$(count dropped)" \
      "$(awk -F '\t' '$16 == "dropped"' "$1/packets.tsv" | count -)" &&
    is_sound dropped 1 "$wrong" '' "$wrong" &&
    equal "no reason: $(frames dropped '$12 == ""')" 'no reason: '
}

for file in "$top"/scenarios/[0-9]*.lua "$golden/scenarios/losses.lua"; do
  name=$(basename "$file" .lua)
  check "$name runs" "$linger" run -q --plot=none "$file"
  check "$name is read by tshark" reads "out/$name"
  host=$(awk -F '\t' '{ sub(/ .*/, "", $18); print $18; exit }' every)
  check "$name: no malformed packet or bad checksum that is not meant" \
    is_as_declared "$name"
  check "$name: every packet says why" says_why one
  check "$name: nothing to remark that is not known" \
    equal "$(remarks one)" "$(remarkable "$name")"
  tells_senders "$name" &&
    check "$name: SYNs, FINs and RSTs are the run's" \
      agree "out/$name" "$host" one
  tells_repetitions "$name" &&
    check "$name: retransmissions are the run's" \
      agree_on_repetitions "out/$name" "$host" one
  check "$name: what was lost can be read" lost_are_read "out/$name"
  check "$name: tcpdump and capinfos count the same" \
    others_read "out/$name/trace.pcapng" "$(count every)"
done

# -- seen by all, and over IPv6: all scenarios' captures in one --

# packets_of DIR: of the tables of all runs in DIR, with one heading
packets_of() { awk 'FNR > 1 || NR == 1' "$1"/*/packets.tsv; }

# together DIR PATTERN OPTION...: runs the scenarios of the library that have no
# line like PATTERN and joins what they leave
together()
{
  local dir=$1 pattern=$2 files
  shift 2
  mapfile -t files < <(grep -LE "$pattern" "${sound[@]}")
  "$linger" run -q --plot=none --out="$dir" "$@" "${files[@]}" &&
    mergecap -a -w "$dir/trace.pcapng" "$dir"/*/trace.pcapng &&
    packets_of "$dir" >"$dir/packets.tsv"
}

# (what a box sends or drops, no host's capture shows)
check 'the library, seen by all' together all \
  '^local [a-z]+ = (firewall|nat|proxy)\(|:firewall ' --capture=all
dissect all/trace.pcapng FALSE | of_tcp - >rows
check 'seen by all, nothing is wrong' is_sound rows
check 'seen by all, every packet says why' says_why rows
check 'seen by all, SYNs, FINs and RSTs are the runs'"'"'' agree all '' rows

check 'the library holds over IPv6' together six '^family "ipv4"' \
  --family=ipv6
dissect six/trace.pcapng FALSE | of_tcp - >rows
check 'over IPv6 nothing is wrong' is_sound rows ''
check 'over IPv6 every packet says why' says_why rows
check 'over IPv6 all of it is IPv6' equal \
  "$(frames rows '$16 != "" || $17 == ""')" ''
# (where the dice or the default MSS decide, smaller segments are other packets)
for table in six/[0-9]*/packets.tsv; do
  name=$(basename "$(dirname "$table")")
  [[ $name == 311-* || $name == 509-* ]] ||
    check "$name over IPv6: as many packets" equal "$(count "$table")" \
      "$(count "out/$name/packets.tsv")"
done

# (what an ICMP error quotes of a segment is cut short, and has no right sum)
wrong='ip.checksum.status == 0 or icmp.checksum.status == 0 or
  icmpv6.checksum.status == 0 or
  tcp.checksum.status == 0 and not icmp and not icmpv6'
check 'families hold: neighbours, ICMP, and a narrow path' \
  "$linger" run -q --plot=none --capture=all --out=families \
  "$golden/scenarios/families.lua"
check 'families: no checksum is wrong' equal \
  "$(tshark -n -r families/trace.pcapng -o tcp.check_checksum:TRUE \
    -o ip.check_checksum:TRUE -Y "$wrong" 2>&1 | grep -v '^Running as')" ''

equal_rows() { diff one piped; }
"$linger" run -q --plot=none -w - "$golden/scenarios/losses.lua" |
  dissect - >piped
dissect out/losses/trace.pcapng >one
check 'a capture can be piped into tshark' equal_rows
check 'losses: there is something to count' equal \
  "$(for what in 'bit(2)' 'bit(1)' '$7 $8 $9 != ""'; do
    of_capture one "$what" | count -
  done | paste -s -d ' ')" '3 3 4'

# -- what is wrong on purpose --

check 'wrong fields can be sent' \
  "$linger" run -q --plot=none "$golden/scenarios/wrong-fields.lua"
dissect out/wrong-fields/trace.pcapng >one
check 'the bad checksums are the forged ones' \
  equal "$(frames one '$3 == 0 || $4 != 1')" '2 3 '
check 'the malformed packets are those cut short' \
  equal "$(frames one '$5 != ""')" '6 7 8 9 11 '
check 'the errors are the frames that were made wrong' \
  equal "$(frames one "$(has_severity "$ERROR")")" '2 3 4 5 6 7 8 9 10 11 '
check 'and the wrong options and the urgent pointer are noted' \
  equal "$(frames one "$(has_severity "$NOTE")")" '12 13 14 15 16 '
check 'all of them say that they are injected' \
  equal "$(frames one '$12 != "injected by the scenario"')" ''

# The illegal flags are all well formed, and remarked about as often as they
# carry an acknowledgment number without ACK.
dissect "$(echo out/501-*)/trace.pcapng" >one
check 'of the illegal flags those without ACK are noted' equal \
  "$(frames one "$(has_severity "$NOTE") && \$11 ~ /acknowledgment number/")" \
  "$(frames one '$12 ~ /^injected/ && $6 !~ /[13579bdf].$/')"
finish
