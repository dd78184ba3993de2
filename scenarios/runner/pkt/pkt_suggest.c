/* Words that a script has nearly right: which it may have meant. */
#include "pkt_call.h"
#include "sockopt.h"
#include "spec.h"

static char *suggestion(const char *word, GPtrArray *names)
{
  const char *nearest;

  g_ptr_array_add(names, NULL);
  nearest = spec_nearest(word, (const char *const *)names->pdata);
  return nearest ? g_strdup_printf("; did you mean %s?", nearest)
                 : g_strdup("");
}

char *pkt_suggest_call(const char *word)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new();

  for (const PktCallRow *const *table = pkt_calls; *table; table++)
    for (const PktCallRow *row = *table; row->name; row++)
      g_ptr_array_add(names, (char *)row->name);
  return suggestion(word, names);
}

char *pkt_suggest_constant(const char *word)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  const char *name;

  for (unsigned i = 0; (name = pkt_symbol_name(i)); i++)
    g_ptr_array_add(names, (char *)name);
  return suggestion(word, names);
}

char *pkt_suggest_option(const char *word)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  const TcpSockopt *option;

  for (unsigned i = 0; (option = tcp_sockopt(i)); i++)
    g_ptr_array_add(names, (char *)option->name);
  return suggestion(word, names);
}
