#!/bin/bash
# FreeBSD's answers to each segment in each state (states.table), over both IP
# versions: a script a segment and edge. Turned round, no row holds, so each of
# them can fail.
. "$(dirname "$0")/../golden/tests.sh"

table=$top/tests/pkt/states.table
mkdir played turned
check 'every row makes its scripts' \
  awk -f "$top/tests/pkt/states.awk" -v dir=played "$table"
check 'and those of its opposite' \
  awk -f "$top/tests/pkt/states.awk" -v dir=turned -v turned=1 "$table"
scripts=$(find played -name '*.pkt' | wc -l)

while IFS= read -r line; do
  case $line in
  'ok '* | 'not ok '*)
    number=$((number + 1))
    echo "${line%% [0-9]*} $number - $(basename "$line" .pkt)"
    ;;
  '#'*) echo "$line" ;;
  esac
done < <("$linger" pkt --tap --width 80 played)

check 'no row holds with another answer' equal \
  "$("$linger" pkt -q turned | tail -n 1)" \
  "$scripts scripts: 0 ok, $scripts failed, 0 not run"

finish
