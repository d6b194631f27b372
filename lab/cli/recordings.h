/*
 * What `chimsim run` records besides its results: --record LIST and --window T1..T2.
 *
 * Use         cli_recordings_read, and _take for what the scenario asks for; _begin and _watch when
 *             the world is made; _close after the run; _clear.
 * Owns        The files until they are closed.
 * Errors      A wrong command line is told and refused; a file that could not be made or written is
 *             the GError of cli_recordings_close.
 */
#pragma once

#include "lab/capture.h"
#include "lab/events.h"
#include "lab/folder.h"
#include "lab/scenario.h"
#include "models/world/world.h"

#define CLI_RECORDINGS "events, pcapng"

typedef struct CliRecordings {
  bool wants_events, wants_capture;
  LabWindow window;
  LabEvents *events;
  LabCapture *capture;
  GError *error; /* the first file that could not be made */
} CliRecordings;

/* cli_recordings_read reads the two options, either of which may be NULL. */
bool cli_recordings_read (CliRecordings *recordings, const char *list, const char *window);

/* cli_recordings_take wants what output.record names. */
void cli_recordings_take (CliRecordings *recordings, const LabScenario *scenario);

/* cli_recordings_any tells whether either asked for something. */
bool cli_recordings_any (const CliRecordings *recordings);

void cli_recordings_begin (CliRecordings *recordings, const char *folder, SimTrace *trace);
void cli_recordings_watch (CliRecordings *recordings, const World *world);

/* cli_recordings_close closes the files and adds them to |folder|. */
bool cli_recordings_close (CliRecordings *recordings, LabFolder *folder, GError **error);
void cli_recordings_clear (CliRecordings *recordings);
