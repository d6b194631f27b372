/*
 * Crossings: which calls are open, who is inside whom, and what each one carries.
 *
 * A crossing is assembled from its call-begin record and the node, state and buffer list records
 * that follow it; then it is complete and the monitors see it.  At its end they see it again, with
 * its result.
 *
 * Edge        Edge e lies between driver e and the driver above it; a call down and its completion
 *             are on one edge.  Of a stack with several targets all targets have the edge
 *             |target_layer|, since an object is at one of them at a time; |driver| tells which.
 * Owns        A crossing is the reader's, from its begin to its end; what it carries is good during
 *             its begin only.
 */
#pragma once

#include "models/rules/table.h"
#include "models/trace/trace.h"

#define RULE_LAYERS_MAX 16

typedef struct RuleBook RuleBook;

typedef enum RuleVerb {
  RULE_SETUP,
  RULE_INITIATE,
  RULE_TERMINATE,
  RULE_UPDATE,
  RULE_QUERY,
  RULE_INVALIDATE,
  RULE_SEND,
  RULE_RECEIVE,
  RULE_DISCONNECT,
  RULE_FORWARD,
  RULE_RETURN,
  RULE_INDICATE, /* received data */
  RULE_EVENT,    /* of a connection */
  RULE_NEIGHBOR_EVENT,
  RULE_STATUS,
  RULE_OID,
  RULE_FRAME_SEND,
  RULE_FRAME_RECEIVE,
  RULE_FRAME_RETURN,
  RULE_N_VERBS
} RuleVerb;

/* Sets of verbs. */
#define RULE_SET(verb) (UINT32_C (1) << (verb))
#define RULE_SET_STATE                                                           \
  (RULE_SET (RULE_INITIATE) | RULE_SET (RULE_TERMINATE) | RULE_SET (RULE_UPDATE) \
   | RULE_SET (RULE_QUERY) | RULE_SET (RULE_INVALIDATE))
#define RULE_SET_IO                                                            \
  (RULE_SET (RULE_SEND) | RULE_SET (RULE_RECEIVE) | RULE_SET (RULE_DISCONNECT) \
   | RULE_SET (RULE_FORWARD))
#define RULE_SET_ALL (RULE_SET (RULE_N_VERBS) - 1)

/* Where on its way a call is. */
typedef enum RuleStation {
  RULE_DOWN_CALL,    /* NdisXxx */
  RULE_DOWN_HANDLER, /* MiniportXxx */
  RULE_UP_CALL,      /* NdisMXxx, completions and indications as the lower driver calls them */
  RULE_UP_HANDLER,   /* ProtocolXxx */
  RULE_N_STATIONS
} RuleStation;

typedef enum RuleLayer {
  RULE_NO_LAYER = -1, /* a placeholder */
  RULE_NEIGHBOR,
  RULE_PATH,
  RULE_TCP,
} RuleLayer;

/* A node of the tree that a crossing carries. */
typedef struct RuleNode {
  uint64_t at; /* its record */
  uint32_t index;
  int32_t parent; /* -1: none */
  uint32_t object;
  uint32_t port;    /* of its header, and the revision that this says */
  int16_t revision; /* 1 but for errors */
  int16_t type;     /* OFFLOAD_STATE_TYPE */
  int8_t layer;     /* RuleLayer of the type */
  uint8_t role;     /* RULE_PLACEHOLDER, ... */
  bool has_state;
  int32_t state;     /* its state record: index into RuleCrossing.states; -1: none */
  int32_t delegated; /* likewise its tcp-delegated record */
  int32_t cached;    /* and its tcp-cached record */
  int64_t status;
  int64_t context;
  int64_t source_handle;
  int64_t im_reserved;
  int64_t protocol_reserved;
  uint32_t chain_nbl;
  uint32_t chain_count;
  int64_t chain_bytes;
  /* its buffer lists among those of the crossing: send data, then buffered receive data */
  uint32_t first_nbl;
  uint32_t n_sends;
  uint32_t n_buffered;
} RuleNode;

enum { RULE_PLACEHOLDER, RULE_LINKER, RULE_NEW };

/* A tcp-state, tcp-cached, tcp-delegated, path-state or neighbor-state record. */
typedef struct RuleNodeState {
  uint64_t at;
  uint16_t kind;
  int64_t column[SIM_TRACE_COLUMNS_MAX];
} RuleNodeState;

