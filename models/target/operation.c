#include "models/target/operation.h"

#include "models/target/adapter.h"

/* What the NIC reads of a node: its block list. */
#define BLOCK_LIST_BYTES 128
#define DESCRIPTOR_BYTES 16
/* What it writes of each node when it is done. */
#define STATUS_BYTES 16

typedef struct OpRow {
  void (*node) (Target *target, TargetOp *op);
  void (*end) (Target *target, TargetOp *op);
  TargetCost cost[OFFLOAD_N_LAYERS];
} OpRow;

static const OpRow rows[N_OP_KINDS] = {
  [OP_INITIATE] = { target_initiate_node,
                    target_initiate_end,
                    { TARGET_COST_INITIATE_NEIGHBOR, TARGET_COST_INITIATE_PATH,
                      TARGET_COST_INITIATE_TCP } },
  [OP_TERMINATE] = { target_terminate_node,
                     target_terminate_end,
                     { TARGET_COST_TERMINATE_NODE, TARGET_COST_TERMINATE_NODE,
                       TARGET_COST_TERMINATE_TCP } },
  [OP_UPDATE] = { target_update_node,
                  target_op_report,
                  { TARGET_COST_UPDATE_NODE, TARGET_COST_UPDATE_NODE, TARGET_COST_UPDATE_NODE } },
  [OP_QUERY] = { target_query_node,
                 target_op_report,
                 { TARGET_COST_QUERY_NODE, TARGET_COST_QUERY_NODE, TARGET_COST_QUERY_NODE } },
  [OP_INVALIDATE] = { target_invalidate_node,
                      target_op_report,
                      { TARGET_COST_INVALIDATE_NODE, TARGET_COST_INVALIDATE_NODE,
                        TARGET_COST_INVALIDATE_NODE } },
};

TargetContext *
target_node_context (const Target *target, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node)
{
  if (block_list_is_placeholder (node))
    return NULL;
  return target_context_find (&target->contexts, *node->MiniportOffloadContext);
}

static TcpContext *
node_connection (const Target *target, const TargetOp *op)
{
  TargetContext *context = target_node_context (target, op->node);
  return context != NULL && context->layer == OFFLOAD_LAYER_TCP ? (TcpContext *)context : NULL;
}

static uint32_t
bytes_to_read (const TargetOp *op)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = op->node;
  uint32_t bytes = BLOCK_LIST_BYTES + node->model.state_bytes;

  if (op->kind != OP_INITIATE || node->NetBufferListChain == NULL)
    return bytes;
  return bytes + DESCRIPTOR_BYTES * ndis_nbl_chain_count (node->NetBufferListChain);
}

static void next_node (Target *target, TargetOp *op);

static void
node_done (Target *target, EngineJob *job)
{
  TargetOp *op = (TargetOp *)((char *)job - offsetof (TargetOp, job));

  rows[op->kind].node (target, op);
  next_node (target, op);
}

static void
node_read (void *data, BusTransfer *transfer)
{
  Target *target = data;
  TargetOp *op = (TargetOp *)((char *)transfer - offsetof (TargetOp, fetch));
  OffloadLayer layer = block_list_layer ((OFFLOAD_STATE_TYPE)op->node->Header.Type);
  TcpContext *connection = node_connection (target, op);

  target_stage_op (target, op, STAGE_ENGINE);
  target_engine_submit (
      target, &op->job, connection,
      target_cycles (target, rows[op->kind].cost[layer], op->node->model.connection_id), node_done);
}

/* Placeholders have nothing to read and always succeed (PLC-03). */
static NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *
walk_on (Target *target, TargetOp *op)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;

  while ((node = block_walk_next (&op->walk)) != NULL) {
    op->nodes++;
    if (!block_list_is_placeholder (node))
      return node;
    node->Status =
        target_defect (target, TARGET_DEFECT_PLACEHOLDER_STATUS_FAILURE, node->model.object_id)
            ? NDIS_STATUS_FAILURE
            : NDIS_STATUS_SUCCESS;
  }
  return NULL;
}

static void
next_node (Target *target, TargetOp *op)
{
  op->node = walk_on (target, op);
  if (op->node == NULL) {
    rows[op->kind].end (target, op);
    return;
  }
  target_stage_op (target, op, STAGE_DMA);
  target_read (target, &op->fetch, bytes_to_read (op), op->node->model.connection_id, node_read);
}

void
target_op_begin (Target *target, TargetOp *op)
{
  op->walk = block_walk_begin (op->root);
  next_node (target, op);
}

void
target_op_report (Target *target, TargetOp *op)
{
  if (op->kind == OP_QUERY
      && target_defect (target, TARGET_DEFECT_NEVER_COMPLETES_QUERY, op->root->model.object_id))
    return;
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_OP, NULL);

  upcall->op = op;
  target_upcall_queue (target, upcall, STATUS_BYTES * op->nodes);
}
