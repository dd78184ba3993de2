/* Files that are run, read with a limit. */
#include "source.h"

#include <errno.h>
#include <stdio.h>

#include "run.h"

#define FILE_LIMIT ((size_t)16 << 20)

/* Whole if it ends, and below the limit. */
static bool read_all(FILE *file, GByteArray *bytes)
{
  uint8_t block[4096];
  size_t size;

  while ((size = fread(block, 1, sizeof block, file)) > 0) {
    if (bytes->len + size > FILE_LIMIT) {
      errno = EFBIG;
      return false;
    }
    g_byte_array_append(bytes, block, (guint)size);
  }
  if (ferror(file))
    return false;
  g_byte_array_append(bytes, (const uint8_t *)"", 1);
  g_byte_array_set_size(bytes, bytes->len - 1);
  return true;
}

GByteArray *source_read(const char *file, GError **error)
{
  bool is_stdin = g_str_equal(file, "-");
  FILE *stream = is_stdin ? stdin : fopen(file, "rb");
  GByteArray *bytes = g_byte_array_new();
  bool whole = stream && read_all(stream, bytes);

  if (!whole)
    g_set_error(error, SCRIPT_ERROR, 0, "%s: %s", file,
                stream && errno == EFBIG
                    ? "over 16 MiB, the most of a scenario or script"
                    : g_strerror(errno));
  if (stream && !is_stdin)
    fclose(stream);
  if (whole)
    return bytes;
  g_byte_array_unref(bytes);
  return NULL;
}
