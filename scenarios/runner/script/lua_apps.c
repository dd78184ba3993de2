/* Programs of models/app in one line of a scenario: host:bulk{...} and its
 * siblings. Each returns an object whose counters can be asked at any time,
 * during the run and by its expectations. */
#include "app.h"
#include "script.h"

#define MOST_BYTES (INT64_C(1) << 30) /* of a request or a response */

/* What any of them can be told. */
typedef struct ProgramSpec {
  AppTarget to;
  AppService service;
  SimTime at, think, interval, hold;
  int64_t port, ports, bytes, request, response, times, answers;
  int64_t connections, parallel;
  bool server_closes, at_once;
} ProgramSpec;

typedef struct ScriptProgram {
  ScriptNode *host;
  App *app;
} ScriptProgram;

/* An address in text, or a host, whose address need not be known yet. */
static void read_target(lua_State *L, int index, const char *what, void *ret)
{
  AppTarget *to = ret;

  if (lua_type(L, index) != LUA_TSTRING ||
      !net_address_parse(lua_tostring(L, index), &to->address))
    to->host = world_host(L, index, what)->host;
}

#define FIELD(name) .offset = offsetof(ProgramSpec, name)
#define COUNT(key, least, most)                                                \
  {                                                                            \
    .name = #key, .kind = SPEC_INTEGER, .low = least, .high = most, FIELD(key) \
  }
#define BYTES(key, least)                                              \
  {                                                                    \
    .name = #key, .kind = SPEC_SIZE, .low = least, .high = MOST_BYTES, \
    FIELD(key)                                                         \
  }
#define BOOL(key)                               \
  {                                             \
    .name = #key, .kind = SPEC_BOOL, FIELD(key) \
  }
#define TIME(key)                               \
  {                                             \
    .name = #key, .kind = SPEC_TIME, FIELD(key) \
  }
#define PLACE TIME(at), COUNT(port, 1, 65535), COUNT(ports, 1, 65535)
#define TARGET                                                                \
  PLACE,                                                                      \
  {                                                                           \
    .name = "to", .kind = SPEC_CUSTOM, .required = true, .read = read_target, \
    .example = "a host", FIELD(to)                                            \
  }
#define SERVICE                                                          \
  PLACE, BOOL(at_once),                                                  \
  {                                                                      \
    .name = "close_after", .kind = SPEC_TIME, FIELD(service.close_after) \
  }
#define DIALOGUE                                                             \
  TARGET, BYTES(request, 0), BYTES(response, 0), COUNT(times, 0, INT32_MAX), \
      TIME(think), BOOL(server_closes), BOOL(at_once)

const SpecKey bulk_keys[] = {
  TARGET,
  { .name = "bytes", .kind = SPEC_SIZE, .required = true, FIELD(bytes) },
  { .name = NULL },
};
const SpecKey sink_keys[] = { SERVICE, { .name = NULL } };
const SpecKey request_keys[] = { DIALOGUE, { .name = NULL } };
const SpecKey respond_keys[] = {
  SERVICE,
  BYTES(request, 1),
  BYTES(response, 0),
  /* how many requests a connection may make; not how many are made */
  { .name = "times", .kind = SPEC_INTEGER, .high = INT32_MAX, FIELD(answers) },
  { .name = NULL },
};
const SpecKey churn_keys[] = {
  DIALOGUE,
  COUNT(connections, 0, INT64_MAX),
  COUNT(parallel, 1, INT32_MAX),
  { .name = NULL },
};
const SpecKey held_keys[] = {
  TARGET,           COUNT(connections, 0, INT64_MAX),
  TIME(hold),       TIME(interval),
  { .name = NULL },
};

static ScriptNode *read_program(lua_State *L, const char *what,
                                const SpecKey *keys, ProgramSpec *spec)
{
  ScriptNode *host = *(ScriptNode **)script_self(L, "host");

  *spec = (ProgramSpec){ .port = 80, .ports = 1, .times = 1, .parallel = 1 };
  if (!lua_istable(L, 2))
    spec_error(L, "%s needs a table: %s:%s { ... }", what, host->node->name,
               what);
  spec_read(L, 2, what, keys, spec);
  if (spec->port + spec->ports > 65536)
    spec_error(L, "%s: there are no ports above 65535", what);
  spec->to.port = spec->service.port = (uint16_t)spec->port;
  spec->to.ports = spec->service.ports = (uint16_t)spec->ports;
  spec->service.at_once = spec->at_once;
  return host;
}

static int push_program(lua_State *L, ScriptNode *host, App *app)
{
  ScriptProgram *program = script_object(L, "program", sizeof *program);

  *program = (ScriptProgram){ host, app };
  return 1;
}

/* A server that could not listen at once is the scenario's mistake. */
static int push_server(lua_State *L, ScriptNode *host, App *app)
{
  const AppCounters *counters = app_counters(app);

  for (unsigned i = 0; i < APP_ERRORS; i++)
    if (counters->errors[i] > 0)
      return spec_error(L, "%s of %s: %s (%s)", app_name(app), host->node->name,
                        tcp_error_text((TcpError)i),
                        tcp_error_name((TcpError)i));
  return push_program(L, host, app);
}

