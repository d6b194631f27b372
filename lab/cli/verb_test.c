#include "lab/cli/cli.h"
#include "lab/crew.h"
#include "lab/trial.h"

static const CliVerb verb = { "test", "DIR...",
                              "runs the scenarios below DIR that say what they expect", verb_test };

/* Between the texts of a trial on its way from a worker. */
#define MARK "\x1e"

typedef struct Testing {
  const GPtrArray *files; /* char * */
  bool updates_golden;
  LabJson *json; /* NULL: lines of text */
  guint count[LAB_TRIAL_GOLDEN_DIFFERS + 1];
} Testing;

/* In the worker: the outcome, what is wanted, the complaints. */
static void
try_one (void *data, size_t index, GByteArray *bytes)
{
  const Testing *testing = data;
  g_autoptr (LabTrial) trial =
      lab_trial_run (testing->files->pdata[index], testing->updates_golden);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%d" MARK "%s", (int)trial->outcome,
                          trial->wants != NULL ? trial->wants : "");
  for (guint i = 0; i < trial->complaints->len; i++)
    g_string_append_printf (text, MARK "%s", (const char *)trial->complaints->pdata[i]);
  g_byte_array_append (bytes, (const guint8 *)text->str, (guint)text->len);
}

static LabTrial *
trial_of (const char *path, const LabJobResult *result)
{
  LabTrial *trial = g_new0 (LabTrial, 1);

  trial->path = g_strdup (path);
  trial->complaints = g_ptr_array_new_with_free_func (g_free);
  if (result->bytes == NULL) {
    trial->outcome = LAB_TRIAL_FAILED;
    trial->wants = g_strdup ("to end");
    g_ptr_array_add (trial->complaints,
                     g_strdup_printf ("the program broke off: %s", result->words));
    return trial;
  }
  g_autofree char *said = g_strndup ((const char *)result->bytes, result->n_bytes);
  g_auto (GStrv) texts = g_strsplit (said, MARK, -1);
  trial->outcome = (LabTrialOutcome)(texts[0][0] - '0');
  trial->wants = g_strdup (texts[1]);
  for (guint i = 2; texts[i] != NULL; i++)
    g_ptr_array_add (trial->complaints, g_strdup (texts[i]));
  return trial;
}

static void
tell_lines (const LabTrial *trial)
{
  g_autofree char *line =
      g_strdup_printf ("%-14s %s: %s\n", lab_trial_outcome_name (trial->outcome), trial->path,
                       trial->wants);
  cli_print (line);
  for (guint i = 0; i < trial->complaints->len; i++) {
    g_autofree char *complaint =
        g_strdup_printf ("%15s%s\n", "", (const char *)trial->complaints->pdata[i]);
    cli_print (complaint);
  }
  if (trial->outcome == LAB_TRIAL_FAILED)
    cli_message ("reproduce: ./chimsim run %s", trial->path);
}

static void
tell (void *data, size_t index, const LabJobResult *result)
{
  Testing *testing = data;
  g_autoptr (LabTrial) trial = trial_of (testing->files->pdata[index], result);

  testing->count[trial->outcome]++;
  if (trial->outcome == LAB_TRIAL_SILENT)
    return;
  if (testing->json != NULL)
    lab_trial_json (trial, testing->json);
  else
    tell_lines (trial);
}

static CliExit
exit_of (const Testing *testing, guint n_files)
{
  if (testing->count[LAB_TRIAL_SILENT] == n_files) {
    cli_message ("chimsim test: no scenario there says what it expects; give one a section test: "
                 "{verdict: clean}");
    return CLI_USAGE;
  }
  if (testing->count[LAB_TRIAL_FAILED] > 0)
    return CLI_CHECK_FAILED;
  return testing->count[LAB_TRIAL_GOLDEN_DIFFERS] > 0 ? CLI_GOLDEN_DIFFERS : CLI_OK;
}

static CliExit
test_files (const GPtrArray *files, bool updates_golden, int n_workers, bool as_json)
{
  Testing testing = { .files = files,
                      .updates_golden = updates_golden,
                      .json = as_json ? lab_json_new () : NULL };
  LabCrew crew = { files->len, (guint)n_workers, 0, &testing, try_one, tell };
  const guint *count = testing.count;
  g_autofree char *text = NULL;

  if (as_json)
    lab_json_begin_array (testing.json, NULL);
  lab_crew_run (&crew);
  if (as_json) {
    lab_json_end_array (testing.json);
    text = lab_json_free_to_text (testing.json);
  } else {
    text = g_strdup_printf ("%u passed, %u failed, %u with another golden; %u files say nothing\n",
                            count[LAB_TRIAL_PASSED], count[LAB_TRIAL_FAILED],
                            count[LAB_TRIAL_GOLDEN_DIFFERS], count[LAB_TRIAL_SILENT]);
  }
  cli_print (text);
  return exit_of (&testing, files->len);
}

CliExit
verb_test (int argc, char **argv)
{
  gboolean as_json = FALSE, updates_golden = FALSE;
  int n_workers = (int)g_get_num_processors ();
  const GOptionEntry entries[] = {
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &n_workers,
      "how many run at once (default: one a processor)", "N" },
    { "update-golden", 0, 0, G_OPTION_ARG_NONE, &updates_golden,
      "write fingerprints instead of comparing them", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "an array of objects", NULL },
    G_OPTION_ENTRY_NULL,
  };
  GError *error = NULL;
  CliExit code = CLI_OK;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  if (argc < 2 || n_workers < 1 || n_workers > LAB_WORKERS_MAX) {
    cli_message (argc < 2 ? "chimsim test: name a folder, e.g. scenarios"
                          : "chimsim test: -j: write 1 to %d",
                 LAB_WORKERS_MAX);
    return CLI_USAGE;
  }
  g_autoptr (GPtrArray) files = lab_trial_files (argv + 1, argc - 1, &error);
  if (files == NULL)
    return cli_fail (error);
  code = test_files (files, updates_golden, n_workers, as_json);
  return cli_flush () || code != CLI_OK ? code : CLI_USAGE;
}
