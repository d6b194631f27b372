/*
 * Branches: which adapters stand below a driver, in a stack with several targets.
 *
 * Order       The ports of a driver are in the order of the first target that each leads to.
 */
#pragma once

#include "models/world/config.h"

/* world_layer_above is the layer above |layer|: 0 is the host, i + 1 driver i, then the targets by
 * number. */
uint32_t world_layer_above (const WorldConfig *config, uint32_t layer);

/* world_ports_below lists the layers below driver |layer| in |ret_below|; gives their number, 0 in a
 * stack without branches. */
uint32_t world_ports_below (const WorldConfig *config, uint32_t layer,
                            uint32_t ret_below[IM_PORTS_MAX]);

/* world_port_to is the port by which driver |layer| leads to target |number|; UINT32_MAX: none. */
uint32_t world_port_to (const WorldConfig *config, uint32_t layer, uint32_t number);

/* world_target_of_layer is the number of the target that stands at |layer|; world_actor_of_target is
 * the first of its actor ids, |wire| the first of its wire's; world_target_of_wire finds it by one of
 * them. */
uint32_t world_target_of_layer (const WorldConfig *config, uint32_t layer);
uint32_t world_actor_of_target (const WorldConfig *config, uint32_t number, uint32_t *ret_wire);
uint32_t world_target_of_wire (const WorldConfig *config, uint32_t actor_id);
