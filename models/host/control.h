/*
 * OID requests: what the host asks of the drivers below, one at a time.
 *
 * At the start the host queries the capabilities and sets the chimney's parameters; only then does
 * it offload.  It queries again before it goes on after a pause or a sleep.
 *
 * Order       First come, first served.
 * Owns        A request is the host's; the driver that pends it holds it until its completion.
 * Source      OID-01, OID-02, OID-06, OID-14, STS-05, PM-01.
 */
#pragma once

#include "models/host/host.h"
#include "models/ndis/oid.h"
#include "models/host/worker.h"

typedef struct ControlItem ControlItem;

/* Told once when |request| has completed with request->status. */
typedef void (*ControlDone) (Host *host, const NDIS_OID_REQUEST *request);

/* A statistics query under way. */
typedef struct StatisticsQuery {
  HostCaller caller;
  uint32_t left; /* OIDs not answered */
  bool failed;
  uint64_t told_in, told_out; /* segments of offloaded connections, of both IP versions */
} StatisticsQuery;

typedef struct HostControl {
  ControlItem *first, *last; /* first: the one under way, if any is */
  bool is_busy;
  StatisticsQuery statistics;
  ControlDone enabled; /* told once when control_enable has come to its end */
  HostWorker worker;
} HostControl;

void control_init (Host *host);
void control_clear (Host *host);

/* control_request queues a copy of |request|. */
void control_request (Host *host, const NDIS_OID_REQUEST *request, ControlDone done);
/* control_request_for tells a caller from outside instead: true if it succeeded. */
void control_request_for (Host *host, const NDIS_OID_REQUEST *request, HostCaller caller);
/* OidRequestCompleteHandler. */
void control_complete (Host *host, NDIS_OID_REQUEST *request, NDIS_STATUS status);

/* control_enable queries the capabilities and, if there are any, sets the parameters; the manager
 * then may offload.  |done|, which may be NULL, is told either way. */
void control_enable (Host *host, ControlDone done);
/* control_statistics asks for, or sets, the statistics of offloaded traffic; |caller| is told when
 * all four have been answered. */
void control_statistics (Host *host, bool reset, HostCaller caller);
/* control_query asks for the capabilities again; |done| is told. */
void control_query (Host *host, ControlDone done);
/* control_capabilities asks NDIS what the adapter could do, and what of it is switched on. */
void control_capabilities (Host *host);
