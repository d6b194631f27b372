#include "models/world/timeline.h"

#include <glib.h>

#include "models/trace/trace.h"

typedef struct Entry {
  SimEvent event;
  Timeline *timeline;
  uint32_t index;
  TimelineState state;
  SimTime begun, ended;
  uint64_t count;         /* METRIC: its value now */
  int64_t opening;        /* BETWEEN: a crossing that may open the window, 0: none */
  int64_t closing;        /* BETWEEN: one that may close it */
  int64_t object;         /* BETWEEN: the connection's offload object */
  SimTime opened, closed; /* BETWEEN: the first window */
} Entry;

struct Timeline {
  Sim *sim;
  const WorldConfig *config;
  TimelineDo carry_out;
  void *world;
  Entry *entry;
  uint8_t *owner;       /* of each connection, as the trace said last */
  int64_t *op;          /* the operation that it went to its owner with */
  uint8_t *established; /* bit per side */
};

static void arm_followers (Timeline *timeline, uint32_t index);
static void watch (Timeline *timeline);

static void
fire (G_GNUC_UNUSED Sim *sim, void *data)
{
  Entry *entry = data;
  Timeline *timeline = entry->timeline;

  SIM_ASSERT (entry->state == TIMELINE_WAITING);
  entry->state = TIMELINE_RUNNING;
  entry->begun = sim_now (timeline->sim);
  TRACE (sim_trace (timeline->sim), TIMELINE_ACTOR, TIMELINE, entry->index, 0);
  arm_followers (timeline, entry->index);
  timeline->carry_out (timeline->world, entry->index, &timeline->config->event[entry->index]);
}

Timeline *
timeline_new (Sim *sim, const WorldConfig *config, TimelineDo carry_out, void *world)
{
  Timeline *timeline = g_new0 (Timeline, 1);

  timeline->sim = sim;
  timeline->config = config;
  timeline->carry_out = carry_out;
  timeline->world = world;
  timeline->entry = g_new0 (Entry, MAX (config->n_events, 1));
  timeline->owner = g_new0 (uint8_t, MAX (config->n_connections, 1));
  timeline->op = g_new0 (int64_t, MAX (config->n_connections, 1));
  timeline->established = g_new0 (uint8_t, MAX (config->n_connections, 1));
  for (uint32_t i = 0; i < config->n_events; i++) {
    Entry *entry = &timeline->entry[i];
    entry->timeline = timeline;
    entry->index = i;
    entry->begun = entry->ended = entry->opened = entry->closed = SIM_TIME_NEVER;
    sim_event_init (&entry->event, SIM_PHASE_WIRE, TIMELINE_ACTOR, fire, entry);
  }
  watch (timeline);
  return timeline;
}

void
timeline_free (Timeline *timeline)
{
  if (timeline == NULL)
    return;
  for (uint32_t i = 0; i < timeline->config->n_events; i++)
    sim_event_cancel (timeline->sim, &timeline->entry[i].event);
  g_free (timeline->entry);
  g_free (timeline->owner);
  g_free (timeline->op);
  g_free (timeline->established);
  g_free (timeline);
}

/* Arms a waiting entry |delay| from now, unless it is armed already. */
static void
arm (Entry *entry, SimDuration delay)
{
  Sim *sim = entry->timeline->sim;

  if (entry->state == TIMELINE_WAITING && !sim_event_is_pending (&entry->event))
    sim_event_schedule (sim, &entry->event, sim_time_add (sim_now (sim), delay));
}

static bool
in_set (ConnectionSet set, int64_t connection)
{
  return connection >= (int64_t)set.first && connection <= (int64_t)set.last;
}

/* Adds |delta| to the metric that |connection| counts for, and arms what has been reached. */
static void
count_metric (Timeline *timeline, TimelineMetric metric, int64_t connection, int64_t delta)
{
  for (uint32_t i = 0; i < timeline->config->n_events; i++) {
    const TimelineEvent *event = &timeline->config->event[i];
    Entry *entry = &timeline->entry[i];
    if (event->anchor != TIMELINE_METRIC || event->metric != metric
        || !in_set (event->metric_of, connection))
      continue;
    entry->count += (uint64_t)delta;
    if (entry->count >= event->reaches)
      arm (entry, SIM_DURATION_ZERO);
  }
}

