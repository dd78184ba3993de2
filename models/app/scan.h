/* A port scanner: what a host learns of another's TCP ports by knocking.
 *
 * All kinds but connect send raw segments and listen to what comes in. The
 * host's own TCP knows nothing of them: a SYN,ACK that comes back belongs to
 * no connection and is answered by a RST, as it is on a host that runs nmap.
 * That ends the half-open connection on the other side before its program
 * learns of it.
 *
 *                SYN,ACK   RST         ICMP unreachable  silence
 *   syn          open      closed      filtered          filtered
 *   connect      open      closed      filtered          filtered
 *   fin,null,xmas   -      closed      filtered          open|filtered
 *   ack             -      unfiltered  filtered          filtered
 */
#pragma once

#include "app.h"

typedef enum AppScanKind {
  APP_SCAN_SYN,
  APP_SCAN_CONNECT,
  APP_SCAN_FIN,
  APP_SCAN_NULL,
  APP_SCAN_XMAS,
  APP_SCAN_ACK,
  APP_SCAN_KINDS,
} AppScanKind;

/** app_scan_kind_name: "syn", or NULL beyond the last. */
const char *app_scan_kind_name(unsigned kind);

typedef enum AppScanState {
  APP_SCAN_UNKNOWN, /* not done yet */
  APP_SCAN_OPEN,
  APP_SCAN_CLOSED,
  APP_SCAN_FILTERED,
  APP_SCAN_UNFILTERED,
  APP_SCAN_OPEN_OR_FILTERED,
} AppScanState;

/** app_scan_state_name: "open|filtered" (transfer none). */
const char *app_scan_state_name(AppScanState state);

/** AppScanPort: what was learned of a port. */
typedef struct AppScanPort {
  uint16_t port;
  uint8_t tries;
  AppScanState state;
  const char *why;  /* one sentence (transfer none, static) */
  SimTime answered; /* round trip of the answer; NEVER: none came */
} AppScanPort;

typedef struct AppScan AppScan;

typedef struct AppScanSpec {
  SimTime at;
  AppTarget to; /* its ports do not count */
  AppScanKind kind;
  const uint16_t *ports;                   /* copied */
  unsigned count;                          /* > 0 */
  SimTime timeout;                         /* of a probe */
  SimTime interval;                        /* between ports */
  unsigned retries;                        /* of a probe without an answer */
  uint16_t from_port;                      /* of raw probes; 0: chosen */
  void (*done)(void *user, AppScan *scan); /* (nullable) */
  void *user;
} AppScanSpec;

/** app_scan_new: (transfer none) lives as long as the Sim. */
AppScan *app_scan_new(TcpStack *stack, const AppScanSpec *spec);

/** app_scan_port: the `number`th of the ports, from 0; NULL beyond. */
const AppScanPort *app_scan_port(const AppScan *scan, unsigned number);
bool app_scan_done(const AppScan *scan);
