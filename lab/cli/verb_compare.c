#include "lab/cli/cli.h"
#include "lab/compare.h"

static const CliVerb verb = { "compare", "RESULT RESULT",
                              "paired differences of two runs, by stage", verb_compare };

CliExit
verb_compare (int argc, char **argv)
{
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "an object", NULL },
    G_OPTION_ENTRY_NULL,
  };
  GError *error = NULL;
  CliExit code = CLI_OK;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  if (argc != 3) {
    cli_message ("chimsim compare: name two results, e.g. results/slow results/bulk_offload");
    return CLI_USAGE;
  }
  g_autoptr (LabComparison) comparison = lab_compare (argv[1], argv[2], &error);
  if (comparison == NULL)
    return cli_fail (error);
  if (as_json) {
    LabJson *json = lab_json_new ();
    lab_comparison_json (comparison, json);
    g_autofree char *text = lab_json_free_to_text (json);
    cli_print (text);
  } else {
    g_autofree char *text = lab_comparison_text (comparison);
    cli_print (text);
  }
  return cli_flush () ? CLI_OK : CLI_USAGE;
}
