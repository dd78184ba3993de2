/* Descriptors: their numbers are taken in the process, too, so that none of
 * them is also a file's. What a call answers is its result, or an errno below
 * 0. */
#pragma once

#include <errno.h>

#include "world.h"

typedef enum PdKind { PD_STREAM, PD_EPOLL } PdKind;

/** PdWatch: a descriptor in a set of epoll. */
typedef struct PdWatch {
  int fd;
  uint32_t events;
  epoll_data_t data;
  bool listed; /* EPOLLET: something happened since it was last told */
  bool spent;  /* EPOLLONESHOT */
} PdWatch;

typedef struct PdSocket {
  PdWorld *world;
  PdKind kind;
  int family;
  bool nonblocking;
  TcpKnobs knobs; /* what setsockopt() said before connect, listen */
  TcpEnd local;   /* of bind() */
  bool bound;
  TcpListener *listener;
  TcpConnection *conn;
  bool was_open;   /* conn has been ESTABLISHED */
  bool connecting; /* connect() has not answered yet */
  bool linger;
  SimTime linger_time;
  SimTime receive_timeout, send_timeout; /* 0: none */
  bool no_space;  /* a writer found no room: more of it is told */
  bool has_lowat; /* TCP_NOTSENT_LOWAT */
  int lowat;
  bool inq;        /* TCP_INQ */
  GArray *watched; /* of a set: PdWatch */
} PdSocket;

/** pd_socket: NULL: EBADF. */
PdSocket *pd_socket(const PdWorld *it, int fd);

/** pd_stream: 0 and a socket, or -EBADF, -ENOTSOCK. */
int pd_stream(const PdWorld *it, int fd, PdSocket **ret);

/** pd_socket_new: its number, or errno below 0. */
int pd_socket_new(PdWorld *it, PdKind kind, PdSocket **ret);
void pd_sockets_clear(PdWorld *it);

/** pd_errno: 0, or errno below 0. */
int pd_errno(TcpError error);

/** pd_knobs: what holds for the socket now; pd_set_knob: 0 or errno. */
const TcpKnobs *pd_knobs(const PdSocket *socket);
int pd_set_knob(PdSocket *socket, const char *name, int64_t value);

/** pd_set_deadline: the call waits for `span` (0: for ever) at most. */
void pd_set_deadline(PdWorld *it, PdCall *call, SimTime span);

/** pd_epoll_forget: `fd` is closed: no set has it any more. */
void pd_epoll_forget(PdWorld *it, int fd);

/** pd_epoll_note: TCP_EVENT_* of `socket`, for those who watch it by edge. */
void pd_epoll_note(PdSocket *socket, unsigned events);

/** pd_ready: POLLIN, POLLOUT, ... that hold. */
short pd_ready(PdSocket *socket);

/* The calls. */
int pd_open(PdWorld *it, int family, int type);
int pd_bind(PdWorld *it, int fd, const struct sockaddr *address,
            socklen_t size);
int pd_listen(PdWorld *it, int fd, int backlog);
gssize pd_accept(PdWorld *it, PdCall *call);
gssize pd_connect(PdWorld *it, PdCall *call);
int pd_connect_start(PdWorld *it, int fd, const struct sockaddr *address,
                     socklen_t size);
gssize pd_close(PdWorld *it, PdCall *call);
int pd_shutdown(PdWorld *it, int fd, int how);
gssize pd_receive(PdWorld *it, PdCall *call);
gssize pd_send(PdWorld *it, PdCall *call);
int pd_getsockopt(PdWorld *it, int fd, int level, int option, void *ret,
                  socklen_t *size);
int pd_setsockopt(PdWorld *it, int fd, int level, int option, const void *value,
                  socklen_t size);
int pd_ioctl(PdWorld *it, int fd, unsigned long request, int *ret);
gssize pd_poll(PdWorld *it, PdCall *call);
int pd_epoll_control(PdWorld *it, int set, int operation, int fd,
                     const struct epoll_event *event);
gssize pd_epoll_wait(PdWorld *it, PdCall *call);

/** pd_address_put: `end` as a socket address of `family`. */
void pd_address_put(const TcpEnd *end, int family, struct sockaddr *ret,
                    socklen_t *size);

/** pd_info: TCP_INFO as the kernel lays it out; how many bytes. */
gsize pd_info(const TcpConnection *conn, uint8_t *ret, gsize room);
