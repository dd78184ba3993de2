/* The congestion controls that can be chosen by name. */
#include "congestion.h"

#include <glib.h>

static const TcpCongestionOps *const controls[] = { &tcp_reno, &tcp_cubic };

const TcpCongestionOps *tcp_congestion_ops(unsigned index)
{
  return index < G_N_ELEMENTS(controls) ? controls[index] : NULL;
}
