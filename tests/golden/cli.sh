#!/bin/bash
# The command line as its users meet it: what is answered to a wrong word, what
# goes to which stream, and the exit status. $1 is the program.
set -u

linger=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
unset NO_COLOR COLUMNS
export TERM=xterm LC_ALL=C.UTF-8
number=0

cat >good.lua <<'LUA'
title "A close in order"
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }
server:run(function (os)
  local conn = os.listen(80):accept()
  conn:receive_all()
  conn:close()
end)
client:run(function (os)
  os.connect("server", 80):close()
end)
expect.states(client, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
  "CLOSED")
LUA
sed 's/"FIN-WAIT-1"/"CLOSE-WAIT"/' good.lua >failing.lua
sed 's/link {/lonk {/' good.lua >wrong.lua

# run STATUS WORD...: stdout, stderr and the status that is expected
run()
{
  wanted=$1
  shift
  "$linger" "$@" >stdout 2>stderr
  status=$?
}

# is NAME [COMMAND...]: the status was right and the command succeeds
is()
{
  local name=$1 ok=ok
  shift
  number=$((number + 1))
  if [ "$status" -ne "$wanted" ] || { [ $# -gt 0 ] && ! "$@"; }; then
    ok='not ok'
  fi
  echo "$ok $number - $name"
  [ "$ok" = ok ] || { echo "# status $status, not $wanted"; sed 's/^/# /' stderr; }
}

says() { grep -qF -- "$1" stderr; }
prints() { grep -qF -- "$1" stdout; }
silent() { [ ! -s stderr ]; }
nothing() { [ ! -s stdout ]; }
plain() { ! grep -q $'\033' stdout; }
ascii() { ! LC_ALL=C grep -q '[^ -~]' stdout; }
equal_output() { [ "$(cat stdout)" = "$1" ]; }
at_most() { awk -v w="$1" 'length($0) > w { bad = 1 } END { exit bad }' stdout; }

run 2
is 'no command is an error' says "Try 'linger --help'"
run 2 rnu good.lua
is 'an unknown command names the nearest' says "did you mean 'run'?"
run 2 run --sead=3 good.lua
is 'an unknown option names the nearest' says "did you mean '--seed'?"
run 2 plot --seed=3 out
is 'an option of another command says which' says "belongs to 'linger run'"
run 2 run --plot=sgv good.lua
is 'a wrong value names the nearest' says "did you mean 'svg'?"
run 2 run
is 'a run needs a scenario' says 'no scenario was named'
run 0 --version
is 'the version goes to standard output' prints 'linger '
run 0 --help
is 'help goes to standard output' prints 'Usage: linger COMMAND'
run 0 help run
is 'help on a command lists its options' prints '--tap-report'
run 0 run --help
is 'and so does its --help' prints '--tap-report'

run 0 run --plot=none good.lua
is 'a good scenario is 0' prints 'SYN+ACK seq 0 ack 1'
is 'without a terminal there is no colour' plain
is 'and nothing on standard error' silent
run 0 run --plot=none --color=always good.lua
is 'colour can be had' grep -q $'\033' stdout
NO_COLOR=1 run 0 run --plot=none good.lua
is 'NO_COLOR is heard' plain
run 0 run --plot=none --ascii --width=60 good.lua
is 'ASCII is ASCII' ascii
is 'and keeps to its width' at_most 60
LC_ALL=C run 0 run --plot=none good.lua
is 'a locale without UTF-8 gets ASCII' ascii
run 0 run --plot=none -q good.lua
is 'quiet says nothing of success' nothing
run 0 run --plot=none -v good.lua
is 'verbose shows windows and options' prints 'mss 1460'

run 1 run --plot=none failing.lua
is 'a failed expectation is 1' prints 'expectations FAILED'
run 1 run --plot=none -q failing.lua
is 'and quiet shows it' prints 'failing.lua:12'
run 2 run wrong.lua
is 'a wrong scenario is 2, with its line' says 'wrong.lua:3'
run 2 run nowhere.lua
is 'a scenario that is not there is 2' says 'nowhere.lua: No such file'
run 2 run --plot=none good.lua wrong.lua failing.lua
is 'the worst of several wins' prints '3 scenarios: 1 ok, 2 failed'
is 'and those after a failing one run' prints 'FAILED failing'

{ echo 'topic "Ends"' && echo 'tags { "fin", "order" }' && cat good.lua
} >tagged.lua
run 0 list tagged.lua good.lua
is 'scenarios are listed by topic' equal_output 'Ends
  tagged  A close in order

Without a topic
  good    A close in order'
run 0 list --tag=fin --tag=order --json tagged.lua good.lua
is 'those with all of some tags, for programs' equal_output "[
  {$(printf '"%s": %s, ' file '"tagged.lua"' name '"tagged"' topic '"Ends"' \
    title '"A close in order"' question null)\"tags\": [\"fin\", \"order\"]}
]"
run 2 list --tag=oder tagged.lua good.lua
is 'an unknown tag is told the known ones' \
  says "did you mean 'order'? There are: fin, order"
run 2 list wrong.lua good.lua
is 'a wrong scenario is told of' says 'wrong.lua:3'
is 'and the others are listed' prints 'A close in order'
run 0 list --width=80
is 'without files the library is listed' prints '201-client-closes-first'
is 'in 80 columns' at_most 80
is 'and all of it can be read' silent

cp good.lua api.d.lua && cp good.lua other.lua
run 0 run --plot=none good.lua api.d.lua other.lua
is 'a description of the API among several is passed over' \
  prints '2 scenarios: 2 ok'
run 2 run --plot=none api.d.lua
is 'and alone it is a mistake' says 'describes the API'
rm api.d.lua other.lua

run 0 run --plot=none - <good.lua
is 'a scenario is read from standard input' test -s out/stdin/states.tsv

run 0 run --plot=none -q -w - good.lua
is 'the capture goes to standard output' \
  test "$(head -c 4 stdout | od -An -tx1 | tr -d ' ')" = 0a0d0d0a
run 0 run --plot=none -w - good.lua
is 'and the ladder then to standard error' says 'SYN+ACK seq 0 ack 1'
run 0 run --plot=none -q --snaplen=64 -w - good.lua
small=$(wc -c <stdout)
run 0 run --plot=none -q -w - good.lua
is 'a snap length makes it smaller' test "$small" -lt "$(wc -c <stdout)"
run 2 run --snaplen=8 good.lua
is 'but not without headers' says 'write 64'
run 0 run --plot=none -q --summary=- good.lua
is 'the summary goes to standard output' prints '"fingerprint"'
run 0 run --plot=none --tap-report good.lua
is 'TAP has a plan and a line each' prints '1..1'
run 1 run --plot=none --tap-report good.lua failing.lua
is 'TAP of several is numbered through' prints 'not ok 2 - failing'

"$linger" run --plot=none good.lua >/dev/full 2>stderr
status=$? wanted=3
is 'a full disk is 3' says 'No space left on device'
run 0 run --plot=none -q --out=open good.lua
"$linger" run --plot=none --out=shut good.lua >&- 2>stderr
status=$? wanted=3
is 'a closed standard output is 3' says 'standard output: Bad file descriptor'
is 'and no capture in its place' cmp open/trace.pcapng shut/trace.pcapng
run 2 run /dev/zero
is 'a file without an end is no scenario' says 'over 16 MiB'
run 3 pkt /dev/zero
is 'and no script' prints 'over 16 MiB'
mkdir closed && : >closed/file
run 3 run --plot=none --out=closed/file good.lua
is 'a directory that cannot be is 3' says 'closed/file'
"$linger" run --plot=none good.lua 2>stderr | head -n 1 >/dev/null
status=${PIPESTATUS[0]} wanted=0
is 'a reader that goes away is no error' silent

mkdir bin
PATH=$work/bin run 0 run good.lua
is 'without gnuplot a run succeeds' says 'gnuplot is not installed'
PATH=$work/bin run 3 plot out/good
is 'without gnuplot a plot does not' says 'gnuplot is not installed'
run 2 plot bin
is 'a plot needs what a run left' says 'not what a run left'
if command -v gnuplot >/dev/null; then
  run 0 run good.lua --out="it's a \"dir\""
  is 'a picture is drawn, whatever the directory is called' \
    test -s "it's a \"dir\"/timeline.svg"
  run 0 plot --plot=png "it's a \"dir\""
  is 'and drawn again' test -s "it's a \"dir\"/sequence.png"
fi
echo "1..$number"
