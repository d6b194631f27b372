/*
 * An intermediate driver, as its own files know it.  Others use im/drivers.h.
 *
 * Owns        A driver owns its tables and what waits in it; it borrows NDIS, and its
 *             configuration's distributions and strings.
 */
#pragma once

#include <glib.h>

#include "models/im/call.h"
#include "models/im/config.h"
#include "models/im/defect.h"
#include "models/im/entry.h"
#include "models/im/queue.h"
#include "models/im/table.h"
#include "models/ndis/ndis.h"

typedef struct ImKind ImKind;

struct ImDriver {
  const ImKind *kind;
  Ndis *ndis;
  ImConfig config;
  SimStream stream;
  uint64_t drawn[NDIS_N_CALLS]; /* crossings charged so far */
  NDIS_MINIPORT_HANDLE adapter; /* its virtual miniport, that the driver above has open */
  NDIS_MINIPORT_HANDLE lower;   /* what it has open itself */
  NDIS_BINDING_HANDLE binding;
  NDIS_TCP_OFFLOAD_EVENT_HANDLERS events; /* its copy */
  ImTable entries;
  ImTable calls;
  ImQueue queue;
};

static inline SimTrace *
im_trace (const ImDriver *im)
{
  return sim_trace (ndis_sim (im->ndis));
}

/* im_charge books the driver's cycles for the crossing |handler|, which carries |nodes| of a
 * tree. */
void im_charge (ImDriver *im, NdisCall handler, AccountWay way, uint32_t nodes);

/* im_misbehaves tells whether |defect| is on, and if so says in the trace that it acts on
 * |object_id|. */
bool im_misbehaves (const ImDriver *im, ImDefect defect, uint32_t object_id);

/* im_pass_down makes the crossing that |call| stands for, as the last act of this step. */
void im_pass_down (ImDriver *im, ImCall *call);
