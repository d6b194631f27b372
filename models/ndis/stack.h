/*
 * What the files of NDIS know of a stack: private to models/ndis.
 *
 * A stack is a tree of layers, kept as an array: the host first, then the intermediate drivers,
 * each behind the driver above it, the targets last.  Between each two neighbours there is one edge:
 * the binding of the upper layer's protocol on the adapter (miniport instance) of the lower one.
 *
 * Owns        Ndis owns layers, lanes and pools; drivers and processors are borrowed.
 * Invariants  A lane is the work of one level on one processor: its crossings nest.  A layer has one
 *             adapter, and one driver above that has it open; it may have several below.
 */
#pragma once

#include "models/ndis/ndis.h"
#include "sim/pool.h"

typedef struct NdisHalf NdisHalf;
typedef struct NdisLayer NdisLayer;

/* One begin and end in the trace: the NdisXxx function, or the handler it leads to. */
struct NdisHalf {
  NdisHalf *outer; /* the crossing it is inside of */
  uint64_t id;
  NdisCall call;
  uint32_t layer;
  uint32_t op;
  NdisResult result;
};

typedef struct NdisLane {
  NdisHalf *inner;        /* the innermost open crossing */
  NdisResult last_result; /* of the crossing that ended last */
} NdisLane;

struct NdisMiniport {
  Ndis *ndis;
  NdisLayer *layer;
  NDIS_MINIPORT_ATTRIBUTES attributes;
  bool has_attributes;
  NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS parameters; /* of the last set that succeeded */
  NDIS_TCP_OFFLOAD_EVENT_HANDLERS handed_out;        /* gone after MiniportInitializeEx */
  NDIS_BINDING_HANDLE upper;                         /* who has it open */
  bool is_open; /* the chimney is, from here down to at least one target */
};

struct NdisBinding {
  Ndis *ndis;
  NdisLayer *layer; /* of the protocol that opened it */
  NDIS_HANDLE context;
  NDIS_MINIPORT_HANDLE adapter; /* what it has open, one layer down */
};

struct NdisLayer {
  uint32_t index;
  NdisLayer *above; /* none: the host */
  uint32_t n_below;
  NdisDriver driver;
  uint32_t registered; /* bit set of 1 << NdisOptional */
  NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS provider;
  NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS provider_tcp;
  NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS client;
  NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS client_tcp;
  struct NdisMiniport miniport; /* its adapter; none on the host's layer */
  struct NdisBinding binding;   /* of the layer above, on this adapter */
};

/* A sequence of Plug and Play, and who is told of its end. */
typedef struct NdisPnpSequence {
  const struct NdisPnpStep *step; /* the next one; NULL: there is none */
  uint32_t layer;                 /* of the target that it is about */
  NdisPnpCaller caller;
} NdisPnpSequence;

typedef struct NdisPnp {
  NdisPnpSequence running;
  NdisPnpSequence removal; /* it waits for the end of the one that is running */
  uint32_t removed;        /* bit set of the layers whose removal has begun, or waits */
} NdisPnp;

struct Ndis {
  Sim *sim;
  NdisConfig config;
  SimStream stream;
  SimCpu *const *cpus;
  uint32_t n_cpus;
  NdisLane *lanes; /* n_cpus times SIM_N_LEVELS */
  NdisLayer *layers;
  uint32_t n_layers;
  uint32_t first_target;  /* this layer and all behind it are targets */
  NdisLayer *registering; /* whose entry point ndis_start is running */
  NdisCall registering_in;
  struct {
    SimStepFn run;
    SimStepArgs args;
  } then; /* for the next crossing of the running step */
  NdisPnp pnp;
  uint64_t *drawn;     /* crossings so far of each call by each layer */
  uint64_t crossings;  /* serial numbers */
  uint32_t operations; /* serial numbers */
  uint32_t buffers;    /* serial numbers */
  SimPool *crossing_pool;
  SimPool *block_pool;
  SimPool *nbl_pool;
  SimPool *buffer_pool;
  SimPool *mdl_pool;
  SimPool *frame_pool;
};

static inline SimTrace *
ndis_trace (const Ndis *ndis)
{
  return sim_trace (ndis->sim);
}

/* The driver kind that a layer holds things for. */
NdisHolder ndis_holder_of_layer (const Ndis *ndis, uint32_t layer);

/* The lane of the running step; that of processor 0 at passive level while drivers are being
 * registered. */
NdisLane *ndis_lane (Ndis *ndis);