/* A connection is established while one of our sides says so. */
static void
note_established (Timeline *timeline, int64_t connection, int64_t side, bool is_established)
{
  uint8_t before = timeline->established[connection];
  uint8_t bit = (uint8_t)(1u << side);
  uint8_t after = is_established ? (uint8_t)(before | bit) : (uint8_t)(before & ~bit);
  int64_t delta = (after != 0) - (before != 0);

  timeline->established[connection] = after;
  if (delta != 0)
    count_metric (timeline, METRIC_ESTABLISHED, connection, delta);
}

static void
on_owner (Timeline *timeline, const SimRecord *record)
{
  int64_t connection = record->column[0];
  uint8_t owner = (uint8_t)record->column[1];
  int64_t delta = (owner == OWNER_TARGET) - (timeline->owner[connection] == OWNER_TARGET);

  timeline->owner[connection] = owner;
  timeline->op[connection] = record->column[2];
  if (delta != 0)
    count_metric (timeline, METRIC_OFFLOADED, connection, delta);
  if (owner == OWNER_HOST) /* what the target last said of it is over */
    note_established (timeline, connection, SIDE_TARGET, false);
}

static void
on_connection_state (Timeline *timeline, const SimRecord *record)
{
  if (record->column[1] != SIDE_PEER)
    note_established (timeline, record->column[0], record->column[1],
                      record->column[3] == TcpConnectionEstablished);
}

/* The window of |entry| opens at crossing |first|, or closes at crossing |second|: |crossing| is
 * now known to be about its connection. */
static void
touch_window (Entry *entry, const TimelineEvent *event, int64_t crossing)
{
  SimTime now = sim_now (entry->timeline->sim);

  if (crossing == entry->opening) {
    entry->opening = 0;
    entry->opened = sim_time_min (entry->opened, now);
    arm (entry, event->offset);
  } else if (crossing == entry->closing) {
    entry->closing = 0;
    if (!sim_time_is_never (entry->opened))
      entry->closed = sim_time_min (entry->closed, now);
    if (entry->state == TIMELINE_WAITING)
      sim_event_cancel (entry->timeline->sim, &entry->event);
  }
}

/* An initiate or a terminate of several objects names none on its way into NDIS: it is known by the
 * operation that its connections go or come with. */
static bool
is_of_operation (const Timeline *timeline, const SimRecord *record, const TimelineEvent *event)
{
  int64_t op = record->column[6];

  return record->kind == TRACE_CALL_BEGIN && record->column[7] == 0 && op != 0
         && op == timeline->op[event->between_connection];
}

/* CALL_BEGIN names the crossing; it or the NODE and NBL records that follow say which objects it is
 * about. */
static void
on_crossing (Timeline *timeline, const SimRecord *record)
{
  bool begins = record->kind == TRACE_CALL_BEGIN;
  int64_t crossing = record->column[0];
  int64_t object = begins                       ? record->column[7]
                   : record->kind == TRACE_NODE ? record->column[6]
                                                : record->column[3];

  for (uint32_t i = 0; i < timeline->config->n_events; i++) {
    const TimelineEvent *event = &timeline->config->event[i];
    Entry *entry = &timeline->entry[i];
    if (event->anchor != TIMELINE_BETWEEN || entry->state != TIMELINE_WAITING)
      continue;
    if (begins && record->column[1] == (int64_t)event->between[0])
      entry->opening = crossing;
    if (begins && record->column[1] == (int64_t)event->between[1])
      entry->closing = crossing;
    if (object == entry->object || is_of_operation (timeline, record, event))
      touch_window (entry, event, crossing);
  }
}

static void
read_record (void *data, const SimRecord *record)
{
  Timeline *timeline = data;

  if (record->kind == TRACE_OWNER)
    on_owner (timeline, record);
  else if (record->kind == TRACE_CONNECTION_STATE)
    on_connection_state (timeline, record);
  else if (record->kind == TRACE_APP_DELIVER && record->column[1] == SIDE_HOST)
    count_metric (timeline, METRIC_DELIVERED, record->column[0], record->column[4]);
  else if (record->kind != TRACE_APP_DELIVER)
    on_crossing (timeline, record);
}

