/* 3.10.7.4 behind the peer's FIN: CLOSE-WAIT, CLOSING, LAST-ACK, TIME-WAIT.
 * RCV.NXT is 2 and the window ends before 65536; SND.NXT is 2 (in CLOSE-WAIT
 * 1). */
#include "arrives.h"

static const ArrivesRow in_close_wait[] = {
  { "rst-left-of-window", "R 1:1(0)", NULL, NULL, "RST_OUTSIDE", NULL },
  { "rst-exact", "R 2:2(0)", NULL, "CLOSED", "RST", "ECONNRESET" },
  { "rst-in-window", "R 3:3(0)", ". 1:1(0) ack 2", NULL, "RST_CHALLENGED",
    NULL },
  { "syn-repeated", "S 0:0(0)", ". 1:1(0) ack 2", NULL, "UNACCEPTABLE", NULL },
  { "syn-in-window", "S 2:2(0)", ". 1:1(0) ack 2", NULL, "SYN_CHALLENGED",
    NULL },
  { "null", "none 2:2(0)", NULL, NULL, "NO_ACK", NULL },
  { "xmas", "FPU 2:2(0) urg 1", NULL, NULL, "NO_ACK", NULL },
  { "ack-old", ". 2:2(0) ack 0", NULL, NULL, "TAKEN", NULL },
  { "ack", ". 2:2(0) ack 1", NULL, NULL, "TAKEN", NULL },
  { "ack-future", ". 2:2(0) ack 2", ". 1:1(0) ack 2", NULL, "ACK_UNSENT",
    NULL },
  { "text-behind-fin", "P. 2:12(10) ack 1", NULL, NULL, "TEXT_AFTER_FIN",
    NULL },
  { "fin-repeated", "F. 1:1(0) ack 1", ". 1:1(0) ack 2", NULL, "FIN_REPEATED",
    NULL },
  { "fin-text-repeated", "FP. -9:1(10) ack 1", ". 1:1(0) ack 2", NULL,
    "FIN_REPEATED", NULL },
  { "fin-behind-fin", "F. 2:2(0) ack 1", NULL, NULL, "TAKEN", NULL },
};

static const ArrivesRow in_closing[] = {
  { "rst-left-of-window", "R 1:1(0)", NULL, NULL, "RST_OUTSIDE", NULL },
  { "rst-exact", "R 2:2(0)", NULL, "CLOSED", "RST_CLOSING", NULL },
  { "rst-in-window", "R 3:3(0)", ". 2:2(0) ack 2", NULL, "RST_CHALLENGED",
    NULL },
  { "syn-in-window", "S 2:2(0)", ". 2:2(0) ack 2", NULL, "SYN_CHALLENGED",
    NULL },
  { "null", "none 2:2(0)", NULL, NULL, "NO_ACK", NULL },
  { "xmas", "FPU 2:2(0) urg 1", NULL, NULL, "NO_ACK", NULL },
  { "ack-not-of-fin", ". 2:2(0) ack 1", NULL, NULL, "CLOSING_IGNORED", NULL },
  { "ack-of-fin", ". 2:2(0) ack 2", NULL, "TIME-WAIT", "CLOSING_FIN_ACKED",
    NULL },
  { "ack-future", ". 2:2(0) ack 3", ". 2:2(0) ack 2", NULL, "ACK_UNSENT",
    NULL },
  { "text-ack-of-fin", "P. 2:12(10) ack 2", NULL, "TIME-WAIT",
    "CLOSING_FIN_ACKED", NULL },
  { "text-behind-fin", "P. 2:12(10) ack 1", NULL, NULL, "CLOSING_IGNORED",
    NULL },
  { "fin-repeated", "F. 1:1(0) ack 1", ". 2:2(0) ack 2", NULL, "FIN_REPEATED",
    NULL },
};

