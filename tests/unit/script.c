/* A scenario can do no harm: each of these attacks ends in an error that says
 * so, or is harmless. The budget of work is what ends most of them, so that a
 * hole shows as a test that hangs. */
#include "script.h"

#include <lualib.h>
#include <string.h>

#include "run.h"

typedef struct Attack {
  const char *name;
  const char *source;
  const char *error; /* part of the message; NULL: it is harmless */
} Attack;

#define WORK "too much work"

static const Attack attacks[] = {
  { "loop", "while true do end", WORK },
  { "goto", "::again:: goto again", WORK },
  { "pcall-loop", "while true do pcall(function () while true do end end) end",
    WORK },
  { "pcall-nested", "local function f() pcall(f) while true do end end f()",
    WORK },
  { "xpcall-handler",
    "xpcall(function () while true do end end,"
    " function () while true do end end)",
    WORK },
  { "error-in-handler",
    "local function h() error('x') end"
    " while true do xpcall(error, h) end",
    WORK },
  { "coroutine-loop",
    "local co = coroutine.wrap(function () while true do end end) co()", WORK },
  { "coroutine-caught",
    "while true do pcall(coroutine.wrap(function ()"
    " while true do end end)) end",
    WORK },
  { "coroutine-many",
    "while true do coroutine.resume(coroutine.create(function () end)) end",
    WORK },
  { "coroutine-tree",
    "local function f() for _ = 1, 20 do coroutine.wrap(f)() end end"
    " while true do pcall(f) end",
    WORK },
  { "coroutine-close",
    "local co = coroutine.create(function ()"
    " local x <close> = setmetatable({}, { __close = function ()"
    " while true do end end }) coroutine.yield() end)"
    " coroutine.resume(co) coroutine.close(co)",
    WORK },
  { "close-after-hook",
    "coroutine.wrap(function () local x <close> = setmetatable({},"
    " { __close = function () while true do end end })"
    " while true do end end)()",
    WORK },
  { "close-in-pcall",
    "while true do pcall(function () local x <close> = setmetatable({},"
    " { __close = function () while true do end end })"
    " while true do end end) end",
    WORK },
  { "tostring-loop",
    "error(setmetatable({}, { __tostring = function ()"
    " while true do end end }))",
    "an error without a message" },
  { "pattern-backtracks",
    "string.find(('a'):rep(40), ('a?'):rep(40) .. ('a'):rep(40))", WORK },
  { "pattern-cubic", "string.find(('a'):rep(20000), '.-.-.-.-.-b')", WORK },
  { "pattern-caught",
    "while true do pcall(string.find, ('a'):rep(20000), '.-.-.-.-b') end",
    WORK },
  { "pattern-method", "local _ = ('a'):rep(20000):match('.*.*.*.*b')", WORK },
  { "pattern-gsub", "string.gsub(('a'):rep(20000), '.-.-.-.-b', '')", WORK },
  { "pattern-gmatch",
    "for _ in string.gmatch(('a'):rep(20000), '.-.-.-.-b') do end", WORK },
  { "pattern-balanced",
    "while true do string.find(('('):rep(20000), '%b()') end", WORK },
  { "pattern-deep", "string.find(('a'):rep(40), ('(a)'):rep(40))",
    "too many captures" },
  { "pattern-recursion", "string.find('a', ('a?'):rep(300))",
    "pattern too complex" },
  { "pattern-malformed", "string.find('a', '[a')", "malformed pattern" },
  { "rep-huge", "string.rep('x', 1 << 40)", "over 32 MiB" },
  { "rep-nothing", "string.rep('', 1 << 60)", NULL },
  { "rep-memory",
    "local s, t = ('x'):rep(1 << 20), {} for i = 1, 1000 do t[i] = s .. i end",
    "not enough memory" },
  { "rep-caught", "while true do pcall(string.rep, 'x', 1 << 25) end", WORK },
  { "memory-caught",
    "local t = {} while true do pcall(function ()"
    " while true do t[#t + 1] = ('x'):rep(1 << 20) .. #t end end) end",
    WORK },
  { "concat-doubles", "local s = 'x' while true do s = s .. s end",
    "not enough memory" },
  { "table-grows", "local t = {} while true do t[#t + 1] = {} end",
    "not enough memory" },
  { "expectations", "for _ = 1, 40000 do expect.packet {} end", WORK },
  { "notes", "for _ = 1, 40000 do note 'x' end", WORK },
  { "hosts", "for i = 1, 40000 do host('h' .. i) end", WORK },
  { "links",
    "local s = switch 's' for i = 1, 40000 do"
    " link { s, host('h' .. i) } end",
    WORK },
  { "faults",
    "local wire = link { host 'a', host 'b' }"
    " for _ = 1, 40000 do wire:drop {} end",
    WORK },
  { "filters",
    "local wire = link { host 'a', host 'b' } for i = 1, 40000 do"
    " wire:drop { filter = 'ip[4:4] = ' .. i } end",
    WORK },
  { "partitions",
    "local a, b = host 'a', host 'b' link { a, b }"
    " for _ = 1, 40000 do partition { { a }, { b } } end",
    WORK },
  { "raw-sends",
    "local a, b = host 'a', host 'b'"
    " link { a, b, rate = 0, delay = 0 } a:run(function (os)"
    " local r = os.raw(b, 80) for i = 1, 40000 do r:send 'S 0:0(0)'"
    " if i % 100 == 0 then os.sleep(1) end end end)",
    WORK },
  { "raw-sends-unrecorded",
    "record 'none' local a, b = host 'a', host 'b'"
    " link { a, b, queue = 1000000 } a:run(function (os)"
    " local r = os.raw(b, 80) for _ = 1, 40000 do r:send 'S 0:0(0)' end end)",
    WORK },
  { "raw-sends-freed",
    "record 'none' local a, b = host 'a', host 'b'"
    " link { a, b, rate = 0, delay = 0 } a:run(function (os)"
    " local r = os.raw(b, 80) for i = 1, 40000 do r:send 'S 0:0(0)'"
    " if i % 100 == 0 then os.sleep(1) end end end)",
    NULL },
  { "injects",
    "local a, b = host 'a', host 'b' link { a, b } at(1, function ()"
    " for _ = 1, 40000 do a:inject { flags = 'S', to = b, port = 80 } end end)",
    WORK },
  { "ports",
    "local a, b = host 'a', host 'b' link { a, b } a:run(function (os)"
    " for _ = 1, 40000 do os.raw(b, 80) end end)",
    WORK },
  { "listens",
    "local a = host 'a' a:run(function (os)"
    " for _ = 1, 40000 do os.listen(80) end end)",
    WORK },
  { "stack", "local function f() return 1 + f() end f()", "stack overflow" },
  { "stack-caught",
    "local function f() pcall(f) f() end while true do pcall(f) end", WORK },
  { "c-stack",
    "local t = setmetatable({}, {}) getmetatable(t).__index ="
    " function (_, k) return t[k .. 'x'] end local _ = t.x",
    "overflow" },
  { "parser-depth", NULL, "C stack overflow" },
  { "table-move", "table.move({}, 1, math.maxinteger - 1, 2)", WORK },
  { "table-move-far", "table.move({}, math.mininteger, -1, 1)", "" },
  { "table-concat",
    "table.concat(setmetatable({}, { __index = function ()"
    " return '' end }), '', 1, 1 << 60)",
    WORK },
  { "table-unpack", "table.unpack({}, 1, 1 << 60)", WORK },
  { "table-len",
    "table.insert(setmetatable({}, { __len = function ()"
    " return 1 << 60 end }), 1, 2)",
    "__len" },
  { "table-sort",
    "local t = {} for i = 1, 1000 do t[i] = i end"
    " table.sort(t, function () return true end)",
    "invalid order function" },
  { "finaliser", "setmetatable({}, { __gc = function () end })", "__gc" },
  { "weak", "setmetatable({}, { __mode = 'k' })", "__mode" },
  { "load", "load('return 1')", "load is not available" },
  { "loadstring", "loadstring('return 1')", "load is not available" },
  { "dofile", "dofile('/etc/passwd')", "one file" },
  { "require", "require 'io'", "one file" },
  { "io", "io.open('/etc/passwd')", "cannot use files" },
  { "os", "os.execute('true')", "host:run" },
  { "debug", "debug.sethook()", "not available" },
  { "package", "package.loadlib('x', 'y')", "not available" },
  { "dump", "string.dump(function () end)", "nil value" },
  { "warn", "warn 'x'", "no variable or function" },
  { "bytecode", "\033Lua", "attempt to load a binary chunk" },
  { "address", "string.format('%p', {})", "%p" },
  { "string-metatable", "getmetatable('').__index = nil",
    "attempt to index a" },
  { "string-metatable-text", "assert(getmetatable('') == 'string')", NULL },
  { "globals-metatable", "setmetatable(_G, nil)", "protected metatable" },
  { "object-metatable", "assert(getmetatable(host 'a') == 'host')", NULL },
  { "wrong-self", "local h = host 'a' h.run(1, function () end)", "colon" },
  { "wrong-object", "local h = host 'a' h.set(switch 'b', {})", "colon" },
  { "os-replaced",
    "local a, b = host 'a', host 'b' link { a, b }"
    " a:run(function (os) os.listen = nil os.listen(80) end)",
    "os takes no assignment" },
  { "yield", "coroutine.yield()", "outside of a coroutine" },
  { "yield-in-app",
    "local a = host 'a' a:run(function () coroutine.yield() end)",
    "outside of a coroutine" },
  { "wait-in-chunk",
    "local a, b = host 'a', host 'b' link { a, b }"
    " a:run(function (o) os_of_a = o end)"
    " b:run(function () coroutine.wrap(function () os_of_a.sleep(1) end)()"
    " end)",
    "coroutine of the scenario's own" },
  { "wait-in-pcall",
    "local a = host 'a' a:run(function (os)"
    " assert(pcall(function () os.sleep(1) end))"
    " assert(xpcall(function () os.sleep(1) end, print))"
    " assert(os.now() == 2) end)",
    NULL },
  { "error-nil", "error(nil)", "called with nil; it needs a text" },
  { "error-table", "error({})", "called with table: 1; it needs a text" },
  { "error-object", "error(host 'a')", "called with a; it needs a text" },
  { "app-loop",
    "local a = host 'a' a:run(function (os) while true do"
    " pcall(os.sleep, 0) end end)",
    WORK },
  { "spawn-loop",
    "local a = host 'a' a:run(function (os) local function f()"
    " os.spawn(f) end f() end)",
    WORK },
  { "hook-loop", "at(1, function () while true do end end)", WORK },
  { "param-key", "param({}, {})", "must be a string" },
  { "huge-name", "host(('x'):rep(1 << 20))", "1 to 32 bytes" },
  { "huge-number", "at(1e300, function () end)", "too large" },
  { "not-a-number", "at(0/0, function () end)", "not a number" },
  { "negative", "at(-1, function () end)", "negative" },
};

