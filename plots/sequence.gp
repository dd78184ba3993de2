# The time-sequence diagram: for each direction of a connection that carries
# data, its segments as bars from their first to their last sequence number at
# the time of sending, the acknowledgements and the edge of the window (ack +
# window) as steps at the time when they reach the sender.
#
#   gnuplot -e "dir='out/x'; format='svg'; output='x.svg'; plots='plots'" \
#     plots/sequence.gp
#
# Reads packets.tsv and plot.tsv of dir; never fails for want of packets. What
# the sender knows is drawn, so the picture can be read as what it had to decide
# upon.

if (!exists("plots")) { plots = 'plots' }
MAX_GROUPS = 4
MAX_STATES = 0
MAX_PANELS = 4
MAX_SEGMENTS = 1200
MAX_ACKS = 600
load plots.'/style.gp'
load plots.'/trace.gp'
load plots.'/scan.gp'
if (T1 < T0) { T0 = 0; T1 = 0 }

# --- Which directions --------------------------------------------------------

array carried[MAX_LANES]; array sent_rows[MAX_LANES]; array high[MAX_LANES]
array edge[MAX_LANES]; array ack_rows[MAX_LANES]; array peer[MAX_LANES]
do for [l=1:MAX_LANES] {
  carried[l] = 0; sent_rows[l] = 0; high[l] = 1; edge[l] = 0; ack_rows[l] = 0
  peer[l] = 0
}
up_to(x, most) = is_number(x) && x > most ? x : most
edge_of(x) = number(p_ack) + number(p_window)
measure(g) = g == 0 || !is_number(number(p_sent)) ? 0 : ( \
  from_ = find_lane(g, row_from(0)), to_ = find_lane(g, row_to(0)), \
  from_ == 0 || to_ == 0 ? 0 : ( \
  peer[from_] = to_, sent_rows[from_] = sent_rows[from_] + 1, \
  carried[from_] = carried[from_] + count(p_length), \
  high[from_] = up_to(number(p_seq_end), high[from_]), \
  high[to_] = up_to(number(p_ack), high[to_]), \
  edge[to_] = up_to(edge_of(0), edge[to_]), \
  ack_rows[to_] = ack_rows[to_] + 1))
measure_row(x) = (measure(group_of(packet_connection(0))), 0)
if (packets) stats PACKETS_TSV using (measure_row(0)) nooutput

least = lanes && (sum [l=1:lanes] carried[l]) > 0 ? 1 : 0
array panel[MAX_LANES]
array panel_lane[MAX_PANELS]
panels = 0
directions = 0
do for [l=1:MAX_LANES] { panel[l] = 0 }
do for [l=1:lanes] {
  if (sent_rows[l] && carried[l] >= least) {
    directions = directions + 1
    if (panels < MAX_PANELS) {
      panels = panels + 1
      panel[l] = panels
      panel_lane[panels] = l
    }
  }
}

# --- What is drawn of them ---------------------------------------------------

# All, or when there are too many, every n-th of each class; n is odd, so that
# loss and repair by turns are both seen.
array stride[3]; array budget[3] = [300, 120, 500]; array class_seen[3]
do for [k=1:3] {
  class_seen[k] = 0
  stride[k] = packets <= MAX_SEGMENTS ? 1 \
    : int(ceil(1.0 * class_size[k] / budget[k]))
  if (stride[k] % 2 == 0) { stride[k] = stride[k] + 1 }
}
thinned = stride[1] + stride[2] + stride[3] > 3
array sg_panel[MAX_SEGMENTS]; array sg_t[MAX_SEGMENTS]
array sg_a[MAX_SEGMENTS]; array sg_b[MAX_SEGMENTS]; array sg_kind[MAX_SEGMENTS]
array sg_lost[MAX_SEGMENTS]; array sg_mark[MAX_SEGMENTS]
segments = 0
most_acks = panels ? MAX_ACKS / panels : 1
array ak_t[MAX_ACKS + 1]; array ak_a[MAX_ACKS + 1]; array ak_e[MAX_ACKS + 1]
array acks[MAX_PANELS]; array ack_seen[MAX_PANELS]
do for [p=1:MAX_PANELS] { acks[p] = 0; ack_seen[p] = 0 }
mark_of(f) = strstrt(f, 'R') ? 'RST' : (strstrt(f, 'S') && strstrt(f, 'F')) \
  ? 'SYN+FIN' : strstrt(f, 'S') ? 'SYN' : strstrt(f, 'F') ? 'FIN' : ''
