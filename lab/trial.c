#include "lab/trial.h"

#include <string.h>

#include "lab/coverage.h"
#include "lab/golden.h"
#include "lab/reader.h"
#include "lab/run.h"
#include "lab/scenario.h"
#include "lab/verdict.h"

#define DEPTH_MAX 16

void
lab_trial_free (LabTrial *trial)
{
  if (trial == NULL)
    return;
  g_ptr_array_unref (trial->complaints);
  g_free (trial->wants);
  g_free (trial->path);
  g_free (trial);
}

const char *
lab_trial_outcome_name (LabTrialOutcome outcome)
{
  static const char *const names[] = { "silent", "passed", "failed", "golden differs" };
  return names[outcome];
}

static void G_GNUC_PRINTF (2, 3) complain (LabTrial *trial, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (trial->complaints, g_strdup_vprintf (format, args));
  va_end (args);
}

/* What `test` says. */

static const LabSetting *
wanted (const LabScenario *scenario, const char *name)
{
  return lab_setting_get (lab_scenario_find (scenario, "test"), name);
}

static char *
wants_text (const LabScenario *scenario)
{
  const LabSetting *trips = wanted (scenario, "trips");
  const LabSetting *verdict = wanted (scenario, "verdict");
  GString *text = g_string_new (NULL);

  if (lab_setting_is_set (verdict))
    g_string_append (text, verdict->value.word->name);
  for (guint i = 0; i < trips->children->len; i++)
    g_string_append_printf (text, "%s%s",
                            i > 0           ? ", "
                            : text->len > 0 ? ", trips "
                                            : "trips ",
                            ((const LabSetting *)trips->children->pdata[i])->value.text);
  if (text->len == 0)
    g_string_append (text, "no rule broken");
  if (wanted (scenario, "golden")->children->len > 0)
    g_string_append (text, ", golden");
  return g_string_free (text, FALSE);
}

static bool
wants_trip (const LabScenario *scenario, RuleId rule)
{
  const LabSetting *trips = wanted (scenario, "trips");

  for (guint i = 0; i < trips->children->len; i++)
    if (rule_by_name (((const LabSetting *)trips->children->pdata[i])->value.text) == rule)
      return true;
  return false;
}

/* Rules */

/* The first violation of |rule|, told; "" if it was not listed. */
static char *
violation_text (const RuleBook *book, RuleId rule)
{
  for (uint32_t i = 0; i < rule_book_n_violations (book); i++) {
    const RuleViolation *violation = rule_book_violation (book, i);
    if (violation->rule != rule)
      continue;
    g_autofree char *when = lab_decimal_text (violation->when.ps, 9);
    return g_strdup_printf (" at %s ms: %s", when, violation->text);
  }
  return g_strdup ("");
}

static void
check_rules (LabTrial *trial, const LabScenario *scenario, const RuleBook *book)
{
  bool is_strict =
      lab_setting_integer (lab_scenario_find (scenario, "test"), "clean_otherwise") != 0;

  for (RuleId rule = 0; rule < RULE_N; rule++) {
    bool is_broken = book != NULL && rule_book_verdict (book, rule) == RULE_BROKEN;
    bool is_wanted = wants_trip (scenario, rule);
    if (is_wanted && !is_broken)
      complain (trial, "%s was not broken (%s)", rule_info (rule)->id,
                book == NULL ? "rules were not judged"
                             : rule_verdict_name (rule_book_verdict (book, rule)));
    if (!is_wanted && is_broken && is_strict) {
      g_autofree char *text = violation_text (book, rule);
      complain (trial, "%s was broken%s", rule_info (rule)->id, text);
    }
  }
}

/* Expectations and situations */

static void
check_expectations (LabTrial *trial, const LabExpect *expect)
{
  for (uint32_t i = 0; i < lab_expect_count (expect); i++) {
    const LabExpectation *expectation = lab_expect_expectation (expect, i);
    const LabJudged *judged = lab_expect_judged (expect, i);
    if (judged->judgement != LAB_HELD)
      complain (trial, "expectation %s: %s: %s", expectation->id,
                lab_judgement_name (judged->judgement), judged->why);
  }
}

