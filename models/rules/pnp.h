/*
 * The adapter as Plug and Play sees it: which frames are under way, whether it is paused, whether it
 * is there.
 *
 * Order       The monitors of PNP bring it up to date themselves.
 */
#pragma once

#include <stdint.h>

typedef struct RulePnp {
  uint32_t hosts_frames;         /* that the host has sent and not got back */
  uint32_t frames_down;          /* with the target */
  uint32_t frames_after_removal; /* of them */
  uint32_t frames_up;            /* indicated by the target and not returned */
  uint64_t paused_at;            /* records; 0: it is not */
  uint64_t removed_at;
} RulePnp;
