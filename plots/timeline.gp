# The state timeline: one lane for each end of a connection, its states as bars,
# the packets between the ends as arrows.
#
#   gnuplot -e "dir='out/x'; format='svg'; output='x.svg'; plots='plots'" \
#     plots/timeline.gp
#
# format is svg, png, pdf or dumb. Reads states.tsv, packets.tsv and plot.tsv of
# dir; whatever is missing or empty leaves a picture that says so.
#
# Order of the work: read what is to be drawn; make the time axis; place the
# lanes; place the labels so that none covers another; draw.

if (!exists("plots")) { plots = 'plots' }
MAX_GROUPS = 4
load plots.'/style.gp'
load plots.'/trace.gp'

DRAW_ALL = 200
MAX_STATES = 400
MAX_LABELS = 140

# --- What is to be drawn -----------------------------------------------------

load plots.'/scan.gp'

# The states.
array bar_lane[MAX_STATES]; array bar_state[MAX_STATES]
array bar_from[MAX_STATES]; array bar_to[MAX_STATES]
array bar_open[MAX_STATES]; array bar_x1[MAX_STATES]; array bar_x2[MAX_STATES]
array bar_flag[MAX_STATES]; array bar_level[MAX_STATES]
array bar_text[MAX_STATES]
bars = 0
states = 0
keep_state(l, a, b) = l == 0 || !is_number(a) ? 0 : (states = states + 1, \
  bars >= MAX_STATES ? 0 : (bars = bars + 1, bar_lane[bars] = l, \
  bar_state[bars] = strcol(s_state), bar_from[bars] = a, \
  bar_to[bars] = is_number(b) && b > a ? b : a, \
  bar_open[bars] = count(s_final) > 0, span(a, bar_to[bars])))
group_for(g) = g == 0 ? 0 : lane_of(g, strcol(s_end))
state_row(x) = (keep_state(group_for(group_of(state_connection(0))), \
  number(s_from), number(s_to)), 0)
if (state_rows) stats STATES_TSV using (state_row(0)) nooutput

# Idle is what lies between packets, split where a state changes.
if (T1 < T0) { T0 = 0; T1 = 0 }
if (packets == 0) {
  nothing = add_gap(T0, T1)
} else {
  nothing = add_gap(T0, first_sent) + add_gap(busy_to, T1)
}
split_at(t, i) = t > gap_from[i] && t < gap_to[i] \
  ? (add_gap(t, gap_to[i]), gap_to[i] = t, 1) : 0
do for [b=1:bars] {
  n = gaps
  nothing = n ? (sum [i=1:n] split_at(bar_from[b], i)) : 0
  n = gaps
  nothing = n ? (sum [i=1:n] split_at(bar_to[b], i)) : 0
}

# Second pass: the packets to draw. All, or every n-th of each class; n is odd,
# so that loss and repair by turns are both seen.
array stride[3]; array class_seen[3]
array budget[3] = [80, 40, 60]
MAX_DRAWN = DRAW_ALL + 3
do for [k=1:3] {
  stride[k] = packets <= DRAW_ALL ? 1 \
    : int(ceil(1.0 * class_size[k] / budget[k]))
  if (stride[k] % 2 == 0) { stride[k] = stride[k] + 1 }
  class_seen[k] = 0
}
array pk_sent[MAX_DRAWN]; array pk_arrived[MAX_DRAWN]; array pk_from[MAX_DRAWN]
array pk_to[MAX_DRAWN]; array pk_class[MAX_DRAWN]; array pk_kind[MAX_DRAWN]
array pk_form[MAX_DRAWN]; array pk_text[MAX_DRAWN]; array pk_x1[MAX_DRAWN]
array pk_x2[MAX_DRAWN]; array pk_y1[MAX_DRAWN]; array pk_y2[MAX_DRAWN]
drawn = 0
note_of(again, copy, injected) = (injected > 0 ? ' injected' : '') \
  .(copy ? ' copy' : again > 1 ? sprintf(' again %d', again) \
  : again == 1 ? ' again' : '')
what(f) = f eq '' ? strcol(p_protocol) : f
label_text(x) = what(flag_names(strcol(p_flags))) \
  .(count(p_length) > 0 ? sprintf(' %d B', count(p_length)) : '') \
  .note_of(count(p_again), row_copy(0), count(p_injected))
