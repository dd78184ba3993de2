/* Buffered files whose every error is heard of; outfile.h has the rules. */
#define _GNU_SOURCE /* fallocate */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

static void set_error(GError **error, const char *name, int code)
{
  g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(code), "%s: %s",
              name, g_strerror(code));
}

static OutFile *outfile_new(int fd, const char *name)
{
  OutFile *file = g_new0(OutFile, 1);
  struct stat status;

  file->fd = fd;
  file->name = g_strdup(name);
  file->size = OUTFILE_BUFFER;
  file->buffer = g_malloc(file->size);
  file->ends = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  if (fstat(fd, &status) == 0) {
    file->regular = S_ISREG(status.st_mode);
    file->interactive =
        S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || isatty(fd);
  }
  if (file->regular)
    file->flushed = MAX(0, lseek(fd, 0, SEEK_CUR));
  return file;
}

OutFile *outfile_open(const char *path, GError **error)
{
  int fd = g_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

  if (fd < 0) {
    set_error(error, path, errno);
    return NULL;
  }
  return outfile_new(fd, path);
}

/* A device or a pipe, which must not be replaced by a file. */
static bool is_special(const char *path)
{
  struct stat status;

  return stat(path, &status) == 0 && !S_ISREG(status.st_mode) &&
         !S_ISDIR(status.st_mode);
}

OutFile *outfile_open_whole(const char *path, GError **error)
{
  g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
  mode_t mask;
  int fd;
  OutFile *file;

  if (is_special(path))
    return outfile_open(path, error);
  mask = umask(0);
  umask(mask);
  fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, (int)(0666 & ~mask));
  if (fd < 0) {
    set_error(error, path, errno);
    return NULL;
  }
  file = outfile_new(fd, path);
  file->temporary = g_steal_pointer(&temporary);
  return file;
}

OutFile *outfile_stdout(void)
{
  return outfile_new(STDOUT_FILENO, "standard output");
}

/* Returns how many bytes were written; errno says why not all. */
static size_t write_all(int fd, const uint8_t *bytes, size_t size)
{
  size_t done = 0;

  while (done < size) {
    ssize_t written = write(fd, bytes + done, size - done);

    if (written < 0 && errno != EINTR)
      break;
    if (written > 0)
      done += (size_t)written;
  }
  return done;
}

/* `done` bytes of the buffer were written when it failed. */
static void fail(OutFile *file, size_t done)
{
  uint32_t whole = 0;

  set_error(&file->error, file->name, errno);
  for (guint i = 0; i < file->ends->len; i++) {
    uint32_t end = g_array_index(file->ends, uint32_t, i);

    if (end <= done)
      whole = end;
  }
  if (file->regular && ftruncate(file->fd, file->flushed + whole) != 0)
    g_prefix_error(&file->error, "the last record is incomplete; ");
}

bool outfile_flush(OutFile *file)
{
  size_t used = file->used;
  size_t done;

  if (!file->error && used > 0) {
    done = write_all(file->fd, file->buffer, used);
    if (done == used)
      file->flushed += (off_t)used;
    else
      fail(file, done);
  }
  memmove(file->buffer, outfile_record(file), file->reserved);
  file->used = 0;
  g_array_set_size(file->ends, 0);
  return !file->error;
}

/* A file that fills one buffer will fill more: blocks that the file system
 * finds in one piece beforehand cost it less than those it finds page by page.
 * They are no part of the file. A file system that cannot is not asked again,
 * and standard output may have other writers. */
static void allocate_ahead(OutFile *file)
{
  if (!file->regular || file->fd <= STDERR_FILENO)
    return;
  file->ahead = fallocate(file->fd, FALLOC_FL_KEEP_SIZE, file->flushed,
                          OUTFILE_MOST) == 0;
  file->allocated = true;
}

bool outfile_make_room(OutFile *file, size_t size)
{
  bool full = file->used > 0;

  if (!outfile_flush(file))
    return false;
  if (full && (file->ahead || file->size < OUTFILE_MOST)) {
    allocate_ahead(file);
    size = MAX(size, OUTFILE_MOST);
  }
  if (file->size < size) {
    file->size = size;
    file->buffer = g_realloc(file->buffer, size);
  }
  return true;
}

void outfile_append(OutFile *file, const void *bytes, size_t size)
{
  uint8_t *at = outfile_reserve(file, size);

  if (!at)
    return;
  memcpy(at, bytes, size);
  outfile_advance(file, size);
}

/* Gives back what was allocated and is not needed, as fail() did. */
static void trim(OutFile *file)
{
  if (file->allocated && !file->error &&
      ftruncate(file->fd, file->flushed) != 0)
    set_error(&file->error, file->name, errno);
}

static void replace(OutFile *file)
{
  if (!file->error && g_rename(file->temporary, file->name) != 0)
    set_error(&file->error, file->name, errno);
  if (file->error)
    g_unlink(file->temporary);
  g_free(file->temporary);
}

bool outfile_close(OutFile *file, GError **error)
{
  bool good;

  if (!file)
    return true;
  outfile_flush(file);
  trim(file);
  if (file->fd > STDERR_FILENO && close(file->fd) != 0 && !file->error)
    set_error(&file->error, file->name, errno);
  if (file->temporary)
    replace(file);
  good = !file->error;
  if (!good)
    g_propagate_error(error, file->error);
  g_free(file->name);
  g_free(file->buffer);
  g_array_unref(file->ends);
  g_free(file);
  return good;
}
