/* How a packet and a time are written in the terminal. */
#pragma once

#include "record.h"
#include "terminal.h"

/** TimeScale: one unit and one number of decimals for a whole drawing. */
typedef struct TimeScale {
  SimTime unit; /* ns; SIM_MICROSECOND, _MILLISECOND or _SECOND */
  unsigned decimals;
} TimeScale;

/** time_scale_for: fit for times up to `last` (ns). `fine`: as many decimals
 * as tell packets apart; `coarse`: as few as are of use. */
TimeScale time_scale_for(SimTime last, bool fine, bool coarse);

/** time_scale_format: (transfer full) `time` as a number, rounded. */
char *time_scale_format(TimeScale scale, SimTime time);

/** time_scale_unit: "ms", in the terminal's characters (transfer none). */
const char *time_scale_unit(TimeScale scale, const Terminal *terminal);

/** span_text: (transfer full) "240 s", in the terminal's characters. */
char *span_text(const Terminal *terminal, SimTime span);

/** PacketForm: ways of writing a packet, from the longest to the shortest. */
typedef enum PacketForm {
  PACKET_WORDS, /* FIN+ACK seq 8 ack 1 retransmission 1 */
  PACKET_PLAIN, /* FIN+ACK seq 8 ack 1 retrans. 1 */
  PACKET_SHORT, /* F. 8 ack 1 retrans. 1, as tcpdump and injections have it */
} PacketForm;

/** packet_label: (transfer full) flags, sequence numbers, payload bytes in
 * parentheses, acknowledgement, and what is odd about the packet; the summary
 * of what is not TCP. */
char *packet_label(const Terminal *terminal, const RecordPacket *packet,
                   PacketForm form);

/** packet_detail: (transfer full) window and options: "win 65535 <mss 1460>";
 * NULL if the packet has none. */
char *packet_detail(const RecordPacket *packet);

/** packet_style: how to draw it. */
TerminalStyle packet_style(const RecordPacket *packet);

/** packet_is_odd: is there something to explain: a reset, a retransmission, a
 * forged, copied, damaged, marked or lost packet? */
bool packet_is_odd(const RecordPacket *packet);

/** state_short: "ESTAB" for ESTABLISHED, as ss writes it; at most 10 long. */
const char *state_short(TcpState state);
