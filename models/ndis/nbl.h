/*
 * Net buffer lists: data and frames on their way between drivers.
 *
 * A NET_BUFFER_LIST holds NET_BUFFERs, each a chain of MDLs.  An MDL describes ByteCount bytes of
 * memory; its content is a range of a stream (sim payload is a pattern).  A receive request's MDLs
 * are empty memory that data is placed in.  On the ordinary path a buffer list carries one frame:
 * |frame|.
 *
 * Owns        Buffer lists come from the pools of Ndis (ndis_nbl_take) and go back to them once, by
 *             whoever made them; in between they belong to whom |holder| says.
 * Errors      Touching what somebody else holds, or putting back twice, asserts.
 * Invariants  The first NET_BUFFER and MDL are embedded; only further ones are taken from pools.
 * Source      NET_BUFFER_LIST, NET_BUFFER, MDL, NdisAdvanceNetBufferDataStart; ndischimney send,
 *             receive, disconnect pages for the out-of-band values.
 */
#pragma once

#include "models/ndis/block_list.h"
#include "models/ndis/types.h"
#include "models/tcp/segment.h"

typedef struct MDL MDL;
typedef struct NET_BUFFER NET_BUFFER;

struct MDL {
  MDL *Next;
  uint32_t ByteCount;
  TcpRange content; /* content.bytes <= ByteCount: what is in it, from its first byte */
};

struct NET_BUFFER {
  NET_BUFFER *Next;
  MDL *MdlChain;
  MDL *CurrentMdl;
  uint32_t CurrentMdlOffset;
  uint32_t DataOffset;
  uint32_t DataLength;
};

#define NBL_IM_CONTEXTS_MAX 8

struct NET_BUFFER_LIST {
  NET_BUFFER_LIST *Next;
  NET_BUFFER *FirstNetBuffer;
  NDIS_STATUS Status;
  NET_BUFFER_LIST *MiniportReserved; /* the owning miniport's queue link */
  void *ProtocolReserved;            /* the owning protocol's */
  /* NetBufferListInfo */
  uint32_t TcpOffloadBytesTransferred;
  uint32_t TcpReceiveBytesTransferred; /* bytes the host had placed before it posted the request */
  bool TcpReceiveNoPush;
  /* NET_BUFFER_LIST_CONTEXT: each intermediate driver pushes one, last in first out */
  NDIS_TOKEN context[NBL_IM_CONTEXTS_MAX];
  uint8_t n_contexts;
  /* model */
  NdisHolder holder;
  uint32_t id;            /* a serial number: never used twice in a run */
  uint32_t connection_id; /* UINT32_MAX if none */
  uint32_t object_id;
  bool counts_as_frame;
  TcpSegment *frame;  /* ordinary path only */
  void *receiver_tag; /* of the driver that indicated it, for its own pool */
  NET_BUFFER buffer;
  MDL mdl;
};

/* ndis_nbl_take makes an empty buffer list with one NET_BUFFER and one MDL, held by |holder|; NULL
 * when the pool's limit is reached.  ndis_nbl_put gives it (not its Next) back. */
NET_BUFFER_LIST *ndis_nbl_take (Ndis *ndis, NdisHolder holder, uint32_t connection_id,
                                uint32_t object_id);
void ndis_nbl_put (Ndis *ndis, NET_BUFFER_LIST *nbl);

/* ndis_nbl_take_frame makes one that carries a copy of |segment|. */
NET_BUFFER_LIST *ndis_nbl_take_frame (Ndis *ndis, NdisHolder holder, const TcpSegment *segment);

/* Shape a new list: data to send (one MDL), or |bytes| of memory to receive into. */
void ndis_nbl_set_data (NET_BUFFER_LIST *nbl, TcpRange data);
void ndis_nbl_set_space (NET_BUFFER_LIST *nbl, uint32_t bytes);
/* Appends an MDL holding |data| to the (only) NET_BUFFER. */
void ndis_nbl_append_mdl (Ndis *ndis, NET_BUFFER_LIST *nbl, TcpRange data);
/* Appends a further NET_BUFFER holding |data|. */
void ndis_nbl_append_buffer (Ndis *ndis, NET_BUFFER_LIST *nbl, TcpRange data);

/* ndis_nbl_place copies as much of |data| as fits behind what is in the request's memory; returns
 * the bytes placed. */
uint32_t ndis_nbl_place (NET_BUFFER_LIST *nbl, TcpRange data);

/* Bytes of all NET_BUFFERs from their data start: the length now. */
uint32_t ndis_nbl_bytes (const NET_BUFFER_LIST *nbl);
/* ndis_nbl_range gives the longest range that continues from byte |skip| of the data, at most
 * |limit| bytes. */
TcpRange ndis_nbl_range (const NET_BUFFER_LIST *nbl, uint32_t skip, uint32_t limit);
/* The same along a chain, for a segment built from the send queue: walks |skip| bytes from the data
 * start of |chain|. */
TcpRange ndis_nbl_chain_range (const NET_BUFFER_LIST *chain, uint32_t skip, uint32_t limit);
uint32_t ndis_nbl_chain_bytes (const NET_BUFFER_LIST *chain);
uint32_t ndis_nbl_chain_count (const NET_BUFFER_LIST *chain);
NET_BUFFER_LIST *ndis_nbl_chain_last (NET_BUFFER_LIST *chain);

/* NdisAdvanceNetBufferDataStart moves the data start by |DataOffsetDelta| bytes; no MDL is freed
 * (FreeMdl NULL). */
void NdisAdvanceNetBufferDataStart (NET_BUFFER *NetBuffer, uint32_t DataOffsetDelta);
/* ndis_nbl_advance does it over all NET_BUFFERs of the list. */
void ndis_nbl_advance (NET_BUFFER_LIST *nbl, uint32_t bytes);

void ndis_nbl_chain_set_holder (NET_BUFFER_LIST *chain, NdisHolder holder);
