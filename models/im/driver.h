/*
 * An intermediate driver, as its own files know it.  Others use im/drivers.h.
 *
 * A port is one adapter that the driver has open below; most drivers have one.  NDIS names it by
 * ProtocolBindingContext.
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
#include "models/im/refuse.h"
#include "models/im/table.h"
#include "models/ndis/ndis.h"

typedef struct ImKind ImKind;

typedef struct ImPort {
  ImDriver *im;
  NDIS_MINIPORT_HANDLE lower;
  NDIS_BINDING_HANDLE binding;
  bool is_out; /* of the team: nothing is offloaded there, and its capabilities do not count */
} ImPort;

struct ImDriver {
  const ImKind *kind;
  Ndis *ndis;
  ImConfig config;
  SimStream stream;
  uint64_t drawn[NDIS_N_CALLS]; /* crossings charged so far */
  NDIS_MINIPORT_HANDLE adapter; /* its virtual miniport, that the driver above has open */
  ImPort port[IM_PORTS_MAX];
  uint32_t n_ports;
  uint32_t active; /* the port that new state goes to */
  bool calls_back; /* NDIS_STATUS_UPLOAD_ALL is indicated, and its driver takes no send any more */
  void *own;       /* of its kind */
  NDIS_TCP_OFFLOAD_EVENT_HANDLERS events; /* its copy */
  ImTable entries;
  uint32_t connections; /* of the entries */
  ImTable calls;
  ImQueue queue;
  ImRefusals refusals;
};

static inline SimTrace *
im_trace (const ImDriver *im)
{
  return sim_trace (ndis_sim (im->ndis));
}

/* im_port_number is the place of |port| among those of its driver. */
static inline uint32_t
im_port_number (const ImPort *port)
{
  return (uint32_t)(port - port->im->port);
}

/* im_charge books the driver's cycles for the crossing |handler|, which carries |nodes| of a
 * tree. */
void im_charge (ImDriver *im, NdisCall handler, AccountWay way, uint32_t nodes);

/* im_misbehaves tells whether |defect| is on, and if so says in the trace that it acts on
 * |object_id|. */
bool im_misbehaves (const ImDriver *im, ImDefect defect, uint32_t object_id);

/* im_pass_down makes the crossing that |call| stands for, as the last act of this step. */
void im_pass_down (ImDriver *im, ImCall *call);
