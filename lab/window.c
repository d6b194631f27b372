#include "lab/window.h"

#include <string.h>

#include "lab/grid.h"
#include "lab/run.h"

/* An offset that no window is as long as. */
#define NEVER_PS (1000 * SIM_PS_PER_S)

char *
lab_windows_path (const char *event)
{
  return g_strdup_printf ("timeline.%s.when.offset", event);
}

uint32_t
lab_windows_event (const LabScenario *scenario, const char *id, GError **error)
{
  const WorldConfig *config = lab_scenario_config (scenario);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (uint32_t i = 0; i < config->n_events; i++) {
    if (config->event[i].anchor != TIMELINE_BETWEEN)
      continue;
    if (strcmp (config->event[i].id, id) == 0)
      return i;
    g_ptr_array_add (ids, (void *)config->event[i].id);
  }
  const char *nearest = lab_nearest (id, (const char *const *)ids->pdata, ids->len);
  if (nearest == NULL && ids->len > 0)
    nearest = ids->pdata[0];
  g_set_error (error, LAB_ERROR, LAB_ERROR_SCENARIO,
               "--window: there is no event %s that fires in a window; write %s", id,
               nearest != NULL ? nearest : "one with when: {between: [...]}");
  return UINT32_MAX;
}

/* A length of time, or cycles of a clock. */
typedef struct Step {
  int64_t ps, cycles; /* ps 0: cycles */
  SimClock clock;
} Step;

static bool
read_step (const LabWindows *windows, const LabScenario *scenario, Step *ret_step, GError **error)
{
  g_autofree char *why_time = NULL;
  g_autofree char *why_cycles = NULL;
  Step step = { .clock = lab_scenario_config (scenario)->target.engines.clock };

  if ((lab_quantity_read (windows->step, LAB_TIME, &step.ps, &why_time) && step.ps > 0)
      || (lab_quantity_read (windows->step, LAB_CYCLES, &step.cycles, &why_cycles)
          && step.cycles > 0)) {
    *ret_step = step;
    return true;
  }
  g_set_error (error, LAB_ERROR, LAB_ERROR_SCENARIO,
               "--step: \"%s\" is no step; write for instance 100 ns or 1 cycle (of the target's "
               "engines)",
               windows->step);
  return false;
}

static int64_t
offset_ps (const Step *step, guint n)
{
  return step->ps > 0 ? step->ps * n : sim_clock_edge (step->clock, step->cycles * n).ps;
}

char **
lab_windows_offsets (const LabWindows *windows, const LabScenario *scenario, SimDuration length,
                     GError **error)
{
  Step step;

  if (!read_step (windows, scenario, &step, error))
    return NULL;
  g_autoptr (GPtrArray) offsets = g_ptr_array_new_with_free_func (g_free);
  for (guint n = 0; n == 0 || offset_ps (&step, n) < length.ps; n++) {
    if (n >= LAB_GRID_CELLS_MAX) {
      g_set_error (error, LAB_ERROR, LAB_ERROR_SCENARIO,
                   "--step: more than %d steps in the window; write a longer one",
                   LAB_GRID_CELLS_MAX);
      return NULL;
    }
    g_ptr_array_add (offsets, lab_quantity_text (offset_ps (&step, n), LAB_TIME));
  }
  g_ptr_array_add (offsets, NULL);
  return (char **)g_ptr_array_steal (offsets, NULL);
}

static bool
take_length (const LabRun *run, const char *id, uint32_t event, SimDuration *ret_length,
             GError **error)
{
  if (timeline_window (world_timeline (run->world), event, ret_length))
    return true;
  g_set_error (error, LAB_ERROR, LAB_ERROR_SCENARIO,
               "--window: the window of %s does not open and close in this run; write another "
               "connection or a later stop",
               id);
  return false;
}

bool
lab_windows_measure (const LabWindows *windows, const LabScenario *scenario,
                     SimDuration ret_length[LAB_WINDOWS_MAX], GError **error)
{
  WorldConfig config = *lab_scenario_config (scenario);
  g_autofree TimelineEvent *events = g_new (TimelineEvent, config.n_events + 1);
  uint32_t number[LAB_WINDOWS_MAX];
  LabRunRequest request = { .config = &config };

  memcpy (events, config.event, config.n_events * sizeof *events);
  config.event = events;
  for (guint i = 0; i < windows->n; i++) {
    number[i] = lab_windows_event (scenario, windows->event[i], error);
    if (number[i] == UINT32_MAX)
      return false;
    events[number[i]].offset = sim_ps (NEVER_PS);
  }
  g_autoptr (LabRun) run = lab_run (&request);
  for (guint i = 0; i < windows->n; i++)
    if (!take_length (run, windows->event[i], number[i], &ret_length[i], error))
      return false;
  return true;
}
