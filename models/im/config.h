/*
 * What a scenario may set of an intermediate driver.
 *
 * Units       Cycles of the processor that runs the driver.
 * Owns        Borrows its distributions and strings.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/dist.h"

/* What the driver does with NdisMOffloadEventIndicate, which the documents leave open (IM-19). */
typedef enum ImOffloadEvent {
  IM_OFFLOAD_EVENT_PROPAGATE,
  IM_OFFLOAD_EVENT_ABSORB,
} ImOffloadEvent;

#define IM_PORTS_MAX 4

typedef struct ImConfig {
  const char *driver;       /* its kind, as the driver table names it: "pass-through" */
  const char *name;         /* its own name in the stack: "team0" */
  const SimDist *call_cost; /* cycles of each crossing through the driver; NULL: none */
  const SimDist *node_cost; /* and of each node of a state tree; NULL: none */
  uint32_t
      queue_depth; /* state operations, and data requests, it carries at once; see im/queue.h; 0: no limit */
  ImOffloadEvent offload_event;
  bool permits_offload;     /* false: answers the capability query itself (OID-03) */
  uint32_t entries_max;     /* IM offload entries that it has memory for; 0: no limit */
  uint32_t calls_max;       /* IM call entries of sends, likewise */
  uint16_t vlan_id;         /* of a VLAN driver */
  uint32_t connections_max; /* of a quota driver: most that are offloaded through it at once */
  uint32_t resume_at;       /* and how few are left when it asks for more; 0: it does not ask */
  bool stays_on_link_loss;  /* a failover driver: changes only when it is told to */
  uint64_t defects;         /* bit set of 1 << ImDefect */
  uint32_t actor_id;
  uint32_t layer;               /* in its stack: 1 is the topmost */
  uint32_t below[IM_PORTS_MAX]; /* layers of the adapters it opens, in the order of its ports */
  uint32_t n_below;             /* 0: in the order in which they come */
} ImConfig;
