/*
 * A connection of the host: its control block, the ends of its queues, its owner, its application.
 *
 * Payload is a pattern, so a queue is two offsets into a stream.  To the peer: bytes before
 * |una_offset| are acknowledged, bytes before |posted_offset| have been given to the target, bytes
 * before |send_offset| have been taken from the application.  From the peer: bytes before
 * |delivered_offset| are the application's, bytes before |received_offset| have been taken from the
 * host's TCP.
 *
 * Units       Offsets count bytes of a stream from 0; sequence number = first sequence number +
 *             offset, modulo 2^32.
 * Owns        The table is the host's.  Held segments, and buffer lists in |to_return|, belong to
 *             the connection.
 * Invariants  una <= posted <= send and delivered <= received, always; posted == una while the host
 *             runs it. Buffer lists counted in sends_posted, receives_posted, disconnects_posted
 *             and forwards_posted are with the drivers below.
 * Source      ARCH-01; RBUF-01, RBUF-02; SDATA-01.
 */
#pragma once

#include "models/host/app.h"
#include "models/host/config.h"
#include "models/host/owner.h"
#include "models/ndis/nbl.h"
#include "models/ndis/types.h"
#include "models/tcp/tcp.h"
#include "sim/sim.h"

/* Jobs that a connection may have to do, in order of precedence within a level. */
typedef enum HostJob {
  HOST_JOB_TIMER,    /* DPC: a TCP timer has run out */
  HOST_JOB_HELD,     /* DPC: segments that were held can be processed */
  HOST_JOB_TRANSMIT, /* DPC: segments are due */
  HOST_JOB_CHIMNEY,  /* passive: something to pass down the chimney */
  HOST_JOB_APP,      /* passive: the application has something to do */
  HOST_N_JOBS
} HostJob;

typedef struct HeldSegment HeldSegment;
struct HeldSegment {
  HeldSegment *next;
  TcpSegment segment;
};

/* Conditions of a connection, in Connection.bits. */
enum {
  CONN_APP_DEADLINE = 1 << 0,      /* app_deadline is set */
  CONN_FIN_RECEIVED = 1 << 1,      /* the peer's FIN is in: the stream ends at fin_offset */
  CONN_HOST_CLOSED = 1 << 2,       /* the application has closed; FIN follows the send queue */
  CONN_FIN_WITH_TCB = 1 << 3,      /* the control block, or the target, knows of that FIN */
  CONN_DISCONNECT_POSTED = 1 << 4, /* a disconnect is with the target */
  CONN_ABORT_WANTED = 1 << 5,      /* an abortive disconnect is to be posted, or a RST to be sent */
  CONN_ABORTED = 1 << 6,           /* by either side: nothing more is sent */
  CONN_DISCONNECTED = 1 << 7,      /* the target has indicated the peer's FIN */
  CONN_SENDS_BLOCKED = 1 << 8,     /* a driver below has no memory: upload first */
  CONN_POST_ONE = 1 << 9,          /* indicate-and-post: data waits for a request */
  CONN_UPLOAD_WANTED = 1 << 10,    /* an upload of it is queued */
  CONN_TRACKED = 1 << 11,          /* of an internal upload: not been offloaded again yet */
  CONN_TWICE = 1 << 12,            /* a misdeed: another initiate of it is outstanding */
  CONN_TWICE_OK = 1 << 13,         /* the first of two has succeeded */
  CONN_LOOKED_AT = 1 << 14,        /* HOST_CHOOSES_EACH has had its turn */
  CONN_TAKES_NEXT = 1 << 15,       /* a request of no bytes is posted: the application is ready */
  CONN_LOSS_TOLD = 1 << 16,        /* the target has said by an event that it lost the state */
};

struct Connection {
  Tcb tcb;
  SimEvent timer; /* the earlier of the TCP deadline and the application's */
  SimTime app_deadline;
  uint64_t una_offset, posted_offset, send_offset;
  uint64_t delivered_offset, received_offset, fin_offset;
  int64_t
      skew; /* what was last received lies this far beyond its place: bytes are missing, or came twice */
  uint32_t send_first_seq; /* of byte 0 to the peer */
  uint32_t id;
  uint32_t path_index;
  uint32_t bits;
  uint32_t rss_hash;
  OwnerState owner;
  uint8_t jobs; /* bit set of HostJob */
  uint8_t frozen_jobs;
  uint8_t cpu_index;     /* the processor that it is at home on */
  uint8_t app_cpu_index; /* the one that its passive jobs were last queued at */
  uint8_t user_priority;
  bool added;
  bool is_established;    /* as host_established counts; see connection_count */
  uint8_t traced_state;   /* TCP_OFFLOAD_CONNECTION_STATE last told to the trace */
  uint32_t next_ready[2]; /* the processor's, by level */
  NDIS_OFFLOAD_HANDLE handle;
  uint32_t calls_open; /* data calls of ours down the chimney that have not returned */
  uint32_t sends_open; /* of these, sends */
  uint32_t operations; /* outstanding queries, updates and invalidates */
  uint32_t updates;    /* of these: one at a time */
  uint32_t sends_posted, receives_posted, disconnects_posted, forwards_posted;
  uint32_t prefilled_posted; /* of the receives; what is indicated belongs behind what they hold */
  uint64_t receive_bytes_posted;
  uint32_t extra_posts, extra_post_bytes; /* requests beside the policy's, and the size of each */
  const HostReceivePolicy *receive;       /* how its application waits for data */
  uint32_t backlog_bytes; /* outstanding send bytes at which the application waits */
  HeldSegment *held_first, *held_last;
  NET_BUFFER_LIST *to_return;         /* accepted indications, to be given back */
  NET_BUFFER_LIST *buffered_chain;    /* BufferedData on its way down */
  NET_BUFFER_LIST *outstanding_chain; /* NetBufferListChain on its way down */
  App app;
};

/* connection_change_owner takes the row for |event|; asserts that there is one.  Traces, counts
 * parents' dependents and wakes whoever waits for the new state. */
void connection_change_owner (Host *host, Connection *c, OwnerEvent event, uint32_t op_id);

/* connection_arm arms the timer for what is due next; connection_settle does so after an input to
 * TCP, traces a change of state, and defers the transmission that has become due. */
void connection_arm (Host *host, Connection *c);
void connection_settle (Host *host, Connection *c);
/* The timer's event. */
void connection_expire (Sim *sim, void *data);

/* connection_trace_state tells the trace if the TCP state has changed. */
void connection_trace_state (Host *host, Connection *c);

/* Offsets of the stream to the peer from sequence numbers; |from| is an offset known to be at or
 * before it. */
uint64_t connection_send_offset_of (const Connection *c, uint32_t seq, uint64_t from);

/* connection_check_range counts what does not continue the stream at |expected|, and notes how far
 * off it is, so that what is delivered from then on says where it really is from; returns where it
 * ends. */
uint64_t connection_check_range (Host *host, Connection *c, TcpRange range, uint64_t expected);

/* connection_count keeps the host's number of established connections: whoever changes what |c| is
 * by connection_is_established calls it in the same step. */
void connection_count (Host *host, Connection *c);
bool connection_is_established (const Connection *c);

/* connection_hold keeps a copy of |segment| until the owner is settled. */
void connection_hold (Host *host, Connection *c, const TcpSegment *segment);
/* connection_take_held gives the oldest held segment; false: none. */
bool connection_take_held (Host *host, Connection *c, TcpSegment *ret_segment);
void connection_drop_held (Host *host, Connection *c);

static inline uint64_t
connection_outstanding_bytes (const Connection *c)
{
  return c->send_offset - c->una_offset;
}
