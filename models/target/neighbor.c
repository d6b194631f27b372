/*
 * Neighbor reachability: when the target last knew that the next hop hears it, and whom it asks
 * when it does not.
 *
 * Units       Ticks modulo 2^32.
 * Source      Guide: making a NeighborReachabilityQuery indication.  Rules NUD.
 */
#include "models/target/adapter.h"

void
target_neighbor_init (Target *target, NeighborContext *neighbor)
{
  ReachabilityBlock *block = &neighbor->block;
  (void)target;

  block->list = (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST){
    .Header = { .Type = NeighborOffloadState,
                .Revision = NDIS_REVISION_1,
                .Size = sizeof (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST) },
    .Status = NDIS_STATUS_SUCCESS,
    .NdisOffloadHandle = neighbor->head.NdisOffloadHandle,
    .MiniportOffloadContext = &neighbor->head.NdisOffloadHandle->MiniportOffloadContext,
    .model = { .object_id = neighbor->head.object_id,
               .connection_id = UINT32_MAX,
               .state_bytes =
                   sizeof (ReachabilityBlock) - sizeof (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST),
               .has_state = true,
               .holder = NDIS_HOLDER_TARGET },
  };
  block->constants = (NEIGHBOR_OFFLOAD_STATE_CONST){
    .Header = { .Length = sizeof block->constants },
    .DlSourceAddress = neighbor->source_mac_id,
    .VlanId = neighbor->vlan_id & 0xfffU,
  };
}

static void
ask (Target *target, NeighborContext *neighbor, uint32_t now)
{
  ReachabilityBlock *block = &neighbor->block;

  neighbor->querying = true;
  block->cached = (NEIGHBOR_OFFLOAD_STATE_CACHED){
    .Header = { .Length = sizeof block->cached },
    .DlDestinationAddress = neighbor->destination_mac_id,
    .HostReachabilityDelta = now - neighbor->host_reachable_tick,
  };
  block->delegated = (NEIGHBOR_OFFLOAD_STATE_DELEGATED){
    .Header = { .Length = sizeof block->delegated },
    .NicReachabilityDelta = now - neighbor->nic_reachable_tick,
  };
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_REACHABILITY, NULL);
  upcall->neighbor = neighbor;
  target_upcall_queue (target, upcall, sizeof (ReachabilityBlock));
}

/* NUD-04: before each datagram. */
void
target_neighbor_check (Target *target, NeighborContext *neighbor)
{
  uint32_t now = target_tick (target);
  uint32_t stale = target->nce_stale_ticks;

  if (stale == 0 || neighbor->querying || neighbor->head.closing || neighbor->head.initiate != NULL)
    return;
  if (now - neighbor->nic_reachable_tick > stale && now - neighbor->host_reachable_tick > stale)
    ask (target, neighbor, now);
}

void
target_neighbor_answered (Target *target, NeighborContext *neighbor)
{
  TargetOp *terminate = neighbor->head.terminate;

  neighbor->querying = false;
  neighbor->host_reachable_tick =
      target_tick (target) - neighbor->block.cached.HostReachabilityDelta;
  if (terminate != NULL)
    target_terminate_unpark (target, terminate);
}

void
target_neighbor_progress (Target *target, TcpContext *context)
{
  NeighborContext *neighbor = target_tcp_neighbor (context);

  if (neighbor != NULL)
    neighbor->nic_reachable_tick = target_tick (target);
}
