# A heat map of one of the scenario's own tables: what two columns say goes
# across and down, the third is the cell's colour. Values are texts.
#
#   gnuplot -e "dir='out/x'; name='flags'; format='svg'; output='flags.svg'; \
#     plots='plots'" plots/heatmap.gp
#
# Reads NAME.tsv and plot.tsv of dir; the keys NAME.x, NAME.y, NAME.value and
# NAME.order1 ... of plot.tsv say which columns, and the legend's order. Never
# fails for want of rows. Of a table with more than MOST places across or down
# the first ones are drawn, and a note says so.

if (!exists("plots")) { plots = 'plots' }
MAX_GROUPS = 1
MAX_STATES = 0
load plots.'/style.gp'
load plots.'/trace.gp'

MOST = 70
VALUES = 8
TABLE = dir.'/'.name.'.tsv'
x_name = plot_value(name.'.x')
y_name = plot_value(name.'.y')
value_name = plot_value(name.'.value')

# The number of the column called s, by the table's first line; 0: none.
head_line = "\t".system('head -n 1 -- '.quoted(TABLE).' 2>/dev/null')."\t"
tabs(s) = strlen(s) == 0 ? 0 : (sum [i_=1:strlen(s)] (s[i_:i_] eq "\t"))
column_of(s) = (k_ = strstrt(head_line, "\t".s."\t"), \
  k_ && s ne '' ? tabs(head_line[1:k_]) : 0)
x_column = column_of(x_name)
y_column = column_of(y_name)
value_column = column_of(value_name)

# Rows that were cut short are passed over.
whole_rows = "< awk -F '\t' 'NF == ".(tabs(head_line) - 1)."' <" \
  .quoted(TABLE).' | tr ''\\"'' "/''"'

# What there is: places across and down, and values, as they come first.
array across[MOST]; array down[MOST]; array values[VALUES]
array cell[MOST * MOST]
do for [i=1:MOST * MOST] { cell[i] = 0 }
columns = 0
rows = 0
kinds = 0
left_out = 0
do for [i=1:VALUES] {
  s = plot_value(sprintf('%s.order%d', name, i))
  if (s ne '') { kinds = kinds + 1; values[kinds] = s }
}
in_across(s, i) = i > columns ? 0 : across[i] eq s ? i : in_across(s, i + 1)
in_down(s, i) = i > rows ? 0 : down[i] eq s ? i : in_down(s, i + 1)
in_values(s, i) = i > kinds ? 0 : values[i] eq s ? i : in_values(s, i + 1)
add_across(s) = columns >= MOST ? 0 : \
  (columns = columns + 1, across[columns] = s, columns)
add_down(s) = rows >= MOST ? 0 : (rows = rows + 1, down[rows] = s, rows)
add_value(s) = kinds >= VALUES ? 0 : \
  (kinds = kinds + 1, values[kinds] = s, kinds)
place_x(s) = (i_ = in_across(s, 1), i_ ? i_ : add_across(s))
place_y(s) = (i_ = in_down(s, 1), i_ ? i_ : add_down(s))
place_v(s) = (i_ = in_values(s, 1), i_ ? i_ : add_value(s))
put(x, y, v) = x && y && v ? (cell[(y - 1) * MOST + x] = v, 1) \
  : (left_out = left_out + 1, 0)
first_line = 1
take(x, y, v) = first_line ? (first_line = 0) : put(place_x(x), place_y(y), \
  place_v(v))
if (x_column && y_column && value_column && has_lines(TABLE)) {
  stats whole_rows using (take(strcol(x_column), strcol(y_column), \
    strcol(value_column)), 0) nooutput
}

# --- The sheet ---------------------------------------------------------------

# Light for little, dark for much; neighbours differ in lightness, too.
COLOURS = '0xE8E8E8 0x8FC7E8 0xD7191C 0x1B7837 0xEFC94C 0x3B2E58 0x0072B2'. \
  ' 0xED96D1'
colour_of(v) = int(word(COLOURS, v))

LABEL_PX = 15
left = 40
do for [i=1:rows] {
  w = text_width(down[i], LABEL_PX)
  if (w + 44 > left) { left = w + 44 }
}
if (left > 260) { left = 260 }
right = SHEET_W - 24
cell_w = columns ? (right - left) / columns : 0
if (cell_w > 120) { cell_w = 120 }
X_PX = cell_w > 24 ? 15 : cell_w * 0.72
if (X_PX > 15) { X_PX = 15 }
tallest = 0
do for [i=1:columns] {
  w = text_width(across[i], X_PX)
  if (w > tallest) { tallest = w }
}
upright = tallest > cell_w - 6
if (tallest > 130) { tallest = 130 }
top = SHEET_H - 118 - (upright ? tallest : 18)
bottom = 62
cell_h = rows ? (top - bottom) / rows : 0
if (cell_h > 60) { cell_h = 60 }
Y_PX = cell_h > 18 ? LABEL_PX : cell_h * 0.8
gap = cell_w > 8 ? 1 : 0

px = fit(title_text, 29, (SHEET_W - 60) / 1.1, 17)
set label clip(title_text, px * 1.1, SHEET_W - 60) at SHEET_W/2,SHEET_H-32 \
  center font bold(px) tc rgb INK front
note = rows == 0 ? 'the table has no rows' \
  : value_name.', by '.x_name.' (across) and '.y_name.' (down)' \
  .(left_out ? ': the first of them; '.plural(left_out, 'row').' left out' : '')
set label clip(note, 16, SHEET_W - 60) at SHEET_W/2,SHEET_H-70 center \
  font font(16) tc rgb FAINT front

do for [i=1:columns] {
  x = left + (i - 0.5) * cell_w
  if (upright) {
    set label clip(across[i], X_PX, 130) at x,top + 8 left rotate by 90 \
      font font(X_PX) tc rgb INK front
  } else {
    set label across[i] at x,top + 14 center font font(X_PX) tc rgb INK front
  }
}
do for [j=1:rows] {
  set label clip(down[j], Y_PX, left - 34) \
    at left - 10,top - (j - 0.5) * cell_h right font font(Y_PX) tc rgb INK front
  do for [i=1:columns] {
    v = cell[(j - 1) * MOST + i]
    if (v) {
      nothing = rect(1, left + (i - 1) * cell_w, top - j * cell_h, \
        left + i * cell_w - gap, top - (j - 1) * cell_h - gap, colour_of(v))
    }
  }
}

# The legend, and what identifies the run.
x = left
do for [v=1:kinds] {
  nothing = rect(1, x, 34, x + 22, 48, colour_of(v))
  set label clip(values[v], 15, 240) at x + 30,41 left font font(15) \
    tc rgb INK front
  x = x + 30 + text_width(clip(values[v], 15, 240), 15) + 26
}
run_text = scenario_text.(seed_text eq '' ? '' : '   seed '.seed_text) \
  .(fingerprint_text eq '' ? '' : '   fingerprint '.fingerprint_text)
set label clip(run_text, 12, SHEET_W - 48) at 24,12 left font font(12) \
  tc rgb FAINT front
load plots.'/draw.gp'
