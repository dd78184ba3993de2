/* 3.10.7.4 in SYN-RECEIVED, passive and active. RCV.NXT is 1, the window ends
 * before 65536, SND.UNA is 0, SND.NXT 1. */
#include "arrives.h"

static const ArrivesRow passive[] = {
  /* first: the sequence number */
  { "rst-left-of-window", "R 0:0(0)", NULL, NULL, "RST_OUTSIDE", NULL },
  { "rst-right-of-window", "R 65536:65536(0)", NULL, NULL, "RST_OUTSIDE",
    NULL },
  { "syn-repeated", "S 0:0(0)", ". 1:1(0) ack 1", NULL, "UNACCEPTABLE", NULL },
  { "ack-left-of-window", ". 0:0(0) ack 1", ". 1:1(0) ack 1", NULL,
    "UNACCEPTABLE", NULL },
  { "text-beyond-window", "P. 65536:65546(10) ack 1", ". 1:1(0) ack 1", NULL,
    "UNACCEPTABLE", NULL },
  /* second: RST */
  { "rst-exact", "R 1:1(0)", NULL, "LISTEN", "RST_SYN_RECEIVED_PASSIVE", NULL },
  { "rst-ack-exact", "R. 1:1(0) ack 7", NULL, "LISTEN",
    "RST_SYN_RECEIVED_PASSIVE", NULL },
  { "syn-rst-exact", "SR 1:1(0)", NULL, "LISTEN", "RST_SYN_RECEIVED_PASSIVE",
    NULL },
  { "rst-in-window", "R 2:2(0)", ". 1:1(0) ack 1", NULL, "RST_CHALLENGED",
    NULL },
  { "rst-last-in-window", "R 65535:65535(0)", ". 1:1(0) ack 1", NULL,
    "RST_CHALLENGED", NULL },
  /* fourth: SYN */
  { "syn-in-window", "S 1:1(0)", NULL, "LISTEN", "SYN_RECEIVED_SYN", NULL },
  { "syn-fin-in-window", "SF 1:1(0)", NULL, "LISTEN", "SYN_RECEIVED_SYN",
    NULL },
  { "syn-ack-in-window", "S. 9:9(0) ack 1", NULL, "LISTEN", "SYN_RECEIVED_SYN",
    NULL },
  /* fifth: ACK: "SND.UNA < SEG.ACK =< SND.NXT" */
  { "no-ack", "P 1:11(10)", NULL, NULL, "NO_ACK", NULL },
  { "fin-without-ack", "F 1:1(0)", NULL, NULL, "NO_ACK", NULL },
  { "null", "none 1:1(0)", NULL, NULL, "NO_ACK", NULL },
  { "xmas", "FPU 1:1(0) urg 1", NULL, NULL, "NO_ACK", NULL },
  { "ack-old", ". 1:1(0) ack 0", "R 0:0(0) win 0", NULL, "SYN_RECEIVED_BAD_ACK",
    NULL },
  { "ack-future", ". 1:1(0) ack 2", "R 2:2(0)", NULL, "SYN_RECEIVED_BAD_ACK",
    NULL },
  { "fin-ack-future", "F. 1:1(0) ack 2", "R 2:2(0)", NULL,
    "SYN_RECEIVED_BAD_ACK", NULL },
  { "ack", ". 1:1(0) ack 1", NULL, "ESTABLISHED", "SYN_ACKED", NULL },
  { "ack-beyond-gap", ". 9:9(0) ack 1", NULL, "ESTABLISHED", "SYN_ACKED",
    NULL },
  /* seventh and eighth: text, FIN */
  { "text", "P. 1:11(10) ack 1", NULL, "ESTABLISHED", "TAKEN", NULL },
  { "text-beyond-gap", "P. 11:21(10) ack 1", ". 1:1(0) ack 1", "ESTABLISHED",
    "TAKEN", NULL },
  { "fin", "F. 1:1(0) ack 1", ". 1:1(0) ack 2", "CLOSE-WAIT", "FIN_RECEIVED",
    NULL },
  { "fin-text", "FP. 1:11(10) ack 1", ". 1:1(0) ack 12", "CLOSE-WAIT",
    "FIN_RECEIVED", NULL },
  { "fin-beyond-gap", "F. 11:11(0) ack 1", ". 1:1(0) ack 1", "ESTABLISHED",
    "SYN_ACKED", NULL },
};

/* "handle per the directions for synchronized states" where the connection
 * was opened actively. */
static const ArrivesRow active[] = {
  { "rst-left-of-window", "R 0:0(0)", NULL, "SYN-RECEIVED", "RST_OUTSIDE",
    NULL },
  { "rst-exact", "R 1:1(0)", NULL, "CLOSED", "RST_SYN_RECEIVED_ACTIVE",
    "ECONNREFUSED" },
  { "rst-in-window", "R 2:2(0)", ". 1:1(0) ack 1", "SYN-RECEIVED",
    "RST_CHALLENGED", NULL },
  { "syn-repeated", "S 0:0(0)", ". 1:1(0) ack 1", "SYN-RECEIVED",
    "UNACCEPTABLE", NULL },
  { "syn-in-window", "S 1:1(0)", ". 1:1(0) ack 1", "SYN-RECEIVED",
    "SYN_CHALLENGED", NULL },
  { "syn-fin-in-window", "SF 1:1(0)", ". 1:1(0) ack 1", "SYN-RECEIVED",
    "SYN_CHALLENGED", NULL },
  { "syn-ack", "S. 0:0(0) ack 1", NULL, "ESTABLISHED", "SYN_ACKED", NULL },
  { "syn-ack-old", "S. 0:0(0) ack 0", "R 0:0(0)", "SYN-RECEIVED",
    "SYN_RECEIVED_BAD_ACK", NULL },
  { "no-ack", "P 1:11(10)", NULL, "SYN-RECEIVED", "NO_ACK", NULL },
  { "null", "none 1:1(0)", NULL, "SYN-RECEIVED", "NO_ACK", NULL },
  { "xmas", "FPU 1:1(0) urg 1", NULL, "SYN-RECEIVED", "NO_ACK", NULL },
  { "ack-old", ". 1:1(0) ack 0", "R 0:0(0)", "SYN-RECEIVED",
    "SYN_RECEIVED_BAD_ACK", NULL },
  { "ack-future", ". 1:1(0) ack 2", "R 2:2(0)", "SYN-RECEIVED",
    "SYN_RECEIVED_BAD_ACK", NULL },
  { "ack", ". 1:1(0) ack 1", NULL, "ESTABLISHED", "SYN_ACKED", NULL },
  { "fin", "F. 1:1(0) ack 1", ". 1:1(0) ack 2", "CLOSE-WAIT", "FIN_RECEIVED",
    NULL },
};

void add_arrives_opening_tests(void)
{
  add_arrives_rows("SYN-RECEIVED", passive, G_N_ELEMENTS(passive));
  add_arrives_rows("SYN-RECEIVED/active", active, G_N_ELEMENTS(active));
}
