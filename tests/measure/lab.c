/* The private namespace and its TUN device. Invariant: nothing here touches
 * the network that the program was started in. */

#include "lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DEVICE "measure"

enum {
  ADDRESS6_MS = 5000,
};

static bool complain(const char *what)
{
  fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
  return false;
}

static bool write_text(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

  if (!ok)
    complain(path);
  if (fd >= 0)
    close(fd);
  return ok;
}

bool lab_sysctl(const char *name, const char *value)
{
  char path[128];

  snprintf(path, sizeof path, "/proc/sys/net/ipv4/%s", name);
  return write_text(path, value);
}

/* Root gets a network namespace; anyone else becomes root of a user namespace
 * first. */
static bool enter_namespace(void)
{
  char map[64];

  if (unshare(CLONE_NEWNET) == 0)
    return true;
  snprintf(map, sizeof map, "0 %u 1", (unsigned)getuid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return complain("no network namespace");
  return write_text("/proc/self/uid_map", map);
}

static void set_address(struct ifreq *request, uint32_t address)
{
  struct sockaddr_in in = { .sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(address) };

  memcpy(&request->ifr_addr, &in, sizeof in);
}

static bool bring_up(struct ifreq *request)
{
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool ok;

  set_address(request, LAB_KERNEL);
  ok = ioctl(fd, SIOCSIFADDR, request) == 0;
  set_address(request, 0xffffff00u);
  ok = ok && ioctl(fd, SIOCSIFNETMASK, request) == 0;
  request->ifr_flags = IFF_UP | IFF_RUNNING;
  ok = ok && ioctl(fd, SIOCSIFFLAGS, request) == 0;
  close(fd);
  return ok || complain("the TUN device does not come up");
}

static bool open_tun(Lab *lab)
{
  struct ifreq request = { .ifr_name = DEVICE };

  lab->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (lab->tun < 0)
    return complain("/dev/net/tun");
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(lab->tun, TUNSETIFF, &request) != 0)
    return complain("no TUN device");
  return bring_up(&request);
}

/* Apart from the rate limits: no row may leave anything behind for the next,
 * and none may meet a limit on how many connections there are. */
static bool set_sysctls(void)
{
  return lab_sysctl("tcp_invalid_ratelimit", "0") &&
         lab_sysctl("tcp_challenge_ack_limit", "2147483647") &&
         lab_sysctl("tcp_no_metrics_save", "1");
}

bool lab_open(Lab *ret_lab)
{
  Lab lab = { -1, -1, false };

  if (!enter_namespace() || !set_sysctls() || !open_tun(&lab))
    return false;
  lab.diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (lab.diag < 0)
    return complain("no sock_diag");
  *ret_lab = lab;
  return true;
}

void lab_close(Lab *lab)
{
  close(lab->tun);
  close(lab->diag);
}

/* The address is there once the kernel has not found another that has it. */
static bool address6_works(void)
{
  struct sockaddr_in6 address = { .sin6_family = AF_INET6,
                                  .sin6_addr = LAB_KERNEL6 };
  bool ok = false;

  for (int ms = 0; ms < ADDRESS6_MS && !ok; ms++) {
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ok = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    if (!ok)
      poll(NULL, 0, 1);
  }
  return ok;
}

bool lab_ipv6(Lab *lab)
{
  struct in6_ifreq request = { .ifr6_addr = LAB_KERNEL6,
                               .ifr6_prefixlen = 64,
                               .ifr6_ifindex = (int)if_nametoindex(DEVICE) };
  int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool ok = ioctl(fd, SIOCSIFADDR, &request) == 0 && address6_works();

  close(fd);
  lab->ipv6 = true;
  return ok || complain("no IPv6 address");
}

bool lab_mtu(int bytes)
{
  struct ifreq request = { .ifr_name = DEVICE, .ifr_mtu = bytes };
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool ok = ioctl(fd, SIOCSIFMTU, &request) == 0;

  close(fd);
  return ok || complain("the MTU cannot be set");
}

void lab_send(const Lab *lab, const uint8_t *bytes, size_t length)
{
  if (write(lab->tun, bytes, length) != (ssize_t)length)
    complain("a segment was not written");
}

size_t lab_receive(const Lab *lab, uint8_t *bytes, size_t room)
{
  ssize_t length = read(lab->tun, bytes, room);

  return length > 0 ? (size_t)length : 0;
}

void lab_wait(const Lab *lab, int ms)
{
  poll(&(struct pollfd){ .fd = lab->tun, .events = POLLIN }, 1, ms);
}

int64_t lab_now_us(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
