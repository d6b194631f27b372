/*
 * The inside of a target: what its files share.
 *
 * Invariants  Host half: miniport.c, request.c, data_path.c, dpc.c.  NIC half: the rest.  The host
 *             half touches of the NIC half only a context's marks (closing, open, posted_receives,
 *             upcalls) and the mailbox.
 */
#pragma once

#include "models/ndis/ndis.h"
#include "models/target/cache.h"
#include "models/target/context.h"
#include "models/target/cost.h"
#include "models/target/mailbox.h"
#include "models/target/operation.h"
#include "models/target/target.h"
#include "models/target/upcall.h"
#include "models/trace/trace.h"

/* Actor ids, from config.actor_id on. */
enum {
  ACTOR_DEVICE,
  ACTOR_TIMERS,
  ACTOR_READS,
  ACTOR_WRITES,
  ACTOR_ENGINES,
  ACTOR_DOORBELLS,
  ACTOR_FRAMES,
  ACTOR_POWER,
  ACTOR_VECTORS, /* one each */
};

/* A received segment on its way through the engines. */
struct RxFrame {
  RxFrame *next;
  EngineJob job;
  TcpSegment segment;
};

/* A frame on its way to the wire. */
typedef struct TxFrame TxFrame;
struct TxFrame {
  TxFrame *next;
  BusTransfer read;
  TcpContext *context;  /* NULL: an ordinary frame */
  NET_BUFFER_LIST *nbl; /* the ordinary frame's */
  TcpSegment segment;   /* the whole, or what is left of a large send */
  TcpSegment piece;     /* cut off and refused by the wire */
  bool has_piece;
  uint32_t bytes; /* counted in the transmit buffer */
  uint16_t mss;   /* of a large send; 0: one frame */
};

typedef struct Transmitter {
  TxFrame *first, *last;                           /* in order, before the wire */
  TcpContext *ready, *ready_last;                  /* connections with something to send */
  NET_BUFFER_LIST *ordinary_first, *ordinary_last; /* linked by MiniportReserved */
  uint32_t bytes;         /* in the transmit buffer, reserved ones included */
  uint32_t ordinary;      /* ordinary frames in it */
  uint32_t frames_posted; /* ordinary ones, modulo 2^32 */
  uint32_t frames_left;   /* of these, before the wire or refused */
  TcpContext *fenced,
      *fenced_last; /* connections that wait for frames posted before their offload */
  bool blocked;     /* the wire has no room */
  bool pumping;
  bool ordinary_turn;
  uint32_t ip_ids;
} Transmitter;

typedef struct PowerControl {
  NDIS_DEVICE_POWER_STATE state, wanted;
  NDIS_OID_REQUEST *request; /* pended */
  bool draining;             /* waits for terminates */
  SimEvent event;
} PowerControl;

/* MiniportPause and what comes of it. */
typedef enum TargetPause {
  TARGET_RUNNING,
  TARGET_PAUSING, /* frames are awaited, both ways, and received data from above */
  TARGET_PAUSED,
} TargetPause;

typedef struct PnpControl {
  TargetPause pause;
  bool is_resetting;
  bool is_removed;      /* there is no hardware any more */
  uint32_t frames_down; /* ordinary frames posted and not completed */
  uint32_t frames_up;   /* indicated and not returned */
  uint32_t data_up;     /* likewise received data of connections */
  SimEvent event;       /* the reset is over */
} PnpControl;

struct Target {
  Sim *sim;
  TargetConfig config;
  TcpConfig tcp; /* in force */
  TcpStore *store;
  uint32_t push_ticks, nce_stale_ticks;
  uint64_t defects;
  TargetCosts costs;
  Wire *wire;

  /* miniport half */
  Ndis *ndis;
  NDIS_MINIPORT_HANDLE NdisMiniportHandle;
  NDIS_TCP_OFFLOAD_EVENT_HANDLERS handlers;   /* our copy */
  TargetOp *initiates_first, *initiates_last; /* not yet in the NIC */
  uint32_t initiates_in_nic;
  TargetCommand *commands_first, *commands_last; /* waiting for room in the mailbox */
  uint32_t commands_in_nic, commands_waiting;
  TargetVector vector[TARGET_VECTORS_MAX];
  uint8_t rss_table[NDIS_RSS_TABLE_ENTRIES];
  bool rss;
  bool paused;             /* indicated, and not resumed */
  bool upload_all;         /* likewise */
  bool parks_initiates;    /* until the host has been told to resume, or to fetch everything back */
  bool resumes_when_empty; /* everything is to be uploaded first */
  TargetCapabilities capabilities, next_capabilities;
  bool changes; /* the next ones are to come, when nothing is offloaded */
  NDIS_TCP_CONNECTION_OFFLOAD capabilities_told; /* what was indicated of them last */

