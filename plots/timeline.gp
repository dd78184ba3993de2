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
short(s) = strlen(s) > 24 ? s[1:23].'…' : s
keep_state(l, a, b) = l == 0 || !is_number(a) ? 0 : (states = states + 1, \
  bars >= MAX_STATES ? 0 : (bars = bars + 1, bar_lane[bars] = l, \
  bar_state[bars] = short(strcol(s_state)), bar_from[bars] = a, \
  bar_to[bars] = is_number(b) && b > a ? b : a, \
  bar_open[bars] = count(s_final) > 0, span(a, bar_to[bars])))
group_for(g) = g == 0 ? 0 : lane_of(g, strcol(s_end))
state_row(x) = (keep_state(group_for(group_of(state_connection(0))), \
  number(s_from), number(s_to)), 0)
if (state_rows) stats STATES_TSV using (state_row(0)) nooutput

# Idle is what lies between packets, split where a state changes.
if (T1 < T0) { T0 = 0; T1 = 0 }
nothing = end_gaps(0)
do for [b=1:bars] {
  nothing = split_gaps(bar_from[b]) + split_gaps(bar_to[b])
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
what(f) = f eq '' ? short(strcol(p_protocol)) : f
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
  (class_seen[k_] - 1) % stride[k_] || !from_ || !to_ || from_ == to_ \
  || drawn >= MAX_DRAWN ? 0 : keep_packet(t))
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
# CLOSED lasts: to the end of the picture, or to the end's next life.
next_life(b) = (t_ = T1, b == bars ? 0 : (sum [j_=b+1:bars] \
  (bar_lane[j_] == bar_lane[b] && t_ == T1 ? (t_ = bar_from[j_]) : 0)), t_)
do for [b=1:bars] {
  if (bar_state[b] eq 'CLOSED') { bar_to[b] = next_life(b) }
}

# A flag says what its bar has no room for. It flies to the right, or, where the
# sheet ends, as far to the right as it can.
FLAG_PX = STATE_PX
FLAG_LIMIT = SHEET_W - 6
flag_x(b) = bar_x1[b] + (bar_x2[b] - bar_x1[b] < 16 \
  ? (bar_x2[b] - bar_x1[b]) / 2 : 8)
flag_w(b) = bold_width(bar_text[b], FLAG_PX)
flag_left(b) = flag_x(b) + 4 + flag_w(b) > FLAG_LIMIT \
  ? FLAG_LIMIT - flag_w(b) : flag_x(b) + 4
flag_end(b) = flag_left(b) + flag_w(b)

# The axis is made again until it leaves as much room at its right as the flags
# of the last states need.
tail = bars ? 20 : 0
do for [round=1:3] {
  XR = RIGHT - tail
  load plots.'/axis.gp'
  over = 0
  do for [b=1:bars] {
    bar_x1[b] = x_of(bar_from[b])
    lasts = bar_state[b] eq 'CLOSED' ? bar_to[b] >= T1 : bar_open[b]
    bar_x2[b] = lasts ? RIGHT : x_of(bar_to[b])
    if (bar_x2[b] < bar_x1[b] + 4) { bar_x2[b] = bar_x1[b] + 4 }
    s = inside(b)
    bar_flag[b] = s eq ''
    bar_text[b] = s ne '' ? s \
      : bar_state[b].(says_length(b) ? length_of(b) : '')
    w = bold_width(bar_text[b], STATE_PX)
    need = lasts ? bar_x1[b] + w + 14 - RIGHT \
      : bar_flag[b] ? flag_x(b) + 4 + w - FLAG_LIMIT : 0
    if (need > over) { over = need }
  }
  if (over <= 0 || tail >= 300) { break }
  tail = tail + over > 300 ? 300 : tail + over
}

# --- The lanes ---------------------------------------------------------------

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
bar_h = groups <= 1 ? 40 : groups == 2 ? 28 : groups == 3 ? 20 : 18
LEAST_SPACE = groups <= 1 ? 150 : groups == 2 ? 80 : groups == 3 ? 56 : 40

# The flags of the last lane of a connection go down (-1), of all others up, and
# stand in levels one above the other. From the right: a flag stands beyond
# every flag that its text or its pole would cover.
flag_side(l) = lane_place[l] > 1 \
  && lane_place[l] == group_lanes[lane_group[l]] ? -1 : 1
covers(b, j) = bar_flag[j] && bar_lane[j] == bar_lane[b] \
  && flag_left(j) < flag_end(b) + 6 && flag_end(j) > flag_left(b) - 6
free_level(b) = (h_ = 0, b == bars ? 0 : (sum [j_=b+1:bars] \
  (covers(b, j_) && bar_level[j_] > h_ ? (h_ = bar_level[j_]) : 0)), h_ + 1)
