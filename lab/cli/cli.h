/*
 * The command line: verbs, their options, and what they say.
 *
 * Only this folder prints and exits.  Results go to standard output, messages to standard error.
 *
 * Errors      A verb returns a CliExit; a mistake in the arguments or the scenario is CLI_USAGE
 *             with a message that says what to do.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum CliExit {
  CLI_OK = 0,
  CLI_CHECK_FAILED = 1,
  CLI_USAGE = 2, /* or a scenario that is refused, or a file that cannot be written */
  CLI_DIVERGED = 3,
  CLI_LIMIT = 4, /* a limit was reached without a verdict */
  CLI_GOLDEN_DIFFERS = 5,
  CLI_INCOMPLETE = 6,
  CLI_INTERNAL = 70,
  CLI_INTERRUPTED = 130,
} CliExit;

typedef struct CliVerb {
  const char *name;
  const char *arguments;                  /* "SCENARIO" */
  const char *help;                       /* one line */
  CliExit (*run) (int argc, char **argv); /* argv[0] is the verb */
} CliVerb;

/* cli_main runs the verb that |argv| names. */
CliExit cli_main (int argc, char **argv);

extern const CliVerb cli_verbs[]; /* ended by a NULL name */

/* cli_parse reads a verb's options; on --help or a mistake it prints, sets *ret_exit and returns
 * false.  What is left of |argv| are the arguments. */
bool cli_parse (const CliVerb *verb, const GOptionEntry *entries, int *argc, char ***argv,
                CliExit *ret_exit);

/* cli_fail prints an error to standard error and frees it; returns CLI_USAGE. */
CliExit cli_fail (GError *error);

/* cli_message prints a line to standard error. */
void cli_message (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* cli_print writes |text| to standard output. */
void cli_print (const char *text);
/* cli_flush is false, with a message, if standard output could not take everything. */
bool cli_flush (void);

CliExit verb_run (int argc, char **argv);
CliExit verb_sweep (int argc, char **argv);
CliExit verb_compare (int argc, char **argv);
CliExit verb_validate (int argc, char **argv);
CliExit verb_explain (int argc, char **argv);
CliExit verb_list (int argc, char **argv);
CliExit verb_trace (int argc, char **argv);
CliExit verb_test (int argc, char **argv);
CliExit verb_chart (int argc, char **argv);
CliExit verb_coverage (int argc, char **argv);
CliExit verb_drill (int argc, char **argv);
