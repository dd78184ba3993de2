/* Inside the Lua host: what its files share.
 *
 * A task is a coroutine of the scenario: an app, or a function given to at,
 * after or on. Lua runs in one place, task_drain(): it resumes the tasks that
 * are ready, one after the other. Whatever wakes a task (TCP, a timer, another
 * task) makes it ready, and drains unless Lua is on the stack already. So no
 * task is ever resumed from inside another, and nothing re-enters.
 *
 * A trace listener may not change the models: it wakes with task_wake_later(),
 * which drains in an event at the same virtual time.
 *
 * Objects that outlive a call are anchored in the registry until the script
 * lets go of them, so that nothing depends on Lua's garbage collector.
 */
#pragma once

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>

#include "gate.h"
#include "run.h"
#include "sandbox.h"
#include "segment.h"
#include "spec.h"

typedef struct Task Task;
typedef struct ScriptNode ScriptNode;
typedef struct ScriptConn ScriptConn;

/** WaitList: tasks that wait for one thing, first come first. */
typedef struct WaitList {
  Task *first;
} WaitList;

struct Task {
  Script *script;
  ScriptNode *host; /* whose app it is, or NULL */
  const char *what; /* "an app", "a function of at" */
  lua_State *L;
  int ref;
  int arguments; /* on its stack, for the next resume */
  SimEvent timer;
  WaitList *list; /* that it is in */
  Task *next;     /* in that list, or in the ready queue */
  Task *newer, *older;
  bool ended;     /* its host has crashed: it will not go on */
  bool blocked;   /* suspended by one of our calls */
  bool timed_out; /* its timer woke it */
};

struct Script {
  Run *run;
  char *place;  /* the file as messages call it */
  lua_State *L; /* the main thread, for calls from C; tasks have their own */
  Sandbox sandbox;
  SimOwner owner;
  SimEvent drain; /* tasks made ready inside the trace bus */
  SimEvent stop;  /* the scenario's stop(time) */
  Task *current;  /* running now */
  bool busy;      /* Lua is on the stack */
  bool running;   /* after script_start() */
  bool judging;   /* inside a function that only looks at a packet */
  bool over;
  Task *tasks; /* all, newest first */
  Task *ready, **ready_end;
  ScriptConn *watched; /* connections of which a state is waited for */
  bool watching;       /* states are listened to */
  GHashTable *nodes;   /* name -> ScriptNode */
  GPtrArray *node_list;
  GPtrArray *owned;      /* of ScriptOwned */
  ScriptConn *conns;     /* not yet released */
  GPtrArray *listeners;  /* open ones, in order */
  GPtrArray *params;     /* names asked for */
  GPtrArray *rule_names; /* of firewalls' rules */
  unsigned raw_heard;    /* segments that wait in raw ends */
  GPtrArray *filters;
  struct Hooks *hooks; /* NULL until on.something */
  char *failure;
  int64_t ordinal; /* of objects of ours */
};

/** ScriptCallError: what a call of an app answered. */
typedef struct ScriptCallError {
  SimTime time;
  TcpError error;
  const char *call;
} ScriptCallError;

#define SCRIPT_DATA_KEPT (1 << 20)

/** ScriptNode: a host, router or switch as the scenario sees it. */
struct ScriptNode {
  Script *script;
  NetNode *node;
  NetHost *host;      /* NULL: a switch */
  TcpStack *stack;    /* NULL: a switch or a router that is no proxy */
  SimOwner owner;     /* of its tasks' timers */
  int ref;            /* its Lua object */
  int line;           /* where the scenario made it */
  int os_ref;         /* the `os` of its apps, 0: not made yet */
  GArray *errors;     /* of ScriptCallError */
  NetAddress address; /* wished for the first NIC, if prefix is not 0 */
  uint8_t prefix;
  const char *profile;          /* of its TCP; NULL: a switch or a router */
  struct NetFirewall *firewall; /* NULL: it has none; likewise: */
  struct NetNat *nat;
  struct AppProxy *proxy;
  uint64_t received;
  struct Power *power; /* lua_power.c; NULL until it matters */
  GByteArray *data;    /* the first SCRIPT_DATA_KEPT bytes received */
};

/** ScriptConn: lives in its Lua object. `tcp` is NULL once closed; then the
 * connection is asked by its pair. */
struct ScriptConn {
  Script *script;
  ScriptNode *host;
  TcpConnection *tcp;
  TcpPair pair;
  uint32_t iss, irs;
  int ref;
  WaitList waiting; /* for data, room, an end */
  ScriptConn *next, *previous;
  WaitList changing; /* for a state; then it is in script->watched */
  ScriptConn *next_watched;
  unsigned watchers;
  int watch_ref;    /* its anchor while it is watched */
  unsigned entered; /* states since somebody waits, bits */
};

