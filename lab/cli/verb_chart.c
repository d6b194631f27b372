#include <string.h>

#include "lab/address.h"
#include "lab/charts.h"
#include "lab/cli/cli.h"
#include "lab/cli/load.h"

static const CliVerb verb = { "chart", "SCENARIO",
                              "who called whom: one connection, or what the run met", verb_chart };

typedef struct Options {
  CliLoad load;
  char *connection, *window, *format;
} Options;

static char *
drawing (const LabChartSheet *sheet, const char *format)
{
  if (g_strcmp0 (format, "svg") == 0)
    return lab_chart_svg (sheet);
  if (g_strcmp0 (format, "mermaid") == 0)
    return lab_chart_mermaid (sheet);
  return lab_chart_text (sheet);
}

static void
print_charts (const GPtrArray *charts, const char *format)
{
  for (guint i = 0; i < charts->len; i++) {
    g_autoptr (LabChartSheet) sheet = lab_chart_sheet (charts->pdata[i]);
    g_autofree char *text = drawing (sheet, format);
    cli_print (i > 0 ? "\n" : "");
    cli_print (text);
  }
}

/* The number of the connection that |text| names; false with a message if it names none or
 * several. */
static bool
find_connection (const WorldConfig *config, const char *text, uint32_t *ret_connection)
{
  LabAddress address;
  g_autofree char *why = NULL;

  if (!lab_address_read (text, &address, &why)) {
    cli_message ("chimsim chart: --for: %s", why);
    return false;
  }
  for (uint32_t i = 0; i < config->n_groups; i++) {
    const ConnectionGroup *group = &config->group[i];
    if (strcmp (group->name, address.group) != 0 || address.is_all || address.first != address.last
        || address.first >= group->count)
      continue;
    *ret_connection = group->first_id + address.first;
    return true;
  }
  cli_message ("chimsim chart: --for %s: write one connection of the scenario, e.g. %s/0", text,
               config->n_groups > 0 ? config->group[0].name : "web");
  return false;
}

/* One connection in a window. */
static CliExit
chart_connection (const Options *options, const LabRunRequest *request)
{
  g_autoptr (GPtrArray) charts = g_ptr_array_new_with_free_func ((GDestroyNotify)lab_chart_free);
  LabWindow window = { SIM_TIME_ZERO, SIM_TIME_NEVER };
  uint32_t connection;

  if (!find_connection (request->config, options->connection, &connection)
      || (options->window != NULL && !cli_read_window ("chart", options->window, &window)))
    return CLI_USAGE;
  LabChartFocus focus = { "connection", "one connection", connection,
                          window.from,  window.until,     SIM_TIME_NEVER };
  g_ptr_array_add (charts, lab_chart_new (request->config, &focus));
  lab_charts_draw (request, charts);
  print_charts (charts, options->format);
  return CLI_OK;
}

/* What the run met, and what broke rules. */
static CliExit
chart_run (const Options *options, const LabRunRequest *request)
{
  g_autoptr (LabRun) run = lab_run (request);
  g_autoptr (GPtrArray) charts = lab_charts_of_run (request, run);

  if (charts->len == 0)
    cli_message (
        "chimsim chart: the run met no situation of checks.reached and broke no rule; name "
        "a connection with --for, e.g. --for web/0");
  print_charts (charts, options->format);
  return CLI_OK;
}

static CliExit
chart (const Options *options, const char *path)
{
  GError *error = NULL;
  g_autoptr (LabScenario) scenario = cli_load (&options->load, path, &error);

  if (scenario == NULL)
    return cli_fail (error);
  LabRunRequest request = { .config = lab_scenario_config (scenario),
                            .rules = lab_scenario_wants_rules (scenario),
                            .measures = true,
                            .checks = lab_scenario_checks (scenario) };
  if (options->connection != NULL)
    return chart_connection (options, &request);
  if (options->window == NULL)
    return chart_run (options, &request);
  cli_message ("chimsim chart: --window: name the connection, too, e.g. --for web/0");
  return CLI_USAGE;
}

static bool
format_is_known (const char *format)
{
  static const char *const formats[] = { "text", "svg", "mermaid", NULL };

  if (format == NULL || g_strv_contains (formats, format))
    return true;
  cli_message ("chimsim chart: --format %s: write text, svg or mermaid", format);
  return false;
}

CliExit
verb_chart (int argc, char **argv)
{
  Options options = { 0 };
  const GOptionEntry entries[] = {
    CLI_LOAD_OPTIONS (options.load),
    { "for", 0, 0, G_OPTION_ARG_STRING, &options.connection,
      "this connection, instead of what the run met", "GROUP/NUMBER" },
    { "window", 0, 0, G_OPTION_ARG_STRING, &options.window, "only between two instants", "T1..T2" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &options.format, "text (the default), svg or mermaid",
      "FORMAT" },
    G_OPTION_ENTRY_NULL,
  };
  CliExit code = CLI_OK;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  if (argc == 2 && format_is_known (options.format)) {
    code = chart (&options, argv[1]);
  } else {
    if (argc != 2)
      cli_message ("chimsim chart: name one scenario, e.g. scenarios/bulk_offload_rst_d3.yaml");
    code = CLI_USAGE;
  }
  cli_load_clear (&options.load);
  g_free (options.connection);
  g_free (options.window);
  g_free (options.format);
  return cli_flush () || code != CLI_OK ? code : CLI_USAGE;
}
