/* What is known of how Linux opens, closes and gives up. Invariant: a fact
 * stands alone; all of them can be watched at the same time. */

#include "facts.h"

#include <stddef.h>

#define ESTABLISHED bench_connect, bench_peer_syn_ack
#define SIMULTANEOUS bench_connect, bench_peer_syn
#define FIN_WAIT_2 ESTABLISHED, bench_shutdown, bench_peer_ack
#define LINGER_0 bench_linger_0, bench_close

/* From the second transmission on; RTT 0, so that the RTO is 200 ms. */
#define EIGHT_TIMES(segment)                                        \
  "; 0.2 " segment "; 0.6 " segment "; 1.4 " segment "; 3 " segment \
  "; 6.2 " segment "; 12.6 " segment "; 25.4 " segment "; 51 " segment

#define FIFTEEN_TIMES(segment)                                                \
  EIGHT_TIMES(segment)                                                        \
  "; 102.2 " segment "; 204.6 " segment "; 324.6 " segment "; 444.6 " segment \
  "; 564.6 " segment "; 684.6 " segment "; 804.6 " segment

const Fact facts[] = {
  { "SYN: once a second, then doubling",
    { bench_connect },
    "0 S,ISS,-,ts; 0 =>SYN-SENT; 1 S,ISS,-,ts; 2 S,ISS,-,ts; 3 S,ISS,-,ts; "
    "4 S,ISS,-,ts; 5 S,ISS,-,ts; 7 S,ISS,-,ts; 11 S,ISS,-,ts; "
    "19 S,ISS,-,ts; 35 S,ISS,-,ts; 67 S,ISS,-,ts; 131 =>CLOSED !ETIMEDOUT" },
  { "SYN-ACK of a listener: five repetitions",
    { bench_listen, bench_peer_syn },
    "0 AS,ISS,SEG.SEQ+1; 0 =>SYN-RCVD; 1 AS,ISS,SEG.SEQ+1; "
    "3 AS,ISS,SEG.SEQ+1; 7 AS,ISS,SEG.SEQ+1; 15 AS,ISS,SEG.SEQ+1; "
    "31 AS,ISS,SEG.SEQ+1; 63 =>LISTEN" },
  { "SYN-ACK of a simultaneous open: six repetitions",
    { SIMULTANEOUS },
    "0 AS,N-1,SEG.SEQ+1,ts; 0 =>SYN-RCVD; 1 AS,N-1,SEG.SEQ+1,ts; "
    "3 AS,N-1,SEG.SEQ+1,ts; 7 AS,N-1,SEG.SEQ+1,ts; "
    "15 AS,N-1,SEG.SEQ+1,ts; 31 AS,N-1,SEG.SEQ+1,ts; "
    "63 AS,N-1,SEG.SEQ+1,ts; 127 =>CLOSED !ETIMEDOUT" },
  { "FIN with a descriptor: fifteen repetitions",
    { ESTABLISHED, bench_shutdown },
    "0 AF,N,R; 0 =>FIN-WAIT-1" FIFTEEN_TIMES("AF,N,R") "; 924.6 =>CLOSED "
                                                       "!ETIMEDOUT" },
  { "FIN of an orphan: eight repetitions",
    { ESTABLISHED, bench_close },
    "0 AF,N,R; 0 =>FIN-WAIT-1" EIGHT_TIMES("AF,N,R") "; 102.2 =>CLOSED" },
  { "FIN in LAST-ACK: as in FIN-WAIT-1",
    { ESTABLISHED, bench_peer_fin, bench_close },
    "0 AF,N,R; 0 =>LAST-ACK" EIGHT_TIMES("AF,N,R") "; 102.2 =>CLOSED" },
  { "TCP_USER_TIMEOUT counts from the first repetition",
    { ESTABLISHED, bench_user_timeout_3_s, bench_shutdown },
    "0 AF,N,R; 0 =>FIN-WAIT-1; 0.2 AF,N,R; 0.6 AF,N,R; 1.4 AF,N,R; "
    "3 AF,N,R; 3.2 =>CLOSED !ETIMEDOUT" },
  { "the first repetition joins data and FIN",
    { ESTABLISHED, bench_write, bench_close },
    "0 AF,N,R; 0 =>FIN-WAIT-1" EIGHT_TIMES("APF(10),N-10,R") "; "
                                                             "102.2 =>CLOSED" },
  { "FIN-WAIT-2 with a descriptor lasts", { FIN_WAIT_2 }, "0 =>FIN-WAIT-2" },
  { "FIN-WAIT-2 of an orphan: 60 s",
    { ESTABLISHED, bench_close, bench_peer_ack },
    "0 =>FIN-WAIT-2; 60 =>CLOSED" },
  { "FIN-WAIT-2 of an orphan with TCP_LINGER2 120: 120 s",
    { ESTABLISHED, bench_linger2, bench_close, bench_peer_ack },
    "0 =>FIN-WAIT-2; 120 =>CLOSED" },
  { "TIME-WAIT: 60 s",
    { FIN_WAIT_2, bench_peer_fin },
    "0 A,N,R; 0 =>TIME-WAIT; 60 =>CLOSED" },
  { "negative TCP_LINGER2: the ACK of the FIN is reset",
    { ESTABLISHED, bench_no_linger2, bench_close, bench_peer_ack },
    "0 R,SEG.ACK,-; 0 =>CLOSED" },
  { "negative TCP_LINGER2: close() in FIN-WAIT-2 resets",
    { FIN_WAIT_2, bench_no_linger2, bench_close },
    "0 AR,N,R; 0 =>CLOSED" },
  { "close() with unread data resets",
    { ESTABLISHED, bench_peer_data, bench_close },
    "0 AR,N,R; 0 =>CLOSED" },
  { "close() with unread data resets after shutdown(), too",
    { ESTABLISHED, bench_shutdown, bench_peer_data, bench_close },
    "0 AR,N,R; 0 =>CLOSED" },
  { "close() in SYN-SENT is silent",
    { bench_connect, bench_close },
    "0 =>CLOSED" },
  { "shutdown() in SYN-SENT is silent, and an error",
    { bench_connect, bench_shutdown },
    "0 =>CLOSED !ECONNRESET" },
  { "shutdown() in SYN-RCVD: FIN as soon as established",
    { SIMULTANEOUS, bench_shutdown, bench_peer_ack },
    "0 AF,N,R; 0 =>FIN-WAIT-1" FIFTEEN_TIMES(
        "AF,N,R") "; 924.6 =>CLOSED !ETIMEDOUT" },
  { "close() in SYN-RCVD: FIN at once",
    { SIMULTANEOUS, bench_close },
    "0 AF,N,R; 0 =>FIN-WAIT-1; 1 AS,N-1,R,ts; 3 AS,N-1,R,ts; "
    "7 AS,N-1,R,ts; 15 AS,N-1,R,ts; 31 AS,N-1,R,ts; 63 AS,N-1,R,ts; "
    "127 =>CLOSED" },
  { "SO_LINGER 0 in SYN-SENT: nothing",
    { bench_connect, LINGER_0 },
    "0 =>CLOSED" },
  { "SO_LINGER 0 in SYN-RCVD: RST",
    { SIMULTANEOUS, LINGER_0 },
    "0 AR,N,R; 0 =>CLOSED" },
  { "SO_LINGER 0 in ESTAB: RST",
    { ESTABLISHED, LINGER_0 },
    "0 AR,N,R; 0 =>CLOSED" },
  { "SO_LINGER 0 in FIN-WAIT-1: RST",
    { ESTABLISHED, bench_shutdown, LINGER_0 },
    "0 AR,N,R; 0 =>CLOSED" },
  { "SO_LINGER 0 in FIN-WAIT-2: RST",
    { FIN_WAIT_2, LINGER_0 },
    "0 AR,N,R; 0 =>CLOSED" },
  { "SO_LINGER 0 in CLOSE-WAIT: RST",
    { ESTABLISHED, bench_peer_fin, LINGER_0 },
    "0 AR,N,R; 0 =>CLOSED" },
  { "SO_LINGER 0 in CLOSING: nothing",
    { ESTABLISHED, bench_shutdown, bench_peer_fin, LINGER_0 },
    "0 =>CLOSED" },
  { "SO_LINGER 0 in LAST-ACK: nothing",
    { ESTABLISHED, bench_peer_fin, bench_shutdown, LINGER_0 },
    "0 =>CLOSED" },
  { "SO_LINGER 0 in TIME-WAIT: nothing",
    { FIN_WAIT_2, bench_peer_fin, LINGER_0 },
    "60 =>CLOSED" },
  { "a listener that closes resets what waits to be accepted",
    { bench_listen, bench_peer_syn, bench_peer_ack, bench_unlisten },
    "0 AR,N,R; 0 =>CLOSED" },
  { "a listener that closes leaves the half-open alone",
    { bench_listen, bench_peer_syn, bench_unlisten },
    "1 =>CLOSED" },
  { "the ACK of a FIN waits for a tick",
    { ESTABLISHED, bench_peer_fin },
    "0 =>CLOSE-WAIT; 0 A,N,R" },
  { "the ACK of a FIN waits 40 ms after data",
    { ESTABLISHED, bench_peer_data, bench_peer_fin },
    "0 =>CLOSE-WAIT; 0.04 A,N,R" },
  { "keepalive: probes, then RST",
    { ESTABLISHED, bench_keepalive },
    "1 A,N-1,R; 2 A,N-1,R; 3 A,N-1,R; 4 AR,N,R; 4 =>CLOSED !ETIMEDOUT" },
  { "FIN waits behind probes of a closed window",
    { ESTABLISHED, bench_peer_close_window, bench_shutdown },
    "0 =>FIN-WAIT-1" FIFTEEN_TIMES("A,N-1,R") "; 924.6 =>CLOSED !ETIMEDOUT" },
  { "an orphan before a closed window: eight probes",
    { ESTABLISHED, bench_peer_close_window, bench_close },
    "0 =>FIN-WAIT-1" EIGHT_TIMES("A,N-1,R") "; 102.2 =>CLOSED" },
  { NULL, { NULL }, NULL },
};
