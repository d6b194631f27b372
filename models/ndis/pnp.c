/*
 * Plug and Play: sequences of calls that the operating system makes to a stack as a whole.
 *
 * Each step is a crossing of NDIS's own to one driver, at passive level; the next one follows when
 * it has returned, or has been completed if it was pended.  The target is called, and of the drivers
 * above it the first one that takes such events: a driver over several targets, which leaves the one
 * in question, or the host.  Another intermediate driver passes such a thing on and has nothing of its
 * own to pause.
 *
 * Source      Network guide: pausing a driver stack; processing the surprise removal of a NIC
 *             (Windows 7 and later versions); miniport adapter check-for-hang and reset operations;
 *             decision note 0011.
 */
#include "models/ndis/crossing.h"

typedef struct NdisPnpStep PnpStep;

struct NdisPnpStep {
  const NdisVerb *verb; /* NULL: the end */
  bool is_above;        /* the driver above; else the target's adapter */
  uint32_t code;        /* NET_PNP_EVENT_CODE, NDIS_STATUS */
};

/* Calls */

static const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS *
protocol_of (const NdisCrossing *crossing)
{
  return crossing->binding->layer->driver.protocol;
}

static const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *
miniport_of (const NdisCrossing *crossing)
{
  return crossing->binding->adapter->layer->driver.miniport;
}

static NDIS_HANDLE
adapter_context (const NdisCrossing *crossing)
{
  return crossing->binding->adapter->attributes.MiniportAdapterContext;
}

#define DONE ((NdisResult){ .status = NDIS_STATUS_SUCCESS })

static NdisResult
run_net_event (NdisCrossing *crossing)
{
  if (protocol_of (crossing)->NetPnPEventHandler == NULL)
    return DONE;
  return (NdisResult){ .status = protocol_of (crossing)->NetPnPEventHandler (
                           crossing->binding->context, (NET_PNP_EVENT_CODE)crossing->word[0]) };
}

static NdisResult
run_unbind (NdisCrossing *crossing)
{
  if (protocol_of (crossing)->UnbindAdapterHandlerEx != NULL)
    protocol_of (crossing)->UnbindAdapterHandlerEx (crossing->binding->context);
  return DONE;
}

static NdisResult
run_status (NdisCrossing *crossing)
{
  protocol_of (crossing)->StatusHandlerEx (crossing->binding->context,
                                           (NDIS_STATUS)crossing->word[0], NULL);
  return DONE;
}

static NdisResult
run_notify (NdisCrossing *crossing)
{
  if (miniport_of (crossing)->DevicePnPEventNotifyHandler != NULL)
    miniport_of (crossing)->DevicePnPEventNotifyHandler (adapter_context (crossing),
                                                         NdisDevicePnPEventSurpriseRemoved);
  return DONE;
}

static NdisResult
run_miniport (const NdisCrossing *crossing, NDIS_STATUS (*handler) (NDIS_HANDLE))
{
  NdisResult result = DONE;

  if (handler != NULL)
    result.status = handler (adapter_context (crossing));
  return result;
}

static NdisResult
run_pause (NdisCrossing *crossing)
{
  return run_miniport (crossing, miniport_of (crossing)->PauseHandler);
}

static NdisResult
run_restart (NdisCrossing *crossing)
{
  return run_miniport (crossing, miniport_of (crossing)->RestartHandler);
}

static NdisResult
run_reset (NdisCrossing *crossing)
{
  return run_miniport (crossing, miniport_of (crossing)->ResetHandlerEx);
}

static NdisResult
run_halt (NdisCrossing *crossing)
{
  if (miniport_of (crossing)->HaltHandlerEx != NULL)
    miniport_of (crossing)->HaltHandlerEx (adapter_context (crossing));
  return DONE;
}

/* The sequence */

static void advance (Ndis *ndis);

static void
after_step (NdisCrossing *crossing)
{
  if (crossing->handler_half.result.status != NDIS_STATUS_PENDING)
    advance (crossing->ndis);
}

#define PNP_VERB(call_, run_)                                                        \
  {                                                                                  \
    .call = NDIS_CALL_##call_, .handler = NDIS_CALL_##call_, .way = WAY_STATE,       \
    .load = NDIS_LOAD_NONE, .latency = N_LATENCIES, .run = run_, .after = after_step \
  }

static const NdisVerb net_event = PNP_VERB (ProtocolNetPnPEvent, run_net_event);
static const NdisVerb unbind = PNP_VERB (ProtocolUnbindAdapterEx, run_unbind);
static const NdisVerb status = PNP_VERB (ProtocolStatusEx, run_status);
static const NdisVerb notify = PNP_VERB (MiniportDevicePnPEventNotify, run_notify);
static const NdisVerb pause_miniport = PNP_VERB (MiniportPause, run_pause);
static const NdisVerb restart = PNP_VERB (MiniportRestart, run_restart);
static const NdisVerb reset = PNP_VERB (MiniportResetEx, run_reset);
static const NdisVerb halt = PNP_VERB (MiniportHaltEx, run_halt);