typedef struct ScriptLink {
  Script *script;
  NetLink *link;
  unsigned faults; /* described so far; numbers their dice */
} ScriptLink;

/* -- script.c -- */

Script *script_of(lua_State *L);

/** script_object: pushes a new object of class `name` with `size` bytes. */
void *script_object(lua_State *L, const char *name, size_t size);

/** script_class: makes the class `name`: its methods, and an error that names
 * the nearest for any other word. */
void script_class(lua_State *L, const char *name, const luaL_Reg *methods);

/** script_table: the same for a table of functions, left on the stack. `user`
 * is their first upvalue. */
void script_table(lua_State *L, const char *name, const luaL_Reg *functions,
                  void *user);

/** script_self: the object at 1; raises if a method was called with '.'. */
void *script_self(lua_State *L, const char *name);

/** script_check_acts: raises where a function may only look (where = ...). */
void script_check_acts(lua_State *L);

/** script_push_time: in seconds; never is math.huge. */
void script_push_time(lua_State *L, SimTime time);

/** script_own: `object` is freed with the script, which pays for that. */
void script_own(Script *script, void *object, GDestroyNotify free_object);

/** script_pay_packet: a packet is about to be sent by hand. It costs nothing
 * if it will be freed: if nothing is recorded, and few are under way. */
void script_pay_packet(lua_State *L);

/** script_protect: calls `func` with light userdata `user` on the main
 * thread; an error ends the run. */
bool script_protect(Script *script, lua_CFunction func, void *user,
                    const char *what);

/** script_fail: the error on the top of `L` ends the run. */
void script_fail(Script *script, lua_State *L, const ScriptNode *host,
                 const char *what);

/** script_fail_by: the same by a sentence of ours, at the line where `L`
 * stands. */
void script_fail_by(Script *script, lua_State *L, const char *text,
                    const ScriptNode *host, const char *what);

/** script_check_describes: raises once the run has begun: `what` belongs to
 * the description of the network. */
void script_check_describes(lua_State *L, const char *what);

/** script_unknown_global: __index of the globals. */
int script_unknown_global(lua_State *L);

/* -- task.c -- */

/** task_new: (transfer none) a task for the function at `index`; it runs when
 * task_start() says. */
Task *task_new(lua_State *L, int index, ScriptNode *host, const char *what);

/** task_start: runs at virtual time `at`; `arguments` values on task->L. */
void task_start(Task *task, SimTime at, int arguments);

/** task_block: the calling task waits until it is woken from `list`
 * (nullable) or `deadline` (SIM_TIME_NEVER: none), then goes on in `again`.
 * Use as `return task_block(...)`. Raises outside a task. */
int task_block(lua_State *L, WaitList *list, SimTime deadline,
               lua_KContext context, lua_KFunction again);

/** task_deadline_passed: has the timer of the last task_block() fired? */
bool task_deadline_passed(lua_State *L);

/** task_forget_deadline: before the first task_block() of a call that asks
 * task_deadline_passed(). */
void task_forget_deadline(lua_State *L);

/** task_of: the task that runs, or NULL. */
Task *task_of(lua_State *L);

/** task_wake_all: all of `list` are ready. */
void task_wake_all(Script *script, WaitList *list);

/** task_wake_later: the same from inside the trace bus. */
void task_wake_later(Script *script, WaitList *list);

/** task_end_all: the tasks of `host` end where they stand; the one that runs
 * does when it waits next, at the latest by task_end(). */
void task_end_all(Script *script, const ScriptNode *host);

/** task_end: ends the calling task; use as `return task_end(L)`. */
int task_end(lua_State *L);

/** task_ready: `task`, new, is ready. */
void task_ready(Task *task);
void task_drain(Script *script);
void task_drain_later(Script *script);
void task_free_all(Script *script);

/* -- lua_lookup.c, lua_world.c -- */

void world_open(lua_State *L);
ScriptNode *world_node(lua_State *L, int index, const char *what);
ScriptNode *world_host(lua_State *L, int index, const char *what);
ScriptLink *world_link(lua_State *L, int index, const char *what);
ScriptNode *world_find(Script *script, const char *name);
ScriptNode *world_owner(Script *script, NetAddress address);
/** world_read_node, world_read_host, world_read_state: for SpecKey.read. A node
 * may be given by name. */
void world_read_node(lua_State *L, int index, const char *what, void *ret);
void world_read_host(lua_State *L, int index, const char *what, void *ret);
void world_read_state(lua_State *L, int index, const char *what, void *ret);
TcpState world_state(lua_State *L, int index, const char *what);
TcpError world_error(lua_State *L, int index, const char *what);
/** world_address: a host's name, object or an address in text. Of several
 * addresses the one that is nearest to `from` (nullable). */
NetAddress world_address(lua_State *L, int index, const char *what,
                         const ScriptNode *from);
/** world_address_of: the same in a family of one's own choice. */
NetAddress world_address_of(lua_State *L, int index, const char *what,
                            const ScriptNode *from, NetFamily family);

