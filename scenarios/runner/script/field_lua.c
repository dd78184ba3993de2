/* Header fields in Lua: names and values read, a packet's fields pushed. */
#include <string.h>

#include "field_private.h"
#include "host.h"

#define MOST_NAMES 100

static Field field_at(unsigned first)
{
  Field field = { first, 1 };

  while (field.first + field.count < field_place_count &&
         g_str_equal(field_places[first].name,
                     field_places[field.first + field.count].name))
    field.count++;
  return field;
}

static bool find_name(const char *name, Field *ret)
{
  for (unsigned i = 0; i < field_place_count; i += ret->count) {
    *ret = field_at(i);
    if (g_str_equal(field_places[i].name, name))
      return true;
  }
  return false;
}

static int unknown_name(lua_State *L, const char *what, const char *name)
{
  const char *candidates[MOST_NAMES + 1];
  unsigned count = 0;

  for (unsigned i = 0; i < field_place_count && count < MOST_NAMES; i++)
    candidates[count++] = field_places[i].name;
  candidates[count] = NULL;
  return spec_unknown(L, what, "header field", name, candidates);
}

void field_read(lua_State *L, int index, const char *what, void *ret)
{
  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L,
               "%s must be the name of a header field such as \"tcp.win\", "
               "not %s",
               what, spec_kind(L, index));
  if (!find_name(lua_tostring(L, index), ret))
    unknown_name(L, what, lua_tostring(L, index));
}

static void read_mac(lua_State *L, const char *what, FieldValue *value)
{
  const char *text = lua_tostring(L, -1);
  unsigned at = 0;

  for (;
       text && at < 6 && g_ascii_isxdigit(text[0]) && g_ascii_isxdigit(text[1]);
       at++) {
    value->mac.bytes[at] = (uint8_t)(g_ascii_xdigit_value(text[0]) << 4 |
                                     g_ascii_xdigit_value(text[1]));
    text += 2;
    if (at < 5 && *text++ != ':')
      break;
  }
  if (at != 6 || *text)
    spec_error(L,
               "%s must be an Ethernet address such as "
               "\"02:00:00:01:00:00\"",
               what);
}

static void read_address(lua_State *L, const char *what, FieldValue *value)
{
  if (lua_type(L, -1) != LUA_TSTRING ||
      !net_address_parse(lua_tostring(L, -1), &value->address))
    value->node = world_host(L, lua_gettop(L), what);
}

/* A sign makes a difference of it, which wraps in the field. */
static bool read_difference(lua_State *L, FieldValue *value)
{
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  char *end;

  if ((*text != '+' && *text != '-') || !g_ascii_isdigit(text[1]))
    return false;
  value->number = (uint64_t)g_ascii_strtoll(text, &end, 10);
  value->relative = *end == '\0';
  return value->relative;
}

static void read_number(lua_State *L, const char *what, Field field,
                        FieldValue *value)
{
  uint16_t bits = 0;

  for (unsigned i = 0; i < field.count; i++)
    bits = MAX(bits, field_places[field.first + i].bits);
  if (g_str_has_suffix(field_places[field.first].name, ".checksum") &&
      lua_type(L, -1) == LUA_TSTRING &&
      g_str_equal(lua_tostring(L, -1), "bad")) {
    value->relative = true;
    value->number = 0x5555;
  } else if (value->kind == FIELD_FLAGS && lua_type(L, -1) == LUA_TSTRING) {
    FlagsSpec flags;

    world_read_flags(L, lua_gettop(L), what, &flags);
    value->number = flags.flags;
  } else if (lua_isboolean(L, -1) && bits == 1) {
    value->number = (uint64_t)lua_toboolean(L, -1);
  } else if (!read_difference(L, value)) {
    value->number = (uint64_t)spec_integer(L, lua_gettop(L), what, 0,
                                           (INT64_C(1) << bits) - 1);
  }
}

static FieldValue read_value(lua_State *L, const char *what, Field field)
{
  FieldValue value = { .kind = field_places[field.first].kind };
  char name[96];

  g_snprintf(name, sizeof name, "%s[\"%s\"]", what,
             field_places[field.first].name);
  if (value.kind == FIELD_MAC)
    read_mac(L, name, &value);
  else if (value.kind == FIELD_ADDRESS)
    read_address(L, name, &value);
  else
    read_number(L, name, field, &value);
  return value;
}

/* Raises for the least of the keys that are no names of fields. */
static void check_names(lua_State *L, int index, const char *what)
{
  const char *least = NULL;
  Field field;

  for (lua_pushnil(L); lua_next(L, index);) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING)
      spec_error(L,
                 "%s has names of header fields such as [\"tcp.win\"] = 0, "
                 "not %s",
                 what, spec_kind(L, -1));
    if (!find_name(lua_tostring(L, -1), &field) &&
        (!least || strcmp(lua_tostring(L, -1), least) < 0))
      least = lua_tostring(L, -1);
  }
  if (least)
    unknown_name(L, what, least);
}

void field_read_set(lua_State *L, int index, const char *what, void *ret)
{
  FieldSet *set = ret;
  Field field;

  if (!lua_istable(L, index))
    spec_error(L, "%s must be a table such as { [\"tcp.win\"] = 0 }, not %s",
               what, spec_kind(L, index));
  index = lua_absindex(L, index);
  check_names(L, index, what);
  for (unsigned i = 0; i < field_place_count; i += field.count) {
    field = field_at(i);
    lua_pushstring(L, field_places[i].name);
    if (lua_rawget(L, index) != LUA_TNIL) {
      set->list[set->count].value = read_value(L, what, field);
      set->list[set->count++].field = field;
    }
    lua_pop(L, 1);
  }
  if (set->count == 0)
    spec_error(L, "%s is empty: it needs fields such as [\"tcp.win\"] = 0",
               what);
}

static void push_value(lua_State *L, const NetPacket *packet,
                       const FieldPlace *place, FieldBits bits)
{
  const uint8_t *at = packet->head + bits.first / 8;
  char text[NET_ADDRESS_TEXT];

  if (place->kind == FIELD_MAC) {
    g_snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", at[0], at[1],
               at[2], at[3], at[4], at[5]);
    lua_pushstring(L, text);
  } else if (place->kind == FIELD_ADDRESS) {
    lua_pushstring(L, net_address_format(bits.count == 32
                                             ? net_address_ipv4(net_get32(at))
                                             : net_address_ipv6_get(at),
                                         text));
  } else {
    lua_pushinteger(L, field_bits_get(packet->head, bits));
  }
}

void field_push_all(lua_State *L, const NetPacket *packet)
{
  for (unsigned i = 0; i < field_place_count; i++) {
    const char *dot = strchr(field_places[i].name, '.');
    char layer[8];
    FieldBits bits;

    if (!field_place_in(packet, (Field){ i, 1 }, &bits))
      continue;
    g_strlcpy(layer, field_places[i].name,
              MIN(sizeof layer, (size_t)(dot - field_places[i].name) + 1));
    if (lua_getfield(L, -1, layer) != LUA_TTABLE) {
      lua_pop(L, 1);
      lua_newtable(L);
      lua_pushvalue(L, -1);
      lua_setfield(L, -3, layer);
    }
    push_value(L, packet, &field_places[i], bits);
    lua_setfield(L, -2, dot + 1);
    lua_pop(L, 1);
  }
}