keep_packet(t) = (drawn = drawn + 1, pk_sent[drawn] = t, \
  pk_from[drawn] = from_, pk_to[drawn] = to_, pk_class[drawn] = k_, \
  pk_arrived[drawn] = arrival(t, from_), \
  pk_kind[drawn] = kind_of(strcol(p_flags), count(p_again), \
  count(p_injected)), \
  pk_form[drawn] = row_lost(0) ? 1 : row_copy(0) ? 2 : 0, \
  pk_text[drawn] = label_text(0), 1)
choose(g, t) = g == 0 || !is_number(t) ? 0 : ( \
  from_ = find_lane(g, row_from(0)), to_ = find_lane(g, row_to(0)), \
  k_ = class_of(strcol(p_flags)), class_seen[k_] = class_seen[k_] + 1, \
  (class_seen[k_] - 1) % stride[k_] || !from_ || !to_ || drawn >= MAX_DRAWN \
  ? 0 : keep_packet(t))
choose_row(x) = (choose(group_of(packet_connection(0)), number(p_sent)), 0)
if (packets) stats PACKETS_TSV using (choose_row(0)) nooutput

# --- Sizes, and the time axis ------------------------------------------------

STATE_PX = groups <= 1 ? 20 : groups == 2 ? 16 : 13
PACKET_PX = (groups <= 1 ? 18 : groups == 2 ? 15 : 12) \
  - (groups > 2 ? 0 : drawn > 60 ? 5 : drawn > 24 ? 3 : drawn > 14 ? 1 : 0)
LANE_PX = groups <= 1 ? 19 : groups == 2 ? 16 : 14
AXIS_PX = 17
RIGHT = SHEET_W - 30
lane_w = 60
do for [l=1:lanes] {
  w = text_width(lane_end[l], fit(lane_end[l], LANE_PX, 200, 11))
  if (w > lane_w) { lane_w = w }
}
if (lane_w > 200) { lane_w = 200 }
XL = 24 + lane_w + 14

# What a bar says, and whether inside it or on a flag beside it.
length_of(b) = bar_state[b] eq 'CLOSED' ? '' : \
  '  '.(bar_open[b] ? '≥ ' : '').duration(bar_to[b] - bar_from[b])
says_length(b) = bar_state[b] ne 'CLOSED' && in_break(bar_from[b], bar_to[b])
# A label goes into the widest part of its bar that no break crosses.
wider(a1, a2, b1, b2) = b2 - b1 > a2 - a1
scan_parts(b, i, from, x1, x2) = i > breaks \
  ? (wider(x1, x2, from, bar_x2[b]) ? (part_x1 = from, part_x2 = bar_x2[b]) \
  : (part_x1 = x1, part_x2 = x2)) \
  : break_from[i] >= bar_to[b] || break_to[i] <= bar_from[b] \
  ? scan_parts(b, i + 1, from, x1, x2) \
  : wider(x1, x2, from, mark_x(i) - 9) \
  ? scan_parts(b, i + 1, mark_x(i) + 9, from, mark_x(i) - 9) \
  : scan_parts(b, i + 1, mark_x(i) + 9, x1, x2)
# CLOSED is written at its start, or after the break that would cross it.
past_mark(x, w, i) = i > breaks ? x \
  : past_mark(x < mark_x(i) + 9 && x + w > mark_x(i) - 9 ? mark_x(i) + 9 : x, \
  w, i + 1)
find_part(b) = bar_state[b] eq 'CLOSED' ? (part_x2 = bar_x2[b], \
  part_x1 = past_mark(bar_x1[b], bold_width('CLOSED', STATE_PX) + 14, 1)) \
  : scan_parts(b, 1, bar_x1[b], 0, 0)
room(b) = (find_part(b), part_x2 - part_x1 - 10)
fits(s, b) = bold_width(s, STATE_PX) <= room(b)
inside(b) = fits(bar_state[b].length_of(b), b) ? bar_state[b].length_of(b) \
  : bold_width(says_length(b) ? bar_state[b].length_of(b) : bar_state[b], \
  STATE_PX * 0.8) <= room(b) ? (says_length(b) ? bar_state[b].length_of(b) \
  : bar_state[b]) : ''
flag_x(b) = bar_x1[b] + (bar_x2[b] - bar_x1[b] < 16 \
  ? (bar_x2[b] - bar_x1[b]) / 2 : 8)
flag_end(b) = flag_x(b) + 4 + bold_width(bar_text[b], STATE_PX)

