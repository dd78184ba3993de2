#!/bin/bash
# What the program prints is, byte for byte, what was reviewed. After a change
# that is meant, tests/golden/accept BUILD renews the files in expected/, and
# their diff shows what has changed for whoever reads the output.
. "$(dirname "$0")/tests.sh"

check 'every output is made' "$golden/render" "$linger" found
for file in found/*.txt; do
  name=$(basename "$file")
  check "$name is as it was reviewed" \
    diff -u "$golden/expected/$name" "$file"
done
check 'nothing was reviewed that is not made any more' \
  diff <(cd "$golden/expected" && ls) <(cd found && ls)
finish
