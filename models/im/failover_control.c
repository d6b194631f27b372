/*
 * A failover driver's OIDs, status and Plug and Play: requests go round all ports that are there,
 * indications come from each, and a port that NDIS stops is left.
 */
#include "models/im/edges.h"
#include "models/im/failover.h"
#include "models/im/ordinary.h"
#include "models/im/team.h"

/* OIDs */

static void
add_ip_stats (IP_OFFLOAD_STATS *sum, const IP_OFFLOAD_STATS *stats)
{
  sum->InReceives += stats->InReceives;
  sum->InOctets += stats->InOctets;
  sum->InDelivers += stats->InDelivers;
  sum->OutRequests += stats->OutRequests;
  sum->OutOctets += stats->OutOctets;
  sum->InHeaderErrors += stats->InHeaderErrors;
  sum->InTruncatedPackets += stats->InTruncatedPackets;
  sum->InDiscards += stats->InDiscards;
  sum->OutDiscards += stats->OutDiscards;
  sum->OutNoRoutes += stats->OutNoRoutes;
}

static void
add_tcp_stats (TCP_OFFLOAD_STATS *sum, const TCP_OFFLOAD_STATS *stats)
{
  sum->InSegments += stats->InSegments;
  sum->OutSegments += stats->OutSegments;
  sum->CurrentlyEstablished += stats->CurrentlyEstablished;
  sum->ResetEstablished += stats->ResetEstablished;
  sum->RetransmittedSegments += stats->RetransmittedSegments;
  sum->InErrors += stats->InErrors;
  sum->OutResets += stats->OutResets;
}

/* Adds the answer of one target to those before it. */
static void
add_answer (const ImDriver *im, TeamRequest *oid)
{
  const NDIS_OID_REQUEST *answer = oid->request;

  bool is_first = oid->n_answers++ == 0;

  if (answer->is_set || is_first || im_misbehaves (im, IM_DEFECT_COUNTS_ONE_TARGET, 0)) {
    oid->sum = *answer;
    return;
  }
  switch (answer->Oid) {
  case OID_IP4_OFFLOAD_STATS:
  case OID_IP6_OFFLOAD_STATS:
    add_ip_stats (&oid->sum.data.ip_stats, &answer->data.ip_stats);
    return;
  case OID_TCP4_OFFLOAD_STATS:
  case OID_TCP6_OFFLOAD_STATS:
    add_tcp_stats (&oid->sum.data.tcp_stats, &answer->data.tcp_stats);
    return;
  case OID_TCP_TASK_OFFLOAD:
  case OID_TCP_CONNECTION_OFFLOAD_PARAMETERS:
  case OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG:
  case OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES:
  case OID_PNP_SET_POWER:
  case OID_GEN_RECEIVE_SCALE_PARAMETERS:
    return;
  case NDIS_N_OIDS:
    break;
  }
  SIM_UNREACHABLE ();
}

/* The next port from |port| on that is there; the number of ports: none. */
static uint32_t
next_port (const ImTeam *team, uint32_t port)
{
  while (port < team->im->n_ports && team->port[port].is_gone)
    port++;
  return port;
}

static void
ask (const ImTeam *team)
{
  NdisOidRequest (team->im->port[team->oid.port].binding, team->oid.request);
}

NDIS_STATUS
im_team_oid_request (NDIS_HANDLE MiniportAdapterContext, NDIS_OID_REQUEST *request)
{
  ImDriver *im = MiniportAdapterContext;
  ImTeam *team = im_team (im);
  NDIS_STATUS status;

  im_charge (im, NDIS_CALL_MiniportOidRequest, WAY_STATE, 0);
  if (im_keeps_request (im, request, &status))
    return status;
  SIM_ASSERT (team->oid.request == NULL); /* NDIS hands them down one by one */
  team->oid = (TeamRequest){ .request = request,
                             .port = next_port (team, 0),
                             .status = NDIS_STATUS_SUCCESS };
  ask (team);
  return NDIS_STATUS_PENDING;
}

void
im_team_oid_request_complete (NDIS_HANDLE ProtocolBindingContext, NDIS_OID_REQUEST *request,
                              NDIS_STATUS status)
{
  ImDriver *im = ((const ImPort *)ProtocolBindingContext)->im;
  ImTeam *team = im_team (im);
  TeamRequest *oid = &team->oid;

  SIM_ASSERT (oid->request == request);
  im_charge (im, NDIS_CALL_ProtocolOidRequestComplete, WAY_STATE, 0);
  /* One that is being removed is not asked any more. */
  if (oid->status == NDIS_STATUS_SUCCESS && status != NDIS_STATUS_NOT_ACCEPTED)
    oid->status = status;
  if (status == NDIS_STATUS_SUCCESS)
    add_answer (im, oid);
  oid->port = next_port (team, oid->port + 1);
  if (oid->port < im->n_ports) {
    ask (team);
    return;
  }
  if (oid->status == NDIS_STATUS_SUCCESS)
    request->data = oid->sum.data;
  if (request->Oid == OID_TCP_TASK_OFFLOAD && !request->is_set)
    request->data.offload = im_common_offload (im);
  oid->request = NULL;
  NdisMOidRequestComplete (im->adapter, request, oid->status);
}

/* Status */

static void
pass_up (const ImDriver *im, NDIS_STATUS code, const void *buffer)
{
  NdisMIndicateStatusEx (im->adapter, code, buffer);
}

