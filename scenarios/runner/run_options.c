/* The options of `linger run`, one function each where there is something to
 * understand. */
#include "run_options.h"

#include <string.h>

#include "pcapng.h"
#include "plot.h"
#include "units.h"

static bool read_seed(RunSettings *it, const char *value, GError **error)
{
  bool hexadecimal = g_str_has_prefix(value, "0x");
  guint64 number;

  if (!g_ascii_string_to_unsigned(value + (hexadecimal ? 2 : 0),
                                  hexadecimal ? 16 : 10, 0, G_MAXUINT64,
                                  &number, NULL))
    return option_wrong(error, "--seed cannot be '%s'; write a whole number",
                        value);
  it->run.seed = number;
  return true;
}

static bool read_set(RunSettings *it, const char *value, GError **error)
{
  const char *equals = strchr(value, '=');

  if (!equals || equals == value)
    return option_wrong(error, "--set cannot be '%s'; write NAME=VALUE", value);
  g_hash_table_insert(it->run.settings,
                      g_strndup(value, (gsize)(equals - value)),
                      g_strdup(equals + 1));
  return true;
}

static bool read_stop(RunSettings *it, const char *value, GError **error)
{
  char why[200];

  if (sim_parse_time(value, &it->run.stop, why, sizeof why))
    return true;
  return option_wrong(error, "--stop: %s", why);
}

static bool read_family(RunSettings *it, const char *value, GError **error)
{
  static const char *const words[] = { "ipv4", "ipv6", NULL };
  int choice = options_choice("--family", value, words, error);

  if (choice < 0)
    return false;
  it->run.has_family = true;
  it->run.family = (NetFamily)choice;
  return true;
}

static bool read_plot(RunSettings *it, const char *value, GError **error)
{
  GPtrArray *formats = plot_formats(value, error);

  if (!formats)
    return false;
  g_ptr_array_unref(it->formats);
  it->formats = formats;
  return true;
}

static bool read_trace(RunSettings *it, const char *value, GError **error)
{
  static const char *const words[] = { "all", "none", NULL };
  int choice = options_choice("--trace", value, words, error);

  it->run.traced = choice == 0;
  return choice >= 0;
}

bool options_colour(const char *value, TerminalColour *ret, GError **error)
{
  static const char *const words[] = { "auto", "always", "never", NULL };
  int choice = value ? options_choice("--color", value, words, error) : 1;

  if (choice >= 0)
    *ret = (TerminalColour)choice;
  return choice >= 0;
}

bool options_width(const char *value, unsigned *ret, GError **error)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned(value, 10, TERMINAL_WIDTH_MIN,
                                  TERMINAL_WIDTH_MAX, &number, NULL))
    return option_wrong(
        error,
        "--width cannot be '%s'; write a number of columns from %d to %d",
        value, TERMINAL_WIDTH_MIN, TERMINAL_WIDTH_MAX);
  *ret = (unsigned)number;
  return true;
}

static bool read_color(RunSettings *it, const char *value, GError **error)
{
  return options_colour(value, &it->colour, error);
}

static bool read_width(RunSettings *it, const char *value, GError **error)
{
  return options_width(value, &it->width, error);
}

static bool read_snap_length(RunSettings *it, const char *value, GError **error)
{
  char why[200];
  int64_t size;

  if (!sim_parse_size(value, &size, why, sizeof why))
    return option_wrong(error, "--snaplen: %s", why);
  if (size < 64 || size > PCAPNG_SNAPLEN)
    return option_wrong(error,
                        "--snaplen cannot be '%s'; write 64 (the headers) "
                        "to %d bytes",
                        value, PCAPNG_SNAPLEN);
  it->run.snap_length = (uint32_t)size;
  return true;
}

static bool read_profile(RunSettings *it, const char *value, GError **error)
{
  const char *words[16] = { NULL };
  int choice;

  for (unsigned i = 0; i + 1 < G_N_ELEMENTS(words) && tcp_profile(i); i++)
    words[i] = tcp_profile(i)->name;
  choice = options_choice("--profile", value, words, error);
  if (choice >= 0)
    it->run.profile = tcp_profile((unsigned)choice)->name;
  return choice >= 0;
}

typedef bool (*ReadFunc)(RunSettings *it, const char *value, GError **error);

