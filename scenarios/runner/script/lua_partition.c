/* Partitions: for a time some nodes cannot reach others.
 *
 * A packet is dropped where it starts onto a wire whose ends are in different
 * groups, or if its source and its destination are hosts of different groups,
 * wherever it starts. Nodes that no group names are in none and carry on.
 */
#include "formats.h"
#include "lua_wire.h"

typedef struct Partition {
  Script *script;
  GHashTable *groups; /* NetNode -> number, from 1 */
  SimTime from, to;
  char *reason;
} Partition;

const SpecKey partition_keys[] = {
  { .name = "from", .kind = SPEC_TIME, .offset = offsetof(Partition, from) },
  { .name = "to", .kind = SPEC_TIME, .offset = offsetof(Partition, to) },
  { .name = NULL },
};

static unsigned group_of(const Partition *partition, const NetNode *node)
{
  return GPOINTER_TO_UINT(g_hash_table_lookup(partition->groups, node));
}

static bool apart(const Partition *partition, const NetNode *a,
                  const NetNode *b)
{
  unsigned first = group_of(partition, a), second = group_of(partition, b);

  return first && second && first != second;
}

static bool hosts_apart(const Partition *partition, const NetPacket *packet)
{
  const NetNic *source, *destination;
  NetIp ip;

  if (!net_ip_peek(packet, &ip))
    return false;
  source = net_nic_at(packet->net, ip.source);
  destination = net_nic_at(packet->net, ip.destination);
  return source && destination &&
         apart(partition, source->node, destination->node);
}

static void decide(void *user, NetWire *wire, NetPacket *packet, NetFate *fate)
{
  const Partition *partition = user;
  SimTime now = packet->net->sim->now;

  if (now < partition->from || now >= partition->to || fate->drop ||
      (!apart(partition, wire->from->node, wire->to->node) &&
       !hosts_apart(partition, packet)))
    return;
  fate->drop = true;
  fate->rule = "partition";
  fate->reason = partition->reason;
}

static void partition_free(void *data)
{
  Partition *partition = data;

  g_hash_table_unref(partition->groups);
  g_free(partition->reason);
  g_free(partition);
}

static void read_group(lua_State *L, Partition *partition, unsigned number)
{
  int group = lua_gettop(L);

  if (!lua_istable(L, group))
    spec_error(L,
               "partition: group %u must be a list of nodes: "
               "partition { { a, b }, { c } }",
               number);
  for (lua_Integer i = 1; lua_rawgeti(L, group, i) != LUA_TNIL; i++) {
    const ScriptNode *node = world_node(L, lua_gettop(L), "partition");

    if (group_of(partition, node->node))
      spec_error(L, "partition: %s is named twice", node->node->name);
    g_hash_table_insert(partition->groups, node->node,
                        GUINT_TO_POINTER(number));
    lua_pop(L, 1);
  }
  lua_settop(L, group);
}

static int make_partition(lua_State *L)
{
  Script *script = script_of(L);
  Partition *partition = g_new0(Partition, 1);
  unsigned count = 0;

  partition->groups = g_hash_table_new(NULL, NULL);
  partition->to = SIM_TIME_NEVER;
  script_own(script, partition, partition_free);
  lua_settop(L, 1);
  spec_read_list(L, 1, "partition", partition_keys, partition);
  if (partition->from >= partition->to)
    spec_error(L, "partition: from must be less than to");
  while (lua_rawgeti(L, 1, count + 1) != LUA_TNIL) {
    read_group(L, partition, ++count);
    lua_settop(L, 1);
  }
  if (count < 2)
    spec_error(L, "partition needs two groups: partition { { a, b }, { c } }");
  partition->reason =
      g_strdup_printf("kept apart by the partition of line %d", spec_line(L));
  for (NetLink *link = script->run->net->links; link; link = link->next)
    for (unsigned i = 0; i < 2; i++)
      net_wire_decide(&link->wires[i], decide, partition, NULL);
  return 0;
}

const luaL_Reg partition_functions[] = {
  { "partition", make_partition },
  { NULL, NULL },
};