static Run *run_of(const char *source, size_t size, GError **error)
{
  RunOptions options = {
    .seed = 1, .stop = SIM_TIME_NEVER, .traced = true, .work = 40000000
  };
  Run *run = run_new("x.lua", &options);

  if (script_load_text(run, source, size, error) && script_start(run, error)) {
    sim_run(run->sim, run->options.stop);
    script_failed(run->script, error);
    script_finish(run);
  }
  return run;
}

static void test_attack(gconstpointer data)
{
  const Attack *attack = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *deep = NULL;
  const char *source = attack->source;
  Run *run;

  if (!source) {
    deep = g_malloc(100001);
    memset(deep, '(', 100000);
    deep[100000] = '\0';
    memcpy(deep, "x =", 3);
    source = deep;
  }
  run = run_of(source, strlen(source), &error);
  run_free(run);
  if (!attack->error) {
    g_assert_no_error(error);
    return;
  }
  if (!error && !*attack->error)
    return;
  g_assert_error(error, SCRIPT_ERROR, 0);
  g_assert_true(g_str_has_prefix(error->message, "x.lua:"));
  if (!strstr(error->message, attack->error))
    g_error("%s", error->message);
}

/* -- what is the same in every run -- */

static char *text_of(const char *body)
{
  g_autofree char *source = g_strdup_printf(
      "local out = {} local function put(...) for i = 1, select('#', ...)"
      " do out[#out + 1] = tostring((select(i, ...))) end end %s "
      "error(table.concat(out, ' '), 0)",
      body);
  g_autoptr(GError) error = NULL;

  run_free(run_of(source, strlen(source), &error));
  g_assert_error(error, SCRIPT_ERROR, 0);
  g_assert_true(g_str_has_prefix(error->message, "x.lua:1: "));
  return g_strdup(error->message + strlen("x.lua:1: "));
}

