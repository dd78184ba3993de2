/* Asks the kernel for one connection by its four-tuple (sock_diag(7)).
 * Invariant: one request, one answer. */

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "lab.h"

typedef struct {
  struct nlmsghdr head;
  struct inet_diag_req_v2 request;
} Question;

typedef union {
  struct nlmsghdr head;
  char bytes[4096];
} Answer;

static void set_ends(const Lab *lab, struct inet_diag_req_v2 *request)
{
  static const struct in6_addr kernel = LAB_KERNEL6, peer = LAB_PEER6;

  if (lab->ipv6) {
    memcpy(request->id.idiag_src, &kernel, sizeof kernel);
    memcpy(request->id.idiag_dst, &peer, sizeof peer);
  } else {
    request->id.idiag_src[0] = htonl(LAB_KERNEL);
    request->id.idiag_dst[0] = htonl(LAB_PEER);
  }
}

static void ask(const Lab *lab, uint16_t type, uint16_t kernel_port,
                uint16_t peer_port, Answer *ret_answer)
{
  Question question = {
    .head = { .nlmsg_len = sizeof question,
              .nlmsg_type = type,
              .nlmsg_flags = NLM_F_REQUEST },
    .request = { .sdiag_family = lab->ipv6 ? AF_INET6 : AF_INET,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_states = ~0u,
                 .id = { .idiag_sport = htons(kernel_port),
                         .idiag_dport = htons(peer_port),
                         .idiag_cookie = { INET_DIAG_NOCOOKIE,
                                           INET_DIAG_NOCOOKIE } } }
  };

  set_ends(lab, &question.request);
  if (type == SOCK_DESTROY)
    question.head.nlmsg_flags |= NLM_F_ACK;
  memset(ret_answer, 0, sizeof *ret_answer);
  if (send(lab->diag, &question, sizeof question, 0) > 0)
    recv(lab->diag, ret_answer, sizeof *ret_answer, 0);
}

int lab_state(const Lab *lab, uint16_t kernel_port, uint16_t peer_port)
{
  struct inet_diag_msg message;
  Answer answer;

  ask(lab, SOCK_DIAG_BY_FAMILY, kernel_port, peer_port, &answer);
  if (answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
    return TCP_CLOSE;
  memcpy(&message, NLMSG_DATA(&answer.head), sizeof message);
  return message.idiag_state;
}

void lab_destroy(const Lab *lab, uint16_t kernel_port, uint16_t peer_port)
{
  Answer answer;

  ask(lab, SOCK_DESTROY, kernel_port, peer_port, &answer);
}
