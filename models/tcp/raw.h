/* Raw ends: a pair of ends whose segments somebody writes and reads by hand,
 * beside a TCP that keeps its hands off it. For peers that do what no TCP
 * would: scanners, testers, the other side of a table of answers.
 */
#pragma once

#include "segment.h"
#include "tcp.h"

typedef struct TcpRaw TcpRaw;

/** TcpRawFunc: `segment` came for the pair in `packet`; its payload is a view
 * that is gone with the return. Nothing may be closed from inside. Both NULL:
 * the host has crashed, and the raw end is gone. */
typedef void (*TcpRawFunc)(void *user, const TcpSegment *segment,
                           const NetPacket *packet);

/** tcp_raw_open: (transfer full) takes the pair out of the hands of `stack`.
 * @pair: complete, or with a local address of any or a local port of 0, which
 *   are chosen
 * What arrives there with a right checksum and a sound header goes to `heard`
 * and is answered by nobody. NULL with TCP_EADDRINUSE, TCP_EADDRNOTAVAIL,
 * TCP_ENETUNREACH or TCP_EINVAL in `ret_error`, as for tcp_connect().
 */
TcpRaw *tcp_raw_open(TcpStack *stack, const TcpPair *pair, TcpRawFunc heard,
                     void *user, TcpError *ret_error);

/** tcp_raw_pair: with what was chosen. */
const TcpPair *tcp_raw_pair(const TcpRaw *raw);

/** tcp_raw_send: sends `segment` as it is, ports apart, with a right checksum;
 * its payload is taken over. */
void tcp_raw_send(TcpRaw *raw, TcpSegment *segment);

/** tcp_raw_close: the stack answers for the pair again. */
void tcp_raw_close(TcpRaw *raw);