  /* NIC half */
  BusLine doorbells, reads, writes;
  SimServer *engines;
  ConnectionCache cache;
  Contexts contexts;
  NDIS_TOKEN *token_of; /* by connection id: its TCP context, 0 if none */
  Transmitter tx;
  uint32_t rx_bytes; /* frames before the engines */
  uint32_t receive_reserved_bytes, transmit_descriptors_used;
  uint32_t allocations;      /* for limits.allocations_failing_of */
  uint32_t connections_seen; /* for limits.connections_rejected_of */
  uint32_t sends_lost;       /* defect */
  PowerControl power;
  PnpControl pnp;
  IP_OFFLOAD_STATS ip_stats[2]; /* version 4, 6 */
  TCP_OFFLOAD_STATS tcp_stats[2];
  TargetStats stats;

  SimPool *ops, *commands, *upcalls, *rx_frames, *tx_frames;
};

static inline bool
target_has_defect (const Target *target, TargetDefect defect)
{
  return target->defects >> defect & 1;
}

/* target_defect answers whether |defect| is on, and if so traces that it acts on |object_id|. */
bool target_defect (Target *target, TargetDefect defect, uint32_t object_id);

static inline SimTrace *
target_trace (const Target *target)
{
  return sim_trace (target->sim);
}

static inline uint32_t
target_layer (const Target *target)
{
  return target->NdisMiniportHandle != NULL ? ndis_adapter_layer (target->NdisMiniportHandle) : 0;
}

static inline SimTime
target_now (const Target *target)
{
  return sim_now (target->sim);
}

/* Ticks of the agreed unit since time zero, modulo 2^32; and the instant |ticks| after the last
 * one. */
uint32_t target_tick (const Target *target);
SimTime target_tick_after (const Target *target, uint32_t ticks);

static inline unsigned
target_family (uint8_t ip_version)
{
  return ip_version == 6;
}

/* Costs: a draw as what its unit is. */
static inline int64_t
target_cycles (Target *target, TargetCost cost, uint32_t connection_id)
{
  return target_cost_draw (&target->costs, cost, connection_id);
}

static inline SimDuration
target_delay (Target *target, TargetCost cost, uint32_t connection_id)
{
  return sim_ps (target_cost_draw (&target->costs, cost, connection_id));
}

/* target_charge books host cycles of |count| times |cost| to the running step. */
void target_charge (Target *target, TargetCost cost, uint32_t count, AccountWay way);

/* Bus (target.c).  Reads may be chosen slow or fast: SITE_DMA_LATENCY. */
void target_read (Target *target, BusTransfer *transfer, uint32_t bytes, uint32_t connection_id,
                  BusArrivedFn arrived);
void target_write (Target *target, BusTransfer *transfer, uint32_t bytes, uint32_t connection_id,
                   BusArrivedFn arrived);

/* Latency stages. */
LatencyClass target_op_class (OpKind kind);
void target_stage_op (const Target *target, const TargetOp *op, LatencyStage stage);
static inline void
target_stage_request (const Target *target, uint32_t connection_id, LatencyStage stage)
{
  if (connection_id != UINT32_MAX)
    TRACE (target_trace (target), target->config.actor_id, STAGE, LATENCY_REQUEST, connection_id,
           stage, connection_id);
}

/* Miniport half. */
extern const NDIS_MINIPORT_DRIVER_CHARACTERISTICS target_miniport;
void target_report_capabilities (const Target *target, NDIS_TCP_CONNECTION_OFFLOAD *ret_offload);
NDIS_STATUS target_oid_request (NDIS_HANDLE adapter, NDIS_OID_REQUEST *request);
NDIS_STATUS target_io_send (NDIS_HANDLE adapter, NDIS_TOKEN token, NET_BUFFER_LIST *chain);
NDIS_STATUS target_io_receive (NDIS_HANDLE adapter, NDIS_TOKEN token, NET_BUFFER_LIST *chain);
NDIS_STATUS target_io_disconnect (NDIS_HANDLE adapter, NDIS_TOKEN token, NET_BUFFER_LIST *nbl,
                                  uint32_t flags);
NDIS_STATUS target_io_forward (NDIS_HANDLE adapter, NDIS_TOKEN token, NET_BUFFER_LIST *chain);
NDIS_STATUS target_io_receive_return (NDIS_HANDLE adapter, NET_BUFFER_LIST *chain);
void target_send_frames (NDIS_HANDLE adapter, NET_BUFFER_LIST *chain);
void target_return_frames (NDIS_HANDLE adapter, NET_BUFFER_LIST *chain);
/* What the return of an indication of |code| means for trees that wait. */
void target_status_told (Target *target, NDIS_STATUS code);
/* target_initiates_pump lets waiting trees into the NIC as far as there is room. */
void target_initiates_pump (Target *target, uint32_t account);

