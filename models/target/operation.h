/*
 * Operations: state trees on their way through the NIC.
 *
 * An engine takes one node after the other, depth first: it reads the block list and what is behind
 * it over the bus, then works on it.  Other jobs get in between two nodes.
 *
 * Order       TREE-09: a node's own state, its dependents, then its siblings.
 * Owns        An operation owns its tree from the handler's entry to the completion call (CALL-04),
 *             and itself until that call has returned and what it opened or ended is done.
 * Source      Guide: traversing a state tree; placeholders, linkers and new offloads; partial
 *             offloads; terminate sequences.
 */
#pragma once

#include "models/ndis/block_list.h"
#include "models/target/context.h"

typedef enum OpKind {
  OP_INITIATE,
  OP_TERMINATE,
  OP_UPDATE,
  OP_QUERY,
  OP_INVALIDATE,
  N_OP_KINDS,
} OpKind;

struct TargetOp {
  TargetOp *next; /* waiting in the miniport */
  OpKind kind;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root;
  uint32_t op_id;
  uint32_t nodes;
  uint32_t fence; /* initiate: ordinary frames posted before it */
  BlockWalk walk;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  BusTransfer fetch;
  EngineJob job;
  TargetContext *contexts, **contexts_last; /* that it made, or that it ends */
  TargetContext *newest;
  bool walked;                   /* terminate: every node was looked at */
  bool exported;                 /* terminate: the final picture was taken */
  bool corrupt;                  /* query, invalidate: an object was found corrupt */
  bool parked;                   /* terminate: the DPC waits for other calls to return */
  NET_BUFFER_LIST *failed_sends; /* defect completes-sends-of-failed-node */
  uint32_t failed_sends_id;      /* the first of them */
  bool again;                    /* defect completes-initiate-twice */
};

/* target_op_begin is the NIC's start on an operation whose command has arrived. */
void target_op_begin (Target *target, TargetOp *op);

/* target_op_report sends the completed tree up. */
void target_op_report (Target *target, TargetOp *op);

/* The context that a node names; NULL for a placeholder, a new offload or a stale token. */
TargetContext *target_node_context (const Target *target,
                                    const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node);

/* What each kind does with a node (not a placeholder), and when all are done. */
void target_initiate_node (Target *target, TargetOp *op);
void target_initiate_end (Target *target, TargetOp *op);
void target_initiate_statuses (Target *target, const TargetOp *op);
void target_initiate_opened (Target *target, TargetOp *op);
void target_terminate_node (Target *target, TargetOp *op);
void target_terminate_end (Target *target, TargetOp *op);
void target_update_node (Target *target, TargetOp *op);
void target_query_node (Target *target, TargetOp *op);
void target_invalidate_node (Target *target, TargetOp *op);

/* Terminate: at the handler's entry; when something that it waits for has changed; when a reset is
 * over; whether calls still run; after the completion has returned. */
void target_terminate_mark (Target *target, TargetOp *op);
void target_terminate_advance (Target *target, TcpContext *context);
void target_terminate_resume (Target *target);
/* The delegated state of a connection as it is now, without its data. */
void target_export_delegated (const Target *target, const TcpContext *context,
                              TCP_OFFLOAD_STATE_DELEGATED *ret_state);
/* Ends the terminate if nothing is outstanding for any of its objects. */
void target_terminate_try_end (Target *target, TargetOp *op);
/* Reports a terminate again whose completion the DPC put off, if it need not wait any more. */
void target_terminate_unpark (Target *target, TargetOp *op);
bool target_terminate_must_wait (const TargetOp *op);
void target_terminate_returned (Target *target, TargetOp *op);
/* target_ask_if_invalid asks for the upload of a connection that was offloaded under what is invalid. */
void target_ask_if_invalid (Target *target, TcpContext *context);
/* target_resume_if_empty indicates the resume that waits for the last upload, if this was it. */
void target_resume_if_empty (Target *target);

/* Retires one context: gives back what it held and frees it. */
void target_context_retire (Target *target, TargetContext *context, uint32_t op_id);
