#include <string.h>

#include "lab/cli/cli.h"
#include "lab/coverage.h"
#include "lab/run.h"
#include "lab/crew.h"
#include "lab/json.h"
#include "lab/random_scenario.h"
#include "lab/trial.h"

static const CliVerb verb = { "coverage", "DIR...",
                              "which combinations of the interface the scenarios below DIR reach",
                              verb_coverage };

#define LINE_WIDTH 100

typedef struct Options {
  gboolean as_json, tells_all;
  int n_workers, n_random;
} Options;

/* What became of a scenario. */
typedef enum Outcome { COUNTED, REFUSED, DEFECTIVE, BROKEN_OFF, N_OUTCOMES } Outcome;

typedef struct Campaign {
  const GPtrArray *files; /* char * */
  LabCoverage *coverage;
  const WorldConfig *config; /* of the run that a worker is about */
  guint count[N_OUTCOMES];
} Campaign;

/* The files come first, then random runs from number 0 on. */
static char *
path_of (const Campaign *campaign, size_t index)
{
  if (index < campaign->files->len)
    return g_strdup (campaign->files->pdata[index]);
  return g_strdup_printf ("random-%zu.yaml", index - campaign->files->len);
}

/* In the worker */

static void
observe (void *data, Sim *sim)
{
  Campaign *campaign = data;
  lab_coverage_watch (campaign->coverage, sim_trace (sim), campaign->config);
}

/* A scenario that is to break rules shows what defects do, not what the interface can. */
static bool
is_defective (const LabScenario *scenario)
{
  const LabSetting *trips = lab_setting_get (lab_scenario_find (scenario, "test"), "trips");
  return trips != NULL && trips->children->len > 0;
}

static Outcome
run_one (Campaign *campaign, const LabScenarioRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LabScenario) scenario = lab_scenario_load (request, &error);

  if (scenario == NULL)
    return REFUSED;
  if (is_defective (scenario))
    return DEFECTIVE;
  campaign->config = lab_scenario_config (scenario);
  LabStrategy strategy = lab_strategy_random (campaign->config->seed);
  LabRunRequest run_request = { .config = campaign->config,
                                .rules = true,
                                .strategy = request->text != NULL ? &strategy : NULL,
                                .observe = observe,
                                .observe_data = campaign };
  g_autoptr (LabRun) run = lab_run (&run_request);
  lab_coverage_take (campaign->coverage, run);
  return COUNTED;
}

static void
job (void *data, size_t index, GByteArray *bytes)
{
  Campaign *campaign = data;
  g_autofree char *path = path_of (campaign, index);
  g_autofree char *text =
      index >= campaign->files->len ? lab_random_scenario (index - campaign->files->len) : NULL;
  LabScenarioRequest request = { .path = path,
                                 .text = text,
                                 .n_bytes = text != NULL ? strlen (text) : 0 };
  campaign->coverage = lab_coverage_new (); /* the process is a copy: of what others counted, too */
  guint8 outcome = (guint8)run_one (campaign, &request);

  g_byte_array_append (bytes, &outcome, 1);
  lab_coverage_pack (campaign->coverage, bytes);
}

static void
each (void *data, size_t index, const LabJobResult *result)
{
  Campaign *campaign = data;

  if (result->bytes == NULL) {
    g_autofree char *path = path_of (campaign, index);
    campaign->count[BROKEN_OFF]++;
    cli_message ("chimsim coverage: %s: the program broke off: %s", path, result->words);
    return;
  }
  campaign->count[result->bytes[0]]++;
  lab_coverage_add (campaign->coverage, result->bytes + 1, result->n_bytes - 1);
}

/* Telling */

static void
append_head (GString *text, const Campaign *campaign)
{
  const guint *count = campaign->count;

  g_string_append_printf (text, "coverage of %u scenarios", count[COUNTED]);
  if (count[DEFECTIVE] + count[REFUSED] > 0)
    g_string_append_printf (text, " (left out: %u with defects, %u that are refused)",
                            count[DEFECTIVE], count[REFUSED]);
  g_string_append (text, "\n\n");
  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++) {
    LabCoverageShare share = lab_coverage_share (campaign->coverage, table);
    g_string_append_printf (text, "%-12s %4u of %4u   %s\n", lab_coverage_info (table)->name,
                            share.reached, share.reachable, lab_coverage_info (table)->means);
  }
}

