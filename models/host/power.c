#include "models/host/power.h"

#include "models/host/machine.h"
#include "models/host/manager.h"

static HostSet
everything (const Host *host)
{
  return (HostSet){ 0, host->config.n_connections - 1 };
}

/* Remembers what is offloaded or on its way there, if the policy wants it back. */
static void
track_offloaded (Host *host)
{
  if (!host->config.offload.offload_again)
    return;
  for (uint32_t id = 0; id < host->config.n_connections; id++) {
    Connection *c = &host->connection[id];
    if (c->added && owner_uses_parents (c->owner))
      c->bits |= CONN_TRACKED;
  }
}

static void
upload_all (Host *host)
{
  track_offloaded (host);
  manager_submit (host, operation_new (host, OPERATION_UPLOAD, everything (host), NULL,
                                       (HostCaller){ 0 }));
}

static void
offload_tracked (Host *host)
{
  Operation *operation =
      operation_new (host, OPERATION_OFFLOAD, everything (host), NULL, (HostCaller){ 0 });
  uint32_t count = 0;

  for (uint32_t i = 0; i < operation->n_ids; i++) {
    Connection *c = &host->connection[operation->id[i]];
    if (c->bits & CONN_TRACKED)
      operation->id[count++] = c->id;
    c->bits &= ~(uint32_t)CONN_TRACKED;
  }
  operation->n_ids = count;
  manager_submit (host, operation);
}

/* Power */

bool
power_lets_frames_through (const Host *host)
{
  return host->power.state == NdisDeviceStateD0 && !host->power.media_disconnected
         && (host->power.phase != POWER_SETTING || host->power.wanted == NdisDeviceStateD0);
}

static void
finish (Host *host, bool succeeded)
{
  HostCaller caller = host->power.caller;

  host->power.phase = POWER_STEADY;
  if (caller.done != NULL)
    caller.done (caller.data, caller.tag, succeeded);
}

static void
awake (Host *host, const NDIS_OID_REQUEST *request)
{
  (void)request;
  host->manager->asleep = false;
  finish (host, true);
  if (host->config.offload.offload_again)
    offload_tracked (host);
  manager_wake (host);
}

static void
power_is_set (Host *host, const NDIS_OID_REQUEST *request)
{
  HostPower *power = &host->power;

  if (request->status != NDIS_STATUS_SUCCESS) {
    host->manager->asleep = power->state != NdisDeviceStateD0;
    finish (host, false);
    return;
  }
  power->state = power->wanted;
  if (power->state != NdisDeviceStateD0 || !host->config.chimney) {
    host->manager->asleep = power->state != NdisDeviceStateD0;
    finish (host, true);
    return;
  }
  power->phase = POWER_ASKING;
  control_query (host, awake);
}

static void
set_device (Host *host)
{
  NDIS_OID_REQUEST request = { .Oid = OID_PNP_SET_POWER, .is_set = true };

  host->power.phase = POWER_SETTING;
  request.data.power = host->power.wanted;
  control_request (host, &request, power_is_set);
}

static bool
parents_have_left (const Host *host, bool waits_for_completions)
{
  for (uint32_t p = 0; p < host->n_paths; p++) {
    ObjectState state = host->path[p].object.state;
    if (state != OBJECT_HOST && (waits_for_completions || state != OBJECT_TERMINATING))
      return false;
  }
  for (uint32_t n = 0; n < host->n_neighbors; n++) {
    ObjectState state = host->neighbor[n].object.state;
    if (state != OBJECT_HOST && (waits_for_completions || state != OBJECT_TERMINATING))
      return false;
  }
  return true;
}

/* Every terminate has been called for; its completion may be outstanding. */
static bool
all_have_left (const Host *host)
{
  const uint32_t *n = host->n_owner;
  bool waits = host->power.waits_for_completions;

  if (n[OWN_PREPARING] + n[OWN_INITIATING] + n[OWN_OFFLOADED] + n[OWN_LEAVING] + n[OWN_LOST] > 0)
    return false;
  if (waits && n[OWN_TERMINATING] + n[OWN_SCRAPPING] > 0)
    return false;
  return host->manager->running == NULL && !host->manager->is_sending
         && parents_have_left (host, waits);
}

void
power_look (Host *host)
{
  if (host->power.phase == POWER_DRAINING && all_have_left (host))
    set_device (host);
}

void
power_set (Host *host, NDIS_DEVICE_POWER_STATE state, HostCaller caller)
{
  HostPower *power = &host->power;

  if (power->phase != POWER_STEADY) {
    if (caller.done != NULL)
      caller.done (caller.data, caller.tag, false);
    return;
  }
  power->wanted = state;
  power->caller = caller;
  if (state == NdisDeviceStateD0 || power->state != NdisDeviceStateD0) {
    set_device (host);
    return;
  }
  power->phase = POWER_DRAINING;
  power->waits_for_completions = sim_choose (host->sim, SITE_POWER_VS_TERMINATE, 0, 2) == 1;
  host->manager->asleep = true;
  manager_cancel_offloads (host);
  upload_all (host);
  power_look (host);
}

/* Status */

static void
resumed (Host *host, const NDIS_OID_REQUEST *request)
{
  (void)request;
  if (!host->power.resuming)
    return; /* paused again meanwhile */
  host->power.resuming = false;
  host->manager->paused = false;
  if (host->config.offload.offload_again)
    offload_tracked (host);
  manager_wake (host);
}

static void
pause_offloads (Host *host)
{
  host->manager->paused = true;
  host->power.resuming = false;
}

void
power_note_status (Host *host, NDIS_STATUS code)
{
  processors_charge (host, HOST_COST_CHIMNEY_EVENT, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  switch ((int)code) {
  case NDIS_STATUS_OFFLOAD_PAUSE:
    pause_offloads (host);
    return;
  case NDIS_STATUS_UPLOAD_ALL:
    pause_offloads (host);
    upload_all (host);
    return;
  case NDIS_STATUS_OFFLOAD_RESUME:
    host->power.resuming = true;
    control_query (host, resumed);
    return;
  case NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES:
    control_query (host, NULL);
    return;
  case NDIS_STATUS_MEDIA_CONNECT:
    host->power.media_disconnected = false;
    return;
  case NDIS_STATUS_MEDIA_DISCONNECT:
    host->power.media_disconnected = true;
    return;
  default:
    return;
  }
}
