# From states.table a script a segment: writes DIR/NAME.pkt. With turned=1 each
# answer is exchanged for one that it is not: where something is answered or
# changes nothing does, and where nothing does it is an ACK. The last packet of
# each script shows that nothing else was sent before it.

function fail(message) {
  print FILENAME ":" FNR ": " message >"/dev/stderr"
  failed = 1
  exit 1
}

function say(line) { print line >file }
function arrives(packet) { say("+.02 < " packet) }
function sends(packet) { say("+0 > " packet) }
function trim(text) { gsub(/^ +| +$/, "", text); return text }

function assert_state(name) {
  gsub("-", "_", name)
  say("+0 `sockstat " (ipv6 ? "-6" : "-4") " -P tcp -s | grep -c " name \
      " | grep '^1$'`")
}

function assert_error(fd, name) {
  say("+0 getsockopt(" fd ", SOL_SOCKET, SO_ERROR, [" name "], [4]) = 0")
}

# SO_RCVBUF is rounded up to whole segments.
function assert_buffer(fd) {
  say("+0 getsockopt(" fd ", SOL_SOCKET, SO_RCVBUF, [" room "], [4]) = 0")
}

function options() { return "<mss " mss ",sackOK,eol,eol>" }
function offer() { return "<mss " mss ",nop,wscale 6,sackOK,TS val 100 ecr 0>" }

# -- states --

function opens(passive) {
  if (!passive) {
    connects()
    arrives("S. 0:0(0) ack 1 win 32767 " options())
    sends(". 1:1(0) ack 1 win 65535")
    return 3
  }
  listens()
  arrives("S 0:0(0) win 32767 " options())
  sends("S. 0:0(0) ack 1 win 65535 " options())
  arrives(". 1:1(0) ack 1 win 32767")
  say("+0 accept(3, ..., ...) = 4")
  return 4
}

function socket() {
  say("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3")
  say("+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0")
  say("+0 getsockopt(3, SOL_SOCKET, SO_RCVBUF, [65536], [4]) = 0")
}

function connects() {
  socket()
  say("+0 connect(3, ..., ...) = -1 EINPROGRESS")
  sends("S 0:0(0) win 65535 " offer())
}

function listens() {
  socket()
  say("+0 bind(3, ..., ...) = 0")
  say("+0 listen(3, 2) = 0")
}

function finishes(number) {
  say("+0 shutdown(" fd ", SHUT_WR) = 0")
  sends("F. 1:1(0) ack " number " win 65535")
}

# Behind the handshake.
function goes_on(state) {
  if (state == "CLOSE-WAIT" || state == "LAST-ACK") {
    arrives("F. 1:1(0) ack 1 win 32767")
    sends(". 1:1(0) ack 2 win 65535")
  }
  if (state == "LAST-ACK")
    finishes(2)
  if (state ~ /^(FIN-WAIT|CLOSING|TIME-WAIT)/)
    finishes(1)
  if (state == "FIN-WAIT-2")
    arrives(". 1:1(0) ack 2 win 32767")
  if (state == "CLOSING") {
    arrives("F. 1:1(0) ack 1 win 32767")
    sends("F. 1:1(0) ack 2 win 65535")
  }
  if (state ~ /^TIME-WAIT/) {
    arrives("F. 1:1(0) ack 2 win 32767")
    sends(". 2:2(0) ack 2 win 65535")
  }
}

function reach(state) {
  fd = 3
  if (state == "CLOSED")
    return
  if (state == "SYN-SENT")
    return connects()
  if (state == "LISTEN")
    return listens()
  if (state == "SYN-RCVD/LISTEN") {
    listens()
    arrives("S 0:0(0) win 32767 " options())
    sends("S. 0:0(0) ack 1 win 65535 " options())
    return
  }
  if (state == "SYN-RCVD/SYN-SENT") {
    connects()
    arrives("S 0:0(0) win 32767 " options())
    sends("S. 0:0(0) ack 1 win 65535 " options())
    return assert_buffer(3)
  }
  fd = opens(state ~ "/L$")
  assert_buffer(fd)
  goes_on(state)
}

# -- what came of it --

# The administrator ends what is open.
function end_all(numbers) {
  say("+0 `tcpdrop -a`")
  sends("R. " numbers " win 0")
}

function is_nobody() {
  arrives(". 9:9(0) ack 5 win 32767")
  sends("R 5:5(0) win 0")
}

function opens_at_last(text) {
  say("+0 %{ assert tcpi_state == TCPI_SYN_RECEIVED }%")
  assert_error(3, "0")
  if (text)
    say("+0 read(3, ..., 100) = -1 EWOULDBLOCK")
  arrives(". " 1 + text ":" 1 + text "(0) ack 1 win 32767")
  say("+0 %{ assert tcpi_state == TCPI_ESTABLISHED }%")
  is_open(text)
}

# What was read is acknowledged, and nothing else is there.
function is_open(text) {
  assert_error(3, "0")
  if (text)
    say("+0 read(3, ..., 100) = " text)
  say("+0 read(3, ..., 100) = -1 EAGAIN")
  end_all("1:1(0) ack " 1 + text)
}

function is_half_open() {
  assert_state("SYN-RCVD")
  arrives(". 1:1(0) ack 1 win 32767")
  say("+0 accept(3, ..., ...) = 4")
  assert_state("ESTABLISHED")
  end_all("1:1(0) ack 1")
}

