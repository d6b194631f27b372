#include "sim/sim.h"

#include <glib.h>

#include "sim/choice.h"
#include "sim/machine.h"

/* An order: phase, actor, sequence, from the highest bit down. */
#define SEQUENCE_BITS 34
#define ACTOR_BITS 28
#define SEQUENCE_END (UINT64_C (1) << SEQUENCE_BITS)
#define GROUP_MASK (~(SEQUENCE_END - 1))

G_STATIC_ASSERT (SIM_ACTORS_MAX == 1u << ACTOR_BITS);
G_STATIC_ASSERT (SIM_N_PHASES <= 1 << (64 - SEQUENCE_BITS - ACTOR_BITS));

void
sim_event_init (SimEvent *event, SimPhase phase, uint32_t actor_id, SimEventFn fire, void *data)
{
  SIM_ASSERT (phase < SIM_N_PHASES);
  SIM_ASSERT (actor_id < SIM_ACTORS_MAX);
  SIM_ASSERT (fire != NULL);

  *event = (SimEvent){ .fire = fire,
                       .data = data,
                       .when = SIM_TIME_NEVER,
                       .order = ((uint64_t)phase << ACTOR_BITS | actor_id) << SEQUENCE_BITS,
                       .entry_when = SIM_TIME_NEVER };
}

static inline void
push_entry (Sim *sim, SimEvent *event)
{
  event->entry_when = event->when;
  event->entry_order = event->order;
  sim_queue_push (&sim->queue, (uint64_t)event->when.ps, event->order, event,
                  (uint64_t)sim->now.ps);
}

static int
compare_sequences (gconstpointer a, gconstpointer b, G_GNUC_UNUSED gpointer data)
{
  uint64_t left = (*(SimEvent *const *)a)->order & ~GROUP_MASK;
  uint64_t right = (*(SimEvent *const *)b)->order & ~GROUP_MASK;
  return left < right ? -1 : left > right;
}

/* The sequence has run through its bits: the pending armings are counted again from 1, in the order
 * they have, which changes no comparison. */
static __attribute__ ((noinline)) void
renumber (Sim *sim)
{
  g_autofree SimEvent **all = g_new (SimEvent *, MAX (sim_events_pending (sim), 1));
  const SimQueueEntry *entry;
  size_t count = 0;

  for (; (entry = sim_queue_first (&sim->queue, UINT64_MAX)) != NULL; sim_queue_pop (&sim->queue))
    all[count++] = entry->event;
  SIM_ASSERT (sim_events_pending (sim) == 0);
  g_qsort_with_data (all, (int)count, sizeof all[0], compare_sequences, NULL);
  sim->sequence = 1;
  for (size_t i = 0; i < count; i++) {
    all[i]->order = (all[i]->order & GROUP_MASK) | sim->sequence++;
    push_entry (sim, all[i]);
  }
}

void
sim_event_schedule (Sim *sim, SimEvent *event, SimTime when)
{
  SIM_ASSERT (when.ps >= sim->now.ps);
  SIM_ASSERT (!sim_time_is_never (when));
  if (__builtin_expect (sim->sequence == SEQUENCE_END, 0))
    renumber (sim);

  bool pending = sim_event_is_pending (event);
  event->when = when;
  event->order = (event->order & GROUP_MASK) | sim->sequence++;
  if (pending) {
    if (when.ps >= event->entry_when.ps)
      return;
    sim_queue_bury (&sim->queue, event->entry_order);
  }
  push_entry (sim, event);
}

void
sim_event_cancel (Sim *sim, SimEvent *event)
{
  if (!sim_event_is_pending (event))
    return;
  event->when = SIM_TIME_NEVER;
  sim_queue_bury (&sim->queue, event->entry_order);
}

Sim *
sim_new (uint64_t seed)
{
  Sim *sim = g_new0 (Sim, 1);

  sim->seed = seed;
  sim->sequence = 1;
  sim->choices = sim_choices_new (sim);
  sim->trace = sim_trace_new (sim);
  sim_queue_init (&sim->queue);
  return sim;
}

void
sim_free (Sim *sim)
{
  if (sim == NULL)
    return;
  sim_queue_clear (&sim->queue);
  sim_trace_free (sim->trace);
  sim_choices_free (sim->choices);
  g_free (sim->tied);
  g_free (sim);
}

/* Puts the first entry in its place until it is one whose event was not moved on; NULL if there is
 * none by |until|. */
static inline const SimQueueEntry *
first_current (Sim *sim, uint64_t until)
{
  for (;;) {
    const SimQueueEntry *first = sim_queue_first (&sim->queue, until);
    if (first == NULL || first->event->order == first->order)
      return first;
    SimEvent *event = first->event;
    sim_queue_pop (&sim->queue);
    push_entry (sim, event);
  }
}

/* Takes the current entries of the first instant and phase into sim->tied, in order. */
static size_t
take_tied (Sim *sim, const SimQueueEntry *first)
{
  uint64_t time = first->time;
  uint64_t phase = first->order >> (SEQUENCE_BITS + ACTOR_BITS);
  size_t count = 0;

  do {
    if (count == sim->tied_capacity) {
      sim->tied_capacity = MAX (64, 2 * sim->tied_capacity);
      sim->tied = g_renew (SimQueueEntry, sim->tied, sim->tied_capacity);
    }
    sim->tied[count++] = *first;
    sim_queue_pop (&sim->queue);
    first = first_current (sim, time);
  } while (first != NULL && first->order >> (SEQUENCE_BITS + ACTOR_BITS) == phase);
  return count;
}