static void pairs_is_ordered(void)
{
  g_autofree char *text = text_of(
      "local h, i = host 'h', host 'i'"
      " local t = { b = 1, [true] = 1, a = 1, [2.5] = 1, 1, 1, 1, [-3] = 1,"
      " [i] = 1, [h] = 1, [false] = 1, ab = 1 }"
      " for k in pairs(t) do put(k) end"
      " local k = next(t) while k ~= nil do put(k) k = next(t, k) end");

  g_assert_cmpstr(text, ==,
                  "-3 1 2 2.5 3 a ab b false true h i "
                  "-3 1 2 2.5 3 a ab b false true h i");
}

static void pairs_lets_entries_go(void)
{
  g_autofree char *text =
      text_of("local t = { a = 1, b = 2, c = 3 }"
              " for k in pairs(t) do put(k) t.b = nil t.d = 1 t[k] = nil end");

  g_assert_cmpstr(text, ==, "a c");
}

static void pairs_refuses_what_has_no_order(void)
{
  g_autofree char *text = text_of("put(pcall(pairs, { [{}] = 1, [{}] = 2 }))"
                                  " put(pcall(pairs, { [{}] = 1 }) )");

  g_assert_true(g_str_has_prefix(text, "false x.lua:1: pairs has no order"));
  g_assert_true(strstr(text, " true function: "));
}

