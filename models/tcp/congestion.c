/* The congestion controls that can be chosen by name. */
#include "congestion.h"

#include <glib.h>

static const TcpCongestionOps *const controls[] = { &tcp_reno, &tcp_cubic };

const TcpCongestionOps *tcp_congestion_ops(unsigned index)
{
  return index < G_N_ELEMENTS(controls) ? controls[index] : NULL;
}

const TcpCongestionOps *tcp_congestion_of(const TcpKnobs *knobs)
{
  const TcpCongestionOps *ops = tcp_congestion_ops((unsigned)knobs->congestion);

  return ops == &tcp_cubic && knobs->cubic_linux ? &tcp_cubic_linux : ops;
}

bool tcp_congestion_is_cubic(const TcpCongestionOps *ops)
{
  return ops == &tcp_cubic || ops == &tcp_cubic_linux;
}

void tcp_congestion_switch(TcpCongestion *congestion,
                           const TcpCongestionOps *ops)
{
  if (congestion->ops == ops)
    return;
  congestion->ops = ops;
  congestion->acked = 0;
  congestion->cubic = (TcpCubic){ .epoch = -1 };
}
