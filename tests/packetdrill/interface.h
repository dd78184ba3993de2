/* What packetdrill asks of a stack in a shared object (--so_filename): a table
 * of calls that the object fills in when packetdrill_interface_init() is
 * called. Order and types are packetdrill's; each call has the meaning of the
 * system call of its name on descriptors that the object gives out, and takes
 * the `userdata` of the table before its own arguments.
 */
#pragma once

#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct PdTable {
  void *userdata;
  void (*free)(void *userdata);
  /* sockets */
  int (*socket)(void *userdata, int family, int type, int protocol);
  int (*bind)(void *userdata, int fd, const struct sockaddr *address,
              socklen_t size);
  int (*listen)(void *userdata, int fd, int backlog);
  int (*accept)(void *userdata, int fd, struct sockaddr *ret_address,
                socklen_t *size);
  int (*connect)(void *userdata, int fd, const struct sockaddr *address,
                 socklen_t size);
  /* data */
  ssize_t (*read)(void *userdata, int fd, void *ret, size_t size);
  ssize_t (*readv)(void *userdata, int fd, const struct iovec *parts,
                   int count);
  ssize_t (*recv)(void *userdata, int fd, void *ret, size_t size, int flags);
  ssize_t (*recvfrom)(void *userdata, int fd, void *ret, size_t size, int flags,
                      struct sockaddr *ret_address, socklen_t *address_size);
  ssize_t (*recvmsg)(void *userdata, int fd, struct msghdr *message, int flags);
  ssize_t (*write)(void *userdata, int fd, const void *data, size_t size);
  ssize_t (*writev)(void *userdata, int fd, const struct iovec *parts,
                    int count);
  ssize_t (*send)(void *userdata, int fd, const void *data, size_t size,
                  int flags);
  ssize_t (*sendto)(void *userdata, int fd, const void *data, size_t size,
                    int flags, const struct sockaddr *address,
                    socklen_t address_size);
  ssize_t (*sendmsg)(void *userdata, int fd, const struct msghdr *message,
                     int flags);
  /* options */
  int (*fcntl)(void *userdata, int fd, int command, ...);
  int (*ioctl)(void *userdata, int fd, unsigned long request, ...);
  int (*close)(void *userdata, int fd);
  int (*shutdown)(void *userdata, int fd, int how);
  int (*getsockopt)(void *userdata, int fd, int level, int option, void *ret,
                    socklen_t *size);
  int (*setsockopt)(void *userdata, int fd, int level, int option,
                    const void *value, socklen_t size);
  int (*poll)(void *userdata, struct pollfd *list, nfds_t count, int timeout);
  /* the wire: IP datagrams. send: one arrives at the stack, 0 or -1; receive:
   * waits for the next that the stack sends and gives its length in `size`, 0
   * if there will be none, and when it was sent */
  int (*netdev_send)(void *userdata, const void *datagram, size_t size);
  int (*netdev_receive)(void *userdata, void *ret, size_t *size,
                        long long *ret_time_us);
  /* time */
  int (*usleep)(void *userdata, useconds_t span_us);
  int (*gettimeofday)(void *userdata, struct timeval *ret,
                      struct timezone *zone);
  /* sets of descriptors, and pipes */
  int (*epoll_create)(void *userdata, int size);
  int (*epoll_ctl)(void *userdata, int set, int operation, int fd,
                   struct epoll_event *event);
  int (*epoll_wait)(void *userdata, int set, struct epoll_event *ret, int room,
                    int timeout);
  int (*pipe)(void *userdata, int ret[2]);
  int (*splice)(void *userdata, int from, loff_t *from_at, int to,
                loff_t *to_at, size_t size, unsigned flags);
} PdTable;

/** packetdrill_interface_init: fills `table`; `flags` (nullable) is what
 * --so_flags= says. */
__attribute__((visibility("default"))) void packetdrill_interface_init(
    const char *flags, PdTable *table);
