/* Boxes on the path, and what looks for them: what their files offer to those
 * that every scenario goes through. */
#pragma once

#include "script.h"

void firewall_open(lua_State *L); /* lua_firewall.c */
int firewall_host(lua_State *L);  /* host:firewall */
void nat_open(lua_State *L);      /* lua_nat.c */
void scan_open(lua_State *L);     /* lua_scan.c */
int scan_host(lua_State *L);      /* host:scan */
