/*
 * The statuses of an initiate, when the walk is over: each node's follows from itself and its
 * immediate dependents.
 *
 * Source      Guide: returning the completion status of an initiate offload operation;
 *             placeholders, linkers and new offloads. Rules ISTS-01 to 03, PLC-07; deeper levels do
 *             not count.
 */
#include "models/target/adapter.h"

static bool
has_failed (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node)
{
  return node->Status != NDIS_STATUS_SUCCESS && node->Status != NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
}

/* A node's status follows from itself and its immediate dependents (ISTS-01 to 03, PLC-07).  A
 * linker fails when all of them failed. */
static void
fold_node (Target *target, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node, bool is_linker)
{
  uint32_t n = 0;
  uint32_t failed = 0;

  for (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *dependent = node->DependentBlockList;
       dependent != NULL; dependent = dependent->NextBlock) {
    n++;
    failed += has_failed (dependent);
  }
  if (failed == 0)
    return;
  node->Status =
      is_linker && failed == n ? NDIS_STATUS_FAILURE : NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
  if (target_defect (target, TARGET_DEFECT_SUCCESS_ON_PARTIAL, node->model.object_id))
    node->Status = NDIS_STATUS_SUCCESS;
}

/* Three layers at most, from the leaves up. */
static void
fold (Target *target, const TargetOp *op, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *first)
{
  for (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = first; node != NULL; node = node->NextBlock) {
    fold (target, op, node->DependentBlockList);
    if (block_list_is_placeholder (node) || has_failed (node))
      continue;
    const TargetContext *context = target_node_context (target, node);
    fold_node (target, node, context == NULL || context->initiate != op);
  }
}

static void
apply_defects (Target *target, const TargetOp *op)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *last = NULL;
  BlockWalk walk = block_walk_begin (op->root);

  while ((node = block_walk_next (&walk)) != NULL)
    last = node;
  SIM_ASSERT (last != NULL);
  if (last->model.connection_id != UINT32_MAX && !block_list_is_placeholder (last)
      && last->Status == NDIS_STATUS_SUCCESS
      && target_defect (target, TARGET_DEFECT_NO_CONTEXT_FOR_NEW_NODE, last->model.object_id))
    *last->MiniportOffloadContext = 0;
}

void
target_initiate_statuses (Target *target, const TargetOp *op)
{
  fold (target, op, op->root);
  if (target->defects != 0)
    apply_defects (target, op);
}
