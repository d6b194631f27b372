#include "models/target/upcall.h"

#include "models/target/adapter.h"
#include "sim/mix.h"

/* What the NIC writes for each upcall besides data. */
#define UPCALL_BYTES 32
/* How far a choice looks into a ring. */
#define CHOICE_DEPTH 32

static void vector_event (Sim *sim, void *data);

void
target_vectors_init (Target *target)
{
  for (uint32_t i = 0; i < target->config.interrupts.vectors; i++) {
    TargetVector *vector = &target->vector[i];
    *vector = (TargetVector){ .target = target, .index = i };
    sim_event_init (&vector->event, SIM_PHASE_DEVICE, target->config.actor_id + ACTOR_VECTORS + i,
                    vector_event, vector);
    sim_work_init (&vector->work, SIM_LEVEL_DPC, target_dpc, (SimStepArgs){ .self = vector });
  }
}

uint32_t
target_vector_of (const Target *target, uint32_t hash)
{
  if (target->rss)
    hash = target->rss_table[hash % NDIS_RSS_TABLE_ENTRIES];
  return hash % target->config.interrupts.vectors;
}

/* Interrupts */

/* The DPC runs on the vector's processor, or, where a schedule says so, on another. */
static SimCpu *
processor_for (const TargetVector *vector)
{
  Target *target = vector->target;
  uint32_t n_cpus = ndis_n_cpus (target->ndis);
  uint32_t choice = sim_choose (target->sim, SITE_DPC_PROCESSOR, vector->index, n_cpus);

  return ndis_cpu_at (target->ndis, (vector->index + choice) % n_cpus);
}

static void
raise_interrupt (TargetVector *vector)
{
  Target *target = vector->target;
  SimDuration latency = target_delay (target, TARGET_COST_INTERRUPT_LATENCY, TARGET_NO_SUBJECT);

  vector->state = VECTOR_RAISED;
  sim_event_schedule (target->sim, &vector->event, sim_time_add (target_now (target), latency));
}

static void
start_dpc (TargetVector *vector)
{
  Target *target = vector->target;
  SimCpu *cpu = processor_for (vector);

  target->stats.interrupts++;
  TRACE (target_trace (target), target->config.actor_id, INTERRUPT, vector->index,
         sim_cpu_index (cpu));
  vector->state = VECTOR_RUNNING;
  vector->run = 0;
  sim_cpu_queue (cpu, &vector->work);
}

static void
vector_event (Sim *sim, void *data)
{
  TargetVector *vector = data;
  (void)sim;

  if (vector->state == VECTOR_MODERATING)
    raise_interrupt (vector);
  else if (vector->state == VECTOR_RAISED)
    start_dpc (vector);
}

static void
moderate (TargetVector *vector)
{
  Target *target = vector->target;
  const TargetInterrupts *interrupts = &target->config.interrupts;

  if (vector->state == VECTOR_IDLE) {
    vector->state = VECTOR_MODERATING;
    sim_event_schedule (target->sim, &vector->event,
                        sim_time_add (target_now (target), interrupts->delay_max));
  }
  if (vector->state == VECTOR_MODERATING
      && (vector->count >= interrupts->completions_max || interrupts->delay_max.ps == 0))
    raise_interrupt (vector);
}

/* Queueing */

TargetUpcall *
target_upcall_new (Target *target, UpcallKind kind, TcpContext *context)
{
  TargetUpcall *upcall = sim_pool_take (target->upcalls);

  upcall->kind = kind;
  upcall->context = context;
  return upcall;
}

static void
note_stage (Target *target, const TargetUpcall *upcall, LatencyStage stage)
{
  if (upcall->kind == UPCALL_OP)
    target_stage_op (target, upcall->op, stage);
  else if (upcall->context != NULL
           && (upcall->kind == UPCALL_RECEIVES || upcall->kind == UPCALL_INDICATE))
    target_stage_request (target, upcall->context->connection_id, stage);
  else if (upcall->kind == UPCALL_FRAME && upcall->segment.payload.bytes > 0)
    target_stage_request (target, upcall->segment.connection_id, stage);
}

