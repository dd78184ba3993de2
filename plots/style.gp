# The look that all pictures share: terminal, colours, text sizes, units.
#
# Called with format, output and plots set (plots = the folder of this file).
# Every picture is drawn on a sheet of 1280 x 720 units, whatever the format,
# so that one layout serves svg, png, pdf and the terminal. gnuplot does not
# tell how wide a text is; text_width() estimates it for DejaVu Sans, which is
# wider than the sans fonts of most machines, so that a box is never too small.

if (!exists("format")) format = 'svg'
if (!exists("dir")) dir = '.'
if (!exists("output")) output = ''

SHEET_W = 1280.0
SHEET_H = 720.0
dumb = format eq 'dumb'

set encoding utf8

# A leading < or | would make gnuplot start a program.
plain_path(s) = (s[1:1] eq '<' || s[1:1] eq '|') ? './'.s : s

if (format eq 'svg') {
  set terminal svg size 1280,720 fixed noenhanced font 'sans-serif,16' \
    background 'white'
}
if (format eq 'png') {
  set terminal pngcairo size 1920,1080 noenhanced font 'sans,16' \
    fontscale 1.125 linewidth 1.5 background 'white'
}
if (format eq 'pdf') {
  set terminal pdfcairo size 13.333in,7.5in noenhanced font 'sans,16' \
    fontscale 0.5625 linewidth 1.5 background 'white'
}
if (dumb) set terminal dumb size 128,40 noenhanced
if (output ne '') set output plain_path(output)

set lmargin at screen 0
set rmargin at screen 1
set bmargin at screen 0
set tmargin at screen 1
set xrange [0:SHEET_W] noextend
set yrange [0:SHEET_H] noextend
unset border
unset xtics
unset ytics
unset key
set style fill solid 1.0 noborder

# svg knows no "sans:Bold": its font name goes into the file as it is, between
# quotes, so that the weight can follow as an attribute of its own.
SANS = format eq 'svg' ? 'sans-serif' : 'sans'
BOLD = format eq 'svg' ? 'sans-serif" font-weight="bold' : 'sans:Bold'
font(px) = sprintf('%s,%.3g', SANS, px)
bold(px) = sprintf('%s,%.3g', BOLD, px)

# Colours. A state has the same one in every picture. Neighbours in Figure 5
# of RFC 9293 differ in lightness as well as in hue.
STATES = 'CLOSED LISTEN SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1'. \
  ' FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT'
STATE_COLOURS = '0xEFEFEF 0x8C8C8C 0xC9A0F5 0x5C7CFA 0x007B38 0xEFD568' .\
  ' 0xED7A0A 0xED96D1 0x3E123A 0x824A8B 0x2D34AF'
state_colour(s) = (0 + (sum [i_=1:words(STATES)] \
  (word(STATES, i_) eq s ? int(word(STATE_COLOURS, i_)) : 0))) + \
  (strstrt(' '.STATES.' ', ' '.s.' ') ? 0 : 0x999999)
luminance(c) = (0.299 * (int(c) / 65536) + 0.587 * ((int(c) / 256) % 256) \
  + 0.114 * (int(c) % 256)) / 255
ink_on(c) = luminance(c) > 0.52 ? 0x111111 : 0xFFFFFF

INK = 0x222222
FAINT = 0x666666
HAIR = 0xBBBBBB
BAND = 0xF5F5F5
NORMAL = 0x333333
RESET = 0xD7191C
AGAIN = 0x0072B2
INJECTED = 0x9B30B0

# Kinds of packet by colour; the form says what became of it.
kind_colour(k) = k == 1 ? RESET : k == 2 ? AGAIN : k == 3 ? INJECTED : NORMAL
kind_of(flags, again, injected) = strstrt(flags, 'R') > 0 ? 1 \
  : injected > 0 ? 3 : again > 0 ? 2 : 0

# Arrow styles: 1 + kind: arrived, 11 + kind: lost, 21 + kind: a copy. In an
# svg, gnuplot goes on with a path when only the dashes change; the widths
# differ a little so that a new one begins.
do for [k=0:3] {
  set style arrow (1 + k) head filled size first 13,14,60 fixed lw 2 \
    lc rgb kind_colour(k)
  set style arrow (11 + k) nohead lw 1.99 dt (7,5) lc rgb kind_colour(k)
  set style arrow (21 + k) nohead lw 1.98 dt (2,4) lc rgb kind_colour(k)
  set style arrow (31 + k) nohead lw 0.6 lc rgb kind_colour(k)
}
set style arrow 41 nohead lw 1 lc rgb 0x999999
set style arrow 42 nohead lw 1.5 lc rgb INK
set style arrow 43 nohead lw 3.2 lc rgb 0x000000
set style arrow 44 nohead lw 8 lc rgb 0xFFFFFF
set style arrow 45 nohead lw 1.5 lc rgb 0x555555
set style arrow 46 nohead lw 1 lc rgb 0xE4E4E4
set style arrow 47 head filled size first 11,16,60 fixed lw 1.5 lc rgb INK

# Text.
NARROW = "iljI.,:;|!'()[] -/ft"
WIDE = 'wM+=<>~≥'
CAPITAL = 'ABCDEFGHJKLNOPQRSTUVXYZ'
OTHER = 'abcdeghknopqrsuvxyz0123456789_#$&*?"µ'
char_width(c) = strstrt(NARROW, c) ? 0.40 : strstrt(WIDE, c) ? 0.90 \
  : strstrt(CAPITAL, c) ? 0.70 : strstrt(OTHER, c) ? 0.63 : 1.02
