/*
 * Groups: the connections of a world, with their paths and next hops, at both ends.
 *
 * Order  Groups are added in the scenario's order, after the drivers have started: neighbors,
 *        paths and connections are numbered as they come.
 * Owns   The world owns the traffic made here, through world->traffic; host and peers own the
 *        connections.
 */
#pragma once

#include <stdint.h>

typedef struct World World;

/* groups_make_traffic makes the draws of every group; groups_free_traffic ends them. */
void groups_make_traffic (World *world);
void groups_free_traffic (World *world);

/* groups_add adds the neighbors, paths and connections of every group. */
void groups_add (World *world);

/* groups_neighbor is the host's number of a neighbor: |place| counts within the group of connection
 * |connection_id|. */
uint32_t groups_neighbor (const World *world, uint32_t connection_id, uint32_t place);

/* groups_hop is the next hop that was dealt to a connection's path at the start; groups_path the
 * place of that path in the group. */
uint32_t groups_hop (const World *world, uint32_t connection_id);
uint32_t groups_path (const World *world, uint32_t connection_id);
