/* A fuzz target as an ordinary test: the inputs of the corpus beside it, and
 * examples from a seeded generator, whole and with bytes changed.
 *
 *   fuzz-NAME-replay                    the test
 *   fuzz-NAME-replay --corpus DIR N     writes N examples into DIR
 *   fuzz-NAME-replay FILE ...           runs these inputs
 */
#include "fuzz.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EXAMPLES 2000
#define CRASHED "fuzz-input" /* where an input that aborts is kept */

static const uint8_t *running;
static size_t running_size;

static void aborted(int number)
{
  FILE *file = fopen(CRASHED, "wb");

  signal(number, SIG_DFL);
  if (!file)
    return;
  fwrite(running, 1, running_size, file);
  fclose(file);
  fprintf(stderr, "# the input is in " CRASHED "\n");
}

/* A copy of exactly `size` bytes, so that reading past it is seen. */
static void run_input(const uint8_t *data, size_t size)
{
  uint8_t *exact = g_malloc(size + (size == 0));

  if (size > 0)
    memcpy(exact, data, size);
  running = exact;
  running_size = size;
  LLVMFuzzerTestOneInput(exact, size);
  running_size = 0;
  g_free(exact);
}

static void run_file(const char *path)
{
  char *contents = NULL;
  size_t size = 0;

  if (!g_file_get_contents(path, &contents, &size, NULL))
    g_error("%s cannot be read", path);
  run_input((const uint8_t *)contents, size);
  g_free(contents);
}

static void change(SimRandom *random, uint8_t *data, size_t size)
{
  for (uint64_t i = sim_random_below(random, 4); i > 0 && size > 0; i--)
    data[sim_random_below(random, size)] = (uint8_t)sim_random_next(random);
}

static void test_examples(void)
{
  uint8_t data[FUZZ_MOST];
  SimRandom random;

  sim_random_init(&random, 1, "examples");
  for (unsigned i = 0; i < EXAMPLES; i++) {
    size_t size = fuzz_example(&random, data);

    if (i % 2)
      change(&random, data, size);
    run_input(data, size);
  }
}

static void test_noise(void)
{
  uint8_t data[FUZZ_MOST];
  SimRandom random;

  sim_random_init(&random, 1, "noise");
  for (unsigned i = 0; i < EXAMPLES / 4; i++)
    run_input(data, fuzz_noise(&random, data, sizeof data));
}

static void test_corpus(gconstpointer path)
{
  GDir *dir = g_dir_open(path, 0, NULL);

  for (const char *name; dir && (name = g_dir_read_name(dir));) {
    char *file = g_build_filename(path, name, NULL);

    run_file(file);
    g_free(file);
  }
  if (dir)
    g_dir_close(dir);
}

static int write_corpus(const char *folder, unsigned count)
{
  uint8_t data[FUZZ_MOST];
  SimRandom random;

  sim_random_init(&random, 2, "corpus");
  for (unsigned i = 0; i < count; i++) {
    size_t size = fuzz_example(&random, data);
    char *path = g_strdup_printf("%s/example-%u", folder, i);

    if (!g_file_set_contents(path, (const char *)data, (gssize)size, NULL))
      g_error("%s cannot be written", path);
    g_free(path);
  }
  return 0;
}

int main(int argc, char **argv)
{
  signal(SIGABRT, aborted);
  if (argc == 4 && strcmp(argv[1], "--corpus") == 0)
    return write_corpus(argv[2], (unsigned)atoi(argv[3]));
  g_test_init(&argc, &argv, NULL);
  if (argc > 1) {
    for (int i = 1; i < argc; i++)
      run_file(argv[i]);
    return 0;
  }
  g_test_add_func("/fuzz/examples", test_examples);
  g_test_add_func("/fuzz/noise", test_noise);
  if (g_getenv("LINGER_CORPUS"))
    g_test_add_data_func("/fuzz/corpus", g_getenv("LINGER_CORPUS"),
                         test_corpus);
  return g_test_run();
}
