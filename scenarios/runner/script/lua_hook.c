/* Hooks.
 *
 * The trace bus must not be answered from inside, so what a hook is told is
 * copied, and its function runs as a task in an event at the same virtual
 * time. Sequence numbers are relative to the last SYN seen of each direction,
 * by the listener's own count, so that they do not depend on the record.
 */
#include "lua_hook.h"

#include <string.h>

#include "host.h"
#include "packet_match.h"

const char *const hook_event_names[] = { "sent", "received", "dropped", "state",
                                         NULL };

/* One thing that happened, told to one hook. */
typedef struct HookItem {
  const Hook *hook;
  HookEvent event;
  SimTime time;
  const char *where; /* node */
  const char *from, *to, *reason, *rule;
  TcpPair pair; /* of the packet: local is its source */
  uint64_t id;
  bool tcp, known_seq, known_ack;
  unsigned flags, attempt, packet_flags;
  uint32_t seq, ack, window, length, frame;
  TcpState before, state;
  TcpRule cause;
} HookItem;

typedef struct FilterWatch {
  Filter *filter;
  GHashTable *ids;
} FilterWatch;

struct Hooks {
  GPtrArray *list;      /* of Hook */
  GArray *queue;        /* of HookItem */
  GHashTable *isns;     /* TcpPair -> uint32_t */
  GPtrArray *watches;   /* of FilterWatch */
  bool packets, states; /* listened to */
  bool numbered;        /* initial sequence numbers are asked for by others */
};

/* -- initial sequence numbers -- */

static guint pair_hash(gconstpointer key)
{
  const TcpPair *pair = key;

  return (guint)sim_hash(pair->local.address.low ^ pair->remote.address.low
                                                       << 16,
                         (uint64_t)pair->local.port << 16 | pair->remote.port);
}

static gboolean pair_equal(gconstpointer left, gconstpointer right)
{
  const TcpPair *a = left, *b = right;

  return a->local.port == b->local.port && a->remote.port == b->remote.port &&
         net_address_equal(a->local.address, b->local.address) &&
         net_address_equal(a->remote.address, b->remote.address);
}

static bool relative(const struct Hooks *hooks, const TcpPair *pair,
                     uint32_t *number)
{
  const uint32_t *isn = g_hash_table_lookup(hooks->isns, pair);

  if (!isn)
    return false;
  *number -= *isn;
  return true;
}

/* -- packets -- */

static void read_packet(struct Hooks *hooks, const NetPacket *packet,
                        HookItem *item)
{
  const uint8_t *l4 = packet->head + packet->l4;
  TcpPair back;
  NetIp ip;

  item->id = packet->id;
  item->packet_flags = packet->flags;
  item->attempt = packet->attempt;
  item->frame = net_packet_length(packet);
  if (!net_ip_peek(packet, &ip))
    return;
  item->pair.local.address = ip.source;
  item->pair.remote.address = ip.destination;
  if (!packet->l4 || ip.protocol != NET_PROTOCOL_TCP ||
      packet->l4 + TCP_HEADER_SIZE > packet->head_length)
    return;
  item->tcp = true;
  item->pair.local.port = net_get16(l4);
  item->pair.remote.port = net_get16(l4 + 2);
  item->seq = net_get32(l4 + 4);
  item->ack = net_get32(l4 + 8);
  item->flags = l4[13];
  item->window = net_get16(l4 + 14);
  item->length = packet->payload.length;
  back = (TcpPair){ item->pair.remote, item->pair.local };
  if (item->event == HOOK_SENT && item->flags & TCP_SYN &&
      !(packet->flags & NET_PACKET_INJECTED)) {
    uint32_t *isn = g_new(uint32_t, 1);

    *isn = item->seq;
    g_hash_table_replace(hooks->isns, g_memdup2(&item->pair, sizeof item->pair),
                         isn);
  }
  item->known_seq = relative(hooks, &item->pair, &item->seq);
  item->known_ack = relative(hooks, &back, &item->ack);
}

static const char *node_name(Script *script, NetAddress address)
{
  const ScriptNode *node = world_owner(script, address);

  return node ? node->node->name : NULL;
}

static bool hook_fits(const Hook *hook, const NetTracePacket *trace,
                      HookItem *item, Script *script)
{
  const PacketMatch *match = &hook->match;

  if (!hook->wants[item->event])
    return false;
  if (hook->host && trace->node != hook->host->node)
    return false;
  if (hook->link && (!trace->nic || trace->nic->link != hook->link))
    return false;
  if (match->from &&
      world_owner(script, item->pair.local.address) != match->from)
    return false;
  if (match->to && world_owner(script, item->pair.remote.address) != match->to)
    return false;
  return packet_match_fits(match, trace->packet, item->time);
}

