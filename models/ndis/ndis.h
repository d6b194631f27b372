/*
 * NDIS: registration, bindings, and every crossing of the chimney.
 *
 * NDIS stands between each pair of drivers: it converts block lists, follows handles, traces the
 * crossings, and opens the callee's frame on the processor on which the caller runs.
 *
 * Crossing    A call below named NdisXxx (except registration) is a crossing: it must be made
 *             inside a step on a processor, as the last act of that step.  It returns to the C
 *             caller at once; the callee's handler runs when the step's charged cycles have passed.
 *             ndis_then, called before it, leaves a continuation that runs after the callee's
 *             frame has ended (that is "after NdisXxx has returned").  Without one, the frame ends
 *             with the callee's (a tail call) and the callee's result becomes the frame's.
 * Order       Completions that NDIS makes itself (a chimney that is not open, OIDs, requests
 *             without a context) never run inside the call that asked for them.  A driver that
 *             completes inside its handler is let through: a rule sees it (CALL-01).
 * Owns        Ndis owns bindings, miniport instances and buffer pools.  Trees and buffer lists
 *             change holder at the begin of a crossing; both sides assert it.
 * Errors      Contract breaches by our own drivers assert; documented misbehaviour that a defect
 *             models is passed on, so that a rule can see it in the trace.  Who completes or
 *             returns what it does not hold, or completes an inner node, gets the Ndis half of the
 *             crossing only, ended with NDIS_STATUS_INVALID_STATE; so does a request on a handle
 *             without context, which NDIS completes with that status.
 * Source      Windows driver documentation, network guide (propagating operations), ndischimney
 *             reference.
 */
#pragma once

#include "models/ndis/driver.h"
#include "models/trace/trace.h"
#include "sim/cpu.h"
#include "sim/dist.h"

/* Cycles of NDIS itself, drawn per crossing from the stream "ndis". */
typedef struct NdisCosts {
  const SimDist *dispatch; /* any crossing */
  const SimDist *convert;  /* per node of a tree */
  const SimDist *per_nbl;  /* per buffer list beyond the first */
} NdisCosts;

typedef struct NdisConfig {
  NdisCosts costs;
  uint32_t actor_id;
  uint32_t nbl_limit; /* buffer lists at most; 0: no limit */
} NdisConfig;

/* ndis_new makes NDIS for a host with |n_cpus| processors, which it borrows. */
Ndis *ndis_new (Sim *sim, const NdisConfig *config, SimCpu *const *cpus, uint32_t n_cpus);
void ndis_free (Ndis *ndis);

#define NDIS_LAYERS_MAX 16

/* ndis_start registers the drivers of a stack, |drivers| from the host (first) to the target
 * (last), initializes the adapters from the bottom up and binds each protocol to the adapter below
 * it: documented order, plain calls at time zero, traced as such.  ndis_start_tree does so where a
 * driver may have several adapters open: |above| gives for each but the first the index of the
 * driver above it, which is a lower one; the targets are the last ones. */
void ndis_start (Ndis *ndis, const NdisDriver *drivers, uint32_t n_drivers);
void ndis_start_tree (Ndis *ndis, const NdisDriver *drivers, const uint32_t *above,
                      uint32_t n_drivers);

/* The layer of an adapter: its driver's place among |drivers|. */
uint32_t ndis_adapter_layer (NDIS_MINIPORT_HANDLE adapter);
/* True if every driver of the way down to a target registered its chimney edges: false blocks every
 * initiate. */
bool ndis_chimney_is_open (const Ndis *ndis);

/* Registration, inside SetOptions and InitializeHandlerEx / BindAdapterHandlerEx. */
typedef enum NdisOptional {
  NDIS_OPTIONAL_PROVIDER_GENERIC,
  NDIS_OPTIONAL_PROVIDER_TCP,
  NDIS_OPTIONAL_CLIENT_GENERIC,
  NDIS_OPTIONAL_CLIENT_TCP,
} NdisOptional;

/* NdisSetOptionalHandlers takes one of the four characteristics structures (documented: told apart
 * by its header; here by |which|, since Header.Type carries no meaning).  NDIS_STATUS_FAILURE if
 * revision, size or an entry point is wrong. */
NDIS_STATUS NdisSetOptionalHandlers (Ndis *ndis, NdisOptional which,
                                     const NDIS_OBJECT_HEADER *OptionalHandlers);
typedef struct NDIS_MINIPORT_ATTRIBUTES {
  NDIS_HANDLE MiniportAdapterContext;
  NDIS_TCP_CONNECTION_OFFLOAD offload; /* zeroed: no chimney */
} NDIS_MINIPORT_ATTRIBUTES;
NDIS_STATUS NdisMSetMiniportAttributes (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                        const NDIS_MINIPORT_ATTRIBUTES *attributes);
/* STATUS_SUCCESS, or STATUS_NOT_SUPPORTED for a type NDIS does not know. */
NDIS_STATUS NdisMGetOffloadHandlers (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                     NDIS_CHIMNEY_OFFLOAD_TYPE ChimneyType,
                                     const NDIS_TCP_OFFLOAD_EVENT_HANDLERS **OffloadHandlers);
NDIS_STATUS NdisOpenAdapterEx (Ndis *ndis, NDIS_MINIPORT_HANDLE adapter,
                               NDIS_HANDLE ProtocolBindingContext,
                               NDIS_BINDING_HANDLE *NdisBindingHandle);

/* What an adapter has reported: known to the protocol above from the moment it binds. */
const NDIS_TCP_CONNECTION_OFFLOAD *ndis_adapter_offload (NDIS_MINIPORT_HANDLE adapter);

