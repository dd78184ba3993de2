/* RED (Floyd and Jacobson, "Random Early Detection Gateways for Congestion
 * Avoidance", 1993): the average queue decides, by chance spread evenly.
 *
 * Between `low` and `high` a packet is chosen with
 *     p_b = probability * (average - low) / (high - low),
 *     p_a = p_b / (1 - count * p_b),
 * `count` the packets between this one and the last choice, so that the
 * distances between chosen packets are uniform, 1 to 1 / p_b, as section 8
 * has it. (The paper's figure 2 counts this one, too, but for the first.) At
 * `high` and above every packet is dropped; with `gentle` p_b rises from
 * `probability` at `high` to 1 at twice that. What is chosen is marked if it
 * may be, but above the range of chance it is dropped (RFC 3168 7).
 */
#include "qdisc_private.h"
#include "units.h"

/* base^n by squaring: only products, the same on every machine. */
static double power(double base, uint64_t n)
{
  double result = 1;

  for (; n > 0; n >>= 1) {
    if (n & 1)
      result *= base;
    base *= base;
  }
  return result;
}

/* While the transmitter was idle, so many small packets could have been sent,
 * each of which would have found the queue empty. */
static uint64_t idle_packets(const NetQdisc *qdisc)
{
  const NetNic *nic = qdisc->nic;
  SimTime idle = net_qdisc_now(qdisc) - nic->busy_until;

  if (qdisc->count > 0 || idle <= 0 || nic->rate == 0)
    return 0;
  return (uint64_t)(idle /
                    sim_transmission_time(qdisc->spec.mean_size, nic->rate));
}

static void update_average(NetQdisc *qdisc)
{
  const NetQdiscSpec *spec = &qdisc->spec;
  double length = spec->in_bytes ? (double)qdisc->bytes : (double)qdisc->count;
  uint64_t idle = idle_packets(qdisc);

  if (idle > 0)
    qdisc->red.average *= power(1 - spec->weight, idle);
  else
    qdisc->red.average += spec->weight * (length - qdisc->red.average);
}

/* p_b, or 1 where chance ends. */
static double base_probability(const NetQdiscSpec *spec, double average)
{
  double low = spec->low, high = spec->high;

  if (average < high)
    return spec->probability * (average - low) / (high - low);
  if (!spec->gentle || average >= 2 * high)
    return 1;
  return spec->probability + (1 - spec->probability) * (average - high) / high;
}

typedef enum Verdict { PASS, EARLY, FORCED } Verdict;

static Verdict judge(NetQdisc *qdisc)
{
  NetRed *red = &qdisc->red;
  double base, left;

  if (red->average < qdisc->spec.low) {
    red->count = -1;
    return PASS;
  }
  base = base_probability(&qdisc->spec, red->average);
  if (base >= 1) {
    red->count = -1;
    return FORCED;
  }
  red->count++;
  left = 1 - (double)red->count * base;
  if (left > base && !sim_random_chance(&qdisc->random, base / left))
    return PASS;
  red->count = -1;
  return EARLY;
}

static void red_put(NetQdisc *qdisc, NetPacket *packet)
{
  Verdict verdict;

  update_average(qdisc);
  verdict = judge(qdisc);
  if (verdict == FORCED) {
    net_qdisc_drop(qdisc, packet, "red-forced",
                   "RED: the average queue was over the high threshold");
  } else if (verdict == EARLY &&
             !net_qdisc_mark(qdisc, packet, "red-early",
                             "RED marked it early: the average queue was over "
                             "the low threshold")) {
    net_qdisc_drop(qdisc, packet, "red-early",
                   "RED dropped it early: the average queue was over the low "
                   "threshold");
  } else {
    net_qdisc_fifo_put(qdisc, packet);
  }
}

static void red_make(NetQdisc *qdisc)
{
  qdisc->red.count = -1;
}

const NetQdiscOps net_qdisc_red = {
  .make = red_make,
  .put = red_put,
  .take = net_qdisc_fifo_take,
};
