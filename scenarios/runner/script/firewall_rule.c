/* Rules as a scenario writes them: read once, compiled once.
 *
 * A rule has no line of its own once Lua has made the table, so messages name
 * it by its number and name besides the line of the call. */
#include <stdio.h>
#include <string.h>

#include "lua_firewall.h"
#include "packet_match.h"

#define MOST_RULES 1000
#define ALL_POINTS \
  (1u << NET_POINT_IN | 1u << NET_POINT_FORWARD | 1u << NET_POINT_OUT)

/* From or to: a node (all its addresses) or a network. */
typedef struct RuleEnd {
  const NetNode *node;
  NetAddress address;
  uint8_t prefix;
  bool given;
} RuleEnd;

typedef struct Rule {
  RuleEnd from, to;
  Filter *filter;
  FlagsSpec flags;
  unsigned states, points;
  const char *action, *with, *name, *message;
} Rule;

/* -- reading -- */

static void read_end(lua_State *L, int index, const char *what, void *ret)
{
  RuleEnd *end = ret;
  const char *text;

  end->given = true;
  text = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL;
  if (text && (strchr(text, '/') || net_address_parse(text, &end->address)))
    world_read_net(L, text, what, &end->address, &end->prefix);
  else
    end->node = world_node(L, index, what)->node;
}

static unsigned state_bit(lua_State *L, const char *what, const char *word)
{
  static const char *const names[] = { "NEW", "ESTABLISHED", "RELATED",
                                       "INVALID", NULL };

  for (unsigned i = 0; names[i]; i++)
    if (g_str_equal(names[i], word))
      return 1u << i;
  spec_unknown(L, what, "state", word, names);
  return 0;
}

static void read_states(lua_State *L, int index, const char *what, void *ret)
{
  unsigned *states = ret;
  const char *text, *bar;
  char word[24];

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L,
               "%s must be a string such as \"NEW\" or "
               "\"ESTABLISHED|RELATED\", not %s",
               what, spec_kind(L, index));
  for (text = lua_tostring(L, index); text; text = bar ? bar + 1 : NULL) {
    bar = strchr(text, '|');
    g_strlcpy(word, text,
              bar ? MIN((size_t)(bar - text) + 1, sizeof word) : sizeof word);
    *states |= state_bit(L, what, g_strstrip(word));
  }
}

static void read_direction(lua_State *L, int index, const char *what, void *ret)
{
  static const char *const names[] = { "in", "forward", "out", "any", NULL };
  static const unsigned points[] = { 1u << NET_POINT_IN,
                                     1u << NET_POINT_FORWARD,
                                     1u << NET_POINT_OUT, ALL_POINTS };

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be \"in\", \"out\", \"forward\" or \"any\", not %s",
               what, spec_kind(L, index));
  for (unsigned i = 0; names[i]; i++)
    if (g_str_equal(names[i], lua_tostring(L, index))) {
      *(unsigned *)ret = points[i];
      return;
    }
  spec_unknown(L, what, "direction", lua_tostring(L, index), names);
}

const SpecKey rule_keys[] = {
  { .name = "filter",
    .kind = SPEC_CUSTOM,
    .read = packet_match_filter,
    .offset = offsetof(Rule, filter) },
  { .name = "flags",
    .kind = SPEC_CUSTOM,
    .read = world_read_flags,
    .offset = offsetof(Rule, flags) },
  { .name = "state",
    .kind = SPEC_CUSTOM,
    .read = read_states,
    .offset = offsetof(Rule, states) },
  { .name = "direction",
    .kind = SPEC_CUSTOM,
    .read = read_direction,
    .offset = offsetof(Rule, points) },
  { .name = "from",
    .kind = SPEC_CUSTOM,
    .read = read_end,
    .offset = offsetof(Rule, from) },
  { .name = "to",
    .kind = SPEC_CUSTOM,
    .read = read_end,
    .offset = offsetof(Rule, to) },
  { .name = "action",
    .kind = SPEC_STRING,
    .required = true,
    .offset = offsetof(Rule, action) },
  { .name = "with", .kind = SPEC_STRING, .offset = offsetof(Rule, with) },
  { .name = "name", .kind = SPEC_STRING, .offset = offsetof(Rule, name) },
  { .name = "message", .kind = SPEC_STRING, .offset = offsetof(Rule, message) },
  { .name = NULL },
};

