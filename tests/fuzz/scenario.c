/* Scenarios: any text as the source of one, run to its end or for a minute of
 * virtual time. Whatever it says is the script's error, with a message, or the
 * network's; never ours. */
#include "expect.h"
#include "fuzz.h"
#include "run.h"
#include "script.h"

/* About what a scenario does in a few milliseconds. */
#define WORK 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  RunOptions options = {
    .seed = 1, .stop = SIM_MINUTE, .work = WORK, .traced = true
  };
  Run *run = run_new("fuzz.lua", &options);
  GError *error = NULL;

  if (script_load_text(run, data, size, &error) && script_start(run, &error)) {
    for (unsigned i = 0; i < 600 && run->sim->fired < 20000; i++)
      if (sim_run(run->sim, run->sim->now + SIM_SECOND / 10) != SIM_END_TIME)
        break;
    script_finish(run);
    if (!script_failed(run->script, &error))
      expectations_check(run);
  }
  if (error)
    g_assert_cmpuint(strlen(error->message), >, 0);
  g_clear_error(&error);
  run_free(run);
  return 0;
}

static const char *const starts[] = {
  "local a, b = host 'a', host 'b'\nlocal w = link { a, b, delay = '1ms' }\n",
  "local a, b, c = host('a', { msl = '1s' }), router 'b', switch 's'\n",
  "",
};

static const char *const lines[] = {
  "title 'x'\n",
  "note 'x'\n",
  "a:run(function(os)\n local c = os.connect('b', 80)\n c:send 'x'\n"
  " c:close()\nend)\n",
  "b:run(function(os)\n local c = os.listen(80):accept()\n"
  " c:receive_all()\n c:close()\nend)\n",
  "w:drop { from = a, nth = 1 }\n",
  "w:delay { filter = 'tcp', by = '10ms' }\n",
  "w:duplicate { probability = 0.5 }\n",
  "w:loss(0.1)\n",
  "w:inject { from = a, tcp = 'R 1:1(0)' }\n",
  "a:inject('S 0:0(0) win 100', { to = b, port = 80 })\n",
  "at('10ms', function() b:set { nagle = false } end)\n",
  "after('1s', function() stop() end)\n",
  "a:on('state', function(s) error 'x' end)\n",
  "expect.states(a, 'SYN-SENT', 'CLOSED')\n",
  "expect.packet { from = a, flags = 'F.', times = 1 }\n",
  "expect.error(a, 'ECONNREFUSED')\n",
  "expect.that(function() return now() > 0, 'no' end)\n",
  "for k, v in pairs { 1, x = 2 } do note(k) end\n",
  "host { }\n",
  "link { a, b, rat = '1Mbit' }\n",
  "local t = setmetatable({}, { __index = function(t) return t.x end })\n",
  "string.rep('x', 1e9)\n",
  "while true do end\n",
  "pcall(error)\n",
  "a:bulk { to = b, port = 80, bytes = '10kB' }\n",
  "b:sink { port = 80 }\n",
};

size_t fuzz_example(SimRandom *random, uint8_t *ret)
{
  const char *start = starts[sim_random_below(random, G_N_ELEMENTS(starts))];
  size_t size = strlen(start);

  memcpy(ret, start, size);
  for (uint64_t i = sim_random_below(random, 5); i > 0; i--) {
    const char *line = lines[sim_random_below(random, G_N_ELEMENTS(lines))];

    if (size + strlen(line) > FUZZ_MOST)
      break;
    memcpy(ret + size, line, strlen(line));
    size += strlen(line);
  }
  return size;
}