static void
check_situations (LabTrial *trial, const LabSituations *situations)
{
  LabSituationSet missed = lab_situations_missed (situations);

  for (LabSituation s = 0; s < LAB_N_SITUATIONS; s++)
    if (missed & LAB_SITUATION_BIT (s))
      complain (trial, "%s was not met", lab_situation_info (s)->name);
}

static void
check_places (LabTrial *trial, const LabChecks *checks, const LabCoverage *coverage)
{
  for (guint i = 0; i < checks->covers->len; i++) {
    LabPlace place = g_array_index (checks->covers, LabPlace, i);
    g_autofree char *name = lab_place_name (place);
    if (lab_coverage_count (coverage, place.table, place.place) == 0)
      complain (trial, "%s was not reached", name);
  }
}

static void
check_verdict (LabTrial *trial, const LabScenario *scenario, const LabRun *run, const LabRun *twin)
{
  const LabSetting *verdict = wanted (scenario, "verdict");
  LabVerdict got = lab_verdict_of (run, twin);

  if (!lab_setting_is_set (verdict) || (LabVerdict)verdict->value.integer == got)
    return;
  complain (trial, "the verdict is %s (stopped by: %s)", lab_verdict_name (got),
            sim_stop_name (run->stop));
  if (!apps_all_in_order (run->apps))
    complain (trial, "an application got bytes out of order, twice, or not at all");
  if (!lab_verdict_twin (run, twin).is_equal)
    complain (trial, "with the chimney off, applications saw other messages");
}

/* Fingerprints */

/* Which of them the test names, with what the run had. */
static LabGolden
golden_of (const LabScenario *scenario, const LabRun *run)
{
  const LabSetting *list = wanted (scenario, "golden");
  LabGolden golden = { 0 };

  for (guint i = 0; i < list->children->len; i++) {
    int64_t print = ((const LabSetting *)list->children->pdata[i])->value.integer;
    golden.is_known[print] = true;
    golden.print[print] = run->print[print];
  }
  return golden;
}

static void
compare_golden (LabTrial *trial, const LabGolden *got, const LabGolden *known)
{
  for (SimPrint p = 0; p < SIM_N_PRINTS; p++) {
    if (!got->is_known[p] || (known->is_known[p] && known->print[p] == got->print[p]))
      continue;
    if (known->is_known[p])
      complain (trial,
                "fingerprint %s is %016" G_GINT64_MODIFIER "x, the golden is %016" G_GINT64_MODIFIER
                "x",
                lab_print_name (p), got->print[p], known->print[p]);
    else
      complain (trial, "fingerprint %s has no golden", lab_print_name (p));
  }
}

/* False if the goldens differ, with complaints. */
static bool
check_golden (LabTrial *trial, const LabScenario *scenario, const LabRun *run, bool updates_golden)
{
  g_autofree char *path = lab_golden_path (trial->path);
  LabGolden got = golden_of (scenario, run), known;
  g_autoptr (GError) error = NULL;
  guint before = trial->complaints->len;

  if (wanted (scenario, "golden")->children->len == 0)
    return true;
  if (updates_golden ? !lab_golden_write (path, &got, &error)
                     : !lab_golden_read (path, &known, &error))
    complain (trial, "%s", error->message);
  else if (!updates_golden)
    compare_golden (trial, &got, &known);
  return trial->complaints->len == before;
}

