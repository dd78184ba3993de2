/* The options of our own segments: what a SYN offers or agrees to, timestamps
 * and SACK blocks on the others. */
#include <glib.h>

#include "parts.h"

/* How many SACK blocks may go with the next segment: all that there is room
 * for if it carries no text, and else at most half of a segment. */
static unsigned blocks_for(const TcpConnection *conn, bool text)
{
  uint32_t room = TCP_OPTIONS_MAX - (conn->timestamps ? 12 : 0) - 4;

  if (text)
    room = MIN(room, conn->mss / 2 > 4 ? conn->mss / 2 - 4 : 0);
  return MIN(room / 8, TCP_SACK_BLOCKS);
}

static void fill_blocks(const TcpConnection *conn, TcpSegment *segment)
{
  unsigned most = blocks_for(conn, segment->payload.length > 0);

  segment->options.sack_count =
      (uint8_t)tcp_sack_blocks(conn->sack, segment->options.sack, most);
}

/* The text that a segment may carry: options that ride with it take of the
 * MSS (3.7.1). */
uint32_t tcp_offer_room(const TcpConnection *conn)
{
  uint32_t count = conn->sack ? tcp_sack_count(conn->sack) : 0;

  if (count == 0)
    return conn->mss;
  count = MIN(count, blocks_for(conn, true));
  return count ? conn->mss - (4 + 8 * count) : conn->mss;
}

void tcp_offer(const TcpConnection *conn, TcpSegment *segment)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  bool first =
      conn->state == TCP_SYN_SENT ||
      (segment->flags & TCP_SYN && knobs->offer_again && !conn->passive);

  if (segment->flags & TCP_SYN && !knobs->syn_options)
    return;
  if (first && tcp_syn_is_plain(conn)) {
    segment->options.mss = (uint16_t)tcb_mss_offered(conn);
    return;
  }
  segment->options.layout = (uint8_t)knobs->option_layout;
  if (segment->flags & TCP_SYN) {
    segment->options.mss = (uint16_t)tcb_mss_offered(conn);
    segment->options.has_scale = first ? knobs->window_scaling : conn->scaling;
    segment->options.scale = conn->rcv_scale;
    segment->options.sack_permitted = first ? knobs->sack : conn->sacks;
  } else if (conn->sack && tcp_sack_count(conn->sack) &&
             segment->flags & TCP_ACK) {
    fill_blocks(conn, segment);
  }
  if (first ? knobs->timestamps : conn->timestamps) {
    segment->options.has_timestamps = true;
    segment->options.ts_value = tcp_ts_now(conn->stack, conn->ts_offset);
    /* in SYN-SENT 0, but for what a TIME-WAIT left */
    if (segment->flags & TCP_ACK || conn->state == TCP_SYN_SENT)
      segment->options.ts_echo = conn->ts_recent;
  }
}
