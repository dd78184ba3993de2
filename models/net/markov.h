/* Loss as a chain of states (Salsano, Ludovici, Ordine 2009; the models
 * "state" and "gemodel" of tc's netem).
 *
 *   state:  1 received in a gap      --p13--> 3     --p14--> 4
 *           2 received in a burst    --p23--> 3
 *           3 lost in a burst        --p31--> 1     --p32--> 2
 *           4 lost alone             --1----> 1
 *           a packet steps first; it is lost if that leads to 3 or 4
 *
 *   gemodel: 1 good  --p--> 2, loses 1-k       (Gilbert 1960, Elliott 1963)
 *            2 bad   --r--> 1, loses 1-h
 *            a packet is lost by the state it finds, and then steps
 */
#pragma once

#include "chance.h"

typedef enum NetLossModel {
  NET_LOSS_RANDOM,
  NET_LOSS_STATE,
  NET_LOSS_GEMODEL,
} NetLossModel;

/** NetLossSpec: all in [0, 1]; p13 + p14 <= 1 and p31 + p32 <= 1. */
typedef struct NetLossSpec {
  NetLossModel model;
  NetChanceSpec random;
  double p13, p31, p32, p23, p14;
  double p, r, bad, good; /* `bad` is 1-h, `good` is 1-k */
} NetLossSpec;

/** NetLoss: a chain under way. */
typedef struct NetLoss {
  NetChance chance;
  unsigned state; /* 1 to 4; 0: the model is random */
} NetLoss;

/** net_loss_begin: in state 1, where a chain begins; 0 for random. */
void net_loss_begin(NetLoss *loss, const NetLossSpec *spec);

/** net_loss_event: is the next packet lost? `ret_rule` and `ret_reason`
 * (transfer none, static) say how, if it is. */
bool net_loss_event(NetLoss *loss, const NetLossSpec *spec,
                    const char **ret_rule, const char **ret_reason);
