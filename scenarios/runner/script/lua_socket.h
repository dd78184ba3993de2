/* What lua_socket.c (how connections come to be) and lua_conn.c (what is done
 * with them) share. */
#pragma once

#include "info.h"
#include "script.h"

/** socket_direction: the argument of shutdown. */
TcpShutdown socket_direction(lua_State *L);

/** socket_answer: nil, the error's name, its sentence; kept for expect.error.
 * `call` is static. */
int socket_answer(lua_State *L, ScriptNode *host, TcpError error,
                  const char *call);

/** socket_release: the scenario has closed `conn`: TCP goes on alone, and
 * whoever waits on it is woken. */
void socket_release(lua_State *L, ScriptConn *conn);

/** socket_lose_all: the connections and listeners of `host`, which has crashed,
 * are no more; who waits on them is woken. */
void socket_lose_all(lua_State *L, const ScriptNode *host);

extern const luaL_Reg connection_methods[];

/** socket_state_of: CLOSED once nobody knows it any more. */
TcpState socket_state_of(const ScriptConn *conn);

int conn_wait_state(lua_State *L); /* lua_conn_wait.c */

/* lua_option.c */
int option_set(lua_State *L);
int option_get(lua_State *L);
int option_status(lua_State *L);
int option_set_listener(lua_State *L, ScriptNode *host, TcpListener *tcp);
int option_get_listener(lua_State *L, ScriptNode *host, TcpListener *tcp);
/** option_push_info: a table by the kernel's names: tcpi_rto ... */
void option_push_info(lua_State *L, const TcpInfo *info);
