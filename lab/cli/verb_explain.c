#include "lab/cli/cli.h"
#include "lab/cli/load.h"
#include "lab/explain.h"

static const CliVerb verb = { "explain", "SCENARIO [PATH]",
                              "the resolved scenario, with units and origins", verb_explain };

static CliExit
explain (const LabScenario *scenario, const char *path, bool as_json)
{
  const LabSetting *setting =
      path != NULL ? lab_scenario_find (scenario, path) : lab_scenario_settings (scenario);

  if (setting == NULL) {
    cli_message ("chimsim explain: the scenario has no `%s`; chimsim explain without a path lists "
                 "what it has",
                 path);
    return CLI_USAGE;
  }
  if (as_json) {
    LabJson *json = lab_json_new ();
    lab_explain_json (setting, json);
    g_autofree char *text = lab_json_free_to_text (json);
    cli_print (text);
  } else {
    g_autofree char *text = lab_explain_text (setting);
    cli_print (text);
  }
  return cli_flush () ? CLI_OK : CLI_USAGE;
}

CliExit
verb_explain (int argc, char **argv)
{
  CliLoad load = { 0 };
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
    CLI_LOAD_OPTIONS (load),
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "an array of objects", NULL },
    G_OPTION_ENTRY_NULL,
  };
  CliExit code = CLI_OK;
  GError *error = NULL;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  if (argc < 2 || argc > 3) {
    cli_message ("chimsim explain: name one scenario and at most one path in it");
    cli_load_clear (&load);
    return CLI_USAGE;
  }
  g_autoptr (LabScenario) scenario = cli_load (&load, argv[1], &error);
  code =
      scenario != NULL ? explain (scenario, argc == 3 ? argv[2] : NULL, as_json) : cli_fail (error);
  cli_load_clear (&load);
  return code;
}