text_width(s, px) = dumb ? 10.0 * strlen(s) : px * \
  (strlen(s) ? (sum [i_=1:strlen(s)] char_width(s[i_:i_])) : 0)
bold_width(s, px) = text_width(s, px) * (dumb ? 1 : 1.1)
# The largest size up to px at which s is at most w wide, not below least.
fit(s, px, w, least) = text_width(s, px) <= w ? px : \
  (least > px * w / text_width(s, px)) ? least : px * w / text_width(s, px)
# s cut to w, from the right, with an ellipsis.
clip_n(s, px, w, n) = n < 1 ? '' : text_width(s[1:n].'…', px) <= w ? \
  s[1:n].'…' : clip_n(s, px, w, n - 1)
clip(s, px, w) = text_width(s, px) <= w ? s : clip_n(s, px, w, \
  strlen(s) > 200 ? 200 : strlen(s) - 1)

# Units.
trim0(s) = strstrt(s, '.') == 0 ? s : \
  s[strlen(s):] eq '0' ? trim0(s[1:strlen(s)-1]) : \
  s[strlen(s):] eq '.' ? s[1:strlen(s)-1] : s
three(x) = x >= 100 ? sprintf('%.0f', x) : trim0(sprintf(x >= 10 ? '%.1f' \
  : '%.2f', x))
duration(t) = t <= 0 ? '0 s' : t < 0.9995e-6 ? three(t * 1e9).' ns' \
  : t < 0.9995e-3 ? three(t * 1e6).' µs' : t < 0.9995 ? three(t * 1e3).' ms' \
  : t < 599.5 ? three(t).' s' : t < 7199 ? three(t / 60).' min' \
  : t < 172800 ? three(t / 3600).' h' : three(t / 86400).' days'
decimals(step) = step >= 0.9999 ? 0 : int(ceil(-log10(step) - 1e-6))
fixed(x, d) = sprintf(sprintf('%%.%df', d), x)
two(s, d) = strlen(s) < (d ? d + 3 : 2) ? '0'.s : s
clock(t, d) = sprintf('%d:%02d:', int(t / 3600), int(t / 60) % 60) \
  .two(fixed(t - 60 * floor(t / 60), d), d)
# A moment t on an axis part that ends at last and has tics every step.
moment(t, last, step) = last >= 600 ? clock(t, decimals(step)) : \
  last >= 1.5 ? fixed(t, decimals(step)).' s' : \
  last >= 1.5e-3 ? fixed(t * 1e3, decimals(step * 1e3)).' ms' : \
  last >= 1.5e-6 ? fixed(t * 1e6, decimals(step * 1e6)).' µs' : \
  fixed(t * 1e9, 0).' ns'
thousands(n) = n < 1000 ? sprintf('%d', n) : \
  thousands(int(n) / 1000).sprintf(' %03d', int(n) % 1000)
plural(n, noun) = thousands(n).' '.noun.(n == 1 ? '' : 's')

# The drawing lists. Filled with rect() and line(), drawn by one plot command
# in a layer order; item 1 of each lies off the sheet, so that none is empty.
LIST_MAX = 6000
array RL[LIST_MAX]; array RX[LIST_MAX]; array RY[LIST_MAX]
array RW[LIST_MAX]; array RH[LIST_MAX]; array RC[LIST_MAX]
array VL[LIST_MAX]; array VX[LIST_MAX]; array VY[LIST_MAX]
array VW[LIST_MAX]; array VH[LIST_MAX]; array VS[LIST_MAX]
n_rect = 0
n_line = 0
rect(l, x1, y1, x2, y2, c) = n_rect >= LIST_MAX ? 0 : (n_rect = n_rect + 1, \
  RL[n_rect] = l, RX[n_rect] = x1, RY[n_rect] = y1, RW[n_rect] = x2, \
  RH[n_rect] = y2, RC[n_rect] = int(c), 1)
line(l, x1, y1, x2, y2, s) = n_line >= LIST_MAX ? 0 : (n_line = n_line + 1, \
  VL[n_line] = l, VX[n_line] = x1, VY[n_line] = y1, VW[n_line] = x2 - x1, \
  VH[n_line] = y2 - y1, VS[n_line] = s, 1)
# A dotted arrow: the head is a short line of its own, not dotted.
dotted(l, x1, y1, x2, y2, k) = (d_ = sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2), \
  d_ < 1 ? 0 : line(l, x1, y1, x2, y2, 21 + k) \
  + line(l, x2 - (x2 - x1) * 12 / d_, y2 - (y2 - y1) * 12 / d_, x2, y2, 1 + k))
cross(l, x, y, r) = line(l, x - r, y - r, x + r, y + r, 43) \
  + line(l, x - r, y + r, x + r, y - r, 43)
# Boxes that texts take, so that another can keep away from them.
array box_x[1000]; array box_y[1000]; array box_w[1000]; array box_h[1000]
boxes = 0
add_box(x, y, w, h) = boxes >= 1000 ? 0 : (boxes = boxes + 1, \
  box_x[boxes] = x, box_y[boxes] = y, box_w[boxes] = w, box_h[boxes] = h, 1)
hits(x, y, w, h) = boxes == 0 ? 0 : (sum [i_=1:boxes] \
  (abs(x - box_x[i_]) * 2 < w + box_w[i_] + 8 \
  && abs(y - box_y[i_]) * 2 < h + box_h[i_] + 2))

do for [l=1:3] {
  nothing = rect(l, -90, -90, -80, -80, 0) + line(l, -90, -90, -80, -80, 41)
}
