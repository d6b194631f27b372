/*
 * What the files of socket calls share.
 *
 * Private to lab/drill/.
 */
#pragma once

#include "lab/drill/runner.h"

/* drill_socket_of gives the socket that the call's first argument names, or NULL. */
DrillSocket *drill_socket_of (DrillRunner *runner, const DrillCall *call);

static inline DrillOutcome
drill_outcome (int64_t value)
{
  return (DrillOutcome){ .value = value };
}

static inline DrillOutcome
drill_outcome_error (const char *name)
{
  return (DrillOutcome){ .value = -1, .error = name };
}

static inline DrillOutcome
drill_outcome_blocks (void)
{
  return (DrillOutcome){ .blocks = true };
}

/* drill_pending_error gives the error that the connection has and that nobody has been told yet, or
 * NULL. */
const char *drill_pending_error (DrillRunner *runner, DrillSocket *socket);

/* The functions. */
DrillOutcome drill_call_read (DrillRunner *runner, const DrillCall *call);
DrillOutcome drill_call_write (DrillRunner *runner, const DrillCall *call);
DrillOutcome drill_call_inquire (DrillRunner *runner, const DrillCall *call);
DrillOutcome drill_call_setsockopt (DrillRunner *runner, const DrillCall *call);
DrillOutcome drill_call_getsockopt (DrillRunner *runner, const DrillCall *call);
DrillOutcome drill_call_fcntl (DrillRunner *runner, const DrillCall *call);

/* The checks: what of a call does not apply. */
void drill_check_io (const DrillEvent *event, DrillSettings *settings);
void drill_check_option (const DrillEvent *event, DrillSettings *settings);