static void objects_are_numbered(void)
{
  g_autofree char *text = text_of(
      "local t, f = {}, function () end put(t, f, t, string.format('%s', t))"
      " put(setmetatable({}, { __name = 'thing' }))");

  g_assert_cmpstr(text, ==, "table: 1 function: 2 table: 1 table: 1 thing: 3");
}

static void dice_are_the_runs(void)
{
  const char *body = "put(math.random(1, 1000000), math.random(1, 1000000))"
                     " math.randomseed(7) put(math.random(100))"
                     " math.randomseed(7) put(math.random(100))";
  g_autofree char *first = text_of(body), *second = text_of(body);
  g_auto(GStrv) words = g_strsplit(first, " ", -1);

  g_assert_cmpstr(first, ==, second);
  g_assert_cmpstr(words[0], !=, words[1]);
  g_assert_cmpstr(words[2], ==, words[3]);
}

/* Lua's own functions, on a state of their own, are the model. */
static const char *const pattern_calls[] = {
  "('hello world'):find('o w')",
  "('hello'):find('l+')",
  "('hello'):find('xyz')",
  "('hello'):find('')",
  "('hello'):find('', 10)",
  "('hello'):find('l', -2)",
  "('a.b'):find('.', 2, true)",
  "('key = value'):match('^(%w+)%s*=%s*(%w+)$')",
  "('  trim  '):match('^%s*(.-)%s*$')",
  "('f(a(b)c)d'):match('%b()')",
  "('f(a(b)c'):match('%b()')",
  "('aa'):match('%bab')",
  "('THE (quick) fox'):find('%f[%a]%a+%f[%A]')",
  "('abcabc'):match('(abc)%1')",
  "('hello'):match('()ll()')",
  "('x=1, y=2'):gsub('(%w+)=(%w+)', '%2=%1')",
  "('hello'):gsub('', '-')",
  "('hello'):gsub('l', { l = 'L' })",
  "('hello'):gsub('l', function () return false end)",
  "('hello world'):gsub('o', '0', 1)",
  "('abc'):gsub('%w', '%0%0')",
  "('hello'):gsub('^h', 'H')",
  "('[]]'):match('[]]')",
  "('a-z'):match('[a%-z]+')",
  "('a^b'):match('[%^b^]+')",
  "('0x1F'):match('%x+', 3)",
  "('aXb'):match('%u')",
  "#('\\0a'):match('%z?a')",
  "('abc'):match('a?b?c?d?$')",
  "('aaa'):match('a-$')",
  "('abc'):match('[^a-b]')",
  "('hello'):gsub('(h)(e)', '%2%1')",
  "('abc'):match('.-b')",
  "('x'):rep(3, ',')",
  "('x'):rep(0)",
  "('x'):rep(-1)",
  "('%d'):format(3)",
  "('%5.2f|%s|%q'):format(1.5, 'x', 'y')",
  "('a,b,,c'):gsub(',', ';')",
  "('abc'):find('b', 1, true)",
  "('abc'):find('()')",
  "pcall(string.find, 'a', '%')",
  "pcall(string.gsub, 'a', 'a', '%2')",
  "pcall(string.match, 'a', '(a')",
  "('a\\nb'):match('a%cb')",
  "(function () local t = {} for a, b in ('k=v, x=y'):gmatch('(%w)=(%w)')"
  " do t[#t+1] = a .. b end return table.concat(t, ' ') end)()",
  "(function () local t = {} for a in ('abc'):gmatch('x*') do"
  " t[#t+1] = '<' .. a .. '>' end return table.concat(t) end)()",
  "(function () local t = {} for a in ('abc'):gmatch('%w', -2) do"
  " t[#t+1] = a end return table.concat(t) end)()",
};

