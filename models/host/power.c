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

static bool
may_offload_again (const Host *host)
{
  const HostManager *manager = host->manager;

  return host->config.offload.offload_again && manager->enabled && !manager->unavailable
         && !manager->paused && !manager->asleep;
}

/* What is remembered goes down again as soon as nothing forbids it; a connection is remembered
 * until it has had its turn (initiate.c). */
static void
offload_tracked (Host *host)
{
  if (!may_offload_again (host))
    return;
  Operation *operation =
      operation_new (host, OPERATION_OFFLOAD, everything (host), NULL, (HostCaller){ 0 });
  uint32_t count = 0;

  for (uint32_t i = 0; i < operation->n_ids; i++) {
    const Connection *c = &host->connection[operation->id[i]];
    if (c->bits & CONN_TRACKED)
      operation->id[count++] = c->id;
  }
  operation->n_ids = count;
  if (count > 0)
    manager_submit (host, operation);
  else
    operation_free (operation);
}

/* Power */

static bool
is_pausing (const HostPower *power)
{
  return power->is_paused || (power->phase == POWER_DRAINING && power->cause == POWER_FOR_PAUSE);
}

bool
power_lets_frames_through (const Host *host)
{
  const HostPower *power = &host->power;

  if (power->media_disconnected || power->is_removed || is_pausing (power))
    return false;
  return power->state == NdisDeviceStateD0
         && (power->phase != POWER_SETTING || power->wanted == NdisDeviceStateD0);
}

bool
power_holds_initiates (const Host *host)
{
  return host->manager->paused || host->power.is_resetting;
}

/* Whether what is offloaded now would have to come back at once. */
static void
note_readiness (Host *host)
{
  const HostPower *power = &host->power;

  host->manager->asleep = power->state != NdisDeviceStateD0 || power->phase != POWER_STEADY
                          || power->is_paused || power->is_removed;
}

static void begin_pause (Host *host);

static void
begin_wake (Host *host)
{
  HostPower *power = &host->power;

  if (!power->wake_wanted || power->phase != POWER_STEADY)
    return;
  power->wake_wanted = false;
  if (power->wakes_system)
    power_set_system (host, NdisDeviceStateD0, power->wake_caller);
  else
    power_set (host, NdisDeviceStateD0, power->wake_caller);
}

/* False: what is asked for is no wake, or need not wait for anything. */
static bool
wake_later (Host *host, NDIS_DEVICE_POWER_STATE state, bool of_system, HostCaller caller)
{
  HostPower *power = &host->power;

  if (state != NdisDeviceStateD0 || power->phase == POWER_STEADY || power->wake_wanted)
    return false;
  power->wake_wanted = true;
  power->wakes_system = of_system;
  power->wake_caller = caller;
  return true;
}

static void
finish (Host *host, bool succeeded)
{
  HostCaller caller = host->power.caller;

  host->power.phase = POWER_STEADY;
  host->power.caller = (HostCaller){ 0 };
  note_readiness (host);
  if (caller.done != NULL)
    caller.done (caller.data, caller.tag, succeeded);
  if (host->power.pause_wanted)
    begin_pause (host);
  begin_wake (host);
}

/* Capabilities that are not known are none. */
static void
note_answer (Host *host, const NDIS_OID_REQUEST *request)
{
  if (request->status != NDIS_STATUS_SUCCESS)
    host->manager->unavailable = true;
}

static void
awake (Host *host, const NDIS_OID_REQUEST *request)
{
  note_answer (host, request);
  finish (host, true);
  offload_tracked (host);
  manager_wake (host);
}

static void
ask (Host *host)
{
  host->power.phase = POWER_ASKING;
  host->manager->asleep = true;
  control_query (host, awake);
}

static void
power_is_set (Host *host, const NDIS_OID_REQUEST *request)
{
  HostPower *power = &host->power;

  if (request->status != NDIS_STATUS_SUCCESS) {
    finish (host, false);
    return;
  }
  power->state = power->wanted;
  if (power->state != NdisDeviceStateD0 || !host->config.chimney)
    finish (host, true);
  else
    ask (host);
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
  if (waits
      && (manager_has_outstanding (host, OPERATION_UPLOAD)
          || manager_has_outstanding (host, OPERATION_CLEAN)))
    return false; /* until the last completion has been dealt with, not only its node */
  return host->manager->running == NULL && !host->manager->is_sending
         && parents_have_left (host, waits);
}

