/* The host, the wire, and what crosses it.
 *
 * The other side is a host only so that there is a NIC with an address: what
 * reaches it is dropped, and what it "sends" is put on the wire. Both NICs
 * have a prefix of no bits: every address is a neighbour. */
#include "world.h"

#include <errno.h>
#include <string.h>

#include "gate.h"
#include "socket.h"

#define LOCAL_4 "192.168.0.1"
#define LOCAL_6 "fd3d:fa7b:d17d:8888::1"
#define REMOTE_4 "192.0.2.1"
#define REMOTE_6 "2001:db8::1"

/** Flags: what --so_flags asks for. */
typedef struct Flags {
  const TcpProfile *profile;
  NetAddress local[NET_FAMILIES], remote[NET_FAMILIES];
  guint64 mtu, seed;
  const char *offload;
  bool talkative;
} Flags;

static void swallow(void *user, NetPacket *packet, const NetIp *ip)
{
  (void)user;
  (void)ip;
  net_packet_free(packet);
}

static void decide(void *user, NetWire *wire, NetPacket *packet, NetFate *fate)
{
  PdWorld *it = user;
  uint32_t frame = net_packet_length(packet);
  g_autofree uint8_t *bytes = g_malloc(frame);
  PdSent *sent = g_malloc0(sizeof *sent + frame);

  (void)wire;
  (void)fate;
  net_packet_bytes(packet, bytes, frame);
  sent->time = it->sim->now;
  sent->size = frame - NET_ETHERNET_SIZE;
  memcpy(sent->bytes, bytes + NET_ETHERNET_SIZE, sent->size);
  pd_offload_size(it, sent, packet);
  *it->sent_end = sent;
  it->sent_end = &sent->next;
  if (it->receiving)
    sim_stop(it->sim);
}

PdSent *pd_take(PdWorld *it)
{
  PdSent *sent = it->sent;

  if (!sent)
    return NULL;
  it->sent = sent->next;
  if (!it->sent)
    it->sent_end = &it->sent;
  return sent;
}

bool pd_owns(PdWorld *it, int fd)
{
  bool owns;

  pthread_mutex_lock(&it->lock);
  owns = pd_socket(it, fd) != NULL;
  pthread_mutex_unlock(&it->lock);
  return owns;
}

/* -- addresses -- */

static void finish(PdWorld *it)
{
  char problem[200];

  if (!net_finish(it->net, problem, sizeof problem))
    g_warning("linger: %s", problem);
}

static void meet(PdWorld *it, NetHost *host, NetNic *nic, NetAddress address)
{
  if (net_nic_owns(nic, address) || net_nic_owns(nic->peer, address) ||
      net_address_is_any(address) || net_address_is_multicast(address))
    return;
  net_host_set_address(host, nic, address, 0);
  finish(it);
}

void pd_meet_local(PdWorld *it, NetAddress address)
{
  meet(it, it->host, it->link->wires[0].from, address);
}

void pd_meet_remote(PdWorld *it, NetAddress address)
{
  meet(it, it->remote, it->link->wires[1].from, address);
}

/* -- arriving -- */

int pd_deliver(PdWorld *it, const uint8_t *bytes, size_t size)
{
  NetWire *wire = &it->link->wires[1];
  g_autofree uint8_t *frame = NULL;
  NetPacket *packet;
  NetIp ip;
  bool ipv4 = size >= NET_IPV4_SIZE && bytes[0] >> 4 == 4;

  if (size > 65535 || (!ipv4 && (size < NET_IPV6_SIZE || bytes[0] >> 4 != 6)))
    return -EINVAL;
  frame = g_malloc(size + NET_ETHERNET_SIZE);
  memcpy(frame, wire->to->mac.bytes, sizeof(NetMac));
  memcpy(frame + 6, wire->from->mac.bytes, sizeof(NetMac));
  net_put16(frame + 12, ipv4 ? NET_ETHERTYPE_IPV4 : NET_ETHERTYPE_IPV6);
  memcpy(frame + NET_ETHERNET_SIZE, bytes, size);
  packet = net_packet_from_frame(it->net, &wire->owner, frame,
                                 (uint32_t)size + NET_ETHERNET_SIZE);
  if (net_ip_peek(packet, &ip)) {
    pd_meet_remote(it, ip.source);
    pd_meet_local(it, ip.destination);
  }
  net_wire_put(wire, packet);
  return 0;
}

/* -- beginning and end -- */

static bool read_address(const char *value, NetAddress *list)
{
  NetAddress address;

  if (!net_address_parse(value, &address))
    return false;
  list[net_address_family(address)] = address;
  return true;
}

/* The first that is given is what profile=linux has. */
static const char *const offloads[] = { "tso", "none", NULL };

static const char *find_word(const char *const *words, const char *word)
{
  while (*words && !g_str_equal(*words, word))
    words++;
  return *words;
}

