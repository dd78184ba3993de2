# A time axis that shortens idle time.
#
# Before the load: T0 <= T1, and the idle gaps gap_from[1..gaps],
# gap_to[1..gaps], disjoint, in which nothing happens (scan.gp says what that
# means); XL, XR: where the axis lies on the sheet. After it: x_of(t), the
# breaks break_from[], break_to[], break_x[], break_w[] in order of time.
#
# A gap is cut when it would dwarf the rest: when it is more than DWARF times as
# long as all that is not cut. Since that includes the shorter gaps, the rule is
# a fixed point, reached from below. A cut gap keeps a width that grows with the
# logarithm of its length, so that of two cuts the longer looks longer. All the
# rest has one scale.

DWARF = 2.5
MAX_BREAKS = 200

all_gaps = gaps ? (sum [i=1:gaps] gap_to[i] - gap_from[i]) : 0
busy = T1 - T0 - all_gaps
if (busy < 1e-9 * (T1 - T0)) {
  busy = T1 - T0
  do for [i=1:gaps] {
    g = gap_to[i] - gap_from[i]
    if (g > 0 && g < busy) { busy = g }
  }
}
kept = busy
do for [round=1:100] {
  more = gaps ? (sum [i=1:gaps] (gap_to[i] - gap_from[i] <= DWARF * kept \
    ? gap_to[i] - gap_from[i] : 0)) : 0
  more = more + (T1 - T0 - all_gaps)
  if (more <= kept) { break }
  kept = more
}
cut_over = DWARF * kept
do for [round=1:60] {
  breaks = gaps ? (sum [i=1:gaps] (gap_to[i] - gap_from[i] > cut_over)) : 0
  if (breaks <= MAX_BREAKS) { break }
  cut_over = cut_over * 1.5
}
array break_from[breaks + 1]
array break_to[breaks + 1]
array break_w[breaks + 1]
array break_x[breaks + 1]
n = 0
do for [i=1:gaps] {
  if (gap_to[i] - gap_from[i] > cut_over) {
    n = n + 1
    j = n
    while (j > 1 && break_from[j > 1 ? j - 1 : 1] > gap_from[i]) {
      break_from[j] = break_from[j - 1]
      break_to[j] = break_to[j - 1]
      j = j - 1
    }
    break_from[j] = gap_from[i]
    break_to[j] = gap_to[i]
  }
}
weight(d) = 1 + 0.3 * log(d / cut_over) / log(2)
weight_of(d) = weight(d) > 2.5 ? 2.5 : weight(d)
weights = breaks ? \
  (sum [i=1:breaks] weight_of(break_to[i] - break_from[i])) : 0
unit_w = breaks == 0 ? 0 : 0.6 * (XR - XL) / weights
if (unit_w > 95) { unit_w = 95 }
do for [i=1:breaks] {
  break_w[i] = unit_w * weight_of(break_to[i] - break_from[i])
}
cut_time = breaks ? (sum [i=1:breaks] break_to[i] - break_from[i]) : 0
cut_w = breaks ? (sum [i=1:breaks] break_w[i]) : 0
x_scale = T1 - T0 - cut_time > 0 \
  ? (XR - XL - cut_w) / (T1 - T0 - cut_time) : 0
part(t, i) = t <= break_from[i] ? 0 : t >= break_to[i] ? 1 \
  : (t - break_from[i]) / (break_to[i] - break_from[i])
x_of(t) = XL + x_scale * (t - T0) + (breaks == 0 ? 0 : (sum [i_=1:breaks] \
  part(t, i_) * (break_w[i_] - x_scale * (break_to[i_] - break_from[i_]))))
do for [i=1:breaks] { break_x[i] = x_of(break_from[i]) }
# Where the mark of a break stands.
mark_x(i) = break_x[i] + (break_w[i] < 44 ? break_w[i] / 2 : 22)
in_break(t1, t2) = breaks == 0 ? 0 : (sum [i_=1:breaks] \
  (t1 < break_to[i_] && t2 > break_from[i_]))
