#include "lab/cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lab/mistakes.h"
#include "lab/version.h"

const CliVerb cli_verbs[] = {
  { "run", "SCENARIO", "one run: results, plots and a report", verb_run },
  { "sweep", "SCENARIO", "every cell of a grid, side by side", verb_sweep },
  { "compare", "RESULT RESULT", "paired differences of two runs, by stage", verb_compare },
  { "validate", "SCENARIO...", "everything that run checks before time zero", verb_validate },
  { "explain", "SCENARIO [PATH]", "the resolved scenario, with units and origins", verb_explain },
  { "list", "WHAT", "the dictionary: params, events, calls, rules, defects, metrics, ...",
    verb_list },
  { "trace", "EVENTS", "the records of an events.bin as text", verb_trace },
  { "drill", "SCRIPT...", "packetdrill scripts against the model, in virtual time", verb_drill },
  { "test", "DIR...", "runs the scenarios below DIR that say what they expect", verb_test },
  { "chart", "SCENARIO", "who called whom: one connection, or what the run met", verb_chart },
  { "coverage", "DIR...", "which combinations of the interface the scenarios below DIR reach",
    verb_coverage },
  { NULL, NULL, NULL, NULL },
};

/* Verbs that PRODUCT promises and that this version does not have. */
static const char *const later[] = { "explore", "replay", "shrink", "why",
                                     "diff",    "plot",   "report", NULL };

void
cli_print (const char *text)
{
  fputs (text, stdout);
}

void
cli_message (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "%s\n", text);
}

bool
cli_flush (void)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return true;
  cli_message ("chimsim: cannot write to standard output: %s", g_strerror (errno));
  return false;
}

CliExit
cli_fail (GError *error)
{
  if (g_error_matches (error, LAB_ERROR, LAB_ERROR_SCENARIO))
    cli_message ("%s", error->message);
  else
    cli_message ("chimsim: %s", error->message);
  g_error_free (error);
  return CLI_USAGE;
}

static void
print_help (void)
{
  cli_print ("chimsim " LAB_VERSION
             ": a deterministic simulator of the TCP chimney offload stack\n\n"
             "  chimsim VERB [OPTIONS] ARGUMENTS      chimsim VERB --help\n\n");
  for (const CliVerb *verb = cli_verbs; verb->name != NULL; verb++) {
    g_autofree char *line =
        g_strdup_printf ("  %-9s %-16s %s\n", verb->name, verb->arguments, verb->help);
    cli_print (line);
  }
  cli_print ("\nExit codes: 0 all held, 1 a check failed, 2 usage or scenario error, 3 not "
             "deterministic or a\n"
             "replay diverged, 4 a limit without a verdict, 5 a golden differs, 6 a sweep is "
             "incomplete,\n"
             "70 internal error, 130 interrupted.\n");
}

bool
cli_parse (const CliVerb *verb, const GOptionEntry *entries, int *argc, char ***argv,
           CliExit *ret_exit)
{
  g_autoptr (GOptionContext) context = g_option_context_new (verb->arguments);
  g_autoptr (GError) error = NULL;
  gboolean help = FALSE;
  const GOptionEntry own[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "show this", NULL },
    G_OPTION_ENTRY_NULL,
  };

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, verb->help);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, own, NULL);
  g_set_prgname (verb->name);
  if (!g_option_context_parse (context, argc, argv, &error)) {
    cli_message ("chimsim %s: %s; see chimsim %s --help", verb->name, error->message, verb->name);
    *ret_exit = CLI_USAGE;
    return false;
  }
  if (help) {
    g_autofree char *name = g_strdup_printf ("chimsim %s", verb->name);
    g_set_prgname (name);
    g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);
    cli_print (text);
    *ret_exit = cli_flush () ? CLI_OK : CLI_USAGE;
    return false;
  }
  return true;
}

static CliExit
unknown_verb (const char *name)
{
  const char *known[G_N_ELEMENTS (cli_verbs)] = { 0 };
  size_t n = 0;

  for (size_t i = 0; later[i] != NULL; i++)
    if (strcmp (later[i], name) == 0) {
      cli_message ("chimsim: %s is not yet there in version " LAB_VERSION, name);
      return CLI_USAGE;
    }
  for (const CliVerb *verb = cli_verbs; verb->name != NULL; verb++)
    known[n++] = verb->name;
  const char *nearest = lab_nearest (name, known, n);
  if (nearest != NULL)
    cli_message ("chimsim: unknown verb `%s`: did you mean `%s`? See chimsim --help", name,
                 nearest);
  else
    cli_message ("chimsim: unknown verb `%s`: see chimsim --help", name);
  return CLI_USAGE;
}

CliExit
cli_main (int argc, char **argv)
{
  signal (SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of the write, which says so */
  if (argc < 2) {
    cli_message ("chimsim: name a verb, e.g. chimsim run scenarios/bulk_offload.yaml; see chimsim "
                 "--help");
    return CLI_USAGE;
  }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0
      || strcmp (argv[1], "help") == 0) {
    print_help ();
    return cli_flush () ? CLI_OK : CLI_USAGE;
  }
  if (strcmp (argv[1], "--version") == 0) {
    cli_print ("chimsim " LAB_VERSION "\n");
    return cli_flush () ? CLI_OK : CLI_USAGE;
  }
  for (const CliVerb *verb = cli_verbs; verb->name != NULL; verb++)
    if (strcmp (verb->name, argv[1]) == 0)
      return verb->run (argc - 1, argv + 1);
  return unknown_verb (argv[1]);
}
