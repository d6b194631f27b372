#include "models/ndis/nbl.h"

#include <glib.h>

#include "models/ndis/stack.h"
#include "models/trace/trace.h"

/* Taking and putting back */

/* Where in the stack a holder stands, for the trace. */
static uint32_t
layer_of_holder (const Ndis *ndis, NdisHolder holder)
{
  return holder == NDIS_HOLDER_TARGET ? ndis->first_target : 0;
}

NET_BUFFER_LIST *
ndis_nbl_take (Ndis *ndis, NdisHolder holder, uint32_t connection_id, uint32_t object_id)
{
  SIM_ASSERT (holder != NDIS_HOLDER_FREE);

  NET_BUFFER_LIST *nbl = sim_pool_take (ndis->nbl_pool);
  if (nbl == NULL)
    return NULL;
  nbl->FirstNetBuffer = &nbl->buffer;
  nbl->buffer.MdlChain = nbl->buffer.CurrentMdl = &nbl->mdl;
  nbl->holder = holder;
  nbl->id = ++ndis->buffers;
  nbl->connection_id = connection_id;
  nbl->object_id = object_id;
  TRACE (ndis_trace (ndis), ndis->config.actor_id, TAKE, TRACE_RESOURCE_NBL, nbl->id,
         layer_of_holder (ndis, holder), object_id);
  return nbl;
}

static void
put_mdls (Ndis *ndis, const NET_BUFFER_LIST *nbl, MDL *mdl)
{
  while (mdl != NULL) {
    MDL *next = mdl->Next;
    if (mdl != &nbl->mdl)
      sim_pool_put (ndis->mdl_pool, mdl);
    mdl = next;
  }
}

static void
put_buffers (Ndis *ndis, const NET_BUFFER_LIST *nbl)
{
  NET_BUFFER *buffer = nbl->FirstNetBuffer;

  while (buffer != NULL) {
    NET_BUFFER *next = buffer->Next;
    put_mdls (ndis, nbl, buffer->MdlChain);
    if (buffer != &nbl->buffer)
      sim_pool_put (ndis->buffer_pool, buffer);
    buffer = next;
  }
}

void
ndis_nbl_put (Ndis *ndis, NET_BUFFER_LIST *nbl)
{
  SIM_ASSERT (nbl->holder != NDIS_HOLDER_FREE);
  TRACE (ndis_trace (ndis), ndis->config.actor_id, PUT, TRACE_RESOURCE_NBL, nbl->id,
         layer_of_holder (ndis, nbl->holder), nbl->object_id);
  put_buffers (ndis, nbl);
  if (nbl->frame != NULL)
    sim_pool_put (ndis->frame_pool, nbl->frame);
  nbl->holder = NDIS_HOLDER_FREE;
  sim_pool_put (ndis->nbl_pool, nbl);
}

NET_BUFFER_LIST *
ndis_nbl_take_frame (Ndis *ndis, NdisHolder holder, const TcpSegment *segment)
{
  NET_BUFFER_LIST *nbl = ndis_nbl_take (ndis, holder, segment->connection_id, 0);
  if (nbl == NULL)
    return NULL;
  nbl->frame = sim_pool_take (ndis->frame_pool);
  *nbl->frame = *segment;
  nbl->counts_as_frame = true;
  ndis_nbl_set_data (nbl, segment->payload);
  return nbl;
}

/* Shaping */

static void
set_memory (NET_BUFFER_LIST *nbl, uint32_t bytes, TcpRange content)
{
  SIM_ASSERT (nbl->FirstNetBuffer == &nbl->buffer);
  SIM_ASSERT (nbl->buffer.Next == NULL && nbl->mdl.Next == NULL);
  nbl->mdl = (MDL){ .ByteCount = bytes, .content = content };
  nbl->buffer = (NET_BUFFER){ .MdlChain = &nbl->mdl, .CurrentMdl = &nbl->mdl, .DataLength = bytes };
}

void
ndis_nbl_set_data (NET_BUFFER_LIST *nbl, TcpRange data)
{
  set_memory (nbl, data.bytes, data);
}

