/* The other way: a run written as scripts that test one of its hosts from
 * outside, one for each of its connections.
 *
 *   trace bus --> pkt_write.c (which connection)
 *                   +-- pkt_write_flow.c (a connection: calls, packets)
 *                         +-- pkt_write_packet.c, pkt_write_icmp.c (lines)
 *                         +-- pkt_write_knobs.c (settings)
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
 * the simulation starts and after script_start(). NULL and why (SCRIPT_ERROR)
 * if there is no such host. Free it before the run. */
PktWriter *pkt_writer_new(Run *run, const char *host, GError **error);

/** pkt_writer_end: the run is over: what happens from now on is not part of
 * it. Before script_finish(). */
void pkt_writer_end(PktWriter *it);

/** pkt_writer_count: of scripts: one a connection, at least 1 after
 * pkt_writer_check(). */
guint pkt_writer_count(const PktWriter *it);

/** pkt_writer_check: false, and why (SCRIPT_ERROR), if there is nothing to
 * write: the host takes part in no connection. */
bool pkt_writer_check(const PktWriter *it, GError **error);

/** pkt_writer_name: (transfer full) the file of a script: "HOST.pkt",
 * "HOST-2.pkt". */
char *pkt_writer_name(const PktWriter *it, guint index);

/** pkt_writer_text: (transfer full) a script. */
char *pkt_writer_text(const PktWriter *it, guint index);

/** pkt_writer_shorten: of a script that does not hold: leaves out what it may
 * be that it cannot say. False if nothing was. */
bool pkt_writer_shorten(PktWriter *it, guint index);

/** pkt_writer_notes: (transfer full) what the scripts have not got of what
 * happened at the host, a line each. */
char *pkt_writer_notes(const PktWriter *it);

/** pkt_writer_free: NULL is ignored. */
void pkt_writer_free(PktWriter *it);

/* -- pkt_write_packet.c -- */

/** PktNumbers: from what the packets' numbers count, and what was said last. */
typedef struct PktNumbers {
  bool opens; /* the host does; its peer's SYN sets the peer's number */
  bool known_local, known_remote;
  uint32_t local, remote; /* the initial numbers; 0: not known */
  GHashTable *stamps;     /* timestamps that the host has sent */
  bool has_window;
  uint16_t window; /* of the last that was sent */
} PktNumbers;

/** PktSaid: has a script words for a packet? */
typedef enum PktSaid {
  PKT_SAID,
  PKT_SAID_NO_HEADER,  /* its lengths are none: no host takes it */
  PKT_SAID_NO_OPTIONS, /* an option of another kind or length */
  PKT_SAID_NO_ECHO,    /* of a timestamp that the host has not sent */
} PktSaid;

/** pkt_write_packet: appends "> S 0:0(0) win 65535 <mss 1460>". */
PktSaid pkt_write_packet(GString *out, PktNumbers *numbers,
                         const NetPacket *packet, const NetIp *ip,
                         bool outbound);

/* -- pkt_write_icmp.c -- */

/** PktIcmp: an error about a segment of TCP. */
typedef struct PktIcmp {
  TcpPair pair; /* of who is told */
  uint8_t type, code;
  bool ipv4;
  uint32_t mtu;
  uint32_t seq, length; /* of the segment */
} PktIcmp;

/** pkt_icmp_read: false if it is none, or does not quote enough. */
bool pkt_icmp_read(PktIcmp *ret, const NetPacket *packet, const NetIp *ip);

/** pkt_icmp_write: appends "< icmp unreachable frag_needed mtu 1400
 * [1:1401(1400)]". */
void pkt_icmp_write(GString *out, const PktNumbers *numbers,
                    const PktIcmp *icmp);

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
