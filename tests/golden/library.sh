#!/bin/bash
# The library and its syllabus tell of the same: linger list knows every
# scenario, each says its topic, tags and a question, and scenarios/README.md
# has them all in the order of the lecture.
# shellcheck disable=SC2317
. "$(dirname "$0")/tests.sh"

topics=('' 'Opening and using a connection' 'Ending it in order'
  'Ending it through loss' 'Ending it at once' 'What no honest stack sends')
syllabus=$top/scenarios/README.md
cd "$top" || exit 99

"$linger" list --json >"$work/list.json"

# of NAME KEY: what linger list --json says; without KEY the names
of()
{
  awk -v name="$1" -v key="${2-}" -F '", "|"}|{"' '
    /^  / && (name == "" || index($0, "\"name\": \"" name "\"")) {
      if (key == "tags") {
        sub(/.*"tags": \[/, "")
        sub(/\].*/, "")
        print
        next
      }
      for (i = 1; i <= NF; i++)
        if (sub("^\"?" (key == "" ? "name" : key) "\": \"", "", $i)) {
          sub(/", *$/, "", $i)
          gsub(/\\"/, "\"", $i)
          print $i
        }
    }' "$work/list.json"
}

words() { tr -s '[:space:]' ' '; }

# has_entry NAME TITLE QUESTION: the syllabus's part on it has all of them
has_entry()
{
  local entry
  entry=$(awk -v head="### [$1]($1.lua)" '/^##/ { on = $0 == head } on' \
    "$syllabus" | words)
  [ -n "$entry" ] || { echo "no heading ### [$1]($1.lua)"; return 1; }
  for part in "$2." 'Look at: ' "Think: $3"; do
    [[ $entry == *"$part"* ]] || { echo "without: $part"; return 1; }
  done
}

check 'linger list knows every scenario' equal "$(of '')" \
  "$(cd scenarios && printf '%s\n' *.lua | sed '/\.d\.lua$/d; s/\.lua$//')"
check 'the syllabus has them in the same order' equal \
  "$(sed -n 's/^### \[\([^]]*\)\].*/\1/p' "$syllabus")" "$(of '')"
check 'and the topics' equal "$(sed -n 's/^## [1-5]\. //p' "$syllabus")" \
  "$(printf '%s\n' "${topics[@]:1}")"
for name in $(of ''); do
  if [[ $name == [0-9]* ]]; then
    check "$name: its number is of its topic" equal "$(of "$name" topic)" \
      "${topics[${name:0:1}]}"
  else
    check "$name: its topic is the last" equal "$(of "$name" topic)" \
      "${topics[5]}"
  fi
  check "$name: it has tags" test -n "$(of "$name" tags)"
  check "$name: the syllabus says what to look at and asks" has_entry "$name" \
    "$(of "$name" title)" "$(of "$name" question)"
done

# -- every state that ss and netstat name --

cd "$work" || exit 99
check 'the library holds' \
  "$linger" run -q --plot=none --capture=none "$top"/scenarios/[0-9]*.lua
for state in SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 \
  TIME-WAIT CLOSED CLOSE-WAIT LAST-ACK CLOSING; do
  check "$state can be seen" grep -qw -- "$state" out/*/states.tsv
done
check 'LISTEN can be seen' grep -q 'LISTEN' out/*/events.jsonl
finish