static void watch_filters(struct Hooks *hooks, const NetPacket *packet)
{
  for (unsigned i = 0; i < hooks->watches->len; i++) {
    FilterWatch *watch = hooks->watches->pdata[i];

    if (!g_hash_table_contains(watch->ids, &packet->id) &&
        filter_matches(watch->filter, packet))
      g_hash_table_add(watch->ids, g_memdup2(&packet->id, sizeof packet->id));
  }
}

static void on_packet(void *user, Sim *sim, unsigned kind, const void *record)
{
  const NetTracePacket *trace = record;
  Script *script = user;
  struct Hooks *hooks = script->hooks;
  HookItem item = { .event = kind == NET_TRACE_DROPPED    ? HOOK_DROPPED
                             : kind == NET_TRACE_RECEIVED ? HOOK_RECEIVED
                                                          : HOOK_SENT,
                    .time = sim->now,
                    .where = trace->node ? trace->node->name : NULL,
                    .reason = trace->reason,
                    .rule = trace->rule };

  if (script->over)
    return;
  if (item.event == HOOK_SENT)
    watch_filters(hooks, trace->packet);
  if ((hooks->list->len == 0 && !hooks->numbered) || kind == NET_TRACE_DUPLICATED)
    return;
  read_packet(hooks, trace->packet, &item);
  for (unsigned i = 0; i < hooks->list->len; i++) {
    item.hook = hooks->list->pdata[i];
    if (!hook_fits(item.hook, trace, &item, script))
      continue;
    item.from = node_name(script, item.pair.local.address);
    item.to = node_name(script, item.pair.remote.address);
    g_array_append_val(hooks->queue, item);
    task_drain_later(script);
  }
}

static void on_state(void *user, Sim *sim, unsigned kind, const void *record)
{
  const TcpTraceState *trace = record;
  Script *script = user;
  const NetNode *node = net_host_node(tcp_stack_host(trace->stack));

  (void)kind;
  if (script->over)
    return;
  for (unsigned i = 0; i < script->hooks->list->len; i++) {
    const Hook *hook = script->hooks->list->pdata[i];
    HookItem item = { .hook = hook,
                      .event = HOOK_STATE,
                      .time = sim->now,
                      .where = node->name,
                      .pair = *trace->pair,
                      .before = trace->from,
                      .state = trace->to,
                      .cause = trace->rule };

    if (!hook->wants[HOOK_STATE] || (hook->host && hook->host->node != node) ||
        (hook->state && hook->state != trace->to))
      continue;
    g_array_append_val(script->hooks->queue, item);
    task_drain_later(script);
  }
}

/* -- telling the scenario -- */

