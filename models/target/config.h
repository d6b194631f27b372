/*
 * What a scenario may set of an offload target.
 *
 * Units       In each member's name or comment; every cost is a distribution over the unit that
 *             costs.def names.
 * Owns        A TargetConfig borrows its distributions; they outlive the target made from it.
 * Source      costs.def cites the source of each number.
 */
#pragma once

#include "models/tcp/tcb.h"
#include "sim/clock.h"
#include "sim/dist.h"

typedef enum TargetCostUnit {
  TARGET_ENGINE_CYCLES,
  TARGET_HOST_CYCLES,
  TARGET_PS,
} TargetCostUnit;

typedef enum TargetCost {
#define COST(id, name, unit, value, source) TARGET_COST_##id,
#include "models/target/costs.def"
#undef COST
  TARGET_N_COSTS
} TargetCost;

typedef enum TargetDefect {
#define DEFECT(id, name, rule, text) TARGET_DEFECT_##id,
#include "models/target/defects.def"
#undef DEFECT
  TARGET_N_DEFECTS
} TargetDefect;

typedef struct TargetEngines {
  uint32_t count; /* protocol engines, 1 to 64; each takes one job at a time */
  SimClock clock;
} TargetEngines;

/* How many of each the NIC can hold; an offload beyond it fails with the documented status. */
typedef struct TargetTables {
  uint32_t neighbors;
  uint32_t paths;
  uint32_t tcp;           /* also the capacity that the miniport reports */
  uint32_t vlans;         /* different VLAN ids among offloaded neighbors */
  uint32_t mac_addresses; /* different source MAC addresses beyond the interface's own */
  uint32_t ip_addresses;  /* different local IP addresses */
} TargetTables;

typedef struct TargetLimits {
  uint32_t receive_window_bytes_max; /* largest InitialRcvWnd that is taken */
  uint32_t path_mtu_bytes_max;       /* largest PathMtu */
  uint32_t
      receive_buffer_bytes; /* on-board, for data that no receive is posted for; all connections */
  uint32_t
      transmit_descriptors; /* buffer lists in the send queues of all connections at initiate */
  uint32_t initiates_outstanding_max; /* trees the firmware works on; more wait in the miniport */
  uint32_t allocations_failing_of;    /* every n-th host memory allocation fails; 0: none */
  uint32_t connections_rejected_of;   /* refuses every n-th connection as unsuitable; 0: none */
} TargetLimits;

typedef enum TargetContextMemory {
  TARGET_CONTEXT_ON_BOARD,
  TARGET_CONTEXT_IN_HOST, /* a miss is a DMA read of context_bytes besides */
} TargetContextMemory;

/* The connection cache before the engines. */
typedef struct TargetCache {
  uint32_t entries; /* least recently used goes; 0: no cache, each lookup is a miss */
  uint32_t context_bytes;
  TargetContextMemory memory;
} TargetCache;

typedef struct TargetBus {
  int64_t read_bits_per_s;  /* host memory to NIC */
  int64_t write_bits_per_s; /* NIC to host memory */
  uint32_t read_tags;       /* reads outstanding, 1 to 64 */
  uint32_t write_slots;     /* writes under way, 1 to 64 */
} TargetBus;

typedef struct TargetInterrupts {
  uint32_t
      vectors; /* MSI-X, 1 to TARGET_VECTORS_MAX; vector v goes to processor v modulo their count */
  uint32_t completions_max; /* this many completions interrupt at once; 1: no moderation */
  SimDuration delay_max;    /* and fewer after this long */
} TargetInterrupts;

typedef struct TargetMailbox {
  uint32_t
      commands_max; /* state commands and posts between doorbell and engine; more wait in the miniport */
} TargetMailbox;

/* What the stateless side does for ordinary frames. */
typedef struct TargetStateless {
  bool checksum;
  bool lso;
  uint32_t lso_bytes_max; /* payload of one large send */
  bool rss;               /* frames are spread over the vectors by hash; false: all on the first */
} TargetStateless;

typedef struct TargetFeatures {
  bool chimney; /* false: registers no provider tables, a plain NIC */
  bool ipv4, ipv6;
  bool sack;
  bool vlan;            /* inserts and strips tags */
  bool send_backlog;    /* indicates TcpIndicateSendBacklogChange and reports SendBacklogSize */
  bool receive_backlog; /* reports ReceiveBacklogSize */
  TargetStateless stateless;
} TargetFeatures;

/* What the target may change of what it offers while it runs. */
typedef struct TargetCapabilities {
  uint32_t connections; /* TcpConnectionOffloadCapacity, at most tables.tcp */
  bool ipv4, ipv6;
  bool sack;
} TargetCapabilities;

#define TARGET_VECTORS_MAX 64
#define TARGET_VLANS_MAX 16

/* When a change of the preferred send backlog is told (EVT-17). */
typedef struct TargetBacklog {
  SimDuration interval_min; /* between two indications of one connection */
  uint32_t change_percent;  /* of the value last told, at least */
} TargetBacklog;

typedef enum TargetOnInvalidate {
  TARGET_INVALIDATE_STOPS, /* sending on what depends on the object stops at once */
  TARGET_INVALIDATE_CONTINUES,
} TargetOnInvalidate;

