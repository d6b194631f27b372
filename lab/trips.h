/*
 * Trips: the defects that a scenario can switch on, and the rules that they break.
 *
 * Order       Defects of the host, then of intermediate drivers, then of the target; each as its
 *             defects.def has them.
 * Owns        Texts are static.
 */
#pragma once

#include "models/rules/rule.h"

typedef struct LabDefect {
  const char *part;  /* "host", "im", "target" */
  const char *name;  /* "completes-initiate-twice" */
  const char *rules; /* "INIT-08", or several with commas */
  const char *text;  /* what it does wrong */
} LabDefect;

typedef void (*LabDefectFn) (void *data, const LabDefect *defect);
void lab_for_each_defect (LabDefectFn each, void *data);

/* lab_trips_of names what is known to break |rule|: "name (part), ..."; for a monitored rule
 * without a defect "a fragment of trace"; "" for the others.  Free with g_free. */
char *lab_trips_of (RuleId rule);
