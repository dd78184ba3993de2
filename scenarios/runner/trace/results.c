/* Results: opened with the run's other files, written row by row.
 *
 * Invariant: `file` is there from results_open() to results_close(). */
#include "results.h"

#include <string.h>

struct Results {
  char *name, *header;
  OutFile *file; /* NULL: nothing is written */
  uint64_t rows;
  ResultsHeatmap map;  /* x is NULL: no picture */
  GStringChunk *texts; /* of the map; NULL: none */
};

static void free_one(void *object)
{
  Results *it = object;

  outfile_close(it->file, NULL);
  g_clear_pointer(&it->texts, g_string_chunk_free);
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

bool results_has_column(const Results *it, const char *name)
{
  g_autofree char *line = g_strndup(it->header, strcspn(it->header, "\n"));
  g_auto(GStrv) columns = g_strsplit(line, "\t", -1);

  return g_strv_contains((const char *const *)columns, name);
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

void results_heatmap(Results *it, const ResultsHeatmap *map)
{
  if (!it->texts)
    it->texts = g_string_chunk_new(256);
  it->map = (ResultsHeatmap){
    .x = g_string_chunk_insert_const(it->texts, map->x),
    .y = g_string_chunk_insert_const(it->texts, map->y),
    .value = g_string_chunk_insert_const(it->texts, map->value),
  };
  for (int i = 0; i < RESULTS_VALUES && map->order[i]; i++)
    it->map.order[i] = g_string_chunk_insert_const(it->texts, map->order[i]);
}

static void tell_picture(const Results *it, ResultsKeyFunc func, void *user)
{
  int stem = (int)(strlen(it->name) - strlen(".tsv"));
  const struct {
    const char *key, *value;
  } rows[] = {
    { "picture", "heatmap" },
    { "x", it->map.x },
    { "y", it->map.y },
    { "value", it->map.value },
  };

  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *key =
        g_strdup_printf("%.*s.%s", stem, it->name, rows[i].key);
    func(user, key, rows[i].value);
  }
  for (int i = 0; i < RESULTS_VALUES && it->map.order[i]; i++) {
    g_autofree char *key =
        g_strdup_printf("%.*s.order%d", stem, it->name, i + 1);
    func(user, key, it->map.order[i]);
  }
}

void results_pictures(const Run *run, ResultsKeyFunc func, void *user)
{
  for (unsigned i = 0; run->results && i < run->results->len; i++) {
    const Results *it = run->results->pdata[i];

    if (it->map.x)
      tell_picture(it, func, user);
  }
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
