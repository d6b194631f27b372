/*
 * Ordinary frames: what the host sends and receives beside the chimney.
 *
 * Source      NDIS 6 send and receive; guide: what goes up on the non-offload path.
 */
#include <glib.h>

#include "models/target/adapter.h"
#include "sim/mix.h"

void
target_ordinary_post (Target *target, NET_BUFFER_LIST *chain)
{
  Transmitter *tx = &target->tx;

  while (chain != NULL) {
    NET_BUFFER_LIST *nbl = chain;
    chain = nbl->Next;
    nbl->Next = NULL;
    nbl->MiniportReserved = NULL;
    NDIS_STATUS refusal = target_frame_refusal (target);
    if (refusal != NDIS_STATUS_SUCCESS) {
      target_refuse_post (target, NULL, UPCALL_FRAMES_SENT, nbl, refusal);
      target_frame_is_gone (target);
      continue;
    }
    if (tx->ordinary_first == NULL)
      tx->ordinary_first = nbl;
    else
      tx->ordinary_last->MiniportReserved = nbl;
    tx->ordinary_last = nbl;
  }
  target_transmit_pump (target);
}

void
target_ordinary_abandon (Target *target, NDIS_STATUS status)
{
  NET_BUFFER_LIST *nbl = target->tx.ordinary_first;

  target->tx.ordinary_first = NULL;
  while (nbl != NULL) {
    NET_BUFFER_LIST *next = nbl->MiniportReserved;
    nbl->MiniportReserved = NULL;
    target_refuse_post (target, NULL, UPCALL_FRAMES_SENT, nbl, status);
    target_frame_is_gone (target);
    nbl = next;
  }
}

static void
frame_read (void *data, BusTransfer *transfer)
{
  Target *target = data;

  target_queue_frame (target, (TxFrame *)((char *)transfer - offsetof (TxFrame, read)));
  target_transmit_pump (target);
}

/* A frame with more payload than its MSS is a large send. */
static uint16_t
large_send_mss (const Target *target, const TcpSegment *segment)
{
  const TargetStateless *stateless = &target->config.features.stateless;

  if (!stateless->lso || segment->mss == 0 || (segment->options & TCP_OPTION_MSS) != 0)
    return 0;
  return segment->payload.bytes > segment->mss ? segment->mss : 0;
}

bool
target_ordinary_start (Target *target)
{
  Transmitter *tx = &target->tx;
  NET_BUFFER_LIST *nbl = tx->ordinary_first;

  if (nbl == NULL)
    return false;
  tx->ordinary_first = nbl->MiniportReserved;
  nbl->MiniportReserved = NULL;
  SIM_ASSERT (nbl->frame != NULL);

  TxFrame *frame = sim_pool_take (target->tx_frames);
  frame->nbl = nbl;
  frame->segment = *nbl->frame;
  frame->mss = large_send_mss (target, nbl->frame);
  frame->bytes = tcp_segment_frame_bytes (nbl->frame);
  tx->bytes += frame->bytes;
  tx->ordinary++;
  if (frame->segment.payload.bytes > 0)
    target_stage_request (target, frame->segment.connection_id, STAGE_DMA);
  bus_transfer (
      &target->reads, &frame->read, frame->bytes,
      sim_duration_add (target_delay (target, TARGET_COST_ORDINARY_FRAME, TARGET_NO_SUBJECT),
                        target_delay (target, TARGET_COST_DMA_READ_LATENCY, TARGET_NO_SUBJECT)),
      frame_read);
  return true;
}

uint32_t
target_frame_vector (const Target *target, const TcpSegment *segment)
{
  const TcpTuple *tuple = &segment->tuple;

  if (!target->config.features.stateless.rss)
    return 0;
  uint64_t addresses = (uint64_t)tuple->source_address_id << 32 | tuple->destination_address_id;
  uint64_t ports = (uint64_t)tuple->source_port << 16 | tuple->destination_port;

  return target_vector_of (target, (uint32_t)sim_mix (addresses ^ sim_mix (ports)));
}

void
target_ordinary_receive (Target *target, const TcpSegment *segment, uint32_t vector)
{
  if (target->pnp.pause != TARGET_RUNNING) {
    target->stats.frames_dropped++;
    return;
  }
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_FRAME, NULL);

  target->pnp.frames_up++;
  upcall->segment = *segment;
  upcall->vector = vector;
  target->stats.frames_in++;
  if (target_has_defect (target, TARGET_DEFECT_COUNTS_ORDINARY_FRAMES)
      && target_defect (target, TARGET_DEFECT_COUNTS_ORDINARY_FRAMES, 0))
    target_count_received (target, segment);
  target_upcall_queue (target, upcall, tcp_segment_frame_bytes (segment));
}
