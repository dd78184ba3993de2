# Title, note, what identifies the run, and the legend, alike in all pictures.
#
# The legend has the entries i for which shown(i) holds, from right to left:
# entry_text[i] after a stroke of entry_style[i]; style 21 is a dotted arrow,
# and an entry called "lost" has its cross. It shares the bottom line with what
# identifies the run if both fit; else it stands above it.

px = fit(title_text, 29, (SHEET_W - 60) / 1.1, 17)
set label clip(title_text, px * 1.1, SHEET_W - 60) at SHEET_W/2,SHEET_H-32 \
  center font bold(px) tc rgb INK front
set label note at SHEET_W/2,SHEET_H-70 center font font(16) tc rgb FAINT front

ENTRY_PX = 15
ENTRY_GAP = 80
RUN_PX = 12
legend_w = 0
do for [i=1:|entry_text|] {
  if (shown(i)) {
    legend_w = legend_w + text_width(entry_text[i], ENTRY_PX) + ENTRY_GAP
  }
}
run_rest = (seed_text eq '' ? '' : '   seed '.clip(seed_text, RUN_PX, 160)) \
  .(fingerprint_text eq '' ? '' \
  : '   fingerprint '.clip(fingerprint_text, RUN_PX, 240))
run_w = text_width(scenario_text.run_rest, RUN_PX)
y = 19
if (legend_w > 0 && run_w > SHEET_W - 72 - legend_w) { y = 39 }
set label clip(scenario_text, RUN_PX, \
  SHEET_W - 48 - text_width(run_rest, RUN_PX)).run_rest \
  at 24,(y == 19 ? 18 : 13) left font font(RUN_PX) tc rgb FAINT front
x = SHEET_W - 24
do for [i=1:|entry_text|] {
  if (shown(i)) {
    x = x - text_width(entry_text[i], ENTRY_PX)
    set label entry_text[i] at x,y left font font(ENTRY_PX) tc rgb INK front
    nothing = entry_style[i] == 21 ? dotted(2, x - 54, y, x - 8, y, 0) \
      : line(2, x - 54, y, x - 8, y, entry_style[i])
    if (entry_text[i] eq 'lost') { nothing = cross(3, x - 17, y, 7) }
    x = x - ENTRY_GAP
  }
}
