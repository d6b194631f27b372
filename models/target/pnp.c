/*
 * Plug and Play: the adapter is paused, reset or torn out.
 *
 * A removed NIC does nothing any more.  What it can no longer answer the miniport answers in its
 * place: the model lets that take the steps and the time that the NIC would have taken.
 *
 * Source      Network guide: pausing an adapter; handling the surprise removal of a NIC; miniport
 *             adapter check-for-hang and reset operations; ndis reference: MiniportPause,
 *             MiniportResetEx, MiniportDevicePnPEventNotify; decision note 0011.
 */
#include <glib.h>

#include "models/target/adapter.h"

/* The state on board is gone: of every connection, also of those that are to be fetched and not
 * looked at yet. */
static void
lose_state (Target *target)
{
  for (uint32_t i = 0; i < target->config.tables.tcp; i++) {
    TcpContext *context = (TcpContext *)target_context_at (&target->contexts, OFFLOAD_LAYER_TCP, i);
    if (context == NULL || context->head.corrupt || context->aborted
        || context->stage > TERMINATE_MARKED)
      continue;
    target_corrupt (target, context);
    target_transmit_forget (target, context);
  }
}

/* Pause */

NDIS_STATUS
target_frame_refusal (const Target *target)
{
  if (target->pnp.is_removed)
    return NDIS_STATUS_NOT_ACCEPTED;
  if (target->power.state != NdisDeviceStateD0 || target->pnp.pause != TARGET_RUNNING)
    return NDIS_STATUS_PAUSED;
  return NDIS_STATUS_SUCCESS;
}

static bool
is_quiet (const Target *target)
{
  return target->pnp.frames_down == 0 && target->pnp.frames_up == 0 && target->pnp.data_up == 0;
}

void
target_pause_check (Target *target)
{
  if (target->pnp.pause != TARGET_PAUSING || !is_quiet (target))
    return;
  target->pnp.pause = TARGET_PAUSED;
  target_upcall_queue (target, target_upcall_new (target, UPCALL_PAUSED, NULL), 0);
}

NDIS_STATUS
target_pause_adapter (NDIS_HANDLE adapter)
{
  Target *target = adapter;

  target_charge (target, TARGET_COST_HANDLER_OID, 1, WAY_STATE);
  if (target->pnp.pause != TARGET_RUNNING)
    return NDIS_STATUS_SUCCESS;
  if (is_quiet (target) || target_defect (target, TARGET_DEFECT_PAUSES_EARLY, 0)) {
    target->pnp.pause = TARGET_PAUSED;
    return NDIS_STATUS_SUCCESS;
  }
  target->pnp.pause = TARGET_PAUSING;
  target_transmit_pump (target);
  return NDIS_STATUS_PENDING;
}

NDIS_STATUS
target_restart_adapter (NDIS_HANDLE adapter)
{
  Target *target = adapter;

  target_charge (target, TARGET_COST_HANDLER_OID, 1, WAY_STATE);
  target->pnp.pause = TARGET_RUNNING;
  return NDIS_STATUS_SUCCESS;
}

/* Reset */

static void
reset_done (Sim *sim, void *data)
{
  Target *target = data;
  (void)sim;

  target->pnp.is_resetting = false;
  target_upcall_queue (target, target_upcall_new (target, UPCALL_RESET, NULL), 0);
  target_tell_failures (target);
  target_transmit_resume (target);
  target_terminate_resume (target);
}

NDIS_STATUS
target_reset_adapter (NDIS_HANDLE adapter)
{
  Target *target = adapter;

  target_charge (target, TARGET_COST_HANDLER_OID, 1, WAY_STATE);
  if (target->pnp.is_removed || target->power.state != NdisDeviceStateD0)
    return NDIS_STATUS_FAILURE;
  target->pnp.is_resetting = true;
  if (target->config.knobs.on_reset == TARGET_RESET_LOSES_STATE)
    lose_state (target);
  sim_event_schedule (target->sim, &target->pnp.event,
                      sim_time_add (target_now (target),
                                    target_delay (target, TARGET_COST_RESET, TARGET_NO_SUBJECT)));
  return NDIS_STATUS_PENDING;
}

/* Removal */

void
target_remove (Target *target)
{
  target->pnp.is_removed = true;
  if (sim_event_is_pending (&target->pnp.event)) {
    sim_event_cancel (target->sim, &target->pnp.event);
    reset_done (target->sim, target);
  }
  lose_state (target);
}

void
target_device_event (NDIS_HANDLE adapter, NDIS_DEVICE_PNP_EVENT event)
{
  Target *target = adapter;

  SIM_ASSERT (event == NdisDevicePnPEventSurpriseRemoved);
  target_charge (target, TARGET_COST_HANDLER_OID, 1, WAY_STATE);
  target_power_abandon (target);
  target_ordinary_abandon (target, NDIS_STATUS_NOT_ACCEPTED);
  target_tell_failures (target);
  target_initiates_pump (target, ACCOUNT (PART_MINIPORT, WAY_STATE));
}

void
target_halt (NDIS_HANDLE adapter)
{
  target_charge (adapter, TARGET_COST_HANDLER_OID, 1, WAY_STATE);
}

void
target_pnp_init (Target *target)
{
  sim_event_init (&target->pnp.event, SIM_PHASE_DEVICE, target->config.actor_id + ACTOR_POWER,
                  reset_done, target);
}

void
target_pnp_clear (Target *target)
{
  sim_event_cancel (target->sim, &target->pnp.event);
}
