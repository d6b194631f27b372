/*
 * The rig: a host, its stack and a wire whose far end is the script's.
 *
 * The host and the target are the models as in every world; there are no peers.  Nothing below TCP
 * costs time worth mentioning: every cost is zero and the link is very fast, so that a segment's
 * time on the wire is TCP's own.
 *
 * Use         drill_rig_new; sockets through drill_rig_host; drill_rig_inject and drill_rig_await.
 * Units       Instants of the simulation; the script's clock begins at DRILL_EPOCH.
 * Owns        The rig owns all its parts.
 * Invariants  A drill is a function of its script and settings.
 */
#pragma once

#include "lab/drill/settings.h"
#include "models/host/socket.h"
#include "models/target/target.h"

typedef struct DrillRig DrillRig;

/* When the script's clock is at zero: the drivers have started. */
#define DRILL_EPOCH ((SimTime){ 10 * SIM_PS_PER_MS })

/* How long everything that an input brings about at once may take. */
#define DRILL_SETTLE_PS (2 * SIM_PS_PER_US)

DrillRig *drill_rig_new (const DrillSettings *settings, uint32_t n_connections);
void drill_rig_free (DrillRig *rig);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DrillRig, drill_rig_free)

Host *drill_rig_host (const DrillRig *rig);
SimTime drill_rig_now (const DrillRig *rig);

/* drill_rig_setup is what every socket begins with. */
HostSocketSetup drill_rig_setup (const DrillRig *rig);

/* drill_rig_run lets time pass until |until|, if that is not over. */
void drill_rig_run (DrillRig *rig, SimTime until);
/* drill_rig_settle lets what is under way arrive. */
void drill_rig_settle (DrillRig *rig);

typedef struct DrillArrival {
  SimTime when;
  TcpSegment segment;
} DrillArrival;

/* drill_rig_await runs until a segment of the host's has arrived that was not taken, or until
 * |until|; false: none.  It stays the first until drill_rig_take. */
bool drill_rig_await (DrillRig *rig, SimTime until, DrillArrival *ret_arrival);
void drill_rig_take (DrillRig *rig);

/* drill_rig_inject sends a segment from the far end. */
void drill_rig_inject (DrillRig *rig, const TcpSegment *segment);

/* drill_rig_pause_at_change has drill_rig_run return early when a socket may have changed. */
void drill_rig_pause_at_change (DrillRig *rig, bool pause);

/* drill_rig_offload hands a connection to the target and waits for it; false: it stays with the
 * host. */
bool drill_rig_offload (DrillRig *rig, uint32_t connection_id);

/* drill_rig_tcb is the state of a connection, whoever has it; borrowed until the next event. */
const Tcb *drill_rig_tcb (const DrillRig *rig, uint32_t connection_id);

#define DRILL_HOST_ADDRESS_ID 1
#define DRILL_PEER_ADDRESS_ID 2
