#include "models/host/control.h"

#include <glib.h>

#include "models/host/machine.h"
#include "models/host/manager.h"
#include "models/tcp/store.h"

struct ControlItem {
  ControlItem *next;
  NDIS_OID_REQUEST request;
  ControlDone done;
  HostCaller caller;
};

static void
send_first (Host *host)
{
  HostControl *control = &host->control;

  if (control->is_busy || control->first == NULL)
    return;
  control->is_busy = true;
  processors_charge (host, HOST_COST_OID, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  control->first->request.id = ndis_next_op_id (host->ndis);
  NdisOidRequest (host->binding, &control->first->request);
}

void
control_init (Host *host)
{
  worker_init (&host->control.worker, host, send_first);
}

void
control_clear (Host *host)
{
  worker_clear (&host->control.worker);
  while (host->control.first != NULL) {
    ControlItem *item = host->control.first;
    host->control.first = item->next;
    g_free (item);
  }
}

static void
queue (Host *host, const NDIS_OID_REQUEST *request, ControlDone done, HostCaller caller)
{
  HostControl *control = &host->control;
  ControlItem *item = g_new0 (ControlItem, 1);

  item->request = *request;
  item->request.owner = host;
  item->done = done;
  item->caller = caller;
  if (control->first == NULL)
    control->first = item;
  else
    control->last->next = item;
  control->last = item;
  worker_wake (&control->worker);
}

/* What the target says that it can hold is what the chooser fills. */
static void
note_capacity (Host *host, const NDIS_OID_REQUEST *request)
{
  bool tells = request->Oid == OID_TCP_TASK_OFFLOAD
               || request->Oid == OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG;

  if (tells && !request->is_set && request->status == NDIS_STATUS_SUCCESS)
    host->chooser.capacity = request->data.offload.TcpConnectionOffloadCapacity;
}

void
control_request (Host *host, const NDIS_OID_REQUEST *request, ControlDone done)
{
  queue (host, request, done, (HostCaller){ 0 });
}

void
control_request_for (Host *host, const NDIS_OID_REQUEST *request, HostCaller caller)
{
  queue (host, request, NULL, caller);
}

void
control_complete (Host *host, NDIS_OID_REQUEST *request, NDIS_STATUS status)
{
  HostControl *control = &host->control;
  ControlItem *item = control->first;

  SIM_ASSERT (item != NULL);
  SIM_ASSERT (request == &item->request);
  processors_charge (host, HOST_COST_OID, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  item->request.status = status;
  note_capacity (host, &item->request);
  control->first = item->next;
  control->is_busy = false;
  if (item->done != NULL)
    item->done (host, &item->request);
  if (item->caller.done != NULL)
    item->caller.done (item->caller.data, item->caller.tag, status == NDIS_STATUS_SUCCESS);
  g_free (item);
  if (control->first != NULL)
    worker_wake (&control->worker);
}

void
control_query (Host *host, ControlDone done)
{
  NDIS_OID_REQUEST request = { .Oid = OID_TCP_TASK_OFFLOAD };
  control_request (host, &request, done);
}

/* What the adapter could do, and what is switched on of it: NDIS answers both (OID-15). */
void
control_capabilities (Host *host)
{
  control_request (
      host, &(NDIS_OID_REQUEST){ .Oid = OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES }, NULL);
  control_request (host, &(NDIS_OID_REQUEST){ .Oid = OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG },
                   NULL);
}

/* Statistics */

/* STAT-05: what the host says of all traffic is the sum. */
static void
say_total (Host *host, const StatisticsQuery *query)
{
  const TcpCounters *own = &host->tcp_store->counters;
  uint64_t in = own->segments_in + query->told_in;
  uint64_t out = own->segments_out + query->told_out;

  if (host_strikes (host, HOST_DEFECT_FORGETS_OFFLOADED, 0)) {
    in = own->segments_in;
    out = own->segments_out;
  }
  TRACE (host->trace, host->config.actor_id, STATS_TOTAL, (int64_t)own->segments_in,
         (int64_t)own->segments_out, (int64_t)query->told_in, (int64_t)query->told_out, (int64_t)in,
         (int64_t)out);
}

static void
statistics_known (Host *host, const NDIS_OID_REQUEST *request)
{
  StatisticsQuery *query = &host->control.statistics;
  HostCaller caller = query->caller;
  bool is_tcp = request->Oid == OID_TCP4_OFFLOAD_STATS || request->Oid == OID_TCP6_OFFLOAD_STATS;

  query->failed |= request->status != NDIS_STATUS_SUCCESS;
  if (is_tcp && !request->is_set && request->status == NDIS_STATUS_SUCCESS) {
    query->told_in += request->data.tcp_stats.InSegments;
    query->told_out += request->data.tcp_stats.OutSegments;
  }
  if (--query->left > 0)
    return;
  if (!request->is_set && !query->failed)
    say_total (host, query);
  if (caller.done != NULL)
    caller.done (caller.data, caller.tag, !query->failed);
}

void
control_statistics (Host *host, bool reset, HostCaller caller)
{
  static const NDIS_OID oids[] = { OID_IP4_OFFLOAD_STATS, OID_TCP4_OFFLOAD_STATS,
                                   OID_IP6_OFFLOAD_STATS, OID_TCP6_OFFLOAD_STATS };
  StatisticsQuery *query = &host->control.statistics;

  if (query->left > 0 || host->power.is_removed) {
    if (caller.done != NULL)
      caller.done (caller.data, caller.tag, false);
    return;
  }
  *query = (StatisticsQuery){ .caller = caller, .left = G_N_ELEMENTS (oids) };
  for (size_t i = 0; i < G_N_ELEMENTS (oids); i++)
    control_request (host, &(NDIS_OID_REQUEST){ .Oid = oids[i], .is_set = reset },
                     statistics_known);
}

static void
settled (Host *host, const NDIS_OID_REQUEST *request)
{
  ControlDone done = host->control.enabled;

  host->control.enabled = NULL;
  if (done != NULL)
    done (host, request);
  manager_wake (host);
}

static void
parameters_set (Host *host, const NDIS_OID_REQUEST *request)
{
  if (request->status == NDIS_STATUS_SUCCESS)
    host->manager->enabled = true;
  else
    host->manager->unavailable = true;
  settled (host, request);
}

static void
capabilities_known (Host *host, const NDIS_OID_REQUEST *request)
{
  NDIS_OID_REQUEST set = { .Oid = host->config.parameters_oid, .is_set = true };

  if (request->status != NDIS_STATUS_SUCCESS || !ndis_chimney_is_open (host->ndis)) {
    host->manager->unavailable = true;
    settled (host, request);
    return;
  }
  set.data.parameters = host->config.parameters;
  if (host_strikes (host, HOST_DEFECT_OLD_PARAMETERS, 0))
    set.data.parameters.Header.Revision--;
  control_request (host, &set, parameters_set);
}

void
control_enable (Host *host, ControlDone done)
{
  host->control.enabled = done;
  control_query (host, capabilities_known);
}
