/*
 * A file that a run writes while it goes on: what it says, and of which part of the run.
 *
 * Owns        A recording owns its file until lab_recording_close.
 * Errors      LAB_ERROR_FILE.  Writing never fails at once: the first failure is kept, what follows
 *             is not written, and lab_recording_close tells it (a full disk: "No space left on
 *             device").
 * Invariants  Nothing is kept in memory but one buffer.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "sim/time.h"

/* From |from| to |until|, both included. */
typedef struct LabWindow {
  SimTime from, until;
} LabWindow;

static inline bool
lab_window_has (LabWindow window, SimTime when)
{
  return !sim_time_before (when, window.from) && !sim_time_before (window.until, when);
}

typedef struct LabRecording LabRecording;

/* lab_recording_new makes the file |path|, instead of one that is there. */
LabRecording *lab_recording_new (const char *path, GError **error);
void lab_recording_put (LabRecording *recording, const void *bytes, size_t count);

/* lab_recording_close is false if anything was not written; |recording| is to be freed either
 * way. */
bool lab_recording_close (LabRecording *recording, GError **error);
void lab_recording_free (LabRecording *recording);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabRecording, lab_recording_free)