array lane_levels[MAX_LANES]
array lane_allowed[MAX_LANES]
do for [shrink in "1 0.88 0.76"] {
  FLAG_PX = shrink * STATE_PX < 11 ? 11.0 : shrink * STATE_PX
  LEVEL_H = FLAG_PX * 1.3
  do for [l=1:MAX_LANES] { lane_levels[l] = 0; lane_allowed[l] = 0 }
  do for [b=bars:1:-1] {
    bar_level[b] = bar_flag[b] ? free_level(b) : 0
    l = bar_lane[b]
    if (bar_level[b] > lane_levels[l]) { lane_levels[l] = bar_level[b] }
  }
  spare = AT - YB - GROUP_GAP * (groups - 1) - bar_h * lanes \
    - LEAST_SPACE * (lanes - groups)
  wanted = lanes ? LEVEL_H * (sum [l=1:lanes] lane_levels[l]) : 0
  if (wanted <= spare) { break }
}

# Where there is no room for all levels, every lane gets its share, and the
# colours are explained in a line of their own.
explained = wanted > 0 && wanted > spare
if (explained) {
  KEY_Y = AT - 10
  AT = AT - 26
  spare = spare - 26
}
do for [level=1:MAX_STATES] {
  more = 0
  do for [l=1:lanes] {
    if (lane_levels[l] > lane_allowed[l] && spare >= LEVEL_H) {
      lane_allowed[l] = level
      spare = spare - LEVEL_H
      more = 1
    }
  }
  if (!more) { break }
}

# What room is left goes to the space between the lanes of a connection.
array lane_y[MAX_LANES]
array group_top[MAX_GROUPS]
array group_mid[MAX_GROUPS]
space = LEAST_SPACE + (lanes > groups ? spare / (lanes - groups) : 0)
y = lanes > groups ? AT : AT - spare / 2
do for [g=1:groups] {
  group_top[g] = y
  do for [l=1:lanes] {
    if (lane_group[l] == g) {
      y = y - (lane_place[l] > 1 ? space : 0) \
        - (flag_side(l) > 0 ? lane_allowed[l] * LEVEL_H : 0)
      lane_y[l] = y - bar_h / 2
      if (lane_place[l] == 1) {
        group_mid[g] = lane_y[l] - LANE_PX * 1.3
        first_y = lane_y[l]
      }
      if (lane_place[l] == 2) { group_mid[g] = (first_y + lane_y[l]) / 2 }
      y = y - bar_h - (flag_side(l) < 0 ? lane_allowed[l] * LEVEL_H : 0)
    }
  }
  y = y - GROUP_GAP
}

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
      at XL-14,group_mid[g] right font font(LANE_PX * 0.8) tc rgb FAINT front
  }
}

# The key to the colours.
is_drawn(s) = bars ? (sum [j_=1:bars] (bar_state[j_] eq s)) > 0 : 0
if (explained) {
  KEY_PX = 13
  x = 0
  do for [s in STATES] {
    if (is_drawn(s)) { x = x + 16 + text_width(s, KEY_PX) + 14 }
  }
  x = (SHEET_W - x) / 2
  do for [s in STATES] {
    if (is_drawn(s)) {
      nothing = rect(2, x, KEY_Y - 6, x + 12, KEY_Y + 6, state_colour(s))
      set label s at x+16,KEY_Y left font font(KEY_PX) tc rgb INK front
      x = x + 16 + text_width(s, KEY_PX) + 14
    }
  }
}

# Bars too short to be seen lie upon their neighbours.
is_short(b) = x_of(bar_to[b]) - bar_x1[b] < 4
do for [short=0:1] {
  do for [b=1:bars] {
    if (is_short(b) == short) {
      y = lane_y[bar_lane[b]]
      nothing = rect(2, bar_x1[b], y - bar_h / 2, bar_x2[b] - 1, \
        y + bar_h / 2, state_colour(bar_state[b]))
    }
  }
}
do for [b=1:bars] {
  l = bar_lane[b]
  y = lane_y[l]
  c = state_colour(bar_state[b])
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
  if (bar_flag[b] && bar_level[b] <= lane_allowed[l]) {
    d = flag_side(l)
    x = flag_x(b)
    yt = y + d * (bar_h / 2 + (bar_level[b] - 0.5) * LEVEL_H)
    nothing = line(2, x, y + d * bar_h / 2, x, yt + d * FLAG_PX * 0.4, 41) \
      + add_box(flag_left(b) + flag_w(b) / 2, yt, flag_w(b), LEVEL_H)
    set label bar_text[b] at flag_left(b),yt left font bold(FLAG_PX * 0.95) \
      tc rgb INK front
  }
  if (!bar_flag[b]) {
    px = fit(bar_text[b], STATE_PX, room(b) / 1.1, STATE_PX * 0.8)
    w = bold_width(bar_text[b], px)
    x = bar_state[b] eq 'CLOSED' ? part_x1 + 7 + w / 2 : (part_x1 + part_x2) / 2
    set label bar_text[b] at x,y center font bold(px) \
      tc rgb int(ink_on(c)) front
    nothing = add_box(x, y, w, px)
  }
  do for [i=1:breaks] {
    if (bar_from[b] < break_to[i] && bar_to[b] > break_from[i]) {
      x = mark_x(i)
      nothing = line(2, x - 6, y - bar_h / 2 - 4, x + 6, y + bar_h / 2 + 4, 44)
    }
  }
}
AXIS_END = RIGHT + 14
if (bars + packets) { load plots.'/tics.gp' }

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

