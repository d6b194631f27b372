#include "lab/episodes.h"

struct Episodes {
  GArray *spans; /* Episode; end is SIM_TIME_NEVER while it lasts */
  EpisodeEvent *event;
  uint32_t n_events;
};

/* Ends what lasts of |kind| and |part|, and begins |level| if it is one. */
static void
change_level (Episodes *episodes, EpisodeKind kind, uint32_t part, int64_t level, SimTime now)
{
  for (guint i = 0; i < episodes->spans->len; i++) {
    Episode *span = &g_array_index (episodes->spans, Episode, i);
    if (span->kind == kind && span->part == part && sim_time_is_never (span->end))
      span->end = now;
  }
  if (level != 0) {
    Episode begun = { kind, part, level, now, SIM_TIME_NEVER };
    g_array_append_val (episodes->spans, begun);
  }
}

static void
on_timeline (Episodes *episodes, const SimRecord *record)
{
  SIM_ASSERT (record->column[0] >= 0 && record->column[0] < (int64_t)episodes->n_events);
  EpisodeEvent *event = &episodes->event[record->column[0]];

  if (record->column[1] == 0) {
    event->begun = record->when;
    event->outcome = EPISODE_UNDER_WAY;
  } else {
    event->ended = record->when;
    event->outcome = record->column[1] == 1 ? EPISODE_DONE : EPISODE_FAILED;
  }
}

static void
read_record (void *data, const SimRecord *record)
{
  Episodes *episodes = data;

  if (record->kind == TRACE_POWER)
    change_level (episodes, EPISODE_POWER, (uint32_t)record->column[0], record->column[2],
                  record->when);
  else if (record->kind == TRACE_LINK)
    change_level (episodes, EPISODE_LINK, 0, record->column[0] == 0, record->when);
  else
    on_timeline (episodes, record);
}

Episodes *
episodes_new (SimTrace *trace, uint32_t n_events)
{
  static const uint16_t kinds[] = { TRACE_POWER, TRACE_LINK, TRACE_TIMELINE };
  Episodes *episodes = g_new0 (Episodes, 1);

  episodes->spans = g_array_new (FALSE, FALSE, sizeof (Episode));
  episodes->event = g_new0 (EpisodeEvent, MAX (n_events, 1));
  episodes->n_events = n_events;
  for (uint32_t i = 0; i < n_events; i++)
    episodes->event[i].begun = episodes->event[i].ended = SIM_TIME_NEVER;
  sim_trace_add_reader (trace, read_record, episodes, kinds, G_N_ELEMENTS (kinds));
  return episodes;
}

void
episodes_free (Episodes *episodes)
{
  if (episodes == NULL)
    return;
  g_array_unref (episodes->spans);
  g_free (episodes->event);
  g_free (episodes);
}

GArray *
episodes_spans (const Episodes *episodes, SimTime end)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (Episode));

  for (guint i = 0; i < episodes->spans->len; i++) {
    Episode span = g_array_index (episodes->spans, Episode, i);
    span.end = sim_time_min (span.end, end);
    if (sim_time_before (span.begin, span.end))
      g_array_append_val (spans, span);
  }
  return spans;
}

uint32_t
episodes_n_events (const Episodes *episodes)
{
  return episodes->n_events;
}

EpisodeEvent
episodes_event (const Episodes *episodes, uint32_t index)
{
  SIM_ASSERT (index < episodes->n_events);
  return episodes->event[index];
}

const char *
episode_outcome_name (EpisodeOutcome outcome)
{
  switch (outcome) {
  case EPISODE_NEVER:
    return "never";
  case EPISODE_UNDER_WAY:
    return "under way";
  case EPISODE_DONE:
    return "done";
  case EPISODE_FAILED:
    return "failed";
  }
  SIM_UNREACHABLE ();
}
