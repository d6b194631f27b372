/*
 * Operations: the trees under way, at each edge they have reached.
 *
 * An operation is known at an edge from NdisXxxOffload until NdisMXxxComplete has returned there.
 *
 * Owns        A RuleOp and its nodes are the reader's until the completion has returned.
 */
#pragma once

#include "models/rules/crossing.h"

typedef struct RuleOpNode {
  uint64_t at; /* its record when the tree went down */
  uint32_t object;
  int32_t parent;
  int16_t type;
  int8_t layer;
  uint8_t role;
  bool has_state;
  int64_t context;
  int64_t source_handle;
  int64_t im_reserved;
  int64_t protocol_reserved;
  uint32_t chain_nbl;
  uint32_t chain_count;
  int64_t chain_bytes;
  uint32_t first_nbl; /* of the operation's */
  uint32_t n_sends;
  uint32_t n_buffered;
  uint32_t deliver_seq;   /* of a query: the byte to be delivered next when it was asked */
  int64_t status;         /* of the completion, once called */
  int64_t made_context;   /* context-new of the target for this node; 0: none */
  int64_t result_context; /* at the completion */
  uint32_t result_chain_nbl;
  uint32_t result_chain_count;
  int64_t result_chain_bytes;
} RuleOpNode;

typedef struct RuleOp {
  uint32_t id;
  uint8_t edge;
  uint8_t edge_above;
  uint8_t edge_below; /* where it was passed on to */
  uint8_t driver;     /* below the edge */
  uint8_t verb;
  bool called;           /* NdisXxxOffload seen */
  bool handled;          /* MiniportXxxOffload seen */
  bool counted;          /* its objects know of it */
  bool handler_returned; /* and ended */
  bool completed;        /* NdisMXxxComplete called */
  bool reported;         /* ProtocolXxxComplete called */
  bool passed_on;        /* the driver below the edge called NdisXxxOffload in its turn */
  bool came_back;        /* and has its ProtocolXxxComplete */
  bool is_parked;        /* it reached the target while that was paused */
  SimTime asked;         /* when MiniportXxxOffload was called */
  uint64_t called_at;
  uint64_t handled_at;
  uint64_t completed_at;
  uint32_t n_nodes;
  int32_t last_made; /* index of the node whose context was made last; -1: none */
  RuleOpNode *nodes;
  RuleNbl *nbls;       /* data that came with the nodes; NULL: none */
  uint32_t *by_object; /* NULL until something is looked for far away; see op.c */
} RuleOp;

typedef struct RuleOps {
  RuleTable table;
  uint32_t last_id;       /* the highest seen: ids are serial numbers */
  uint32_t passed_on[16]; /* operations under way that the driver below an edge has passed on */
  SimDuration longest;    /* from a handler to its completion */
  SimTime
      asked_of_completed[16]; /* at each edge, of the completed operation that was asked for last */
} RuleOps;

void rule_ops_init (RuleOps *ops);
void rule_ops_clear (RuleOps *ops);

RuleOp *rule_op_find (const RuleOps *ops, uint32_t id, unsigned edge);

/* The reader: after the monitors have seen the same. */
void rule_ops_on_begin (RuleOps *ops, const RuleCrossing *x);
void rule_ops_on_end (RuleOps *ops, const RuleCrossing *x);

/* The object that a node depends on: of the nearest node above it that is no placeholder; 0:
 * none. */
uint32_t rule_op_parent_object (const RuleOp *op, uint32_t node);
/* Index of the node of |object|, looked for from |near| on and around; UINT32_MAX: none. */
uint32_t rule_op_node_of (RuleOp *op, uint32_t object, uint32_t near);

/* Statuses of an initiate by which the object is offloaded. */
bool rule_status_is_offloaded (int64_t status);