# A long flight is broken where the axis is.
do for [k=1:drawn] {
  do for [i=1:breaks] {
    x = mark_x(i)
    if (pk_x1[k] < x && x < pk_x2[k]) {
      y = pk_y1[k] + (pk_y2[k] - pk_y1[k]) * (x - pk_x1[k]) \
        / (pk_x2[k] - pk_x1[k])
      nothing = line(2, x - 5, y - 9, x + 5, y + 9, 44) \
        + line(2, x - 9, y - 9, x + 1, y + 9, 45) \
        + line(2, x - 1, y - 9, x + 9, y + 9, 45) + add_box(x, y, 24, 20)
    }
  }
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
on_sheet(x, w) = x - w / 2 < XL - 12 ? XL - 12 + w / 2 \
  : x + w / 2 > SHEET_W - 4 ? SHEET_W - 4 - w / 2 : x
cost(k, f, w, h) = (x_ = on_sheet(at_x(k, f), w), y_ = at_y(k, f), \
  1000 * hits(x_, y_, w, h) + 2 * abs(x_ - at_x(k, f)) \
  + 10 * crossings(k, x_, y_, w, h))
# A piece of what lies behind the arrows: white, or the band of a break.
ground(layer, x1, y1, x2, y2) = rect(layer, x1, y1, x2, y2, 0xFFFFFF) \
  + (breaks ? (sum [g_=1:breaks] band(layer, g_, x1, y1, x2, y2)) : 0)
band(layer, i, x1, y1, x2, y2) = x1 > break_x[i] + break_w[i] \
  || x2 < break_x[i] ? 0 : rect(layer, x1 > break_x[i] ? x1 : break_x[i], y1, \
  x2 < break_x[i] + break_w[i] ? x2 : break_x[i] + break_w[i], y2, BAND)
# Arrows that lie on one another have their labels in the order of time, from
# above; so many that they have no room there have them like the others.
on_one(i, k) = abs(pk_x1[i] - pk_x1[k]) + abs(pk_x2[i] - pk_x2[k]) < 1 \
  && abs(pk_y1[i] + pk_y2[i] - pk_y1[k] - pk_y2[k]) < 1
array pk_stack[MAX_DRAWN]; array pk_rank[MAX_DRAWN]
do for [k=1:drawn] {
  pk_stack[k] = (sum [i=1:drawn] on_one(i, k))
  pk_rank[k] = (sum [i=1:k] on_one(i, k))
  if (pk_stack[k] * PACKET_PX * 1.3 > abs(pk_y2[k] - pk_y1[k])) {
    pk_stack[k] = 1
  }
}
from_above(k) = (pk_rank[k] - 0.5) / pk_stack[k]
SHIFTS = '0 20 -20 35 -35'
stacked(k, i) = (pk_y1[k] > pk_y2[k] ? from_above(k) : 1 - from_above(k)) \
  + word(SHIFTS, i) / 100.0 / pk_stack[k]
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
    do for [i=1:words(pk_stack[k] > 1 ? SHIFTS : PLACES)] {
      f = pk_stack[k] > 1 ? stacked(k, i) : word(PLACES, i) / 100.0
      n = cost(k, f, w, h) + i
      if (n < best) { best = n; place = f }
      if (best < (pk_stack[k] > 1 ? 1000 : 10)) { break }
    }
    if (best >= 1000 || (class == 3 && pk_stack[k] == 1 && best >= 60)) {
      continue
    }
    labels = labels + 1
    x = on_sheet(at_x(k, place), w)
    y = at_y(k, place)
    nothing = add_box(x, y, w, h) + ground(3, x - w / 2, y - h / 2, \
      x + w / 2, y + h / 2)
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
  set label 'no TCP connection' at SHEET_W/2,(AT+YB)/2 center \
    font font(22) tc rgb FAINT front
}

# --- Draw --------------------------------------------------------------------

load plots.'/draw.gp'
