/* TCP as the man in the middle sees it: nf_conntrack's state machine and its
 * window tracking (van Rooij, "Real Stateful TCP Packet Filtering in IP
 * Filter", 2000).
 *
 * A segment fits if
 *   I    seq  =< sender's max_end
 *   II   end  >= sender's end - receiver's max_win
 *   III  sack =< receiver's end
 *   IV   sack >= receiver's end - MAX(sender's max_win, 66000)
 * where sack is the highest number acknowledged, selectively or not.
 *
 * Facts are those of Linux 6.x, net/netfilter/nf_conntrack_proto_tcp.c.
 */
#include <glib.h>

#include "conntrack_flags.h"

#define LEAST_ACK_WINDOW 66000u

/* Which flag decides. */
typedef enum Kind { K_SYN, K_SYN_ACK, K_FIN, K_ACK, K_RST, K_NONE } Kind;

enum { IGNORE = NET_TRACK_STATES, REFUSE };

#define NO NET_TRACK_NONE
#define SS NET_TRACK_SYN_SENT
#define SR NET_TRACK_SYN_RECV
#define ES NET_TRACK_ESTABLISHED
#define FW NET_TRACK_FIN_WAIT
#define CW NET_TRACK_CLOSE_WAIT
#define LA NET_TRACK_LAST_ACK
#define TW NET_TRACK_TIME_WAIT
#define CL NET_TRACK_CLOSE
#define S2 NET_TRACK_SYN_SENT2
#define IG IGNORE
#define XX REFUSE

/* The state after, by direction (first: that of the flow's first packet), kind
 * and state before. */
static const uint8_t transitions[2][K_NONE][NET_TRACK_STATES] = {
  {
      /*            NO  SS  SR  ES  FW  CW  LA  TW  CL  S2 */
      [K_SYN] = { SS, SS, IG, IG, IG, IG, IG, SS, SS, S2 },
      [K_SYN_ACK] = { XX, XX, SR, XX, XX, XX, XX, XX, XX, SR },
      [K_FIN] = { XX, XX, FW, FW, LA, LA, LA, TW, CL, XX },
      [K_ACK] = { ES, XX, ES, ES, CW, CW, TW, TW, CL, XX },
      [K_RST] = { XX, CL, CL, CL, CL, CL, CL, CL, CL, CL },
  },
  {
      [K_SYN] = { XX, S2, XX, XX, XX, XX, XX, SS, XX, S2 },
      [K_SYN_ACK] = { XX, SR, IG, IG, IG, IG, IG, IG, IG, SR },
      [K_FIN] = { XX, XX, FW, FW, LA, LA, LA, TW, CL, XX },
      [K_ACK] = { XX, IG, SR, ES, CW, CW, TW, TW, CL, IG },
      [K_RST] = { XX, CL, CL, CL, CL, CL, CL, CL, CL, CL },
  },
};

static Kind kind_of(unsigned flags)
{
  if (flags & RST)
    return K_RST;
  if (flags & SYN)
    return flags & ACK ? K_SYN_ACK : K_SYN;
  if (flags & FIN)
    return K_FIN;
  return flags & ACK ? K_ACK : K_NONE;
}

/* -- windows -- */

static void begin_side(NetTrackSide *side, const NetTrackSegment *segment)
{
  bool liberal = side->liberal;

  *side = (NetTrackSide){ .end = segment->end,
                          .max_end = segment->end,
                          .max_win = MAX(segment->window, 1u),
                          .scale = segment->scale,
                          .scales = segment->scales,
                          .sacks = segment->sacks,
                          .liberal = liberal };
}

bool net_track_tcp_new(NetTrackTcp *tcp, const NetTrackSegment *segment,
                       bool loose)
{
  Kind kind = kind_of(segment->flags);

  *tcp = (NetTrackTcp){ .last_kind = K_NONE };
  if (kind != K_SYN && (kind != K_ACK || !loose))
    return false;
  begin_side(&tcp->seen[0], segment);
  if (kind == K_ACK) {
    tcp->seen[0].max_end += tcp->seen[0].max_win;
    tcp->seen[0].scale = 0;
    tcp->seen[0].scales = false;
    for (unsigned i = 0; i < 2; i++)
      tcp->seen[i].sacks = tcp->seen[i].liberal = true;
  }
  return true;
}

/* A side's SYN, first or again. Both must offer to scale (RFC 7323 2.2). */
static void begin_by_syn(NetTrackTcp *tcp, const NetTrackSegment *segment,
                         bool reply)
{
  begin_side(&tcp->seen[reply], segment);
  if (reply && !(tcp->seen[0].scales && tcp->seen[1].scales))
    tcp->seen[0].scale = tcp->seen[1].scale = 0;
}

