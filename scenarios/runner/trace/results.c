/* Results: opened with the run's other files, written row by row.
 *
 * Invariant: `file` is there from results_open() to results_close(). */
#include "results.h"

#include <string.h>

struct Results {
  char *name, *header;
  OutFile *file; /* NULL: nothing is written */
  uint64_t rows;
};

static void free_one(void *object)
{
  Results *it = object;

  outfile_close(it->file, NULL);
  g_free(it->name);
  g_free(it->header);
  g_free(it);
}

Results *results_new(Run *run, const char *name, const char *header)
{
  Results *it = g_new0(Results, 1);

  it->name = g_strdup(name);
  it->header = g_strdup(header);
  if (!run->results)
    run->results = g_ptr_array_new_with_free_func(free_one);
  g_ptr_array_add(run->results, it);
  return it;
}

bool results_find(const Run *run, const char *name)
{
  for (unsigned i = 0; run->results && i < run->results->len; i++)
    if (g_str_equal(((const Results *)run->results->pdata[i])->name, name))
      return true;
  return false;
}

void results_row(Results *it, const char *line, size_t size)
{
  it->rows++;
  if (it->file)
    outfile_append(it->file, line, size);
}

uint64_t results_rows(const Results *it)
{
  return it->rows;
}

bool results_open(Run *run, const char *dir, GError **error)
{
  for (unsigned i = 0; run->results && i < run->results->len; i++) {
    Results *it = run->results->pdata[i];
    g_autofree char *path = g_build_filename(dir, it->name, NULL);

    it->file = outfile_open(path, error);
    if (!it->file)
      return false;
    outfile_append(it->file, it->header, strlen(it->header));
  }
  return true;
}

bool results_close(Run *run, GError **error)
{
  bool whole = true;

  for (unsigned i = 0; run->results && i < run->results->len; i++) {
    Results *it = run->results->pdata[i];

    whole &= outfile_close(it->file, whole ? error : NULL);
    it->file = NULL;
  }
  return whole;
}

void results_free(Run *run)
{
  g_clear_pointer(&run->results, g_ptr_array_unref);
}
