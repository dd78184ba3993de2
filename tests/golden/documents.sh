#!/bin/bash
# What is written about the program is true: its manual page and its completion
# know exactly the options that it has, and what the README shows works.
# shellcheck disable=SC2013,SC2016,SC2317
. "$(dirname "$0")/tests.sh"

# The names of the options in lines of text, one a line, sorted.
names()
{
  grep -oE '(^|[^-A-Za-z0-9.])--?[a-zA-Z][a-z_-]*' | grep -oE -- '--?[a-zA-Z].*' |
    sort -u
}

of_help()
{
  "$linger" help "$1" | grep -oE '^ +(-[a-zA-Z], )?--[a-z_-]+' | names
}

# of_manual HEADING...: the options under these headings
of_manual()
{
  local heading
  for heading; do
    sed -e 's/\\-/-/g; s/\\f./ /g' "$top/doc/linger.1.in" |
      awk -v heading=".SS $heading" '
        /^\.S[SH]/ { inside = $0 == heading }
        inside && after { print }
        { after = $0 == ".TP" }'
  done | names
}

# offered WORD...: what the completion offers for the last word. The shell's
# own compopt works during a completion only.
offered()
{
  (
    compopt() { :; }
    # shellcheck source=/dev/null
    . "$top/completion/linger"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _linger
    printf '%s\n' "${COMPREPLY[@]}"
  )
}

for command in run pkt plot list help; do
  check "the completion offers the options of linger $command" \
    equal "$(offered linger $command - | sed 's/=$//' | sort)" \
    "$(of_help $command)"
done
check 'the manual has the options of linger run' \
  equal "$(of_manual 'For run and plot' 'For run')" "$(of_help run)"
check 'the manual has the options of linger pkt' \
  equal "$(of_manual 'For pkt')" "$(of_help pkt)"
check 'the manual has the options of linger plot' \
  equal "$(of_manual 'For run and plot')" "$(of_help plot)"
check 'the manual has the options of linger list' \
  equal "$(of_manual 'For list')" "$(of_help list)"
check 'the manual and the completion have the options of linger alone' \
  equal "$(of_manual Alone)" "$(offered linger - | sort)"
for option in $(of_manual Alone); do
  check "linger $option works" "$linger" "$option"
done
check 'an = is offered where a value follows' equal \
  "$(offered linger run -- | grep "=" | sort)" "$("$linger" help run |
    sed -n 's/.*\(--[a-z-]*\)\[*=.*/\1=/p' | sort)"

cat >none.lua <<'LUA'
local client, server = host "client", host "server"
link { client, server, rate = "10Mbit/s", delay = "50ms" }
LUA
for option in capture plot trace color; do
  for value in $(offered linger run --$option = ''); do
    check "linger takes --$option=$value, which is offered" \
      "$linger" run -q --plot=none --$option="$value" none.lua
  done
done
touch other.txt
mkdir directory
check 'scenarios and directories are offered to linger run' \
  equal "$(offered linger run '' | sort)" "$(printf 'directory\nnone.lua\nout')"
check 'directories are offered to linger plot' \
  equal "$(offered linger plot '' | sort)" "$(printf 'directory\nout')"
check 'files are offered to -w' equal "$(offered linger run -w oth)" other.txt
check 'commands are offered first' \
  equal "$(offered linger '')" "$(printf 'run\npkt\nplot\nlist\nhelp')"

if command -v mandoc >/dev/null; then
  check 'the manual page is well formed' \
    mandoc -T lint -W warning "$top/doc/linger.1.in"
fi

# -- README --

readme=$top/README.md
section() { awk -v title="## $1" '/^## / { on = $0 == title } on' "$readme"; }

awk '/^```$/ { on = 0 } on; /^```lua$/ { on = 1 }' "$readme" >lost.lua
check 'the scenario of the README runs' \
  "$linger" run -q --out=lost lost.lua
for name in $(section 'What a run leaves' | grep -oE '`[a-z]+\.[a-z]+`' |
  tr -d '`'); do
  # Without gnuplot there is no picture, and nothing is wrong.
  [ "$name" != timeline.svg ] || command -v gnuplot >/dev/null || continue
  check "it leaves $name" test -e "lost/$name"
done
for command in $(grep -oE '`linger [a-z]+' "$readme" | cut -d ' ' -f 2 |
  sort -u); do
  check "linger $command is a command" "$linger" help "$command"
done
for command in $(grep -oE '\./linger [a-z]+' "$readme" | cut -d ' ' -f 2 |
  sort -u); do
  check "./linger $command is a command" \
    grep -qE "^ *\./linger $command |^# +\./linger $command " "$top/linger"
done
known=$(of_help run; of_help list)
for option in $(grep -oE '`[^`]*`' "$readme" | names); do
  case $option in
    -i | -k) continue ;; # of wireshark
  esac
  check "$option of the README is an option" grep -qxF -- "$option" \
    <<<"$known"
done
for target in $(grep -oE '\]\([^)#:]+\)' "$readme" | tr -d '])(') \
  $(grep -oE 'scenarios/[a-z0-9-]+\.lua' "$readme"); do
  check "$target is there" test -e "$top/$target"
done
for path in $(section 'Reading the source' | grep -oE '`[a-z_/]+[./][a-z]*`' |
  tr -d '`'); do
  check "$path can be read" test -n \
    "$(find "$top/sim" "$top/models" "$top/scenarios" "$top/tests" \
      -path "*/${path%/}" -print -quit)"
done

# -- rules --

check "each rule of the network is in its list" diff \
  <(grep -hoE '"[a-z]+(-[a-z]+)+"' \
    $(ls "$top"/models/net/*.c | grep -v /net_rules.c) | sort -u) \
  <(grep -oE '"[a-z]+(-[a-z]+)+"' "$top/models/net/net_rules.c" | sort -u)

# -- scenarios --

for file in "$top"/scenarios/[0-9]*.lua; do
  name=$(basename "$file" .lua)
  check "$name opens with a comment for its reader" \
    awk 'NR <= 3 && !/^--/ { bad = 1 } END { exit bad }' "$file"
  check "$name has a title and expectations" \
    awk '/^title "/ { title = 1 } /^ *expect\./ { expect = 1 }
      END { exit !(title && expect) }' "$file"
  check "$name keeps to 80 columns" \
    awk 'length($0) > 80 { print FILENAME ":" FNR; bad = 1 }
      END { exit bad }' "$file"
done
finish