static void
carry_out (LabTrial *trial, const LabScenario *scenario, bool updates_golden)
{
  LabRunRequest request = { .config = lab_scenario_config (scenario),
                            .rules = lab_scenario_wants_rules (scenario),
                            .measures = true,
                            .checks = lab_scenario_checks (scenario) };
  g_autoptr (LabRun) run = lab_run (&request);
  g_autoptr (LabRun) twin = lab_scenario_wants_twin (scenario) ? lab_run_twin (&request) : NULL;

  check_verdict (trial, scenario, run, twin);
  check_rules (trial, scenario, run->rules);
  check_expectations (trial, run->expect);
  check_situations (trial, run->situations);
  check_places (trial, request.checks, run->coverage);
  if (trial->complaints->len > 0)
    trial->outcome = LAB_TRIAL_FAILED;
  else
    trial->outcome = check_golden (trial, scenario, run, updates_golden) ? LAB_TRIAL_PASSED
                                                                         : LAB_TRIAL_GOLDEN_DIFFERS;
}

/* The scenario is to be refused with |message|. */
static void
check_refusal (LabTrial *trial, const char *message, const GError *error)
{
  trial->wants = g_strdup ("refused");
  trial->outcome = LAB_TRIAL_FAILED;
  if (error == NULL)
    complain (trial, "it was accepted");
  else if (strstr (error->message, message) == NULL)
    complain (trial, "the message is: %s", error->message);
  else
    trial->outcome = LAB_TRIAL_PASSED;
}

/* The `test:` section as it is written, of a file that may be refused; NULL: there is none. */
static const LabNode *
written_test (LabTree *tree)
{
  return tree != NULL ? lab_node_get (lab_tree_root (tree), "test") : NULL;
}

LabTrial *
lab_trial_run (const char *path, bool updates_golden)
{
  LabTrial *trial = g_new0 (LabTrial, 1);
  g_autoptr (LabMistakes) mistakes = lab_mistakes_new ();
  g_autoptr (LabTree) tree = lab_tree_load (path, mistakes);
  const LabNode *test = written_test (tree);
  const LabNode *refused = lab_node_get (test, "refused");
  LabScenarioRequest request = { .path = path };
  g_autoptr (GError) error = NULL;

  trial->path = g_strdup (path);
  trial->complaints = g_ptr_array_new_with_free_func (g_free);
  if (test == NULL)
    return trial;
  g_autoptr (LabScenario) scenario = lab_scenario_load (&request, &error);
  if (refused != NULL && refused->kind == LAB_NODE_SCALAR) {
    check_refusal (trial, refused->text, error);
    return trial;
  }
  if (scenario != NULL) {
    trial->wants = wants_text (scenario);
    carry_out (trial, scenario, updates_golden);
    return trial;
  }
  trial->wants = g_strdup ("accepted");
  trial->outcome = LAB_TRIAL_FAILED;
  complain (trial, "%s", error->message);
  return trial;
}

void
lab_trial_json (const LabTrial *trial, LabJson *json)
{
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "scenario", trial->path);
  lab_json_string (json, "wants", trial->wants);
  lab_json_string (json, "outcome", lab_trial_outcome_name (trial->outcome));
  lab_json_begin_array (json, "complaints");
  for (guint i = 0; i < trial->complaints->len; i++)
    lab_json_string (json, NULL, trial->complaints->pdata[i]);
  lab_json_end_array (json);
  lab_json_end_object (json);
}

/* Files */

static gint
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
collect (const char *folder, unsigned depth, GPtrArray *files)
{
  g_autoptr (GDir) dir = depth < DEPTH_MAX ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    if (name[0] == '.' || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      continue;
    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      collect (path, depth + 1, files);
    else if (g_str_has_suffix (name, ".yaml"))
      g_ptr_array_add (files, g_steal_pointer (&path));
  }
}

/* The files at |path| and below, added to |files|. */
static bool
add_files (const char *path, GPtrArray *files, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, LAB_ERROR, LAB_ERROR_FILE, "%s is not there; name a folder or a scenario",
                 path);
    return false;
  }
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    collect (path, 0, found);
  else
    g_ptr_array_add (found, g_strdup (path));
  g_ptr_array_sort (found, compare_paths);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (files, found->pdata[i]);
  return true;
}

GPtrArray *
lab_trial_files (char *const *paths, int n_paths, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; i < n_paths; i++)
    if (!add_files (paths[i], files, error))
      return NULL;
  return g_steal_pointer (&files);
}
