/* What a rule may be called: as TCP, the network or a firewall calls it. */
#include "expect.h"
#include "net_rules.h"

/* Puts `from`, ended by NULL, behind the `count` that are in `names`. */
static unsigned add_names(const char **names, unsigned count,
                          const char *const *from)
{
  for (; *from; from++)
    names[count++] = *from;
  return count;
}

/* Pushes what holds the list: TCP's rules, the network's, the firewalls'. */
static const char **push_rules(lua_State *L)
{
  static const char *const ours[] = { "partition", "replay-malformed",
                                      "replay-nowhere", NULL };
  const GPtrArray *walls = script_of(L)->rule_names;
  size_t most = TCP_RULES + g_strv_length((char **)(uintptr_t)net_rules()) +
                G_N_ELEMENTS(ours) + walls->len;
  const char **names = lua_newuserdatauv(L, most * sizeof *names, 0);
  unsigned count = 0;

  for (unsigned i = 0; i < TCP_RULES; i++)
    names[count++] = tcp_rule_id((TcpRule)i);
  count = add_names(names, count, net_rules());
  count = add_names(names, count, ours);
  for (unsigned i = 0; i < walls->len; i++)
    names[count++] = walls->pdata[i];
  names[count] = NULL;
  return names;
}

/* A word that is like none of them may be a rule of a firewall to come. */
void expect_read_rule(lua_State *L, int index, const char *what, void *ret)
{
  const char **names, *word;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be a rule's id such as \"FIN_ACKED\"", what);
  word = lua_tostring(L, index);
  names = push_rules(L);
  *(const char **)ret = g_intern_string(word);
  if (!g_strv_contains(names, word) && spec_nearest(word, names))
    spec_unknown(L, "linger", "rule", word, names);
  lua_pop(L, 1);
}
