/* What a script runs under: addresses, tolerances, defaults. The script's own
 * option lines come first, then those of the command line. */
#pragma once

#include "pkt_script.h"

typedef enum PktIpVersion {
  PKT_IPV4,
  PKT_IPV4_MAPPED, /* sockets of IPv6, packets of IPv4 */
  PKT_IPV6,
} PktIpVersion;

typedef struct PktConfig {
  PktIpVersion version;
  NetAddress local, remote; /* any: chosen by pkt_config_finish() */
  uint32_t mtu;
  uint16_t bind_port, connect_port;
  SimTime tolerance;           /* --tolerance_usecs */
  unsigned tolerance_share;    /* --tolerance_percent, in thousandths */
  SimTime ts_tick;             /* 0: timestamp values are not compared */
  bool ts_echo_scaled;         /* an echo that was never sent is interpolated */
  bool strict_segments;        /* no aggregation */
  bool warn_packet, warn_call; /* --non_fatal: what differs is a warning */
  bool tcp_in_udp;             /* what is sent in UDP is TCP */
  bool dry_run, verbose;
  char *init_scripts; /* commands, with commas between; NULL: none */
} PktConfig;

/** pkt_config_init: packetdrill's defaults. pkt_config_clear: frees what
 * pkt_config_set() kept. */
void pkt_config_init(PktConfig *config);
void pkt_config_clear(PktConfig *config);

/** pkt_config_set: one option, without its dashes. False and one sentence in
 * `ret_problem` (transfer full) if there is none of that name, the value is
 * not good, or it asks for what is not simulated. What changes nothing in a
 * simulation is taken. */
bool pkt_config_set(PktConfig *config, const char *name, const char *value,
                    char **ret_problem);

/** pkt_config_finish: fills in the addresses that nobody gave. False and why,
 * if they are not of one family. */
bool pkt_config_finish(PktConfig *config, char **ret_problem);
