/* Conversations: which packets and states belong together, and numbers
 * relative to where each end began.
 *
 * Invariant: conversation_by_pair holds the newest of each pair, and from
 * there `previous` leads through all older ones.
 */
#include <string.h>

#include "host.h"
#include "record_parts.h"

guint record_address_hash(gconstpointer address)
{
  const NetAddress *it = address;

  return (guint)(sim_hash(it->high, it->low) >> 32);
}

gboolean record_address_equal(gconstpointer a, gconstpointer b)
{
  return net_address_equal(*(const NetAddress *)a, *(const NetAddress *)b);
}

guint record_pair_hash(gconstpointer pair)
{
  const TcpPair *it = pair;
  uint64_t hash = sim_hash(it->local.address.high, it->local.address.low);

  hash = sim_hash(hash ^ it->local.port, it->remote.address.high);
  return (guint)(sim_hash(hash ^ it->remote.port, it->remote.address.low) >>
                 32);
}

static int compare_ends(const TcpEnd *a, const TcpEnd *b)
{
  if (a->address.high != b->address.high)
    return a->address.high < b->address.high ? -1 : 1;
  if (a->address.low != b->address.low)
    return a->address.low < b->address.low ? -1 : 1;
  return (a->port > b->port) - (a->port < b->port);
}

gboolean record_pair_equal(gconstpointer a, gconstpointer b)
{
  const TcpPair *x = a;
  const TcpPair *y = b;

  return compare_ends(&x->local, &y->local) == 0 &&
         compare_ends(&x->remote, &y->remote) == 0;
}

static TcpPair sorted(const TcpPair *pair)
{
  if (compare_ends(&pair->local, &pair->remote) <= 0)
    return *pair;
  return (TcpPair){ pair->remote, pair->local };
}

static const char *search_host(const Net *net, NetAddress address)
{
  for (NetNode *node = net->nodes; node; node = node->next) {
    const NetHost *host = net_host_of(node);

    if (host && net_host_owns(host, address))
      return node->name;
  }
  return NULL;
}

const char *record_host(Record *record, NetAddress address)
{
  const char *name = g_hash_table_lookup(record->host_by_address, &address);

  if (!name && record->run->net) {
    name = search_host(record->run->net, address);
    if (name)
      g_hash_table_insert(record->host_by_address,
                          g_memdup2(&address, sizeof address),
                          g_string_chunk_insert_const(record->text, name));
  }
  return name;
}

static const char *host_or_address(Record *record, NetAddress address)
{
  char text[NET_ADDRESS_TEXT];
  const char *name = record_host(record, address);

  if (!name)
    name = net_address_format(address, text);
  return g_string_chunk_insert_const(record->text, name);
}

static unsigned end_of(const RecordConversation *conversation,
                       const TcpEnd *end)
{
  return compare_ends(&conversation->ends[0], end) != 0;
}

/* The newest is replaced in the table; its key stays. */
static RecordConversation *conversation_new(Record *record, const TcpPair *pair)
{
  RecordConversation *it = g_new0(RecordConversation, 1);
  TcpPair key = sorted(pair);

  g_ptr_array_add(record->conversations, it);
  it->number = record->conversations->len;
  it->ends[0] = pair->local;
  it->ends[1] = pair->remote;
  for (int i = 0; i < 2; i++)
    it->hosts[i] = host_or_address(record, it->ends[i].address);
  it->previous = g_hash_table_lookup(record->conversation_by_pair, &key);
  g_hash_table_insert(record->conversation_by_pair, g_memdup2(&key, sizeof key),
                      it);
  return it;
}

/* Hosts have their own ends, a transparent proxy those of others; whoever else
 * sends from an address forges it, and nobody knows in whose name. */
static const NetNode *holder_of(const NetNode *node, NetAddress address)
{
  const NetHost *host = node ? net_host_of((NetNode *)node) : NULL;

  return host && net_host_speaks_for(host, address) ? node : NULL;
}

/* May `holder` speak for `end`? A proxy that speaks for one end does not speak
 * with itself. */
static bool is_held(const RecordConversation *it, unsigned end,
                    const NetNode *holder)
{
  const NetNode *known = it->holders[end];

  if (!holder || known)
    return !holder || known == holder;
  return it->holders[1 - end] != holder ||
         net_host_owns(net_host_of((NetNode *)holder), it->ends[end].address);
}

RecordConversation *record_conversation_for(Record *record, const TcpPair *pair,
                                            const NetNode *node,
                                            unsigned *ret_end)
{
  const NetNode *holder = holder_of(node, pair->local.address);
  TcpPair key = sorted(pair);
  RecordConversation *it =
      g_hash_table_lookup(record->conversation_by_pair, &key);

  while (it && !is_held(it, end_of(it, &pair->local), holder))
    it = it->previous;
  if (!it)
    it = conversation_new(record, pair);
  *ret_end = end_of(it, &pair->local);
  if (holder)
    it->holders[*ret_end] = holder;
  return it;
}

