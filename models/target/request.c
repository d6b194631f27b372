/*
 * OID requests.
 *
 * Source      Network guide: querying and setting chimney offload capabilities; maintaining and
 *             reporting chimney-specific statistics; power management for offload targets.  Rules
 *             OID, STAT, PM, RSS.
 */
#include <glib.h>

#include "models/target/adapter.h"

static bool
ticks_are_legal (uint32_t ticks_per_s)
{
  return ticks_per_s == 10 || ticks_per_s == 100 || ticks_per_s == 1000;
}

/* The unit of what is offloaded already cannot change under it. */
static bool
can_take_ticks (const Target *target, uint32_t ticks_per_s)
{
  return ticks_per_s == target->tcp.ticks_per_s || target_offloaded (target) == 0;
}

/* What is not among the parameters keeps its length in another unit. */
static void
set_unit (TcpConfig *tcp, uint32_t ticks_per_s)
{
  uint32_t *const lengths[] = {
    &tcp->rto_initial_ticks,        &tcp->rto_min_ticks,   &tcp->rto_max_ticks,
    &tcp->fin_wait_2_ticks,         &tcp->time_wait_ticks, &tcp->keepalive_timeout_ticks,
    &tcp->keepalive_interval_ticks,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++) {
    uint64_t ticks = (uint64_t)*lengths[i] * ticks_per_s / tcp->ticks_per_s;
    *lengths[i] = (uint32_t)MAX (ticks, 1);
  }
  tcp->ticks_per_s = ticks_per_s;
}

static NDIS_STATUS
set_parameters (Target *target, const NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS *parameters)
{
  TcpConfig *tcp = &target->tcp;

  if (!target->config.features.chimney)
    return NDIS_STATUS_NOT_SUPPORTED;
  if (!ticks_are_legal (parameters->TicksPerSecond)
      || !can_take_ticks (target, parameters->TicksPerSecond))
    return NDIS_STATUS_FAILURE;
  set_unit (tcp, parameters->TicksPerSecond);
  tcp->ack_frequency = parameters->TcpAckFrequency;
  tcp->delayed_ack_ticks = parameters->TcpDelayedAckTicks;
  tcp->retransmissions_max = parameters->TcpMaximumRetransmissions;
  tcp->doubt_retransmissions = parameters->TcpDoubtReachabilityRetransmissions;
  tcp->sws_prevention_ticks = parameters->TcpSwsPreventionTicks;
  tcp->duplicate_ack_threshold = parameters->TcpDuplicateAckThreshold;
  target->push_ticks = parameters->TcpPushTicks;
  target->nce_stale_ticks = parameters->NceStaleTicks;
  return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS
task_offload (Target *target, NDIS_OID_REQUEST *request)
{
  if (!target->config.features.chimney)
    return NDIS_STATUS_NOT_SUPPORTED;
  if (request->is_set)
    return set_parameters (target, &request->data.parameters);
  target_report_capabilities (target, &request->data.offload);
  return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS
ip_statistics (Target *target, unsigned family, NDIS_OID_REQUEST *request)
{
  if (request->is_set && !target_defect (target, TARGET_DEFECT_KEEPS_STATISTICS, 0))
    target->ip_stats[family] = (IP_OFFLOAD_STATS){ 0 };
  if (!request->is_set)
    request->data.ip_stats = target->ip_stats[family];
  target_trace_ip_statistics (target, family, request->is_set);
  return NDIS_STATUS_SUCCESS;
}

/* CurrentlyEstablished is a gauge: a set leaves it. */
static NDIS_STATUS
tcp_statistics (Target *target, unsigned family, NDIS_OID_REQUEST *request)
{
  uint32_t established = target->tcp_stats[family].CurrentlyEstablished;

  if (request->is_set && !target_defect (target, TARGET_DEFECT_KEEPS_STATISTICS, 0))
    target->tcp_stats[family] = (TCP_OFFLOAD_STATS){ .CurrentlyEstablished = established };
  if (!request->is_set)
    request->data.tcp_stats = target->tcp_stats[family];
  target_trace_tcp_statistics (target, family, request->is_set);
  return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS
set_receive_scale (Target *target, const NDIS_RECEIVE_SCALE_PARAMETERS *rss)
{
  for (unsigned i = 0; i < NDIS_RSS_TABLE_ENTRIES; i++)
    target->rss_table[i] = rss->indirection_table[i];
  target->rss = true;
  return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS
target_oid_request (NDIS_HANDLE adapter, NDIS_OID_REQUEST *request)
{
  Target *target = adapter;

  target_charge (target, TARGET_COST_HANDLER_OID, 1, WAY_STATE);
  if (target->pnp.is_removed)
    return NDIS_STATUS_NOT_ACCEPTED;
  switch (request->Oid) {
  case OID_TCP_TASK_OFFLOAD:
    return task_offload (target, request);
  case OID_TCP_CONNECTION_OFFLOAD_PARAMETERS:
    return request->is_set ? set_parameters (target, &request->data.parameters)
                           : NDIS_STATUS_NOT_SUPPORTED;
  case OID_IP4_OFFLOAD_STATS:
    return ip_statistics (target, 0, request);
  case OID_IP6_OFFLOAD_STATS:
    return ip_statistics (target, 1, request);
  case OID_TCP4_OFFLOAD_STATS:
    return tcp_statistics (target, 0, request);
  case OID_TCP6_OFFLOAD_STATS:
    return tcp_statistics (target, 1, request);
  case OID_PNP_SET_POWER:
    return target_power_request (target, request);
  case OID_GEN_RECEIVE_SCALE_PARAMETERS:
    return request->is_set ? set_receive_scale (target, &request->data.rss)
                           : NDIS_STATUS_NOT_SUPPORTED;
  case OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG:
  case OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES:
  case NDIS_N_OIDS:
    break;
  }
  return NDIS_STATUS_NOT_SUPPORTED;
}