/* NIC half: posts (send.c, receive.c, disconnect.c). */
void target_post_sends (Target *target, TcpContext *context, NET_BUFFER_LIST *chain);
void target_post_receives (Target *target, TcpContext *context, NET_BUFFER_LIST *chain);
void target_post_disconnect (Target *target, TcpContext *context, NET_BUFFER_LIST *nbl,
                             uint32_t flags);
void target_post_forwards (Target *target, TcpContext *context, NET_BUFFER_LIST *chain);
/* target_refuse_post completes what cannot be taken any more with |status|. */
void target_refuse_post (Target *target, TcpContext *context, UpcallKind kind,
                         NET_BUFFER_LIST *chain, NDIS_STATUS status);

/* Send queue. */
void target_sends_append (TcpContext *context, NET_BUFFER_LIST *chain);
void target_sends_acknowledged (Target *target, TcpContext *context, uint32_t bytes);
/* target_sends_abort completes everything in the queue with |status|. */
void target_sends_abort (Target *target, TcpContext *context, NDIS_STATUS status);
/* target_sends_hand_back takes the queue out as a chain of the original lists, its first byte
 * SndUna. */
NET_BUFFER_LIST *target_sends_hand_back (Target *target, TcpContext *context);
TcpRange target_sends_range (TcpContext *context, uint32_t seq, uint32_t bytes);
/* target_sends_drop_graceful takes the disconnect request off the end; returns how much of its data
 * is acknowledged. */
uint32_t target_sends_drop_graceful (Target *target, TcpContext *context);
/* target_sends_transmitted is told what has been sent up to |seq|, exclusive: for a defect. */
void target_sends_transmitted (Target *target, TcpContext *context, uint32_t seq);
/* What a connection that takes no more requests answers; NDIS_STATUS_SUCCESS: it does take them. */
NDIS_STATUS target_refusal (const TcpContext *context);

/* Receive. */
void target_arrive (Target *target, const TcpSegment *segment);
/* What is wrong with a frame that cannot be taken; the trace has it in this order. */
typedef enum TargetFrameWhy { FRAME_BAD_HEADER, FRAME_BAD_CHECKSUM, FRAME_NO_ROOM } TargetFrameWhy;
typedef enum SegmentVerdict { SEGMENT_PROCESSED, SEGMENT_RAW, SEGMENT_DROPPED } SegmentVerdict;
SegmentVerdict target_process (Target *target, TcpContext *context, const TcpSegment *segment);
void target_act_on (Target *target, TcpContext *context, TcpNews news);
void target_release_held (Target *target, TcpContext *context);
extern const DeliveryOps target_delivery_ops;
typedef enum PushTimerEvent {
  PUSH_TIMER_STOPPED,
  PUSH_TIMER_STARTED,
  PUSH_TIMER_EXPIRED
} PushTimerEvent;
void target_trace_push_timer (const Target *target, const TcpContext *context, PushTimerEvent what);
/* target_after_delivery looks whether a FIN can be told now. */
void target_after_delivery (Target *target, TcpContext *context);

/* Disconnect and abort. */
void target_fin_acknowledged (Target *target, TcpContext *context);
void target_abort (Target *target, TcpContext *context);
void target_complete_disconnect (Target *target, TcpContext *context, NDIS_STATUS status);
void target_reset_has_left (Target *target, TcpContext *context);

/* Events to the host. */
void target_tell (Target *target, TcpContext *context, TCP_OFFLOAD_EVENT_TYPE type, uint32_t info);
void target_retrieve (Target *target, TcpContext *context, TCP_UPLOAD_REASON reason);
/* EVT-13: the target asks for no half-closed connection unless it must. */
bool target_is_half_closed (const TcpContext *context);
/* target_say_families traces which IP versions are taken now. */
void target_say_families (const Target *target);
/* target_corrupt loses the hardware's state of a connection. */
void target_corrupt (Target *target, TcpContext *context);
/* target_retrieve_is_late answers whether the connection was half-closed while the indication
 * waited: then it is not made. */
bool target_retrieve_is_late (const TcpContext *context, TCP_UPLOAD_REASON reason);
/* target_tell_failure tells it once; target_notice_failure does if |context| is corrupt and not on its
 * way up: whatever comes to it notices. */
