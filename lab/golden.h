/*
 * Goldens: the fingerprints that a scenario is known to have, in a file beside it:
 * scenarios/x.yaml, scenarios/x.golden.
 *
 *   order 0123456789abcdef
 *   wire 0123456789abcdef
 *
 * Errors      LAB_ERROR_FILE.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/trace.h"

typedef struct LabGolden {
  bool is_known[SIM_N_PRINTS];
  uint64_t print[SIM_N_PRINTS];
} LabGolden;

/* lab_golden_path is where the golden of a scenario stands; the caller frees it. */
char *lab_golden_path (const char *scenario_path);

bool lab_golden_read (const char *path, LabGolden *ret_golden, GError **error);
bool lab_golden_write (const char *path, const LabGolden *golden, GError **error);
