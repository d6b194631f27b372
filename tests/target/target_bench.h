/*
 * A target under a fake host and before a wire whose far end the test holds.
 *
 * Use         target_bench_new (config, ...), then steps with target_bench_do; what the host heard
 *             is in |bench->host.heard|, what crossed and happened in |bench->log|, what reached
 *             the far end in |arrived|.
 * Owns        A test owns its TargetBench: target_bench_free, in teardown.
 */
#pragma once

#include "tests/ndis/fake.h"

#include "models/target/target.h"
#include "models/wire/wire.h"

#define TARGET_BENCH_CONNECTIONS 16
#define TARGET_BENCH_OBJECTS 64

/* What every connection of these tests starts with. */
#define SND_UNA 1000U
#define RCV_NXT 5000U
#define WINDOW 65535U

typedef struct TargetBench {
  Bench *bench;
  Target *target;
  Wire *wire;
  GArray *arrived;                                  /* TcpSegment, at the far end */
  NDIS_OFFLOAD_HANDLE handle[TARGET_BENCH_OBJECTS]; /* by object id */
} TargetBench;

static inline void
target_bench_arrive (void *data, const TcpSegment *segment)
{
  TargetBench *b = data;
  g_array_append_vals (b->arrived, segment, 1);
}

/* A quick target with one engine, without moderation. */
static inline TargetConfig
target_bench_config (void)
{
  TargetConfig config;

  target_config_init (&config);
  config.actor_id = 100;
  config.n_connections = TARGET_BENCH_CONNECTIONS;
  config.interrupts.completions_max = 1;
  config.interrupts.vectors = 1;
  config.tcp.delayed_ack_ticks = 20;
  config.tcp.sws_prevention_ticks = 50;
  config.push_ticks = 50;
  config.nce_stale_ticks = 0;
  return config;
}

/* A target that is not started: drivers can be made, for target_bench_start to put above it. */
static inline TargetBench *
target_bench_open (const TargetConfig *config)
{
  TargetBench *b = g_new0 (TargetBench, 1);

  b->bench = bench_new ();
  b->arrived = g_array_new (FALSE, FALSE, sizeof (TcpSegment));
  b->target = target_new (b->bench->sim, config);
  b->wire = wire_new (b->bench->sim, &(WireConfig){ .rate_bits_per_s = INT64_C (10000000000),
                                                    .one_way = { SIM_PS_PER_US },
                                                    .queue_bytes = 1 << 18,
                                                    .loss_denominator = 1,
                                                    .actor_id = 300 });
  wire_attach (b->wire, WIRE_END_PEERS,
               &(WireListener){ .arrive = target_bench_arrive, .data = b });
  target_attach_wire (b->target, b->wire);
  bench_make_ndis (b->bench);
  return b;
}

static inline void
target_bench_start (TargetBench *b, const NdisDriver *above, uint32_t n_above)
{
  NdisDriver drivers[10] = { { "host", NULL, &fake_protocol, &b->bench->host } };

  for (uint32_t i = 0; i < n_above; i++)
    drivers[1 + i] = above[i];
  drivers[1 + n_above] = target_driver (b->target);
  ndis_start (b->bench->ndis, drivers, n_above + 2);
  bench_forget (b->bench);
}

static inline TargetBench *
target_bench_new (const TargetConfig *config)
{
  TargetBench *b = target_bench_open (config);

  target_bench_start (b, NULL, 0);
  return b;
}

static inline void
target_bench_free (TargetBench *b)
{
  ndis_free (b->bench->ndis);
  b->bench->ndis = NULL;
  target_free (b->target);
  wire_free (b->wire);
  g_array_free (b->arrived, TRUE);
  for (uint32_t i = 0; i < FAKE_CPUS; i++)
    sim_cpu_free (b->bench->cpu[i]);
  sim_free (b->bench->sim);
  g_array_free (b->bench->log, TRUE);
  g_array_free (b->bench->host.heard, TRUE);
  g_array_free (b->bench->target.heard, TRUE);
  g_array_free (b->bench->target.waiting, TRUE);
  g_free (b->bench);
  g_free (b);
}

static inline void
target_bench_nothing (G_GNUC_UNUSED Sim *sim, G_GNUC_UNUSED void *data)
{
}

/* Lets |us| microseconds pass, whether or not anything happens in them. */
static inline void
target_bench_wait (TargetBench *b, int64_t us)
{
  SimTime until = sim_time_add (sim_now (b->bench->sim), sim_us (us));
  SimEvent end;

  sim_event_init (&end, SIM_PHASE_OBSERVE, 400, target_bench_nothing, NULL);
  sim_event_schedule (b->bench->sim, &end, until);
  sim_run (b->bench->sim, (SimLimits){ .until = until });
}