function is_over(error) {
  assert_state("CLOSED")
  assert_error(fd, error)
  is_nobody()
}

function is_in(state, text) {
  if (state == "CLOSED" && from == "CLOSED")
    return is_nobody()
  if (state == "LISTEN") {
    say("+0 `sockstat -P tcp -s | grep -c SYN_RCVD | grep '^0$'`")
    assert_state("LISTEN")
    return is_nobody()
  }
  if (state == "SYN-SENT") {
    say("+.98 > S 0:0(0) win 65535 <mss " mss \
        ",nop,wscale 6,sackOK,TS val 1100 ecr 0>")
    return assert_state("SYN-SENT")
  }
  if (state == "CLOSED" || state ~ /^E[A-Z]+$/ && state != "ESTABLISHED")
    return is_over(state == "CLOSED" ? "0" : state)
  if (state == "SYN-RCVD/SYN-SENT")
    return opens_at_last(text)
  if (state == "SYN-RCVD/LISTEN")
    return is_half_open()
  if (state == "ESTABLISHED" && from == "SYN-SENT")
    return is_open(text)
  sub("/L$", "", state)
  if (!(state in ack))
    fail("there is no state " state)
  assert_error(fd, "0")
  assert_state(state)
  if (state == "TIME-WAIT") {
    arrives(". 1:1(0) ack 2 win 32767")
    sends(". " ack[state] " win 65535")
  } else {
    end_all(ack[state])
  }
}

# -- rows --

# The answer that a correct host does not give.
function turn(answer) {
  return answer == "-" ? ". 1:1(0) ack 1" : "-"
}

function answered(answer, seq, parts, count, words, packet) {
  if (turned)
    answer = turn(answer)
  count = split(answer, parts, / *; */)
  packet = parts[1]
  split(count > 1 ? parts[2] : from, words, " ")
  if (packet == "again") {
    sends("S. ...(0) ack " seq + 1 " win 65535 " options())
    return assert_state("SYN-RCVD")
  }
  if (packet == "ack")
    packet = ". " ack[from] " win 65535"
  else if (packet == "reset")
    packet = "R. " ack[from] " win 0"
  else if (packet ~ /^S/)
    packet = packet " win 65535 " options()
  if (packet != "-")
    sends(packet)
  is_in(words[1], words[2] + 0)
}

# "ESTABLISHED,R,insecure_rst=1,N+W-1,ipv6"
function name_of(label, edge, name) {
  name = from "," label "," settings "," edge "," (ipv6 ? "ipv6" : "ipv4")
  gsub(/[\/ :(]+/, "-", name)
  gsub(/[)]/, "", name)
  gsub(/,,+/, ",", name)
  return name
}

# `settings` that are no sysctl are knobs.
function script(label, segment, seq, edge, answer, name, i, sysctls, knobs) {
  name = name_of(label, edge)
  if (name in written)
    fail("a second row for " name)
  written[name] = 1
  file = dir "/" name ".pkt"
  for (i in items)
    if (items[i] ~ /^time_wait_/)
      knobs = knobs " " items[i]
    else
      sysctls = sysctls " net.inet.tcp." items[i]
  if (knobs != "")
    say("// linger: profile=freebsd" knobs)
  say("--ip_version=" (ipv6 ? "ipv6" : "ipv4"))
  say("0 `sysctl -w net.inet.tcp.rfc1323=1" sysctls "`")
  reach(from)
  arrives(segment " win 32767" (segment ~ /^SF? / ? " " options() : ""))
  answered(answer, seq)
  close(file)
}

function at_edge(segment, seq, words) {
  split(segment, words, " ")
  return words[1] " " seq ":" seq "(0)" substr(segment, length(words[1]) + 1)
}

function rows(segment, cells, count, n, edge, i) {
  mss = ipv6 ? 1440 : 1460
  room = ipv6 ? 66240 : 65700
  if (count == 2)
    return script(segment, segment, 0, "", trim(cells[2]))
  n = ack[from]
  sub(/.* /, "", n)
  edge[2] = n - 1
  edge[3] = n
  edge[4] = n + (from == "SYN-RCVD/LISTEN" ? 65535 : room) - 1
  edge[5] = edge[4] + 1
  for (i = 2; i <= 5; i++)
    script(segment, at_edge(segment, edge[i]), edge[i], names[i],
           trim(cells[i]))
}

BEGIN { split("- N-1 N N+W-1 N+W", names, " ") }

/^#/ || /^$/ { next }

{
  line = line $0
  if (sub(/\\$/, "", line))
    next
  $0 = line
  line = ""
}

$1 == "state" {
  name = $2
  sub(/^state +[^ ]+ +/, "")
  ack[name] = $0
  next
}

$1 == "in" {
  settings = / with / ? $0 : ""
  sub(/.* with +/, "", settings)
  sub(/^in +/, "")
  sub(/ +with .*/, "")
  split("", items)
  split(settings, items, " ")
  states = split($0, at, " ")
  next
}

{
  count = split($0, cells, "|")
  if (count != 2 && count != 5)
    fail("a row has one answer, or four")
  for (s = 1; s <= states; s++)
    for (ipv6 = 0; ipv6 <= 1; ipv6++) {
      from = at[s]
      rows(trim(cells[1]), cells, count)
    }
}

END { exit failed }
