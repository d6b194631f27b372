#include "models/target/mailbox.h"

#include <glib.h>

#include "models/target/adapter.h"

/* What the NIC reads: a descriptor for each command, and one for each buffer list. */
#define COMMAND_BYTES 64
#define DESCRIPTOR_BYTES 16

TargetCommand *
target_command_new (Target *target, CommandKind kind, NDIS_TOKEN token)
{
  TargetCommand *command = sim_pool_take (target->commands);

  command->kind = kind;
  command->token = token;
  return command;
}

static TcpContext *
context_of (const Target *target, const TargetCommand *command)
{
  return target_tcp_find (&target->contexts, command->token);
}

/* In the NIC */

static void
refuse_stale (Target *target, const TargetCommand *command)
{
  static const UpcallKind upcall_of[] = {
    [COMMAND_SEND] = UPCALL_SENDS,
    [COMMAND_RECEIVE] = UPCALL_RECEIVES,
    [COMMAND_DISCONNECT] = UPCALL_DISCONNECT,
    [COMMAND_FORWARD] = UPCALL_FORWARDS,
  };
  target_refuse_post (target, NULL, upcall_of[command->kind], command->chain,
                      NDIS_STATUS_UPLOAD_IN_PROGRESS);
}

static void
take_post (Target *target, TcpContext *context, const TargetCommand *command)
{
  if (context->head.corrupt)
    target_tell_failure (target, context);
  switch (command->kind) {
  case COMMAND_SEND:
    target_post_sends (target, context, command->chain);
    return;
  case COMMAND_RECEIVE:
    target_post_receives (target, context, command->chain);
    return;
  case COMMAND_DISCONNECT:
    target_post_disconnect (target, context, command->chain, command->flags);
    return;
  case COMMAND_FORWARD:
    target_post_forwards (target, context, command->chain);
    return;
  case COMMAND_OP:
  case COMMAND_ANSWER:
  case COMMAND_RETURNED:
  case COMMAND_OPENED:
  case COMMAND_FRAMES:
    break;
  }
  SIM_UNREACHABLE ();
}

static void send_doorbell (Target *target, TargetCommand *command);

/* The mailbox has room again for what waits in the miniport. */
static void
free_command (Target *target, TargetCommand *command)
{
  TargetCommand *next = target->commands_first;

  sim_pool_put (target->commands, command);
  target->commands_in_nic--;
  if (next == NULL)
    return;
  target->commands_first = next->next;
  target->commands_waiting--;
  send_doorbell (target, next);
}

static TargetCommand *
command_of_job (EngineJob *job)
{
  return (TargetCommand *)((char *)job - offsetof (TargetCommand, job));
}

static void
post_done (Target *target, EngineJob *job)
{
  TargetCommand *command = command_of_job (job);
  TcpContext *context = context_of (target, command);

  if (context != NULL) {
    target_notice_failure (target, context);
    take_post (target, context, command);
  } else {
    refuse_stale (target, command);
  }
  free_command (target, command);
}

static void
op_decoded (Target *target, EngineJob *job)
{
  TargetCommand *command = command_of_job (job);
  TargetOp *op = command->op;

  free_command (target, command);
  target_op_begin (target, op);
}

static bool
is_data (const TargetCommand *command)
{
  return command->kind == COMMAND_SEND || command->kind == COMMAND_FORWARD;
}

static void
descriptors_read (void *data, BusTransfer *transfer)
{
  Target *target = data;
  TargetCommand *command = (TargetCommand *)((char *)transfer - offsetof (TargetCommand, transfer));
  TcpContext *context = context_of (target, command);
  uint32_t connection_id = context != NULL ? context->connection_id : TARGET_NO_SUBJECT;

  if (command->kind == COMMAND_FRAMES) {
    target_ordinary_post (target, command->chain);
    free_command (target, command);
    return;
  }
  if (command->kind == COMMAND_OP) {
    target_stage_op (target, command->op, STAGE_ENGINE);
    target_engine_submit (target, &command->job, NULL,
                          target_cycles (target, TARGET_COST_COMMAND, TARGET_NO_SUBJECT),
                          op_decoded);
    return;
  }
  if (is_data (command))
    target_stage_request (target, connection_id, STAGE_ENGINE);
  target_engine_submit (target, &command->job, context,
                        target_cycles (target, TARGET_COST_POST, connection_id) * command->count,
                        post_done);
}

