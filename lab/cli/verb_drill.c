#include <string.h>

#include "lab/cli/cli.h"
#include "lab/drill/drill.h"
#include "lab/json.h"
#include "lab/mistakes.h"

static const CliVerb verb = { "drill", "SCRIPT...",
                              "packetdrill scripts against the model, in virtual time",
                              verb_drill };

typedef struct Drills {
  char *offload;  /* --offload after-handshake, or NULL */
  char **defines; /* --define */
  gboolean json, quiet;
  DrillOffload when;
  unsigned count[DRILL_N_VERDICTS];
  unsigned unreadable;
  LabJson *document;
} Drills;

/* Parts for the behaviour that the RFCs ask for are on unless the user says what is. */
static const char *const standard[] = { "STANDARD", NULL };

static void
write_json (LabJson *json, const DrillResult *result)
{
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "script", result->path);
  lab_json_string (json, "verdict", drill_verdict_name (result->verdict));
  if (result->verdict == DRILL_FAILED) {
    lab_json_unsigned (json, "line", result->line);
    lab_json_string (json, "what", result->what);
    lab_json_string (json, "expected", result->expected);
    lab_json_string (json, "actual", result->actual);
  }
  if (result->verdict == DRILL_NOT_APPLICABLE) {
    lab_json_begin_array (json, "not_applicable");
    for (guint i = 0; i < result->foreign->len; i++)
      lab_json_string (json, NULL, result->foreign->pdata[i]);
    lab_json_end_array (json);
  }
  lab_json_unsigned (json, "packets", result->packets);
  lab_json_unsigned (json, "calls", result->calls);
  lab_json_unsigned (json, "offloads", result->offloads);
  lab_json_end_object (json);
}

static void
tell (Drills *drills, const DrillResult *result)
{
  drills->count[result->verdict]++;
  if (drills->json) {
    write_json (drills->document, result);
  } else if (!drills->quiet || result->verdict == DRILL_FAILED) {
    g_autofree char *text = drill_result_text (result);
    cli_print (text);
  }
}

static void
drill_file (Drills *drills, const char *path)
{
  DrillDefines defines =
      drills->defines != NULL ? (DrillDefines)drills->defines : (DrillDefines)standard;
  GError *error = NULL;
  g_autoptr (DrillScript) script = drill_script_load (path, defines, &error);
  g_autoptr (DrillResult) result = NULL;

  if (script != NULL)
    result = drill_run (script, drills->when, &error);
  if (result != NULL) {
    tell (drills, result);
    return;
  }
  drills->unreadable++;
  cli_fail (error);
}

static void
tell_sum (const Drills *drills)
{
  g_autofree char *text =
      g_strdup_printf ("%u passed, %u failed, %u not applicable", drills->count[DRILL_PASSED],
                       drills->count[DRILL_FAILED], drills->count[DRILL_NOT_APPLICABLE]);

  cli_print (text);
  if (drills->unreadable > 0) {
    g_autofree char *more = g_strdup_printf (", %u unreadable", drills->unreadable);
    cli_print (more);
  }
  cli_print ("\n");
}

static void
drill_files (Drills *drills, int argc, char **argv)
{
  if (drills->json) {
    drills->document = lab_json_new ();
    lab_json_begin_object (drills->document, NULL);
    lab_json_begin_array (drills->document, "drills");
  }
  for (int i = 1; i < argc; i++)
    drill_file (drills, argv[i]);
  if (!drills->json) {
    tell_sum (drills);
    return;
  }
  lab_json_end_array (drills->document);
  lab_json_unsigned (drills->document, "passed", drills->count[DRILL_PASSED]);
  lab_json_unsigned (drills->document, "failed", drills->count[DRILL_FAILED]);
  lab_json_unsigned (drills->document, "not_applicable", drills->count[DRILL_NOT_APPLICABLE]);
  lab_json_unsigned (drills->document, "unreadable", drills->unreadable);
  lab_json_end_object (drills->document);
  g_autofree char *text = lab_json_free_to_text (drills->document);
  cli_print (text);
}

static bool
check_arguments (Drills *drills, int argc)
{
  if (argc < 2) {
    cli_message ("chimsim drill: name a script, e.g. chimsim drill tests/drill/*.pkt");
    return false;
  }
  if (drills->offload == NULL)
    return true;
  if (strcmp (drills->offload, "after-handshake") != 0) {
    cli_message ("chimsim drill: --offload %s: it is after-handshake", drills->offload);
    return false;
  }
  drills->when = DRILL_OFFLOAD_AFTER_HANDSHAKE;
  return true;
}

CliExit
verb_drill (int argc, char **argv)
{
  Drills drills = { .when = DRILL_OFFLOAD_NEVER };
  const GOptionEntry entries[] = {
    { "offload", 0, 0, G_OPTION_ARG_STRING, &drills.offload,
      "the target runs each connection from its handshake on", "after-handshake" },
    { "define", 'D', 0, G_OPTION_ARG_STRING_ARRAY, &drills.defines,
      "for #ifdef and words of the scripts, instead of STANDARD", "NAME[=VALUE]" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &drills.json, "results as JSON", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &drills.quiet, "tell failures and the sum only", NULL },
    G_OPTION_ENTRY_NULL,
  };
  CliExit code = CLI_OK;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  if (!check_arguments (&drills, argc)) {
    code = CLI_USAGE;
  } else {
    drill_files (&drills, argc, argv);
    if (drills.unreadable > 0)
      code = CLI_USAGE;
    else if (drills.count[DRILL_FAILED] > 0)
      code = CLI_CHECK_FAILED;
  }
  g_strfreev (drills.defines);
  g_free (drills.offload);
  return cli_flush () ? code : CLI_USAGE;
}
