/* Raw ends stand in the demultiplexer's table beside connections and
 * TIME-WAIT records, so that whatever has no raw ends pays nothing for them.
 *
 * Invariant: a raw end is in its stack's table and in its list of raws.
 */
#include "raw.h"

#include <glib.h>

#include "parts.h"

struct TcpRaw {
  TcpEntry entry; /* first: the table's */
  TcpStack *stack;
  TcpRaw *next, **back; /* of the stack */
  TcpRawFunc heard;
  void *user;
  NetPath path;
};

TcpRaw *tcp_raw_open(TcpStack *stack, const TcpPair *pair, TcpRawFunc heard,
                     void *user, TcpError *ret_error)
{
  NetPath path = { 0 };
  TcpPair whole = *pair;
  TcpTimeWait former;
  TcpRaw *raw;

  *ret_error = tcp_complete_pair(stack, &stack->knobs, &path, &whole);
  if (*ret_error)
    return NULL;
  tcp_time_wait_reopen(stack, &whole, &former);
  raw = g_new(TcpRaw, 1);
  *raw = (TcpRaw){
    .entry = { .kind = TCP_ENTRY_RAW, .pair = whole },
    .stack = stack,
    .next = stack->raws,
    .back = &stack->raws,
    .heard = heard,
    .user = user,
    .path = path,
  };
  if (raw->next)
    raw->next->back = &raw->next;
  stack->raws = raw;
  tcp_demux_add(stack, &raw->entry);
  return raw;
}

const TcpPair *tcp_raw_pair(const TcpRaw *raw)
{
  return &raw->entry.pair;
}

void tcp_raw_send(TcpRaw *raw, TcpSegment *segment)
{
  tcp_send_segment(raw->stack, &raw->entry.pair, segment, &raw->path);
}

void tcp_raw_input(TcpEntry *entry, const TcpSegment *segment,
                   const NetPacket *packet)
{
  TcpRaw *raw = (TcpRaw *)(void *)entry;

  raw->heard(raw->user, segment, packet);
}

void tcp_raw_close(TcpRaw *raw)
{
  *raw->back = raw->next;
  if (raw->next)
    raw->next->back = raw->back;
  tcp_demux_remove(raw->stack, &raw->entry);
  g_free(raw);
}

void tcp_raw_crash(TcpStack *stack)
{
  while (stack->raws) {
    TcpRawFunc heard = stack->raws->heard;
    void *user = stack->raws->user;

    tcp_raw_close(stack->raws);
    heard(user, NULL, NULL);
  }
}

void tcp_raw_clear(TcpStack *stack)
{
  while (stack->raws)
    tcp_raw_close(stack->raws);
}
