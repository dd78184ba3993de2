/* A scenario can do no harm: each of these attacks ends in an error that says
 * so, or is harmless. The budget of work is what ends most of them, so that a
 * hole shows as a test that hangs. */
#include "script.h"

#include <lualib.h>
#include <string.h>

#include "run.h"
#include "script_attacks.h"

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
