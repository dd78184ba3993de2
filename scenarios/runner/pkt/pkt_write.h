/* The other way: a run written as a script that tests one of its hosts from
 * outside.
 *
 *   trace bus --> pkt_write.c (when, which connection, calls)
 *                   +-- pkt_write_packet.c (packets as lines)
 *                   +-- pkt_write_knobs.c (settings)
 *
 * The script has the host's system calls at their times with their results,
 * what arrived there and what it sent. Times are absolute, so that a packet
 * that waited for its turn in the host's NIC moves nothing behind it.
 *
 * linger's own settings that no sysctl has stand in comments,
 *
 *   // linger: profile=rfc9293 delayed_ack=500000000
 *
 * which linger pkt reads and packetdrill skips.
 */
#pragma once

#include "run.h"

typedef struct PktWriter PktWriter;

/** pkt_writer_new: listens to the host called `host` of `run`, before
 * the simulation starts and after script_start(). NULL and why (SCRIPT_ERROR) if
 * there is no such host. Free it before the run. */
PktWriter *pkt_writer_new(Run *run, const char *host, GError **error);

/** pkt_writer_end: the run is over: what happens from now on is not part of
 * it. Before script_finish(). */
void pkt_writer_end(PktWriter *it);

/** pkt_writer_text: (transfer full) the script; NULL and why (SCRIPT_ERROR) if
 * something cannot be written as one. */
char *pkt_writer_text(PktWriter *it, GError **error);

/** pkt_writer_free: NULL is ignored. */
void pkt_writer_free(PktWriter *it);

/* -- pkt_write_packet.c -- */

/** PktNumbers: from what the packets' numbers count, and what was said last. */
typedef struct PktNumbers {
  bool known_local, known_remote;
  uint32_t local, remote; /* the initial numbers; 0: not known */
  bool has_window;
  uint16_t window; /* of the last that was sent */
} PktNumbers;

/** pkt_write_packet: appends "> S 0:0(0) win 65535 <mss 1460>". False if its
 * TCP header is not one that a script can say. */
bool pkt_write_packet(GString *out, PktNumbers *numbers,
                      const NetPacket *packet, const NetIp *ip, bool outbound);

/* -- pkt_write_knobs.c -- */

/** pkt_write_settings: appends what makes a host have `knobs`: the comment, and
 * a command with sysctl lines if there are any. */
void pkt_write_settings(GString *out, const TcpKnobs *knobs);

/** pkt_write_option: appends the setsockopt() that makes `before` of `fd`
 * `after`, one line each, with `time` before each. The name of a knob that no
 * option stands for, or NULL. */
const char *pkt_write_option(GString *out, const char *time, int fd,
                             const TcpKnobs *before, const TcpKnobs *after);

/** pkt_written_profile: the profile that a script's comment names, or NULL. */
const char *pkt_written_profile(const char *text);

/** pkt_written_knobs: sets what its comments say besides. False, and the word
 * (transfer full) that is wrong. */
bool pkt_written_knobs(const char *text, TcpKnobs *knobs, char **ret_word);
