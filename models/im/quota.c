#include "models/im/quota.h"

#include <glib.h>

#include "models/im/driver.h"
#include "models/im/edges.h"
#include "models/im/operations.h"
#include "models/im/ordinary.h"
#include "models/im/requests.h"

typedef NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *MiniportTree;

typedef struct ImQuota {
  ImDriver *im;
  bool has_refused;     /* since the driver above was last told to go on */
  bool told_pause;      /* by this driver */
  bool is_paused_below; /* by a target, or it has called everything back */
  bool is_running;      /* the work item is queued or running */
  SimWork work;
} ImQuota;

static ImQuota *
quota_of (const ImDriver *im)
{
  return im->own;
}

/* What the driver above is told */

static void consider (SimCpu *cpu, const SimStepArgs *args);

static void
indicate (ImQuota *quota, NDIS_STATUS code)
{
  ImDriver *im = quota->im;

  im_charge (im, NDIS_CALL_NdisMIndicateStatusEx, WAY_STATE, 0);
  ndis_then (im->ndis, consider, (SimStepArgs){ .self = quota });
  NdisMIndicateStatusEx (im->adapter, code, NULL);
}

static bool
is_full (const ImQuota *quota)
{
  const ImDriver *im = quota->im;

  return im->connections >= im->config.connections_max
         || (quota->has_refused && im->connections > im->config.resume_at);
}

static bool
has_room (const ImQuota *quota)
{
  const ImDriver *im = quota->im;

  return im->connections <= im->config.resume_at && im->connections < im->config.connections_max;
}

/* Says what has changed, one indication at a time. */
static void
consider (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  ImQuota *quota = args->self;

  if (!quota->told_pause && is_full (quota)) {
    quota->told_pause = true;
    indicate (quota, NDIS_STATUS_OFFLOAD_PAUSE);
    return;
  }
  if (quota->told_pause && has_room (quota)) {
    quota->told_pause = quota->has_refused = false;
    if (!quota->is_paused_below) {
      indicate (quota, NDIS_STATUS_OFFLOAD_RESUME);
      return;
    }
  }
  quota->is_running = false;
}

void
im_quota_settled (ImDriver *im)
{
  ImQuota *quota = quota_of (im);

  if (quota->is_running || im->config.resume_at == 0)
    return;
  if (quota->told_pause ? !has_room (quota) : !is_full (quota))
    return;
  quota->is_running = true;
  sim_cpu_queue (ndis_cpu (im->ndis), &quota->work);
}

/* Who gets through */

/* The first connection of the initiate |root| for which there is no place left, or NULL. */
static NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *
first_beyond (const ImDriver *im, MiniportTree root)
{
  uint32_t connections = im->connections;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (root);

  while ((list = block_walk_next (&walk)) != NULL) {
    bool is_tcp = block_list_layer ((OFFLOAD_STATE_TYPE)list->Header.Type) == OFFLOAD_LAYER_TCP;
    if (!is_tcp || block_list_is_placeholder (list) || *list->MiniportOffloadContext != 0)
      continue;
    if (connections++ >= im->config.connections_max)
      return list;
  }
  return NULL;
}

static void
initiate (NDIS_HANDLE MiniportAdapterContext, MiniportTree OffloadBlockList)
{
  ImDriver *im = MiniportAdapterContext;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *beyond = first_beyond (im, OffloadBlockList);

  if (beyond == NULL) {
    im_operation_down (im, IM_INITIATE, OffloadBlockList);
    return;
  }
  quota_of (im)->has_refused = true;
  im_charge (im, NDIS_CALL_MiniportInitiateOffload, WAY_STATE, 0);
  im_refuse_tree (im, OffloadBlockList, beyond, NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED);
}

/* What the target indicates */

static void
status (NDIS_HANDLE ProtocolBindingContext, NDIS_STATUS StatusCode, const void *StatusBuffer)
{
  ImDriver *im = ((const ImPort *)ProtocolBindingContext)->im;
  ImQuota *quota = quota_of (im);

  if (StatusCode == NDIS_STATUS_OFFLOAD_PAUSE || StatusCode == NDIS_STATUS_UPLOAD_ALL)
    quota->is_paused_below = true;
  if (StatusCode == NDIS_STATUS_OFFLOAD_RESUME) {
    quota->is_paused_below = false;
    if (quota->told_pause) {
      im_charge (im, NDIS_CALL_ProtocolStatusEx, WAY_STATE, 0);
      return;
    }
  }
  im_status (ProtocolBindingContext, StatusCode, StatusBuffer);
}

void
im_quota_open (ImDriver *im)
{
  ImQuota *quota = g_new0 (ImQuota, 1);

  SIM_ASSERT (im->config.connections_max > 0);
  quota->im = im;
  sim_work_init (&quota->work, SIM_LEVEL_DPC, consider, (SimStepArgs){ .self = quota });
  im->own = quota;
}

void
im_quota_close (ImDriver *im)
{
  g_free (im->own);
}

/* Registration */

static void
set_options (G_GNUC_UNUSED void *DriverContext, Ndis *ndis)
{
  NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS provider = im_provider;

  provider.InitiateOffloadHandler = initiate;
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_GENERIC, &provider.Header);
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_TCP, &im_provider_tcp.Header);
}

const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_quota_miniport = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_MINIPORT_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = set_options,
  .InitializeHandlerEx = im_initialize,
  .OidRequestHandler = im_oid_request,
  .SendNetBufferListsHandler = im_send_frames,
  .ReturnNetBufferListsHandler = im_return_frames,
};

const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_quota_protocol = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_PROTOCOL_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = im_register_client,
  .BindAdapterHandlerEx = im_bind_adapter,
  .OidRequestCompleteHandler = im_oid_request_complete,
  .StatusHandlerEx = status,
  .SendNetBufferListsCompleteHandler = im_send_frames_complete,
  .ReceiveNetBufferListsHandler = im_receive_frames,
};
