# shellcheck shell=bash
# What the tests of the whole program share: TAP, a directory of their own, and
# an environment in which the output depends on nothing but the command line.
# The first argument of a test is the program.
#
# A test sources this file, calls check or skip, and ends with finish.

set -u
export TERM=xterm LC_ALL=C.UTF-8 TZ=UTC
unset NO_COLOR COLUMNS LINES
linger=$(realpath "$1")
golden=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
top=$(realpath "$golden/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
number=0

# check NAME COMMAND...: ok if the command succeeds; what it prints says why not.
check()
{
  local name=$1 ok=ok
  shift
  number=$((number + 1))
  "$@" >"$work/why" 2>&1 || ok='not ok'
  echo "$ok $number - $name"
  [ "$ok" = ok ] || head -n 60 "$work/why" | sed 's/^/# /'
}

# skip NAME REASON
skip()
{
  number=$((number + 1))
  echo "ok $number - $1 # SKIP $2"
}

finish()
{
  echo "1..$number"
  exit 0
}

# equal FOUND WANTED: of two words or texts
equal()
{
  [ "$1" = "$2" ] || { diff <(echo "$2") <(echo "$1"); return 1; }
}

# exits STATUS COMMAND...
exits()
{
  local wanted=$1 status=0
  shift
  "$@" || status=$?
  [ "$status" -eq "$wanted" ] || { echo "status $status, not $wanted"; return 1; }
}

# fingerprint SUMMARY
fingerprint()
{
  sed -n 's/.*"fingerprint": "\([0-9a-f]*\)".*/\1/p' "$1"
}