static void
leave_if_need_be (ImTeam *team)
{
  uint32_t usable = im_team_usable (team);

  if (team->phase != TEAM_STEADY || !im_team_must_leave (team) || usable == TEAM_NO_PORT)
    return;
  team->loses_port = team->port[team->im->active].is_gone; /* OID-18 */
  im_team_leave (team, usable, (ImCaller){ 0 });
}

/* True while the driver above can take the link for up. */
static bool
has_link (const ImTeam *team)
{
  const ImDriver *im = team->im;

  if (!team->port[im->active].link_is_down)
    return true;
  return im_team_must_leave (team) && im_team_usable (team) != TEAM_NO_PORT;
}

/* The link of |port| has changed.  That it can be used by another port is no news above. */
static void
note_link (ImTeam *team, uint32_t port, bool is_down)
{
  ImDriver *im = team->im;

  team->port[port].link_is_down = is_down;
  leave_if_need_be (team);
  if (has_link (team) == !team->told_link_is_down)
    return;
  team->told_link_is_down = !team->told_link_is_down;
  pass_up (im, team->told_link_is_down ? NDIS_STATUS_MEDIA_DISCONNECT : NDIS_STATUS_MEDIA_CONNECT,
           NULL);
}

/* While the driver leaves its port it has asked for all that the port's target could ask for; of a
 * reset that it has told it tells the end. */
static bool
is_heard (ImTeam *team, uint32_t port, NDIS_STATUS code)
{
  if (code == NDIS_STATUS_RESET_END && team->resets == port) {
    team->resets = TEAM_NO_PORT;
    return true;
  }
  if (code == NDIS_STATUS_RESET_END)
    return false;
  bool is_heard_now = team->phase == TEAM_STEADY && port == team->im->active;
  if (code == NDIS_STATUS_RESET_START && is_heard_now)
    team->resets = port;
  return is_heard_now;
}

static void
note_capabilities (ImTeam *team)
{
  if (im_misbehaves (team->im, IM_DEFECT_KEEPS_CAPABILITIES, 0))
    return;
  team->offload = im_common_offload (team->im);
  pass_up (team->im, NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES, &team->offload);
}

void
im_team_status (NDIS_HANDLE ProtocolBindingContext, NDIS_STATUS StatusCode,
                const void *StatusBuffer)
{
  const ImPort *port = ProtocolBindingContext;
  uint32_t number = im_port_number (port);
  ImTeam *team = im_team (port->im);

  im_charge (port->im, NDIS_CALL_ProtocolStatusEx, WAY_STATE, 0);
  if (StatusCode == NDIS_STATUS_OFFLOAD_PAUSE)
    team->port[number].is_paused = true;
  if (StatusCode == NDIS_STATUS_OFFLOAD_RESUME)
    team->port[number].is_paused = false;
  if (StatusCode == NDIS_STATUS_MEDIA_CONNECT || StatusCode == NDIS_STATUS_MEDIA_DISCONNECT)
    note_link (team, number, StatusCode == NDIS_STATUS_MEDIA_DISCONNECT);
  else if (StatusCode == NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES)
    note_capabilities (team);
  else if (is_heard (team, number, StatusCode))
    pass_up (port->im, StatusCode, StatusBuffer);
}

/* Plug and Play */

bool
im_failover_can_spare (const ImDriver *im, uint32_t port)
{
  const ImTeam *team = im_team (im);

  for (uint32_t other = 0; other < im->n_ports; other++)
    if (other != port && im_team_port_is_usable (team, other))
      return true;
  return false;
}

void
im_team_settled (ImTeam *team)
{
  uint32_t left = team->awaited;

  leave_if_need_be (team);
  if (left == TEAM_NO_PORT || team->phase != TEAM_STEADY || team->im->active == left)
    return;
  team->awaited = TEAM_NO_PORT;
  NdisCompleteNetPnPEvent (team->im->port[left].binding);
}

/* The active port is left first; of another one nothing is in use. */
static NDIS_STATUS
stop_port (ImTeam *team, uint32_t port)
{
  team->port[port].is_stopped = true;
  if (team->phase == TEAM_STEADY && team->im->active != port)
    return NDIS_STATUS_SUCCESS;
  SIM_ASSERT (team->awaited == TEAM_NO_PORT); /* NDIS does one thing after the other */
  team->awaited = port;
  leave_if_need_be (team);
  return NDIS_STATUS_PENDING;
}

NDIS_STATUS
im_team_net_event (NDIS_HANDLE ProtocolBindingContext, NET_PNP_EVENT_CODE NetEvent)
{
  const ImPort *port = ProtocolBindingContext;
  ImTeam *team = im_team (port->im);
  uint32_t number = im_port_number (port);

  im_charge (port->im, NDIS_CALL_ProtocolNetPnPEvent, WAY_STATE, 0);
  switch (NetEvent) {
  case NetEventPause:
    return stop_port (team, number);
  case NetEventRestart:
    team->port[number].is_stopped = false;
    leave_if_need_be (team);
    return NDIS_STATUS_SUCCESS;
  case NetEventQueryRemoveDevice:
    team->port[number].is_gone = true;
    leave_if_need_be (team);
    return NDIS_STATUS_SUCCESS;
  }
  SIM_UNREACHABLE ();
}
