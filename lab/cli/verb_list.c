#include <string.h>

#include "lab/cli/cli.h"
#include "lab/listing.h"
#include "lab/params.h"
#include "lab/rules_manual.h"
#include "lab/scenario_fields.h"
#include "lab/witness.h"

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

/* The pages of docs/ that are made from tables; NULL if |name| has none. */
static char *
manual_text (const char *name)
{
  if (strcmp (name, "params") == 0)
    return lab_params_manual (&lab_scenario_fields);
  return strcmp (name, "rules") == 0 ? lab_rules_manual () : NULL;
}

typedef struct ListOptions {
  gboolean as_json, as_manual, as_schema, as_state;
} ListOptions;

/* NULL: there is no such listing. */
static char *
listing_text (const char *name, const ListOptions *options)
{
  if (options->as_manual)
    return manual_text (name);
  if (options->as_schema)
    return strcmp (name, "params") == 0 ? lab_params_schema (&lab_scenario_fields) : NULL;
  if (options->as_state)
    return strcmp (name, "rules") == 0 ? lab_rules_state () : NULL;
  return topic_text (name, options->as_json);
}

/* True: the topic is there, only not with that option; says so. */
static bool
tell_option (const char *name, const ListOptions *options)
{
  const ListOptions none = { 0 };
  g_autofree char *text = listing_text (name, &none);

  if (text == NULL)
    return false;
  if (options->as_state)
    cli_message ("chimsim list: --state is for rules");
  else if (options->as_schema)
    cli_message ("chimsim list: --schema is for params");
  else
    cli_message ("chimsim list: --manual is for params and rules");
  return true;
}

CliExit
verb_list (int argc, char **argv)
{
  ListOptions options = { 0 };
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.as_json, "an array of objects", NULL },
    { "manual", 0, 0, G_OPTION_ARG_NONE, &options.as_manual,
      "params, rules: the page of docs/ that is made from them", NULL },
    { "schema", 0, 0, G_OPTION_ARG_NONE, &options.as_schema,
      "params: a JSON Schema of a scenario, for editors", NULL },
    { "state", 0, 0, G_OPTION_ARG_NONE, &options.as_state,
      "rules: how many are monitored, tested and open, and what stands behind each", NULL },
    G_OPTION_ENTRY_NULL,
  };
  CliExit code = CLI_OK;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  if (options.as_json + options.as_manual + options.as_schema + options.as_state > 1) {
    cli_message ("chimsim list: choose one of --json, --manual, --schema and --state");
    return CLI_USAGE;
  }
  g_autofree char *text = argc == 2 ? listing_text (argv[1], &options) : NULL;
  if (text == NULL) {
    if (argc == 2 && tell_option (argv[1], &options))
      return CLI_USAGE;
    if (argc == 2 && strcmp (argv[1], "strategies") == 0)
      cli_message ("chimsim list: strategies come with the verb explore, which is not yet there");
    else
      print_topics ();
    return CLI_USAGE;
  }
  cli_print (text);
  return cli_flush () ? CLI_OK : CLI_USAGE;
}