static const PnpStep pausing[] = {
  { &net_event, true, NetEventPause },
  { &pause_miniport, false, 0 },
  { 0 },
};
static const PnpStep restarting[] = {
  { &restart, false, 0 },
  { &net_event, true, NetEventRestart },
  { 0 },
};
static const PnpStep resetting[] = {
  { &status, false, NDIS_STATUS_RESET_START },
  { &reset, false, 0 },
  { &status, false, NDIS_STATUS_RESET_END },
  { 0 },
};
static const PnpStep removing[] = {
  { &net_event, true, NetEventQueryRemoveDevice },
  { &notify, false, NdisDevicePnPEventSurpriseRemoved },
  { &net_event, true, NetEventPause },
  { &pause_miniport, false, 0 },
  { &unbind, true, 0 },
  { &halt, false, 0 },
  { 0 },
};
static const PnpStep *const sequences[NDIS_N_PNP_KINDS] = {
  [NDIS_PNP_PAUSE] = pausing,
  [NDIS_PNP_RESTART] = restarting,
  [NDIS_PNP_RESET] = resetting,
  [NDIS_PNP_REMOVE] = removing,
};

/* The binding of the first driver above the target that takes such events; in the end the host's. */
static NDIS_BINDING_HANDLE
binding_above (Ndis *ndis)
{
  NdisLayer *layer = &ndis->layers[ndis->pnp.running.layer];

  while (layer->above->above != NULL && layer->above->driver.protocol->NetPnPEventHandler == NULL)
    layer = layer->above;
  return &layer->binding;
}

static void
take_step (Ndis *ndis, SimCpu *cpu)
{
  const NdisPnpSequence *running = &ndis->pnp.running;
  const PnpStep *step = running->step;
  NdisCrossing *crossing =
      ndis_crossing_new (step->verb, step->is_above ? binding_above (ndis)
                                                    : &ndis->layers[running->layer].binding);

  crossing->word[0] = step->code;
  crossing->arg[0] = step->code;
  ndis_cross_on (crossing, cpu, SIM_LEVEL_PASSIVE);
}

static void
advance (Ndis *ndis)
{
  NdisPnp *pnp = &ndis->pnp;
  NdisPnpSequence ended = pnp->running;

  SIM_ASSERT (ended.step != NULL);
  pnp->running.step++;
  if (pnp->running.step->verb == NULL) {
    pnp->running = pnp->removal;
    pnp->removal.step = NULL;
    if (ended.caller.done != NULL)
      ended.caller.done (ended.caller.data, ended.caller.tag, true);
  }
  if (pnp->running.step != NULL)
    take_step (ndis, ndis_cpu (ndis));
}

void
ndis_pnp (Ndis *ndis, NdisPnpKind kind, uint32_t layer, NdisPnpCaller caller)
{
  NdisPnp *pnp = &ndis->pnp;
  bool removes = kind == NDIS_PNP_REMOVE;
  bool is_busy = pnp->running.step != NULL;

  SIM_ASSERT (kind < NDIS_N_PNP_KINDS);
  layer = layer != 0 ? layer : ndis->first_target;
  bool is_removed = (pnp->removed >> layer & 1) != 0;
  if (is_removed || (is_busy && (!removes || pnp->removal.step != NULL))) {
    caller.done (caller.data, caller.tag, false);
    return;
  }
  NdisPnpSequence sequence = { sequences[kind], layer, caller };
  pnp->removed |= (uint32_t)removes << layer;
  if (is_busy) {
    pnp->removal = sequence;
    return;
  }
  pnp->running = sequence;
  take_step (ndis, ndis_cpu_at (ndis, 0));
}

/* Completions: nobody is called, the sequence goes on. */

static bool
admit_completion (NdisCrossing *crossing)
{
  advance (crossing->ndis);
  return false;
}

#define COMPLETION(call_)                                                      \
  {                                                                            \
    .call = NDIS_CALL_##call_, .handler = NDIS_CALL_##call_, .way = WAY_STATE, \
    .load = NDIS_LOAD_NONE, .latency = N_LATENCIES, .admit = admit_completion  \
  }

static const NdisVerb net_event_complete = COMPLETION (NdisCompleteNetPnPEvent);
static const NdisVerb pause_complete = COMPLETION (NdisMPauseComplete);
static const NdisVerb reset_complete = COMPLETION (NdisMResetComplete);

void
NdisCompleteNetPnPEvent (NDIS_BINDING_HANDLE NdisBindingHandle)
{
  ndis_cross (ndis_crossing_new (&net_event_complete, NdisBindingHandle));
}

void
NdisMPauseComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle)
{
  ndis_cross (ndis_crossing_new (&pause_complete, NdisMiniportHandle->upper));
}

void
NdisMResetComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NDIS_STATUS result)
{
  NdisCrossing *crossing = ndis_crossing_new (&reset_complete, NdisMiniportHandle->upper);

  crossing->arg[0] = result;
  ndis_cross (crossing);
}
