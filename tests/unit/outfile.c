/* A file holds whole records and nothing else, whatever happens to it; what
 * goes wrong is said. */

#include "outfile.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *folder, *path;
} Place;

static void place_set_up(Place *it, const void *unused)
{
  (void)unused;
  it->folder = g_dir_make_tmp("linger-XXXXXX", NULL);
  it->path = g_build_filename(it->folder, "file", NULL);
}

static void place_tear_down(Place *it, const void *unused)
{
  (void)unused;
  g_unlink(it->path);
  g_assert_cmpint(g_rmdir(it->folder), ==, 0);
  g_free(it->path);
  g_free(it->folder);
}

static void assert_contents(const char *path, const char *wanted)
{
  g_autofree char *text = NULL;

  g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
  g_assert_cmpstr(text, ==, wanted);
}

static void records_reach_the_file_at_a_flush(Place *it, const void *unused)
{
  OutFile *file = outfile_open(it->path, NULL);
  char *at;

  (void)unused;
  g_assert_nonnull(file);
  outfile_append(file, "one\n", 4);
  at = (char *)outfile_reserve(file, 100);
  memcpy(at, "half", 4);
  assert_contents(it->path, "");
  g_assert_true(outfile_flush(file));
  assert_contents(it->path, "one\n");
  outfile_append(file, "two\n", 4);
  g_assert_true(outfile_close(file, NULL));
  assert_contents(it->path, "one\ntwo\n");
}

static void a_record_may_be_larger_than_the_buffer(Place *it,
                                                   const void *unused)
{
  OutFile *file = outfile_open(it->path, NULL);
  size_t size = 3 * OUTFILE_BUFFER + 1;
  struct stat status;
  uint8_t *at;

  (void)unused;
  outfile_append(file, "x", 1);
  at = outfile_reserve(file, size);
  memset(at, 'y', size);
  outfile_advance(file, size);
  g_assert_true(outfile_close(file, NULL));
  g_assert_cmpint(g_stat(it->path, &status), ==, 0);
  g_assert_cmpint(status.st_size, ==, (off_t)size + 1);
}

static void a_full_disk_is_told_by_name(void)
{
  g_autoptr(GError) error = NULL;
  OutFile *file = outfile_open("/dev/full", &error);

  g_assert_no_error(error);
  outfile_append(file, "one", 3);
  g_assert_false(outfile_flush(file));
  g_assert_true(outfile_failed(file));
  g_assert_null(outfile_reserve(file, 1));
  g_assert_false(outfile_close(file, &error));
  g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
  g_assert_cmpstr(error->message, ==, "/dev/full: No space left on device");
}

/* The limit on a file's size stands for the end of the disk: the write that
 * meets it is cut short in the middle of the third record. */
static void a_record_that_broke_off_is_taken_back(Place *it, const void *unused)
{
  struct rlimit old, limit;
  g_autoptr(GError) error = NULL;
  OutFile *file = outfile_open(it->path, NULL);

  (void)unused;
  getrlimit(RLIMIT_FSIZE, &old);
  limit = old;
  limit.rlim_cur = 10;
  signal(SIGXFSZ, SIG_IGN);
  g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
  for (int i = 0; i < 3; i++)
    outfile_append(file, "1234", 4);
  g_assert_false(outfile_flush(file));
  g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old), ==, 0);
  outfile_append(file, "later", 5);
  g_assert_false(outfile_close(file, &error));
  g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED);
  assert_contents(it->path, "12341234");
}

static void what_cannot_be_opened_is_told(void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null(outfile_open("/nowhere/x", &error));
  g_assert_cmpstr(error->message, ==, "/nowhere/x: No such file or directory");
  g_clear_error(&error);
  g_assert_null(outfile_open_whole("/nowhere/x", &error));
  g_assert_cmpstr(error->message, ==, "/nowhere/x: No such file or directory");
}

static void a_whole_file_appears_at_once(Place *it, const void *unused)
{
  OutFile *file;
  struct stat status;
  mode_t mask = umask(022);

  (void)unused;
  g_file_set_contents(it->path, "old", -1, NULL);
  file = outfile_open_whole(it->path, NULL);
  umask(mask);
  outfile_append(file, "new", 3);
  outfile_flush(file);
  assert_contents(it->path, "old");
  g_assert_true(outfile_close(file, NULL));
  assert_contents(it->path, "new");
  g_assert_cmpint(g_stat(it->path, &status), ==, 0);
  g_assert_cmpint(status.st_mode & 0777, ==, 0644);
}

static off_t disk_bytes(const char *path)
{
  struct stat status;

  g_assert_cmpint(g_stat(path, &status), ==, 0);
  return (off_t)status.st_blocks * 512;
}

/* Blocks come beforehand, but no byte does, and what is left goes back. */
static void a_large_file_takes_the_room_of_its_records(Place *it,
                                                       const void *unused)
{
  OutFile *file = outfile_open(it->path, NULL);
  g_autofree char *record = g_strnfill(99999, 'r');
  struct stat status;

  (void)unused;
  for (int i = 0; i < 60; i++) {
    outfile_append(file, record, 99999);
    g_assert_cmpint(g_stat(it->path, &status), ==, 0);
    g_assert_cmpint(status.st_size % 99999, ==, 0);
  }
  g_assert_true(outfile_close(file, NULL));
  g_assert_cmpint(g_stat(it->path, &status), ==, 0);
  g_assert_cmpint(status.st_size, ==, 60 * 99999);
  g_assert_cmpint(disk_bytes(it->path), <, 60 * 99999 + 65536);
}

#define AT_PLACE(name, test) \
  g_test_add("/outfile/" name, Place, NULL, place_set_up, test, place_tear_down)

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  AT_PLACE("records-reach-the-file-at-a-flush",
           records_reach_the_file_at_a_flush);
  AT_PLACE("a-record-may-be-larger-than-the-buffer",
           a_record_may_be_larger_than_the_buffer);
  g_test_add_func("/outfile/a-full-disk-is-told-by-name",
                  a_full_disk_is_told_by_name);
  AT_PLACE("a-record-that-broke-off-is-taken-back",
           a_record_that_broke_off_is_taken_back);
  g_test_add_func("/outfile/what-cannot-be-opened-is-told",
                  what_cannot_be_opened_is_told);
  AT_PLACE("a-large-file-takes-the-room-of-its-records",
           a_large_file_takes_the_room_of_its_records);
  AT_PLACE("a-whole-file-appears-at-once", a_whole_file_appears_at_once);
  return g_test_run();
}
