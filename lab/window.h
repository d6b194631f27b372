/*
 * Windows: how long the interface windows are that events of the timeline fire in, and the offsets
 * at which a sweep lets them fire.
 *
 * A window is measured in a run in which no event that is moved fires: it has the length that it
 * has if nothing races.
 *
 * Units       A step is a time, or cycles of the target's engines: then offset n is where edge n of
 *             their clock falls.
 * Errors      GError of LAB_ERROR: there is no such event, it has no window, the window does not
 *             open and close, the step is none.
 */
#pragma once

#include "lab/scenario.h"

#define LAB_WINDOWS_MAX 2

/* Which events are moved, and how far each time. */
typedef struct LabWindows {
  const char
      *event[LAB_WINDOWS_MAX]; /* ids; the first is the axis of the map, the second its rows */
  guint n;
  const char *step;
} LabWindows;

/* lab_windows_measure gives the length of each window of |scenario|. */
bool lab_windows_measure (const LabWindows *windows, const LabScenario *scenario,
                          SimDuration ret_length[LAB_WINDOWS_MAX], GError **error);

/* lab_windows_offsets lists the offsets from 0 to below |length|, as a scenario writes them; free
 * with g_strfreev. */
char **lab_windows_offsets (const LabWindows *windows, const LabScenario *scenario,
                            SimDuration length, GError **error);

/* lab_windows_path is the setting that is moved; free with g_free. */
char *lab_windows_path (const char *event);

/* lab_windows_event is the number of an event that has a window; UINT32_MAX: |error| says why it is
 * none. */
uint32_t lab_windows_event (const LabScenario *scenario, const char *id, GError **error);
