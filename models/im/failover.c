#include "models/im/failover.h"

#include "models/im/edges.h"
#include "models/im/operations.h"
#include "models/im/ordinary.h"
#include "models/im/requests.h"
#include "models/im/team.h"

typedef NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *MiniportTree;

/* The change, step by step: each indication is a crossing of its own. */

static void
indicate (ImTeam *team, NDIS_STATUS code, SimStepFn then)
{
  ImDriver *im = team->im;

  im_charge (im, NDIS_CALL_NdisMIndicateStatusEx, WAY_STATE, 0);
  ndis_then (im->ndis, then, (SimStepArgs){ .self = team });
  NdisMIndicateStatusEx (im->adapter, code, NULL);
}

static void
tell_caller (ImTeam *team)
{
  ImCaller caller = team->caller;

  team->caller = (ImCaller){ 0 };
  if (caller.done != NULL)
    caller.done (caller.data, caller.tag, true);
}

/* What has waited goes where it would have gone. */
static void
release (ImTeam *team)
{
  ImDriver *im = team->im;

  for (guint i = 0; i < team->parked->len; i++) {
    MiniportTree root = team->parked->pdata[i];
    NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *lacking = im_initiate_lacks (im, root);
    uint32_t nodes = 0;
    if (lacking != NULL) {
      im_refuse_tree (im, root, lacking, NDIS_STATUS_RESOURCES);
      continue;
    }
    im_queue_append (im, im_operation_take (im, IM_INITIATE, root, &nodes));
    im_charge (im, NDIS_CALL_MiniportInitiateOffload, WAY_STATE, nodes);
  }
  g_ptr_array_set_size (team->parked, 0);
}

static void
resumed (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  ImTeam *team = args->self;

  team->phase = TEAM_STEADY;
  tell_caller (team);
  im_team_settled (team);
}

static bool
is_empty (const ImDriver *im)
{
  return sim_pool_out (im->entries.pool) == 0 && im->queue.taken[IM_PLACES_STATE] == 0;
}

static void
resume (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  ImTeam *team = args->self;
  const ImDriver *im = team->im;

  if (team->port[im->active].is_paused)
    resumed (ndis_cpu (im->ndis), &(SimStepArgs){ .self = team }); /* its target will tell */
  else
    indicate (team, NDIS_STATUS_OFFLOAD_RESUME, resumed);
}

/* OID-18: what is offered has changed with the members. */
static void
tell_members (ImTeam *team, SimStepFn then)
{
  ImDriver *im = team->im;

  team->offload = im_common_offload (im);
  im_charge (im, NDIS_CALL_NdisMIndicateStatusEx, WAY_STATE, 0);
  ndis_then (im->ndis, then, (SimStepArgs){ .self = team });
  NdisMIndicateStatusEx (im->adapter, NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES,
                         &team->offload);
}

static void
take_over (ImTeam *team)
{
  ImDriver *im = team->im;

  if (team->loses_port)
    im->port[im->active].is_out = true;
  im->active = team->next;
  im->calls_back = false;
  team->phase = TEAM_RESUMING;
  if (team->loses_port)
    tell_members (team, resume);
  else
    resume (ndis_cpu (im->ndis), &(SimStepArgs){ .self = team });
  team->loses_port = false;
}

static void
called_back (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  ImTeam *team = args->self;

  release (team);
  im_failover_settled (team->im);
}

static void
call_back (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  ImTeam *team = args->self;

  team->im->calls_back = true;
  indicate (team, NDIS_STATUS_UPLOAD_ALL, called_back);
}

static void
step (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  ImTeam *team = args->self;

  if (team->phase == TEAM_PAUSING) {
    team->phase = TEAM_LEAVING;
    indicate (team, NDIS_STATUS_OFFLOAD_PAUSE, call_back);
  } else if (team->phase == TEAM_LEAVING && team->im->calls_back
             && (is_empty (team->im) || im_misbehaves (team->im, IM_DEFECT_RESUMES_EARLY, 0))) {
    take_over (team);
  } else if (team->phase == TEAM_TELLING) {
    tell_members (team, resumed);
  }
}

void
im_failover_settled (ImDriver *im)
{
  ImTeam *team = im_team (im);
  bool may_go = is_empty (im) || (im->config.defects >> IM_DEFECT_RESUMES_EARLY & 1) != 0;

  if (team->phase == TEAM_LEAVING && im->calls_back && may_go)
    sim_cpu_queue (ndis_cpu (im->ndis), &team->work);
}

uint32_t
im_team_usable (const ImTeam *team)
{
  const ImDriver *im = team->im;

  for (uint32_t k = 1; k < im->n_ports; k++) {
    uint32_t port = (im->active + k) % im->n_ports;
    if (im_team_port_is_usable (team, port))
      return port;
  }
  return TEAM_NO_PORT;
}

bool
im_team_must_leave (const ImTeam *team)
{
  const TeamPort *port = &team->port[team->im->active];

  return port->is_stopped || port->is_gone
         || (port->link_is_down && !team->im->config.stays_on_link_loss);
}