static void
take_answer (Target *target, TcpContext *context, DeliveryAnswer answer)
{
  target_note_indicated (target, context, answer.bytes_consumed);
  delivery_answer (&context->delivery, answer);
  if (answer.bytes_consumed > 0)
    tcp_consume (&context->tcb, answer.bytes_consumed, target_now (target));
  if (context->delivery.kept && !context->refusal_repeated
      && target_defect (target, TARGET_DEFECT_INDICATES_AFTER_REFUSAL, context->head.object_id)) {
    context->refusal_repeated = true;
    context->delivery.kept = false;
    context->delivery.busy = true;
    delivery_returned (&context->delivery);
  }
  target_after_delivery (target, context);
  target_transmit_kick (target, context);
  target_timer_arm (target, context);
}

static void
take_returned (Target *target, TcpContext *context, bool of_delivery)
{
  if (of_delivery)
    delivery_returned (&context->delivery);
  target_after_delivery (target, context);
  if (context->head.terminate != NULL)
    target_terminate_advance (target, context);
}

static void
doorbell_rang (void *data, BusTransfer *transfer)
{
  Target *target = data;
  TargetCommand *command = (TargetCommand *)((char *)transfer - offsetof (TargetCommand, transfer));
  TcpContext *context = context_of (target, command);

  switch (command->kind) {
  case COMMAND_ANSWER:
    if (context != NULL)
      take_answer (target, context, command->answer);
    free_command (target, command);
    return;
  case COMMAND_RETURNED:
    if (context != NULL)
      take_returned (target, context, command->of_delivery);
    free_command (target, command);
    return;
  case COMMAND_OPENED:
    target_initiate_opened (target, command->op);
    free_command (target, command);
    return;
  case COMMAND_OP:
    target_stage_op (target, command->op, STAGE_DMA);
    break;
  case COMMAND_SEND:
  case COMMAND_FORWARD:
    if (context != NULL)
      target_stage_request (target, context->connection_id, STAGE_DMA);
    break;
  case COMMAND_RECEIVE:
  case COMMAND_DISCONNECT:
  case COMMAND_FRAMES:
    break;
  }
  target_read (target, &command->transfer, COMMAND_BYTES + DESCRIPTOR_BYTES * command->count,
               context != NULL ? context->connection_id : TARGET_NO_SUBJECT, descriptors_read);
}

/* In the miniport */

static void
send_doorbell (Target *target, TargetCommand *command)
{
  target->commands_in_nic++;
  bus_transfer (&target->doorbells, &command->transfer, 0,
                target_delay (target, TARGET_COST_DOORBELL_LATENCY, TARGET_NO_SUBJECT),
                doorbell_rang);
}

static void
wait_for_room (Target *target, TargetCommand *command)
{
  command->next = NULL;
  if (target->commands_first == NULL)
    target->commands_first = command;
  else
    target->commands_last->next = command;
  target->commands_last = command;
  target->commands_waiting++;
}

static void
note_posted (Target *target, const TargetCommand *command)
{
  if (command->kind == COMMAND_OP)
    target_stage_op (target, command->op, STAGE_MAILBOX);
  if (!is_data (command) && command->kind != COMMAND_FRAMES)
    return;
  for (const NET_BUFFER_LIST *nbl = command->chain; nbl != NULL; nbl = nbl->Next)
    if (nbl->frame == NULL || nbl->frame->payload.bytes > 0)
      target_stage_request (target, nbl->connection_id, STAGE_MAILBOX);
}

void
target_command_pay (Target *target, uint32_t account)
{
  int64_t cycles = target_cycles (target, TARGET_COST_DOORBELL, TARGET_NO_SUBJECT);
  sim_cpu_charge (ndis_cpu (target->ndis), account, sim_cycles (cycles));
}

void
target_command_send (Target *target, TargetCommand *command)
{
  command->count = command->chain != NULL ? ndis_nbl_chain_count (command->chain) : 0;
  note_posted (target, command);
  if (target->commands_in_nic < target->config.mailbox.commands_max)
    send_doorbell (target, command);
  else
    wait_for_room (target, command);
  target->stats.mailbox_peak =
      MAX (target->stats.mailbox_peak, target->commands_in_nic + target->commands_waiting);
}

void
target_command_post (Target *target, TargetCommand *command, uint32_t account)
{
  target_command_pay (target, account);
  target_command_send (target, command);
}

static void
send_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  target_command_send (args->self, args->object);
}

void
target_command_then (Target *target, TargetCommand *command, uint32_t account)
{
  target_command_pay (target, account);
  sim_cpu_then (ndis_cpu (target->ndis), send_step,
                &(SimStepArgs){ .self = target, .object = command });
}
