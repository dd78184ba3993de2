/* A small network of which a test tells the trace bus whatever it likes:
 * "client", "server" and the link between them, seed 7, at 10.0.0.1 and
 * 10.0.0.2. Nothing moves by itself. */
#pragma once

#include "host.h"
#include "record.h"
#include "run.h"

enum { CLIENT, SERVER };

typedef struct Told {
  Run run;
  NetHost *hosts[2];
  TcpStack *stacks[2];
  NetLink *link;
  SimOwner owner;
  SimEvent tick;
  NetPacket *packets[64]; /* freed with it */
  unsigned count;
} Told;

void told_init(Told *it);

/** told_clear: also the run's record. */
void told_clear(Told *it);

/** told_at: time goes on to `time`. */
void told_at(Told *it, SimTime time);

/** told_segment: (transfer none) a segment from one host's port 1000 + host
 * to the other's, `length` virtual bytes. `text` is tcpdump's flags. */
NetPacket *told_segment(Told *it, unsigned from, const char *text, uint32_t seq,
                        uint32_t ack, uint32_t length);

/** told_packet: tells that `kind` happened to `packet` at a host's NIC. */
void told_packet(Told *it, unsigned kind, unsigned host,
                 const NetPacket *packet);

/** told_dropped: the link from `host` lost it. */
void told_dropped(Told *it, unsigned host, const NetPacket *packet,
                  const char *reason);

/** told_crossing: sent by `from` now, received and delivered `delay` later. */
void told_crossing(Told *it, unsigned from, const NetPacket *packet,
                   SimTime delay);

/** told_state: an end of the pair of told_segment() changed its state. */
void told_state(Told *it, unsigned host, TcpState from, TcpState to,
                uint32_t iss, uint32_t irs);

/** told_verdict: the host's TCP judged `packet`. */
void told_verdict(Told *it, unsigned host, const NetPacket *packet,
                  TcpState state, TcpRule rule);

/** told_contents: (transfer full) of a file in `folder`. */
char *told_contents(const char *folder, const char *name);

/** told_remove: `folder` and the files in it. */
void told_remove(const char *folder);