void
target_vector_put (TargetVector *vector, TargetUpcall *upcall)
{
  upcall->next = NULL;
  if (vector->first == NULL)
    vector->first = upcall;
  else
    vector->last->next = upcall;
  vector->last = upcall;
  vector->count++;
}

static void
written (void *data, BusTransfer *transfer)
{
  Target *target = data;
  TargetUpcall *upcall = (TargetUpcall *)((char *)transfer - offsetof (TargetUpcall, write));
  TargetVector *vector = &target->vector[upcall->vector];

  note_stage (target, upcall, STAGE_INTERRUPT);
  target_vector_put (vector, upcall);
  moderate (vector);
}

static void
send_up (Target *target, TargetUpcall *upcall, uint32_t bytes)
{
  TcpContext *context = upcall->context;
  uint32_t connection_id = context != NULL ? context->connection_id : TARGET_NO_SUBJECT;

  if (context != NULL)
    upcall->vector = context->vector;
  note_stage (target, upcall, STAGE_DMA);
  if (upcall->kind != UPCALL_FRAME) {
    target_write (target, &upcall->write, bytes + UPCALL_BYTES, connection_id, written);
    return;
  }
  /* Ordinary frames come through a pipeline of their own. */
  SimDuration latency =
      sim_duration_add (target_delay (target, TARGET_COST_ORDINARY_FRAME, connection_id),
                        target_delay (target, TARGET_COST_DMA_WRITE_LATENCY, connection_id));
  bus_transfer (&target->writes, &upcall->write, bytes + UPCALL_BYTES, latency, written);
}

/* The defect: a connection follows the table although something of it is under way. */
static bool
moves_at_once (Target *target, const TcpContext *context)
{
  return target_vector_of (target, context->tcb.HashValue) != context->vector
         && target_defect (target, TARGET_DEFECT_MOVES_AT_ONCE, context->head.object_id);
}

void
target_upcall_queue (Target *target, TargetUpcall *upcall, uint32_t bytes)
{
  TcpContext *context = upcall->context;

  if (context == NULL) {
    send_up (target, upcall, bytes);
    return;
  }
  context->owed_cycles += target_cycles (target, TARGET_COST_COMPLETION, context->connection_id);
  /* A connection moves to another vector only when nothing of it is under way (RSS-02). */
  if (context->upcalls++ == 0 || moves_at_once (target, context))
    context->vector = target_vector_of (target, context->tcb.HashValue);
  if (context->open) {
    send_up (target, upcall, bytes);
    return;
  }
  bus_post (&target->writes, bytes);
  upcall->next = NULL;
  *context->held_last = upcall;
  context->held_last = &upcall->next;
}

void
target_upcall_release (Target *target, TcpContext *context)
{
  TargetUpcall *upcall = context->held_first;

  context->open = true;
  context->held_first = NULL;
  context->held_last = &context->held_first;
  while (upcall != NULL) {
    TargetUpcall *next = upcall->next;
    send_up (target, upcall, 0);
    upcall = next;
  }
}

/* Choosing what goes up next */

static bool
is_initiate (const TargetUpcall *upcall)
{
  return upcall->kind == UPCALL_OP && upcall->op->kind == OP_INITIATE;
}

static bool
is_received_data (const TargetUpcall *upcall)
{
  return upcall->kind == UPCALL_INDICATE || upcall->kind == UPCALL_FRAME
         || upcall->kind == UPCALL_RECEIVES;
}

/* Whether |upcall| may go before everything ahead of it: nothing there is about the same
 * connection, and no tree is completed before what precedes its completion. */
