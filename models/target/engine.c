#include "models/target/engine.h"

#include "models/target/adapter.h"

/* Cycles as time from an edge on. */
static SimDuration
service_time (const Target *target, int64_t cycles)
{
  return sim_ps (sim_clock_edge (target->config.engines.clock, cycles).ps);
}

static void engage (Target *target, EngineJob *job);

/* Lets the connection's next job in. */
static void
release (Target *target, EngineQueue *queue)
{
  EngineJob *next = queue->first;

  queue->engaged = false;
  if (next == NULL)
    return;
  queue->first = next->next;
  if (queue->first == NULL)
    queue->last = NULL;
  engage (target, next);
}

/* The connection stays engaged while the job takes effect, so that what the job submits comes
 * behind what waits; the context may be gone afterwards, and with it its queue. */
static void
job_done (Sim *sim, SimJob *sim_job)
{
  EngineJob *job = sim_job->owner;
  Target *target = job->target;
  NDIS_TOKEN token = job->context != NULL ? job->context->head.token : 0;
  (void)sim;

  job->done (target, job);
  TcpContext *context = target_tcp_find (&target->contexts, token);
  if (context != NULL) {
    release (target, &context->queue);
    target_terminate_advance (target, context);
  }
}

static void
start (Target *target, EngineJob *job)
{
  job->job =
      (SimJob){ .service = service_time (target, job->cycles), .done = job_done, .owner = job };
  bool accepted = sim_server_submit (target->engines, &job->job);
  SIM_ASSERT (accepted);
}

static void
context_fetched (void *data, BusTransfer *transfer)
{
  start (data, (EngineJob *)((char *)transfer - offsetof (EngineJob, fetch)));
}

static void
engage (Target *target, EngineJob *job)
{
  TcpContext *context = job->context;

  context->queue.engaged = true;
  job->cycles += context->owed_cycles;
  context->owed_cycles = 0;
  if (target_cache_touch (&target->cache, &context->cache)) {
    job->cycles += target_cycles (target, TARGET_COST_CACHE_HIT, context->connection_id);
    start (target, job);
    return;
  }
  job->cycles += target_cycles (target, TARGET_COST_CACHE_MISS, context->connection_id);
  if (target->config.cache.memory == TARGET_CONTEXT_IN_HOST)
    target_read (target, &job->fetch, target->config.cache.context_bytes, context->connection_id,
                 context_fetched);
  else
    start (target, job);
}

void
target_engine_submit (Target *target, EngineJob *job, TcpContext *context, int64_t cycles,
                      EngineDoneFn done)
{
  job->target = target;
  job->context = context;
  job->cycles = cycles;
  job->done = done;
  job->next = NULL;
  if (context == NULL) {
    start (target, job);
    return;
  }
  EngineQueue *queue = &context->queue;
  if (!queue->engaged) {
    engage (target, job);
    return;
  }
  if (queue->first == NULL)
    queue->first = job;
  else
    queue->last->next = job;
  queue->last = job;
}

bool
target_engine_is_idle (const TcpContext *context)
{
  return !context->queue.engaged;
}
