#!/bin/bash
# A run depends on its scenario and its seed, and on nothing else: not on what
# ran before it in the same process, not on what is written down about it, not
# on a part of the network that it has nothing to do with.
# shellcheck disable=SC2317
. "$(dirname "$0")/tests.sh"

scenarios=("$top"/scenarios/[0-9]*.lua "$golden/scenarios/dice.lua"
  "$golden/scenarios/programs.lua")

# Every file of every run, under two seeds, all in one process and alone.
twice()
{
  local seed=$1 file name backwards=()
  for file in "${scenarios[@]}"; do
    name=$(basename "$file" .lua)
    "$linger" run -q --plot=none --seed="$seed" --out="alone$seed/$name" "$file"
    backwards=("$file" "${backwards[@]}")
  done
  "$linger" run -q --plot=none --seed="$seed" --out="forth$seed" \
    "${scenarios[@]}"
  "$linger" run -q --plot=none --seed="$seed" --out="back$seed" \
    "${backwards[@]}"
}

same() { diff -r "$1" "$2"; }

differ() { ! diff -q "$1" "$2"; }

for seed in 1 7; do
  check "every scenario holds under seed $seed" twice "$seed"
  for file in "${scenarios[@]}"; do
    name=$(basename "$file" .lua)
    check "$name leaves all its files under seed $seed" equal \
      "$(ls "alone$seed/$name" | grep -vx flags.tsv)" \
      "$(printf '%s\n' dropped.pcapng events.jsonl packets.tsv plot.tsv \
        states.tsv summary.json trace.pcapng)"
    check "$name leaves the same alone and after others" \
      same "alone$seed/$name" "forth$seed/$name"
    check "$name leaves the same in the opposite order" \
      same "alone$seed/$name" "back$seed/$name"
  done
done

# -- what is written down --

# fingerprint_with FILE WORD...
fingerprint_with()
{
  local file=$1
  shift
  "$linger" run -q --plot=none --out=with --summary=summary.json "$@" \
    "$file" >/dev/null # without traces the expectations are not known
  fingerprint summary.json
}

for file in "$top"/scenarios/{201,301}-*.lua "$golden/scenarios/dice.lua"; do
  name=$(basename "$file" .lua)
  known=$(fingerprint "alone1/$name/summary.json")
  for words in --trace=none '--trace=none --capture=all' --capture=all \
    --capture=none --trust '-w with.pcapng'; do
    # shellcheck disable=SC2086
    check "$name has the same fingerprint with $words" \
      equal "$(fingerprint_with "$file" $words)" "$known"
  done
done
check 'another seed has another fingerprint' \
  differ alone1/dice/summary.json alone7/dice/summary.json
check 'and loses other packets' \
  differ alone1/dice/packets.tsv alone7/dice/packets.tsv

# -- what else is there --

# with_more PART FILE: the name of a scenario that has a part more
with_more()
{
  cat "$2" "$golden/scenarios/unrelated-$1.lua" >"$1.lua"
  "$linger" run -q --plot=none --out="$1" "$1.lua" >/dev/null
}

# Without the columns that number the run's packets and conversations, and
# without the end of a state that lasts until the run's end.
conversation()
{
  awk -F '\t' -v skip="$2" '!/unrelated/ {
    if (NF == 10 && $10 == 1)
      $6 = "end"
    for (i = skip; i <= NF; i++) printf "%s\t", $i
    print ""
  }' "$1"
}

unchanged()
{
  diff <(conversation "$1/packets.tsv" 3) <(conversation "$2/packets.tsv" 3) &&
    diff <(conversation "$1/states.tsv" 2) <(conversation "$2/states.tsv" 2)
}

for file in "${scenarios[@]}"; do
  name=$(basename "$file" .lua)
  with_more idle "$file"
  check "two idle hosts more change nothing in $name" \
    equal "$(fingerprint idle/summary.json)" \
    "$(fingerprint "alone1/$name/summary.json")"
  with_more busy "$file"
  check "two busy hosts more change nothing in $name" \
    unchanged "alone1/$name" busy
  # (this one does not record who comes later)
  [[ $name == 212-* ]] ||
    check "but are there after $name" grep -q unrelated busy/packets.tsv
done

# The order in which the programs are written.
swap()
{
  awk -v first="$1" -v second="$2" '
    function at(name) { return $0 ~ "^" name ":run" }
    at(first) { held = $0; holding = 1; next }
    holding { held = held "\n" $0; if (/^end\)/) holding = 0; next }
    { print }
    at(second) { passing = 1 }
    passing && /^end\)/ { print held; passing = 0 }
  ' "$3"
}

for file in "$top"/scenarios/{201,202,205,301,401}-*.lua; do
  name=$(basename "$file" .lua)
  swap server client "$file" >swapped.lua
  "$linger" run -q --plot=none --out=swapped swapped.lua
  check "$name is another file with its programs swapped" \
    differ "$file" swapped.lua
  check "but the order of its programs changes nothing" \
    same "alone1/$name/packets.tsv" swapped/packets.tsv
done

# -- pictures --

draw()
{
  "$linger" run -q --plot=svg,png --out="$1" "$top"/scenarios/301-*.lua &&
    test -s "$1/timeline.svg" -a -s "$1/timeline.png"
}

if command -v gnuplot >/dev/null; then
  check 'a picture is drawn' draw once
  check 'and drawn again' draw again
  check 'it is the same' same once again
else
  skip 'a picture is the same twice' 'gnuplot is not installed'
fi
finish
