#include "lab/charts.h"

/* How far before and after the instant a chart of an owner that does not move looks. */
#define REACH_PS (2 * SIM_PS_PER_MS)

static bool
is_moving (TraceOwner owner)
{
  return owner == OWNER_GOING_DOWN || owner == OWNER_GOING_UP;
}

static bool
holds (const OwnerSpan *span, SimTime when)
{
  return !sim_time_before (when, span->begin) && !sim_time_before (span->end, when);
}

/* The stretch of |connection| around |when|; of any that is on its way then, if it is
 * RULE_NO_CONNECTION. */
static OwnerSpan
span_at (const GArray *spans, uint32_t connection, SimTime when)
{
  OwnerSpan found = { .connection = connection == RULE_NO_CONNECTION ? 0 : connection,
                      .owner = OWNER_HOST };

  for (guint i = 0; i < spans->len; i++) {
    const OwnerSpan *span = &g_array_index (spans, OwnerSpan, i);
    if (!holds (span, when))
      continue;
    if (connection == RULE_NO_CONNECTION ? is_moving (span->owner)
                                         : span->connection == connection) {
      found = *span;
      if (is_moving (span->owner))
        break;
    }
  }
  return found;
}

static LabChartFocus
focus_on (const GArray *spans, uint32_t connection, SimTime when, const char *name,
          const char *caption)
{
  static const SimDuration margin = { REACH_PS / 20 };
  OwnerSpan span = span_at (spans, connection, when);
  LabChartFocus focus = { name, caption, span.connection, SIM_TIME_ZERO, SIM_TIME_NEVER, when };

  if (is_moving (span.owner)) {
    focus.from = (SimTime){ MAX (span.begin.ps - margin.ps, 0) };
    focus.to = sim_time_add (span.end, margin);
  } else {
    focus.from = (SimTime){ MAX (when.ps - REACH_PS, 0) };
    focus.to = sim_time_add (when, sim_ps (REACH_PS));
  }
  return focus;
}

static void
add (GPtrArray *charts, const WorldConfig *config, LabChartFocus focus)
{
  if (charts->len < LAB_CHARTS_MAX && config->n_connections > 0)
    g_ptr_array_add (charts, lab_chart_new (config, &focus));
}

static void
add_situations (GPtrArray *charts, const LabRun *run, const GArray *spans)
{
  LabSituationSet wanted = run->situations != NULL ? lab_situations_wanted (run->situations) : 0;

  for (LabSituation s = 0; s < LAB_N_SITUATIONS; s++) {
    if ((wanted & LAB_SITUATION_BIT (s)) == 0)
      continue;
    const LabMeeting *meeting = lab_situations_meeting (run->situations, s);
    if (meeting->count > 0)
      add (charts, world_config (run->world),
           focus_on (spans, meeting->connection, meeting->first.when, lab_situation_info (s)->name,
                     lab_situation_info (s)->means));
  }
}

/* The first violation of each rule. */
static void
add_violations (GPtrArray *charts, const LabRun *run, const GArray *spans)
{
  bool is_told[RULE_N] = { false };

  for (uint32_t i = 0; run->rules != NULL && i < rule_book_n_violations (run->rules); i++) {
    const RuleViolation *violation = rule_book_violation (run->rules, i);
    if (is_told[violation->rule] || violation->severity != RULE_VIOLATION)
      continue;
    is_told[violation->rule] = true;
    add (charts, world_config (run->world),
         focus_on (spans, violation->connection_id, violation->when,
                   rule_info (violation->rule)->id, violation->text));
  }
}

static void
observe (void *data, Sim *sim)
{
  const GPtrArray *charts = data;

  for (guint i = 0; i < charts->len; i++)
    lab_chart_watch (charts->pdata[i], sim_trace (sim));
}

static void
ready (void *data, World *world)
{
  const GPtrArray *charts = data;

  for (guint i = 0; i < charts->len; i++)
    lab_chart_find_object (charts->pdata[i], world);
}

void
lab_charts_draw (const LabRunRequest *request, const GPtrArray *charts)
{
  LabRunRequest again = { .config = request->config,
                          .progress = request->progress,
                          .progress_data = request->progress_data,
                          .observe = observe,
                          .observe_data = (void *)charts,
                          .ready = ready,
                          .ready_data = (void *)charts };
  lab_run_free (lab_run (&again));
}

GPtrArray *
lab_charts_of_run (const LabRunRequest *request, const LabRun *run)
{
  GPtrArray *charts = g_ptr_array_new_with_free_func ((GDestroyNotify)lab_chart_free);
  g_autoptr (GArray) spans = ownership_spans (run->ownership, run->end);

  add_violations (charts, run, spans);
  add_situations (charts, run, spans);
  if (charts->len > 0)
    lab_charts_draw (request, charts);
  return charts;
}
