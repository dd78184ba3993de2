#!/bin/sh
# The pictures, from whatever a run may leave: each is drawn without a word, is
# well-formed, and none of its texts covers another or leaves the sheet. Widths
# of texts are estimated for DejaVu Sans, the widest of the usual fonts. $1 is
# the program.
set -u

linger=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
plots=$here/../../plots
scenarios=$here/../../scenarios
if ! command -v gnuplot >/dev/null; then
  echo '1..0 # SKIP gnuplot is not installed'
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
number=0

result()
{
  number=$((number + 1))
  echo "$1 $number - $2"
}

# Prints each text that leaves the sheet, and each pair that overlaps.
cat >texts.awk <<'AWK'
function char_width(c)
{
  return index("iljI.,:;|!'()[] -/ftr", c) ? 0.36 : \
    index("mW@%", c) || c ~ /[\300-\377]/ ? 1 : index("wM+=<>~", c) ? 0.84 : \
    c ~ /[A-Z]/ ? 0.68 : 0.62
}
function attribute(name, s)
{
  if (!match(s, name "=\"[^\"]*\""))
    return ""
  s = substr(s, RSTART, RLENGTH - 1)
  sub(/^[^"]*"/, "", s)
  return s
}
function complain(what)
{
  print what
  bad = 1
}
/<g transform="translate\(/ { place = $0 }
/<text[ >]/ {
  s = $0
  sub(/^.*<text[^>]*>/, "", s)
  sub(/<\/text>.*$/, "", s)
  whole = s
  gsub(/&[a-z]+;/, "\\&", s)
  gsub(/[\200-\277]/, "", s)
  if (s ~ /^ *$/)
    next
  px = attribute("font-size", place)
  split(attribute("transform", place), at, /[(,)]/)
  width = 0
  for (i = 1; i <= length(s); i++)
    width += px * char_width(substr(s, i, 1))
  if (place ~ /bold/)
    width *= 1.1
  anchor = attribute("text-anchor", place)
  n++
  text[n] = whole
  x1[n] = at[2] - (anchor == "end" ? width : anchor == "middle" ? width / 2 : 0)
  x2[n] = x1[n] + width
  y1[n] = at[3] - 0.75 * px
  y2[n] = at[3] + 0.2 * px
  if (place ~ /rotate\(-90/) {
    x1[n] = at[2] - 0.75 * px
    x2[n] = at[2] + 0.2 * px
    y1[n] = at[3] - width
    y2[n] = at[3]
  }
}
END {
  for (i = 1; i <= n; i++) {
    if (x1[i] < 0 || x2[i] > 1280 || y1[i] < 0 || y2[i] > 720)
      complain("off the sheet: " text[i])
    for (j = i + 1; j <= n; j++)
      if (x1[i] < x2[j] && x1[j] < x2[i] && y1[i] < y2[j] && y1[j] < y2[i])
        complain("overlap: " text[i] " | " text[j])
  }
  if (!n)
    complain("no text")
  exit bad
}
AWK

well_formed()
{
  if command -v xmllint >/dev/null; then
    xmllint --noout "$1"
  else
    head -n 1 "$1" | grep -q '^<?xml' && tail -n 1 "$1" | grep -q '</svg>' &&
      ! sed 's/&[a-z#0-9]*;//g' "$1" | grep -q '&'
  fi
}

draws()
{
  gnuplot -d -e "dir='$2'; name='table'; format='svg'; output='$1.svg'; \
    plots='$plots'" \
    "$plots/$1.gp" >stdout 2>stderr || echo 'gnuplot failed' >>complaints
  cat stdout stderr >>complaints
  well_formed "$1.svg" >>complaints 2>&1 || echo "not XML" >>complaints
  LC_ALL=C awk -f texts.awk "$1.svg" >>complaints 2>&1
}

# good NAME DIR [PICTURE...]: both pictures of DIR, or these
good()
{
  for picture in ${3:-timeline sequence}; do
    rm -f "$picture.svg"
    : >complaints
    draws "$picture" "$2"
    if [ -s complaints ]; then
      result 'not ok' "$1: $picture"
      sed 's/^/# /' complaints | head -n 20
    else
      result ok "$1: $picture"
    fi
  done
}

# The three tables, from rows with | between the columns.
tables()
{
  mkdir -p "$1"
  printf 'key\tvalue\n' >"$1/plot.tsv"
  printf '%s\t' connection host end state from_s to_s cause rule section |
    sed 's/$/final/' >"$1/states.tsv"
  printf '%s\t' id connection protocol sent_s received_s from to from_end \
    to_end flags seq seq_end ack length window fate reason rule \
    retransmission | sed 's/$/injected/' >"$1/packets.tsv"
  for table in states packets; do echo >>"$1/$table.tsv"; done
}
rows() { tr '|' '\t' >>"$1"; }

text() { printf '<g transform="translate(%s)" font-size="20"  ' "$1"
  printf 'text-anchor="start">\n<text>%s</text>\n</g>\n' "$2"; }
refused()
{
  if LC_ALL=C awk -f texts.awk sample >/dev/null; then
    result 'not ok' "$1"
  else
    result ok "$1"
  fi
}
{ text 100,100 'FIN-WAIT-1'; text 150,110 'SYN'; } >sample
refused 'an overlap is seen'
text 1200,100 'FIN-WAIT-1' >sample
refused 'a text that leaves the sheet is seen'

good 'a directory that is not there' nowhere
mkdir empty && : >empty/plot.tsv && : >empty/states.tsv && : >empty/packets.tsv
good 'empty files' empty
tables header
good 'tables without rows' header

tables row
echo '1|a|a:1|SYN-SENT|0.0|0.0|why|OPEN|3.10.1|1' | rows row/states.tsv
echo '1|1|tcp|0.0|0.1|a|b|a:1|b:2|S|0|1|NaN|0|65535|delivered|-|OPEN|0|0' |
  rows row/packets.tsv
good 'one row each' row
mkdir state packet
cp row/states.tsv row/plot.tsv state
cp row/packets.tsv row/plot.tsv packet
good 'a state and no packet' state
good 'a packet and no state' packet
mkdir cut && cp row/plot.tsv cut
for table in states packets; do
  { cat "row/$table.tsv"; printf '2\t1\ttcp\n\n\t\t\n'; } >"cut/$table.tsv"
done
good 'rows that were cut short' cut

# What scenarios may call things.
# shellcheck disable=SC2016
nasty='"q" '\''s'\'' `date` \ \\ \n %s %% @x {a}_b^c &lt; <b> $1 # ; é ≥ …'
long=$(printf '%090d' 0 | sed 's/0/long name /g')
tables hostile
for key in title scenario seed fingerprint version; do
  printf '%s\t%s %s\n' $key "$nasty" "$long" >>hostile/plot.tsv
done
for name in "$nasty" "$long" WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW; do
  printf '1|%s|%s|%s|0.%s|0.5|%s|%s|%s|1\n' "$name" "$name" "$name" 1 \
    "$name" "$name" "$name"
done | rows hostile/states.tsv
for flags in S SFRPUEW. "$nasty" "$long" none -; do
  printf '1|1|%s|0.1|0.2|%s|b|%s|b:2|%s|0|1|NaN|7|9|%s|%s|%s|12|1\n' \
    "$nasty" "$nasty" "$nasty" "$flags" dropped "$nasty" "$nasty"
done | rows hostile/packets.tsv
good 'hostile names' hostile

tables quotes
printf 'title\t%s\n' 'a "quoted" \n title' >>quotes/plot.tsv
good 'quotes and backslashes' quotes
if grep -qF 'a "quoted" \n title' timeline.svg; then
  result ok 'a title is drawn as it is'
else
  result 'not ok' 'a title is drawn as it is'
fi

states='SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED'
# crowd DIR CONNECTIONS ENDS STATE-SECONDS: each end goes through all states
crowd()
{
  tables "$1"
  echo "$states" | tr ' ' '\n' | awk -v n="$2" -v ends="$3" -v d="$4" '
    { state[NR] = $0 }
    END {
      for (c = 1; c <= n; c++)
        for (e = 1; e <= ends; e++)
          for (s = 1; s <= NR; s++)
            printf "%d|h%d|host%d:%d|%s|%.9f|%.9f|-|-|-|%d\n", c, e, e,
              50000 + c, state[s], s * d + c / 100, s * d + d + c / 100, s == NR
    }' | rows "$1/states.tsv"
  awk -v n="$2" -v ends="$3" -v d="$4" 'BEGIN {
    for (s = 1; s < 12; s++)
      for (c = 1; c <= n; c++) {
        port = 50000 + c
        printf "1|%d|tcp|%.9f|%.9f|h1|h2|host1:%d|host%d:%d|", c, s * d / 2,
          s * d / 2 + d / 3, port, 1 + s % ends, port
        printf "%s|%d|%d|1|1000|4e9|", s % 3 ? "P." : "F.", s * 1000000,
          s * 1000000 + 1000
        printf "%s|-|-|%d|0\n", s % 4 ? "delivered" : "dropped", s % 2
      }
    printf "1|1|tcp|60.0|60.1|h1|h2|host1:50001|host2:50001|R|1|1|1|0|9|"
    printf "duplicate|-|-|0|0\n"
  }' | rows "$1/packets.tsv"
}
for connections in 1 2 3 4 20; do
  for ends in 1 2 6; do
    for seconds in 0 0.002 5; do
      crowd crowd $connections $ends $seconds
      good "$connections connections of $ends ends, states of $seconds s" crowd
    done
  done
done

# heat DIR COLUMNS ROWS: a table of two times so many rows
heat()
{
  mkdir -p "$1"
  printf 'key\tvalue\ntitle\tHeat\ntable.x\tx\ntable.y\ty\n' >"$1/plot.tsv"
  printf 'table.value\tis\ntable.order1\tone %s\n' "$nasty" >>"$1/plot.tsv"
  what=$nasty awk -v columns="$2" -v rows="$3" 'BEGIN {
    what = ENVIRON["what"]
    print "x\tother\ty\tis"
    for (i = 1; i <= columns; i++)
      for (j = 1; j <= rows; j++)
        print "x" i "\t0\ty" what j "\tis " (i * j) % 9
  }' >"$1/table.tsv"
}
good 'a table that is not there' nowhere heatmap
good 'no such columns' header heatmap
for size in '0 0' '1 1' '3 5' '64 11' '80 80'; do
  # shellcheck disable=SC2086
  heat heat $size
  good "a table of $size" heat heatmap
done

for file in "$scenarios"/[0-9]*.lua; do
  name=$(basename "$file" .lua)
  "$linger" run -q --plot=none --out="$name" "$file" >/dev/null 2>&1
  good "$name" "$name"
done
echo "1..$number"
