/*
 * The IM call entry: what an intermediate driver keeps of an operation or a data request, exactly
 * as long as it is in progress.
 *
 * An operation has one; its token is in ImReserved[0] of the root.  Of data requests each buffer
 * list has one; its token is the driver's NET_BUFFER_LIST_CONTEXT.
 *
 * Owns        The driver's table owns call entries; tree and buffer lists are borrowed until they
 *             are completed.
 * Errors      A stale token asserts.
 * Source      Network guide: reusing a block list structure (IMS-03 to IMS-06); propagating an I/O
 *             operation (IM-09 to IM-12).
 */
#pragma once

#include "models/ndis/ndis.h"

typedef struct ImDriver ImDriver;
typedef struct ImCall ImCall;

typedef enum ImRequest {
  IM_INITIATE,
  IM_TERMINATE,
  IM_UPDATE,
  IM_QUERY,
  IM_INVALIDATE,
  IM_SEND,
  IM_RECEIVE,
  IM_DISCONNECT,
  IM_FORWARD,
  IM_N_REQUESTS,
} ImRequest;

struct ImCall {
  uint32_t id; /* serial number */
  ImRequest request;
  uint32_t object_id;
  ImCall *next;  /* of those that wait, or that are being completed together */
  uint32_t port; /* operations: where the tree goes */
  /* Operations: what the root held when it came. */
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *tree;
  NDIS_TOKEN saved_im_reserved[2];
  NDIS_TOKEN saved_source_handle;
  /* Data requests: the first of a chain stands for it. */
  NET_BUFFER_LIST *list;
  uint32_t count; /* of the chain */
  NDIS_TOKEN context;
  uint32_t flags;
};

ImCall *im_call_new (ImDriver *im, ImRequest request, uint32_t object_id);
void im_call_free (ImDriver *im, ImCall *call);

NDIS_TOKEN im_call_token (const ImDriver *im, const ImCall *call);
ImCall *im_call_of_token (const ImDriver *im, NDIS_TOKEN token);

/* Members to save and restore on an operation's way. */
void im_call_save (ImDriver *im, ImCall *call, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root);
void im_call_restore (const ImCall *call, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root,
                      bool with_source_handle);

/* im_call_push makes call entries for the buffer lists of |chain| and leaves each its context;
 * gives the first. im_call_pop takes those contexts off again; gives the entries, linked by |next|,
 * for im_queue_finish.  A buffer list that came with an initiate has none. */
ImCall *im_call_push (ImDriver *im, ImRequest request, NET_BUFFER_LIST *chain);
ImCall *im_call_pop (ImDriver *im, NET_BUFFER_LIST *chain);