static const ArrivesRow in_last_ack[] = {
  { "rst-left-of-window", "R 1:1(0)", NULL, NULL, "RST_OUTSIDE", NULL },
  { "rst-exact", "R 2:2(0)", NULL, "CLOSED", "RST_CLOSING", NULL },
  { "rst-in-window", "R 3:3(0)", ". 2:2(0) ack 2", NULL, "RST_CHALLENGED",
    NULL },
  { "syn-in-window", "S 2:2(0)", ". 2:2(0) ack 2", NULL, "SYN_CHALLENGED",
    NULL },
  { "null", "none 2:2(0)", NULL, NULL, "NO_ACK", NULL },
  { "xmas", "FPU 2:2(0) urg 1", NULL, NULL, "NO_ACK", NULL },
  { "ack-not-of-fin", ". 2:2(0) ack 1", NULL, NULL, "TAKEN", NULL },
  { "ack-of-fin", ". 2:2(0) ack 2", NULL, "CLOSED", "LAST_ACK_FIN_ACKED",
    NULL },
  { "ack-future", ". 2:2(0) ack 3", ". 2:2(0) ack 2", NULL, "ACK_UNSENT",
    NULL },
  { "text-behind-fin", "P. 2:12(10) ack 1", NULL, NULL, "TEXT_AFTER_FIN",
    NULL },
  { "fin-repeated", "F. 1:1(0) ack 1", ". 2:2(0) ack 2", NULL, "FIN_REPEATED",
    NULL },
};

/* "The only thing that can arrive in this state is a retransmission of the
 * remote FIN." */
static const ArrivesRow in_time_wait[] = {
  { "rst-left-of-window", "R 1:1(0)", NULL, NULL, "RST_OUTSIDE", NULL },
  { "rst-exact", "R 2:2(0)", NULL, "CLOSED", "TIME_WAIT_RST", NULL },
  { "rst-in-window", "R 3:3(0)", ". 2:2(0) ack 2", NULL, "RST_CHALLENGED",
    NULL },
  { "syn-old", "S 0:0(0)", ". 2:2(0) ack 2", NULL, "UNACCEPTABLE", NULL },
  { "syn-in-window", "S 2:2(0)", ". 2:2(0) ack 2", NULL, "SYN_CHALLENGED",
    NULL },
  { "null", "none 2:2(0)", NULL, NULL, "NO_ACK", NULL },
  { "xmas", "FPU 2:2(0) urg 1", NULL, NULL, "NO_ACK", NULL },
  { "ack", ". 2:2(0) ack 2", NULL, NULL, "TIME_WAIT_IGNORED", NULL },
  { "ack-old-duplicate", ". 1:1(0) ack 1", ". 2:2(0) ack 2", NULL,
    "UNACCEPTABLE", NULL },
  { "text-old-duplicate", "P. -9:1(10) ack 1", ". 2:2(0) ack 2", NULL,
    "UNACCEPTABLE", NULL },
  { "text-behind-fin", "P. 2:12(10) ack 2", NULL, NULL, "TIME_WAIT_IGNORED",
    NULL },
  { "fin-repeated", "F. 1:1(0) ack 2", ". 2:2(0) ack 2", NULL, "TIME_WAIT_FIN",
    NULL },
  { "fin-text-repeated", "FP. -9:1(10) ack 2", ". 2:2(0) ack 2", NULL,
    "TIME_WAIT_FIN", NULL },
  { "ack-future", ". 2:2(0) ack 3", ". 2:2(0) ack 2", NULL, "ACK_UNSENT",
    NULL },
  { "fin-without-ack", "F 1:1(0)", ". 2:2(0) ack 2", NULL, "UNACCEPTABLE",
    NULL },
  { "syn-fin-repeated", "SF. 0:0(0) ack 2", ". 2:2(0) ack 2", NULL,
    "UNACCEPTABLE", NULL },
  { "fin-of-another-number", "F. -9:-9(0) ack 2", ". 2:2(0) ack 2", NULL,
    "UNACCEPTABLE", NULL },
};

void add_arrives_closing_tests(void)
{
  add_arrives_rows("CLOSE-WAIT", in_close_wait, G_N_ELEMENTS(in_close_wait));
  add_arrives_rows("CLOSING", in_closing, G_N_ELEMENTS(in_closing));
  add_arrives_rows("LAST-ACK", in_last_ack, G_N_ELEMENTS(in_last_ack));
  add_arrives_rows("TIME-WAIT", in_time_wait, G_N_ELEMENTS(in_time_wait));
}