static inline bool
same_group (const SimQueueEntry *a, const SimQueueEntry *b)
{
  return (a->order & GROUP_MASK) == (b->order & GROUP_MASK);
}

/* Lets the choice decide which actor's first event goes next and puts the others back. */
static __attribute__ ((noinline)) SimEvent *
choose_tied (Sim *sim, const SimQueueEntry *first)
{
  sim->now = (SimTime){ (int64_t)first->time };
  size_t count = take_tied (sim, first);
  uint32_t actors = 1;
  for (size_t i = 1; i < count; i++)
    actors += !same_group (&sim->tied[i], &sim->tied[i - 1]);

  uint32_t choice = actors > 1 ? sim_choose (sim, SIM_SITE_SAME_TIME, 0, actors) : 0;
  size_t chosen = 0;
  for (uint32_t actor = 0; actor < choice; chosen++)
    actor += !same_group (&sim->tied[chosen + 1], &sim->tied[chosen]);

  for (size_t i = 0; i < count; i++)
    if (i != chosen)
      sim_queue_push (&sim->queue, sim->tied[i].time, sim->tied[i].order, sim->tied[i].event,
                      (uint64_t)sim->now.ps);
  return sim->tied[chosen].event;
}

static inline SimEvent *
take_next (Sim *sim, uint64_t until)
{
  const SimQueueEntry *first = first_current (sim, until);
  if (first == NULL)
    return NULL;
  if (__builtin_expect (sim->same_time_open, 0))
    return choose_tied (sim, first);

  SimEvent *event = first->event;
  sim->now = (SimTime){ (int64_t)first->time };
  sim_queue_pop (&sim->queue);
  return event;
}

/* True if an event limit is met; otherwise works out when to look again. */
static bool
event_limit_met (Sim *sim, const SimLimits *limits, SimStop *ret_stop)
{
  if (limits->max_events != 0 && sim->fired >= limits->max_events) {
    *ret_stop = SIM_STOP_EVENTS;
    return true;
  }
  if (limits->livelock_events != 0
      && sim->fired - sim->fired_at_progress >= limits->livelock_events) {
    sim->fired_at_progress = sim->fired;
    *ret_stop = SIM_STOP_LIVELOCK;
    return true;
  }
  sim->fired_check = limits->max_events != 0 ? limits->max_events : UINT64_MAX;
  if (limits->livelock_events != 0)
    sim->fired_check = MIN (sim->fired_check, sim->fired_at_progress + limits->livelock_events);
  return false;
}

SimStop
sim_run (Sim *sim, SimLimits limits)
{
  SimStop stop;

  SIM_ASSERT (limits.until.ps >= 0);
  sim->fired_check = 0;
  for (;;) {
    if (__atomic_load_n (&sim->stop_requested, __ATOMIC_RELAXED)) {
      __atomic_store_n (&sim->stop_requested, false, __ATOMIC_RELAXED);
      return SIM_STOP_REQUEST;
    }
    if (sim->fired >= sim->fired_check && event_limit_met (sim, &limits, &stop))
      return stop;

    SimEvent *event = take_next (sim, (uint64_t)limits.until.ps);
    if (event == NULL)
      break;
    event->when = SIM_TIME_NEVER;
    sim->fired++;
    event->fire (sim, event->data);
  }
  if (sim_events_pending (sim) == 0)
    return SIM_STOP_IDLE;
  sim->now = sim_time_max (sim->now, limits.until);
  return SIM_STOP_TIME;
}

SimTime
sim_now (const Sim *sim)
{
  return sim->now;
}

uint64_t
sim_seed (const Sim *sim)
{
  return sim->seed;
}

uint64_t
sim_events_fired (const Sim *sim)
{
  return sim->fired;
}

size_t
sim_events_pending (const Sim *sim)
{
  return sim->queue.count - sim->queue.graves.count;
}

void
sim_progress (Sim *sim)
{
  sim->fired_at_progress = sim->fired;
}

void
sim_request_stop (Sim *sim)
{
  __atomic_store_n (&sim->stop_requested, true, __ATOMIC_RELAXED);
}

const char *
sim_stop_name (SimStop stop)
{
  switch (stop) {
  case SIM_STOP_IDLE:
    return "idle";
  case SIM_STOP_TIME:
    return "time";
  case SIM_STOP_EVENTS:
    return "events";
  case SIM_STOP_LIVELOCK:
    return "livelock";
  case SIM_STOP_REQUEST:
    return "request";
  }
  SIM_UNREACHABLE ();
}

SimChoices *
sim_choices (Sim *sim)
{
  return sim->choices;
}

SimTrace *
sim_trace (Sim *sim)
{
  return sim->trace;
}

void
sim_skip_sequence (Sim *sim, uint64_t sequence)
{
  SIM_ASSERT (sequence >= sim->sequence);
  SIM_ASSERT (sequence <= SEQUENCE_END);
  sim->sequence = sequence;
}