static const char *const actions[] = { "accept", "drop",  "reject",
                                       "log",    "count", NULL };

const char *firewall_action_name(NetAction action)
{
  static const char *const names[] = {
    [NET_ACTION_ACCEPT] = "accept", [NET_ACTION_DROP] = "drop",
    [NET_ACTION_RESET] = "reject",  [NET_ACTION_REJECT] = "reject",
    [NET_ACTION_LOG] = "log",       [NET_ACTION_COUNT] = "count",
  };

  return names[action];
}

static void read_with(lua_State *L, const char *what, const char *with,
                      NetRule *ret)
{
  static const char *const names[] = {
    "rst",
    "icmp net-unreachable",
    "icmp host-unreachable",
    "icmp protocol-unreachable",
    "icmp port-unreachable",
    "icmp net-prohibited",
    "icmp host-prohibited",
    "icmp admin-prohibited",
    NULL,
  };
  static const uint8_t codes[] = {
    0,
    NET_UNREACHABLE_NET,
    NET_UNREACHABLE_HOST,
    NET_UNREACHABLE_PROTOCOL,
    NET_UNREACHABLE_PORT,
    NET_UNREACHABLE_NET_PROHIBITED,
    NET_UNREACHABLE_HOST_PROHIBITED,
    NET_UNREACHABLE_PROHIBITED,
  };

  ret->action = NET_ACTION_REJECT;
  ret->code = NET_UNREACHABLE_PORT;
  for (unsigned i = 0; with && names[i]; i++)
    if (g_str_equal(names[i], with)) {
      ret->action = i == 0 ? NET_ACTION_RESET : NET_ACTION_REJECT;
      ret->code = codes[i];
      return;
    }
  if (with)
    spec_unknown(L, what, "answer", with, names);
}

void firewall_read_action(lua_State *L, const char *what, const char *action,
                          const char *with, NetRule *ret)
{
  static const NetAction values[] = { NET_ACTION_ACCEPT, NET_ACTION_DROP,
                                      NET_ACTION_REJECT, NET_ACTION_LOG,
                                      NET_ACTION_COUNT };
  unsigned i = 0;

  while (actions[i] && !g_str_equal(actions[i], action))
    i++;
  if (!actions[i])
    spec_unknown(L, what, "action", action, actions);
  ret->action = values[i];
  if (ret->action == NET_ACTION_REJECT)
    read_with(L, what, with, ret);
  else if (with)
    spec_error(L, "%s: with goes with action = \"reject\" only", what);
}

/* -- matching -- */

static bool end_fits(const RuleEnd *end, NetAddress address)
{
  if (!end->given)
    return true;
  if (!end->node)
    return net_address_family(address) == net_address_family(end->address) &&
           net_address_matches(address, end->address, end->prefix);
  for (const NetNic *nic = end->node->nics; nic; nic = nic->next)
    if (net_nic_owns(nic, address))
      return true;
  return false;
}

static bool rule_fits(void *user, const NetPacket *packet, const NetIp *ip)
{
  const Rule *rule = user;

  if (!end_fits(&rule->from, ip->source) ||
      !end_fits(&rule->to, ip->destination))
    return false;
  if (rule->flags.given &&
      (ip->protocol != NET_PROTOCOL_TCP || ip->fragment_at > 0 ||
       packet->head_length < packet->l4 + 14u ||
       !world_flags_fit(&rule->flags, packet->head[packet->l4 + 13])))
    return false;
  return !rule->filter || filter_matches(rule->filter, packet);
}

/* -- lists -- */

static char *keep(lua_State *L, const char *text)
{
  char *copy = g_strdup(text);

  if (copy)
    script_own(script_of(L), copy, g_free);
  return copy;
}

