/*
 * Buffer lists: who has which, at each edge, and since which call.
 *
 * A send, receive, forward or disconnect is outstanding at an edge from NdisOffloadTcpXxx until its
 * completion is called there; an indicated list from its indication until it is returned or the
 * indication was refused.  Send data that came with an initiate is like sends, buffered data that a
 * terminate brought up like what was indicated and accepted.
 *
 * Order       The reader runs after the monitors.
 * Owns        An entry goes when its buffer list has come back.
 */
#pragma once

#include "models/rules/flow.h"
#include "models/rules/object.h"

typedef struct RuleBuffer {
  uint32_t id;
  uint32_t object;
  uint8_t edge;
  uint8_t driver; /* below the edge */
  uint8_t verb;
  bool handled;          /* the driver below has seen it */
  bool passed_on;        /* and given it to the next one */
  bool came_back;        /* which completed it */
  bool handed_over;      /* came with the initiate */
  bool accepted;         /* an indication: the driver above keeps it */
  bool uploaded;         /* came up with a terminate: the driver above keeps it */
  bool after_disconnect; /* posted when the disconnect had been indicated */
  bool after_upload_asked;
  uint32_t flags; /* of its record when posted */
  uint32_t buffers;
  int64_t bytes;  /* when posted */
  int64_t placed; /* of these, when posted: a receive that the host had begun to fill */
  int64_t stream, offset;
  int64_t arg0; /* of the call: disconnect flags */
  int64_t status_below;
  uint64_t arrived_end; /* what had arrived on the wire when it was posted */
  uint64_t order;       /* of its kind, on its object */
  uint64_t at;          /* its record */
  uint64_t call_at;
  SimTime when;
  uint32_t call;           /* the crossing that posted it */
  uint32_t next, previous; /* of the same object and verb; 0: none */
} RuleBuffer;

typedef struct RuleBuffers {
  RuleTable table;
  SimDuration longest; /* from an upload to the return of its buffered data */
} RuleBuffers;

void rule_buffers_init (RuleBuffers *buffers);
void rule_buffers_clear (RuleBuffers *buffers);

/* Buffered receive data that the host gave with an initiate: its own again once that has failed,
 * and to be put away once it has succeeded (|accepted|).  Entries of edge 0. */
#define RULE_EDGE_OF_LENT 0
void rule_buffers_on_put (RuleBuffers *buffers, const SimRecord *record);

/* Bytes that it takes. */
static inline int64_t
rule_buffer_room (const RuleBuffer *buffer)
{
  return buffer->bytes - buffer->placed;
}

RuleBuffer *rule_buffer_find (const RuleBuffers *buffers, uint32_t id, unsigned edge);

void rule_buffers_on_begin (RuleBuffers *buffers, RuleObjects *objects, const RuleOps *ops,
                            const RuleFlows *flows, const RuleCrossing *x);
void rule_buffers_on_end (RuleBuffers *buffers, RuleObjects *objects, const RuleCrossing *x);
