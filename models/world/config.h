/*
 * A world's configuration: one scenario, resolved to integers.
 *
 * Units       As each member says; times in ps.
 * Owns        The scenario that was loaded owns everything here, distributions and strings
 *             included, until the world made from it is freed.  A world only reads it, so that
 *             several worlds share one.
 * Invariants  Checked by the loader: indices in range, sets inside their groups, anchors that can
 *             fire.
 */
#pragma once

#include "models/host/host.h"
#include "models/im/config.h"
#include "models/ndis/ndis.h"
#include "models/target/config.h"
#include "models/traffic/traffic.h"
#include "models/wire/attacker.h"
#include "models/wire/wire.h"
#include "sim/choice.h"

#define WORLD_IMS_MAX 8
#define WORLD_LAYERS_MAX (1 + WORLD_IMS_MAX + TARGETS_MAX)
#define WORLD_GROUPS_MAX 64
#define WORLD_NDIS_ACTOR 1 /* after the timeline */
#define WORLD_HOST_ACTOR 2
#define WORLD_MIX_MAX 16
#define WORLD_EVENTS_MAX 1024
#define WORLD_RSS_CPUS_MAX 64
#define WORLD_CONNECTIONS_MAX 1048576

/* Connections first to last, both included, by global id: groups stand one after the other. */
typedef struct ConnectionSet {
  uint32_t first;
  uint32_t last;
} ConnectionSet;

/* A further target, with a wire of its own: "targets.<name>". */
typedef struct WorldBranch {
  TargetConfig target;
  WireConfig wire;
  uint32_t above; /* layer of the driver above the target */
} WorldBranch;

/* A group of alike connections: "connections.<name>". */
typedef struct ConnectionGroup {
  const char *name;
  uint32_t first_id; /* global id of connection 0 of the group */
  uint32_t count;
  uint8_t ip_version; /* 4 or 6 */
  uint32_t neighbors; /* connections are dealt round robin over paths, paths over neighbors */
  uint32_t paths;
  uint32_t addresses; /* of the host, 1 or more; paths are dealt round over them */
  uint32_t own_macs;  /* source MAC addresses beside the interface's; neighbors use them in turn */
  uint32_t spare_neighbors; /* next hops that no path uses at first */
  uint32_t path_mtu_bytes;
  uint32_t mss_bytes;
  uint32_t receive_window_bytes; /* of the host's side; also its socket buffer */
  uint32_t peer_window_bytes;
  bool timestamps, sack, window_scaling, nagle, keepalive, ecn;
  bool sequence_wraps;
  uint16_t vlan_id; /* 0: none */
  uint8_t user_priority;
  HostReceivePolicy receive; /* the host's, with what the group changes */
  TrafficSpec traffic;
  const TrafficSpec *mix; /* each connection is dealt one of these by weight; NULL: |traffic| */
  uint32_t n_mix;
} ConnectionGroup;

/* The verbs of a timeline: id, word of the scenario language, help.  The word names the function that
 * carries the verb out (models/world/verbs.c) and the one that reads what it takes (lab/verbs.c). */
