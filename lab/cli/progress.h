/*
 * Progress of long work, on standard error.
 *
 * On a terminal one line that is written over; in a file sparse plain lines; or nothing.
 *
 * Owns        A CliProgress is embedded; nothing is left on the screen after cli_progress_end.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "sim/time.h"

typedef enum CliProgressMode {
  CLI_PROGRESS_AUTO,
  CLI_PROGRESS_PLAIN,
  CLI_PROGRESS_NONE,
} CliProgressMode;

typedef struct CliProgress {
  const char *what;
  CliProgressMode mode;
  bool is_terminal;
  bool has_line; /* a line stands on the terminal */
  gint64 begun_us, told_us;
} CliProgress;

/* cli_progress_mode reads auto, plain or none; false for anything else.  NULL is auto. */
bool cli_progress_mode (const char *text, CliProgressMode *ret_mode);
void cli_progress_begin (CliProgress *progress, const char *what, CliProgressMode mode);
/* cli_progress_tell is to be called often; it says something now and then. */
void cli_progress_tell (CliProgress *progress, SimTime now, SimTime until, uint64_t events);
/* cli_progress_count says that |n_done| of |n_all| are done: always on a terminal, else now and
 * then. */
void cli_progress_count (CliProgress *progress, guint n_done, guint n_all);
/* cli_progress_end clears the line; it gives the milliseconds since the begin. */
gint64 cli_progress_end (CliProgress *progress);
