/* Packet filters.
 *
 * A compiled filter is a program for libpcap's interpreter, which wants the
 * bytes that it looks at in one piece. `reach` is how far the program can
 * look: loads at fixed offsets, and loads relative to X while X can only be
 * a header's length. A packet whose head reaches that far is matched in
 * place.
 *
 * libpcap reads tcp[...], udp[...] and icmp[...] only behind an IPv4 header.
 * So that one expression serves both families, an IPv6 packet that does not
 * match such an expression is looked at once more, as if IPv4 had brought it.
 */
#include "filter.h"

#include <glib.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "formats.h"

#define SNAP_LENGTH 65535
#define LONGEST_IP_HEADER 60
#define REACH_ALL UINT32_MAX

struct Filter {
  struct bpf_program program;
  bool indexes;   /* it has tcp[...] or the like, which libpcap reads only over
                     IPv4 */
  uint32_t reach; /* bytes of the frame that the program may look at */
  uint8_t *copy;  /* scratch */
  uint32_t room;
};

static uint32_t load_size(const struct bpf_insn *insn)
{
  switch (BPF_SIZE(insn->code)) {
  case BPF_B:
    return 1;
  case BPF_H:
    return 2;
  default:
    return 4;
  }
}

static uint32_t reach_of(const struct bpf_program *program)
{
  uint32_t reach = 0;

  for (unsigned i = 0; i < program->bf_len; i++) {
    const struct bpf_insn *insn = &program->bf_insns[i];
    unsigned class = BPF_CLASS(insn->code), mode = BPF_MODE(insn->code);
    uint32_t end = 0;

    if (class == BPF_MISC && BPF_MISCOP(insn->code) == BPF_TAX)
      return REACH_ALL;
    if (class == BPF_LDX && mode == BPF_MEM)
      return REACH_ALL;
    if (class == BPF_LDX && mode == BPF_MSH)
      end = insn->k + 1;
    else if (class == BPF_LD && mode == BPF_ABS)
      end = insn->k + load_size(insn);
    else if (class == BPF_LD && mode == BPF_IND)
      end = insn->k + load_size(insn) + LONGEST_IP_HEADER;
    if (end < insn->k && (class == BPF_LD || class == BPF_LDX) &&
        (mode == BPF_ABS || mode == BPF_IND))
      return REACH_ALL;
    reach = MAX(reach, end);
  }
  return reach;
}

static bool has_index(const char *text)
{
  static const char *const protocols[] = { "tcp", "udp", "icmp" };

  for (const char *at = strchr(text, '['); at; at = strchr(at + 1, '[')) {
    const char *end = at;

    while (end > text && end[-1] == ' ')
      end--;
    for (unsigned i = 0; i < G_N_ELEMENTS(protocols); i++) {
      size_t size = strlen(protocols[i]);

      if ((size_t)(end - text) >= size &&
          memcmp(end - size, protocols[i], size) == 0)
        return true;
    }
  }
  return false;
}

Filter *filter_new(const char *text, char *ret_error, size_t size)
{
  Filter *filter = g_new0(Filter, 1);
  pcap_t *dead = pcap_open_dead(DLT_EN10MB, SNAP_LENGTH);

  if (pcap_compile(dead, &filter->program, text, 1, PCAP_NETMASK_UNKNOWN) !=
      0) {
    snprintf(ret_error, size, "%s", pcap_geterr(dead));
    g_clear_pointer(&filter, g_free);
  } else {
    filter->reach = reach_of(&filter->program);
    filter->indexes = has_index(text);
  }
  pcap_close(dead);
  return filter;
}

void filter_free(Filter *filter)
{
  if (!filter)
    return;
  pcap_freecode(&filter->program);
  g_free(filter->copy);
  g_free(filter);
}

/* The same packet under an IPv4 header without addresses. */
static bool matches_as_ipv4(Filter *filter, const NetPacket *packet)
{
  uint8_t frame[NET_HEAD_MAX];
  uint32_t above = NET_ETHERNET_SIZE + NET_IPV4_SIZE;
  uint32_t length, head;
  NetIp ip;

  if (packet->l4 < above || !net_ip_peek(packet, &ip))
    return false;
  head = above + packet->head_length - packet->l4;
  length = above + net_packet_length(packet) - packet->l4;
  memset(frame, 0, above);
  memcpy(frame, packet->head, 2 * sizeof(NetMac));
  net_put16(frame + 12, NET_ETHERTYPE_IPV4);
  frame[NET_ETHERNET_SIZE] = 0x45;
  net_put16(frame + NET_ETHERNET_SIZE + 2,
            (uint16_t)(length - NET_ETHERNET_SIZE));
  frame[NET_ETHERNET_SIZE + 8] = ip.ttl;
  frame[NET_ETHERNET_SIZE + 9] = ip.protocol;
  memcpy(frame + above, packet->head + packet->l4, head - above);
  return bpf_filter(filter->program.bf_insns, frame, length, head) != 0;
}

bool filter_matches(Filter *filter, const NetPacket *packet)
{
  uint32_t length = net_packet_length(packet);
  uint32_t have = packet->head_length;
  const uint8_t *bytes = packet->head;

  if (filter->reach > have && packet->payload.length > 0) {
    have = MIN(filter->reach, length);
    if (have > filter->room) {
      filter->room = MAX(have, 2048);
      g_free(filter->copy);
      filter->copy = g_malloc(filter->room);
    }
    have = net_packet_bytes(packet, filter->copy, have);
    bytes = filter->copy;
  }
  if (bpf_filter(filter->program.bf_insns, bytes, length, have) != 0)
    return true;
  return filter->indexes && net_packet_is_ipv6(packet) &&
         matches_as_ipv4(filter, packet);
}