static void add_rule(lua_State *L, int index, const char *what, GArray *rules,
                     unsigned points)
{
  unsigned number = rules->len + 1;
  NetRule made = { .fits = rule_fits };
  Rule *rule = g_new0(Rule, 1);
  char place[80], name[24];

  script_own(script_of(L), rule, g_free);
  rule->points = points;
  snprintf(place, sizeof place, "%.40s: rule %u", what, number);
  if (rules->len == MOST_RULES)
    spec_error(L, "%s: there are more than %d rules", what, MOST_RULES);
  spec_read(L, index, place, rule_keys, rule);
  if (rule->name)
    snprintf(place, sizeof place, "%.30s: rule %u (%.30s)", what, number,
             rule->name);
  firewall_read_action(L, place, rule->action, rule->with, &made);
  snprintf(name, sizeof name, "rule %u", number);
  made.user = rule;
  made.states = rule->states;
  made.points = rule->points;
  made.name = keep(L, rule->name ? rule->name : name);
  made.message = keep(L, rule->message);
  g_ptr_array_add(script_of(L)->rule_names, (char *)(uintptr_t)made.name);
  rule->action = rule->with = rule->name = rule->message = NULL;
  g_array_append_val(rules, made);
}

static void add_rules(lua_State *L, int index, const char *what, GArray *rules,
                      unsigned points, unsigned depth)
{
  index = lua_absindex(L, index);
  luaL_checkstack(L, 8, "too many lists in lists");
  if (lua_rawlen(L, index) == 0 && (lua_pushnil(L), lua_next(L, index)))
    spec_error(L, "%s must be a list: { { action = \"drop\" }, ... }", what);
  for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++) {
    bool is_list = lua_istable(L, -1) && lua_rawlen(L, -1) > 0;

    if (!lua_istable(L, -1))
      spec_error(L,
                 "%s: rule %u must be a table such as { filter = "
                 "\"tcp port 80\", action = \"drop\" }, not %s",
                 what, rules->len + 1, spec_kind(L, -1));
    if (is_list && depth > 8)
      spec_error(L, "%s: rules in lists in lists without an end", what);
    if (is_list)
      add_rules(L, -1, what, rules, points, depth + 1);
    else
      add_rule(L, lua_gettop(L), what, rules, points);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void free_array(void *array)
{
  g_array_unref(array);
}

GArray *firewall_read_rules(lua_State *L, int index, const char *what,
                            unsigned points)
{
  GArray *rules = g_array_new(FALSE, FALSE, sizeof(NetRule));

  script_own(script_of(L), rules, free_array);
  add_rules(L, index, what, rules, points, 0);
  return rules;
}

/* -- the ready-made table -- */

typedef struct Illegal {
  const char *name, *filter, *message;
} Illegal;

/* Byte 13 of TCP: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. The first that
 * fits names the segment. */
static const Illegal illegal[] = {
  { "SYN+FIN", "tcp[13] & 0x03 == 0x03",
    "SYN opens a connection and FIN ends one: no stack sends both" },
  { "SYN+RST", "tcp[13] & 0x06 == 0x06",
    "SYN opens a connection and RST ends one: no stack sends both" },
  { "FIN+RST", "tcp[13] & 0x05 == 0x05",
    "a connection ends in order or at once: no stack sends FIN with RST" },
  { "Xmas", "tcp[13] & 0x39 == 0x29",
    "FIN, PSH and URG without ACK light it up like a tree: a scanner's" },
  { "NULL", "tcp[13] & 0x3f == 0",
    "no flag at all: every segment but the first SYN has ACK or RST" },
  { "FIN without ACK", "tcp[13] & 0x11 == 0x01",
    "FIN comes late in a connection, where every segment has ACK" },
  { "no ACK", "tcp[13] & 0x16 == 0",
    "every segment but the first SYN has ACK or RST" },
  { "urgent pointer without URG", "tcp[13] & 0x20 == 0 and tcp[18:2] != 0",
    "the urgent pointer counts only with URG: here it may hide a message" },
};

void firewall_push_illegal(lua_State *L)
{
  lua_createtable(L, G_N_ELEMENTS(illegal), 0);
  for (unsigned i = 0; i < G_N_ELEMENTS(illegal); i++) {
    lua_createtable(L, 0, 4);
    lua_pushstring(L, illegal[i].name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, illegal[i].filter);
    lua_setfield(L, -2, "filter");
    lua_pushstring(L, illegal[i].message);
    lua_setfield(L, -2, "message");
    lua_pushliteral(L, "drop");
    lua_setfield(L, -2, "action");
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}
