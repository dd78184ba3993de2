/* What the two files of firewalls share. */
#pragma once

#include "firewall.h"
#include "script.h"

/** firewall_read_rules: the list of rules at `index` (a rule that is itself a
 * list of rules is that list) into an array of NetRule, owned by the script.
 * `points`: where a rule without a direction applies. */
GArray *firewall_read_rules(lua_State *L, int index, const char *what,
                            unsigned points);

/** firewall_read_action: of a rule or a policy. `with` is nullable. */
void firewall_read_action(lua_State *L, const char *what, const char *action,
                          const char *with, NetRule *ret);

/** firewall_push_illegal: pushes the list of rules for illegal flags. */
void firewall_push_illegal(lua_State *L);

/** firewall_action_name: "drop" (transfer none). */
const char *firewall_action_name(NetAction action);