# CLOSED lasts: to the end of the picture, or to the end's next life.
next_life(b) = b == bars ? T1 : (t_ = (sum [j=b+1:bars] (bar_lane[j] \
  == bar_lane[b] ? 1 : 0)) ? next_from(b, b + 1) : T1, t_)
next_from(b, j) = bar_lane[j] == bar_lane[b] ? bar_from[j] : next_from(b, j + 1)
do for [b=1:bars] {
  if (bar_state[b] eq 'CLOSED') { bar_to[b] = next_life(b) }
}

# The axis is made twice: first with no room at its right for the flags of the
# last states, then with as much as they need.
tail = bars ? 20 : 0
do for [round=1:2] {
  XR = RIGHT - tail
  load plots.'/axis.gp'
  over = 0
  do for [b=1:bars] {
    bar_x1[b] = x_of(bar_from[b])
    lasts = bar_to[b] >= T1 && (bar_open[b] || bar_state[b] eq 'CLOSED')
    bar_x2[b] = lasts ? RIGHT : x_of(bar_to[b])
    if (bar_x2[b] < bar_x1[b] + 4) { bar_x2[b] = bar_x1[b] + 4 }
    s = inside(b)
    bar_flag[b] = s eq ''
    bar_text[b] = s ne '' ? s \
      : bar_state[b].(says_length(b) ? length_of(b) : '')
    w = bold_width(bar_text[b], STATE_PX)
    if (bar_flag[b] && flag_end(b) - RIGHT > over) {
      over = flag_end(b) - RIGHT
    }
    if (lasts && bar_x1[b] + w + 14 - RIGHT > over) {
      over = bar_x1[b] + w + 14 - RIGHT
    }
  }
  if (over <= 0) { break }
  tail = tail + over > 260 ? 260 : tail + over
}

# --- The lanes ---------------------------------------------------------------

# Flags fly to the right. From the right: a flag stands above every flag whose
# pole it would cover, so that nothing crosses anything.
highest(b, j) = j > bars ? 0 : (h_ = highest(b, j + 1), \
  bar_flag[j] && bar_lane[j] == bar_lane[b] && flag_x(j) < flag_end(b) + 6 \
  && bar_level[j] > h_ ? bar_level[j] : h_)
array lane_levels[MAX_LANES]
do for [l=1:MAX_LANES] { lane_levels[l] = 0 }
do for [b=bars:1:-1] {
  bar_level[b] = 0
  if (bar_flag[b]) {
    bar_level[b] = 1 + highest(b, b + 1)
    if (bar_level[b] > lane_levels[bar_lane[b]]) {
      lane_levels[bar_lane[b]] = bar_level[b]
    }
  }
}

note = bars + packets == 0 ? '' : bars == 0 ? 'no states' \
  : packets == 0 ? 'no packets' : ''
if (connections > groups) {
  note = note.(note eq '' ? '' : '; ') \
    .plural(connections - groups, 'more connection').' not shown'
}
if (drawn < packets) {
  note = note.(note eq '' ? '' : '; ') \
    .sprintf('%s of %s packets drawn', thousands(drawn), thousands(packets))
}
if (bars < states) {
  note = note.(note eq '' ? '' : '; ').sprintf('%s of %s states drawn', \
    thousands(bars), thousands(states))
}

AY = 84.0
AT = note eq '' ? 650.0 : 628.0
YB = AY + 36
GROUP_GAP = 16.0
LEVEL_H = STATE_PX * 1.3
group_h = groups ? (AT - YB - GROUP_GAP * (groups - 1)) / groups : 0
bar_h = groups <= 1 ? 40 : groups == 2 ? 28 : 20
array lane_y[MAX_LANES]
array group_top[MAX_GROUPS]
do for [g=1:groups] {
  group_top[g] = AT - (g - 1) * (group_h + GROUP_GAP)
  up = 0
  down = 0
  do for [l=1:lanes] {
    if (lane_group[l] == g) {
      if (lane_place[l] == 1) { up = lane_levels[l] }
      if (lane_place[l] > 1 && lane_place[l] == group_lanes[g]) {
        down = lane_levels[l]
      }
    }
  }
  y1 = group_top[g] - up * LEVEL_H - bar_h / 2
  y2 = group_top[g] - group_h + down * LEVEL_H + bar_h / 2
  if (y1 - y2 < bar_h * 2.5) {
    y1 = group_top[g] - group_h / 4
    y2 = group_top[g] - group_h * 3 / 4
  }
  do for [l=1:lanes] {
    if (lane_group[l] == g) {
      lane_y[l] = group_lanes[g] == 1 ? y1 : \
        y1 - (y1 - y2) * (lane_place[l] - 1) / (group_lanes[g] - 1)
    }
  }
}
# +1: the flags of a lane go up, -1: down.
flag_side(l) = lane_place[l] > 1 \
  && lane_place[l] == group_lanes[lane_group[l]] ? -1 : 1

