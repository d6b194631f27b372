/*
 * The world: one scenario's parts, put together.  The one place that sees them all.
 *
 * Use         world_new, add readers to world_trace, world_run, read the parts' statistics,
 *             world_free.
 * Order       Actor ids follow the scenario: the timeline (0), NDIS, the host with its processors
 *             and connections, the intermediate drivers, the target, the wire, the peers, floods;
 *             then further targets, each with its wire.
 * Owns        A world owns its parts and borrows its configuration.
 * Invariants  A run is a function of the configuration alone.  Worlds share nothing that changes:
 *             one a thread.
 */
#pragma once

#include "models/host/host.h"
#include "models/im/drivers.h"
#include "models/target/target.h"
#include "models/wire/peer.h"
#include "models/world/config.h"
#include "models/world/timeline.h"

typedef struct World World;

/* world_new builds the stack, initializes its drivers and adds the connections.  Nothing has run
 * yet, but the trace begins here (registration): readers that want that too are added by |observe|,
 * which may be NULL. */
typedef void (*WorldObserve) (void *data, Sim *sim);
World *world_new (const WorldConfig *config, WorldObserve observe, void *data);
void world_free (World *world);

/* world_run goes on until |limits|; call it again with later ones. */
SimStop world_run (World *world, SimLimits limits);

Sim *world_sim (const World *world);
const WorldConfig *world_config (const World *world);
Host *world_host (const World *world);
/* A target and its wire by number: 0 is that of every stack. */
uint32_t world_n_targets (const World *world);
Target *world_target_at (const World *world, uint32_t number);
Wire *world_wire_at (const World *world, uint32_t number);
Target *world_target (const World *world);
Wire *world_wire (const World *world);
Peers *world_peers (const World *world);
Timeline *world_timeline (const World *world);

/* The group that a connection belongs to. */
const ConnectionGroup *world_group_of (const World *world, uint32_t connection_id);
