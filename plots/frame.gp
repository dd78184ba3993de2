# Title, note, what identifies the run, and the legend, alike in all pictures.
#
# The legend has the entries i for which shown(i) holds, from right to left:
# entry_text[i] after a stroke of entry_style[i]; style 21 is a dotted arrow,
# and an entry called "lost" has its cross.

px = fit(title_text, 29, (SHEET_W - 60) / 1.1, 17)
set label clip(title_text, px * 1.1, SHEET_W - 60) at SHEET_W/2,SHEET_H-32 \
  center font bold(px) tc rgb INK front
set label clip(run_text, 12, 500) at 24,18 left font font(12) tc rgb FAINT front
set label note at SHEET_W/2,SHEET_H-70 center font font(16) tc rgb FAINT front
x = SHEET_W - 24
do for [i=1:|entry_text|] {
  if (shown(i)) {
    x = x - text_width(entry_text[i], 15)
    set label entry_text[i] at x,19 left font font(15) tc rgb INK front
    nothing = entry_style[i] == 21 ? dotted(2, x - 54, 19, x - 8, 19, 0) \
      : line(2, x - 54, 19, x - 8, 19, entry_style[i])
    if (entry_text[i] eq 'lost') { nothing = cross(3, x - 17, 19, 7) }
    x = x - 80
  }
}