do for [g=2:groups] {
  y = group_top[g] + GROUP_GAP / 2
  nothing = line(1, 24, y, RIGHT, y, 46)
}
do for [l=1:lanes] {
  px = fit(lane_end[l], LANE_PX, 200, 11)
  set label clip(lane_end[l], px, 205) at XL-14,lane_y[l] right \
    font bold(px * 0.95) tc rgb INK front
  nothing = line(1, XL, lane_y[l], RIGHT - 3, lane_y[l], 46)
}
if (connections > 1) {
  do for [g=1:groups] {
    set label sprintf('connection %d', group_number[g]) \
      at XL-14,group_top[g]-group_h/2 right font font(LANE_PX * 0.8) \
      tc rgb FAINT front
  }
}

do for [b=1:bars] {
  l = bar_lane[b]
  y = lane_y[l]
  c = state_colour(bar_state[b])
  nothing = rect(2, bar_x1[b], y - bar_h / 2, bar_x2[b] - 1, y + bar_h / 2, c)
  if (bar_state[b] eq 'CLOSED') {
    nothing = line(2, bar_x1[b], y - bar_h / 2, bar_x2[b], y - bar_h / 2, 41) \
      + line(2, bar_x1[b], y + bar_h / 2, bar_x2[b], y + bar_h / 2, 41) \
      + line(2, bar_x1[b], y - bar_h / 2, bar_x1[b], y + bar_h / 2, 41)
  } else {
    if (bar_open[b] && bar_x2[b] >= RIGHT) {
      set object polygon from RIGHT-1,y-bar_h/2 to RIGHT+14,y \
        to RIGHT-1,y+bar_h/2 to RIGHT-1,y-bar_h/2 fc rgb c fs solid noborder
    }
  }
  if (bar_flag[b]) {
    d = flag_side(l)
    x = flag_x(b)
    yt = y + d * (bar_h / 2 + (bar_level[b] - 0.5) * LEVEL_H)
    nothing = line(2, x, y + d * bar_h / 2, x, yt + d * STATE_PX * 0.4, 41)
    w = bold_width(bar_text[b], STATE_PX)
    x = x + 4 + w > RIGHT + 24 ? RIGHT + 24 - w : x + 4
    set label bar_text[b] at x,yt left font bold(STATE_PX * 0.95) \
      tc rgb INK front
  } else {
    px = fit(bar_text[b], STATE_PX, room(b) / 1.1, STATE_PX * 0.8)
    left = bar_state[b] eq 'CLOSED'
    set label bar_text[b] at \
      (left ? part_x1 + 7 + bold_width(bar_text[b], px) / 2 \
      : (part_x1 + part_x2) / 2),y center font bold(px) \
      tc rgb int(ink_on(c)) front
  }
  do for [i=1:breaks] {
    if (bar_from[b] < break_to[i] && bar_to[b] > break_from[i]) {
      x = mark_x(i)
      nothing = line(2, x - 6, y - bar_h / 2 - 4, x + 6, y + bar_h / 2 + 4, 44)
    }
  }
}
load plots.'/tics.gp'

# --- The packets -------------------------------------------------------------

