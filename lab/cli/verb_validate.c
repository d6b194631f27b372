#include "lab/cli/cli.h"
#include "lab/cli/load.h"
#include "lab/json.h"

static const CliVerb verb = { "validate", "SCENARIO...",
                              "everything that run checks before time zero", verb_validate };

/* Says of one file whether it is accepted. */
static bool
validate (const CliLoad *load, const char *path, LabJson *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LabScenario) scenario = cli_load (load, path, &error);

  if (json != NULL) {
    lab_json_begin_object (json, NULL);
    lab_json_string (json, "scenario", path);
    lab_json_boolean (json, "accepted", scenario != NULL);
    lab_json_string (json, "mistakes", error != NULL ? error->message : NULL);
    lab_json_end_object (json);
  } else if (scenario != NULL) {
    g_autofree char *line = g_strdup_printf ("%s: accepted\n", path);
    cli_print (line);
  }
  if (error != NULL && json == NULL)
    cli_fail (g_steal_pointer (&error));
  return scenario != NULL;
}

CliExit
verb_validate (int argc, char **argv)
{
  CliLoad load = { 0 };
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
    CLI_LOAD_OPTIONS (load),
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "an array of objects", NULL },
    G_OPTION_ENTRY_NULL,
  };
  CliExit code = CLI_OK;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  if (argc < 2) {
    cli_message ("chimsim validate: name a scenario, e.g. scenarios/bulk_offload.yaml");
    cli_load_clear (&load);
    return CLI_USAGE;
  }
  LabJson *json = as_json ? lab_json_new () : NULL;
  if (json != NULL)
    lab_json_begin_array (json, NULL);
  for (int i = 1; i < argc; i++)
    if (!validate (&load, argv[i], json))
      code = CLI_USAGE;
  if (json != NULL) {
    lab_json_end_array (json);
    g_autofree char *text = lab_json_free_to_text (json);
    cli_print (text);
  }
  cli_load_clear (&load);
  return cli_flush () ? code : CLI_USAGE;
}