/* The sender was not heard before, in the midst of a connection. */
static void begin_midway(NetTrackSide *sender, NetTrackSide *receiver,
                         const NetTrackSegment *segment)
{
  uint32_t window = (uint32_t)segment->window << sender->scale;

  sender->end = segment->end;
  sender->max_win = MAX(window, 1u);
  sender->max_end = segment->end + sender->max_win;
  if (receiver->max_win == 0)
    receiver->end = receiver->max_end = segment->sack;
  else if (segment->sack == receiver->end + 1)
    receiver->end++; /* it answers a keep-alive */
}

/* True if nothing more is to be looked at. */
static bool begin_sides(NetTrackTcp *tcp, const NetTrackSegment *segment,
                        bool reply)
{
  NetTrackSide *sender = &tcp->seen[reply];
  bool syn = segment->flags & SYN;

  if (sender->max_win == 0 && syn) {
    begin_by_syn(tcp, segment, reply);
    return !(segment->flags & ACK);
  }
  if (sender->max_win == 0) {
    begin_midway(sender, &tcp->seen[!reply], segment);
  } else if (syn && after(segment->end, sender->end) &&
             (tcp->state == SS || tcp->state == SR)) {
    begin_by_syn(tcp, segment, reply);
    return reply && !(segment->flags & ACK);
  }
  return false;
}

static void note_window(NetTrackSide *sender, NetTrackSide *receiver,
                        const NetTrackSegment *s, bool acks)
{
  uint32_t window = s->window;

  if (!(s->flags & SYN))
    window <<= sender->scale;
  sender->max_win = MAX(sender->max_win, window + (s->sack - s->ack));
  if (after(s->end, sender->end)) {
    sender->end = s->end;
    sender->unacknowledged = true;
  }
  if (acks && (!sender->acked || after(s->ack, sender->max_ack))) {
    sender->max_ack = s->ack;
    sender->acked = true;
  }
  if (receiver->max_win != 0 && after(s->end, sender->max_end))
    receiver->max_win += s->end - sender->max_end;
  if (after(s->sack + window, receiver->max_end - 1))
    receiver->max_end = s->sack + window + (window == 0);
  if (s->ack == receiver->end)
    receiver->unacknowledged = false;
}

static void note_repetition(NetTrackTcp *tcp, const NetTrackSegment *s,
                            bool reply)
{
  if (tcp->last_reply == reply && tcp->last_seq == s->seq &&
      tcp->last_ack == s->ack && tcp->last_end == s->end &&
      tcp->last_window == s->window) {
    tcp->retrans = (uint8_t)MIN(tcp->retrans + 1, UINT8_MAX);
    return;
  }
  tcp->last_reply = reply;
  tcp->last_seq = s->seq;
  tcp->last_ack = s->ack;
  tcp->last_end = s->end;
  tcp->last_window = s->window;
  tcp->retrans = 0;
}

static NetTrackVerdict out_of_window(const NetTrackSide *sender,
                                     const NetTrackSpec *spec,
                                     NetTrackVerdict verdict,
                                     const char **ret_reason,
                                     const char *reason)
{
  if (sender->liberal || spec->be_liberal)
    return NET_TRACK_TAKEN;
  *ret_reason = reason;
  return verdict;
}

/* `s` is a copy: what it does not say is filled in. */
static NetTrackVerdict check_window(NetTrackTcp *tcp, const NetTrackSpec *spec,
                                    NetTrackSegment s, bool reply,
                                    const char **ret_reason)
{
  NetTrackSide *sender = &tcp->seen[reply], *receiver = &tcp->seen[!reply];
  bool acks = s.flags & ACK, fits_left;
  uint32_t reach = MAX(sender->max_win, LEAST_ACK_WINDOW);

  if (!receiver->sacks)
    s.sack = s.ack;
  if (begin_sides(tcp, &s, reply))
    return NET_TRACK_TAKEN;
  if (!acks || (s.flags & RST && s.ack == 0))
    s.ack = s.sack = receiver->end;
  if (s.flags & RST && s.seq == 0 && tcp->state == SS)
    s.seq = s.end = sender->end;
  fits_left = receiver->max_win == 0 ||
              after(s.end, sender->end - receiver->max_win - 1);
  if (after(s.seq, sender->max_end)) {
    bool sane = !after(s.sack, receiver->end) &&
                after(s.sack, receiver->end - reach - 1);

    if (receiver->max_win != 0 && fits_left && sane &&
        s.end - sender->max_end + 1 <= receiver->max_win) {
      sender->end = s.end;
      sender->unacknowledged = true;
      return out_of_window(sender, spec, NET_TRACK_IGNORED, ret_reason, NULL);
    }
    return out_of_window(sender, spec, NET_TRACK_REFUSED, ret_reason,
                         "its SEQ is beyond the receiver's window");
  }
  if (after(s.sack, receiver->end))
    return out_of_window(sender, spec, NET_TRACK_REFUSED, ret_reason,
                         "it acknowledges data that was not seen");
  if (!fits_left || !after(s.sack, receiver->end - reach - 1))
    return out_of_window(sender, spec, NET_TRACK_IGNORED, ret_reason, NULL);
  note_window(sender, receiver, &s, acks);
  if (kind_of(s.flags) == K_ACK)
    note_repetition(tcp, &s, reply);
  return NET_TRACK_TAKEN;
}

