#include "lab/result.h"

#include <sys/utsname.h>

#include "lab/plot.h"
#include "lab/schedule.h"
#include "lab/summary.h"
#include "lab/tables.h"
#include "lab/version.h"

/* Writes |text|, which it takes, as |name|. */
static bool
put (LabFolder *folder, const char *name, char *text, GError **error)
{
  g_autofree char *owned = text;
  return lab_folder_write (folder, name, owned, -1, error);
}

static char *
stats_json (const LabStats *stats)
{
  LabJson *json = lab_json_new ();
  lab_stats_to_json (stats, json, NULL);
  return lab_json_free_to_text (json);
}

static char *
schedule_text (const LabReportInput *input)
{
  size_t count;
  const SimChoice *taken = sim_choices_taken (sim_choices (world_sim (input->run->world)), &count);
  g_autofree char *digest = lab_scenario_digest (input->scenario);
  return lab_schedule_text (taken, count, digest, lab_scenario_config (input->scenario)->seed);
}

/* The only file with a clock and a machine in it. */
static char *
env_json (const LabResultInput *input)
{
  LabJson *json = lab_json_new ();
  struct utsname machine = { 0 };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format_iso8601 (now);
  uint64_t events = sim_events_fired (world_sim (input->report.run->world));

  (void)uname (&machine);
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "date", date);
  lab_json_string (json, "system", machine.sysname);
  lab_json_string (json, "release", machine.release);
  lab_json_string (json, "machine", machine.machine);
  lab_json_string (json, "compiler", __VERSION__);
  lab_json_integer (json, "wall_ms", input->wall_ms);
  lab_json_integer (json, "events_per_s",
                    input->wall_ms > 0 ? (int64_t)events * 1000 / input->wall_ms : 0);
  lab_json_end_object (json);
  return lab_json_free_to_text (json);
}

static char *
manifest_json (const LabReportInput *input, const LabFolder *folder)
{
  LabJson *json = lab_json_new ();
  g_autofree char *digest = lab_scenario_digest (input->scenario);

  lab_json_begin_object (json, NULL);
  lab_json_string (json, "format", "chimsim-result/1");
  lab_json_string (json, "version", LAB_VERSION);
  lab_json_string (json, "scenario", lab_scenario_config (input->scenario)->name);
  lab_json_string (json, "scenario_digest", digest);
  lab_json_unsigned (json, "seed", lab_scenario_config (input->scenario)->seed);
  lab_json_string (json, "stop", sim_stop_name (input->run->stop));
  lab_json_string (json, "verdict", lab_verdict_name (lab_verdict_of (input->run, input->twin)));
  lab_json_begin_object (json, "fingerprints");
  for (SimPrint print = 0; print < SIM_N_PRINTS; print++)
    lab_json_hex (json, lab_print_name (print), input->run->print[print]);
  lab_json_end_object (json);
  lab_folder_to_json (folder, json);
  lab_json_end_object (json);
  return lab_json_free_to_text (json);
}

static bool
write_tables (const LabReportInput *input, LabFolder *folder, GError **error)
{
  const LabRun *run = input->run;

  return put (folder, "scenario.resolved.yaml", lab_scenario_resolved (input->scenario), error)
         && put (folder, "stats.json", stats_json (run->stats), error)
         && put (folder, "stats.csv", lab_stats_to_csv (run->stats), error)
         && put (folder, "latency.csv", lab_latency_csv (input->view), error)
         && put (folder, "ownership.csv", lab_ownership_csv (input->view), error)
         && put (folder, "counters.csv", lab_counters_to_csv (run->counters), error)
         && put (folder, "schedule.yaml", schedule_text (input), error)
         && put (folder, "verdict.json", lab_verdict_json (run, input->twin), error);
}

/* Each chart as picture, text and Mermaid, under its name. */
static bool
write_charts (const LabReportInput *input, LabFolder *folder, GError **error)
{
  for (guint i = 0; i < input->charts->len; i++) {
    const LabChart *chart = input->charts->pdata[i];
    g_autoptr (LabChartSheet) sheet = lab_chart_sheet (chart);
    const char *name = lab_chart_focus (chart)->name;
    g_autofree char *svg = g_strdup_printf ("charts/%s.svg", name);
    g_autofree char *text = g_strdup_printf ("charts/%s.txt", name);
    g_autofree char *mermaid = g_strdup_printf ("charts/%s.mmd", name);
    if (!put (folder, svg, lab_chart_svg (sheet), error)
        || !put (folder, text, lab_chart_text (sheet), error)
        || !put (folder, mermaid, lab_chart_mermaid (sheet), error))
      return false;
  }
  return true;
}

/* What a person looks at: plots, if they are wanted, the report and the summary. */
static bool
write_pages (const LabResultInput *input, LabReportInput *report, LabFolder *folder,
             char **ret_summary, GError **error)
{
  g_autoptr (GPtrArray) plots = NULL;

  if (input->plots) {
    plots = lab_plots_write (report->view, lab_scenario_find (report->scenario, "output.plots"),
                             folder, error);
    if (plots == NULL)
      return false;
    report->plots = plots;
  }
  g_autofree char *summary = lab_summary_text (report);
  bool ok = lab_report_write (report, folder, error)
            && lab_folder_write (folder, "summary.txt", summary, -1, error);
  report->plots = NULL;
  if (ok)
    *ret_summary = g_steal_pointer (&summary);
  return ok;
}

bool
lab_result_write (const LabResultInput *input, LabFolder *folder, char **ret_summary,
                  GError **error)
{
  LabReportInput report = input->report;
  LabView view = lab_run_view (report.run);
  g_autofree char *summary = NULL;

  report.view = &view;
  if (!write_tables (&report, folder, error) || !write_charts (&report, folder, error)
      || !write_pages (input, &report, folder, &summary, error)
      || !put (folder, "manifest.json", manifest_json (&report, folder), error)
      || !put (folder, "env.json", env_json (input), error) || !lab_folder_commit (folder, error))
    return false;
  *ret_summary = g_steal_pointer (&summary);
  return true;
}

char *
lab_result_path (const LabScenario *scenario)
{
  return g_build_filename ("results", lab_scenario_config (scenario)->name, NULL);
}
