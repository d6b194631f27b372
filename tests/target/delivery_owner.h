/*
 * The owner of a connection's delivery, for tests: what it is asked to do is written into |log|, and
 * which boxes of the charts were passed into |taken|.
 *
 * Use   owner_new in set-up, owner_free in tear-down; post requests and give it data between.
 * Owns  A test owns its Owner.
 */
#pragma once

#include "tests/support.h"

#include "models/target/delivery.h"

#define REQUESTS_MAX 8

typedef struct Owner {
  Delivery delivery;
  GString *log;
  bool taken[DELIVERY_N_BOXES][2]; /* by no and yes */
  NET_BUFFER_LIST request[REQUESTS_MAX];
  unsigned n_requests;
  uint64_t next_offset;
  uint32_t indicated_bytes; /* last */
} Owner;

static inline void
owner_note_complete (void *data, NET_BUFFER_LIST *chain)
{
  Owner *owner = data;

  g_string_append (owner->log, "complete");
  for (; chain != NULL; chain = chain->Next)
    g_string_append_printf (owner->log, " %u:%u/%d", chain->id, chain->TcpOffloadBytesTransferred,
                            chain->Status);
  g_string_append (owner->log, "; ");
}

static inline void
owner_note_indicate (void *data, TcpRange range)
{
  Owner *owner = data;

  owner->indicated_bytes = range.bytes;
  g_string_append_printf (owner->log, "indicate %u+%u; ", (unsigned)range.offset, range.bytes);
}

static inline void
owner_note_placed (void *data, uint32_t bytes)
{
  Owner *owner = data;
  g_string_append_printf (owner->log, "placed %u; ", bytes);
}

static inline void
owner_note_timer (void *data, bool running)
{
  Owner *owner = data;
  g_string_append (owner->log, running ? "start; " : "stop; ");
}

static inline void
owner_note_box (void *data, DeliveryBox box, bool yes)
{
  Owner *owner = data;
  owner->taken[box][yes] = true;
}

static inline void
owner_note_partial (void *data)
{
  const Owner *owner = data;

  assert_true (owner->delivery.request_first != NULL);
  assert_true (owner->delivery.first_bytes > 0);
}

static const DeliveryOps owner_ops = {
  owner_note_complete, owner_note_indicate, owner_note_placed,
  owner_note_timer,    owner_note_box,      owner_note_partial
};

static inline NET_BUFFER_LIST *
owner_post (Owner *owner, uint32_t bytes, uint32_t filled, bool no_push)
{
  assert_true (owner->n_requests < REQUESTS_MAX);
  NET_BUFFER_LIST *request = &owner->request[owner->n_requests++];
  request->id = owner->n_requests;
  request->FirstNetBuffer = &request->buffer;
  request->TcpReceiveNoPush = no_push;
  request->TcpReceiveBytesTransferred = filled;
  ndis_nbl_set_space (request, bytes);
  if (filled > 0)
    request->mdl.content =
        (TcpRange){ .offset = owner->next_offset, .stream_id = 1, .bytes = filled };
  owner->next_offset += filled;
  delivery_post (&owner->delivery, request);
  return request;
}

static inline TcpRange
owner_next (Owner *owner, uint32_t bytes)
{
  TcpRange range = { .offset = owner->next_offset, .stream_id = 1, .bytes = bytes };

  owner->next_offset += bytes;
  return range;
}

static inline void
owner_answer (Owner *owner, NDIS_STATUS status, uint32_t bytes)
{
  delivery_answer (&owner->delivery, (DeliveryAnswer){ status, bytes });
}

static inline Owner *
owner_new (void)
{
  Owner *owner = g_new0 (Owner, 1);

  owner->log = g_string_new (NULL);
  delivery_init (&owner->delivery, &owner_ops, owner);
  return owner;
}

static inline void
owner_free (Owner *owner)
{
  g_string_free (owner->log, TRUE);
  g_free (owner);
}