/* -- states -- */

/* The box may be out of step with both ends: it lets the segment through and
 * remembers what it would need if the answer shows that they are right. */
static void note_ignored(NetTrackTcp *tcp, const NetTrackSegment *s, Kind kind,
                         bool reply)
{
  tcp->last_kind = (uint8_t)kind;
  tcp->last_reply = reply;
  tcp->last_seq = s->seq;
  tcp->last_end = s->end;
  tcp->last_window = s->window;
  if (kind == K_SYN && !reply) {
    tcp->last_scales = s->scales;
    tcp->last_scale = s->scale;
    tcp->last_sacks = s->sacks;
    tcp->may_be_challenged = tcp->state == LA;
  }
  if (tcp->state == SS && kind == K_ACK && reply)
    tcp->last_ack = s->ack;
}

/* A SYN,ACK answers the SYN that was ignored: the ends agree. */
static bool is_in_step(const NetTrackTcp *tcp, const NetTrackSegment *s,
                       Kind kind, bool reply)
{
  return kind == K_SYN_ACK && tcp->last_kind == K_SYN &&
         tcp->last_reply != reply && s->ack == tcp->last_end;
}

static void get_in_step(NetTrackTcp *tcp, bool reply)
{
  NetTrackSide *other = &tcp->seen[!reply];
  bool liberal = tcp->seen[reply].liberal;

  *other = (NetTrackSide){ .end = tcp->last_end,
                           .max_end = tcp->last_end,
                           .max_win = MAX(tcp->last_window, 1u),
                           .scale = tcp->last_scale,
                           .scales = tcp->last_scales,
                           .sacks = tcp->last_sacks };
  tcp->may_be_challenged = false;
  tcp->seen[reply] = (NetTrackSide){ .liberal = liberal };
}

/* What a RST finds: REFUSED, TAKEN without a look at the window, or IGNORED
 * for "look at the window". `state` may be put back. */
static NetTrackVerdict check_reset(const NetFlow *flow,
                                   const NetTrackSegment *s, bool reply,
                                   NetTrackState *state)
{
  const NetTrackTcp *tcp = &flow->tcp;
  const NetTrackSide *receiver = &tcp->seen[!reply];
  NetTrackState old = tcp->state;
  bool established = old == ES;

  if (old >= FW && old <= CL)
    return NET_TRACK_TAKEN;
  if (receiver->acked && tcp->last_kind != K_SYN) {
    if (s->seq == 0 && !established)
      return NET_TRACK_IGNORED;
    if (before(s->seq, receiver->max_ack))
      return NET_TRACK_REFUSED;
    if (!established || s->seq == receiver->max_ack ||
        (tcp->last_kind == K_ACK && tcp->last_reply == reply &&
         s->seq == tcp->last_end))
      return NET_TRACK_IGNORED;
    *state = old; /* a challenge ACK may still follow (RFC 5961) */
  }
  if (((flow->replied && tcp->last_kind == K_SYN) ||
       (!flow->assured && tcp->last_kind == K_ACK)) &&
      s->ack == tcp->last_end)
    return NET_TRACK_TAKEN;
  if (old == SS && tcp->last_kind == K_ACK && tcp->last_reply &&
      s->seq == tcp->last_ack)
    return NET_TRACK_TAKEN;
  return NET_TRACK_IGNORED;
}

static SimTime timeout_of(const NetTrackTcp *tcp, const NetTrackSpec *spec,
                          Kind kind)
{
  SimTime usual = spec->timeouts[tcp->state];

  if (tcp->retrans >= spec->max_retrans)
    return MIN(usual, spec->timeouts[NET_TRACK_MAX_RETRANS]);
  if (kind == K_RST)
    return spec->timeouts[CL];
  if (tcp->seen[0].unacknowledged || tcp->seen[1].unacknowledged)
    return MIN(usual, spec->timeouts[NET_TRACK_UNACKNOWLEDGED]);
  if (tcp->last_window == 0)
    return MIN(usual, spec->timeouts[NET_TRACK_MAX_RETRANS]);
  return usual;
}

