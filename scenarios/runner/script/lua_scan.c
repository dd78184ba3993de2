/* host:scan { ... }: a port scanner, and the table of what it learned. */
#include "scan.h"

#include <stdio.h>
#include <string.h>

#include "lua_box.h"

typedef struct ScanSpec {
  AppTarget to;
  ScriptPorts ports;
  const char *kind;
  SimTime at, timeout, interval;
  int64_t retries, from_port;
} ScanSpec;

typedef struct ScriptScan {
  Script *script;
  ScriptNode *host;
  AppScan *scan;
  AppScanKind kind;
  WaitList waiting;
} ScriptScan;

/* -- reading -- */

static void read_target(lua_State *L, int index, const char *what, void *ret)
{
  AppTarget *to = ret;

  if (lua_type(L, index) != LUA_TSTRING ||
      !net_address_parse(lua_tostring(L, index), &to->address))
    to->host = world_host(L, index, what)->host;
}

const SpecKey scan_keys[] = {
  { .name = "to",
    .kind = SPEC_CUSTOM,
    .read = read_target,
    .example = "a host",
    .required = true,
    .offset = offsetof(ScanSpec, to) },
  { .name = "ports",
    .kind = SPEC_CUSTOM,
    .read = world_read_ports,
    .required = true,
    .offset = offsetof(ScanSpec, ports) },
  { .name = "kind", .kind = SPEC_STRING, .offset = offsetof(ScanSpec, kind) },
  { .name = "at", .kind = SPEC_TIME, .offset = offsetof(ScanSpec, at) },
  { .name = "timeout",
    .kind = SPEC_TIME,
    .offset = offsetof(ScanSpec, timeout) },
  { .name = "interval",
    .kind = SPEC_TIME,
    .offset = offsetof(ScanSpec, interval) },
  { .name = "retries",
    .kind = SPEC_INTEGER,
    .high = 20,
    .offset = offsetof(ScanSpec, retries) },
  { .name = "from_port",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 65535,
    .offset = offsetof(ScanSpec, from_port) },
  { .name = NULL },
};

static AppScanKind read_kind(lua_State *L, const char *kind)
{
  const char *names[APP_SCAN_KINDS + 1];

  for (unsigned i = 0; i <= APP_SCAN_KINDS; i++) {
    names[i] = app_scan_kind_name(i);
    if (names[i] && g_str_equal(names[i], kind))
      return (AppScanKind)i;
  }
  spec_unknown(L, "scan", "kind", kind, names);
  return APP_SCAN_SYN;
}

static void scan_over(void *user, AppScan *scan)
{
  ScriptScan *it = user;

  (void)scan;
  task_wake_all(it->script, &it->waiting);
}

int scan_host(lua_State *L)
{
  ScriptNode *host = *(ScriptNode **)script_self(L, "host");
  ScanSpec spec = { .kind = "syn", .timeout = SIM_SECOND, .retries = 1 };
  ScriptScan *it;

  spec_read(L, 2, "scan", scan_keys, &spec);
  if (spec.timeout <= 0)
    return spec_error(L, "scan: timeout must be more than 0");
  it = script_object(L, "scan", sizeof *it);
  it->script = host->script;
  it->host = host;
  it->kind = read_kind(L, spec.kind);
  it->scan = app_scan_new(host->stack,
                          &(AppScanSpec){ .at = spec.at,
                                          .to = spec.to,
                                          .kind = it->kind,
                                          .ports = spec.ports.list,
                                          .count = spec.ports.count,
                                          .timeout = spec.timeout,
                                          .interval = spec.interval,
                                          .retries = (unsigned)spec.retries,
                                          .from_port = (uint16_t)spec.from_port,
                                          .done = scan_over,
                                          .user = it });
  lua_pushvalue(L, -1);
  luaL_ref(L, LUA_REGISTRYINDEX); /* as long as the run: it may still be told */
  return 1;
}

/* -- asking -- */

static ScriptScan *self(lua_State *L)
{
  return script_self(L, "scan");
}

static int scan_is_done(lua_State *L)
{
  lua_pushboolean(L, app_scan_done(self(L)->scan));
  return 1;
}

static void push_row(lua_State *L, const AppScanPort *port)
{
  lua_createtable(L, 0, 5);
  lua_pushinteger(L, port->port);
  lua_setfield(L, -2, "port");
  lua_pushstring(L, app_scan_state_name(port->state));
  lua_setfield(L, -2, "state");
  lua_pushstring(L, port->why ? port->why : "not answered yet");
  lua_setfield(L, -2, "why");
  lua_pushinteger(L, port->tries);
  lua_setfield(L, -2, "tries");
  if (port->answered != SIM_TIME_NEVER) {
    script_push_time(L, port->answered);
    lua_setfield(L, -2, "answered");
  }
}

static int report_text(lua_State *L)
{
  lua_pushvalue(L, lua_upvalueindex(1));
  return 1;
}

static void push_report_text(lua_State *L, const ScriptScan *it)
{
  const AppScanPort *port;
  luaL_Buffer buffer;
  char line[160];

  luaL_buffinit(L, &buffer);
  snprintf(line, sizeof line, "%5s  %-13s %s\n", "port",
           app_scan_kind_name(it->kind), "because of");
  luaL_addstring(&buffer, line);
  for (unsigned i = 0; (port = app_scan_port(it->scan, i)); i++) {
    snprintf(line, sizeof line, "%5u  %-13s %s\n", port->port,
             app_scan_state_name(port->state),
             port->why ? port->why : "not answered yet");
    luaL_addstring(&buffer, line);
  }
  luaL_pushresult(&buffer);
}

/* Rows in the order of the ports, and each port's state by its number under
 * `states`. */
static int scan_report(lua_State *L)
{
  const ScriptScan *it = self(L);
  const AppScanPort *port;

  lua_newtable(L);
  lua_newtable(L);
  for (unsigned i = 0; (port = app_scan_port(it->scan, i)); i++) {
    push_row(L, port);
    lua_rawseti(L, -3, (lua_Integer)i + 1);
    lua_pushstring(L, app_scan_state_name(port->state));
    lua_rawseti(L, -2, port->port);
  }
  lua_setfield(L, -2, "states");
  lua_createtable(L, 0, 1);
  push_report_text(L, it);
  lua_pushcclosure(L, report_text, 1);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
  return 1;
}

static int wait_again(lua_State *L, int status, lua_KContext context)
{
  (void)status;
  (void)context;
  if (!app_scan_done(self(L)->scan))
    return task_block(L, &self(L)->waiting, SIM_TIME_NEVER, 0, wait_again);
  return scan_report(L);
}

static int scan_wait(lua_State *L)
{
  lua_settop(L, 1);
  return wait_again(L, LUA_OK, 0);
}

static int scan_text(lua_State *L)
{
  lua_pushfstring(L, "%s scan by %s", app_scan_kind_name(self(L)->kind),
                  self(L)->host->node->name);
  return 1;
}

const luaL_Reg scan_methods[] = {
  { "wait", scan_wait },
  { "done", scan_is_done },
  { "report", scan_report },
  { "__tostring", scan_text },
  { NULL, NULL },
};

void scan_open(lua_State *L)
{
  script_class(L, "scan", scan_methods);
}
