#include <string.h>

#include "lab/cli/cli.h"
#include "lab/listing.h"
#include "lab/params.h"
#include "lab/scenario_fields.h"

static const CliVerb verb = { "list", "WHAT", "the dictionary of the program", verb_list };

static void
print_topics (void)
{
  cli_message ("chimsim list: name what to list:");
  cli_message ("  %-10s %s", "params", "every parameter of a scenario: range, default, help");
  for (const LabTopic *topic = lab_topics; topic->name != NULL; topic++)
    cli_message ("  %-10s %s", topic->name, topic->help);
}

/* The topic's text or JSON; NULL if there is none of that name. */
static char *
topic_text (const char *name, bool as_json)
{
  LabJson *json = as_json ? lab_json_new () : NULL;

  if (strcmp (name, "params") == 0) {
    if (!as_json)
      return lab_params_text (&lab_scenario_fields);
    lab_params_json (&lab_scenario_fields, json);
    return lab_json_free_to_text (json);
  }
  for (const LabTopic *topic = lab_topics; topic->name != NULL; topic++) {
    if (strcmp (topic->name, name) != 0)
      continue;
    g_autoptr (LabListing) listing = topic->make ();
    if (!as_json)
      return lab_listing_text (listing);
    lab_listing_json (listing, json);
    return lab_json_free_to_text (json);
  }
  lab_json_free (json);
  return NULL;
}

CliExit
verb_list (int argc, char **argv)
{
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "an array of objects", NULL },
    G_OPTION_ENTRY_NULL,
  };
  CliExit code = CLI_OK;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  g_autofree char *text = argc == 2 ? topic_text (argv[1], as_json) : NULL;
  if (text == NULL) {
    if (argc == 2 && strcmp (argv[1], "strategies") == 0)
      cli_message ("chimsim list: strategies come with the verb explore, which is not yet there");
    else
      print_topics ();
    return CLI_USAGE;
  }
  cli_print (text);
  return cli_flush () ? CLI_OK : CLI_USAGE;
}
