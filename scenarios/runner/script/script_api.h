/* The scenario API as a list: what C registers, for the test that holds
 * scenarios/linger.d.lua to it. */
#pragma once

#include "script.h"

/** ScriptFunctions: `prefix` is how they are written: "Host:", "os.", "". */
typedef struct ScriptFunctions {
  const char *prefix;
  const luaL_Reg *functions;
} ScriptFunctions;

/** ScriptKeys: a spec table, by its class in linger.d.lua. */
typedef struct ScriptKeys {
  const char *name;
  const SpecKey *keys; /* NULL: none but knobs */
  bool knobs;          /* the name of any knob is a key, too */
} ScriptKeys;

extern const ScriptFunctions script_functions[]; /* ends with NULL */
extern const ScriptKeys script_keys[];           /* ends with NULL */
