/* The ids of what a network does to packets: drops, marks, copies, damage. A
 * firewall's rules have names of their own. */
#pragma once

/** net_rules: (transfer none) all of them, ended by NULL: "ip-ttl". */
const char *const *net_rules(void);
