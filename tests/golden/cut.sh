#!/bin/bash
# A run that is cut short - by a signal, a full disk, a scenario's mistake, the
# end of its time - says so, and what it has left can be read.
# shellcheck disable=SC2317
. "$(dirname "$0")/tests.sh"

endless=$golden/scenarios/endless.lua
good=$(echo "$top"/scenarios/201-*.lua)

# -- what is left --

whole_lines()
{
  [ -z "$(tail -c 1 "$1")" ] || { echo "$1 ends amid a line"; return 1; }
}

# Records of equal lengths at both ends, up to the very end of the file.
whole_blocks()
{
  od -An -v -tu4 -w4 "$1" | awk '
    { word[NR] = $1 }
    END {
      for (i = 1; i <= NR; i += size) {
        size = word[i + 1] / 4
        if (size < 3 || i + size - 1 > NR ||
            word[i + size - 1] != word[i + 1]) {
          print "a block at byte " 4 * (i - 1) " is not whole"
          exit 1
        }
      }
    }'
}

# readable DIR: every file, whole
readable()
{
  whole_blocks "$1/trace.pcapng" && whole_blocks "$1/dropped.pcapng" &&
    whole_lines "$1/events.jsonl" &&
    { [ ! -e "$1/packets.tsv" ] || whole_lines "$1/packets.tsv"; } &&
    { ! command -v tshark >/dev/null ||
      tshark -nr "$1/trace.pcapng" >/dev/null; } &&
    { ! command -v python3 >/dev/null || python3 - "$1" <<'PY'
import json, os, sys
for line in open(os.path.join(sys.argv[1], "events.jsonl")):
    json.loads(line)
name = os.path.join(sys.argv[1], "summary.json")
if os.path.exists(name):
    json.load(open(name))
PY
    }
}

# -- signals --

# interrupted SIGNAL DIR WORD...: a run that gets a signal once it has begun
interrupted()
{
  local signal=$1 dir=$2
  shift 2
  rm -f started
  mkfifo started
  "$linger" run --trust --set=tell=1 --plot=none --out="$dir" "$@" "$endless" \
    >stdout 2>stderr &
  cat started
  kill -s "$signal" $!
  wait $!
}

for signal in INT TERM; do
  check "SIG$signal ends a run with status 3" exits 3 interrupted $signal cut
  check "SIG$signal: the summary says so" \
    grep -q '"interrupted": true' cut/summary.json
  check "SIG$signal: the reader is told" grep -q '^interrupted after' stdout
  check "SIG$signal: expectations are neither met nor missed" \
    grep -q 'expectations not checked' stdout
  check "SIG$signal: everything so far can be read" readable cut
done
check 'quiet, it is told on standard error' exits 3 interrupted INT cut -q
check 'with the name of the file' grep -q "endless.lua: interrupted" stderr

several()
{
  { echo 'param("tell", 0)' && cat "$good"; } >good.lua
  rm -f started
  mkfifo started
  "$linger" run --trust --set=tell=1 --plot=none good.lua "$endless" good.lua \
    >stdout 2>stderr &
  cat started
  kill -s INT $!
  wait $!
}

check 'a signal ends all that follows' exits 3 several
check 'and the summary counts it' \
  equal "$(tail -n 1 stdout)" '2 scenarios: 1 ok, 1 failed, 1 not run'

# A pipe is kept up with, so that the reader sees packets while the run goes on.
piped()
{
  local status=0
  rm -f pipe
  mkfifo pipe
  "$linger" run -q --plot=none -w - "$endless" >pipe 2>stderr &
  exec 3<pipe
  head -c 4096 <&3 >begin.pcapng
  kill -s INT $!
  cat begin.pcapng - <&3 >piped.pcapng
  exec 3<&-
  wait $! || status=$?
  return "$status"
}

check 'a signal ends a run that is piped' exits 3 piped
check 'and the pipe got whole packets' whole_blocks piped.pcapng

# -- the end of its time --

"$linger" run --plot=none --stop=380ms --out=stopped "$good" >stdout 2>stderr
status=$?
check 'a run is stopped at any time' test $status -eq 1
check 'and is not called interrupted' \
  grep -q '"interrupted": false' stopped/summary.json
check 'a packet on its way is pending' \
  equal "$(cut -f 16 stopped/packets.tsv | sort | uniq -c | tr -s ' ' |
    paste -s -d ,)" ' 5 delivered, 1 fate, 1 pending'
check 'and is said to be on its way' grep -q '1 on their way' stdout
check 'and everything can be read' readable stopped
check 'and nothing was complained of' test ! -s stderr

full_of_packets()
{
  "$linger" run -q --plot=none --stop=900ms --capture=all --out=full \
    "$golden/scenarios/dice.lua" && readable full
}

check 'a run is stopped with much on its way' full_of_packets

cat >kept-alive.lua <<'SCENARIO'
local a, b = host("a", { keepalive = true }), host "b"
link { a, b, rate = "10Mbit/s", delay = "5ms" }
b:run(function (os) os.listen(80):accept():receive_all() end)
a:run(function (os) os.connect("b", 80):receive_all() end)
SCENARIO
"$linger" run -q --plot=none --out=day kept-alive.lua 2>stderr
status=$?
check 'a run without an end is ended after a day' test $status -eq 3
check 'and says so' grep -q 'still goes on after a day; say when to end' stderr
check 'and everything can be read' readable day
check 'two days are an end, if they are asked for' \
  "$linger" run -q --plot=none --stop=2d --out=days kept-alive.lua

# -- files --

# limited WORD...: no file may grow above a kilobyte
limited()
{
  (
    trap '' XFSZ
    ulimit -f 1
    exec "$linger" run --plot=none "$@" >/dev/null 2>stderr
  )
}

check 'a file that cannot grow is status 3' \
  exits 3 limited --out=limited "$good"
check 'it is named' grep -q 'limited/.*: File too large' stderr
check 'and what fitted can be read' readable limited
check 'a summary that does not fit leaves no half of it' \
  test ! -e limited/summary.json
check 'nor anything else' equal "$(ls limited)" \
  "$(printf 'dropped.pcapng\nevents.jsonl\nplot.tsv\ntrace.pcapng')"

full() { "$linger" run -q --plot=none --out=out "$@" 2>stderr; }

# A link, so that nothing happens to the device whoever runs this test.
ln -s /dev/full disk
for words in '-w disk' '--summary=disk'; do
  # shellcheck disable=SC2086
  check "$words is status 3" exits 3 full $words "$good"
  check "$words is told" grep -q 'disk: No space left on device' stderr
done
check 'an endless run ends when the disk is full' \
  exits 3 full -w disk "$endless"
check 'a device is not replaced by a file' test -c disk
for dir in /proc/nowhere "$good/below" /dev/null; do
  check "no directory can be made: ${dir#"$top/"}" \
    exits 3 "$linger" run --plot=none --out="$dir" "$good"
done
mkdir -p taken/trace.pcapng
check 'a directory is in the place of a file' \
  exits 3 "$linger" run --plot=none --out=taken "$good"

# -- a mistake --

sed 's/conn:send(conn:receive())/conn:sent(conn:receive())/' "$endless" \
  >mistaken.lua
check 'a mistake that shows during the run is status 2' \
  exits 2 "$linger" run -q --plot=none mistaken.lua
check 'and what went before can be read' readable out/mistaken
finish
