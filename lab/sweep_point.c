#include "lab/sweep_point.h"

#include <string.h>

#include "lab/folder.h"
#include "lab/outcome.h"
#include "lab/version.h"

#define DECIMALS_MAX 15
#define OUTCOME_ROW "point.outcome"
#define ORDER_ROW "point.fingerprint.order"

void
lab_point_free (LabPoint *point)
{
  if (point == NULL)
    return;
  lab_stats_free (point->stats);
  g_free (point->order);
  g_free (point->outcome);
  g_free (point);
}

static char *
folder_of (const LabPointPlace *place)
{
  g_autofree char *name = lab_sweep_point (place->sweep, place->cell, place->replication);
  return g_build_filename (place->points, name, NULL);
}

/* Writing */

/* What a run came to: itself, its twin, and in words if events are moved. */
typedef struct Came {
  const LabRun *run, *twin;
  char *outcome;
} Came;

static char *
point_csv (const LabPointPlace *place, const Came *came)
{
  const LabRun *run = came->run;
  GString *csv = g_string_new ("name,value,unit\n");
  g_autofree char *figures = lab_stats_to_csv (run->stats);

  g_string_append_printf (csv,
                          "point.verdict,%s,\npoint.stop,%s,\npoint.seed,%" G_GUINT64_FORMAT ",\n",
                          lab_verdict_name (lab_verdict_of (run, came->twin)),
                          sim_stop_name (run->stop),
                          lab_sweep_seed (place->sweep, place->replication));
  for (SimPrint print = 0; print < SIM_N_PRINTS; print++)
    g_string_append_printf (csv, "point.fingerprint.%s,%016" G_GINT64_MODIFIER "x,\n",
                            lab_print_name (print), run->print[print]);
  if (came->outcome != NULL)
    g_string_append_printf (csv, OUTCOME_ROW ",%s,\n", came->outcome);
  const char *rows = strchr (figures, '\n');
  g_string_append (csv, rows != NULL ? rows + 1 : "");
  return g_string_free (csv, FALSE);
}

static char *
manifest_json (const LabPointPlace *place, const LabFolder *folder)
{
  LabJson *json = lab_json_new ();

  lab_json_begin_object (json, NULL);
  lab_json_string (json, "format", "chimsim-point/1");
  lab_json_string (json, "version", LAB_VERSION);
  lab_json_string (json, "scenario_digest", place->cell->digest);
  lab_json_unsigned (json, "seed", lab_sweep_seed (place->sweep, place->replication));
  lab_json_begin_object (json, "set");
  for (guint i = 0; i < place->cell->n_sets; i++)
    lab_json_string (json, place->cell->set[i].path, place->cell->set[i].value);
  lab_json_end_object (json);
  lab_folder_to_json (folder, json);
  lab_json_end_object (json);
  return lab_json_free_to_text (json);
}

static bool
write_point (const LabPointPlace *place, const Came *came, GError **error)
{
  g_autofree char *path = folder_of (place);
  g_autofree char *csv = point_csv (place, came);
  g_autoptr (LabFolder) folder = lab_folder_new (path, error);

  if (folder == NULL || !lab_folder_write (folder, "point.csv", csv, -1, error))
    return false;
  g_autofree char *manifest = manifest_json (place, folder);
  return lab_folder_write (folder, "manifest.json", manifest, -1, error)
         && lab_folder_commit (folder, error);
}

static void
watch_situations (void *data, Sim *sim)
{
  LabOutcome *outcome = data;
  lab_outcome_watch (outcome, sim_trace (sim));
}

