/*
 * Fragments of trace: lines of text, played into a trace as a run would make them.
 *
 *   "5000 call-begin crossing=1 call=NdisInitiateOffload op=3"     instant in ps, kind, columns
 *
 * Owns        A fragment owns its Sim until fragment_free; readers are added to its trace before it
 *             is played.
 */
#pragma once

#include <string.h>

#include "models/rules/trace_names.h"
#include "sim/sim.h"
#include "tests/support.h"

typedef struct Fragment {
  Sim *sim;
  GArray *records;
  guint next;
  SimEvent event;
} Fragment;

static inline Fragment *
fragment_new (void)
{
  Fragment *fragment = g_new0 (Fragment, 1);

  fragment->sim = sim_new (1);
  fragment->records = g_array_new (FALSE, FALSE, sizeof (SimRecord));
  sim_trace_set_kinds (sim_trace (fragment->sim), trace_kinds, TRACE_N_KINDS);
  return fragment;
}

static inline void
fragment_free (Fragment *fragment)
{
  g_array_unref (fragment->records);
  sim_free (fragment->sim);
  g_free (fragment);
}

static inline void
fragment_emit (Sim *sim, void *data)
{
  Fragment *fragment = data;

  while (fragment->next < fragment->records->len) {
    SimRecord *record = &g_array_index (fragment->records, SimRecord, fragment->next);
    if (sim_time_before (sim_now (sim), record->when)) {
      sim_event_schedule (sim, &fragment->event, record->when);
      return;
    }
    sim_trace_emit (sim_trace (sim), 0, record->kind, record->column, record->n_columns);
    fragment->next++;
  }
}

/* Plays |lines|, ended by NULL, and goes on to |end_ps|. */
static inline void
fragment_play (Fragment *fragment, const char *const *lines, int64_t end_ps)
{
  for (; *lines != NULL; lines++) {
    const char *kind = strchr (*lines, ' ');
    g_autofree char *when = g_strndup (*lines, (gsize)(kind - *lines));
    g_autofree char *line = g_strdup_printf ("%s 0%s", when, kind);
    g_autoptr (GError) error = NULL;
    SimRecord record;
    if (!trace_text_parse (line, &rule_trace_names, &record, &error))
      fail_msg ("%s: %s", *lines, error->message);
    g_array_append_val (fragment->records, record);
  }
  sim_event_init (&fragment->event, SIM_PHASE_HOST, 1, fragment_emit, fragment);
  sim_event_schedule (fragment->sim, &fragment->event, SIM_TIME_ZERO);
  (void)sim_run (fragment->sim, (SimLimits){ .until = { end_ps } });
}
