/* The loss models. Each packet is one draw of the chain, with the good and
 * the bad state of gemodel a second one for the loss. */
#include "markov.h"

enum {
  RECEIVED_IN_GAP = 1,
  RECEIVED_IN_BURST = 2,
  LOST_IN_BURST = 3,
  LOST_ALONE = 4,
};
enum { GOOD = 1, BAD = 2 };

static bool step_state(NetLoss *loss, const NetLossSpec *spec)
{
  double draw = net_chance_draw(&loss->chance, 0);

  switch (loss->state) {
  case RECEIVED_IN_GAP:
    if (draw < spec->p14)
      loss->state = LOST_ALONE;
    else if (draw < spec->p14 + spec->p13)
      loss->state = LOST_IN_BURST;
    break;
  case RECEIVED_IN_BURST:
    if (draw < spec->p23)
      loss->state = LOST_IN_BURST;
    break;
  case LOST_IN_BURST:
    if (draw < spec->p32)
      loss->state = RECEIVED_IN_BURST;
    else if (draw < spec->p32 + spec->p31)
      loss->state = RECEIVED_IN_GAP;
    break;
  default:
    loss->state = RECEIVED_IN_GAP;
  }
  return loss->state == LOST_IN_BURST || loss->state == LOST_ALONE;
}

static bool step_gemodel(NetLoss *loss, const NetLossSpec *spec, bool *ret_bad)
{
  double step = net_chance_draw(&loss->chance, 0);
  double fall = net_chance_draw(&loss->chance, 0);

  *ret_bad = loss->state == BAD;
  if (*ret_bad && step < spec->r)
    loss->state = GOOD;
  else if (!*ret_bad && step < spec->p)
    loss->state = BAD;
  return fall < (*ret_bad ? spec->bad : spec->good);
}

void net_loss_begin(NetLoss *loss, const NetLossSpec *spec)
{
  loss->state = spec->model == NET_LOSS_RANDOM ? 0 : 1;
}

bool net_loss_event(NetLoss *loss, const NetLossSpec *spec,
                    const char **ret_rule, const char **ret_reason)
{
  bool lost, bad;

  switch (spec->model) {
  case NET_LOSS_STATE:
    lost = step_state(loss, spec);
    *ret_rule =
        loss->state == LOST_ALONE ? "netem-loss-alone" : "netem-loss-burst";
    *ret_reason = loss->state == LOST_ALONE
                      ? "netem lost it, alone: state 4 of its loss model"
                      : "netem lost it in a burst: state 3 of its loss model";
    return lost;
  case NET_LOSS_GEMODEL:
    lost = step_gemodel(loss, spec, &bad);
    *ret_rule = bad ? "netem-loss-bad" : "netem-loss-good";
    *ret_reason = bad ? "netem lost it in the bad state of its loss model"
                      : "netem lost it in the good state of its loss model";
    return lost;
  default:
    *ret_rule = "netem-loss";
    *ret_reason = "netem lost it at random";
    return net_chance_event(&loss->chance, &spec->random);
  }
}
