/* Numbers of forged segments: plain, or terms of a live connection's
 * variables. */
#include "forge.h"

#include <string.h>

static bool variable(const char *name, size_t size, const TcpStatus *status,
                     uint32_t *ret)
{
  const struct {
    const char *name;
    uint32_t value;
  } table[] = {
    { "rcv.nxt", status->rcv.nxt }, { "rcv.wnd", status->rcv.wnd },
    { "rcv.up", status->rcv.up },   { "irs", status->rcv.irs },
    { "snd.una", status->snd.una }, { "snd.nxt", status->snd.nxt },
    { "snd.wnd", status->snd.wnd }, { "iss", status->snd.iss },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(table); i++)
    if (strlen(table[i].name) == size &&
        strncmp(table[i].name, name, size) == 0) {
      *ret = table[i].value;
      return true;
    }
  return false;
}

static int wrong_variable(lua_State *L, const char *text, size_t size)
{
  static const char *const names[] = { "rcv.nxt", "rcv.wnd", "rcv.up",
                                       "irs",     "snd.una", "snd.nxt",
                                       "snd.wnd", "iss",     NULL };
  char word[24];

  g_strlcpy(word, text, MIN(size + 1, sizeof word));
  return spec_unknown(L, "a connection", "variable", word, names);
}

/* The status of the connection `pair`, in either direction, on `node`. */
static bool status_on(const ScriptNode *node, const TcpPair *pair,
                      TcpStatus *ret)
{
  const TcpPair back = { pair->remote, pair->local };

  return node->stack && (tcp_status_of(node->stack, pair, ret) ||
                         tcp_status_of(node->stack, &back, ret));
}

/* "client." in front of a variable: whose it is. Moves `text` behind it. */
static const TcpStatus *owner_status(lua_State *L, const char **text,
                                     const TcpPair *pair,
                                     const TcpStatus *receiver, TcpStatus *room)
{
  const GPtrArray *nodes = script_of(L)->node_list;

  for (unsigned i = 0; i < nodes->len; i++) {
    const ScriptNode *node = nodes->pdata[i];
    size_t size = strlen(node->node->name);

    if (strncmp(*text, node->node->name, size) != 0 || (*text)[size] != '.')
      continue;
    if (!status_on(node, pair, room))
      spec_error(L, "inject: %s has no such connection", node->node->name);
    *text += size + 1;
    return room;
  }
  return receiver;
}

/* "rcv.wnd right edge" and its kin: the numbers where a window begins and
 * ends. */
static bool edge(const char **text, const TcpStatus *status, uint32_t *ret)
{
  const struct {
    const char *words;
    uint32_t value;
  } table[] = {
    { "rcv.wnd left edge", status->rcv.nxt },
    { "rcv.wnd right edge", status->rcv.nxt + status->rcv.wnd },
    { "snd.wnd left edge", status->snd.una },
    { "snd.wnd right edge", status->snd.una + status->snd.wnd },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(table); i++)
    if (g_str_has_prefix(*text, table[i].words)) {
      *text += strlen(table[i].words);
      *ret = table[i].value;
      return true;
    }
  return false;
}

static uint32_t term(lua_State *L, const char **text, const TcpPair *pair,
                     const TcpStatus *receiver)
{
  const TcpStatus *status;
  TcpStatus room;
  uint32_t value = 0;
  size_t size;

  if (g_ascii_isdigit(**text)) {
    char *end;

    value = (uint32_t)g_ascii_strtoull(*text, &end, 0);
    *text = end;
    return value;
  }
  status = owner_status(L, text, pair, receiver, &room);
  if (edge(text, status, &value))
    return value;
  size = strcspn(*text, "+- ");
  if (!variable(*text, size, status, &value))
    wrong_variable(L, *text, size);
  *text += size;
  return value;
}

/* terms joined by + and -: "rcv.nxt+rcv.wnd-1" */
static uint32_t evaluate(lua_State *L, const char *text, const TcpPair *pair,
                         const TcpStatus *status)
{
  uint32_t sum = 0, value;
  bool minus = false;

  for (;;) {
    text += strspn(text, " ");
    value = term(L, &text, pair, status);
    sum += minus ? 0 - value : value;
    text += strspn(text, " ");
    if (!*text)
      return sum;
    if (*text != '+' && *text != '-')
      spec_error(L, "inject: \"%.20s\" is not + or -", text);
    minus = *text++ == '-';
  }
}

uint32_t forge_number(lua_State *L, const Number *number,
                      const TcpStatus *status, const TcpPair *pair,
                      uint32_t base)
{
  if (!number->given)
    return 0;
  return number->word ? evaluate(L, number->word, pair, status)
                      : base + (uint32_t)number->value;
}
