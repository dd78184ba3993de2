/* A file that is written while something goes on.
 *
 * Whole records go into a large buffer, and the buffer goes to the file: it
 * holds the first n records and nothing else. (A program killed inside the
 * write itself leaves the last one cut short, which readers of captures and
 * of lines know.) A write that fails takes back what it wrote of the record
 * that it broke off in; after that the file stays as it is, and the first
 * error is kept for outfile_close().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

#define OUTFILE_BUFFER (256 * 1024) /* at first */
#define OUTFILE_MOST (1024 * 1024)  /* once it was full */

typedef struct OutFile {
  int fd;          /* -1: closed */
  char *name;      /* for messages */
  char *temporary; /* written instead until it is whole, or NULL */
  uint8_t *buffer; /* `used` bytes of whole records, then room */
  size_t used, size;
  size_t reserved;  /* of the room: a record is being made there */
  GArray *ends;     /* uint32_t: where each record in the buffer ends */
  off_t flushed;    /* length of the file */
  bool regular;     /* can be cut back */
  bool ahead;       /* blocks are allocated before they are written */
  bool allocated;   /* perhaps more of them than the file needs */
  bool interactive; /* a pipe or a terminal: somebody reads along */
  GError *error;    /* the first */
} OutFile;

/** outfile_open: (transfer full) creates or empties `path`. NULL with "PATH:
 * why" in `error` (G_FILE_ERROR). */
OutFile *outfile_open(const char *path, GError **error);

/** outfile_open_whole: as outfile_open(), but `path` is what it was before
 * until outfile_close(), and stays so if anything fails: never half a file. */
OutFile *outfile_open_whole(const char *path, GError **error);

/** outfile_stdout: (transfer full) standard output, which stays open. */
OutFile *outfile_stdout(void);

/** outfile_reserve: room for a record of at most `size` bytes, in place of
 * what was reserved and not completed; NULL once a write has failed. (transfer
 * none) It moves when the file is flushed: see outfile_record(). */
static inline uint8_t *outfile_reserve(OutFile *file, size_t size);

/** outfile_record: where the reserved record is now. */
static inline uint8_t *outfile_record(OutFile *file)
{
  return file->buffer + file->used;
}

/** outfile_advance: the record is complete and `size` bytes long. */
static inline void outfile_advance(OutFile *file, size_t size)
{
  uint32_t end = (uint32_t)(file->used += size);

  file->reserved = 0;
  g_array_append_val(file->ends, end);
}

/** outfile_append: a record of `size` bytes. */
void outfile_append(OutFile *file, const void *bytes, size_t size);

/** outfile_flush: hands all whole records to the system; one that is being
 * made stays. False once a write has failed. */
bool outfile_flush(OutFile *file);

/** outfile_failed: has a write failed? */
static inline bool outfile_failed(const OutFile *file)
{
  return file->error != NULL;
}

/** outfile_close: flushes and closes; frees `file` (nullable). False and the
 * first error if anything could not be written. */
bool outfile_close(OutFile *file, GError **error);

/* -- inline -- */

/** outfile_make_room: flushes, and grows the buffer if need be. */
bool outfile_make_room(OutFile *file, size_t size);

static inline uint8_t *outfile_reserve(OutFile *file, size_t size)
{
  file->reserved = 0;
  if (file->size - file->used < size && !outfile_make_room(file, size))
    return NULL;
  if (file->error)
    return NULL;
  file->reserved = size;
  return outfile_record(file);
}
