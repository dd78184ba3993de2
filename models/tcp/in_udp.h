/* TCP in UDP, as FreeBSD has it (tcp(4): TCP_REMOTE_UDP_ENCAPS_PORT and
 * net.inet.tcp.udp_tunneling_port, draft-cheshire-tcp-over-udp): the segment
 * with its whole header stands behind a UDP header of its own, whose checksum
 * is over both; TCP's own is 0.
 *
 * A host takes such segments at one port of UDP, from which it also sends. To
 * which port of the peer's belongs to the connection (the knob udp_port): who
 * accepts learns it from the SYN. A segment in other datagrams than the
 * connection's, or in none, is not the connection's. */
#pragma once

#include "tcp.h"

/** tcp_stack_set_udp_port: takes and sends segments in UDP at `port`; 0: no
 * more, and connections in UDP are mute. False: another has the port. */
bool tcp_stack_set_udp_port(TcpStack *stack, uint16_t port);

/** tcp_stack_udp_port: 0: none. */
uint16_t tcp_stack_udp_port(const TcpStack *stack);
