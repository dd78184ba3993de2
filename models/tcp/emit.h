/* emit.c: segments onto their way. */
#pragma once

#include "tcb.h"

/** tcp_packet_new: (transfer full) with room for the headers of `pair`'s
 * family, to be finished by tcp_packet_send(). `rule` says why it is sent. */
NetPacket *tcp_packet_new(TcpStack *stack, const TcpPair *pair, TcpRule rule,
                          TcpState state);

/** TcpService: what IP is told of a segment. */
typedef struct TcpService {
  uint8_t ttl, tos; /* 0: the host's; the marks' bits are the segment's */
  uint16_t udp;     /* port of the datagram to carry it; 0: none does */
} TcpService;

/** tcp_service: that of what a connection sends. */
static inline TcpService tcp_service(const TcpKnobs *knobs)
{
  return (TcpService){ (uint8_t)knobs->ttl, (uint8_t)knobs->tos,
                       (uint16_t)knobs->udp_port };
}

/** tcp_packet_send: writes `segment` into `packet` and sends it; takes both
 * over. `path` (nullable) leads to the remote end. */
void tcp_packet_send(TcpStack *stack, const TcpPair *pair, NetPacket *packet,
                     TcpSegment *segment, TcpService service, NetPath *path);

/** tcp_in_udp_enclose: `packet` (l4 at the segment, room for a UDP header
 * before it) goes in UDP to `port`; l4 and `ip` are the datagram's then. */
void tcp_in_udp_enclose(const TcpStack *stack, NetPacket *packet, NetIp *ip,
                        uint16_t port);

/** tcp_reply_reset: the RST for a segment that belongs to nothing (3.5.2
 * group 1): with its ACK as SEQ, or acknowledging it. `knobs` (nullable) are
 * those of the user's end that it has reached. */
void tcp_reply_reset(TcpStack *stack, const TcpPair *pair,
                     const TcpKnobs *knobs, const TcpSegment *segment,
                     TcpRule rule);

/** tcp_send_segment: sends `segment` from `pair`, as nobody's: no connection
 * and no rule. Takes its payload over. */
void tcp_send_segment(TcpStack *stack, const TcpPair *pair, TcpSegment *segment,
                      NetPath *path);

/** tcp_reply_ack: an empty ACK that no connection sends (TIME-WAIT); a RST,ACK
 * if `rule` is SYN_IN_WINDOW. */
void tcp_reply_ack(TcpStack *stack, const TcpTimeWait *record, TcpRule rule);