#define TIMELINE_VERBS(X)                                                                       \
  X (OFFLOAD, offload, "offload connections to the target")                                     \
  X (UPLOAD, upload, "terminate the offload of connections")                                    \
  X (UPDATE, update, "update cached state")                                                     \
  X (QUERY, query, "query offloaded state")                                                     \
  X (INVALIDATE, invalidate, "invalidate state objects")                                        \
  X (RELINK, relink, "link paths to another neighbor")                                          \
  X (SEND, send, "let the host's application send bytes")                                       \
  X (POST_RECEIVE, post_receive, "let the host's application post a push-mode receive request") \
  X (CLOSE, close, "close gracefully from the host's or the peer's side")                       \
  X (ABORT, abort, "close abortively from the host's or the peer's side")                       \
  X (RECEIVE, receive, "let a crafted segment arrive from the peer's side")                     \
  X (SET_POWER, set_power, "change the device power state of the target")                       \
  X (LINK, link, "take the link down or up")                                                    \
  X (PAUSE, pause, "the target indicates NDIS_STATUS_OFFLOAD_PAUSE")                            \
  X (RESUME, resume, "the target indicates NDIS_STATUS_OFFLOAD_RESUME")                         \
  X (SET_CAPABILITIES, set_capabilities, "the target offers something else than it did")        \
  X (UPLOAD_ALL, upload_all, "the target indicates NDIS_STATUS_UPLOAD_ALL")                     \
  X (FAIL_OVER, fail_over, "an 802.3ad driver changes to its other target")                     \
  X (TEAM, team, "an 802.3ad driver takes a target out of its team, or back in")                \
  X (SURPRISE_REMOVE, surprise_remove, "the adapter is gone")                                   \
  X (SET_OPTION, set_option, "change a socket option")                                          \
  X (ARP, arp, "next hops move to another MAC address, or fall silent")                         \
  X (REDIRECT, redirect, "a router says that a path has a better next hop")                     \
  X (PATH_MTU, path_mtu, "a link before the peers becomes narrow")                              \
  X (RSS_TABLE, rss_table, "change the RSS indirection table")                                  \
  X (DEFECT, defect, "switch a defect on")                                                      \
  X (FLOOD, flood, "an attacker sends a flood of crafted segments")                             \
  X (ASK_UPLOAD, ask_upload, "the target asks for the upload of connections")                   \
  X (FAIL_HARDWARE, fail_hardware, "the target's state of connections is corrupted")            \
  X (RESET, reset, "NDIS resets the adapter")                                                   \
  X (PAUSE_STACK, pause_stack, "NDIS pauses the driver stack: NetEventPause, MiniportPause")    \
  X (RESTART_STACK, restart_stack, "NDIS restarts what it has paused")                          \
  X (SET_CHIMNEY, set_chimney, "switch the chimney off, when all is uploaded, or on again")     \
  X (STATISTICS, statistics, "query the statistics of offloaded traffic, or reset them")

typedef enum TimelineVerb {
#define TIMELINE_VERB(id, name, help) TIMELINE_##id,
  TIMELINE_VERBS (TIMELINE_VERB)
#undef TIMELINE_VERB
      TIMELINE_N_VERBS
} TimelineVerb;

typedef enum TimelineAnchor {
  TIMELINE_AT,      /* the clock */
  TIMELINE_AFTER,   /* another event */
  TIMELINE_BETWEEN, /* inside an interface window */
  TIMELINE_METRIC,  /* a metric reaches a value */
} TimelineAnchor;

typedef enum TimelineOutcome {
  TIMELINE_BEGUN,
  TIMELINE_DONE,
  TIMELINE_FAILED,
  TIMELINE_ENDED, /* done or failed */
} TimelineOutcome;

typedef enum TimelineMetric {
  METRIC_OFFLOADED,   /* connections the target owns */
  METRIC_ESTABLISHED, /* connections in ESTABLISHED, wherever they are */
  METRIC_DELIVERED,   /* bytes given to applications of the host */
} TimelineMetric;

typedef enum TimelinePart {
  TIMELINE_PART_HOST,
  TIMELINE_PART_PEER,
  TIMELINE_PART_TARGET,
  TIMELINE_PART_IM,
  TIMELINE_PART_SYSTEM, /* all of the machine: SET_POWER */
} TimelinePart;

typedef enum TimelineHop {
  TIMELINE_HOP_MOVES, /* to another MAC */
  TIMELINE_HOP_GOES,  /* hears and says nothing any more */
  TIMELINE_HOP_COMES, /* back */
} TimelineHop;