static void set_string(lua_State *L, const char *name, const char *value)
{
  if (!value)
    return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

static void set_end(lua_State *L, const char *name, TcpEnd end)
{
  char text[NET_END_TEXT];

  lua_pushstring(L, net_end_format(end.address, end.port, text));
  lua_setfield(L, -2, name);
}

static void set_number(lua_State *L, const char *name, lua_Integer value)
{
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static void push_state(lua_State *L, const HookItem *item)
{
  lua_createtable(L, 0, 10);
  set_string(L, "host", item->where);
  set_string(L, "before", tcp_state_name(item->before));
  set_string(L, "state", tcp_state_name(item->state));
  set_string(L, "rule", tcp_rule_id(item->cause));
  set_string(L, "section", tcp_rule_section(item->cause));
  set_string(L, "why", tcp_rule_sentence(item->cause));
  set_end(L, "here", item->pair.local);
  set_end(L, "there", item->pair.remote);
}

static void push_tcp(lua_State *L, const HookItem *item)
{
  char flags[16];

  set_string(L, "flags", tcp_flags_format(item->flags, flags));
  set_number(L, "seq",
             item->known_seq ? (int32_t)item->seq : (lua_Integer)item->seq);
  if (item->flags & TCP_ACK)
    set_number(L, "ack",
               item->known_ack ? (int32_t)item->ack : (lua_Integer)item->ack);
  set_number(L, "window", item->window);
  set_number(L, "length", item->length);
  set_end(L, "source", item->pair.local);
  set_end(L, "destination", item->pair.remote);
}

static void push_values(lua_State *L, const HookItem *item)
{
  lua_createtable(L, 0, 24);
  set_string(L, "from", item->from);
  set_string(L, "to", item->to);
  set_number(L, "attempt", item->attempt);
  set_number(L, "size", item->frame);
  lua_pushboolean(L, (item->packet_flags & NET_PACKET_INJECTED) != 0);
  lua_setfield(L, -2, "injected");
  lua_pushboolean(L, (item->packet_flags & NET_PACKET_DUPLICATE) != 0);
  lua_setfield(L, -2, "duplicate");
  if (item->tcp)
    push_tcp(L, item);
}

static void push_packet(lua_State *L, const HookItem *item)
{
  static const char *const fates[] = { "pending", "delivered", "dropped" };

  push_values(L, item);
  set_string(L, "event", hook_event_names[item->event]);
  set_string(L, "at", item->where);
  set_string(L, "fate", fates[item->event]);
  set_string(L, "reason", item->reason);
  set_string(L, "rule", item->rule);
}

void hooks_push(lua_State *L, const NetPacket *packet)
{
  Script *script = script_of(L);
  HookItem item = { .event = HOOK_RECEIVED };

  read_packet(script->hooks, packet, &item);
  item.from = node_name(script, item.pair.local.address);
  item.to = node_name(script, item.pair.remote.address);
  push_values(L, &item);
  if (packet->sender_state)
    set_string(L, "state", tcp_state_name(packet->sender_state));
  script_push_time(L, script->run->sim->now);
  lua_setfield(L, -2, "time");
}

static int make_tasks(lua_State *L)
{
  Script *script = lua_touserdata(L, 1);
  GArray *queue = script->hooks->queue;

  for (unsigned i = 0; i < queue->len; i++) {
    const HookItem *item = &g_array_index(queue, HookItem, i);
    Task *task;

    lua_rawgeti(L, LUA_REGISTRYINDEX, item->hook->ref);
    task = task_new(L, -1, item->hook->task_host,
                    item->event == HOOK_STATE ? "a function of on.state"
                                              : "a function of on.packet");
    if (item->event == HOOK_STATE)
      push_state(L, item);
    else
      push_packet(L, item);
    script_push_time(L, item->time);
    lua_setfield(L, -2, "time");
    lua_xmove(L, task->L, 1);
    task->arguments = 1;
    lua_settop(L, 1);
    task_ready(task);
  }
  g_array_set_size(queue, 0);
  return 0;
}

void hooks_run(Script *script)
{
  if (script->hooks && script->hooks->queue->len > 0)
    script_protect(script, make_tasks, script, "a hook");
}

/* -- describing -- */

static void watch_free(void *data)
{
  FilterWatch *watch = data;

  g_hash_table_unref(watch->ids);
  g_free(watch);
}

static struct Hooks *hooks_of(Script *script)
{
  struct Hooks *hooks = script->hooks;

  if (hooks)
    return hooks;
  hooks = script->hooks = g_new0(struct Hooks, 1);
  hooks->list = g_ptr_array_new_with_free_func(g_free);
  hooks->queue = g_array_new(FALSE, FALSE, sizeof(HookItem));
  hooks->isns = g_hash_table_new_full(pair_hash, pair_equal, g_free, g_free);
  hooks->watches = g_ptr_array_new_with_free_func(watch_free);
  return hooks;
}

void hooks_free(struct Hooks *hooks)
{
  if (!hooks)
    return;
  g_ptr_array_unref(hooks->list);
  g_array_unref(hooks->queue);
  g_hash_table_unref(hooks->isns);
  g_ptr_array_unref(hooks->watches);
  g_free(hooks);
}

void hooks_listen(Script *script, bool packets, bool states)
{
  struct Hooks *hooks = hooks_of(script);
  Sim *sim = script->run->sim;

  if (packets && !hooks->packets)
    sim_trace_listen(sim,
                     UINT64_C(1) << NET_TRACE_SENT |
                         UINT64_C(1) << NET_TRACE_RECEIVED |
                         UINT64_C(1) << NET_TRACE_DROPPED |
                         UINT64_C(1) << NET_TRACE_DUPLICATED,
                     on_packet, script);
  if (states && !hooks->states)
    sim_trace_listen(sim, UINT64_C(1) << TCP_TRACE_STATE, on_state, script);
  hooks->packets |= packets;
  hooks->states |= states;
}

void hooks_number(Script *script)
{
  hooks_listen(script, true, false);
  script->hooks->numbered = true;
}

GHashTable *hooks_watch_filter(Script *script, Filter *filter)
{
  struct Hooks *hooks = hooks_of(script);
  FilterWatch *watch;

  hooks_listen(script, true, false);
  for (unsigned i = 0; i < hooks->watches->len; i++) {
    watch = hooks->watches->pdata[i];
    if (watch->filter == filter)
      return watch->ids;
  }
  watch = g_new(FilterWatch, 1);
  watch->filter = filter;
  watch->ids = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  g_ptr_array_add(hooks->watches, watch);
  return watch->ids;
}

void hooks_add(Script *script, const Hook *hook)
{
  g_ptr_array_add(hooks_of(script)->list, g_memdup2(hook, sizeof *hook));
}
