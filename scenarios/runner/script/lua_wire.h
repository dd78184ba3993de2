/* What a scenario does to one direction of a link or to both, when it is
 * described or while it runs. */
#pragma once

#include "netem.h"
#include "qdisc.h"
#include "script.h"

/** wire_pick: the wires of `link` that `from` (nullable: both) sends onto;
 * raises if it is no end of the link. Returns their number, 1 or 2. */
unsigned wire_pick(lua_State *L, const char *what, NetLink *link,
                   const ScriptNode *from, NetWire *ret_wires[2]);

/** netem_read: a table in tc's words, into a NetNetemSpec; a SpecRead. */
void netem_read(lua_State *L, int index, const char *what, void *ret);

/** LinkQueue: `ring` packets of the plain transmit ring, or a discipline. */
typedef struct LinkQueue {
  uint32_t ring; /* 0: as the NIC has it */
  bool has_qdisc;
  NetQdiscSpec qdisc;
} LinkQueue;

/** queue_read: into a LinkQueue; a SpecRead. */
void queue_read(lua_State *L, int index, const char *what, void *ret);

int wire_netem(lua_State *L);  /* link:netem */
int wire_queue(lua_State *L);  /* link:queue */
int wire_counts(lua_State *L); /* link:counts */
int wire_down(lua_State *L);   /* link:down */
int wire_up(lua_State *L);     /* link:up */
int wire_mtu(lua_State *L);    /* link:mtu */
int wire_nic(lua_State *L);    /* host:nic, router:nic */
