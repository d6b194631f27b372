#include "sim/server.h"

#include <glib.h>

typedef struct Slot {
  SimJob *job; /* NULL: free */
  SimTime end;
} Slot;

struct SimServer {
  Sim *sim;
  SimServerConfig config;
  SimEvent event; /* the first end of service */
  SimJob *first;  /* the queue */
  SimJob **last;
  uint32_t in_service;
  SimServerStats stats; /* busy: of finished jobs */
  Slot slot[SIM_SERVER_SLOTS_MAX];
};

static void
start_job (SimServer *server, Slot *slot, SimJob *job)
{
  job->started = sim_now (server->sim);
  slot->job = job;
  slot->end = sim_time_add (job->started, job->service);
  server->in_service++;
}

static SimJob *
take_queued (SimServer *server)
{
  SimJob *job = server->first;
  if (job == NULL)
    return NULL;
  server->first = job->next;
  if (server->first == NULL)
    server->last = &server->first;
  server->stats.queued--;
  job->next = NULL;
  return job;
}

static void
arm (SimServer *server)
{
  SimTime end = SIM_TIME_NEVER;
  for (uint32_t i = 0; i < server->config.slots; i++)
    if (server->slot[i].job != NULL)
      end = sim_time_min (end, server->slot[i].end);
  if (!sim_time_is_never (end) && !sim_time_equal (end, server->event.when))
    sim_event_schedule (server->sim, &server->event, end);
}

static void
finish_job (SimServer *server, Slot *slot)
{
  SimJob *job = slot->job;

  slot->job = NULL;
  server->in_service--;
  server->stats.jobs++;
  server->stats.busy = sim_duration_add (server->stats.busy, job->service);
  SimJob *next = take_queued (server);
  if (next != NULL)
    start_job (server, slot, next);
  job->done (server->sim, job);
}

/* Ends the service of what is due.  A job that starts and ends in this instant is due in the next
 * round, so that a chain of them is a chain of events. */
static void
end_service (Sim *sim, void *data)
{
  SimServer *server = data;
  SimTime now = sim_now (sim);
  uint64_t due = 0;

  for (uint32_t i = 0; i < server->config.slots; i++)
    if (server->slot[i].job != NULL && sim_time_equal (server->slot[i].end, now))
      due |= UINT64_C (1) << i;
  for (; due != 0; due &= due - 1)
    finish_job (server, &server->slot[__builtin_ctzll (due)]);
  arm (server);
}

SimServer *
sim_server_new (Sim *sim, SimServerConfig config)
{
  SIM_ASSERT (config.slots >= 1);
  SIM_ASSERT (config.slots <= SIM_SERVER_SLOTS_MAX);

  SimServer *server = g_new0 (SimServer, 1);
  server->sim = sim;
  server->config = config;
  server->last = &server->first;
  sim_event_init (&server->event, config.phase, config.actor_id, end_service, server);
  return server;
}

void
sim_server_free (SimServer *server)
{
  if (server == NULL)
    return;
  sim_event_cancel (server->sim, &server->event);
  g_free (server);
}

static void
enqueue (SimServer *server, SimJob *job)
{
  *server->last = job;
  server->last = &job->next;
  server->stats.queued++;
  server->stats.queue_peak = MAX (server->stats.queue_peak, server->stats.queued);
}

bool
sim_server_submit (SimServer *server, SimJob *job)
{
  SIM_ASSERT (job->service.ps >= 0);
  SIM_ASSERT (job->done != NULL);

  bool full = server->in_service == server->config.slots;
  if (full && server->config.queue_limit != 0
      && server->stats.queued == server->config.queue_limit) {
    server->stats.refused++;
    return false;
  }
  job->next = NULL;
  job->submitted = sim_now (server->sim);
  if (full) {
    enqueue (server, job);
    return true;
  }
  Slot *slot = server->slot;
  while (slot->job != NULL)
    slot++;
  start_job (server, slot, job);
  if (slot->end.ps < server->event.when.ps)
    sim_event_schedule (server->sim, &server->event, slot->end);
  return true;
}

uint32_t
sim_server_slots (const SimServer *server)
{
  return server->config.slots;
}

SimServerStats
sim_server_stats (const SimServer *server)
{
  SimServerStats stats = server->stats;
  for (uint32_t i = 0; i < server->config.slots; i++)
    if (server->slot[i].job != NULL)
      stats.busy = sim_duration_add (stats.busy, sim_time_diff (sim_now (server->sim),
                                                                server->slot[i].job->started));
  return stats;
}
