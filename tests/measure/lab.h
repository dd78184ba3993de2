#ifndef LINGER_MEASURE_LAB_H
#define LINGER_MEASURE_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A network namespace of this process's own, with the kernel at one end of a
 * TUN device and this program, as the peer, at the other.
 *
 *     sockets -- kernel TCP -- 10.9.0.1 =tun= 10.9.0.2 -- lab_send, lab_receive
 *                               fd09::1 =tun= fd09::2
 *
 * A segment that is written to the device is answered before the write
 * returns, unless the answer waits for a timer.
 */

#define LAB_KERNEL 0x0a090001u /* 10.9.0.1, host byte order */
#define LAB_PEER 0x0a090002u   /* 10.9.0.2 */

/* Initialisers of a struct in6_addr. */
#define LAB_KERNEL6       \
  {                       \
    {                     \
      {                   \
        0xfd, 9, [15] = 1 \
      }                   \
    }                     \
  }
#define LAB_PEER6         \
  {                       \
    {                     \
      {                   \
        0xfd, 9, [15] = 2 \
      }                   \
    }                     \
  }

typedef struct {
  int tun;
  int diag;  /* a netlink socket of the family NETLINK_SOCK_DIAG */
  bool ipv6; /* lab_state() and lab_destroy() ask of these connections */
} Lab;

/**
 * lab_open:
 *
 * Enters the namespace, lifts the rate limits of answers and brings the
 * device up. As root, or as a user who may make user namespaces.
 *
 * Returns: false, with a sentence on stderr, if the machine does not allow it.
 */
bool lab_open(Lab *ret_lab);
void lab_close(Lab *lab);

/**
 * lab_sysctl:
 * @name: below net.ipv4, for example "tcp_rfc1337"
 *
 * Returns: false, with a sentence on stderr, if it cannot be set.
 */
bool lab_sysctl(const char *name, const char *value);

/**
 * lab_ipv6:
 *
 * Gives the device an IPv6 address, and asks of IPv6 connections from now on.
 *
 * Returns: false, with a sentence on stderr, if there is no IPv6.
 */
bool lab_ipv6(Lab *lab);

/**
 * lab_mtu:
 *
 * Returns: false, with a sentence on stderr, if the device cannot have it.
 */
bool lab_mtu(int bytes);

void lab_send(const Lab *lab, const uint8_t *bytes, size_t length);

/**
 * lab_receive:
 *
 * Returns: the length of the next packet from the kernel, 0 if there is none.
 */
size_t lab_receive(const Lab *lab, uint8_t *bytes, size_t room);

/**
 * lab_wait:
 *
 * Waits for a packet from the kernel, at most `ms` milliseconds.
 */
void lab_wait(const Lab *lab, int ms);

/**
 * lab_now_us:
 *
 * Returns: microseconds of the monotonic clock.
 */
int64_t lab_now_us(void);

/**
 * lab_state:
 *
 * Looks the connection with the peer up, time-wait records and request
 * sockets included.
 *
 * Returns: %TCP_ESTABLISHED and so on; %TCP_LISTEN if there is only a listener
 *   on the port, %TCP_CLOSE if there is nothing.
 */
int lab_state(const Lab *lab, uint16_t kernel_port, uint16_t peer_port);

/**
 * lab_destroy:
 *
 * Makes the kernel forget the connection, or else the listener on the port.
 */
void lab_destroy(const Lab *lab, uint16_t kernel_port, uint16_t peer_port);

#endif
