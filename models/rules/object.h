/*
 * Offload objects: how each stands at each edge, from its initiate to its end.
 *
 * Order       The reader runs after the monitors: they see an object as it was before the record.
 * Owns        An entry stays for the run: an object that has ended may be offloaded again.
 */
#pragma once

#include "models/rules/crossing.h"
#include "models/rules/era.h"
#include "models/rules/op.h"

typedef enum RuleObjectPhase {
  RULE_OBJECT_NONE,
  RULE_OBJECT_INITIATING,  /* from NdisInitiateOffload to the call of its completion */
  RULE_OBJECT_LIVE,        /* offloaded */
  RULE_OBJECT_TERMINATING, /* from NdisTerminateOffload to the call of its completion */
  RULE_OBJECT_ENDED,       /* terminated */
  RULE_OBJECT_FAILED,      /* its initiate failed */
  RULE_OBJECT_N_PHASES
} RuleObjectPhase;

/* Requests that name an object and are under way, by what they are. */
typedef enum RulePending {
  RULE_PENDING_SEND,
  RULE_PENDING_RECEIVE,
  RULE_PENDING_DISCONNECT,
  RULE_PENDING_FORWARD,
  RULE_N_PENDING
} RulePending;

typedef struct RuleObject {
  uint32_t id;
  uint32_t connection; /* UINT32_MAX: none, or not known yet */
  uint32_t parent;     /* the object it depends on; 0: none known */
  uint32_t dependents; /* objects initiating or offloaded that depend on it */
  uint8_t edge;
  uint8_t edge_below; /* where it was offloaded to from here */
  uint8_t driver;     /* below the edge */
  uint8_t phase;
  int8_t layer;
  int16_t type;           /* of the block list that brought it */
  bool settled;           /* the completion of its initiate has returned */
  bool terminate_handled; /* MiniportTerminateOffload has begun */
  bool invalid;           /* invalidated */
  bool disconnected;      /* TcpIndicateDisconnect indicated */
  bool aborted;           /* TcpIndicateAbort indicated */
  bool refused;           /* an indication was refused and nothing posted since it began */
  bool met_by_post;       /* that indication had been passed by a receive on its way down */
  bool upload_asked;      /* TcpIndicateRetrieve indicated */
  bool failed;            /* a query, invalidate or terminate of it failed */
  bool corrupted;         /* the hardware has lost its state */
  bool update_failed;
  bool query_failed;
  uint8_t upload_reason;
  int64_t context;
  uint32_t updates, queries, invalidates; /* operations under way that name it */
  uint32_t calls[RULE_N_PENDING];         /* MiniportTcpOffloadXxx executing */
  uint32_t completions[RULE_N_PENDING];   /* NdisTcpOffloadXxxComplete executing */
  uint32_t indications;                   /* NdisTcpOffloadReceiveHandler executing */
  uint32_t events;                        /* NdisTcpOffloadEventHandler executing */
  uint32_t pending[RULE_N_PENDING];       /* buffer lists outstanding */
  uint32_t handed_over;               /* of the sends pending, those that came with the initiate */
  uint64_t posted[RULE_N_PENDING];    /* ever */
  uint64_t completed[RULE_N_PENDING]; /* order number of the last one completed */
  uint32_t initiate_op, terminate_op;
  /* records */
  SimTime
      called_back; /* when an abort or a request to upload it was indicated, or an operation failed */
  SimTime invalidated;
  uint64_t initiated_at, live_at, terminated_at, ended_at;
  uint64_t disconnected_at, aborted_at, refused_at, upload_asked_at, failed_at;
  uint64_t last_call_at[RULE_N_PENDING];
  uint64_t last_upcall_at;
  SimTime last_data_when; /* a receive was completed, or data indicated */
  uint32_t first[RULE_N_PENDING], last[RULE_N_PENDING]; /* buffer lists outstanding, oldest first */
  /* the streams */
  uint64_t delivered_end; /* stream offset after what was delivered last */
  uint32_t deliver_seq;   /* sequence number of the byte to be delivered next */
  uint32_t snd_una, snd_nxt, snd_max, rcv_nxt; /* as handed over */
  uint64_t state_at;
  int64_t reserved_flags; /* of the delegated state, as handed over at |flags_at|; 0: never */
  uint64_t flags_at;
  int64_t buffered_bytes;    /* handed over with the initiate */
  uint32_t mtu_bytes;        /* of a path, and what it was before */
  uint32_t mtu_bytes_before; /* the largest that segments on their way out may have been made for */
  SimTime mtu_when;          /* the last change */
  uint16_t vlan_id;          /* of a neighbor; 0: none */
  bool vlan_is_known;
  RuleEra era;            /* what segments show of it, or will by an update under way */
  uint32_t parent_next;   /* of a path: the neighbor an update under way links it to; 0: none */
  uint32_t leaving;       /* of a neighbor: paths that updates under way take from it */
  uint64_t doubted_at;    /* of a neighbor: when the host began to doubt it, */
  uint64_t asked_at;      /* asked the target for its reachability, */
  uint64_t told_at;       /* the target asked about it: this is under way if not 0, */
  int64_t told_delta;     /* with this NicReachabilityDelta, */
  int64_t doubted_delta;  /* as it was when the host began to doubt it, */
  bool told_in_doubt;     /* and the host began to doubt it at that */
  uint64_t answered_at;   /* a query has said */
  int64_t answered_delta; /* this one */
  uint64_t changed_at;    /* the host's copy of its cached state has changed since the last */
  SimTime changed;        /* update; 0: it has not */
  uint64_t given_up_at;   /* and gave it up; 0: it did not */
  SimTime given_up;
  bool delivered_known;
  bool deliver_seq_known;
  bool is_first_data;    /* nothing sent since the hand-over */
  bool was_partial;      /* the last indication was accepted in part */
  bool has_posted;       /* a receive has been posted */
  SimTime posted_when;   /* the last one */
  uint64_t posted_at;    /* its record */
  bool send_refused;     /* a send came back with NDIS_STATUS_REQUEST_UPLOAD */
  bool abortive;         /* an abortive disconnect was asked for */
  int64_t backlog_bytes; /* TcpIndicateSendBacklogChange, as last told; 0: never */
  int64_t paced_bytes;   /* the same, as the host knows it: the event's handlers have returned */
  SimTime backlog_when;
  uint64_t backlog_at;
  uint64_t indicated_at; /* the last indication's begin; refused_at is its end */
  bool urgent;           /* the target has met urgent data: from there on all is the host's */
  uint32_t named;        /* scratch of one monitor */
} RuleObject;

