/* What field.c (fields in packets) and field_lua.c (fields in Lua) share. */
#pragma once

#include "field.h"

typedef enum FieldLayer {
  LAYER_ETHERNET,
  LAYER_IPV4,
  LAYER_IPV6,
  LAYER_FRAGMENT, /* the extension header of IPv6 */
  LAYER_TCP,
  LAYER_UDP,
  LAYER_ICMP,
  LAYER_ICMPV6,
  LAYER_OPTION, /* of TCP: `bit` counts from the option's start */
} FieldLayer;

typedef struct FieldPlace {
  const char *name;
  FieldLayer layer;
  FieldKind kind;
  uint16_t bit, bits;
  uint8_t option; /* kind of the TCP option */
} FieldPlace;

/** field_places: those of one name stand together. */
extern const FieldPlace field_places[];
extern const unsigned field_place_count;

/** field_place_in: the place that `packet` has of the field, or NULL. */
const FieldPlace *field_place_in(const NetPacket *packet, Field field,
                                 FieldBits *ret);

/** field_bits_get: at most 32 of them. */
uint32_t field_bits_get(const uint8_t *bytes, FieldBits at);
