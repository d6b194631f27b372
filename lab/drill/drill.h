/*
 * Drills: packetdrill scripts against the model, in virtual time.
 *
 * A drill passes if every call gives what the script says and every segment of the host's is the
 * one, and comes at the time, that the script says.  A script that needs what the model does not
 * have is not applicable, with the names of all such things: it is not run, and never passes.
 *
 * Owns        A result owns its words.
 * Errors      A script that cannot be read is a GError, `path:line: what`; a drill that fails is a
 *             result.
 */
#pragma once

#include "lab/drill/script.h"

typedef enum DrillVerdict {
  DRILL_PASSED,
  DRILL_FAILED,
  DRILL_NOT_APPLICABLE,
  DRILL_N_VERDICTS
} DrillVerdict;

typedef enum DrillOffload {
  DRILL_OFFLOAD_NEVER,
  DRILL_OFFLOAD_AFTER_HANDSHAKE, /* each connection is the target's from then on */
} DrillOffload;

typedef struct DrillResult {
  DrillVerdict verdict;
  char *path;
  unsigned line;      /* of the failure */
  char *what;         /* failed: why */
  char *expected;     /* and what was expected, or NULL */
  char *actual;       /* and what came, or NULL: nothing */
  GPtrArray *foreign; /* char *: not applicable because of these */
  unsigned packets;   /* of the host, that were compared */
  unsigned calls;     /* that were made */
  unsigned offloads;  /* connections handed to the target */
} DrillResult;

const char *drill_verdict_name (DrillVerdict verdict); /* "passed" */

/* drill_run runs |script|; NULL with |error| if its options make no sense. */
DrillResult *drill_run (const DrillScript *script, DrillOffload offload, GError **error);
void drill_result_free (DrillResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DrillResult, drill_result_free)

/* drill_result_text tells a result in a few lines; the caller frees it. */
char *drill_result_text (const DrillResult *result);
