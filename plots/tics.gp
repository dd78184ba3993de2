# Draws the axis that axis.gp made, at height AY with labels of AXIS_PX below
# it; if AXIS_END lies beyond T1, an arrow goes on to there. The bands of the
# breaks go up to AT. A part between two breaks has tics of one step and one
# unit; a part too short for a tic is labelled at its start.

# The nearest round step that leaves room for the labels.
STEPS = '1 2 5 10 20 30 60 120 300 600 1200 1800 3600 7200 14400 28800 ' \
  .'86400 172800 432800 864000 2592000'
step = 1
if (x_scale > 0) {
  least = 105.0 / x_scale
  if (least <= 1) {
    step = 10 ** floor(log10(least))
    step = least <= step * 1.0001 ? step : least <= 2 * step ? 2 * step \
      : least <= 5 * step ? 5 * step : 10 * step
  } else {
    step = 2592000.0 * ceil(least / 2592000.0)
    do for [i=words(STEPS):1:-1] {
      if (word(STEPS, i) >= least) { step = 1.0 * word(STEPS, i) }
    }
  }
}

label_end = -1e9
tic_x(t, s) = x_of(t) + text_width(s, AXIS_PX) / 2 > SHEET_W - 4 \
  ? SHEET_W - 4 - text_width(s, AXIS_PX) / 2 : x_of(t)
tic_label(t, s) = (w_ = text_width(s, AXIS_PX), x_ = tic_x(t, s), \
  x_ - w_ / 2 < label_end + 12 ? '' : (label_end = x_ + w_ / 2, s))
do for [k=0:breaks] {
  a = k == 0 ? T0 : break_to[k]
  b = k == breaks ? T1 : break_from[k + 1]
  nothing = line(1, x_of(a), AY, x_of(b), AY, 42)
  first = ceil(a / step - 1e-6)
  last = floor(b / step + 1e-6)
  if (last < first) {
    s = tic_label(a, moment(a, b, step))
    nothing = line(1, x_of(a), AY - 6, x_of(a), AY, 42)
    if (s ne '') {
      set label s at tic_x(a,s),AY-12-AXIS_PX/2 center font font(AXIS_PX) \
        tc rgb INK front
    }
  } else {
    do for [i=int(first):int(last)] {
      t = i * step
      s = tic_label(t, moment(t, b, step))
      nothing = line(1, x_of(t), AY - 6, x_of(t), AY, 42)
      if (s ne '') {
        set label s at tic_x(t,s),AY-12-AXIS_PX/2 center font font(AXIS_PX) \
          tc rgb INK front
      }
    }
  }
}
if (AXIS_END > x_of(T1)) {
  nothing = line(1, x_of(T1), AY, AXIS_END, AY, 47)
}
do for [i=1:breaks] {
  x = mark_x(i)
  nothing = rect(1, break_x[i], AY, break_x[i] + break_w[i], AT, BAND) \
    + line(1, break_x[i], AY, x - 7, AY, 42) \
    + line(1, x + 7, AY, break_x[i] + break_w[i], AY, 42) \
    + line(1, x - 10, AY - 9, x - 2, AY + 9, 42) \
    + line(1, x + 2, AY - 9, x + 10, AY + 9, 42)
  s = duration(break_to[i] - break_from[i])
  if (text_width(s, AXIS_PX * 0.9) < break_w[i] - 4) {
    set label s at break_x[i]+break_w[i]/2,AY+12+AXIS_PX/2 center \
      font font(AXIS_PX * 0.9) tc rgb FAINT front
  }
}