/* Names, as many to a line as fit. */
static void
append_name (GString *text, const char *name, size_t *column)
{
  if (*column > 0 && *column + strlen (name) + 2 > LINE_WIDTH) {
    g_string_append (text, "\n");
    *column = 0;
  }
  g_string_append_printf (text, "%s%s", *column == 0 ? "  " : "; ", name);
  *column += strlen (name) + 2;
}

typedef bool (*Select) (const LabCoverage *coverage, LabCoverageTable table, uint32_t place);

static bool
is_missed (const LabCoverage *coverage, LabCoverageTable table, uint32_t place)
{
  return lab_coverage_count (coverage, table, place) == 0
         && lab_coverage_excuse (table, place) == NULL;
}

static bool
is_beyond (const LabCoverage *coverage, LabCoverageTable table, uint32_t place)
{
  return lab_coverage_count (coverage, table, place) > 0
         && lab_coverage_excuse (table, place) != NULL;
}

/* The places that |select| chooses, table by table, under |title|; nothing if there are none. */
static void
append_places (GString *text, const LabCoverage *coverage, const char *title, Select select)
{
  bool has_title = false;

  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++) {
    size_t column = 0;
    bool has_name = false;
    for (uint32_t place = 0; place < lab_coverage_places (table); place++) {
      if (!select (coverage, table, place))
        continue;
      if (!has_title)
        g_string_append_printf (text, "\n%s\n", title);
      if (!has_name)
        g_string_append_printf (text, "\n%s\n", lab_coverage_info (table)->name);
      has_title = has_name = true;
      g_autofree char *name = lab_coverage_place_name (table, place);
      append_name (text, name, &column);
    }
    if (has_name)
      g_string_append_c (text, '\n');
  }
}

/* Every place that can be reached, with its count. */
static void
append_counts (GString *text, const LabCoverage *coverage)
{
  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++) {
    g_string_append_printf (text, "\n%s\n", lab_coverage_info (table)->name);
    for (uint32_t place = 0; place < lab_coverage_places (table); place++) {
      uint64_t count = lab_coverage_count (coverage, table, place);
      if (count == 0 && lab_coverage_excuse (table, place) != NULL)
        continue;
      g_autofree char *name = lab_coverage_place_name (table, place);
      g_string_append_printf (text, "%12" G_GUINT64_FORMAT "  %s\n", count, name);
    }
  }
}

static char *
text_of (const Campaign *campaign, bool tells_all)
{
  GString *text = g_string_new (NULL);

  append_head (text, campaign);
  append_places (text, campaign->coverage, "never reached", is_missed);
  append_places (text, campaign->coverage,
                 "reached, and should not be: the table or the model is wrong", is_beyond);
  if (tells_all)
    append_counts (text, campaign->coverage);
  return g_string_free (text, FALSE);
}

static void
table_json (const LabCoverage *coverage, LabCoverageTable table, LabJson *json)
{
  const LabCoverageInfo *info = lab_coverage_info (table);
  LabCoverageShare share = lab_coverage_share (coverage, table);

  lab_json_begin_object (json, NULL);
  lab_json_string (json, "table", info->name);
  lab_json_string (json, "means", info->means);
  lab_json_unsigned (json, "reached", share.reached);
  lab_json_unsigned (json, "reachable", share.reachable);
  lab_json_unsigned (json, "beyond", share.beyond);
  lab_json_begin_array (json, "places");
  for (uint32_t place = 0; place < lab_coverage_places (table); place++) {
    uint32_t at[LAB_COVERAGE_AXES_MAX];
    lab_coverage_at (table, place, at);
    lab_json_begin_object (json, NULL);
    for (uint32_t i = 0; i < info->n_axes; i++)
      lab_json_string (json, info->axis[i].name, info->axis[i].value (at[i]));
    lab_json_unsigned (json, "count", lab_coverage_count (coverage, table, place));
    lab_json_string (json, "excuse", lab_coverage_excuse (table, place));
    lab_json_end_object (json);
  }
  lab_json_end_array (json);
  lab_json_end_object (json);
}

