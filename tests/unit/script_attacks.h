/* Scenarios that try to do harm, and what each is told. */
#pragma once

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
