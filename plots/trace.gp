# Reads a run's trace files: which connections there are, what each row says.
#
# stats goes through a file once and calls a function for each row. A file that
# is missing or empty counts as no rows; the picture says so.

# gnuplot cannot ask whether there is something in a file without a complaint,
# and takes double quotes and backslashes in a table for its own; so the shell
# helps.
escaped(s) = (strstrt(s, "'") ? s[1:strstrt(s, "'") - 1]."'\\''" \
  .escaped(s[strstrt(s, "'") + 1:]) : s)
quoted(s) = "'".escaped(s)."'"
has_lines(path) = system('grep -sq "[^[:space:]]" -- '.quoted(path) \
  .' && echo yes') eq 'yes'
table(path) = '< tr ''\\"'' "/''" <'.quoted(path)
STATES_TSV = table(dir.'/states.tsv')
PACKETS_TSV = table(dir.'/packets.tsv')
MAX_CONNECTION = 1000000

set datafile separator "\t"
set datafile commentschars ''

is_number(x) = x == x && abs(x) < 1e300
# column(c), but 0 and NaN where it is no number.
count(c) = valid(c) ? column(c) : 0
number(c) = valid(c) ? column(c) : NaN

# plot.tsv: the title and what identifies the run.
plot_text = "\n".system('cat -- '.quoted(dir.'/plot.tsv').' 2>/dev/null')."\n"
to_line_end(s) = s[1:strstrt(s, "\n") - 1]
value_at(k, key) = k ? to_line_end(plot_text[k + strlen(key) + 2:]) : ''
plot_value(key) = value_at(strstrt(plot_text, "\n".key."\t"), key)
title_text = plot_value('title')
scenario_text = plot_value('scenario')
seed_text = plot_value('seed')
fingerprint_text = plot_value('fingerprint')
if (title_text eq '') { title_text = scenario_text }

# The columns. The last one of a row is a number: a header, or a row that was
# cut short, has none, and is passed over. connection_of() is 0 for a row that
# belongs to no connection.
p_conn = 2; p_protocol = 3; p_sent = 4; p_received = 5; p_from_host = 6
p_to_host = 7; p_from = 8; p_to = 9; p_flags = 10; p_seq = 11; p_seq_end = 12
p_ack = 13; p_length = 14; p_window = 15; p_fate = 16; p_again = 19
p_injected = 20; p_last = 20
s_conn = 1; s_end = 3; s_state = 4; s_from = 5; s_to = 6; s_final = 10
s_last = 10
connection_of(conn, last) = !valid(conn) || !valid(last) ? 0 : \
  column(conn) >= 1 && column(conn) <= MAX_CONNECTION ? int(column(conn)) : 0
packet_connection(x) = connection_of(p_conn, p_last)
state_connection(x) = connection_of(s_conn, s_last)
row_from(x) = strcol(p_from) eq '-' ? strcol(p_from_host) : strcol(p_from)
row_to(x) = strcol(p_to) eq '-' ? strcol(p_to_host) : strcol(p_to)
row_lost(x) = strcol(p_fate) eq 'dropped'
row_copy(x) = strcol(p_fate) eq 'duplicate'

# How many rows, and the largest connection number.
packet_rows = 0; state_rows = 0; last_connection = 0
largest(c) = c > last_connection ? (last_connection = c) : 0
count_packet(c) = (c ? (largest(c), packet_rows = packet_rows + 1) : 0, 0)
count_state(c) = (c ? (largest(c), state_rows = state_rows + 1) : 0, 0)
if (has_lines(dir.'/packets.tsv')) \
  stats PACKETS_TSV using (count_packet(packet_connection(0))) nooutput
if (has_lines(dir.'/states.tsv')) \
  stats STATES_TSV using (count_state(state_connection(0))) nooutput

# Which connections are there: seen[c], how many, and the first of them.
array seen[last_connection + 1]
array group_index[last_connection + 1]
do for [c=1:last_connection + 1] { seen[c] = 0; group_index[c] = 0 }
saw(c) = c ? (seen[c] = 1, 0) : 0
if (packet_rows) stats PACKETS_TSV using (saw(packet_connection(0))) nooutput
if (state_rows) stats STATES_TSV using (saw(state_connection(0))) nooutput
connections = last_connection ? (sum [c=1:last_connection] seen[c]) : 0

# The first connections, at most MAX_GROUPS: group_of(c) is 1, 2, ... or 0.
array group_number[MAX_GROUPS]
groups = 0
c = 1
while (c <= last_connection && groups < MAX_GROUPS) {
  if (seen[c]) {
    groups = groups + 1
    group_number[groups] = c
    group_index[c] = groups
  }
  c = c + 1
}
group_of(c) = c ? group_index[c] : 0

# The ends of the shown connections, in the order in which packets name them.
MAX_LANES = 4 * MAX_GROUPS
array lane_group[MAX_LANES]
array lane_end[MAX_LANES]
array lane_place[MAX_LANES]
array group_lanes[MAX_GROUPS]
do for [g=1:MAX_GROUPS] { group_lanes[g] = 0 }
lanes = 0
find_from(g, e, i) = i > lanes ? 0 \
  : lane_group[i] == g && lane_end[i] eq e ? i : find_from(g, e, i + 1)
find_lane(g, e) = find_from(g, e, 1)
add_lane(g, e) = group_lanes[g] >= 4 ? 0 : (lanes = lanes + 1, \
  lane_group[lanes] = g, lane_end[lanes] = e, \
  group_lanes[g] = group_lanes[g] + 1, lane_place[lanes] = group_lanes[g], \
  lanes)
lane_of(g, e) = (l_ = find_lane(g, e), l_ ? l_ : add_lane(g, e))

# What a packet's label says: the flags by name and the length.
flag_names(f) = f eq '-' ? '' : f eq 'none' ? 'no flags' : \
  (f_ = (strstrt(f, 'S') ? '+SYN' : '').(strstrt(f, 'F') ? '+FIN' : '') \
  .(strstrt(f, 'R') ? '+RST' : '').(strstrt(f, 'P') ? '+PSH' : '') \
  .(strstrt(f, 'U') ? '+URG' : '').(strstrt(f, 'E') ? '+ECE' : '') \
  .(strstrt(f, 'W') ? '+CWR' : '').(strstrt(f, '.') ? '+ACK' : ''), f_[2:])
# SYN, FIN or RST: what a picture of a close never leaves out.
is_control(f) = strstrt(f, 'S') || strstrt(f, 'F') || strstrt(f, 'R')
