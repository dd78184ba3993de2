/* Boxes on the path, and what looks for them: what their files offer to those
 * that every scenario goes through. */
#pragma once

#include "script.h"

void firewall_open(lua_State *L); /* lua_firewall.c */
int firewall_host(lua_State *L);  /* host:firewall */
void nat_open(lua_State *L);      /* lua_nat.c */
void scan_open(lua_State *L);     /* lua_scan.c */
int scan_host(lua_State *L);      /* host:scan */
void proxy_open(lua_State *L);    /* lua_proxy.c */

/** ScriptPorts: in the order in which they were named, each once. */
typedef struct ScriptPorts {
  unsigned count;
  uint16_t *list; /* of the script's */
  bool *seen;     /* by port */
} ScriptPorts;

/** world_read_ports: a SpecRead into a ScriptPorts; never empty. */
void world_read_ports(lua_State *L, int index, const char *what, void *ret);
