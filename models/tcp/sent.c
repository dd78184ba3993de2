#include "sent.h"

#include <glib.h>
#include <string.h>

#include "seq.h"

#define ROOM_LEAST 8
#define ROOM_KEPT 64 /* while nothing is outstanding */

TcpSent *tcp_sent_new(void)
{
  TcpSent *sent = g_new(TcpSent, 1);

  *sent = (TcpSent){ .reorder_at = SIM_TIME_NEVER, .reo_wnd_mult = 1 };
  return sent;
}

void tcp_sent_free(TcpSent *sent)
{
  if (!sent)
    return;
  g_free(sent->items);
  g_free(sent);
}

/* Room for one more. Moving to the front costs less than it has gained: half
 * of the room was dropped since. */
static void make_room(TcpSent *sent)
{
  if (sent->first + sent->count < sent->room)
    return;
  if (sent->first > sent->room / 2) {
    memmove(sent->items, sent->items + sent->first,
            sent->count * sizeof *sent->items);
    sent->first = 0;
    return;
  }
  sent->room = MAX(ROOM_LEAST, 2 * sent->room);
  sent->items = g_renew(TcpSentSegment, sent->items, sent->room);
}

void tcp_sent_append(TcpSent *sent, uint32_t left, uint32_t right, SimTime now)
{
  make_room(sent);
  sent->items[sent->first + sent->count++] =
      (TcpSentSegment){ .at = now, .left = left, .right = right };
}

uint32_t tcp_sent_find(const TcpSent *sent, uint32_t seq)
{
  uint32_t low = 0, high = sent->count;

  while (low < high) {
    uint32_t middle = (low + high) / 2;

    if (seq_leq(tcp_sent_at(sent, middle)->right, seq))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Makes `seq` a boundary. */
static void split(TcpSent *sent, uint32_t seq)
{
  uint32_t index = tcp_sent_find(sent, seq);
  TcpSentSegment *item;

  if (index == sent->count || seq_geq(tcp_sent_at(sent, index)->left, seq))
    return;
  make_room(sent);
  item = tcp_sent_at(sent, index);
  memmove(item + 1, item, (sent->count - index) * sizeof *item);
  sent->count++;
  sent->sacked += item->sacked;
  item[0].right = item[1].left = seq;
}

void tcp_sent_again(TcpSent *sent, uint32_t left, uint32_t right, SimTime now)
{
  split(sent, left);
  split(sent, right);
  for (uint32_t i = tcp_sent_find(sent, left); i < sent->count; i++) {
    TcpSentSegment *item = tcp_sent_at(sent, i);

    if (seq_geq(item->left, right))
      break;
    item->at = now;
    item->again = true;
  }
  if (!sent->repeated || seq_gt(right, sent->high_again))
    sent->high_again = right;
  sent->repeated = true;
}

void tcp_sent_drop(TcpSent *sent)
{
  const TcpSentSegment *first = tcp_sent_at(sent, 0);

  sent->sacked -= first->sacked;
  sent->repeated &= seq_gt(sent->high_again, first->right);
  sent->first++;
  if (--sent->count > 0)
    return;
  sent->first = 0;
  if (sent->room > ROOM_KEPT) {
    g_clear_pointer(&sent->items, g_free);
    sent->room = 0;
  }
}

void tcp_sent_trim(const TcpSent *sent, uint32_t *left, uint32_t *right)
{
  uint32_t index = tcp_sent_find(sent, *left);

  if (index < sent->count && seq_lt(tcp_sent_at(sent, index)->left, *left))
    *left = seq_min(tcp_sent_at(sent, index)->right, *right);
  index = tcp_sent_find(sent, *right);
  if (index < sent->count && seq_lt(tcp_sent_at(sent, index)->left, *right))
    *right = seq_max(tcp_sent_at(sent, index)->left, *left);
}

void tcp_sent_forget_sacks(TcpSent *sent)
{
  for (uint32_t i = 0; i < sent->count; i++)
    tcp_sent_at(sent, i)->sacked = false;
  sent->sacked = 0;
}
