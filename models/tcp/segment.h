/* A TCP segment as a value: parsed from a packet's bytes, or to be built into
 * them. */
#pragma once

#include "formats.h"
#include "sack.h"

enum {
  TCP_FIN = 0x01,
  TCP_SYN = 0x02,
  TCP_RST = 0x04,
  TCP_PSH = 0x08,
  TCP_ACK = 0x10,
  TCP_URG = 0x20,
  TCP_ECE = 0x40,
  TCP_CWR = 0x80,
};

#define TCP_HEADER_SIZE 20
#define TCP_OPTIONS_MAX 40

/** TcpLayout: how a SYN's options are put (knob option_layout). */
typedef enum TcpLayout {
  TCP_LAYOUT_PADDED,
  TCP_LAYOUT_LINUX,
  TCP_LAYOUT_BSD,
} TcpLayout;

/** TcpOptions: those that are understood; the rest is skipped by length
 * (3.1 MUST-6). */
typedef struct TcpOptions {
  uint16_t mss;  /* 0: absent */
  uint8_t scale; /* shift count, at most 14 */
  bool has_scale;
  bool has_timestamps;
  bool sack_permitted;
  bool broken; /* an impossible length: what follows it was not read */
  uint8_t sack_count;
  uint8_t layout; /* TcpLayout; only of what is sent */
  uint32_t ts_value, ts_echo;
  TcpRange sack[TCP_SACK_BLOCKS]; /* the first `sack_count` */
} TcpOptions;

/** TcpSegment: SEG.SEQ and the others of 3.3.1. */
typedef struct TcpSegment {
  uint32_t seq, ack;
  uint32_t length; /* SEG.LEN: payload + SYN + FIN */
  uint32_t window; /* SEG.WND as in the header, MUST-1 */
  uint16_t up;
  uint16_t flags; /* the eight flags */
  uint8_t ecn;    /* NetEcn of its datagram */
  uint16_t source_port, destination_port;
  uint16_t udp; /* when parsed: 0. From which port it came in UDP; 0: plain */
  TcpOptions options;
  NetSlice payload; /* when parsed: a view, no reference */
} TcpSegment;

/** tcp_segment_parse: reads the segment that `packet` (l4 set) carries.
 * False, and one sentence (transfer none, static) in `ret_reason`, if header,
 * data offset or an option's length is not to be trusted; if it was an option,
 * `ret` has all that was read until then and options.broken, otherwise it is
 * untouched. Does not verify the checksum. */
bool tcp_segment_parse(const NetPacket *packet, const NetIp *ip,
                       TcpSegment *ret, const char **ret_reason);

/** tcp_segment_build: writes header and options at packet->l4 (which is
 * followed by nothing yet) and takes `segment`'s payload slice over. The
 * checksum is over `source` and `destination`. `scale` 0; window is the
 * field's value. */
void tcp_segment_build(NetPacket *packet, const TcpSegment *segment,
                       NetAddress source, NetAddress destination);

/** tcp_options_parse: `size` bytes at `at`. Same errors as parsing. */
bool tcp_options_parse(const uint8_t *at, uint32_t size, TcpOptions *ret,
                       const char **ret_reason);

/** tcp_options_put: writes right, padded options; returns their size, a
 * multiple of 4, at most TCP_OPTIONS_MAX. SYN options only if `syn`, SACK
 * blocks only if not, and as many as there is room for. */
uint32_t tcp_options_put(uint8_t *at, const TcpOptions *options, bool syn);

/** tcp_flags_format: tcpdump's letters: "S" "F." "P." "R"; "none". At most 9
 * bytes with the NUL. */
char *tcp_flags_format(unsigned flags, char *ret_text);

/** tcp_flags_parse: the reverse, also "SYN,ACK" and "none"; false if a letter
 * is unknown. */
bool tcp_flags_parse(const char *text, unsigned *ret);

/** tcp_segment_format: one line as tcpdump prints it, numbers relative to
 * `iss` (the sender's) and `irs` (the other's). Returns ret_text. */
char *tcp_segment_format(const TcpSegment *segment, uint32_t iss, uint32_t irs,
                         char *ret_text, size_t size);