void
ndis_nbl_set_space (NET_BUFFER_LIST *nbl, uint32_t bytes)
{
  set_memory (nbl, bytes, (TcpRange){ 0 });
}

static MDL *
take_mdl (Ndis *ndis, TcpRange data)
{
  MDL *mdl = sim_pool_take (ndis->mdl_pool);
  *mdl = (MDL){ .ByteCount = data.bytes, .content = data };
  return mdl;
}

void
ndis_nbl_append_mdl (Ndis *ndis, NET_BUFFER_LIST *nbl, TcpRange data)
{
  NET_BUFFER *buffer = nbl->FirstNetBuffer;
  MDL *last = buffer->MdlChain;

  SIM_ASSERT (buffer->Next == NULL);
  if (last->ByteCount == 0 && last->Next == NULL) {
    ndis_nbl_set_data (nbl, data);
    return;
  }
  while (last->Next != NULL)
    last = last->Next;
  last->Next = take_mdl (ndis, data);
  buffer->DataLength += data.bytes;
}

void
ndis_nbl_append_buffer (Ndis *ndis, NET_BUFFER_LIST *nbl, TcpRange data)
{
  NET_BUFFER *last = nbl->FirstNetBuffer;

  while (last->Next != NULL)
    last = last->Next;
  NET_BUFFER *buffer = sim_pool_take (ndis->buffer_pool);
  buffer->MdlChain = buffer->CurrentMdl = take_mdl (ndis, data);
  buffer->DataLength = data.bytes;
  last->Next = buffer;
}

static TcpRange
subrange (TcpRange range, uint32_t skip, uint32_t bytes)
{
  return (TcpRange){ .offset = range.offset + skip, .stream_id = range.stream_id, .bytes = bytes };
}

/* Copies the beginning of |data| behind what is in |mdl|; returns the bytes. */
static uint32_t
place_in_mdl (MDL *mdl, TcpRange data)
{
  uint32_t bytes = MIN (data.bytes, mdl->ByteCount - mdl->content.bytes);

  if (bytes == 0)
    return 0;
  if (mdl->content.bytes == 0)
    mdl->content = subrange (data, 0, 0);
  SIM_ASSERT (tcp_range_continues (mdl->content, data));
  mdl->content.bytes += bytes;
  return bytes;
}

uint32_t
ndis_nbl_place (NET_BUFFER_LIST *nbl, TcpRange data)
{
  uint32_t placed = 0;

  SIM_ASSERT (nbl->FirstNetBuffer->Next == NULL);
  for (MDL *mdl = nbl->FirstNetBuffer->MdlChain; mdl != NULL && placed < data.bytes;
       mdl = mdl->Next)
    placed += place_in_mdl (mdl, subrange (data, placed, data.bytes - placed));
  return placed;
}

/* Measuring */

uint32_t
ndis_nbl_bytes (const NET_BUFFER_LIST *nbl)
{
  uint32_t bytes = 0;

  for (const NET_BUFFER *buffer = nbl->FirstNetBuffer; buffer != NULL; buffer = buffer->Next)
    bytes += buffer->DataLength;
  return bytes;
}

/* A range in the making: |skip| bytes are to be passed over first, at most |limit| gathered. */
typedef struct Gather {
  uint32_t skip;
  uint32_t limit;
  TcpRange range;
  bool ended; /* at a hole, a jump or the limit */
} Gather;

static void
gather_range (Gather *gather, TcpRange content)
{
  if (gather->range.bytes == 0)
    gather->range = subrange (content, 0, 0);
  else if (!tcp_range_continues (gather->range, content))
    gather->ended = true;
  if (!gather->ended)
    gather->range.bytes += MIN (content.bytes, gather->limit - gather->range.bytes);
  if (gather->range.bytes == gather->limit)
    gather->ended = true;
}

