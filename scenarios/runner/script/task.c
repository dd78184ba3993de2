/* Tasks: the coroutines of a scenario, resumed one after the other.
 *
 * A task is in exactly one place: running (script->current), in the ready
 * queue, blocked (in a WaitList, or with a pending timer, or both), or not
 * started. Its end frees it.
 */
#include "script.h"

#include <string.h>

#define BLOCK_WORK 100 /* an event, and coming back */

Task *task_of(lua_State *L)
{
  Task *task = script_of(L)->current;

  return task && task->L == L ? task : NULL;
}

static void list_add(WaitList *list, Task *task)
{
  Task **end = &list->first;

  while (*end)
    end = &(*end)->next;
  task->next = NULL;
  task->list = list;
  *end = task;
}

static void list_remove(Task *task)
{
  Task **at;

  if (!task->list)
    return;
  for (at = &task->list->first; *at != task; at = &(*at)->next)
    ;
  *at = task->next;
  task->next = NULL;
  task->list = NULL;
}

static void enqueue(Task *task)
{
  Script *script = task->script;

  list_remove(task);
  sim_cancel(script->run->sim, &task->timer);
  task->next = NULL;
  *script->ready_end = task;
  script->ready_end = &task->next;
}

static void timer_fired(Sim *sim, SimEvent *event)
{
  Task *task = SIM_CONTAINER(event, Task, timer);

  (void)sim;
  task->timed_out = true;
  enqueue(task);
  task_drain(task->script);
}

Task *task_new(lua_State *L, int index, ScriptNode *host, const char *what)
{
  Script *script = script_of(L);
  Task *task;
  lua_State *co;

  script_check_acts(L);
  lua_pushvalue(L, index);
  co = lua_newthread(L);
  sandbox_pay(L, 2 * SANDBOX_TICK);
  lua_insert(L, -2);
  lua_xmove(L, co, 1);
  task = g_new0(Task, 1);
  task->ref = LUA_NOREF;
  task->script = script;
  task->host = host;
  task->what = what;
  task->L = co;
  sim_event_init(&task->timer, timer_fired);
  task->older = script->tasks;
  if (script->tasks)
    script->tasks->newer = task;
  script->tasks = task;
  task->ref = luaL_ref(L, LUA_REGISTRYINDEX);
  return task;
}

static void task_free(Task *task)
{
  Script *script = task->script;

  list_remove(task);
  sim_cancel(script->run->sim, &task->timer);
  if (task->newer)
    task->newer->older = task->older;
  else
    script->tasks = task->older;
  if (task->older)
    task->older->newer = task->newer;
  luaL_unref(script->L, LUA_REGISTRYINDEX, task->ref);
  g_free(task);
}

void task_free_all(Script *script)
{
  script->ready = NULL;
  script->ready_end = &script->ready;
  while (script->tasks)
    task_free(script->tasks);
  sim_cancel(script->run->sim, &script->drain);
  sim_cancel(script->run->sim, &script->stop);
}

static void leave_ready(Script *script, Task *task)
{
  Task **at = &script->ready;

  while (*at && *at != task)
    at = &(*at)->next;
  if (!*at)
    return;
  *at = task->next;
  if (!task->next)
    script->ready_end = at;
}

void task_end_all(Script *script, const ScriptNode *host)
{
  Task *older;

  for (Task *task = script->tasks; task; task = older) {
    older = task->older;
    if (task->host != host)
      continue;
    if (task == script->current) {
      task->ended = true;
      continue;
    }
    if (!task->list)
      leave_ready(script, task);
    task_free(task);
  }
}

static int ended_again(lua_State *L, int status, lua_KContext context)
{
  (void)L;
  (void)status;
  (void)context;
  g_assert_not_reached();
}

int task_end(lua_State *L)
{
  Task *task = task_of(L);

  if (!task)
    return spec_error(L, "this call ends the app that makes it, and cannot "
                         "inside a coroutine of the scenario's own");
  task->ended = task->blocked = true;
  return lua_yieldk(L, 0, 0, ended_again);
}

static SimOwner *owner_of(Task *task)
{
  return task->host ? &task->host->owner : &task->script->owner;
}

void task_start(Task *task, SimTime at, int arguments)
{
  Sim *sim = task->script->run->sim;

  task->arguments = arguments;
  sim_schedule(sim, &task->timer, owner_of(task), MAX(at, sim->now));
}

int task_block(lua_State *L, WaitList *list, SimTime deadline,
               lua_KContext context, lua_KFunction again)
{
  Script *script = script_of(L);
  Task *task = task_of(L);

  script_check_acts(L);
  if (!script->current)
    return spec_error(L, "this call waits, and the top level of a scenario "
                         "cannot: put it into host:run(function (os) ... "
                         "end), at or after");
  if (!task)
    return spec_error(L, "this call waits, and cannot inside a coroutine of "
                         "the scenario's own: use os.spawn");
  if (!lua_isyieldable(L))
    return spec_error(L, "this call waits, and cannot in a function that is "
                         "handed to a function of Lua's, as sort and gsub");
  sandbox_pay(L, BLOCK_WORK);
  task->blocked = true;
  task->timed_out = false;
  if (list)
    list_add(list, task);
  if (deadline != SIM_TIME_NEVER)
    sim_schedule(script->run->sim, &task->timer, owner_of(task),
                 MAX(deadline, script->run->sim->now));
  return lua_yieldk(L, 0, context, again);
}

bool task_deadline_passed(lua_State *L)
{
  Task *task = task_of(L);

  return task && task->timed_out;
}

void task_forget_deadline(lua_State *L)
{
  Task *task = task_of(L);

  if (task)
    task->timed_out = false;
}

static void resume(Task *task)
{
  Script *script = task->script;
  int results = 0, status;

  script->current = task;
  task->blocked = false;
  script->sandbox.entries++;
  status = lua_resume(task->L, NULL, task->arguments, &results);
  task->arguments = 0;
  script->current = NULL;
  if (status == LUA_YIELD && task->blocked && task->ended) {
    task_free(task);
    return;
  }
  if (status == LUA_YIELD && task->blocked) {
    lua_pop(task->L, results);
    return;
  }
  if (status == LUA_YIELD && script->sandbox.exhausted) {
    script_fail_by(script, task->L, script->sandbox.exhausted, task->host,
                   task->what);
  } else if (status == LUA_YIELD) {
    script_fail_by(script, task->L,
                   "coroutine.yield outside of a coroutine: os.sleep waits, "
                   "os.spawn starts another app",
                   task->host, task->what);
  } else if (status != LUA_OK) {
    script_fail(script, task->L, task->host, task->what);
  }
  task_free(task);
}

void task_drain(Script *script)
{
  if (script->busy || script->over)
    return;
  script->busy = true;
  while (script->ready && !script->failure) {
    Task *task = script->ready;

    script->ready = task->next;
    if (!script->ready)
      script->ready_end = &script->ready;
    task->next = NULL;
    resume(task);
  }
  script->busy = false;
}

void task_drain_later(Script *script)
{
  Sim *sim = script->run->sim;

  if (!script->over && !sim_event_pending(&script->drain))
    sim_schedule(sim, &script->drain, &script->owner, sim->now);
}

void task_ready(Task *task)
{
  enqueue(task);
}

void task_wake_all(Script *script, WaitList *list)
{
  while (list->first)
    enqueue(list->first);
  task_drain(script);
}

void task_wake_later(Script *script, WaitList *list)
{
  if (!list->first)
    return;
  while (list->first)
    enqueue(list->first);
  task_drain_later(script);
}
