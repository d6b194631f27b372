/*
 * The mailbox: commands from the miniport to the NIC.
 *
 * A command is posted in a step of a processor, rings a doorbell, and is seen by the NIC when the
 * write has arrived; the NIC then reads its descriptors over the bus.  A full mailbox leaves
 * commands in the miniport's own queue.
 *
 * Order       Commands of one kind reach the engines in the order they were posted.  Answers
 *             (ANSWER, OPENED, RETURNED) need no descriptors and may overtake posts.
 * Owns        Commands come from the target's pool and go back to it when the NIC has done them.
 */
#pragma once

#include "models/target/context.h"

typedef enum CommandKind {
  COMMAND_OP, /* a tree */
  COMMAND_SEND,
  COMMAND_RECEIVE,
  COMMAND_DISCONNECT,
  COMMAND_FORWARD,
  COMMAND_ANSWER,   /* an indication has returned */
  COMMAND_RETURNED, /* another call has returned that something waits for */
  COMMAND_OPENED,   /* NdisMInitiateOffloadComplete has returned */
  COMMAND_FRAMES,   /* ordinary frames to send */
} CommandKind;

typedef struct TargetCommand TargetCommand;

struct TargetCommand {
  TargetCommand *next;
  BusTransfer transfer; /* doorbell, then descriptors */
  EngineJob job;
  CommandKind kind;
  NDIS_TOKEN token;
  NET_BUFFER_LIST *chain;
  TargetOp *op;
  uint32_t flags;
  uint32_t count;   /* buffer lists */
  bool of_delivery; /* RETURNED: what returned was a completion of its own */
  DeliveryAnswer answer;
};

/* target_command_new gives a command about |token| (0: none). */
TargetCommand *target_command_new (Target *target, CommandKind kind, NDIS_TOKEN token);

/* A doorbell is paid for by the step that ends with it, and rings when that step's cycles have
 * passed. target_command_pay charges it to the running step and books it to |account|;
 * target_command_send sends a command that was paid for in the step before. */
void target_command_pay (Target *target, uint32_t account);
void target_command_send (Target *target, TargetCommand *command);

/* target_command_then does both: it pays now and sends in a next step of the running handler. */
void target_command_then (Target *target, TargetCommand *command, uint32_t account);

/* target_command_post pays and sends at once: in a DPC, which nothing delays between the two. */
void target_command_post (Target *target, TargetCommand *command, uint32_t account);
