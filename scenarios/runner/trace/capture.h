/* The captures of a run: trace.pcapng, what a host sent and received, as
 * tcpdump on it would have seen it, with comments that say why; dropped.pcapng,
 * what never arrived.
 *
 * They listen to the trace bus themselves and need no Record.
 *
 * By default ("one") the host is the scenario's first that has a link, so
 * that no packet is there twice: Wireshark would take the other end's copy
 * for a retransmission. "all" has an interface for each NIC of each host; any
 * other word is the name of one node.
 *
 * A received packet's comments are known when it has been processed: it is
 * written when the next one comes or time goes on.
 */
#pragma once

#include "pcapng.h"
#include "run.h"

typedef struct Capture Capture;

/**
 * capture_new: listens to `run->sim` from now on, until capture_finish().
 * @at: "one", "all" or a node's name
 * @trace, @dropped: (nullable) not taken over, must outlive the Capture
 * Returns: (transfer full)
 */
Capture *capture_new(Run *run, const char *at, OutFile *trace,
                     OutFile *dropped);

/** capture_settle: what is complete can be flushed: the packet being
 * processed is as complete as it gets. Not from inside an event. */
void capture_settle(Capture *capture);

/** capture_finish: nothing is written any more; the files can be closed. */
void capture_finish(Capture *capture);

/** capture_free: after sim_free(). NULL is ignored. */
void capture_free(Capture *capture);