LOST_AT = 0.6
have_kind = ' '
do for [k=1:drawn] {
  d = lane_y[pk_to[k]] > lane_y[pk_from[k]] ? 1 : -1
  pk_x1[k] = x_of(pk_sent[k])
  pk_y1[k] = lane_y[pk_from[k]] + d * (bar_h / 2 + 1)
  pk_x2[k] = x_of(pk_arrived[k])
  pk_y2[k] = lane_y[pk_to[k]] - d * (bar_h / 2 + 1)
  have_kind = have_kind.sprintf('k%d f%d ', pk_kind[k], pk_form[k])
  if (pk_form[k] == 1) {
    pk_x2[k] = pk_x1[k] + LOST_AT * (pk_x2[k] - pk_x1[k])
    pk_y2[k] = pk_y1[k] + LOST_AT * (pk_y2[k] - pk_y1[k])
    nothing = cross(3, pk_x2[k], pk_y2[k], groups > 2 ? 5 : 8) \
      + add_box(pk_x2[k], pk_y2[k], 22, 22)
  }
  style = 1 + 10 * pk_form[k] + pk_kind[k]
  if (pk_class[k] == 3 && stride[3] > 1) { style = 31 + pk_kind[k] }
  nothing = pk_form[k] == 2 \
    ? dotted(2, pk_x1[k], pk_y1[k], pk_x2[k], pk_y2[k], pk_kind[k]) \
    : line(2, pk_x1[k], pk_y1[k], pk_x2[k], pk_y2[k], style)
}

# A label sits on its arrow, where it hides no other label and as few other
# arrows as can be; an arrow meets a box if the box's corners are not all on
# one side of it.
meets(i, x, y, w, h) = abs((pk_y2[i] - pk_y1[i]) * (x - pk_x1[i]) \
  - (pk_x2[i] - pk_x1[i]) * (y - pk_y1[i])) * 2 \
  < abs(pk_y2[i] - pk_y1[i]) * w + abs(pk_x2[i] - pk_x1[i]) * h \
  && abs(2 * y - pk_y1[i] - pk_y2[i]) < abs(pk_y1[i] - pk_y2[i]) + h \
  && abs(2 * x - pk_x1[i] - pk_x2[i]) < abs(pk_x1[i] - pk_x2[i]) + w
crossings(k, x, y, w, h) = (sum [i=1:drawn] \
  (i != k && meets(i, x, y, w, h)))
PLACES = '50 38 62 28 72 20 80 44 56 33 67 24 76 14 86'
at_x(k, f) = pk_x1[k] + f * (pk_x2[k] - pk_x1[k])
at_y(k, f) = pk_y1[k] + f * (pk_y2[k] - pk_y1[k])
off_sheet(x, w) = x - w / 2 < XL - 12 || x + w / 2 > SHEET_W - 4
cost(k, f, w, h) = (x_ = at_x(k, f), y_ = at_y(k, f), \
  1000 * hits(x_, y_, w, h) + 1000 * (off_sheet(x_, w) && \
  !off_sheet(pk_x1[k], w)) + 10 * crossings(k, x_, y_, w, h))
labels = 0
do for [class=1:3] {
  do for [k=1:drawn] {
    if (pk_class[k] != class || labels >= MAX_LABELS) { continue }
    if (class > 1 && stride[class] > 1) { continue }
    w = text_width(pk_text[k], PACKET_PX) + 6
    h = PACKET_PX * 1.15
    if (abs(pk_y2[k] - pk_y1[k]) < h) { continue }
    best = 1e9
    place = 0
    do for [i=1:words(PLACES)] {
      f = word(PLACES, i) / 100.0
      n = cost(k, f, w, h) + i
      if (n < best) { best = n; place = f }
      if (best < 10) { break }
    }
    if (best >= 1000 || (class == 3 && best >= 60)) { continue }
    labels = labels + 1
    x = at_x(k, place)
    if (off_sheet(x, w)) {
      x = x < SHEET_W / 2 ? XL - 12 + w / 2 : SHEET_W - 4 - w / 2
    }
    y = at_y(k, place)
    nothing = add_box(x, y, w, h) \
      + rect(3, x - w / 2, y - h / 2, x + w / 2, y + h / 2, 0xFFFFFF)
    set label pk_text[k] at x,y center font font(PACKET_PX) \
      tc rgb int(kind_colour(pk_kind[k])) front
  }
}

# --- Title, legend, notes ----------------------------------------------------

ENTRIES = 'k3 f2 k2 f1 k1'
array entry_text[5] = ['injected', 'copy made by the network', 'sent again', \
  'lost', 'reset']
array entry_style[5] = [4, 21, 3, 11, 2]
shown(i) = strstrt(have_kind, ' '.word(ENTRIES, i).' ') > 0
load plots.'/frame.gp'
if (bars + packets == 0) {
  set label 'no states, no packets' at SHEET_W/2,(AT+YB)/2 center \
    font font(22) tc rgb FAINT front
}

# --- Draw --------------------------------------------------------------------

load plots.'/draw.gp'
