/* Host faults: crash, reboot, NIC down and up.
 *
 * A crash is silent: nothing is sent, the host's apps end where they stand,
 * its connections and listeners are gone, and what it had learnt. A boot
 * begins with new secrets, hence new initial sequence numbers, and starts the
 * apps again as an init would: the functions of on_boot if there are any,
 * else those of host:run anew. Programs (bulk, sink, ...) end with the crash;
 * a function of on_boot may start new ones. Knobs and addresses stay, as
 * files do.
 *
 * Invariant: `booting` is pending only while the host is down.
 */
#include "lua_socket.h"
#include "record.h"
#include "script.h"

struct Power {
  ScriptNode *node;
  Sim *sim;
  GArray *runs;  /* of Start: host:run of the description, in order */
  GArray *boots; /* of Start: on_boot */
  SimEvent booting;
};

typedef struct Start {
  int ref;
  SimTime at; /* after the boot */
} Start;

static void booted(Sim *sim, SimEvent *event);

static void power_free(void *data)
{
  struct Power *power = data;

  sim_cancel(power->sim, &power->booting);
  g_array_unref(power->runs);
  g_array_unref(power->boots);
  g_free(power);
}

static struct Power *power_of(ScriptNode *node)
{
  struct Power *power = node->power;

  if (power)
    return power;
  power = node->power = g_new0(struct Power, 1);
  power->node = node;
  power->sim = node->script->run->sim;
  power->runs = g_array_new(FALSE, FALSE, sizeof(Start));
  power->boots = g_array_new(FALSE, FALSE, sizeof(Start));
  sim_event_init(&power->booting, booted);
  script_own(node->script, power, power_free);
  return power;
}

static void keep(lua_State *L, GArray *list, int index, SimTime at)
{
  Start start = { .at = at };

  lua_pushvalue(L, index);
  start.ref = luaL_ref(L, LUA_REGISTRYINDEX);
  g_array_append_val(list, start);
}

void power_keep_run(lua_State *L, ScriptNode *node, int index, SimTime at)
{
  if (!node->script->running)
    keep(L, power_of(node)->runs, index, at);
}

static void note(const ScriptNode *node, const char *text)
{
  Run *run = node->script->run;

  if (run->record)
    record_note(run->record, node->node->name, text);
}

/* -- down -- */

static void crash(lua_State *L, ScriptNode *node)
{
  note(node, "the host crashes");
  net_host_crash(node->host);
  task_end_all(node->script, node);
  tcp_stack_crash(node->stack);
  socket_lose_all(L, node);
}

/* An app that crashes its own host ends in that call. */
static int gone(lua_State *L, ScriptNode *node)
{
  Task *task = task_of(L);

  if (task && task->host == node)
    return task_end(L);
  return 0;
}

static ScriptNode *self_host(lua_State *L, const char *what)
{
  ScriptNode *node = *(ScriptNode **)script_self(L, "host");

  if (!node->script->running)
    spec_error(L,
               "%s:%s happens in virtual time: put it into at, after, an app "
               "or a hook",
               node->node->name, what);
  return node;
}

int power_crash(lua_State *L)
{
  ScriptNode *node = self_host(L, "crash");

  if (net_host_is_down(node->host))
    return 0;
  crash(L, node);
  return gone(L, node);
}

/* -- up -- */

static int start_apps(lua_State *L)
{
  ScriptNode *node = lua_touserdata(L, 1);
  const GArray *list =
      node->power->boots->len > 0 ? node->power->boots : node->power->runs;

  for (unsigned i = 0; i < list->len; i++) {
    const Start *start = &g_array_index(list, Start, i);

    lua_rawgeti(L, LUA_REGISTRYINDEX, start->ref);
    app_start_at(L, node, -1,
                 sim_time_add(node->script->run->sim->now, start->at));
    lua_pop(L, 1);
  }
  return 0;
}

static void booted(Sim *sim, SimEvent *event)
{
  struct Power *power = SIM_CONTAINER(event, struct Power, booting);

  (void)sim;
  net_host_boot(power->node->host);
  note(power->node, "the host has booted");
  script_protect(power->node->script, start_apps, power->node, "a boot");
  task_drain(power->node->script);
}

int power_reboot(lua_State *L)
{
  ScriptNode *node = self_host(L, "reboot");
  Sim *sim = node->script->run->sim;
  SimTime span = lua_isnoneornil(L, 2) ? 0 : spec_time(L, 2, "reboot");

  if (!net_host_is_down(node->host))
    crash(L, node);
  sim_schedule(sim, &power_of(node)->booting, &node->owner,
               sim_time_add(sim->now, span));
  return gone(L, node);
}

int power_on_boot(lua_State *L)
{
  ScriptNode *node = *(ScriptNode **)script_self(L, "host");

  if (!lua_isfunction(L, 2))
    return spec_error(L, "%s:on_boot needs a function (os) ... end, not %s",
                      node->node->name, spec_kind(L, 2));
  keep(L, power_of(node)->boots, 2, 0);
  return 0;
}

/* -- NICs -- */

static NetNic *nic_on(const NetNode *node, const NetLink *link)
{
  for (NetNic *nic = node->nics; nic; nic = nic->next)
    if (nic->link == link)
      return nic;
  return NULL;
}

static int set_nics(lua_State *L, const char *what, bool down)
{
  ScriptNode *node = self_host(L, what);
  const NetLink *link =
      lua_isnoneornil(L, 2) ? NULL : world_link(L, 2, what)->link;

  if (link && !nic_on(node->node, link))
    return spec_error(L, "%s: %s is not an end of the link %s", what,
                      node->node->name, link->name);
  if (net_host_is_down(node->host))
    return spec_error(L, "%s: %s has crashed; reboot brings its NICs up", what,
                      node->node->name);
  for (NetNic *nic = node->node->nics; nic; nic = nic->next)
    if (!link || nic->link == link)
      net_nic_set_down(nic, down);
  note(node, down ? "a NIC goes down" : "a NIC comes up");
  return 0;
}

int power_nic_down(lua_State *L)
{
  return set_nics(L, "nic_down", true);
}

int power_nic_up(lua_State *L)
{
  return set_nics(L, "nic_up", false);
}