/* Makes |step| as a DPC on processor 1 and lets |us| microseconds pass, or until it has begun. */
static inline void
target_bench_do (TargetBench *b, BenchStep step, void *what, int64_t us)
{
  BenchWork work = { .step = step, .what = what };

  sim_work_init (&work.work, SIM_LEVEL_DPC, bench_step,
                 (SimStepArgs){ .self = b->bench, .object = &work });
  sim_cpu_queue (b->bench->cpu[1], &work.work);
  target_bench_wait (b, us);
  while (work.work.queued)
    target_bench_wait (b, 1);
}

static inline void
target_bench_forget (TargetBench *b)
{
  bench_forget (b->bench);
  g_array_set_size (b->arrived, 0);
}

/* Objects: neighbor and path objects have ids below 20, connection c is object 20 + c. */
static inline NDIS_OFFLOAD_HANDLE *
target_bench_handle (TargetBench *b, uint32_t object)
{
  NDIS_OFFLOAD_HANDLE *handle = &b->handle[object];
  if (handle->object_id == 0)
    *handle = fake_handle (b->bench, object, object >= 20 ? object - 20 : UINT32_MAX);
  return handle;
}

static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
neighbor_node (TargetBench *b, uint32_t object, uint32_t op)
{
  NDIS_OFFLOAD_HANDLE *handle = target_bench_handle (b, object);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node = fake_node (b->bench, OFFLOAD_LAYER_NEIGHBOR, handle, op);
  NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (node));
  if (cached != NULL)
    cached->DlDestinationAddress = 100 + object;
  return node;
}

static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
path_node (TargetBench *b, uint32_t object, uint32_t op)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node =
      fake_node (b->bench, OFFLOAD_LAYER_PATH, target_bench_handle (b, object), op);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view = block_list_miniport_view (node);
  PATH_OFFLOAD_STATE_CONST *constants = block_list_const_state (view);
  PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (view);
  if (constants != NULL) {
    constants->SourceAddress = 1;
    constants->DestinationAddress = 2;
    cached->PathMtu = 1500;
  }
  return node;
}

static inline void
fill_tcp_state (uint32_t connection, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node)
{
  TCP_OFFLOAD_STATE_CONST *constants = block_list_const_state (node);
  TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);
  TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);

  if (constants == NULL)
    return;
  constants->RemotePort = 80;
  constants->LocalPort = (uint16_t)(10000 + connection);
  constants->RemoteMss = 1460;
  cached->InitialRcvWnd = WINDOW;
  cached->TtlOrHopLimit = 64;
  delegated->State = TcpConnectionEstablished;
  delegated->RcvNxt = RCV_NXT;
  delegated->RcvWnd = WINDOW;
  delegated->SndUna = delegated->SndNxt = delegated->SndMax = SND_UNA;
  delegated->SndWnd = delegated->MaxSndWnd = WINDOW;
  delegated->SendWL1 = RCV_NXT - 1;
  delegated->CWnd = 14600;
  delegated->SsThresh = WINDOW;
  delegated->KeepAlive.TimeoutDelta = TCP_TIMER_STOPPED;
  delegated->Retransmit.TimeoutDelta = TCP_TIMER_STOPPED;
}

static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
tcp_node (TargetBench *b, uint32_t connection, uint32_t op)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node =
      fake_node (b->bench, OFFLOAD_LAYER_TCP, target_bench_handle (b, 20 + connection), op);
  fill_tcp_state (connection, block_list_miniport_view (node));
  return node;
}

/* Puts |node| at the end of |parent|'s dependents. */
static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
add_dependent (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST parent, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST *link = &parent->DependentBlockList;
  while (*link != NULL)
    link = &(*link)->NextBlock;
  *link = node;
  return node;
}

/* N1 -> P2 -> T: the tree of connection |connection|. */
static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
connection_tree (TargetBench *b, uint32_t connection)
{
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = neighbor_node (b, 1, op);
  add_dependent (add_dependent (root, path_node (b, 2, op)), tcp_node (b, connection, op));
  return root;
}

static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
tcp_of (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
  return root->DependentBlockList->DependentBlockList;
}

/* Offloads |root|, frees it and forgets how. */
static inline void
target_bench_offload_tree (TargetBench *b, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
  target_bench_do (b, initiate_step, root, 200);
  assert_int_equal (heard_at (b->bench->host.heard, 0)->call,
                    NDIS_CALL_ProtocolInitiateOffloadComplete);
  block_tree_free (root);
  target_bench_forget (b);
}

static inline void
target_bench_offload (TargetBench *b, uint32_t connection)
{
  target_bench_offload_tree (b, connection_tree (b, connection));
  assert_true (target_is_offloaded (b->target, connection));
}

/* Terminates connection |connection| alone; the caller reads and frees the tree. */
static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
target_bench_terminate (TargetBench *b, uint32_t connection)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf =
      fake_leaf (b->bench, target_bench_handle (b, 20 + connection));
  target_bench_do (b, terminate_step, leaf, 200);
  return leaf;
}