static bool read_flag(const char *name, const char *value, Flags *ret)
{
  if (g_str_equal(name, "offload"))
    return (ret->offload = find_word(offloads, value)) != NULL;
  if (g_str_equal(name, "profile"))
    return (ret->profile = tcp_profile_find(value)) != NULL;
  if (g_str_equal(name, "mtu"))
    return g_ascii_string_to_unsigned(value, 10, 68, 65535, &ret->mtu, NULL);
  if (g_str_equal(name, "seed"))
    return g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT64, &ret->seed,
                                      NULL);
  if (g_str_equal(name, "local_ip"))
    return read_address(value, ret->local);
  if (g_str_equal(name, "remote_ip"))
    return read_address(value, ret->remote);
  if (g_str_equal(name, "verbose"))
    return ret->talkative = true;
  return false;
}

static bool read_flags(const char *text, Flags *ret, char **ret_problem)
{
  g_auto(GStrv) words = g_strsplit(text ? text : "", ",", -1);

  *ret = (Flags){ .profile = tcp_profile_find("linux"), .mtu = 1500 };
  read_address(LOCAL_4, ret->local);
  read_address(LOCAL_6, ret->local);
  read_address(REMOTE_4, ret->remote);
  read_address(REMOTE_6, ret->remote);
  for (char **at = words; *at; at++) {
    g_auto(GStrv) halves = g_strsplit(*at, "=", 2);

    if (!halves[0] || !*halves[0] ||
        read_flag(halves[0], halves[1] ? halves[1] : "", ret))
      continue;
    *ret_problem = g_strdup_printf(
        "'%s' in --so_flags; it takes profile=linux|freebsd|rfc9293, mtu=, "
        "seed=, local_ip=, remote_ip=, offload=tso|none and verbose, with "
        "commas between",
        *at);
    return false;
  }
  return true;
}

static void rang(Sim *sim, SimEvent *event)
{
  (void)sim;
  pd_stir((PdWorld *)((char *)event - offsetof(PdWorld, alarm)));
}

static void ticked(Sim *sim, SimEvent *event)
{
  (void)sim;
  (void)event;
}

static void build(PdWorld *it, const Flags *flags)
{
  NetHostSpec quiet = { .no_icmp = true };
  NetWireSpec wire = { .mtu = (uint32_t)flags->mtu };

  it->host = net_host_new(it->net, "host", NULL);
  it->remote = net_host_new(it->net, "packetdrill", &quiet);
  it->link = net_link_new(it->net, NULL, net_host_node(it->host),
                          net_host_node(it->remote), &wire, &wire, NULL, NULL);
  for (unsigned i = 0; i < NET_FAMILIES; i++) {
    net_host_set_address(it->host, it->link->wires[0].from, flags->local[i], 0);
    net_host_set_address(it->remote, it->link->wires[1].from, flags->remote[i],
                         0);
  }
  finish(it);
  it->stack = tcp_stack_new(it->host, &flags->profile->knobs);
  net_host_register(it->remote, NET_PROTOCOL_TCP, swallow, NULL, it);
  net_host_register(it->remote, NET_PROTOCOL_UDP, swallow, NULL, it);
  net_wire_decide(&it->link->wires[0], decide, it, NULL);
}

PdWorld *pd_world_new(const char *flags, char **ret_problem)
{
  PdWorld *it;
  Flags wanted;

  if (!read_flags(flags, &wanted, ret_problem))
    return NULL;
  it = g_new0(PdWorld, 1);
  it->sim = sim_new(wanted.seed);
  it->net = net_new(it->sim);
  it->talkative = wanted.talkative;
  pd_offload_init(&it->offload,
                  wanted.offload ? g_str_equal(wanted.offload, "tso")
                                 : g_str_equal(wanted.profile->name, "linux"));
  it->sockets = g_ptr_array_new();
  it->sent_end = &it->sent;
  pthread_mutex_init(&it->lock, NULL);
  pthread_cond_init(&it->turn, NULL);
  build(it, &wanted);
  sim_owner_init(&it->owner, it->sim, "packetdrill");
  sim_event_init(&it->alarm, rang);
  sim_event_init(&it->tick, ticked);
  if (pd_settings_open(it, ret_problem))
    return it;
  pd_world_free(it);
  return NULL;
}

void pd_world_free(PdWorld *it)
{
  PdSent *sent;

  if (!it)
    return;
  pd_sockets_clear(it);
  while ((sent = pd_take(it)))
    g_free(sent);
  sim_cancel(it->sim, &it->alarm);
  sim_free(it->sim);
  pd_offload_clear(&it->offload);
  pd_settings_close(it);
  g_ptr_array_unref(it->sockets);
  pthread_cond_destroy(&it->turn);
  pthread_mutex_destroy(&it->lock);
  g_free(it);
}
