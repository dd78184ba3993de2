/* One connection of the host that is written as a script. */
#pragma once

#include "pkt_write.h"

/** PktWriteFlow: from its first packet or call. A pair that is used again is
 * another one. */
typedef struct PktWriteFlow {
  Run *run;
  NetHost *host;
  TcpPair pair;
  GString *lines;
  GPtrArray *left_out; /* "0.1 s: what" */
  bool ended;          /* nothing more is written */
  PktNumbers numbers;
  bool opens, listens; /* which of the two made the socket */
  unsigned backlog;
  bool listener_gone; /* closed again */
  bool accepted, closed;
  bool synchronized; /* the host has sent more than SYNs and RSTs */
  bool has_knobs;
  TcpKnobs first, knobs; /* at the beginning, and as they are */
  gsize nested_from; /* in `lines`: of the first call within an answer, or 0 */
  char *nested_time;
  /* the last SYN that arrived */
  SimTime syn_time; /* when; -1: none */
  gsize syn_from;   /* in `lines` */
  NetPacket syn;    /* its header */
  NetIp syn_ip;
} PktWriteFlow;

PktWriteFlow *pkt_flow_new(Run *run, NetHost *host, const TcpPair *pair);

/** pkt_flow_free: NULL is ignored. */
void pkt_flow_free(PktWriteFlow *it);

/** pkt_flow_leave_out: notes what a script cannot say; it goes on behind. */
void pkt_flow_leave_out(PktWriteFlow *it, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** pkt_flow_end: notes why nothing more can be said. */
void pkt_flow_end(PktWriteFlow *it, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** pkt_flow_nested: the call that follows is made while the host takes a
 * segment. */
void pkt_flow_nested(PktWriteFlow *it);

/** pkt_flow_shorten: leaves out all from such a call on: true if there is
 * one, and it is not left out already. */
bool pkt_flow_shorten(PktWriteFlow *it);

/** pkt_flow_watch: before each packet: closed listeners and options. */
void pkt_flow_watch(PktWriteFlow *it);

void pkt_flow_call(PktWriteFlow *it, const TcpTraceCall *call);

/** pkt_flow_packet: a segment, of a checksum that is right. */
void pkt_flow_packet(PktWriteFlow *it, const NetPacket *packet, const NetIp *ip,
                     bool outbound);

/** pkt_flow_icmp: an error about one of its segments arrives. */
void pkt_flow_icmp(PktWriteFlow *it, const PktIcmp *icmp);

/** pkt_flow_again: does this outbound segment begin the pair's next
 * connection? */
bool pkt_flow_again(PktWriteFlow *it, const NetPacket *packet);

/** pkt_flow_follow: the SYN that arrived last for `before` was for the new
 * connection, `it`. */
void pkt_flow_follow(PktWriteFlow *it, PktWriteFlow *before);

/** pkt_flow_text: (transfer full) the script. `others`: a comment, or NULL. */
char *pkt_flow_text(const PktWriteFlow *it, const char *host,
                    const char *others, SimTime slack);