static char *
json_of (const Campaign *campaign)
{
  LabJson *json = lab_json_new ();

  lab_json_begin_array (json, NULL);
  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++)
    table_json (campaign->coverage, table, json);
  lab_json_end_array (json);
  return lab_json_free_to_text (json);
}

/* Checking */

static char *
table_names (void)
{
  const char *names[LAB_N_COVERAGE_TABLES + 1] = { NULL };

  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++)
    names[table] = lab_coverage_info (table)->name;
  return g_strjoinv (", ", (char **)names);
}

/* The tables named in |names|, "operations,oids", as bits; false with a message for an unknown
 * one. */
static bool
tables_named (const char *names, uint32_t *ret_tables)
{
  g_auto (GStrv) words = g_strsplit (names != NULL ? names : "", ",", -1);

  *ret_tables = 0;
  for (guint i = 0; words[i] != NULL; i++) {
    LabCoverageTable table = 0;
    while (table < LAB_N_COVERAGE_TABLES && strcmp (lab_coverage_info (table)->name, words[i]) != 0)
      table++;
    if (table == LAB_N_COVERAGE_TABLES) {
      g_autofree char *known = table_names ();
      cli_message ("chimsim coverage: there is no table `%s`; write one of %s", words[i], known);
      return false;
    }
    *ret_tables |= UINT32_C (1) << table;
  }
  return true;
}

static CliExit
exit_of (const Campaign *campaign, uint32_t complete)
{
  CliExit code = campaign->count[BROKEN_OFF] > 0 ? CLI_CHECK_FAILED : CLI_OK;

  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++) {
    LabCoverageShare share = lab_coverage_share (campaign->coverage, table);
    if ((complete >> table & 1) == 0 || (share.reached == share.reachable && share.beyond == 0))
      continue;
    cli_message ("chimsim coverage: %s: %u of %u reached, %u that should not be",
                 lab_coverage_info (table)->name, share.reached, share.reachable, share.beyond);
    code = CLI_CHECK_FAILED;
  }
  return code;
}

static CliExit
cover (Campaign *campaign, const Options *options, uint32_t complete)
{
  LabCrew crew = { campaign->files->len + (size_t)options->n_random,
                   (guint)options->n_workers,
                   0,
                   campaign,
                   job,
                   each };

  campaign->coverage = lab_coverage_new ();
  lab_crew_run (&crew);
  g_autofree char *text =
      options->as_json ? json_of (campaign) : text_of (campaign, options->tells_all);
  cli_print (text);
  CliExit code = exit_of (campaign, complete);
  lab_coverage_free (campaign->coverage);
  return cli_flush () || code != CLI_OK ? code : CLI_USAGE;
}

static bool
options_make_sense (const Options *options, int argc)
{
  if (argc < 2 && options->n_random == 0)
    cli_message ("chimsim coverage: name a folder, e.g. scenarios, or a number of random runs");
  else if (options->n_workers < 1 || options->n_workers > LAB_WORKERS_MAX)
    cli_message ("chimsim coverage: -j: write 1 to %d", LAB_WORKERS_MAX);
  else if (options->n_random < 0)
    cli_message ("chimsim coverage: --random: write how many, 0 or more");
  else
    return true;
  return false;
}

CliExit
verb_coverage (int argc, char **argv)
{
  Options options = { .n_workers = (int)g_get_num_processors () };
  g_autofree char *complete = NULL;
  const GOptionEntry entries[] = {
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &options.n_workers,
      "how many run at once (default: one a processor)", "N" },
    { "random", 0, 0, G_OPTION_ARG_INT, &options.n_random,
      "random runs that are counted, too, from number 0 on; choices vary in these alone", "N" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.tells_all, "every place with its count", NULL },
    { "complete", 0, 0, G_OPTION_ARG_STRING, &complete,
      "fail unless these tables are: operations,oids,...", "TABLES" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.as_json, "an array of objects", NULL },
    G_OPTION_ENTRY_NULL,
  };
  CliExit code = CLI_OK;
  uint32_t tables;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  if (!options_make_sense (&options, argc) || !tables_named (complete, &tables))
    return CLI_USAGE;
  GError *error = NULL;
  g_autoptr (GPtrArray) files = lab_trial_files (argv + 1, argc - 1, &error);
  if (files == NULL)
    return cli_fail (error);
  Campaign campaign = { .files = files };
  return cover (&campaign, &options, tables);
}
