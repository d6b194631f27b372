#include "lab/cli/recordings.h"

#include <string.h>

#include "lab/cli/cli.h"
#include "lab/cli/load.h"
#include "lab/part.h"

#define EVENTS_FILE "events.bin"
#define CAPTURE_FILE "capture.pcapng"

static bool
read_list (CliRecordings *recordings, const char *list)
{
  g_auto (GStrv) names = g_strsplit (list, ",", -1);

  for (char **name = names; *name != NULL; name++) {
    if (strcmp (*name, "events") == 0) {
      recordings->wants_events = true;
    } else if (strcmp (*name, "pcapng") == 0) {
      recordings->wants_capture = true;
    } else {
      cli_message ("chimsim run: --record %s: write one or several of: " CLI_RECORDINGS, *name);
      return false;
    }
  }
  return true;
}

bool
cli_recordings_read (CliRecordings *recordings, const char *list, const char *window)
{
  recordings->window = (LabWindow){ SIM_TIME_ZERO, SIM_TIME_NEVER };
  return (list == NULL || read_list (recordings, list))
         && (window == NULL || cli_read_window ("run", window, &recordings->window));
}

void
cli_recordings_take (CliRecordings *recordings, const LabScenario *scenario)
{
  recordings->wants_events = lab_scenario_records (scenario, "events");
  recordings->wants_capture = lab_scenario_records (scenario, "pcapng");
}

bool
cli_recordings_any (const CliRecordings *recordings)
{
  return recordings->wants_events || recordings->wants_capture;
}

void
cli_recordings_begin (CliRecordings *recordings, const char *folder, SimTrace *trace)
{
  g_autofree char *events = g_build_filename (folder, EVENTS_FILE, NULL);
  g_autofree char *capture = g_build_filename (folder, CAPTURE_FILE, NULL);
  LabWindow window = recordings->window;

  if (recordings->wants_events)
    recordings->events =
        lab_events_new (events, trace, window.from, window.until, &recordings->error);
  if (recordings->wants_capture && recordings->error == NULL)
    recordings->capture = lab_capture_new (capture, trace, window, &recordings->error);
}

void
cli_recordings_watch (CliRecordings *recordings, const World *world)
{
  for (uint32_t i = 0; recordings->capture != NULL && i < world_n_targets (world); i++) {
    g_autofree char *name = lab_part_target_name (world_config (world), i);
    lab_capture_watch (recordings->capture, world_wire_at (world, i), name);
  }
}

bool
cli_recordings_close (CliRecordings *recordings, LabFolder *folder, GError **error)
{
  if (recordings->error != NULL) {
    g_propagate_error (error, g_steal_pointer (&recordings->error));
    return false;
  }
  if (recordings->events != NULL
      && !(lab_events_close (recordings->events, error)
           && lab_folder_add (folder, EVENTS_FILE, error)))
    return false;
  return recordings->capture == NULL
         || (lab_capture_close (recordings->capture, error)
             && lab_folder_add (folder, CAPTURE_FILE, error));
}

void
cli_recordings_clear (CliRecordings *recordings)
{
  lab_events_free (recordings->events);
  lab_capture_free (recordings->capture);
  g_clear_error (&recordings->error);
}