/* Takes |bytes| of the memory of |mdl| from |offset| on into account. */
static void
gather_memory (Gather *gather, const MDL *mdl, uint32_t offset, uint32_t bytes)
{
  uint32_t skipped = MIN (gather->skip, bytes);

  gather->skip -= skipped;
  if (skipped == bytes)
    return;
  offset += skipped;
  bytes -= skipped;

  uint32_t filled = mdl->content.bytes > offset ? MIN (mdl->content.bytes - offset, bytes) : 0;
  if (filled > 0)
    gather_range (gather, subrange (mdl->content, offset, filled));
  if (filled < bytes)
    gather->ended = true;
}

static void
gather_buffer (Gather *gather, const NET_BUFFER *buffer)
{
  uint32_t left = buffer->DataLength;
  uint32_t offset = buffer->CurrentMdlOffset;

  if (gather->skip >= left) {
    gather->skip -= left;
    return;
  }
  for (const MDL *mdl = buffer->CurrentMdl; mdl != NULL && left > 0 && !gather->ended;
       mdl = mdl->Next) {
    uint32_t here = MIN (mdl->ByteCount - offset, left);
    gather_memory (gather, mdl, offset, here);
    left -= here;
    offset = 0;
  }
}

static void
gather_list (Gather *gather, const NET_BUFFER_LIST *nbl)
{
  for (const NET_BUFFER *buffer = nbl->FirstNetBuffer; buffer != NULL && !gather->ended;
       buffer = buffer->Next)
    gather_buffer (gather, buffer);
}

TcpRange
ndis_nbl_range (const NET_BUFFER_LIST *nbl, uint32_t skip, uint32_t limit)
{
  Gather gather = { .skip = skip, .limit = limit, .ended = limit == 0 };

  gather_list (&gather, nbl);
  return gather.range;
}

TcpRange
ndis_nbl_chain_range (const NET_BUFFER_LIST *chain, uint32_t skip, uint32_t limit)
{
  Gather gather = { .skip = skip, .limit = limit, .ended = limit == 0 };

  for (const NET_BUFFER_LIST *nbl = chain; nbl != NULL && !gather.ended; nbl = nbl->Next)
    gather_list (&gather, nbl);
  return gather.range;
}

uint32_t
ndis_nbl_chain_bytes (const NET_BUFFER_LIST *chain)
{
  uint32_t bytes = 0;

  for (const NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next)
    bytes += ndis_nbl_bytes (nbl);
  return bytes;
}

uint32_t
ndis_nbl_chain_count (const NET_BUFFER_LIST *chain)
{
  uint32_t count = 0;

  for (const NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next)
    count++;
  return count;
}

NET_BUFFER_LIST *
ndis_nbl_chain_last (NET_BUFFER_LIST *chain)
{
  SIM_ASSERT (chain != NULL);
  while (chain->Next != NULL)
    chain = chain->Next;
  return chain;
}

/* Advancing */

void
NdisAdvanceNetBufferDataStart (NET_BUFFER *NetBuffer, uint32_t DataOffsetDelta)
{
  SIM_ASSERT (DataOffsetDelta <= NetBuffer->DataLength);
  NetBuffer->DataOffset += DataOffsetDelta;
  NetBuffer->DataLength -= DataOffsetDelta;

  uint32_t offset = NetBuffer->CurrentMdlOffset + DataOffsetDelta;
  while (offset >= NetBuffer->CurrentMdl->ByteCount && NetBuffer->CurrentMdl->Next != NULL) {
    offset -= NetBuffer->CurrentMdl->ByteCount;
    NetBuffer->CurrentMdl = NetBuffer->CurrentMdl->Next;
  }
  NetBuffer->CurrentMdlOffset = offset;
}

void
ndis_nbl_advance (NET_BUFFER_LIST *nbl, uint32_t bytes)
{
  for (NET_BUFFER *buffer = nbl->FirstNetBuffer; buffer != NULL && bytes > 0;
       buffer = buffer->Next) {
    uint32_t here = MIN (bytes, buffer->DataLength);
    NdisAdvanceNetBufferDataStart (buffer, here);
    bytes -= here;
  }
  SIM_ASSERT (bytes == 0);
}

void
ndis_nbl_chain_set_holder (NET_BUFFER_LIST *chain, NdisHolder holder)
{
  for (NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next)
    nbl->holder = holder;
}
