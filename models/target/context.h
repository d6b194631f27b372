/*
 * Offload contexts: the target's copy of each neighbor, path and TCP object, in dense tables.
 *
 * A context is named by a token of target, layer, index and generation, so that one that was freed is
 * recognized.  TCP contexts link to their path, paths to their neighbor; parents list what depends
 * on them.
 *
 * Owns        The target owns its contexts from target_context_new to target_context_free.
 *             NdisOffloadHandle is the overlying driver's: good until the terminate has been
 *             completed.
 * Invariants  A segment finds its TCP context by its addresses and ports alone (TREE-15).
 * Source      Guide: creating an offload context area, storing and referencing offloaded state.
 *             Rules CTX, TREE-12 to 15.
 */
#pragma once

#include "models/ndis/block_list.h"
#include "models/target/cache.h"
#include "models/target/config.h"
#include "models/target/delivery.h"
#include "models/target/engine.h"
#include "models/tcp/tcp.h"
#include "sim/pool.h"

typedef struct TargetContext TargetContext;
typedef struct NeighborContext NeighborContext;
typedef struct PathContext PathContext;
typedef struct TargetOp TargetOp;
typedef struct TargetUpcall TargetUpcall;
typedef struct RxFrame RxFrame;

/* What contexts of all layers have. */
struct TargetContext {
  NDIS_TOKEN token;
  NDIS_OFFLOAD_HANDLE *NdisOffloadHandle;
  TargetOp *initiate; /* that made it, until it is over */
  TargetContext *next_in_initiate;
  TargetOp *terminate; /* that ends it */
  TargetContext *next_in_terminate;
  OffloadLayer layer;
  uint32_t object_id;
  bool invalid;      /* invalidated by the host */
  bool closing;      /* its terminate has begun */
  bool corrupt;      /* hardware failure */
  bool failure_told; /* by events; a path or neighbor by a status */
};

/* What is behind the block of a reachability query (NUD-05). */
typedef struct ReachabilityBlock {
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST list;
  _Alignas(8) NEIGHBOR_OFFLOAD_STATE_CONST constants;
  _Alignas(8) NEIGHBOR_OFFLOAD_STATE_CACHED cached;
  _Alignas(8) NEIGHBOR_OFFLOAD_STATE_DELEGATED delegated;
} ReachabilityBlock;

struct NeighborContext {
  TargetContext head;
  PathContext *paths;
  uint32_t source_mac_id, destination_mac_id;
  uint16_t vlan_id;
  uint32_t host_reachable_tick, nic_reachable_tick; /* HRT and NRT, modulo 2^32 */
  bool querying;
  ReachabilityBlock block;
};

struct PathContext {
  TargetContext head;
  NeighborContext *neighbor; /* NULL: it was terminated too early */
  PathContext *next, *previous;
  TcpContext *connections;
  uint32_t source_address_id, destination_address_id;
  uint32_t mtu_bytes;
  uint8_t ip_version;
};

/* How far the terminate of a connection is. */
typedef enum TerminateStage {
  TERMINATE_NONE,
  TERMINATE_MARKED,     /* the handler was entered: segments pass by */
  TERMINATE_DRAINING,   /* waits for frames and calls under way */
  TERMINATE_COMPLETING, /* its outstanding requests are being completed */
  TERMINATE_QUIET,      /* nothing is outstanding */
} TerminateStage;

struct TcpContext {
  TargetContext head;
  Target *target;
  PathContext *path;
  TcpContext *next, *previous; /* of the path */
  TcpContext *next_in_bucket;
  Tcb tcb;
  CacheEntry cache;
  EngineQueue queue;
  int64_t owed_cycles; /* of completion entries, paid by the next job */
  uint32_t connection_id;
  uint16_t delegated_flags;
  uint8_t traced_state; /* TCP_OFFLOAD_CONNECTION_STATE last told to the trace */
  TerminateStage stage;

  bool open;    /* the initiate is over: calls to the host may be made */
  bool stopped; /* a mandatory upload was decided: it processes nothing */
  bool aborted; /* RST received, or abortive disconnect */
  bool fin_received;
  bool disconnect_told;     /* TcpIndicateDisconnect has been decided */
  bool urgent;              /* segments are held for the host from here on */
  bool has_terminate_state; /* the terminate's node has room for the delegated state */
  bool refusal_repeated;    /* defect indicates-after-refusal */
  uint32_t reasons_told;    /* bit set of 1 << TCP_UPLOAD_REASON */