/* After a refused FIN or RST from each end: not in step, so not for days. */
static void hasten(NetFlow *flow, const NetTrackSpec *spec, Kind kind,
                   bool reply, SimTime now)
{
  NetTrackTcp *tcp = &flow->tcp;
  SimTime soon = spec->timeouts[NET_TRACK_UNACKNOWLEDGED];

  if (!flow->assured || (kind != K_RST && kind != K_FIN))
    return;
  if (tcp->last_reply == reply ||
      (tcp->last_kind != K_FIN && tcp->last_kind != K_RST)) {
    tcp->last_kind = (uint8_t)kind;
    tcp->last_reply = reply;
  } else if (flow->expires - now >= 120 * SIM_SECOND &&
             flow->expires - now > soon) {
    flow->expires = now + soon;
  }
}

static NetTrackVerdict take(NetFlow *flow, const NetTrackSpec *spec,
                            NetTrackState state, Kind kind, bool reply,
                            SimTime now)
{
  NetTrackTcp *tcp = &flow->tcp;
  NetTrackState old = tcp->state;
  SimTime span;

  tcp->last_kind = (uint8_t)kind;
  tcp->last_reply = reply;
  tcp->state = state;
  if (old != state && state == FW)
    tcp->seen[reply].closed_first = true;
  span = timeout_of(tcp, spec, kind);
  if (!flow->replied) {
    if (kind == K_RST)
      return NET_TRACK_ENDED;
    if (kind == K_SYN && old == SS)
      return NET_TRACK_TAKEN; /* a SYN repeated prolongs nothing */
    if (state == ES)
      span = MIN(span, spec->timeouts[NET_TRACK_UNACKNOWLEDGED]);
  } else if ((old == SR || old == ES) && state == ES) {
    flow->assured = true;
  }
  flow->expires = sim_time_add(now, span);
  return NET_TRACK_TAKEN;
}

/* A new SYN where the last connection is over. */
static bool reopens(const NetTrackTcp *tcp, bool reply)
{
  return tcp->state >= TW &&
         (tcp->seen[0].closed_first || tcp->seen[1].closed_first ||
          (tcp->last_reply == reply && tcp->last_kind == K_RST));
}

/* True: `verdict` stands; the window is not looked at. */
static bool decide_early(NetFlow *flow, const NetTrackSegment *s, Kind kind,
                         bool reply, NetTrackState *state,
                         NetTrackVerdict *verdict)
{
  NetTrackTcp *tcp = &flow->tcp;
  bool syn_again = *state == SS && tcp->state >= TW;

  if (syn_again && reopens(tcp, reply)) {
    *verdict = NET_TRACK_REOPENS;
    return true;
  }
  if (syn_again || (unsigned)*state == IGNORE) {
    if (is_in_step(tcp, s, kind, reply)) {
      get_in_step(tcp, reply);
      tcp->state = SS;
      *state = SR;
      return false;
    }
    note_ignored(tcp, s, kind, reply);
    *verdict = NET_TRACK_IGNORED;
    return true;
  }
  if (*state == TW && tcp->state == LA && kind == K_ACK &&
      tcp->last_reply != reply && tcp->last_kind == K_SYN &&
      tcp->may_be_challenged) {
    tcp->may_be_challenged = false; /* a challenge ACK, not the FIN's */
    *verdict = NET_TRACK_IGNORED;
    return true;
  }
  if (*state == S2)
    tcp->simultaneous = true;
  else if (*state == SR && reply && kind == K_ACK && tcp->simultaneous)
    *state = ES;
  return false;
}

NetTrackVerdict net_track_tcp(NetFlow *flow, const NetTrackSpec *spec,
                              const NetTrackSegment *segment, bool reply,
                              SimTime now, const char **ret_reason)
{
  NetTrackTcp *tcp = &flow->tcp;
  Kind kind = kind_of(segment->flags);
  NetTrackState state = transitions[reply][kind][tcp->state];
  NetTrackVerdict verdict;

  *ret_reason = "its flags make no sense in the connection's state";
  if ((unsigned)state == REFUSE)
    return NET_TRACK_REFUSED;
  if (decide_early(flow, segment, kind, reply, &state, &verdict))
    return verdict;
  verdict = NET_TRACK_IGNORED;
  if (kind == K_RST) {
    *ret_reason = "its SEQ is below what the receiver has acknowledged";
    verdict = check_reset(flow, segment, reply, &state);
    if (verdict == NET_TRACK_REFUSED)
      return verdict;
  }
  if (verdict != NET_TRACK_TAKEN)
    verdict = check_window(tcp, spec, *segment, reply, ret_reason);
  if (verdict == NET_TRACK_REFUSED)
    hasten(flow, spec, kind, reply, now);
  if (verdict != NET_TRACK_TAKEN)
    return verdict;
  return take(flow, spec, state, kind, reply, now);
}
