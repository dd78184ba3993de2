/* What tests of the table of calls share: a host that listens on CASE_PORT, and
 * the other side of one connection, whose datagrams are made here.
 *
 * Time is what gettimeofday() of the table says; each look costs 1 us. */
#pragma once

#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "interface.h"

#define CASE_HOST 0xc0a80001u   /* 192.168.0.1 */
#define CASE_REMOTE 0xc0000201u /* 192.0.2.1 */
#define CASE_PORT 8080
#define CASE_REMOTE_PORT 33000
#define CASE_ISN 0xfffffff0u

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

typedef struct Case {
  PdTable table;
  int listening, fd;
  uint32_t next, sent; /* the remote's numbers: to send, to acknowledge */
} Case;

/** Seen: what left. */
typedef struct Seen {
  long long time_us;
  uint32_t seq, ack;
  unsigned flags, length, options;
} Seen;

/** case_arrive: a segment with what was sent last acknowledged. */
void case_arrive(Case *it, unsigned flags, const uint8_t *options,
                 size_t options_size, size_t length);

/** case_leave: the next segment, of right lengths and checksums; all 0: none
 * will come. */
Seen case_leave(Case *it);
long long case_now_us(const Case *it);
void case_pass(Case *it, unsigned span_us);

/** case_after: `command` runs as one of a script does, before the first
 * call. */
Case case_after(const char *flags, const char *command);
Case case_new(const char *flags);
void case_handshake(Case *it);

/** case_open_one: a connection, accepted: it->fd. */
void case_open_one(Case *it);
void case_end(Case *it);

/** case_address: the host's, or with `away` the other side's. */
struct sockaddr_in case_address(uint16_t port, bool away);
int case_socket(Case *it);
int case_bind(Case *it, int fd, uint16_t port, socklen_t size);
int case_connect(Case *it, int fd, uint16_t port);

#define CASE_NO_FD 9999

/** assert_fails: -1 and an errno. */
#define assert_fails(call, number)            \
  do {                                        \
    errno = 0;                                \
    g_assert_cmpint((ssize_t)(call), ==, -1); \
    g_assert_cmpint(errno, ==, number);       \
  } while (0)
