/*
 * What the verbs that read a scenario share: the --set and --seed options and the loading.
 *
 * Owns        Arguments are borrowed from argv.
 */
#pragma once

#include "lab/recording.h"
#include "lab/scenario.h"

typedef struct CliLoad {
  char **sets; /* --set path=value, NULL-terminated or NULL */
  char *seed;  /* --seed N, or NULL */
} CliLoad;

/* The two options, to be put into a verb's table. */
#define CLI_LOAD_OPTIONS(load)                                                       \
  { "set",                                                                           \
    's',                                                                             \
    0,                                                                               \
    G_OPTION_ARG_STRING_ARRAY,                                                       \
    &(load).sets,                                                                    \
    "change one value of the scenario; may be given several times",                  \
    "PATH=VALUE" },                                                                  \
  {                                                                                  \
    "seed", 0, 0, G_OPTION_ARG_STRING, &(load).seed, "the same as --set seed=N", "N" \
  }

LabScenario *cli_load (const CliLoad *load, const char *path, GError **error);
/* cli_load_sets lists the options as overrides: LabSet that own their texts; NULL with |error|.
 * Free with g_array_unref. */
GArray *cli_load_sets (const CliLoad *load, GError **error);
void cli_load_clear (CliLoad *load);

/* cli_read_window reads `T1..T2`, each a time with its unit; false with a message of |verb|. */
bool cli_read_window (const char *verb, const char *text, LabWindow *ret_window);

/* cli_load_arguments is how to say the same again: " --set a=b --seed 3"; free with g_free. */
char *cli_load_arguments (const CliLoad *load);