LabPointOutcome
lab_point_run (const LabPointPlace *place, LabProgressFn progress, void *data, GError **error)
{
  g_autoptr (LabScenario) scenario =
      lab_sweep_load (place->sweep, place->cell, place->replication, error);
  g_autoptr (LabRun) twin = NULL;

  if (scenario == NULL)
    return LAB_POINT_FAILED;
  LabRunRequest request = { .config = lab_scenario_config (scenario),
                            .rules = lab_scenario_wants_rules (scenario),
                            .measures = true,
                            .checks = lab_scenario_checks (scenario),
                            .progress = progress,
                            .progress_data = data };
  g_autoptr (LabOutcome) outcome = NULL;
  if (lab_sweep_windows (place->sweep) != NULL) {
    outcome = lab_outcome_new (scenario, lab_sweep_windows (place->sweep));
    request.observe = watch_situations;
    request.observe_data = outcome;
  }
  g_autoptr (LabRun) run = lab_run (&request);
  if (!run->interrupted && lab_scenario_wants_twin (scenario))
    twin = lab_run_twin (&request);
  if (run->interrupted || (twin != NULL && twin->interrupted))
    return LAB_POINT_INTERRUPTED;
  g_autofree char *words = outcome != NULL ? lab_outcome_words (outcome, run) : NULL;
  Came came = { run, twin, words };
  return write_point (place, &came, error) ? LAB_POINT_DONE : LAB_POINT_FAILED;
}

/* Reading */

static bool
read_decimal (const char *text, int64_t *ret_value, unsigned *ret_n_decimals)
{
  g_autoptr (GString) digits = g_string_new (NULL);
  const char *point = strchr (text, '.');

  for (const char *c = text; *c != '\0'; c++)
    if (c != point)
      g_string_append_c (digits, *c);
  *ret_n_decimals = point != NULL ? (unsigned)strlen (point + 1) : 0;
  return *ret_n_decimals <= DECIMALS_MAX
         && g_ascii_string_to_signed (digits->str, 10, G_MININT64, G_MAXINT64, ret_value, NULL);
}

/* One row of what the run says of itself; false: it makes no sense. */
static bool
take_fact (LabPoint *point, const char *name, const char *value, bool *has_verdict)
{
  if (strcmp (name, "point.stop") == 0)
    point->hit_limit = strcmp (value, sim_stop_name (SIM_STOP_EVENTS)) == 0
                       || strcmp (value, sim_stop_name (SIM_STOP_LIVELOCK)) == 0;
  if (strcmp (name, ORDER_ROW) == 0)
    point->order = g_strdup (value);
  if (strcmp (name, OUTCOME_ROW) == 0)
    point->outcome = g_strdup (value);
  if (strcmp (name, "point.verdict") != 0)
    return true;
  for (LabVerdict verdict = LAB_VERDICT_CLEAN; verdict <= LAB_VERDICT_NONE; verdict++)
    if (strcmp (lab_verdict_name (verdict), value) == 0) {
      point->verdict = verdict;
      *has_verdict = true;
    }
  return *has_verdict;
}

static bool
take_row (LabPoint *point, const char *row, bool *has_verdict)
{
  g_auto (GStrv) column = g_strsplit (row, ",", 3);
  int64_t value;
  unsigned n_decimals;

  if (g_strv_length (column) != 3)
    return *row == '\0';
  if (g_str_has_prefix (column[0], "point."))
    return take_fact (point, column[0], column[1], has_verdict);
  if (!read_decimal (column[1], &value, &n_decimals)
      || lab_stats_find (point->stats, column[0]) != NULL)
    return false;
  lab_stats_add (point->stats, g_intern_string (column[2]), n_decimals, value, "%s", column[0]);
  return true;
}

LabPoint *
lab_point_read (const LabPointPlace *place)
{
  g_autofree char *folder = folder_of (place);
  g_autofree char *path = g_build_filename (folder, "point.csv", NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  g_auto (GStrv) row = g_strsplit (text, "\n", -1);
  g_autoptr (LabPoint) point = g_new0 (LabPoint, 1);
  bool has_verdict = false;
  point->stats = lab_stats_new ();
  for (guint i = 1; row[0] != NULL && row[i] != NULL; i++)
    if (!take_row (point, row[i], &has_verdict))
      return NULL;
  return has_verdict ? g_steal_pointer (&point) : NULL;
}
