/* A box on the link that answers TCP segments by RST, in the name of the one
 * that each end talks to.
 *
 * It stands in the middle of the link: what it sends to the receiver travels
 * with the segment, and what it sends to the sender is there half of both
 * delays later. Its numbers are those that the segment allows: RFC 9293
 * 3.10.7.1 to the sender, what follows the segment to the receiver, who has
 * not seen the segment itself unless it passed.
 */
#include "lua_fault.h"

#include <string.h>

#include "forge.h"

typedef struct Reset {
  Fault fault;
  bool sender, receiver, pass;
} Reset;

static void read_answer(lua_State *L, int index, const char *what, void *ret)
{
  Reset *it = ret;
  const char *word =
      lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";

  it->sender = g_str_equal(word, "sender") || g_str_equal(word, "both");
  it->receiver = g_str_equal(word, "receiver") || g_str_equal(word, "both");
  if (!it->sender && !it->receiver)
    spec_error(L, "%s must be \"sender\", \"receiver\" or \"both\"", what);
}

const SpecKey reset_keys[] = {
  FAULT_KEYS(Reset),
  { .name = "answer", .kind = SPEC_CUSTOM, .read = read_answer },
  { .name = "pass", .kind = SPEC_BOOL, .offset = offsetof(Reset, pass) },
  { .name = NULL },
};

/* Of a segment that may be answered: whole, and no RST itself. */
static bool parse(NetPacket *packet, NetIp *ip, TcpSegment *ret)
{
  const char *reason;

  return packet->l4 && net_ip_peek(packet, ip) && !net_ip_is_fragment(ip) &&
         ip->protocol == NET_PROTOCOL_TCP &&
         tcp_segment_parse(packet, ip, ret, &reason) && !(ret->flags & TCP_RST);
}

static void send_reset(NetWire *wire, const NetPacket *packet,
                       const Forged *reset, SimTime extra)
{
  NetPacket *made = forge_packet(wire->link->net, wire, reset);

  made->due = packet->due;
  net_nic_sent(wire->from, made);
  net_wire_carry(wire, made, extra, true);
}

static NetWire *back_of(NetWire *wire)
{
  return &wire->link->wires[wire == &wire->link->wires[0]];
}

static bool act_reset(Fault *fault, NetWire *wire, NetPacket *packet,
                      NetFate *fate)
{
  const Reset *it = (const Reset *)(const void *)fault;
  Forged *reset;
  TcpSegment segment;
  NetIp ip;

  if (!parse(packet, &ip, &segment))
    return false;
  reset = g_new0(Forged, 1);
  reset->protocol = NET_PROTOCOL_TCP;
  reset->flags = TCP_RST;
  if (it->receiver) {
    reset->pair = (TcpPair){ { ip.source, segment.source_port },
                             { ip.destination, segment.destination_port } };
    reset->seq = segment.seq + (it->pass ? segment.length : 0);
    if (segment.flags & TCP_ACK) {
      reset->flags |= TCP_ACK;
      reset->ack = segment.ack;
    }
    send_reset(wire, packet, reset, it->pass);
  }
  if (it->sender) {
    reset->pair = (TcpPair){ { ip.destination, segment.destination_port },
                             { ip.source, segment.source_port } };
    reset->flags = segment.flags & TCP_ACK ? TCP_RST : TCP_RST | TCP_ACK;
    reset->seq = segment.flags & TCP_ACK ? segment.ack : 0;
    reset->ack = segment.flags & TCP_ACK ? 0 : segment.seq + segment.length;
    send_reset(back_of(wire), packet, reset, 0);
  }
  g_free(reset);
  fate->drop |= !it->pass;
  return true;
}

int fault_reset(lua_State *L)
{
  Reset parsed = { .fault = FAULT_INIT(act_reset, "SCENARIO_RESET"),
                   .sender = true,
                   .receiver = true };

  fault_new(L, "reset", reset_keys, &parsed, sizeof parsed, "answered by RST");
  return 0;
}