/* Subscribes to what the anchors of this scenario need and no more. */
static void
watch (Timeline *timeline)
{
  uint16_t kinds[8];
  size_t n = 0;
  bool windows = false, owners = false, states = false, deliveries = false;

  for (uint32_t i = 0; i < timeline->config->n_events; i++) {
    const TimelineEvent *event = &timeline->config->event[i];
    windows |= event->anchor == TIMELINE_BETWEEN;
    if (event->anchor == TIMELINE_METRIC) {
      owners |= event->metric == METRIC_OFFLOADED || event->metric == METRIC_ESTABLISHED;
      states |= event->metric == METRIC_ESTABLISHED;
      deliveries |= event->metric == METRIC_DELIVERED;
    }
  }
  if (windows) {
    kinds[n++] = TRACE_CALL_BEGIN;
    kinds[n++] = TRACE_NODE;
    kinds[n++] = TRACE_NBL;
  }
  if (owners || windows)
    kinds[n++] = TRACE_OWNER;
  if (states)
    kinds[n++] = TRACE_CONNECTION_STATE;
  if (deliveries)
    kinds[n++] = TRACE_APP_DELIVER;
  if (n > 0)
    sim_trace_add_reader (sim_trace (timeline->sim), read_record, timeline, kinds, n);
}

void
timeline_start (Timeline *timeline, TimelineObjectOf object_of)
{
  for (uint32_t i = 0; i < timeline->config->n_events; i++) {
    const TimelineEvent *event = &timeline->config->event[i];
    if (event->anchor == TIMELINE_AT)
      sim_event_schedule (timeline->sim, &timeline->entry[i].event, event->at);
    else if (event->anchor == TIMELINE_BETWEEN)
      timeline->entry[i].object = object_of (timeline->world, event->between_connection);
  }
}

static bool
outcome_matches (TimelineOutcome wanted, TimelineState state)
{
  switch (wanted) {
  case TIMELINE_BEGUN:
    return state != TIMELINE_WAITING;
  case TIMELINE_DONE:
    return state == TIMELINE_SUCCEEDED;
  case TIMELINE_FAILED:
    return state == TIMELINE_FAILED_STATE;
  case TIMELINE_ENDED:
    return state == TIMELINE_SUCCEEDED || state == TIMELINE_FAILED_STATE;
  }
  SIM_UNREACHABLE ();
}

static void
arm_followers (Timeline *timeline, uint32_t index)
{
  for (uint32_t i = 0; i < timeline->config->n_events; i++) {
    const TimelineEvent *event = &timeline->config->event[i];
    if (event->anchor == TIMELINE_AFTER && event->after == index
        && outcome_matches (event->outcome, timeline->entry[index].state))
      arm (&timeline->entry[i], event->delay);
  }
}

void
timeline_finish (Timeline *timeline, uint32_t index, bool succeeded)
{
  Entry *entry = &timeline->entry[index];

  SIM_ASSERT (entry->state == TIMELINE_RUNNING);
  entry->state = succeeded ? TIMELINE_SUCCEEDED : TIMELINE_FAILED_STATE;
  entry->ended = sim_now (timeline->sim);
  TRACE (sim_trace (timeline->sim), TIMELINE_ACTOR, TIMELINE, index, succeeded ? 1 : 2);
  arm_followers (timeline, index);
}

TimelineState
timeline_state (const Timeline *timeline, uint32_t index)
{
  SIM_ASSERT (index < timeline->config->n_events);
  return timeline->entry[index].state;
}

SimTime
timeline_begun (const Timeline *timeline, uint32_t index)
{
  SIM_ASSERT (index < timeline->config->n_events);
  return timeline->entry[index].begun;
}

SimTime
timeline_ended (const Timeline *timeline, uint32_t index)
{
  SIM_ASSERT (index < timeline->config->n_events);
  return timeline->entry[index].ended;
}

bool
timeline_window (const Timeline *timeline, uint32_t index, SimDuration *ret_length)
{
  SIM_ASSERT (index < timeline->config->n_events);
  const Entry *entry = &timeline->entry[index];

  if (sim_time_is_never (entry->closed))
    return false;
  *ret_length = sim_time_diff (entry->closed, entry->opened);
  return true;
}

const char *
timeline_verb_name (TimelineVerb verb)
{
  static const char *const names[TIMELINE_N_VERBS] = {
#define TIMELINE_VERB(id, name, help) [TIMELINE_##id] = #name,
    TIMELINE_VERBS (TIMELINE_VERB)
#undef TIMELINE_VERB
  };
  return verb < TIMELINE_N_VERBS ? names[verb] : NULL;
}
