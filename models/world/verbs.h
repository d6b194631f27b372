/*
 * The timeline's verbs: what an event does to the world.
 *
 * A verb is a row of TIMELINE_VERBS (models/world/config.h) and the function of its name here.
 *
 * Order  An event is carried out at its anchor, at once.  Verbs of the host, of NDIS and of a
 *        failover driver have their outcome when the operation ends, the others in the same call.
 */
#pragma once

#include "models/world/timeline.h"

/* verbs_carry_out is a TimelineDo. */
void verbs_carry_out (void *world, uint32_t index, const TimelineEvent *event);

/* verbs_free_flood ends an attack that an event let loose: the array of them frees so. */
void verbs_free_flood (void *flood);