has_size(x) = number(p_seq_end) > number(p_seq) || strstrt(strcol(p_flags), 'R')
keep_segment(p) = p == 0 || segments >= MAX_SEGMENTS || !has_size(0) ? 0 : ( \
  k_ = class_of(strcol(p_flags)), \
  class_seen[k_] = class_seen[k_] + 1, \
  (class_seen[k_] - 1) % stride[k_] ? 0 : (segments = segments + 1, \
  sg_panel[segments] = p, sg_t[segments] = number(p_sent), \
  sg_a[segments] = number(p_seq), sg_b[segments] = number(p_seq_end), \
  sg_kind[segments] = kind_of(strcol(p_flags), count(p_again), \
  count(p_injected)), sg_lost[segments] = row_lost(0), \
  sg_mark[segments] = mark_of(strcol(p_flags))))
slot(p, i) = (p - 1) * most_acks + i
ack_stride(p) = int(ceil((1.0 + ack_rows[panel_lane[p]]) / most_acks))
keep_ack(p) = p == 0 || !is_number(number(p_ack)) \
  || !is_number(number(p_received)) ? 0 : ( \
  ack_seen[p] = ack_seen[p] + 1, \
  (ack_seen[p] - 1) % ack_stride(p) || acks[p] >= most_acks ? 0 : ( \
  acks[p] = acks[p] + 1, s_ = slot(p, acks[p]), \
  ak_t[s_] = number(p_received), ak_a[s_] = number(p_ack), \
  ak_e[s_] = edge_of(0)))
lane_panel(l) = l ? panel[l] : 0
collect(g) = g == 0 ? 0 : ( \
  from_ = find_lane(g, row_from(0)), to_ = find_lane(g, row_to(0)), \
  row_copy(0) ? 0 : keep_segment(lane_panel(from_)), \
  keep_ack(lane_panel(to_)))
collect_row(x) = (collect(group_of(packet_connection(0))), 0)
most_acks = int(most_acks)
if (panels) stats PACKETS_TSV using (collect_row(0)) nooutput

# Acknowledgements in order of arrival; rows are in order of sending, so that
# few have to move.
do for [p=1:panels] {
  do for [i=slot(p, 2):slot(p, acks[p])] {
    j = i
    while (j > slot(p, 1) && ak_t[j > 1 ? j - 1 : 1] > ak_t[j]) {
      t = ak_t[j]; ak_t[j] = ak_t[j - 1]; ak_t[j - 1] = t
      a = ak_a[j]; ak_a[j] = ak_a[j - 1]; ak_a[j - 1] = a
      e = ak_e[j]; ak_e[j] = ak_e[j - 1]; ak_e[j - 1] = e
      j = j - 1
    }
  }
}

# --- The sheet ---------------------------------------------------------------

AXIS_PX = 17
AY = 84.0
note = directions > panels \
  ? plural(directions - panels, 'more direction').' not shown' : ''
if (connections > groups) {
  note = note.(note eq '' ? '' : '; ') \
    .plural(connections - groups, 'more connection').' not shown'
}
if (thinned) {
  note = note.(note eq '' ? '' : '; ').sprintf('%s of %s packets drawn', \
    thousands(segments), thousands(packets))
}
AT = note eq '' ? 650.0 : 628.0
YB = AY + 36
XL = 120.0
XR = SHEET_W - 60.0
if (packets) {
  nothing = end_gaps(0)
  AXIS_END = 0
  load plots.'/axis.gp'
  load plots.'/tics.gp'
}

PANEL_GAP = 26.0
panel_h = panels ? (AT - YB - PANEL_GAP * (panels - 1)) / panels - 26 : 0
PX = panels < 3 ? 16 : 13
array panel_y[MAX_PANELS]; array panel_top[MAX_PANELS]
ACK_STYLE = 51
EDGE_STYLE = 52
do for [k=0:3] {
  set style arrow (61 + k) nohead lw (thinned ? 2 : 4) lc rgb kind_colour(k)
}
set style arrow ACK_STYLE nohead lw 2 lc rgb 0x1A8F4C
set style arrow EDGE_STYLE nohead lw 2 lc rgb 0xED7A0A
nice(x) = (m_ = 10 ** floor(log10(x)), x <= m_ * 1.0001 ? m_ \
  : x <= 2 * m_ ? 2 * m_ : x <= 5 * m_ ? 5 * m_ : 10 * m_)
y_of(p, s) = panel_y[p] + 8 + (panel_h - 16) * s / panel_top[p]
step_line(p, i, v, w, style) = \
  line(2, x_of(ak_t[i]), y_of(p, v), x_of(ak_t[i]), y_of(p, w), style)