/* A buffer list that a crossing carries. */
typedef struct RuleNbl {
  uint64_t at;
  uint32_t id;
  uint32_t object;
  int64_t bytes;
  int64_t transferred;
  int64_t status;
  int64_t stream;
  int64_t offset;
  uint32_t buffers;
  uint32_t flags;
} RuleNbl;

enum {
  RULE_NBL_NO_PUSH = 1,
  RULE_NBL_PREFILLED = 2,
  RULE_NBL_ZERO_LENGTH = 4,
  RULE_NBL_FRAME = 8,
  RULE_NBL_BUFFERED = 16,
};

typedef struct RuleCrossing {
  uint64_t at; /* the call-begin record */
  SimTime when;
  uint32_t id;
  uint32_t parent; /* 0: none */
  uint32_t cpu;
  uint32_t op;
  uint32_t object;
  int64_t arg0;
  int64_t arg1;
  int64_t context; /* that a data request brings with it; 0: none */
  uint8_t call;    /* NdisCall */
  uint8_t level;
  uint8_t layer;
  uint8_t driver; /* the lower of its two */
  uint8_t edge;
  uint8_t edge_above; /* the one above its upper driver; 0: that is the host */
  uint8_t verb;       /* RuleVerb */
  uint8_t station;    /* RuleStation */
  /* the calls made directly inside */
  uint32_t n_children;
  uint32_t n_open_children;
  uint8_t child_call; /* the last one */
  int64_t child_status;
  int64_t child_value;
  /* at the end */
  uint64_t end_at;
  int64_t status;
  int64_t value;
  /* at the begin */
  const RuleNode *nodes;
  const RuleNodeState *states;
  const RuleNbl *nbls;
  uint32_t n_nodes;
  uint32_t n_states;
  uint32_t n_nbls;
} RuleCrossing;

typedef struct RuleCrossings {
  RuleTable open;
  RuleCrossing assembling; /* id 0: none */
  RuleNode *nodes;
  RuleNodeState *states;
  RuleNbl *nbls;
  uint32_t nodes_room, states_room, nbls_room;
  uint8_t target_layer; /* the lowest driver seen; with branches, the first target */
  bool has_branches;
  uint8_t above[RULE_LAYERS_MAX]; /* with branches: the layer above each */
} RuleCrossings;

void rule_crossings_init (RuleCrossings *crossings);
void rule_crossings_clear (RuleCrossings *crossings);

/* What a call is. */
RuleVerb rule_call_verb (NdisCall call);
RuleStation rule_call_station (NdisCall call);
/* The layer of a block list type; RULE_NO_LAYER for a reserved one. */
RuleLayer rule_type_layer (int64_t type);

/* rule_crossings_on_branch reads a branch record. */
void rule_crossings_on_branch (RuleCrossings *crossings, const SimRecord *record);
/* The layer above |layer|. */
unsigned rule_layer_above (const RuleCrossings *crossings, unsigned layer);

/* rule_crossings_begin starts to assemble; rule_crossings_attach adds a record, false if it belongs
 * to another. */
void rule_crossings_begin (RuleCrossings *crossings, const SimRecord *record, uint64_t at);
bool rule_crossings_attach (RuleCrossings *crossings, const SimRecord *record, uint64_t at);
/* rule_crossings_assembled gives the crossing being assembled and enters it among the open ones;
 * NULL: none. */
RuleCrossing *rule_crossings_assembled (RuleCrossings *crossings);
/* rule_crossings_end finds the crossing that |record| ends and fills in the result; NULL: none is
 * open. */
RuleCrossing *rule_crossings_end (RuleCrossings *crossings, const SimRecord *record, uint64_t at);
/* rule_crossings_forget removes it. */
void rule_crossings_forget (RuleCrossings *crossings, uint32_t id);

RuleCrossing *rule_crossing_find (const RuleCrossings *crossings, uint32_t id);
/* rule_crossing_around finds the nearest open crossing around |crossing| that is at |station| of a
 * verb in |verbs|. */
const RuleCrossing *rule_crossing_around (const RuleCrossings *crossings,
                                          const RuleCrossing *crossing, uint32_t verbs,
                                          RuleStation station);

static inline bool
rule_node_is_child_of (const RuleNode *node, uint32_t index)
{
  return node->parent == (int32_t)index;
}