int program_bulk(lua_State *L)
{
  ProgramSpec spec;
  ScriptNode *host = read_program(L, "bulk", bulk_keys, &spec);
  AppBulkSpec bulk = { .at = spec.at,
                       .to = spec.to,
                       .bytes = (uint64_t)spec.bytes };

  return push_program(L, host, app_bulk_new(host->stack, &bulk));
}

int program_sink(lua_State *L)
{
  ProgramSpec spec;
  ScriptNode *host = read_program(L, "sink", sink_keys, &spec);
  AppSinkSpec sink = { .at = spec.at, .service = spec.service };

  return push_server(L, host, app_sink_new(host->stack, &sink));
}

static AppRequestSpec request_of(const ProgramSpec *spec)
{
  return (AppRequestSpec){
    .at = spec->at,
    .to = spec->to,
    .request = (uint32_t)spec->request,
    .response = (uint32_t)spec->response,
    .times = (uint32_t)spec->times,
    .think = spec->think,
    .server_closes = spec->server_closes,
    .at_once = spec->at_once,
  };
}

int program_request(lua_State *L)
{
  ProgramSpec spec;
  ScriptNode *host = read_program(L, "request", request_keys, &spec);
  AppRequestSpec request = request_of(&spec);

  return push_program(L, host, app_request_new(host->stack, &request));
}

int program_respond(lua_State *L)
{
  ProgramSpec spec;
  ScriptNode *host = read_program(L, "respond", respond_keys, &spec);
  AppRespondSpec respond = { .at = spec.at,
                             .service = spec.service,
                             .request = (uint32_t)spec.request,
                             .response = (uint32_t)spec.response,
                             .times = (uint32_t)spec.answers };

  return push_server(L, host, app_respond_new(host->stack, &respond));
}

int program_churn(lua_State *L)
{
  ProgramSpec spec;
  ScriptNode *host = read_program(L, "churn", churn_keys, &spec);
  AppChurnSpec churn = { .each = request_of(&spec),
                         .connections = (uint64_t)spec.connections,
                         .parallel = (uint32_t)spec.parallel };

  return push_program(L, host, app_churn_new(host->stack, &churn));
}

int program_held(lua_State *L)
{
  ProgramSpec spec;
  ScriptNode *host = read_program(L, "held", held_keys, &spec);
  AppHeldSpec held = { .at = spec.at,
                       .to = spec.to,
                       .connections = (uint64_t)spec.connections,
                       .interval = spec.interval,
                       .hold = spec.hold };

  return push_program(L, host, app_held_new(host->stack, &held));
}

/* -- asking -- */

static const ScriptProgram *self(lua_State *L)
{
  return script_self(L, "program");
}

static const AppCounters *counters(lua_State *L)
{
  return app_counters(self(L)->app);
}

static int push_count(lua_State *L, uint64_t count)
{
  lua_pushinteger(L, (lua_Integer)count);
  return 1;
}

static int program_bytes(lua_State *L)
{
  return push_count(L, counters(L)->sent + counters(L)->received);
}

static int program_sent(lua_State *L)
{
  return push_count(L, counters(L)->sent);
}

static int program_received(lua_State *L)
{
  return push_count(L, counters(L)->received);
}

static int program_connections(lua_State *L)
{
  return push_count(L, counters(L)->completed);
}

static int program_failed(lua_State *L)
{
  return push_count(L, counters(L)->failed);
}

static int program_opened(lua_State *L)
{
  return push_count(L, counters(L)->opened);
}

static int program_open(lua_State *L)
{
  return push_count(L, counters(L)->open);
}

static int program_most_open(lua_State *L)
{
  return push_count(L, counters(L)->most_open);
}

static int program_exchanges(lua_State *L)
{
  return push_count(L, counters(L)->exchanges);
}

/* { ECONNREFUSED = 2, ... }; what the peer ended early stands under "early". */
static int program_errors(lua_State *L)
{
  const AppCounters *all = counters(L);

  lua_newtable(L);
  for (unsigned i = 0; i < APP_ERRORS; i++) {
    if (all->errors[i] == 0)
      continue;
    push_count(L, all->errors[i]);
    lua_setfield(L, -2, i == TCP_OK ? "early" : tcp_error_name((TcpError)i));
  }
  return 1;
}

static int push_moment(lua_State *L, SimTime time)
{
  if (time == SIM_TIME_NEVER)
    lua_pushnil(L);
  else
    script_push_time(L, time);
  return 1;
}

static int program_first(lua_State *L)
{
  return push_moment(L, counters(L)->first);
}

static int program_last(lua_State *L)
{
  return push_moment(L, counters(L)->last);
}

static int program_done(lua_State *L)
{
  lua_pushboolean(L, app_done(self(L)->app));
  return 1;
}

static int program_text(lua_State *L)
{
  const ScriptProgram *program = self(L);

  lua_pushfstring(L, "%s of %s", app_name(program->app),
                  program->host->node->name);
  return 1;
}

const luaL_Reg program_methods[] = {
  { "bytes", program_bytes },
  { "sent", program_sent },
  { "received", program_received },
  { "connections", program_connections },
  { "failed", program_failed },
  { "opened", program_opened },
  { "open", program_open },
  { "most_open", program_most_open },
  { "exchanges", program_exchanges },
  { "errors", program_errors },
  { "first", program_first },
  { "last", program_last },
  { "done", program_done },
  { "__tostring", program_text },
  { NULL, NULL },
};

void programs_open(lua_State *L)
{
  script_class(L, "program", program_methods);
}
