/* TCP_INFO: what Linux tells of a connection, by its kernel's names and in its
 * units (info.def). */
#pragma once

#include "tcp.h"

typedef struct TcpInfo {
#define INFO(name, source) int64_t name;
#include "info.def"
#undef INFO
} TcpInfo;

/** TCP_INFO options: bits of TcpInfo.options. */
enum {
  TCP_INFO_TIMESTAMPS = 1,
  TCP_INFO_SACK = 2,
  TCP_INFO_WSCALE = 4,
  TCP_INFO_ECN = 8,
};

/** TCP_INFO states of congestion avoidance: TcpInfo.ca_state. */
enum { TCP_CA_OPEN, TCP_CA_DISORDER, TCP_CA_CWR, TCP_CA_RECOVERY, TCP_CA_LOSS };

/** tcp_info: of a connection in any state. In TIME-WAIT and CLOSED it says how
 * the connection was left. */
void tcp_info(const TcpConnection *conn, TcpInfo *ret);

/** tcp_info_name: "rto", the `index`-th field, or NULL past the end; the
 * kernel has "tcpi_" before it. */
const char *tcp_info_name(unsigned index);
int64_t tcp_info_value(const TcpInfo *info, unsigned index);