typedef struct TimelineEvent {
  const char *id;
  TimelineVerb verb;
  TimelineAnchor anchor;
  SimTime at;              /* AT */
  uint32_t after;          /* AFTER: index of the other event */
  TimelineOutcome outcome; /* AFTER */
  SimDuration delay;       /* AFTER */
  NdisCall between
      [2]; /* BETWEEN: the window opens when the first begins, closes when the second begins */
  uint32_t between_connection; /* BETWEEN: the connection that the crossings are about */
  SimDuration offset;    /* BETWEEN: from the window's opening; past its closing it does not fire */
  TimelineMetric metric; /* METRIC */
  ConnectionSet metric_of; /* METRIC */
  uint64_t reaches;        /* METRIC */
  ConnectionSet target;    /* verbs on connections */
  TimelinePart part;       /* verbs on parts; CLOSE, ABORT: whose side */
  uint32_t part_index;     /* which IM driver, target or wire */
  uint32_t port;           /* FAIL_OVER: of the driver; UINT32_MAX: the next; TEAM: of the member */
  HostBatch batch;         /* OFFLOAD, UPLOAD */
  uint8_t segment_flags;   /* RECEIVE: TCP_* */
  int64_t segment_seq_offset; /* RECEIVE: from rcv_nxt */
  int64_t segment_ack_offset;
  uint32_t segment_payload_bytes;
  uint16_t segment_urgent_pointer;
  bool segment_has_window; /* else the peer's own */
  uint32_t segment_window_bytes;
  uint8_t segment_oddities; /* TCP_IP_HAS_OPTIONS, TCP_IP_MORE_FRAGMENTS */
  bool segment_has_vlan;    /* else the peer's own tag, if any */
  uint16_t segment_vlan_id;
  AttackSpec attack;   /* FLOOD: all but name, connections and actor, which are the event's */
  HostOptions options; /* UPDATE, SET_OPTION */
  HostAim aim;         /* UPDATE, QUERY, INVALIDATE */
  OffloadLayer layer;  /* FAIL_HARDWARE: which objects */
  uint32_t neighbor;   /* RELINK, REDIRECT: of the group, spares behind the others */
  bool is_failed;      /* RELINK: the old next hop has failed */
  TimelineHop hop;     /* ARP */
  bool announces;      /* ARP: a next hop that moves says so unasked */
  uint64_t bytes;      /* SEND, POST_RECEIVE; PATH_MTU */
  uint8_t power;       /* SET_POWER: 0 to 3 */
  bool chimney_on;     /* SET_CHIMNEY */
  TargetCapabilities capabilities;  /* SET_CAPABILITIES */
  bool reset;                       /* STATISTICS */
  uint8_t reason;                   /* ASK_UPLOAD: TCP_UPLOAD_REASON */
  bool is_member;                   /* TEAM */
  bool link_up;                     /* LINK */
  uint32_t defect;                  /* DEFECT: bit of the part's defects */
  uint32_t cpu[WORLD_RSS_CPUS_MAX]; /* RSS_TABLE: dealt round robin over the table */
  uint32_t n_cpus;
} TimelineEvent;

typedef struct WorldConfig {
  const char *name;
  uint64_t seed;
  SimLimits stop;
  HostConfig host;
  NdisCosts ndis_costs;       /* NULL: none */
  ImConfig im[WORLD_IMS_MAX]; /* in the order of the stack, from the host down */

  uint32_t n_ims;
  TargetConfig target; /* number 0 */
  WireConfig wire;
  WorldBranch branch[TARGETS_MAX - 1];
  uint32_t n_branches;
  /* Of a stack with branches: the layer above each driver, and above |target|; 0 is the host, i + 1
   * driver i.  Drivers stand behind the one above them. */
  uint32_t im_above[WORLD_IMS_MAX];
  uint32_t target_above;
  TcpConfig peer_tcp;
  ConnectionGroup group[WORLD_GROUPS_MAX];
  uint32_t n_groups;
  uint32_t n_connections;
  TimelineEvent *event;
  uint32_t n_events;
  uint64_t open_sites; /* bit set of 1 << ChoiceSite */
  const SimChoice *schedule;
  size_t n_schedule;
  SimDuration warmup;
  SimDuration sample_every; /* 0: no samples */
} WorldConfig;

const char *timeline_verb_name (TimelineVerb verb);