/* A repeated SYN of a peer that is still there finds the same conversation:
 * the passive end had forgotten it, as after a full backlog. */
static bool same_incarnation(const RecordConversation *it, unsigned end,
                             bool passive, uint32_t irs)
{
  unsigned peer = 1 - end;

  if (!it->state[end])
    return true;
  return passive && it->known[peer] && it->isn[peer] == irs &&
         it->state[peer] && it->state[peer] != TCP_CLOSED &&
         it->state[peer] != TCP_TIME_WAIT;
}

RecordConversation *record_conversation_open(Record *record,
                                             const TcpPair *pair,
                                             const NetNode *node, bool passive,
                                             uint32_t irs, unsigned *ret_end)
{
  RecordConversation *it = record_conversation_for(record, pair, node, ret_end);

  if (same_incarnation(it, *ret_end, passive, irs))
    return it;
  it = conversation_new(
      record, passive ? &(TcpPair){ pair->remote, pair->local } : pair);
  *ret_end = end_of(it, &pair->local);
  it->holders[*ret_end] = holder_of(node, pair->local.address);
  return it;
}

RecordConversation *record_conversation(const Record *record,
                                        const TcpPair *pair,
                                        const NetNode *node, unsigned *ret_end)
{
  const NetNode *holder = holder_of(node, pair->local.address);
  TcpPair key = sorted(pair);
  RecordConversation *newest = NULL, *it;

  for (it = g_hash_table_lookup(record->conversation_by_pair, &key); it;
       it = it->previous) {
    unsigned end = end_of(it, &pair->local);

    if (!is_held(it, end, holder))
      continue;
    if (!newest)
      newest = it;
    if (it->state[end])
      break;
  }
  if (!it)
    it = newest;
  if (it && ret_end)
    *ret_end = end_of(it, &pair->local);
  return it;
}

/* Written often: for each line of events.jsonl, hence no printf. */
char *record_end_label(const RecordConversation *conversation, unsigned end,
                       char *ret_text, size_t size)
{
  char port[8] = "";
  size_t at = sizeof port - 1;
  unsigned rest = conversation->ends[end].port;

  do {
    port[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  port[--at] = ':';
  g_strlcpy(ret_text, conversation->hosts[end], size);
  g_strlcat(ret_text, port + at, size);
  return ret_text;
}

static void set_isn(RecordConversation *it, unsigned end, uint32_t isn,
                    bool guessed)
{
  it->isn[end] = isn;
  it->known[end] = true;
  it->guessed[end] = guessed;
  it->reached[end] = 0;
}

/* A SYN that the end itself sends for the first time begins its numbers,
 * whatever was forged before. Else as tcpdump does for a conversation that it
 * did not see begin: the first number is 0, the first acknowledgment 1. */
static void learn_isns(RecordConversation *it, const RecordPacket *packet)
{
  unsigned from = packet->from_end;
  const TcpSegment *segment = &packet->segment;
  bool syn = segment->flags & TCP_SYN && !packet->injected;

  if (!it->known[from] || (syn && it->guessed[from]) ||
      (syn && !packet->duplicate && packet->attempt == 0))
    set_isn(it, from, segment->seq, !syn);
  if (!it->known[1 - from] && segment->flags & TCP_ACK)
    set_isn(it, 1 - from, segment->ack - 1, true);
}

/* RFC 7323 2.2: in use only if both SYNs carried the option. */
static void learn_scale(RecordConversation *it, const RecordPacket *packet)
{
  unsigned from = packet->from_end;

  if (!(packet->segment.flags & TCP_SYN) || packet->injected ||
      packet->duplicate)
    return;
  it->offered[from] = packet->segment.options.has_scale;
  it->shift[from] = packet->segment.options.scale;
  for (int i = 0; i < 2; i++)
    it->scale[i] = it->offered[0] && it->offered[1] ? it->shift[i] : 0;
}

static int64_t relative(const RecordConversation *it, unsigned end,
                        uint32_t number)
{
  uint32_t reached = it->isn[end] + (uint32_t)it->reached[end];

  return it->reached[end] + (int32_t)(number - reached);
}

void record_conversation_number(RecordPacket *packet)
{
  RecordConversation *it = packet->conversation;
  const TcpSegment *segment = &packet->segment;
  unsigned from = packet->from_end;

  packet->ack = -1;
  packet->window = -1;
  if (!it || packet->malformed)
    return;
  learn_isns(it, packet);
  learn_scale(it, packet);
  packet->seq = relative(it, from, segment->seq);
  packet->seq_end = packet->seq + segment->length;
  if (segment->flags & TCP_ACK)
    packet->ack = relative(it, 1 - from, segment->ack);
  packet->window = segment->window;
  if (!(segment->flags & TCP_SYN))
    packet->window <<= it->scale[from];
  if (!packet->injected && packet->seq_end > it->reached[from])
    it->reached[from] = packet->seq_end;
}
