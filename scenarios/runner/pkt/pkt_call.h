/* System calls: what they share. A call is a function that is asked until it
 * does not wait any more; then its result is compared with the script's. */
#pragma once

#include "pkt_fd.h"

enum { PKT_O_NONBLOCK = 0x800, PKT_MSG_DONTWAIT = 0x40 };

/** PktCalling: a system call under way. */
typedef struct PktCalling {
  const PktStatement *statement;
  const PktCall *call;
  PktPlace place;
  struct PktCallRow const *row;
  bool again;       /* it has waited before */
  SimTime deadline; /* it waits no longer; NEVER */
  bool late;        /* the deadline has passed */
  uint32_t moved;   /* bytes, so far */
  PktFd *fd;        /* of a close() that waits */
  /* what it returns */
  int64_t result;
  const char *error; /* errno's name with result -1; else NULL */
} PktCalling;

typedef PktOutcome (*PktCallFunc)(PktRun *it, PktCalling *calling);

typedef struct PktCallRow {
  const char *name;
  PktCallFunc func;
  unsigned least, most; /* arguments */
} PktCallRow;

extern const PktCallRow pkt_calls_socket[], pkt_calls_data[],
    pkt_calls_option[], pkt_calls_poll[], pkt_calls_epoll[],
    pkt_calls_message[];

/** pkt_arg: the `index`-th argument. */
const PktExpr *pkt_arg(const PktCalling *calling, unsigned index);

/** pkt_value: an expression as an integer. False: the run has failed. */
bool pkt_value(PktRun *it, const PktExpr *expr, int64_t *ret);
bool pkt_arg_value(PktRun *it, const PktCalling *calling, unsigned index,
                   int64_t *ret);

/** pkt_field: the value of a structure's field, or NULL. */
const PktExpr *pkt_field(const PktExpr *expr, const char *name);

/** pkt_item: the only item of a list ([1]), or the expression itself. */
const PktExpr *pkt_item(const PktExpr *expr);

/** pkt_arg_fd: the first argument's. NULL: `ret` is what to return: the run
 * has failed, or the call with EBADF. */
PktFd *pkt_arg_fd(PktRun *it, PktCalling *calling, PktOutcome *ret);

/** pkt_return: the call returns `result`; pkt_return_error: -1 and errno. */
PktOutcome pkt_return(PktCalling *calling, int64_t result);
PktOutcome pkt_return_error(PktCalling *calling, const char *error);
PktOutcome pkt_return_tcp(PktCalling *calling, TcpError error);

/** pkt_wait: the call cannot go on now: EAGAIN if the descriptor or `flags`
 * (MSG_DONTWAIT) say so, or its deadline has passed. */
PktOutcome pkt_wait(PktCalling *calling, const PktFd *fd, int64_t flags);

/** pkt_wait_until: sets the deadline, once. */
void pkt_wait_until(PktRun *it, PktCalling *calling, SimTime span);

/** pkt_check_size: false, and the script fails, unless `size` is 0 to `most`.
 */
bool pkt_check_size(PktRun *it, PktPlace place, int64_t size, int64_t most);

/** pkt_receive, pkt_transmit: `size` bytes, as the flags (MSG_*) say. */
PktOutcome pkt_receive(PktRun *it, PktCalling *calling, PktFd *fd, int64_t size,
                       int64_t flags);
PktOutcome pkt_transmit(PktRun *it, PktCalling *calling, PktFd *fd,
                        int64_t size, int64_t flags);

/** pkt_symbol: the value of a constant's name. */
bool pkt_symbol(const char *name, int64_t *ret);

/** pkt_symbol_name: of the `index`-th constant, or NULL past the end. */
const char *pkt_symbol_name(unsigned index);

/** pkt_calls: the tables of system calls, NULL at the end. */
extern const PktCallRow *const pkt_calls[];

/** pkt_suggest_call, ..._constant, ..._option: (transfer full) "; did you mean
 * X?" with the nearest right word, "" if none is near. */
char *pkt_suggest_call(const char *word);
char *pkt_suggest_constant(const char *word);
char *pkt_suggest_option(const char *word);

/** pkt_new_number: the descriptor that the script expects; -1: any. */
int64_t pkt_new_number(const PktCalling *calling);
