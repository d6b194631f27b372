/*
 * Upcalls: what the NIC has for the host, in completion rings, and the interrupts that announce it.
 *
 * An upcall is written over the bus into the ring of a vector; a moderated interrupt starts the
 * vector's DPC, which makes one call after the other, each a crossing with a continuation.
 *
 * Order       Upcalls of one connection are made in the order they were queued: a connection keeps
 *             its vector while any are outstanding (RSS-02, RECV-13).  Which of different
 *             connections' goes first is a named choice.
 * Owns        Upcalls come from the target's pool and go back to it after the call has returned.
 */
#pragma once

#include "models/ndis/oid.h"
#include "models/target/context.h"
#include "sim/cpu.h"

typedef struct Target Target;

typedef enum UpcallKind {
  UPCALL_OP,           /* NdisM...OffloadComplete */
  UPCALL_SENDS,        /* NdisTcpOffloadSendComplete */
  UPCALL_RECEIVES,     /* NdisTcpOffloadReceiveComplete */
  UPCALL_DISCONNECT,   /* NdisTcpOffloadDisconnectComplete */
  UPCALL_FORWARDS,     /* NdisTcpOffloadForwardComplete */
  UPCALL_INDICATE,     /* NdisTcpOffloadReceiveHandler */
  UPCALL_EVENT,        /* NdisTcpOffloadEventHandler */
  UPCALL_REACHABILITY, /* NdisMOffloadEventIndicate */
  UPCALL_STATUS,       /* NdisMIndicateStatusEx */
  UPCALL_OID,          /* NdisMOidRequestComplete */
  UPCALL_FRAME,        /* NdisMIndicateReceiveNetBufferLists */
  UPCALL_FRAMES_SENT,  /* NdisMSendNetBufferListsComplete */
  UPCALL_PAUSED,       /* NdisMPauseComplete */
  UPCALL_RESET,        /* NdisMResetComplete */
} UpcallKind;

struct TargetUpcall {
  TargetUpcall *next;
  BusTransfer write;
  UpcallKind kind;
  uint32_t vector;
  TcpContext *context; /* NULL: no connection's */
  TargetOp *op;
  NeighborContext *neighbor;
  NET_BUFFER_LIST *chain;
  uint32_t chain_id; /* not 0: a defect's chain, while its first list has this number */
  NDIS_OID_REQUEST *request;
  bool of_delivery;     /* RECEIVES: a strict delivery waits for the return */
  TcpRange range;       /* INDICATE */
  uint32_t event, info; /* EVENT */
  NDIS_STATUS status;   /* STATUS, OID */
  TcpSegment segment;   /* FRAME */
};

typedef enum VectorState {
  VECTOR_IDLE,
  VECTOR_MODERATING, /* the delay runs */
  VECTOR_RAISED,     /* the interrupt is on its way, or the DPC waits for its processor */
  VECTOR_RUNNING,    /* the DPC runs; the vector is masked */
} VectorState;

typedef struct TargetVector {
  Target *target;
  uint32_t index;
  VectorState state;
  TargetUpcall *first, *last;
  uint32_t count;
  uint32_t run; /* calls made by the running DPC */
  SimEvent event;
  SimWork work;
} TargetVector;

void target_vectors_init (Target *target);

/* target_upcall_new gives an upcall about |context| (NULL: none). */
TargetUpcall *target_upcall_new (Target *target, UpcallKind kind, TcpContext *context);

/* target_upcall_queue sends it up behind |bytes| of data written before it.  Upcalls of a
 * connection that is not open yet are held. */
void target_upcall_queue (Target *target, TargetUpcall *upcall, uint32_t bytes);

/* target_upcall_release sends up what |context| held; it is open now. */
void target_upcall_release (Target *target, TcpContext *context);

/* For the DPC: what is to be called next, taken out of the ring; NULL: it is empty. */
TargetUpcall *target_vector_take (Target *target, TargetVector *vector);
/* The first upcall if it is of |kind|: for frames, which go up in chains. */
TargetUpcall *target_vector_take_more (TargetVector *vector, UpcallKind kind);
void target_vector_put (TargetVector *vector, TargetUpcall *upcall);
/* target_vector_rest unmasks the vector after its last call. */
void target_vector_rest (Target *target, TargetVector *vector);

/* The DPC (dpc.c). */
void target_dpc (SimCpu *cpu, const SimStepArgs *args);

/* target_vector_of is the vector for a hash, under the indirection table if there is one. */
uint32_t target_vector_of (const Target *target, uint32_t hash);
