/* Faults that change bytes: corrupt, rewrite, truncate.
 *
 * The packet is changed and parsed anew at once, so that whoever is asked
 * behind them judges what really goes on. Damage leaves the checksums as they
 * were, a rewriting box mends them; `mend` says otherwise.
 */
#include "lua_fault.h"

#include <string.h>

#include "damage.h"
#include "field.h"
#include "forge.h"

typedef struct Change {
  Fault fault;
  Field field;
  bool has_field, has_at, has_size, has_cut, mend;
  int64_t at, count, size, cut;
  Bytes bytes;
  FieldSet set;
} Change;

#define MEND_KEY                                                        \
  {                                                                     \
    .name = "mend", .kind = SPEC_BOOL, .offset = offsetof(Change, mend) \
  }

const SpecKey corrupt_keys[] = {
  FAULT_KEYS(Change),
  { .name = "count",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 10000,
    .offset = offsetof(Change, count) },
  { .name = "field",
    .kind = SPEC_CUSTOM,
    .read = field_read,
    .offset = offsetof(Change, field),
    .given = offsetof(Change, has_field) + 1 },
  { .name = "at",
    .kind = SPEC_INTEGER,
    .low = 0,
    .high = 65535,
    .offset = offsetof(Change, at),
    .given = offsetof(Change, has_at) + 1 },
  { .name = "bytes",
    .kind = SPEC_CUSTOM,
    .read = forge_read_hex,
    .offset = offsetof(Change, bytes) },
  MEND_KEY,
  { .name = NULL },
};

const SpecKey rewrite_keys[] = {
  FAULT_KEYS(Change),
  { .name = "set",
    .kind = SPEC_CUSTOM,
    .read = field_read_set,
    .example = "{ [\"tcp.win\"] = 0 }",
    .required = true,
    .offset = offsetof(Change, set) },
  MEND_KEY,
  { .name = NULL },
};

const SpecKey truncate_keys[] = {
  FAULT_KEYS(Change),
  { .name = "size",
    .kind = SPEC_SIZE,
    .low = 0,
    .high = 65535,
    .offset = offsetof(Change, size),
    .given = offsetof(Change, has_size) + 1 },
  { .name = "cut",
    .kind = SPEC_SIZE,
    .low = 1,
    .high = 65535,
    .offset = offsetof(Change, cut),
    .given = offsetof(Change, has_cut) + 1 },
  MEND_KEY,
  { .name = NULL },
};

static bool changed(NetPacket *packet, NetFate *fate, bool mend)
{
  packet->flags &= (uint8_t)~NET_PACKET_CHECKED;
  if (mend)
    field_mend(packet);
  net_packet_parse(packet);
  fate->replaced = true;
  return true;
}

static bool write_bytes(const Change *it, NetPacket *packet)
{
  uint32_t at = (uint32_t)it->at;

  if (at >= net_packet_length(packet))
    return false;
  for (unsigned i = 0; i < it->bytes.size; i++) {
    uint8_t *byte = net_packet_own_byte(packet, at + i);

    if (byte)
      *byte = it->bytes.bytes[i];
  }
  return true;
}

/* The MAC addresses stay, as in the gate: drop is for frames that are lost. */
static bool act_corrupt(Fault *fault, NetWire *wire, NetPacket *packet,
                        NetFate *fate)
{
  const Change *it = (const Change *)(const void *)fault;
  FieldBits bits = { 2 * sizeof(NetMac) * 8, UINT32_MAX };

  (void)wire;
  if (it->bytes.given)
    return write_bytes(it, packet) && changed(packet, fate, it->mend);
  if (it->has_at)
    bits = (FieldBits){ (uint32_t)it->at * 8, 8 };
  if ((it->has_field && !field_find(packet, it->field, &bits)) ||
      bits.first >= net_packet_length(packet) * 8)
    return false;
  net_packet_flip(packet, &fault->random, bits.first, bits.count,
                  (uint32_t)it->count);
  return changed(packet, fate, it->mend);
}

static bool act_rewrite(Fault *fault, NetWire *wire, NetPacket *packet,
                        NetFate *fate)
{
  const Change *it = (const Change *)(const void *)fault;

  (void)wire;
  return field_apply(packet, &it->set, it->mend) > 0 &&
         changed(packet, fate, false);
}

/* The length that IP states, as the frame is now. */
static void mend_length(NetPacket *packet)
{
  uint32_t length = net_packet_length(packet) - packet->l3;
  uint8_t *ip = packet->head + packet->l3;

  if (packet->l3 < NET_ETHERNET_SIZE)
    return;
  if (net_packet_is_ipv6(packet) && length >= NET_IPV6_SIZE)
    net_put16(ip + 4, (uint16_t)(length - NET_IPV6_SIZE));
  else if (net_get16(ip - 2) == NET_ETHERTYPE_IPV4 && length >= NET_IPV4_SIZE)
    net_put16(ip + 2, (uint16_t)length);
}

static bool act_truncate(Fault *fault, NetWire *wire, NetPacket *packet,
                         NetFate *fate)
{
  const Change *it = (const Change *)(const void *)fault;
  uint32_t length = net_packet_length(packet);
  uint32_t size = it->has_size                ? (uint32_t)it->size
                  : it->cut < (int64_t)length ? length - (uint32_t)it->cut
                                              : 0;

  (void)wire;
  if (size >= length)
    return false;
  net_packet_cut(packet, size);
  net_packet_parse(packet);
  if (it->mend)
    mend_length(packet);
  return changed(packet, fate, it->mend);
}

int fault_corrupt(lua_State *L)
{
  Change *parsed = lua_newuserdatauv(L, sizeof *parsed, 0);
  Change *it;

  *parsed = (Change){ .fault = FAULT_INIT(act_corrupt, "SCENARIO_CORRUPT"),
                      .count = 1 };
  it = fault_new(L, "corrupt", corrupt_keys, parsed, sizeof *parsed, "damaged");
  if (it->has_field && it->has_at)
    spec_error(L, "corrupt: give field or at, not both");
  if (it->bytes.given && !it->has_at)
    spec_error(L, "corrupt: bytes needs at = offset in the frame; rewrite is "
                  "for a field's value");
  return 0;
}

int fault_rewrite(lua_State *L)
{
  Change *parsed = lua_newuserdatauv(L, sizeof *parsed, 0);

  *parsed = (Change){ .fault = FAULT_INIT(act_rewrite, "SCENARIO_REWRITE"),
                      .mend = true };
  fault_new(L, "rewrite", rewrite_keys, parsed, sizeof *parsed, "rewritten");
  return 0;
}

int fault_truncate(lua_State *L)
{
  Change *parsed = lua_newuserdatauv(L, sizeof *parsed, 0);
  Change *it;

  *parsed = (Change){ .fault = FAULT_INIT(act_truncate, "SCENARIO_TRUNCATE") };
  it = fault_new(L, "truncate", truncate_keys, parsed, sizeof *parsed,
                 "cut short");
  if (it->has_size == it->has_cut)
    spec_error(L, "truncate needs size = bytes of the frame that are left, or "
                  "cut = bytes off its end");
  return 0;
}