/* Terminates connection |connection|, its path and its neighbor in one tree. */
static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
target_bench_terminate_tree (TargetBench *b, uint32_t connection)
{
  Ndis *ndis = b->bench->ndis;
  uint32_t op = ndis_next_op_id (ndis);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root =
      ndis_block_list_new (ndis, NeighborOffloadDelegatedState, true, target_bench_handle (b, 1),
                           op);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST path =
      add_dependent (root, ndis_block_list_new (ndis, Ip4OffloadDelegatedState, true,
                                                target_bench_handle (b, 2), op));

  add_dependent (path, ndis_block_list_new (ndis, TcpOffloadDelegatedState, true,
                                            target_bench_handle (b, 20 + connection), op));
  target_bench_do (b, terminate_step, root, 200);
  for (uint32_t i = 0; i < TARGET_BENCH_OBJECTS; i++)
    b->handle[i].MiniportOffloadContext = 0;
  return root;
}

static inline TCP_OFFLOAD_STATE_DELEGATED *
delegated_of (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  return block_list_delegated_state (block_list_miniport_view (node));
}

/* I/O of the host */

typedef struct IoStep {
  NDIS_STATUS (*call) (NDIS_OFFLOAD_HANDLE *, NET_BUFFER_LIST *); /* NULL: disconnect */
  NDIS_OFFLOAD_HANDLE *handle;
  NET_BUFFER_LIST *list;
  uint32_t flags;
} IoStep;

static inline void
io_step (G_GNUC_UNUSED Bench *bench, void *what)
{
  const IoStep *step = what;
  if (step->call != NULL)
    step->call (step->handle, step->list);
  else
    NdisOffloadTcpDisconnect (step->handle, step->list, step->flags);
}

static inline void
target_bench_io (TargetBench *b, NDIS_STATUS (*call) (NDIS_OFFLOAD_HANDLE *, NET_BUFFER_LIST *),
                 uint32_t connection, NET_BUFFER_LIST *list, uint32_t flags, int64_t us)
{
  IoStep step = { call, target_bench_handle (b, 20 + connection), list, flags };
  target_bench_do (b, io_step, &step, us);
}

static inline NET_BUFFER_LIST *
send_list (TargetBench *b, uint32_t connection, uint64_t offset, uint32_t bytes)
{
  return fake_list (b->bench, target_bench_handle (b, 20 + connection), offset, bytes);
}

static inline NET_BUFFER_LIST *
receive_list (TargetBench *b, uint32_t connection, uint32_t bytes)
{
  NET_BUFFER_LIST *list = fake_list (b->bench, target_bench_handle (b, 20 + connection), 0, 0);
  ndis_nbl_set_space (list, bytes);
  return list;
}

static inline void
target_bench_send (TargetBench *b, uint32_t connection, NET_BUFFER_LIST *list, int64_t us)
{
  target_bench_io (b, NdisOffloadTcpSend, connection, list, 0, us);
}

static inline void
target_bench_post (TargetBench *b, uint32_t connection, NET_BUFFER_LIST *list, int64_t us)
{
  target_bench_io (b, NdisOffloadTcpReceive, connection, list, 0, us);
}

/* The far end */

typedef struct PeerSegment {
  uint32_t seq, ack;
  uint8_t flags;
  uint32_t bytes;
} PeerSegment;

/* Byte |seq| of the peer's stream has offset seq - RCV_NXT. */
static inline TcpSegment
peer_segment (uint32_t connection, PeerSegment s)
{
  return (TcpSegment){
    .tuple = { .source_address_id = 2,
               .destination_address_id = 1,
               .source_port = 80,
               .destination_port = (uint16_t)(10000 + connection) },
    .connection_id = connection,
    .seq = s.seq,
    .ack = s.ack,
    .flags = s.flags,
    .window = WINDOW,
    .ip_version = 4,
    .ttl = 64,
    .payload = { .offset = s.seq - RCV_NXT,
                 .stream_id = TCP_STREAM (connection, TCP_FROM_PEER),
                 .bytes = s.bytes },
  };
}

static inline void
peer_sends (TargetBench *b, uint32_t connection, PeerSegment s, int64_t us)
{
  TcpSegment segment = peer_segment (connection, s);
  wire_send (b->wire, WIRE_END_PEERS, SIDE_PEER, &segment);
  target_bench_wait (b, us);
}

static inline const TcpSegment *
arrived_at (const TargetBench *b, guint index)
{
  assert_true (index < b->arrived->len);
  return &g_array_index (b->arrived, TcpSegment, index);
}

static inline const TcpSegment *
last_arrived (const TargetBench *b)
{
  assert_true (b->arrived->len > 0);
  return arrived_at (b, b->arrived->len - 1);
}

/* What the host heard of |call|: the n-th, or NULL. */
static inline const FakeRequest *
host_heard (const TargetBench *b, NdisCall call, unsigned n)
{
  for (guint i = 0; i < b->bench->host.heard->len; i++) {
    const FakeRequest *request = heard_at (b->bench->host.heard, i);
    if (request->call == call && n-- == 0)
      return request;
  }
  return NULL;
}
