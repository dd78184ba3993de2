/* Addresses as a scenario writes them, and where they go. */
#include "script.h"

#include <string.h>

#include "host.h"

#define DEFAULT_PREFIX 24
#define DEFAULT_PREFIX6 64

void world_read_address(lua_State *L, const char *text, const char *what,
                        ScriptNode *node)
{
  char address[NET_ADDRESS_TEXT];
  const char *slash;
  size_t size;
  guint64 prefix = 0;

  g_assert(text); /* gcc cannot tell, with the sanitizers on */
  slash = strchr(text, '/');
  size = slash ? (size_t)(slash - text) : strlen(text);
  if (size < sizeof address) {
    memcpy(address, text, size);
    address[size] = '\0';
  }
  if (size >= sizeof address || !net_address_parse(address, &node->address) ||
      (slash && !g_ascii_string_to_unsigned(slash + 1, 10, 1,
                                            net_address_bits(node->address),
                                            &prefix, NULL)))
    spec_error(L,
               "%s: \"%.50s\" is not an address such as \"10.0.0.1\", "
               "\"10.0.0.1/24\" or \"2001:db8::1/64\"",
               what, text);
  if (!slash)
    prefix =
        net_address_is_ipv4(node->address) ? DEFAULT_PREFIX : DEFAULT_PREFIX6;
  node->prefix = (uint8_t)prefix;
}

ScriptNode *world_add_router(lua_State *L, const char *what, const char *name,
                             const RouterSpec *spec)
{
  NetHostSpec host = { .forwarding = true,
                       .no_icmp = !spec->icmp,
                       .ttl = (uint8_t)spec->ttl };
  ScriptNode parsed = { .prefix = 0 };
  ScriptNode *node;

  if (spec->address)
    world_read_address(L, spec->address, what, &parsed);
  node = world_add(
      L, net_host_node(net_host_new(script_of(L)->run->net, name, &host)),
      what);
  node->address = parsed.address;
  node->prefix = parsed.prefix;
  return node;
}

void world_read_net(lua_State *L, const char *text, const char *what,
                    NetAddress *ret, uint8_t *ret_prefix)
{
  ScriptNode parsed = { .prefix = 0 };

  world_read_address(L, text, what, &parsed);
  *ret = parsed.address;
  *ret_prefix = strchr(text, '/') ? parsed.prefix
                                  : (uint8_t)net_address_bits(parsed.address);
}

void world_linked(ScriptNode *node)
{
  if (node->host && node->prefix && node->node->nics && !node->node->nics->next)
    net_host_set_address(node->host, node->node->nics, node->address,
                         node->prefix);
}