void target_tell_failure (Target *target, TcpContext *context);
void target_notice_failure (Target *target, TcpContext *context);
void target_tell_failures (Target *target); /* of all corrupt ones */
void target_note_fragment (Target *target, TcpContext *context);
void target_note_out_of_order (Target *target, TcpContext *context);
void target_note_retransmission (Target *target, TcpContext *context);
void target_note_post (Target *target, TcpContext *context, uint32_t bytes);
void target_note_indicated (Target *target, TcpContext *context, uint32_t bytes);
void target_indicate_status (Target *target, NDIS_STATUS code);
void target_note_state (Target *target, TcpContext *context);
void target_forget_state (Target *target, TcpContext *context);

/* Send backlog. */
uint32_t target_send_backlog (const Target *target, const TcpContext *context);
void target_note_backlog (Target *target, TcpContext *context);
/* When a change that was held is to be told; SIM_TIME_NEVER: none is. */
SimTime target_backlog_deadline (const Target *target, const TcpContext *context);

/* Transmission. */
void target_transmit_kick (Target *target, TcpContext *context);
void target_transmit_pump (Target *target);
/* target_transmit_resume lets everybody send who could not while the NIC was down. */
void target_transmit_resume (Target *target);
/* target_transmit_owed_ack sends the ACK that a hand-over owes. */
void target_transmit_owed_ack (Target *target, TcpContext *context);
/* target_transmit_owed_reset sends the RST of an abortive disconnect. */
void target_transmit_owed_reset (Target *target, TcpContext *context);
void target_transmit_forget (Target *target, TcpContext *context);
void target_wire_has_room (void *target);
/* An ordinary frame has left or was refused: connections may have waited for it. */
void target_frame_is_gone (Target *target);
void target_emit (Target *target, TcpContext *context, TcpSegment *segment);
void target_queue_frame (Target *target, TxFrame *frame);

/* Ordinary frames. */
void target_ordinary_post (Target *target, NET_BUFFER_LIST *chain);
/* target_ordinary_abandon turns back what waits: the hardware is gone. */
void target_ordinary_abandon (Target *target, NDIS_STATUS status);
bool target_ordinary_start (Target *target); /* one frame into the transmit buffer; false: none */
void target_ordinary_receive (Target *target, const TcpSegment *segment, uint32_t vector);
uint32_t target_frame_vector (const Target *target, const TcpSegment *segment);

/* Timers of a connection. */
void target_timer_init (Target *target, TcpContext *context);
void target_timer_arm (Target *target, TcpContext *context);

/* Neighbor reachability. */
void target_neighbor_init (Target *target, NeighborContext *neighbor);
void target_neighbor_check (Target *target, NeighborContext *neighbor);
void target_neighbor_answered (Target *target, NeighborContext *neighbor);
void target_neighbor_progress (Target *target, TcpContext *context);

/* Statistics of offloaded traffic. */
void target_count_received (Target *target, const TcpSegment *segment);
void target_count_broken (Target *target, const TcpSegment *segment, TargetFrameWhy why);
void target_statistics_init (Target *target);
void target_trace_ip_statistics (const Target *target, unsigned family, bool is_set);
void target_trace_tcp_statistics (const Target *target, unsigned family, bool is_set);
void target_count_sent (Target *target, const TcpSegment *segment, bool repeats, bool is_new);

/* Power. */
void target_power_init (Target *target);
NDIS_STATUS target_power_request (Target *target, NDIS_OID_REQUEST *request);
void target_power_check (Target *target); /* a terminate or an initiate is over */
/* target_power_abandon ends a set-power request that will not be carried out. */
void target_power_abandon (Target *target);

/* Plug and Play (pnp.c). */
void target_pnp_init (Target *target);
void target_pnp_clear (Target *target);
NDIS_STATUS target_pause_adapter (NDIS_HANDLE adapter);
NDIS_STATUS target_restart_adapter (NDIS_HANDLE adapter);
NDIS_STATUS target_reset_adapter (NDIS_HANDLE adapter);
void target_device_event (NDIS_HANDLE adapter, NDIS_DEVICE_PNP_EVENT event);
void target_halt (NDIS_HANDLE adapter);
/* target_pause_check completes a pause when the last frame is through. */
void target_pause_check (Target *target);
/* What an ordinary frame is refused with; NDIS_STATUS_SUCCESS: it is taken. */
NDIS_STATUS target_frame_refusal (const Target *target);

/* True if frames pass between the NIC and the wire. */
static inline bool
target_is_up (const Target *target)
{
  return target->power.state == NdisDeviceStateD0 && !target->pnp.is_resetting
         && !target->pnp.is_removed;
}