/** world_read_family: "ipv4" or "ipv6" into a NetFamily; a SpecReadFunc. */
void world_read_family(lua_State *L, int index, const char *what, void *ret);

/** world_near: the address by which `from` (nullable) calls `node`, a host or
 * router: on a link that both share, else one there is a way to, else the
 * first. */
NetAddress world_near(const ScriptNode *from, const ScriptNode *node);
void world_push(lua_State *L, const ScriptNode *node);
/** world_linked: `node` got its NIC; the wished address goes there. */
void world_linked(ScriptNode *node);

/** world_new_name: the new node's name at 1; raises if it cannot be one. */
const char *world_new_name(lua_State *L, const char *what);

/** world_add: pushes the Lua object of a new node. */
ScriptNode *world_add(lua_State *L, NetNode *net_node, const char *class_name);

/** RouterSpec: what routers and the boxes that are routers have in common. */
typedef struct RouterSpec {
  const char *address;
  bool icmp;
  int64_t ttl;
} RouterSpec;

/** world_add_router: the same for a new router of class `what`. */
ScriptNode *world_add_router(lua_State *L, const char *what, const char *name,
                             const RouterSpec *spec);

/** world_profile: the one of that name, or, if it is NULL, the run's; raises
 * naming `what`. */
const TcpProfile *world_profile(lua_State *L, const char *what,
                                const char *name);

/** world_read_address: "10.0.0.1/24" into node->address and node->prefix; what
 * has no prefix gets /24 or /64. */
void world_read_address(lua_State *L, const char *text, const char *what,
                        ScriptNode *node);

/** world_read_net: "10.0.0.0/8", or an address alone: all its bits count. */
void world_read_net(lua_State *L, const char *text, const char *what,
                    NetAddress *ret, uint8_t *ret_prefix);

/* Methods that all nodes share. */
int world_node_address(lua_State *L);
int world_node_route(lua_State *L);
int world_node_name(lua_State *L);
int world_node_text(lua_State *L);

/** FlagsSpec: flags as a scenario asks for them: exactly these, where PSH does
 * not count unless it is asked for. */
typedef struct FlagsSpec {
  bool given;
  uint8_t flags;
} FlagsSpec;
void world_read_flags(lua_State *L, int index, const char *what, void *ret);
bool world_flags_fit(const FlagsSpec *wanted, unsigned flags);

/* -- the other files -- */

void link_open(lua_State *L);   /* lua_link.c */
void replay_open(lua_State *L); /* lua_replay.c */
void faults_open(lua_State *L); /* lua_fault.c */
int app_run(lua_State *L);      /* host:run */
int sysctl_set(lua_State *L);   /* host:sysctl */
/** app_start_at: the function at `index` runs as an app of `host` at `at`. */
void app_start_at(lua_State *L, ScriptNode *host, int index, SimTime at);
/** power_keep_run: a function of host:run, for boots to come if it is part of
 * the description. */
void power_keep_run(lua_State *L, ScriptNode *node, int index, SimTime at);
int power_crash(lua_State *L); /* host:crash, ..., lua_power.c */
int power_reboot(lua_State *L);
int power_on_boot(lua_State *L);
int power_nic_down(lua_State *L);
int power_nic_up(lua_State *L);
void socket_open(lua_State *L);
int socket_listen(lua_State *L, ScriptNode *host);
int socket_connect(lua_State *L, ScriptNode *host);
int socket_list(lua_State *L);                /* host:sockets, lua_sockets.c */
int socket_state(lua_State *L);               /* host:state */
int raw_open(lua_State *L, ScriptNode *host); /* os.raw, lua_raw.c */
void raw_class(lua_State *L);
void results_api(lua_State *L); /* lua_results.c */
/** socket_release_all: at the end of the run nobody is told any more. */
void socket_release_all(Script *script);
/** socket_conn: the connection at `index`. */
ScriptConn *socket_conn(lua_State *L, int index, const char *what);
/** socket_status: of a connection in whatever state; false once CLOSED. */
bool socket_status(const ScriptConn *conn, TcpStatus *ret);
void programs_open(lua_State *L); /* lua_apps.c */
int program_bulk(lua_State *L);   /* host:bulk, ... */
int program_sink(lua_State *L);
int program_request(lua_State *L);
int program_respond(lua_State *L);
int program_churn(lua_State *L);
int program_held(lua_State *L);
void time_open(lua_State *L);
void hooks_open(lua_State *L);
void hooks_free(struct Hooks *hooks);
int hooks_host_on(lua_State *L); /* host:on */
int inject_link(lua_State *L);   /* link:inject */
int inject_router(lua_State *L); /* router:inject */
int inject_host(lua_State *L);   /* host:inject */
int play_script(lua_State *L);   /* host:script */
void expect_open(lua_State *L);
