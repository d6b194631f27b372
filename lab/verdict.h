/*
 * The verdict: whether a run kept all rules and expectations, and what proves that it did not.
 *
 * Owns        Borrows the runs.
 * Invariants  A function of the runs alone: the same bytes on a rerun.
 */
#pragma once

#include "lab/run.h"

typedef enum LabVerdict {
  LAB_VERDICT_CLEAN, /* all that was put to the test held */
  LAB_VERDICT_BROKEN, /* a rule or an expectation was violated, an application got wrong bytes, or the twin got others */
  LAB_VERDICT_NONE, /* a limit or an interruption came first */
} LabVerdict;

/* lab_verdict_of judges |run|; |twin| is the same run with the chimney off, or NULL. */
LabVerdict lab_verdict_of (const LabRun *run, const LabRun *twin);
const char *lab_verdict_name (LabVerdict verdict); /* "clean", "broken", "none" */

/* What the comparison with the twin came to. */
typedef struct LabTwin {
  bool was_run;
  bool is_equal;
  uint32_t first_difference; /* a connection, unless equal */
  AppsCompared compared;
} LabTwin;

LabTwin lab_verdict_twin (const LabRun *run, const LabRun *twin);

/* How many rules got which verdict; all 0 without a rule book. */
typedef struct LabRuleCounts {
  uint32_t of[RULE_NOT_MONITORED + 1]; /* RULE_BROKEN: with those only warned about */
  uint32_t warned;                     /* broken, but no violation */
} LabRuleCounts;

LabRuleCounts lab_verdict_counts (const LabRun *run);

/* verdict.json as text; free with g_free. */
char *lab_verdict_json (const LabRun *run, const LabRun *twin);