/* What becomes of an initiate that comes after NDIS_STATUS_OFFLOAD_PAUSE was indicated. */
typedef enum TargetOnPause {
  TARGET_PAUSE_QUEUES, /* it waits for the resume, or for what makes the host fetch everything back */
  TARGET_PAUSE_PROCESSES,
} TargetOnPause;

typedef enum TargetOnNodeFailure {
  TARGET_FAILURE_CONTINUES, /* with the next sibling */
  TARGET_FAILURE_STOPS,
} TargetOnNodeFailure;

typedef enum TargetSynAtRcvNxt {
  TARGET_SYN_UPLOADS,
  TARGET_SYN_CHALLENGES,
} TargetSynAtRcvNxt;

typedef enum TargetOnReset {
  TARGET_RESET_LOSES_STATE, /* contexts were on board: HardwareFailure for each connection */
  TARGET_RESET_KEEPS_STATE, /* the driver restores them from host memory */
} TargetOnReset;

typedef enum TargetOnCorruption {
  TARGET_CORRUPTION_PASSES_UP, /* as an ordinary frame, which the host counts */
  TARGET_CORRUPTION_COUNTS,    /* dropped, and counted in the statistics of offloaded traffic */
} TargetOnCorruption;

typedef enum TargetReceiveCompletions {
  TARGET_RECEIVES_PIPELINED, /* the NIC places on while a completion is on its way to the host; the DPC makes
                                one call after the other */
  TARGET_RECEIVES_STRICT, /* the NIC waits until the completion call has returned, as the charts draw it */
} TargetReceiveCompletions;

/* Readings of the documents that an architect may choose. */
typedef struct TargetKnobs {
  TargetOnInvalidate on_invalidate;
  TargetOnPause on_pause;
  TargetOnNodeFailure on_node_failure;
  TargetSynAtRcvNxt syn_at_rcv_nxt;
  TargetReceiveCompletions receive_completions;
  TargetOnReset on_reset;
  TargetOnCorruption on_corruption;
} TargetKnobs;

/* When the target asks for the upload of a connection on its own; 0: never. */
typedef struct TargetUploads {
  uint32_t fragments_max;       /* HighFragmentation */
  uint32_t out_of_order_max;    /* HighOutOfOrderPackets: segments out of order since the offload */
  uint32_t retransmissions_max; /* HighDropRate: retransmission timeouts since the offload */
  uint32_t
      unposted_bytes_max;  /* NoBufferPreposting: bytes indicated since a receive was last posted */
  uint32_t small_io_count; /* SmallIO: posts in a row of less than small_io_bytes */
  uint32_t small_io_bytes;
  uint32_t low_activity_ticks; /* LowActivity: ticks without a segment */
} TargetUploads;

#define TARGETS_MAX 4 /* in one stack */

typedef struct TargetConfig {
  const char *name;       /* NULL: "target" */
  uint32_t number;        /* among the targets of its stack, from 0 */
  uint32_t actor_id;      /* and the TARGET_ACTORS - 1 after it */
  uint32_t n_connections; /* connection ids are below this; sizes tables by connection */
  TargetEngines engines;
  const SimDist *cost[TARGET_N_COSTS]; /* NULL: the default of costs.def */
  TargetTables tables;
  TargetLimits limits;
  TargetCache cache;
  TargetBus bus;
  TargetInterrupts interrupts;
  TargetMailbox mailbox;
  TargetFeatures features;
  TargetKnobs knobs;
  TargetUploads uploads;
  TargetBacklog backlog;
  uint32_t mac_receive_buffer_bytes;  /* frames waiting for an engine; beyond it they are dropped */
  uint32_t mac_transmit_buffer_bytes; /* frames waiting for the wire */
  uint32_t interface_mac_id;          /* id of the adapter's own address */
  uint16_t vlan_ids[TARGET_VLANS_MAX]; /* VLANs configured for the interface */
  uint32_t n_vlan_ids;
  uint32_t ticks_before_wrap;      /* its tick counter starts so far below its wrap; 0: at 0 */
  uint32_t statistics_before_wrap; /* the counters start so far below their wrap; 0: at 0 */
  /* Until OID_TCP_CONNECTION_OFFLOAD_PARAMETERS says otherwise. */
  TcpConfig tcp;
  uint32_t push_ticks;      /* TcpPushTicks */
  uint32_t nce_stale_ticks; /* NceStaleTicks; 0: no reachability queries */
  uint64_t defects;         /* bit set of 1 << TargetDefect */
} TargetConfig;

/* Actor ids a target uses: device, timers, DMA reads, DMA writes, engines, frames, power,
 * moderation; then one a vector. */
#define TARGET_ACTORS (8 + TARGET_VECTORS_MAX)

/* target_config_init gives |config| the defaults: a 10 Gb/s adapter with two engines of 350 MHz.
 * actor_id and n_connections are 0: the caller sets them. */
void target_config_init (TargetConfig *config);

/* What costs.def says of a cost. */
const char *target_cost_name (TargetCost cost);
TargetCostUnit target_cost_unit (TargetCost cost);
int64_t target_cost_default (TargetCost cost);

/* What defects.def says of a defect; target_defect_by_name gives TARGET_N_DEFECTS for an unknown
 * name. */
const char *target_defect_name (TargetDefect defect);
const char *target_defect_rule (TargetDefect defect);
const char *target_defect_text (TargetDefect defect);
TargetDefect target_defect_by_name (const char *name);
