/*
 * The resolved scenario as YAML: every value written out, no preset needed.
 *
 * Invariants  Reads back as the same settings.  No path, time or machine is in it.
 */
#pragma once

#include "lab/setting.h"

typedef enum LabResolvedPart {
  LAB_RESOLVED_ALL,
  LAB_RESOLVED_RUN, /* only what can change a run */
} LabResolvedPart;

/* lab_resolved_text is |scenario| as text; the caller frees it. */
char *lab_resolved_text (const LabSetting *scenario, LabResolvedPart part);