static void patterns_are_lua_patterns(void)
{
  lua_State *model = luaL_newstate();

  luaL_requiref(model, "_G", luaopen_base, 1);
  luaL_requiref(model, "string", luaopen_string, 1);
  luaL_requiref(model, "table", luaopen_table, 1);
  for (unsigned i = 0; i < G_N_ELEMENTS(pattern_calls); i++) {
    g_autofree char *body =
        g_strdup_printf("local r = table.pack(%s) for i = 1, r.n do put(r[i])"
                        " end",
                        pattern_calls[i]);
    g_autofree char *text = text_of(body);
    g_autofree char *source = g_strdup_printf(
        "local r = table.pack(%s) for i = 1, r.n do r[i] = tostring(r[i]) end"
        " return table.concat(r, ' ')",
        pattern_calls[i]);

    if (luaL_dostring(model, source))
      g_error("%s: %s", pattern_calls[i], lua_tostring(model, -1));
    g_assert_cmpstr(text, ==, lua_tostring(model, -1));
    lua_settop(model, 0);
  }
  lua_close(model);
}

/* -- errors say where and what to write -- */

static void errors_help(void)
{
  static const struct {
    const char *source, *message;
  } table[] = {
    { "local a = hots 'a'",
      "x.lua:1: there is no \"hots\"; did you mean \"host\"?" },
    { "local a, b = host 'a', host 'b'\nlink { a, b, dealy = 1 }",
      "x.lua:2: link has no key \"dealy\"; did you mean \"delay\"?" },
    { "host('a', { keepalive_idel = 1 })",
      "x.lua:1: host has no key \"keepalive_idel\"; did you mean "
      "\"keepalive_idle\"?" },
    { "host('a', { profile = 'rfc929' })",
      "x.lua:1: host has no profile \"rfc929\"; did you mean \"rfc9293\"?" },
    { "local a = host 'a'\na:rum(print)",
      "x.lua:2: a host has no member \"rum\"; did you mean \"run\"?" },
    { "local a = host 'a'\nexpect.sates(a, 'CLOSED')",
      "x.lua:2: expect has no member \"sates\"; did you mean \"states\"?" },
    { "expect.states('sever', 'CLOSED') host 'server'",
      "x.lua:1: expect.states: there is no host \"sever\"" },
    { "host 'server' expect.states('sever', 'CLOSED')",
      "x.lua:1: expect.states: there is no host \"sever\"; did you mean "
      "\"server\"?" },
    { "host 'a' expect.states('a', 'FIN-WAIT-3')",
      "x.lua:1: TCP has no state \"FIN-WAIT-3\"; did you mean "
      "\"FIN-WAIT-1\"?" },
    { "host 'a' expect.error('a', 'ECONREFUSED')",
      "x.lua:1: TCP has no error \"ECONREFUSED\"; did you mean "
      "\"ECONNREFUSED\"?" },
    { "local a, b = host 'a', host 'b'\n\nlink { a, b }:drop {"
      " filter = 'tcpp' }",
      "x.lua:3: drop: filter: libpcap refuses \"tcpp\":" },
    { "local a, b, c = host 'a', host 'b', host 'c'"
      " link { a, b }:drop { from = c }",
      "x.lua:1: drop: c is not an end of the link a-b, whose ends are a and "
      "b" },
    { "local a, b = host 'a', host 'b' link { a, b, delay = '20xs' }",
      "x.lua:1: link: delay: \"20xs\" is not a time" },
    { "link { host 'a' }", "x.lua:1: a link joins two nodes" },
    { "host 'a' host 'a'", "x.lua:1: host: there is already a \"a\"" },
    { "local a, b = host 'a', host 'b' link { a, b }\n"
      "a:run(function (os) os.connect('bb', 80) end)",
      "x.lua:2: os.connect: there is no host \"bb\"; did you mean \"b\"? (at "
      "0 s, in an app of a)" },
    { "local a, b = host 'a', host 'b' link { a, b }\n"
      "at('1.5s', function () error 'mine' end)",
      "x.lua:2: mine (at 1.5 s, in a function of at)" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
    g_autoptr(GError) error = NULL;

    run_free(run_of(table[i].source, strlen(table[i].source), &error));
    g_assert_error(error, SCRIPT_ERROR, 0);
    if (!g_str_has_prefix(error->message, table[i].message))
      g_assert_cmpstr(error->message, ==, table[i].message);
  }
}

static void trust_lifts_the_limits(void)
{
  RunOptions options = { .seed = 1, .stop = SIM_TIME_NEVER, .trusted = true };
  const char *source = "assert(load('return 1')() == 1 and io.open and"
                       " os.getenv and debug and require)"
                       " setmetatable({}, { __gc = function () end })";
  g_autoptr(GError) error = NULL;
  Run *run = run_new("x.lua", &options);

  script_load_text(run, source, strlen(source), &error);
  g_assert_no_error(error);
  run_free(run);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS(attacks); i++) {
    g_autofree char *path =
        g_strconcat("/script/attack/", attacks[i].name, NULL);

    g_test_add_data_func(path, &attacks[i], test_attack);
  }
  g_test_add_func("/script/pairs/ordered", pairs_is_ordered);
  g_test_add_func("/script/pairs/entries-go", pairs_lets_entries_go);
  g_test_add_func("/script/pairs/no-order", pairs_refuses_what_has_no_order);
  g_test_add_func("/script/tostring", objects_are_numbered);
  g_test_add_func("/script/random", dice_are_the_runs);
  g_test_add_func("/script/patterns", patterns_are_lua_patterns);
  g_test_add_func("/script/errors", errors_help);
  g_test_add_func("/script/trust", trust_lifts_the_limits);
  return g_test_run();
}
