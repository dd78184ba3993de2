# Draws the lists that rect() and line() of style.gp filled, layer by layer:
# within a layer first the rectangles, then the lines.

rect_x(i, layer) = RL[i] == layer ? RX[i] : NaN
line_x(i, layer) = VL[i] == layer ? VX[i] : NaN
plot \
  sample [1:n_rect:1] '+' using (rect_x($1, 1)):(RY[$1]):(RX[$1]):(RW[$1]) \
    :(RY[$1]):(RH[$1]):(RC[$1]) with boxxyerror lc rgb variable, \
  [1:n_line:1] '+' using (line_x($1, 1)):(VY[$1]):(VW[$1]):(VH[$1]):(VS[$1]) \
    with vectors arrowstyle variable, \
  [1:n_rect:1] '+' using (rect_x($1, 2)):(RY[$1]):(RX[$1]):(RW[$1]) \
    :(RY[$1]):(RH[$1]):(RC[$1]) with boxxyerror lc rgb variable, \
  [1:n_line:1] '+' using (line_x($1, 2)):(VY[$1]):(VW[$1]):(VH[$1]):(VS[$1]) \
    with vectors arrowstyle variable, \
  [1:n_rect:1] '+' using (rect_x($1, 3)):(RY[$1]):(RX[$1]):(RW[$1]) \
    :(RY[$1]):(RH[$1]):(RC[$1]) with boxxyerror lc rgb variable, \
  [1:n_line:1] '+' using (line_x($1, 3)):(VY[$1]):(VW[$1]):(VH[$1]):(VS[$1]) \
    with vectors arrowstyle variable
