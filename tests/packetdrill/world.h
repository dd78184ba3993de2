/* A host with linger's TCP behind packetdrill's table of calls.
 *
 *   packetdrill --calls (table.c)--> sockets (socket.c, data.c, option.c,
 *               |                              ready.c, info.c)
 *               +-netdev_send/receive--> the wire, the clock (world.c),
 *                                        the device (offload.c)
 *
 * Time is virtual: it goes on in usleep(), in netdev_receive(), and by 1 us
 * with each look at the clock, which packetdrill watches in a loop before
 * every event.
 *
 * packetdrill makes calls that block in a thread of its own. One thread at a
 * time is inside (`lock`). A call that cannot go on waits (wait.c); whoever
 * makes time go on stops where something happened to a socket, lets the
 * waiting call look, and goes on when that waits again or its thread has
 * looked at the clock: the time of a return is exact.
 */
#pragma once

#include <glib.h>
#include <pthread.h>

#include "host.h"
#include "interface.h"
#include "tcp.h"

/** PdSent: a datagram that the host sent. */
typedef struct PdSent PdSent;
struct PdSent {
  PdSent *next;
  SimTime time;
  uint32_t size;
  /* for the device */
  uint32_t most;     /* segments in an aggregate that it begins; 0: none */
  uint32_t full;     /* bytes of those but the last */
  uint32_t l4, head; /* where TCP's header begins and ends */
  TcpPair pair;
  bool ends_record;
  bool ends_aggregate; /* of what was sent before */
  uint8_t bytes[];
};

/** PdOffload: how the device hands over what leaves together. */
typedef struct PdOffload {
  bool on;
  unsigned least_segments, rtt_log; /* sysctl */
  GArray *records;                  /* where records end */
  GArray *aggregates;               /* where aggregates ended */
} PdOffload;

typedef struct PdWorld {
  Sim *sim;
  Net *net;
  NetHost *host, *remote;
  TcpStack *stack;
  NetLink *link;
  SimOwner owner;
  SimEvent alarm; /* the deadline of the call that waits */
  SimEvent tick;  /* where time is to stop */
  PdSent *sent, **sent_end;
  PdOffload offload;
  bool receiving;     /* stop as soon as a datagram is sent */
  GPtrArray *sockets; /* of PdSocket, by number; NULL between */
  /* settings */
  char *settings;    /* file that the sysctl stand-in writes to */
  gsize settled;     /* bytes of it that were read */
  bool own_settings; /* made here: goes with the world */
  bool talkative;    /* says which settings are not simulated */
  /* threads */
  pthread_mutex_t lock;
  pthread_cond_t turn;
  uint64_t entries; /* calls so far */
  bool waiting;     /* a call waits */
  bool stirred;     /* something happened that it may wait for */
  bool wake;        /* it is to look again */
  bool returning;   /* it was answered and has not looked at the clock yet */
  bool settling;    /* it has, and is about to note what it was answered */
  pthread_t returner;
} PdWorld;

/** pd_world_new: what `flags` ("profile=freebsd,mtu=1280"; nullable) ask for.
 * NULL and one sentence in `ret_problem` (transfer full) if that is wrong. */
PdWorld *pd_world_new(const char *flags, char **ret_problem);
void pd_world_free(PdWorld *it);

/** pd_owns: is `fd` one of its descriptors? For any thread. */
bool pd_owns(PdWorld *it, int fd);

/** pd_meet_local, pd_meet_remote: from now on the host has `address`; there is
 * a neighbour with `address`. */
void pd_meet_local(PdWorld *it, NetAddress address);
void pd_meet_remote(PdWorld *it, NetAddress address);

/** pd_deliver: an IP datagram arrives. -EINVAL if it is not one. */
int pd_deliver(PdWorld *it, const uint8_t *bytes, size_t size);

/** pd_take: the oldest datagram sent (transfer full: g_free), or NULL. */
PdSent *pd_take(PdWorld *it);

/* -- offload.c -- */

void pd_offload_init(PdOffload *it, bool on);
void pd_offload_clear(PdOffload *it);

/** pd_offload_set: sysctl(8) sets what only the device asks for. False if it
 * is another name, or no value for it. */
bool pd_offload_set(PdOffload *it, const char *name, const char *value);

/** pd_offload_record: a record ends `length` bytes behind what `conn` was given
 * to send so far: no aggregate goes beyond. */
void pd_offload_record(PdOffload *it, const TcpConnection *conn,
                       uint32_t length);

/** pd_offload_size: sets of `sent`, which `packet` was, what decides whether it
 * is handed over as a part of an aggregate. */
void pd_offload_size(PdWorld *it, PdSent *sent, const NetPacket *packet);

/** pd_offload_take: pd_take(), and with it what the device hands over as one
 * with it. */
PdSent *pd_offload_take(PdWorld *it);

/* -- wait.c -- */

/** pd_advance: virtual time goes on to `until`, or to a datagram sent if
 * it->receiving. */
void pd_advance(PdWorld *it, SimTime until);

/** pd_stir: something happened to a socket. */
void pd_stir(PdWorld *it);

/** PD_WAITS: what an attempt answers that cannot go on yet. */
#define PD_WAITS G_MINSSIZE

/** PdCall: a call that may wait. */
typedef struct PdCall PdCall;
typedef gssize (*PdAttempt)(PdWorld *it, PdCall *call);
struct PdCall {
  int fd, flags;
  SimTime deadline; /* 0: none; it waits no longer */
  bool late;        /* the deadline has passed */
  bool again;       /* it has waited before */
  gsize moved;      /* bytes so far */
  const struct iovec *parts;
  int count;
  struct pollfd *polled;
  struct epoll_event *events;
  int room;
};

/** pd_call: attempts until the answer is not PD_WAITS: a result, or an errno
 * below 0. */
gssize pd_call(PdWorld *it, PdAttempt attempt, PdCall *call);

/** pd_clock_seen: the thread that calls has looked at the clock; false if it
 * is one that was waited for: then time does not go on. */
bool pd_clock_seen(PdWorld *it);

/** pd_settle: gives a thread whose call has returned real time to note that:
 * packetdrill's lock is free while the other thread sleeps, and no longer. */
void pd_settle(PdWorld *it);

/* -- settings.c -- */

/** pd_settings_open: where settings come from, told to child processes by
 * LINGER_SYSCTL. */
bool pd_settings_open(PdWorld *it, char **ret_problem);

/** pd_settings_read: what was written there since. */
void pd_settings_read(PdWorld *it);
void pd_settings_close(PdWorld *it);