/* Continuations and results of the running step. */
void ndis_then (Ndis *ndis, SimStepFn then, SimStepArgs args);
/* In a continuation: what the crossing returned. */
typedef struct NdisResult {
  NDIS_STATUS status;
  uint32_t bytes_consumed;
} NdisResult;
NdisResult ndis_result (Ndis *ndis);
/* Sets the result of a frame whose handler could not return it at once (used in a continuation). */
void ndis_return (Ndis *ndis, NdisResult result);

Sim *ndis_sim (const Ndis *ndis);
SimCpu *ndis_cpu (const Ndis *ndis); /* the processor whose step is running; asserts */
SimCpu *ndis_cpu_at (const Ndis *ndis, uint32_t index);
uint32_t ndis_n_cpus (const Ndis *ndis);
/* Serial numbers for operations and OID requests: never 0. */
uint32_t ndis_next_op_id (Ndis *ndis);

/* ndis_block_list_new is block_list_new from a pool of Ndis; block_tree_free gives it back.  Trees
 * that cross should be made with it: a driver that completes one twice then finds readable memory,
 * and the second completion ends as said under Errors. */
PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST ndis_block_list_new (Ndis *ndis, OFFLOAD_STATE_TYPE type,
                                                       bool with_state, NDIS_OFFLOAD_HANDLE *handle,
                                                       uint32_t op_id);

/* Down: state. */
void NdisInitiateOffload (NDIS_BINDING_HANDLE NdisBindingHandle,
                          PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisTerminateOffload (NDIS_BINDING_HANDLE NdisBindingHandle,
                           PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisUpdateOffload (NDIS_BINDING_HANDLE NdisBindingHandle,
                        PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisQueryOffloadState (NDIS_BINDING_HANDLE NdisBindingHandle,
                            PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisInvalidateOffload (NDIS_BINDING_HANDLE NdisBindingHandle,
                            PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);

/* Down: data.  The documented return is always NDIS_STATUS_PENDING (SUCCESS for the return of
 * buffers). */
NDIS_STATUS NdisOffloadTcpSend (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle,
                                NET_BUFFER_LIST *NetBufferList);
NDIS_STATUS NdisOffloadTcpReceive (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle,
                                   NET_BUFFER_LIST *NetBufferList);
NDIS_STATUS NdisOffloadTcpDisconnect (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle,
                                      NET_BUFFER_LIST *NetBufferList, uint32_t Flags);
NDIS_STATUS NdisOffloadTcpForward (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle,
                                   NET_BUFFER_LIST *NetBufferList);
NDIS_STATUS NdisOffloadTcpReceiveReturn (NDIS_BINDING_HANDLE NdisBindingHandle,
                                         NET_BUFFER_LIST *NetBufferList);

/* Up: state. */
void NdisMInitiateOffloadComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                   PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisMTerminateOffloadComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisMUpdateOffloadComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                 PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisMQueryOffloadStateComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                     PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisMInvalidateOffloadComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                     PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisMOffloadEventIndicate (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList,
                                uint32_t IndicationCode);
void NdisMIndicateStatusEx (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NDIS_STATUS StatusCode,
                            const void *StatusBuffer);
/* Up: data: through the NDIS_TCP_OFFLOAD_EVENT_HANDLERS that NdisMGetOffloadHandlers gave. */

/* OIDs.  A handler's NDIS_STATUS_PENDING means that NdisMOidRequestComplete follows; any other
 * status completes at once (NDIS then calls the protocol's completion handler itself). */
void NdisOidRequest (NDIS_BINDING_HANDLE NdisBindingHandle, NDIS_OID_REQUEST *request);
void NdisMOidRequestComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NDIS_OID_REQUEST *request,
                              NDIS_STATUS status);

/* Plug and Play: what the operating system does to a stack.  A handler's NDIS_STATUS_PENDING means
 * that the completion follows. */
typedef enum NdisPnpKind {
  NDIS_PNP_PAUSE,   /* NetEventPause, MiniportPause */
  NDIS_PNP_RESTART, /* MiniportRestart, NetEventRestart */
  NDIS_PNP_RESET,   /* MiniportResetEx between two status indications */
  NDIS_PNP_REMOVE,  /* the hardware has gone: notices, pause, unbind, halt */
  NDIS_N_PNP_KINDS,
} NdisPnpKind;
/* Whoever asked: told once, with |tag|; |done| may be NULL. */
typedef struct NdisPnpCaller {
  void (*done) (void *data, uint32_t tag, bool succeeded);
  void *data;
  uint32_t tag;
} NdisPnpCaller;
/* ndis_pnp starts a sequence about the target at |layer| (0: the first one), at passive level on
 * processor 0, and tells |caller| when it is over; it fails at once if another is under way, but for
 * a removal, which follows that.  After a target's removal nothing begins with it any more.  Events
 * go to the first driver above the target that wants them. */
void ndis_pnp (Ndis *ndis, NdisPnpKind kind, uint32_t layer, NdisPnpCaller caller);
void NdisCompleteNetPnPEvent (NDIS_BINDING_HANDLE NdisBindingHandle);
void NdisMPauseComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle);
void NdisMResetComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NDIS_STATUS status);

/* The ordinary path: frames. */
void NdisSendNetBufferLists (NDIS_BINDING_HANDLE NdisBindingHandle, NET_BUFFER_LIST *list);
void NdisMSendNetBufferListsComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                      NET_BUFFER_LIST *list);
void NdisMIndicateReceiveNetBufferLists (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                         NET_BUFFER_LIST *list);
void NdisReturnNetBufferLists (NDIS_BINDING_HANDLE NdisBindingHandle, NET_BUFFER_LIST *list);
