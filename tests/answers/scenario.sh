#!/bin/sh
# What every-segment-in-every-state.lua writes under the linux profile is what a
# kernel was measured to do: scenario.sh LINGER ANSWERS-ROWS MEASURED FAMILY
set -e
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
top=$(cd "$(dirname "$0")/../.." && pwd)
"$1" run -q "$top/scenarios/every-segment-in-every-state.lua" --out "$out" \
  --family "$4" --set profile=linux --set every=7 >"$out/said" || {
  sed 's/^/# /' "$out/said"
  printf 'not ok 1 the scenario holds\n1..1\n'
  exit 1
}
"$2" "$3" "$out/answers.tsv"