static const struct {
  const char *name;
  ReadFunc read;
} readers[] = {
  { "seed", read_seed },     { "set", read_set },
  { "stop", read_stop },     { "plot", read_plot },
  { "trace", read_trace },   { "color", read_color },
  { "width", read_width },   { "snaplen", read_snap_length },
  { "family", read_family }, { "profile", read_profile },
};

static const struct {
  const char *name;
  gsize offset;
} texts[] = {
  { "out", offsetof(RunSettings, out) },
  { "write", offsetof(RunSettings, write) },
  { "summary", offsetof(RunSettings, summary) },
  { "capture", offsetof(RunSettings, run.capture) },
  { "as-pkt", offsetof(RunSettings, as_pkt) },
};

static const struct {
  const char *name;
  gsize offset;
} flags[] = {
  { "quiet", offsetof(RunSettings, quiet) },
  { "verbose", offsetof(RunSettings, verbose) },
  { "tap-report", offsetof(RunSettings, tap) },
  { "ascii", offsetof(RunSettings, ascii) },
  { "help", offsetof(RunSettings, help) },
  { "trust", offsetof(RunSettings, run.trusted) },
};

static bool on_option(void *user, const OptionRow *row, const char *value,
                      GError **error)
{
  RunSettings *it = user;

  for (gsize i = 0; i < G_N_ELEMENTS(readers); i++)
    if (strcmp(readers[i].name, row->name) == 0)
      return readers[i].read(it, value, error);
  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
    if (strcmp(texts[i].name, row->name) == 0)
      *(const char **)(void *)((char *)it + texts[i].offset) = value;
  for (gsize i = 0; i < G_N_ELEMENTS(flags); i++)
    if (strcmp(flags[i].name, row->name) == 0)
      *(bool *)((char *)it + flags[i].offset) = true;
  return true;
}

static bool is_consistent(const RunSettings *it, GError **error)
{
  bool write = it->write && g_str_equal(it->write, "-");
  bool summary = it->summary && g_str_equal(it->summary, "-");

  if (it->help)
    return true;
  if (it->files->len == 0)
    return option_wrong(error, "no scenario was named");
  if (it->files->len > 1 && (it->write || it->summary))
    return option_wrong(error, "%s is for one scenario, not for %u",
                        it->write ? "-w" : "--summary", it->files->len);
  if (write + summary + it->tap > 1)
    return option_wrong(error,
                        "standard output takes one of the capture (-w -), the "
                        "summary (--summary=-) and --tap-report");
  if (it->quiet && it->verbose)
    return option_wrong(error, "-q and -v contradict each other");
  if (it->write && it->run.capture && g_str_equal(it->run.capture, "none"))
    return option_wrong(error, "-w and --capture=none contradict each other");
  return true;
}

bool options_is_description(const char *file)
{
  return g_str_has_suffix(file, ".d.lua");
}

/* "*.lua" matches linger.d.lua too, which describes the API for
 * editors: among others it is passed over, alone it is a mistake. */
static bool drop_descriptions(GPtrArray *files, GError **error)
{
  const char *first = files->len ? files->pdata[0] : "";

  if (files->len == 1 && options_is_description(first))
    return option_wrong(error, "%s describes the API and is no scenario",
                        first);
  for (guint i = files->len; i-- > 0;)
    if (options_is_description(files->pdata[i]))
      g_ptr_array_remove_index(files, i);
  return true;
}

bool run_settings_read(RunSettings *ret, int argc, char **argv, GError **error)
{
  *ret = (RunSettings){
    .run = { .seed = 1, .stop = SIM_TIME_NEVER, .traced = true },
    .files = g_ptr_array_new(),
    .formats = plot_formats("svg", NULL),
  };
  ret->run.settings =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  if (!options_parse(&command_run, argc, argv, on_option, ret, ret->files,
                     error) ||
      !drop_descriptions(ret->files, error) || !is_consistent(ret, error))
    return false;
  if (!ret->run.traced && !ret->write && !ret->run.capture)
    ret->run.capture = "none";
  if (ret->write && !ret->run.capture)
    ret->run.capture = "one"; /* also where a scenario records "none" */
  return true;
}

void run_settings_clear(RunSettings *settings)
{
  g_ptr_array_unref(settings->files);
  g_ptr_array_unref(settings->formats);
  g_hash_table_unref(settings->run.settings);
}
