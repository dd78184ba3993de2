/* icmp.c: what ICMP and ICMPv6 say of segments, and what they should have. */
#pragma once

#include "tcb.h"

/** TcpIcmp: an error, and the datagram that it quotes. */
typedef struct TcpIcmp {
  uint8_t type, code;
  uint32_t rest;
  const NetIp *quoted;
  uint16_t udp; /* to which port of UDP the quoted segment went; 0: plain */
} TcpIcmp;

/** tcp_icmp_about: `icmp` is about the segment whose first 8 bytes are `at`. */
void tcp_icmp_about(TcpStack *stack, const TcpIcmp *icmp, const uint8_t *at);

/** tcp_icmp_input: an ICMP or ICMPv6 error about a segment of ours. */
void tcp_icmp_input(void *user, uint8_t type, uint8_t code, uint32_t rest,
                    const NetIp *quoted, const uint8_t *l4, uint32_t l4_size);

/** tcp_black_hole_timeout: the retransmission timer has expired: does the path
 * take another size from now on, and nobody has said so? (black_hole.c) */
bool tcp_black_hole_timeout(TcpConnection *conn);

/** tcp_path_changed: the path's MTU is another than `mss` was made for. */
void tcp_path_changed(TcpConnection *conn);