edges = 0
acked = 0
do for [p=1:panels] {
  l = panel_lane[p]
  panel_y[p] = AT - 26 - panel_h - (p - 1) * (panel_h + 26 + PANEL_GAP)
  panel_top[p] = edge[l] > high[l] && edge[l] < 2.5 * high[l] \
    ? edge[l] : high[l] * 1.05
  y = panel_y[p]
  nothing = line(1, XL - 6, y, XR, y, 41) + line(1, XL - 6, y, XL - 6, \
    y + panel_h, 41)
  s = 'data from '.lane_end[l].' to '.lane_end[peer[l]] \
    .(edge[l] > panel_top[p] ? sprintf( \
    '   (window edge above the picture, up to %s)', thousands(edge[l])) : '')
  set label clip(s, PX * 1.05, XR - XL) at XL-6,y+panel_h+14 left \
    font bold(PX * 0.95) tc rgb INK front
  nothing = add_box((XL + XR) / 2, y + panel_h + 14, XR - XL, PX)
  every = nice(panel_top[p] * PX * 2.2 / (panel_h - 16))
  if (every < 1) { every = 1 }
  do for [i=0:int(panel_top[p] / every)] {
    nothing = line(1, XL - 6, y_of(p, i * every), XR, y_of(p, i * every), 46)
    s = thousands(int(i * every))
    set label s at XL-14,y_of(p,i*every) right \
      font font(fit(s, PX, XL - 18, 9)) tc rgb INK front
  }
  # The steps: high water of what arrived, level until the next arrival.
  a = NaN
  e = NaN
  do for [i=slot(p, 1):slot(p, acks[p] + 1)] {
    last = i > slot(p, acks[p])
    x = last ? XR : x_of(ak_t[i])
    if (is_number(a)) {
      nothing = line(2, x_of(t), y_of(p, a), x, y_of(p, a), ACK_STYLE)
      if (!last && ak_a[i] > a) {
        nothing = step_line(p, i, a, ak_a[i], ACK_STYLE)
      }
    }
    if (is_number(e) && e <= panel_top[p]) {
      edges = 1
      nothing = line(2, x_of(t), y_of(p, e), x, y_of(p, e), EDGE_STYLE)
      if (!last && ak_e[i] > e && ak_e[i] <= panel_top[p]) {
        nothing = step_line(p, i, e, ak_e[i], EDGE_STYLE)
      }
    }
    if (!last) {
      if (!is_number(a) || ak_a[i] > a) { a = ak_a[i] }
      if (!is_number(e) || ak_e[i] > e) { e = ak_e[i] }
      t = ak_t[i]
    }
  }
  acked = acked + acks[p]
}

have_kind = segments ? ' d ' : ' '
do for [i=1:segments] {
  p = sg_panel[i]
  x = x_of(sg_t[i])
  y1 = y_of(p, sg_a[i])
  y2 = y_of(p, sg_b[i])
  if (y2 < y1 + 5) { y1 = y1 - 2.5; y2 = y1 + 5 }
  nothing = line(2, x, y1, x, y2, 61 + sg_kind[i])
  have_kind = sg_kind[i] && !strstrt(have_kind, sprintf('k%d', sg_kind[i])) \
    ? have_kind.sprintf('k%d ', sg_kind[i]) : have_kind
  if (sg_lost[i]) {
    nothing = cross(3, x, (y1 + y2) / 2, thinned ? 4 : 6)
    if (!strstrt(have_kind, 'f1')) { have_kind = have_kind.'f1 ' }
  }
  if (sg_mark[i] ne '') {
    y = sg_b[i] - sg_a[i] <= 1 || sg_mark[i] eq 'RST' ? (y1 + y2) / 2 \
      : sg_mark[i] eq 'SYN' ? y1 : sg_mark[i] eq 'FIN' ? y2 : (y1 + y2) / 2
    nothing = rect(3, x - 4, y - 4, x + 4, y + 4, kind_colour(sg_kind[i]))
    w = text_width(sg_mark[i], PX)
    right = x + 10 + w < SHEET_W - 4
    xt = right ? x + 10 + w / 2 : x - 10 - w / 2
    do for [dy in "0 16 -16 32 -32"] {
      yt = y + dy
      if (!hits(xt, yt, w, PX) && yt > panel_y[p] + PX / 2) {
        nothing = add_box(xt, yt, w, PX) + rect(3, xt - w / 2 - 2, \
          yt - PX * 0.5, xt + w / 2 + 2, yt + PX * 0.5, 0xFFFFFF)
        set label sg_mark[i] at xt,yt center font font(PX) \
          tc rgb int(kind_colour(sg_kind[i])) front
        break
      }
    }
  }
}

# --- Title, legend, notes ----------------------------------------------------

ENTRIES = 'k1 k3 f1 k2 d'
array entry_text[7] = ['reset', 'injected', 'lost', 'sent again', 'sent', \
  'edge of the window', 'acknowledged']
array entry_style[7] = [62, 64, 61, 63, 61, EDGE_STYLE, ACK_STYLE]
shown(i) = i == 7 ? acked > 0 : i == 6 ? edges > 0 \
  : strstrt(have_kind, ' '.word(ENTRIES, i).' ') > 0
load plots.'/frame.gp'
if (segments == 0) {
  set label packets ? 'no data' : 'no packets' at SHEET_W/2,(AT+YB)/2 center \
    font font(22) tc rgb FAINT front
}
load plots.'/draw.gp'