/* Begins what |phase| says, in a work item. */
static void
begin (ImTeam *team, TeamPhase phase, ImCaller caller)
{
  const ImDriver *im = team->im;
  SimCpu *cpu = sim_cpu_current (ndis_sim (im->ndis));

  SIM_ASSERT (team->phase == TEAM_STEADY);
  team->phase = phase;
  team->caller = caller;
  sim_cpu_queue (cpu != NULL ? cpu : ndis_cpu_at (im->ndis, 0), &team->work);
}

void
im_team_leave (ImTeam *team, uint32_t port, ImCaller caller)
{
  const ImDriver *im = team->im;

  SIM_ASSERT (port < im->n_ports);
  SIM_ASSERT (port != im->active);
  SIM_ASSERT (!im->port[port].is_out);
  team->next = port;
  begin (team, TEAM_PAUSING, caller);
}

/* The port to change to: one that can be used if there is one, else the next member; UINT32_MAX:
 * there is no other. */
static uint32_t
next_member (const ImTeam *team)
{
  const ImDriver *im = team->im;
  uint32_t usable = im_team_usable (team);

  for (uint32_t k = 1; k < im->n_ports && usable == UINT32_MAX; k++) {
    uint32_t port = (im->active + k) % im->n_ports;
    if (!im->port[port].is_out)
      usable = port;
  }
  return usable;
}

bool
im_failover_begin (ImDriver *im, uint32_t port, ImCaller caller)
{
  ImTeam *team = im_team (im);

  if (port == UINT32_MAX)
    port = next_member (team);
  if (team->phase != TEAM_STEADY || port >= im->n_ports || port == im->active
      || !im_team_port_is_there (team, port))
    return false;
  im_team_leave (team, port, caller);
  return true;
}

bool
im_failover_set_member (ImDriver *im, uint32_t port, bool is_member, ImCaller caller)
{
  ImTeam *team = im_team (im);

  if (team->phase != TEAM_STEADY || port >= im->n_ports || im->port[port].is_out != is_member)
    return false;
  if (port != im->active) {
    im->port[port].is_out = !is_member;
    begin (team, TEAM_TELLING, caller);
    return true;
  }
  uint32_t next = next_member (team);
  if (next == UINT32_MAX)
    return false;
  team->loses_port = true;
  im_team_leave (team, next, caller);
  return true;
}

/* Between the pause and the calling back an initiate waits. */
static void
initiate (NDIS_HANDLE MiniportAdapterContext, MiniportTree OffloadBlockList)
{
  ImDriver *im = MiniportAdapterContext;
  ImTeam *team = im_team (im);

  if (team->phase != TEAM_LEAVING || im->calls_back) {
    im_operation_down (im, IM_INITIATE, OffloadBlockList);
    return;
  }
  im_charge (im, NDIS_CALL_MiniportInitiateOffload, WAY_STATE, 0);
  g_ptr_array_add (team->parked, OffloadBlockList);
}

void
im_failover_open (ImDriver *im)
{
  ImTeam *team = g_new0 (ImTeam, 1);

  team->im = im;
  team->awaited = team->resets = TEAM_NO_PORT;
  team->parked = g_ptr_array_new ();
  sim_work_init (&team->work, SIM_LEVEL_DPC, step, (SimStepArgs){ .self = team });
  im->own = team;
}

void
im_failover_close (ImDriver *im)
{
  ImTeam *team = im_team (im);

  g_ptr_array_unref (team->parked);
  g_free (team);
}

/* Registration */

static void
set_miniport_options (void *DriverContext, Ndis *ndis)
{
  NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS provider = im_provider;
  NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS provider_tcp = im_provider_tcp;
  (void)DriverContext;

  provider.InitiateOffloadHandler = initiate;
  provider_tcp.TcpOffloadReceiveReturnHandler = im_team_receive_return;
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_GENERIC, &provider.Header);
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_TCP, &provider_tcp.Header);
}

static void
set_protocol_options (void *DriverContext, Ndis *ndis)
{
  NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS client_tcp = im_client_tcp;
  (void)DriverContext;

  client_tcp.TcpOffloadReceiveIndicateHandler = im_team_receive_indicate;
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_CLIENT_GENERIC, &im_client.Header);
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_CLIENT_TCP, &client_tcp.Header);
}

const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_failover_miniport = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_MINIPORT_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = set_miniport_options,
  .InitializeHandlerEx = im_initialize,
  .OidRequestHandler = im_team_oid_request,
  .SendNetBufferListsHandler = im_team_send_frames,
  .ReturnNetBufferListsHandler = im_team_return_frames,
};

const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_failover_protocol = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_PROTOCOL_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = set_protocol_options,
  .BindAdapterHandlerEx = im_bind_adapter,
  .OidRequestCompleteHandler = im_team_oid_request_complete,
  .StatusHandlerEx = im_team_status,
  .NetPnPEventHandler = im_team_net_event,
  .SendNetBufferListsCompleteHandler = im_send_frames_complete,
  .ReceiveNetBufferListsHandler = im_team_receive_frames,
};
