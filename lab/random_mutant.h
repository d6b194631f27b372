/*
 * Mutants: a random run in which one part does one thing wrong, and who saw it.
 *
 * Errors      None: what was seen is the result.
 */
#pragma once

#include <stdbool.h>

#include "lab/scenario.h"

typedef struct RandomMutant {
  bool struck; /* the defect's situation came up */
  bool found;  /* one of its own rules was broken */
  bool seen;   /* any rule was */
} RandomMutant;

/* lab_random_mutant runs |config|, in which a defect is on that |rules| ("TERM-04, TERM-03") are to
 * see. */
RandomMutant lab_random_mutant (const WorldConfig *config, const char *rules);