typedef struct RuleObjects {
  RuleTable table;
  RuleEras eras;
  RuleTable connections;                              /* object -> connection + 1 */
  SimDuration longest;                                /* from such an indication to the terminate */
  uint32_t initiating[16], live[16], terminating[16]; /* objects in that phase, by driver */
} RuleObjects;

void rule_objects_init (RuleObjects *objects);
void rule_objects_clear (RuleObjects *objects);

RuleObject *rule_object_find (const RuleObjects *objects, uint32_t id, unsigned edge);
/* The object that makes |object| invalid: itself, or something that it depends on; NULL: none. */
const RuleObject *rule_object_invalid_one (const RuleObjects *objects, const RuleObject *object);
/* True if the object, or what it depends on, is invalid or about to be. */
bool rule_object_is_under_invalid (const RuleObjects *objects, const RuleObject *object);
/* True while the object is the lower driver's: offloaded, and not yet terminated. */
bool rule_object_is_held (const RuleObject *object);
const char *rule_object_phase_name (RuleObjectPhase phase);
/* The connection of an object, UINT32_MAX if it is not known. */
uint32_t rule_object_connection (const RuleObjects *objects, uint32_t id);
void rule_objects_set_connection (RuleObjects *objects, uint32_t id, uint32_t connection);
/* Which requests a verb makes; RULE_N_PENDING: none. */
RulePending rule_pending_of (unsigned verb);

/* The readers. */
/* The hardware has lost the state of object |id|. */
#define RULE_EDGES_MAX 16
void rule_objects_on_hardware (RuleObjects *objects, uint32_t id);
void rule_objects_on_begin (RuleObjects *objects, RuleOps *ops, const RuleCrossing *x);
void rule_objects_on_end (RuleObjects *objects, const RuleOps *ops, const RuleCrossing *x);