static bool
may_overtake (const TargetVector *vector, const TargetUpcall *upcall)
{
  for (const TargetUpcall *ahead = vector->first; ahead != upcall; ahead = ahead->next) {
    if (ahead->context != NULL && ahead->context == upcall->context)
      return false;
    if ((ahead->kind == UPCALL_OP) != (upcall->kind == UPCALL_OP) && !is_received_data (ahead)
        && !is_received_data (upcall))
      return false;
    if (ahead->kind == upcall->kind
        && (upcall->kind == UPCALL_FRAME || upcall->kind == UPCALL_STATUS
            || upcall->kind == UPCALL_OID))
      return false;
  }
  return true;
}

typedef bool (*UpcallTest) (const TargetUpcall *upcall, const TargetUpcall *first);

static bool
is_other_initiate (const TargetUpcall *upcall, const TargetUpcall *first)
{
  return is_initiate (first) && is_initiate (upcall);
}

static bool
is_other_completion (const TargetUpcall *upcall, const TargetUpcall *first)
{
  return !is_initiate (first) && !is_received_data (first) && !is_initiate (upcall)
         && !is_received_data (upcall);
}

static bool
is_other_side (const TargetUpcall *upcall, const TargetUpcall *first)
{
  return is_received_data (upcall) != is_received_data (first);
}

/* Asks |site| which of the upcalls that pass |test| goes first; without an alternative there is
 * nothing to ask. */
static TargetUpcall *
choose_among (Target *target, TargetVector *vector, SimSite site, UpcallTest test, uint32_t n_max)
{
  TargetUpcall *candidate[CHOICE_DEPTH];
  uint32_t n = 0;

  if (!sim_choices_is_open (sim_choices (target->sim), site))
    return vector->first;
  candidate[n++] = vector->first;
  for (TargetUpcall *upcall = vector->first->next; upcall != NULL && n < n_max;
       upcall = upcall->next)
    if (test (upcall, vector->first) && may_overtake (vector, upcall))
      candidate[n++] = upcall;
  return n == 1 ? vector->first : candidate[sim_choose (target->sim, site, vector->index, n)];
}

static TargetUpcall *
choose_next (Target *target, TargetVector *vector)
{
  TargetUpcall *next = choose_among (target, vector, SITE_RX_VS_COMPLETION, is_other_side, 2);

  if (next != vector->first)
    return next;
  if (is_initiate (next))
    return choose_among (target, vector, SITE_INITIATE_COMPLETION_ORDER, is_other_initiate,
                         CHOICE_DEPTH);
  return choose_among (target, vector, SITE_COMPLETION_ORDER, is_other_completion, CHOICE_DEPTH);
}

static void
unlink_upcall (TargetVector *vector, TargetUpcall *upcall)
{
  TargetUpcall *before = NULL;

  if (vector->first != upcall)
    for (before = vector->first; before->next != upcall;)
      before = before->next;
  if (before == NULL)
    vector->first = upcall->next;
  else
    before->next = upcall->next;
  if (vector->last == upcall)
    vector->last = before;
  vector->count--;
  upcall->next = NULL;
}

TargetUpcall *
target_vector_take (Target *target, TargetVector *vector)
{
  if (vector->first == NULL)
    return NULL;

  TargetUpcall *upcall = choose_next (target, vector);
  unlink_upcall (vector, upcall);
  note_stage (target, upcall, STAGE_COMPLETION);
  return upcall;
}

TargetUpcall *
target_vector_take_more (TargetVector *vector, UpcallKind kind)
{
  TargetUpcall *upcall = vector->first;

  if (upcall == NULL || upcall->kind != kind)
    return NULL;
  unlink_upcall (vector, upcall);
  note_stage (vector->target, upcall, STAGE_COMPLETION);
  return upcall;
}

void
target_vector_rest (Target *target, TargetVector *vector)
{
  (void)target;
  vector->state = VECTOR_IDLE;
  if (vector->first != NULL)
    moderate (vector);
}
