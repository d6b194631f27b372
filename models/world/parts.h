/*
 * What a world is made of.  For the files of this folder alone: others ask world.h.
 *
 * Order  world.c builds and joins the parts, groups.c adds the connections at both ends, verbs.c
 *        carries the timeline's events out.
 * Owns   The world owns every part that it points to; the configuration is borrowed.
 */
#pragma once

#include <glib.h>

#include "models/world/world.h"

/* Ids of addresses: 0 is NULL, 1 the host's own; next hops and peers follow. */
#define HOST_MAC_ID 1
#define HOST_ADDRESS_ID 1
#define FIRST_OTHER_ID 2

struct World {
  const WorldConfig *config;
  Sim *sim;
  Traffic *traffic[WORLD_GROUPS_MAX]; /* one, or one for each member of the group's mix */
  Host *host;
  Ndis *ndis;
  ImDriver *im[WORLD_IMS_MAX];
  Target *target[TARGETS_MAX];
  Wire *wire[TARGETS_MAX];
  uint32_t n_targets;
  Peers *peers;
  Hops *hops;
  Timeline *timeline;
  GPtrArray *floods; /* of Flood: those that events let loose */
  uint32_t first_flood_actor_id;
  uint32_t n_neighbors, n_paths; /* added so far: they number MAC and IP addresses */
  uint32_t first_neighbor[WORLD_GROUPS_MAX];
  uint32_t mac_moves; /* so far: each gives a MAC that nobody had */
};