/* The binding is paused when the frames are back, too. */
static void
complete_pause (Host *host)
{
  if (host->frames_out == 0)
    worker_wake (&host->power.worker);
}

static void
switched_off (Host *host, const NDIS_OID_REQUEST *request)
{
  bool succeeded = request->status == NDIS_STATUS_SUCCESS;

  if (succeeded) {
    host->manager->enabled = false;
    host->manager->unavailable = true;
  }
  finish (host, succeeded);
  offload_tracked (host);
  manager_wake (host);
}

/* Parameters without an encapsulation: no chimney services are wanted (OID-14). */
static void
switch_off (Host *host)
{
  NDIS_OID_REQUEST set = { .Oid = host->config.parameters_oid, .is_set = true };

  host->power.phase = POWER_SETTING;
  host->power.wanted = host->power.state;
  set.data.parameters = host->config.parameters;
  set.data.parameters.Encapsulation = 0;
  control_request (host, &set, switched_off);
}

void
power_look (Host *host)
{
  if (host->power.phase != POWER_DRAINING || !all_have_left (host))
    return;
  switch (host->power.cause) {
  case POWER_FOR_DEVICE:
    set_device (host);
    return;
  case POWER_FOR_PAUSE:
    complete_pause (host);
    return;
  case POWER_FOR_DISABLE:
    switch_off (host);
    return;
  }
  SIM_UNREACHABLE ();
}

/* Terminates everything, and goes on in power_look. */
static void
drain (Host *host, PowerCause cause)
{
  HostPower *power = &host->power;

  power->cause = cause;
  power->phase = POWER_DRAINING;
  power->waits_for_completions =
      cause != POWER_FOR_DEVICE || sim_choose (host->sim, SITE_POWER_VS_TERMINATE, 0, 2) == 1;
  host->manager->asleep = true;
  manager_cancel_offloads (host);
  upload_all (host);
  power_look (host);
}

/* False: something else is under way, and |caller| has been told. */
static bool
accept (Host *host, HostCaller caller)
{
  HostPower *power = &host->power;

  if (power->phase != POWER_STEADY || power->is_removed) {
    if (caller.done != NULL)
      caller.done (caller.data, caller.tag, false);
    return false;
  }
  power->caller = caller;
  return true;
}

void
power_set (Host *host, NDIS_DEVICE_POWER_STATE state, HostCaller caller)
{
  HostPower *power = &host->power;

  if (wake_later (host, state, false, caller) || !accept (host, caller))
    return;
  power->wanted = state;
  if (state == power->state)
    finish (host, true);
  else if (state == NdisDeviceStateD0 || power->state != NdisDeviceStateD0)
    set_device (host);
  else
    drain (host, POWER_FOR_DEVICE);
}

/* The chimney */

static void
switched_on (Host *host, const NDIS_OID_REQUEST *request)
{
  (void)request;
  finish (host, host->manager->enabled && !host->manager->unavailable);
  offload_tracked (host);
  manager_wake (host);
}

void
power_set_chimney (Host *host, bool on, HostCaller caller)
{
  if (!accept (host, caller))
    return;
  if (!host->config.chimney) {
    finish (host, true);
  } else if (on) {
    host->power.phase = POWER_ASKING;
    host->manager->unavailable = false;
    control_enable (host, switched_on);
  } else {
    drain (host, POWER_FOR_DISABLE);
  }
}

/* Sleep of the system */

#define SLEEPS_WITH_APPLICATIONS (1u << HOST_JOB_APP)
#define SLEEPS_WITH_PROCESSORS \
  (1u << HOST_JOB_APP | 1u << HOST_JOB_TIMER | 1u << HOST_JOB_TRANSMIT | 1u << HOST_JOB_HELD)

static void
freeze (Host *host, uint8_t jobs)
{
  host->power.frozen = jobs;
  if (jobs == 0)
    processors_thaw (host);
}

