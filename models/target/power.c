/*
 * Device power: a set-power request waits until everything is uploaded, and then as long as the
 * hardware takes.
 *
 * Source      Guide: power management for offload targets.  Rules PM.
 */
#include "models/target/adapter.h"

static void
finish_request (Target *target, NDIS_STATUS status)
{
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_OID, NULL);

  upcall->request = target->power.request;
  upcall->status = status;
  target->power.request = NULL;
  target_upcall_queue (target, upcall, 0);
}

static void
enter (Target *target, NDIS_DEVICE_POWER_STATE to)
{
  TRACE (target_trace (target), target->config.actor_id, POWER, target_layer (target),
         target->power.state, to);
  target->power.state = to;
}

static void
transition_done (Sim *sim, void *data)
{
  Target *target = data;
  (void)sim;

  if (target->power.wanted == NdisDeviceStateD0)
    enter (target, NdisDeviceStateD0);
  target_transmit_resume (target);
  finish_request (target, NDIS_STATUS_SUCCESS);
}

void
target_power_abandon (Target *target)
{
  sim_event_cancel (target->sim, &target->power.event);
  target->power.draining = false;
  if (target->power.request != NULL)
    finish_request (target, NDIS_STATUS_NOT_ACCEPTED);
}

void
target_power_init (Target *target)
{
  sim_event_init (&target->power.event, SIM_PHASE_DEVICE, target->config.actor_id + ACTOR_POWER,
                  transition_done, target);
}

/* What it costs to go to |to|; between two states of sleep as much as from D0. */
static TargetCost
cost_of (NDIS_DEVICE_POWER_STATE from, NDIS_DEVICE_POWER_STATE to)
{
  static const TargetCost down[] = {
    [NdisDeviceStateD1] = TARGET_COST_D0_TO_D1,
    [NdisDeviceStateD2] = TARGET_COST_D0_TO_D2,
    [NdisDeviceStateD3] = TARGET_COST_D0_TO_D3,
  };
  static const TargetCost up[] = {
    [NdisDeviceStateD1] = TARGET_COST_D1_TO_D0,
    [NdisDeviceStateD2] = TARGET_COST_D2_TO_D0,
    [NdisDeviceStateD3] = TARGET_COST_D3_TO_D0,
  };
  return to == NdisDeviceStateD0 ? up[from] : down[to];
}

static void
begin_transition (Target *target)
{
  bool wakes = target->power.wanted == NdisDeviceStateD0;
  SimDuration delay =
      target_delay (target, cost_of (target->power.state, target->power.wanted), TARGET_NO_SUBJECT);

  target->power.draining = false;
  if (!wakes) {
    enter (target, target->power.wanted);
    target_ordinary_abandon (target, NDIS_STATUS_PAUSED);
  }
  sim_event_schedule (target->sim, &target->power.event, sim_time_add (target_now (target), delay));
}

/* No object is offloaded and no operation is on its way. */
static bool
is_empty (const Target *target)
{
  return target_contexts_are_empty (&target->contexts) && sim_pool_out (target->ops) == 0;
}

void
target_power_check (Target *target)
{
  if (target->power.draining && is_empty (target))
    begin_transition (target);
}

/* PM-02: never success while anything is offloaded. */
NDIS_STATUS
target_power_request (Target *target, NDIS_OID_REQUEST *request)
{
  PowerControl *power = &target->power;

  if (!request->is_set)
    return NDIS_STATUS_NOT_SUPPORTED;
  if (power->request != NULL)
    return NDIS_STATUS_FAILURE;
  if (request->data.power == power->state)
    return NDIS_STATUS_SUCCESS;
  power->wanted = request->data.power;
  power->request = request;
  if (power->wanted == NdisDeviceStateD0 || is_empty (target)) {
    begin_transition (target);
    return NDIS_STATUS_PENDING;
  }
  if (target_defect (target, TARGET_DEFECT_POWERS_DOWN_EARLY, 0)) {
    power->request = NULL;
    return NDIS_STATUS_SUCCESS;
  }
  power->draining = true;
  target_initiates_pump (target, ACCOUNT (PART_MINIPORT, WAY_STATE));
  return NDIS_STATUS_PENDING;
}
