/* The pcapng writer: blocks are built in place in the file's buffer. */
#include "pcapng.h"

#include <string.h>

enum {
  BLOCK_SECTION = 0x0a0d0d0a,
  BLOCK_INTERFACE = 1,
  BLOCK_PACKET = 6,
  BYTE_ORDER_MAGIC = 0x1a2b3c4d,
  LINKTYPE_ETHERNET = 1,
  OPTION_END = 0,
  OPTION_COMMENT = 1,
  SECTION_APPLICATION = 4,
  INTERFACE_NAME = 2,
  INTERFACE_DESCRIPTION = 3,
  INTERFACE_RESOLUTION = 9,
  PACKET_FLAGS = 2,
  PACKET_ID = 5,
};

#define PACKET_HEADER 28 /* of a packet's block, before its bytes */
#define PACKET_TAIL 28   /* flags, id, end of options, length */
#define COMMENTS_ROOM 4096

static size_t padded(size_t size)
{
  return (size + 3) & ~(size_t)3;
}

static void put16(uint8_t *at, unsigned value)
{
  uint16_t little = GUINT16_TO_LE((uint16_t)value);

  memcpy(at, &little, sizeof little);
}

static void put32(uint8_t *at, uint32_t value)
{
  uint32_t little = GUINT32_TO_LE(value);

  memcpy(at, &little, sizeof little);
}

static void put64(uint8_t *at, uint64_t value)
{
  uint64_t little = GUINT64_TO_LE(value);

  memcpy(at, &little, sizeof little);
}

/* -- blocks that are rare: built apart, then appended -- */

static void add32(GByteArray *block, uint32_t value)
{
  uint8_t bytes[4];

  put32(bytes, value);
  g_byte_array_append(block, bytes, sizeof bytes);
}

static void add_option(GByteArray *block, unsigned code, const void *value,
                       size_t size)
{
  static const uint8_t zeros[4];
  uint8_t head[4];

  put16(head, code);
  put16(head + 2, (unsigned)size);
  g_byte_array_append(block, head, sizeof head);
  g_byte_array_append(block, value, (guint)size);
  g_byte_array_append(block, zeros, (guint)(padded(size) - size));
}

/* Text that is not UTF-8 or too long for an option is made so that it is. */
static void add_text(GByteArray *block, unsigned code, const char *text)
{
  size_t most = COMMENTS_ROOM / 2;
  size_t size = strnlen(text, most + 1);
  g_autofree char *valid = NULL;

  if (size > most)
    size = most;
  valid = g_utf8_make_valid(text, (gssize)size);
  add_option(block, code, valid, strlen(valid));
}

static GByteArray *block_new(uint32_t type)
{
  GByteArray *block = g_byte_array_new();

  add32(block, type);
  add32(block, 0);
  return block;
}

static void block_append(Pcapng *it, GByteArray *block)
{
  add_option(block, OPTION_END, "", 0);
  add32(block, block->len + 4);
  put32(block->data + 4, block->len);
  outfile_append(it->file, block->data, block->len);
  g_byte_array_unref(block);
}

void pcapng_start(Pcapng *it, OutFile *file, uint32_t snap,
                  const char *application, const char *comment)
{
  GByteArray *block = block_new(BLOCK_SECTION);

  *it = (Pcapng){ .file = file, .snap = snap ? snap : PCAPNG_SNAPLEN };
  add32(block, BYTE_ORDER_MAGIC);
  add32(block, 1); /* version 1.0 */
  add32(block, UINT32_MAX);
  add32(block, UINT32_MAX); /* length of the section: unknown */
  add_text(block, SECTION_APPLICATION, application);
  if (comment)
    add_text(block, OPTION_COMMENT, comment);
  block_append(it, block);
}

uint32_t pcapng_interface(Pcapng *it, const char *name, const char *description)
{
  GByteArray *block = block_new(BLOCK_INTERFACE);
  uint8_t nanoseconds = 9;

  g_assert(!it->begun);
  add32(block, LINKTYPE_ETHERNET);
  add32(block, it->snap);
  add_text(block, INTERFACE_NAME, name);
  if (description)
    add_text(block, INTERFACE_DESCRIPTION, description);
  add_option(block, INTERFACE_RESOLUTION, &nanoseconds, 1);
  block_append(it, block);
  return it->interfaces++;
}

GByteArray *pcapng_encode_comment(const char *text)
{
  GByteArray *option = g_byte_array_new();

  add_text(option, OPTION_COMMENT, text);
  return option;
}

/* -- packets -- */

uint8_t *pcapng_packet_begin(Pcapng *it, uint32_t interface, int64_t time,
                             uint32_t length)
{
  uint32_t captured = MIN(length, it->snap);
  size_t size = PACKET_HEADER + padded(captured);
  uint8_t *at;

  g_assert(!it->begun && interface < it->interfaces);
  it->room = size + COMMENTS_ROOM + PACKET_TAIL;
  at = outfile_reserve(it->file, it->room);
  it->begun = at != NULL;
  it->size = size;
  if (!at)
    return NULL;
  put32(at, BLOCK_PACKET);
  put32(at + 8, interface);
  put32(at + 12, (uint32_t)((uint64_t)time >> 32));
  put32(at + 16, (uint32_t)time);
  put32(at + 20, captured);
  put32(at + 24, length);
  memset(at + PACKET_HEADER + captured, 0, padded(captured) - captured);
  return at + PACKET_HEADER;
}

void pcapng_options(Pcapng *it, const uint8_t *bytes, size_t size)
{
  if (!it->begun || it->size + size + PACKET_TAIL > it->room)
    return;
  memcpy(outfile_record(it->file) + it->size, bytes, size);
  it->size += size;
}

void pcapng_comment(Pcapng *it, const char *text)
{
  GByteArray *option = pcapng_encode_comment(text);

  pcapng_options(it, option->data, option->len);
  g_byte_array_unref(option);
}

void pcapng_packet_end(Pcapng *it, PcapngDirection direction, uint64_t id)
{
  uint8_t *block, *at;

  if (!it->begun)
    return;
  block = outfile_record(it->file);
  at = block + it->size;
  put16(at, PACKET_FLAGS);
  put16(at + 2, 4);
  put32(at + 4, (uint32_t)direction);
  put16(at + 8, PACKET_ID);
  put16(at + 10, 8);
  put64(at + 12, id);
  put32(at + 20, OPTION_END);
  it->size += PACKET_TAIL;
  put32(block + 4, (uint32_t)it->size);
  put32(block + it->size - 4, (uint32_t)it->size);
  outfile_advance(it->file, it->size);
  it->begun = false;
}
