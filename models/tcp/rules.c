#include "rules.h"

#include <glib.h>

static const struct {
  const char *id, *section, *sentence;
} rules[] = {
#define RULE(id, section, sentence) { #id, section, sentence },
#include "rules.def"
#undef RULE
};

const char *tcp_rule_id(TcpRule rule)
{
  g_return_val_if_fail((unsigned)rule < G_N_ELEMENTS(rules), "?");
  return rules[rule].id;
}

const char *tcp_rule_section(TcpRule rule)
{
  g_return_val_if_fail((unsigned)rule < G_N_ELEMENTS(rules), "?");
  return rules[rule].section;
}

const char *tcp_rule_sentence(TcpRule rule)
{
  g_return_val_if_fail((unsigned)rule < G_N_ELEMENTS(rules), "?");
  return rules[rule].sentence;
}
