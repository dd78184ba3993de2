# A first pass over the packets of the shown connections: the lanes, the
# shortest way of a packet from each, the times T0 and T1 of the first and
# last, the idle gaps in which no packet is on its way, and how many there are
# of each class: 1 SYN, FIN or RST; 2 lost, copied, sent again or injected;
# 3 the rest.
#
# A lost packet is taken to have been on its way as long as the others of its
# sender. One that is on its way LONG times as long as others, such as a copy
# that the network kept, does not keep the time busy: a gap may lie in its
# flight, and ends where it arrives.

LONG = 4
MAX_LONG = 100

array way[MAX_LANES]
do for [l=1:MAX_LANES] { way[l] = -1 }
MAX_GAPS = packet_rows + 2 * MAX_STATES + MAX_LONG + 4
array gap_from[MAX_GAPS]
array gap_to[MAX_GAPS]
array late[MAX_LONG]
late_ones = 0
gaps = 0
packets = 0
busy_to = NaN
first_sent = NaN
T0 = 1e300
T1 = -1e300
array class_size[3]
do for [k=1:3] { class_size[k] = 0 }
# With very many packets a short gap is not worth a look.
add_gap(a, b) = b > a && (packet_rows < 2000 || (b - a) * 2000 > b - T0) \
  ? (gaps = gaps + 1, gap_from[gaps] = a, gap_to[gaps] = b, 1) : 0
span(a, b) = (T0 = a < T0 ? a : T0, T1 = b > T1 ? b : T1, 1)
class_of(f) = is_control(f) ? 1 : (row_lost(0) || row_copy(0) \
  || count(p_again) > 0 || count(p_injected) > 0) ? 2 : 3
arrival(sent, l) = is_number(number(p_received)) ? number(p_received) \
  : sent + (l && way[l > 0 ? l : 1] > 0 ? way[l > 0 ? l : 1] : 0)
note_way(l, d) = l == 0 || d < 0 ? 0 \
  : way[l] < 0 || d < way[l] ? (way[l] = d) : 0
too_long(l, d) = l == 0 || late_ones >= MAX_LONG ? 0 \
  : way[l] > 0 && d > LONG * way[l]
busy_until(l, t, arrived) = too_long(l, arrived - t) \
  ? (late_ones = late_ones + 1, late[late_ones] = arrived, t + way[l]) : arrived
scan_packet(g, t) = g == 0 || !is_number(t) ? 0 : ( \
  from_ = lane_of(g, row_from(0)), to_ = lane_of(g, row_to(0)), \
  arrived_ = arrival(t, from_), \
  is_number(number(p_received)) ? note_way(from_, arrived_ - t) : 0, \
  packets = packets + 1, k_ = class_of(strcol(p_flags)), \
  class_size[k_] = class_size[k_] + 1, span(t, arrived_), \
  first_sent = is_number(first_sent) ? first_sent : t, \
  t > busy_to ? add_gap(busy_to, t) : 0, \
  until_ = busy_until(from_, t, arrived_), \
  busy_to = busy_to > until_ ? busy_to : until_)
scan_row(x) = (scan_packet(group_of(packet_connection(0)), number(p_sent)), 0)
if (packet_rows) stats PACKETS_TSV using (scan_row(0)) nooutput
longest_way = 0
do for [l=1:MAX_LANES] {
  if (way[l] > longest_way) { longest_way = way[l] }
}
do for [l=1:MAX_LANES] { if (way[l] < 0) { way[l] = longest_way } }

# The gaps before the first packet and after the last, once T0 and T1 are known.
split_at(t, i) = t > gap_from[i] && t < gap_to[i] \
  ? (add_gap(t, gap_to[i]), gap_to[i] = t, 1) : 0
split_gaps(t) = (n_ = gaps, n_ ? (sum [g_=1:n_] split_at(t, g_)) : 0)
end_gaps(x) = ( \
  packets == 0 ? add_gap(T0, T1) \
  : add_gap(T0, first_sent) + add_gap(busy_to, T1), \
  late_ones ? (sum [j_=1:late_ones] split_gaps(late[j_])) : 0)