  /* the send queue, linked by MiniportReserved; its first byte not yet acknowledged is SndUna */
  NET_BUFFER_LIST *send_first, *send_last;
  uint32_t send_count;
  uint32_t first_seq;         /* of the first list's first byte */
  uint32_t first_acked_bytes; /* of the first list */
  uint32_t early_bytes;       /* defect send-complete-before-ack: completed, not acknowledged */
  NET_BUFFER_LIST *cursor;    /* where the last range was found */
  uint32_t cursor_seq;        /* of its first byte */
  TcpRange last_range;        /* what was found there, at |last_range_seq| */
  uint32_t last_range_seq;
  NET_BUFFER_LIST *graceful; /* disconnect request whose data ends the queue, or NULL */
  NET_BUFFER_LIST *abortive; /* disconnect request that waits for its RST to leave */

  Delivery delivery;
  uint32_t posted_receives;  /* the miniport's: not completed, zero-length ones not counted */
  uint32_t receive_reserved; /* bytes of the NIC's receive buffers */

  /* calls to the host */
  uint32_t vector;
  uint32_t upcalls;                      /* queued or running */
  TargetUpcall *held_first, **held_last; /* until it is open */

  /* transmission */
  EngineJob tx_job;
  TcpContext *next_ready;
  uint32_t tx_fence;  /* nothing is sent before so many ordinary frames have left */
  uint32_t tx_frames; /* in the DMA or before the wire */
  uint32_t tx_reserved_bytes;
  SimTime left_at; /* when its last frame will have left the wire's queue */
  bool tx_listed, tx_fenced, tx_running;

  /* time */
  SimEvent timer;
  EngineJob timer_job;
  bool timer_running;
  SimTime push_deadline;

  RxFrame *held_frames, **held_frames_last; /* from the urgent segment on */

  uint32_t backlog_told; /* TcpIndicateSendBacklogChange; 0: never */
  SimTime backlog_when;
  SimTime backlog_due; /* a change that came too soon is told; SIM_TIME_NEVER: there is none */

  /* what optional uploads count */
  uint32_t fragments, out_of_order, retransmissions, unposted_bytes, small_posts;
  SimTime last_segment;
};

typedef struct ContextTable {
  SimPool *pool;
  uint32_t *generation;
  uint32_t count, limit, peak;
} ContextTable;

/* Reference counts of small id spaces: MAC addresses, IP addresses, VLANs. */
typedef struct IdTable {
  uint32_t *id, *uses;
  uint32_t count, limit;
} IdTable;

typedef struct Contexts {
  uint32_t number; /* of their target */
  ContextTable table[OFFLOAD_N_LAYERS];
  IdTable macs, addresses, vlans;
  TcpContext **bucket;
  uint32_t bucket_mask;
} Contexts;

void target_contexts_init (Contexts *contexts, const TargetConfig *config);
void target_contexts_clear (Contexts *contexts);

/* target_context_new gives a zeroed context with its token, or NULL if the table of |layer| is
 * full. */
TargetContext *target_context_new (Contexts *contexts, OffloadLayer layer);
void target_context_free (Contexts *contexts, TargetContext *context);

/* target_context_find gives the context of |token|, or NULL for one that is stale or 0. */
TargetContext *target_context_find (const Contexts *contexts, NDIS_TOKEN token);
TcpContext *target_tcp_find (const Contexts *contexts, NDIS_TOKEN token);

/* target_context_at gives the context with that index, or NULL: to visit all of a layer in
 * order. */
TargetContext *target_context_at (const Contexts *contexts, OffloadLayer layer, uint32_t index);
uint32_t target_context_count (const Contexts *contexts, OffloadLayer layer);
bool target_contexts_are_empty (const Contexts *contexts);

/* Links; a parent that goes while it has dependents leaves them without one. */
void target_path_link (PathContext *path, NeighborContext *neighbor);
void target_path_unlink (PathContext *path);
void target_tcp_link (TcpContext *context, PathContext *path);
void target_tcp_unlink (TcpContext *context);
NeighborContext *target_tcp_neighbor (const TcpContext *context); /* NULL: the links are broken */
/* True if the connection or something it depends on is invalid or gone. */
bool target_tcp_is_invalid (const TcpContext *context);

/* The lookup by addresses and ports, as the peer sends. */
void target_lookup_add (Contexts *contexts, TcpContext *context);
void target_lookup_remove (Contexts *contexts, TcpContext *context);
TcpContext *target_lookup (const Contexts *contexts, const TcpSegment *segment);

/* id_table_take refers to |id|; false: no room for another one. */
bool id_table_take (IdTable *table, uint32_t id);
void id_table_put (IdTable *table, uint32_t id);