static void
system_is_set (void *data, uint32_t tag, bool succeeded)
{
  Host *host = data;
  HostCaller caller = host->power.system_caller;

  (void)tag;
  if (succeeded && host->power.state != NdisDeviceStateD0)
    freeze (host, SLEEPS_WITH_PROCESSORS);
  else
    freeze (host, 0);
  if (caller.done != NULL)
    caller.done (caller.data, caller.tag, succeeded);
}

/* There is no device any more that would have to go along. */
static void
set_system_alone (Host *host, NDIS_DEVICE_POWER_STATE state)
{
  HostCaller caller = host->power.system_caller;

  freeze (host, state == NdisDeviceStateD0 ? 0 : SLEEPS_WITH_PROCESSORS);
  if (caller.done != NULL)
    caller.done (caller.data, caller.tag, true);
}

void
power_set_system (Host *host, NDIS_DEVICE_POWER_STATE state, HostCaller caller)
{
  HostPower *power = &host->power;

  if (wake_later (host, state, true, caller))
    return;
  if (power->phase != POWER_STEADY) {
    if (caller.done != NULL)
      caller.done (caller.data, caller.tag, false);
    return;
  }
  power->system_caller = caller;
  if (power->is_removed) {
    set_system_alone (host, state);
    return;
  }
  freeze (host, state == NdisDeviceStateD0 ? 0 : SLEEPS_WITH_APPLICATIONS);
  power_set (host, state, (HostCaller){ system_is_set, host, 0 });
}

/* Plug and Play */

static void
begin_pause (Host *host)
{
  if (host->power.phase != POWER_STEADY)
    return;
  host->power.pause_wanted = false;
  if (host_strikes (host, HOST_DEFECT_PAUSES_WITHOUT_TERMINATING, 0)) {
    host->power.cause = POWER_FOR_PAUSE;
    host->power.phase = POWER_DRAINING;
    worker_wake (&host->power.worker);
    return;
  }
  drain (host, POWER_FOR_PAUSE);
}

/* The worker's turn: the last act of its step. */
static void
paused (Host *host)
{
  HostPower *power = &host->power;

  if (power->phase != POWER_DRAINING || power->cause != POWER_FOR_PAUSE || host->frames_out > 0)
    return;
  power->is_paused = true;
  finish (host, true);
  NdisCompleteNetPnPEvent (host->binding);
}

static void
restart (Host *host)
{
  host->power.is_paused = false;
  note_readiness (host);
  if (!host->manager->asleep && host->config.chimney && host->power.phase == POWER_STEADY)
    ask (host);
}

static void
remove_adapter (Host *host)
{
  host->power.is_removed = true;
  note_readiness (host);
  manager_cancel_offloads (host);
  manager_submit (host, operation_new (host, OPERATION_UPLOAD, everything (host), NULL,
                                       (HostCaller){ 0 }));
}

NDIS_STATUS
power_net_event (Host *host, NET_PNP_EVENT_CODE event)
{
  processors_charge (host, HOST_COST_CHIMNEY_EVENT, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  switch (event) {
  case NetEventPause:
    host->power.pause_wanted = true;
    begin_pause (host);
    return NDIS_STATUS_PENDING;
  case NetEventRestart:
    restart (host);
    return NDIS_STATUS_SUCCESS;
  case NetEventQueryRemoveDevice:
    remove_adapter (host);
    return NDIS_STATUS_SUCCESS;
  }
  SIM_UNREACHABLE ();
}

void
power_init (Host *host)
{
  worker_init (&host->power.worker, host, paused);
}

void
power_clear (Host *host)
{
  worker_clear (&host->power.worker);
}

/* Status */

static void
resumed (Host *host, const NDIS_OID_REQUEST *request)
{
  if (!host->power.resuming)
    return; /* paused again meanwhile */
  host->power.resuming = false;
  host->manager->paused = false;
  note_answer (host, request);
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
    control_capabilities (host);
    return;
  case NDIS_STATUS_RESET_START:
    host->power.is_resetting = true;
    return;
  case NDIS_STATUS_RESET_END:
    host->power.is_resetting = false;
    manager_wake (host);
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
