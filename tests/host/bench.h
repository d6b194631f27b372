/*
 * A host for tests: the real host and the real NDIS above an adapter that does as it is told, and
 * peers beyond it.
 *
 * The adapter carries frames to peers (the TCP engine with a little application each) and back,
 * DELAY each way.  Down the chimney it notes everything and completes nothing by itself, except OID
 * requests: tests complete with bench_up.
 *
 * Use         bench_open, change bench->config, bench_add..., bench_start, bench_run.
 * Owns        A test owns its Bench: bench_close frees it, in teardown.
 */
#pragma once

#include "tests/support.h"

#include "models/host/host.h"
#include "models/host/machine.h"
#include "models/host/manager.h"
#include "models/ndis/ndis.h"
#include "models/tcp/store.h"
#include "models/tcp/tcp.h"

#define BENCH_CONNECTIONS 8
#define BENCH_DELAY_US 10
#define BENCH_REQUEST 300
#define BENCH_RESPONSE 4000
#define BENCH_ISN 1000
#define BENCH_PEER_ISN 5000
#define BENCH_HOP_ADDRESS 500
#define BENCH_EVERYTHING ((HostSet){ 0, BENCH_CONNECTIONS - 1 })

typedef struct Bench Bench;

/* Something the adapter heard, or is to do. */
typedef struct BenchCall {
  NdisCall call;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *tree;
  NET_BUFFER_LIST *list;
  NDIS_TOKEN context;
  uint32_t flags;
  NDIS_OFFLOAD_HANDLE *handle; /* events and indications */
  NDIS_STATUS status;          /* of a status indication */
} BenchCall;

typedef struct BenchPeer {
  Tcb tcb;
  uint64_t received, sent_from, answered; /* stream bytes; requests answered */
} BenchPeer;

typedef struct BenchFlight {
  SimTime arrival;
  TcpSegment segment;
  bool to_peer;
} BenchFlight;

struct Bench {
  Sim *sim;
  HostConfig config;
  Host *host;
  Ndis *ndis;
  NDIS_MINIPORT_HANDLE adapter;
  NDIS_TCP_OFFLOAD_EVENT_HANDLERS events;
  Traffic traffic;
  SimDist *request, *response;
  TcpConfig peer_config;
  BenchPeer peer[BENCH_CONNECTIONS];
  GArray *flights; /* BenchFlight, in order of arrival */
  SimEvent arrival;
  GArray *heard;     /* BenchCall: everything that came down the chimney, in order */
  GArray *questions; /* TcpSegment: frames of the host that are no TCP */
  GArray *upcalls;   /* BenchCall: waiting for the DPC */
  GArray *log;       /* SimRecord */
  SimWork dpc;
  uint32_t frames; /* that the host has sent */
  NDIS_TOKEN contexts;
  NDIS_STATUS oid_status;
  uint32_t done[8], failed[8]; /* outcomes by tag */
  NDIS_STATUS answer;          /* of the last receive indication */
  uint32_t consumed;
  NET_BUFFER_LIST *indicated;
};

/* Peers and the wire */

static inline void bench_fly (Bench *bench, const TcpSegment *segment, bool to_peer);

static inline void
bench_peer_sends (Bench *bench, uint32_t id)
{
  BenchPeer *peer = &bench->peer[id];
  TcpSegment segment;

  while (tcp_transmit (&peer->tcb, 0, sim_now (bench->sim), &segment)) {
    segment.payload.stream_id = TCP_STREAM (id, TCP_FROM_PEER);
    segment.payload.offset = (uint32_t)(segment.seq - (BENCH_PEER_ISN + 1));
    bench_fly (bench, &segment, false);
  }
}

/* A whole request is answered by a whole response. */
static inline void
bench_peer_hears (Bench *bench, const TcpSegment *segment)
{
  uint32_t id = segment->connection_id;
  BenchPeer *peer = &bench->peer[id];
  TcpRange range;

  tcp_receive (&peer->tcb, segment, sim_now (bench->sim));
  while (tcp_take_received (&peer->tcb, 0, &range)) {
    assert_int_equal (range.offset, peer->received);
    assert_int_equal (range.stream_id, TCP_STREAM (id, TCP_TO_PEER));
    peer->received += range.bytes;
    tcp_consume (&peer->tcb, range.bytes, sim_now (bench->sim));
  }
  if (bench->traffic.spec.pattern == TRAFFIC_REQUEST_RESPONSE && !bench->traffic.spec.peer_asks)
    for (; peer->answered < peer->received / BENCH_REQUEST; peer->answered++)
      tcp_send (&peer->tcb, BENCH_RESPONSE);
  bench_peer_sends (bench, id);
}

static inline void
bench_queue_upcall (Bench *bench, BenchCall call)
{
  g_array_append_val (bench->upcalls, call);
  sim_cpu_queue (host_cpus (bench->host)[0], &bench->dpc);
}

static inline void
bench_frame_up (Bench *bench, const TcpSegment *segment)
{
  BenchCall call = { .call = NDIS_CALL_NdisMIndicateReceiveNetBufferLists };
  call.list = ndis_nbl_take_frame (bench->ndis, NDIS_HOLDER_TARGET, segment);
  bench_queue_upcall (bench, call);
}

static inline void
bench_arrive (Sim *sim, void *data)
{
  Bench *bench = data;

  while (bench->flights->len > 0) {
    BenchFlight flight = g_array_index (bench->flights, BenchFlight, 0);
    if (sim_time_before (sim_now (sim), flight.arrival)) {
      sim_event_schedule (sim, &bench->arrival, flight.arrival);
      return;
    }
    g_array_remove_index (bench->flights, 0);
    if (flight.to_peer)
      bench_peer_hears (bench, &flight.segment);
    else
      bench_frame_up (bench, &flight.segment);
  }
}

static inline void
bench_fly (Bench *bench, const TcpSegment *segment, bool to_peer)
{
  BenchFlight flight = { .segment = *segment, .to_peer = to_peer };

  flight.arrival = sim_time_add (sim_now (bench->sim), sim_us (BENCH_DELAY_US));
  g_array_append_val (bench->flights, flight);
  if (!sim_event_is_pending (&bench->arrival))
    sim_event_schedule (bench->sim, &bench->arrival, flight.arrival);
}

/* The adapter: downwards */

static inline BenchCall *
bench_heard (Bench *bench, guint index)
{
  assert_true (index < bench->heard->len);
  return &g_array_index (bench->heard, BenchCall, index);
}

static inline void
bench_hear (Bench *bench, BenchCall call)
{
  g_array_append_val (bench->heard, call);
}

#define BENCH_OPERATION(name, Call)                                                      \
  static inline void name (NDIS_HANDLE context, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST tree)  \
  {                                                                                      \
    bench_hear (context, (BenchCall){ .call = NDIS_CALL_Miniport##Call, .tree = tree }); \
  }
BENCH_OPERATION (bench_initiate, InitiateOffload)
BENCH_OPERATION (bench_terminate, TerminateOffload)
BENCH_OPERATION (bench_update, UpdateOffload)
BENCH_OPERATION (bench_invalidate, InvalidateOffload)
BENCH_OPERATION (bench_query, QueryOffload)

#define BENCH_IO(name, Call)                                                                    \
  static inline NDIS_STATUS name (NDIS_HANDLE context, NDIS_TOKEN moc, NET_BUFFER_LIST *list)   \
  {                                                                                             \
    bench_hear (context,                                                                        \
                (BenchCall){ .call = NDIS_CALL_Miniport##Call, .list = list, .context = moc }); \
    return NDIS_STATUS_PENDING;                                                                 \
  }
BENCH_IO (bench_send, TcpOffloadSend)
BENCH_IO (bench_receive, TcpOffloadReceive)
BENCH_IO (bench_forward, TcpOffloadForward)

static inline NDIS_STATUS
bench_disconnect (NDIS_HANDLE context, NDIS_TOKEN moc, NET_BUFFER_LIST *list, uint32_t flags)
{
  bench_hear (context, (BenchCall){ .call = NDIS_CALL_MiniportTcpOffloadDisconnect,
                                    .list = list,
                                    .context = moc,
                                    .flags = flags });
  return NDIS_STATUS_PENDING;
}

static inline NDIS_STATUS
bench_receive_return (NDIS_HANDLE context, NET_BUFFER_LIST *list)
{
  Bench *bench = context;

  bench_hear (bench, (BenchCall){ .call = NDIS_CALL_MiniportTcpOffloadReceiveReturn });
  while (list != NULL) {
    NET_BUFFER_LIST *next = list->Next;
    ndis_nbl_put (bench->ndis, list);
    list = next;
  }
  return NDIS_STATUS_SUCCESS;
}

static inline NDIS_STATUS
bench_oid (NDIS_HANDLE context, NDIS_OID_REQUEST *request)
{
  Bench *bench = context;
  bench_hear (bench, (BenchCall){ .call = NDIS_CALL_MiniportOidRequest,
                                  .flags = request->Oid,
                                  .status = request->is_set ? 1 : 0 });
  return bench->oid_status;
}

static inline void
bench_frames_down (NDIS_HANDLE context, NET_BUFFER_LIST *list)
{
  Bench *bench = context;

  for (const NET_BUFFER_LIST *nbl = list; nbl != NULL; nbl = nbl->Next) {
    bench->frames++;
    if (nbl->frame->kind == TCP_FRAME_SEGMENT)
      bench_fly (bench, nbl->frame, true);
    else
      g_array_append_val (bench->questions, *nbl->frame);
  }
  bench_queue_upcall (bench, (BenchCall){ .call = NDIS_CALL_NdisMSendNetBufferListsComplete,
                                          .list = list });
}

static inline void
bench_frames_returned (NDIS_HANDLE context, NET_BUFFER_LIST *list)
{
  Bench *bench = context;

  while (list != NULL) {
    NET_BUFFER_LIST *next = list->Next;
    ndis_nbl_put (bench->ndis, list);
    list = next;
  }
}

static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS bench_provider = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof bench_provider },
  .InitiateOffloadHandler = bench_initiate,
  .TerminateOffloadHandler = bench_terminate,
  .UpdateOffloadHandler = bench_update,
  .InvalidateOffloadHandler = bench_invalidate,
  .QueryOffloadHandler = bench_query,
};

static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS bench_provider_tcp = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof bench_provider_tcp },
  .OffloadType = NdisTcpChimneyOffload,
  .TcpOffloadSendHandler = bench_send,
  .TcpOffloadReceiveHandler = bench_receive,
  .TcpOffloadDisconnectHandler = bench_disconnect,
  .TcpOffloadForwardHandler = bench_forward,
  .TcpOffloadReceiveReturnHandler = bench_receive_return,
};

static inline void
bench_set_options (G_GNUC_UNUSED void *context, Ndis *ndis)
{
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_GENERIC, &bench_provider.Header);
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_TCP, &bench_provider_tcp.Header);
}

static inline NDIS_STATUS
bench_initialize (NDIS_MINIPORT_HANDLE adapter, void *context)
{
  Bench *bench = context;
  NDIS_MINIPORT_ATTRIBUTES attributes = { .MiniportAdapterContext = bench };
  const NDIS_TCP_OFFLOAD_EVENT_HANDLERS *handlers = NULL;

  bench->adapter = adapter;
  NdisMSetMiniportAttributes (adapter, &attributes);
  NdisMGetOffloadHandlers (adapter, NdisTcpChimneyOffload, &handlers);
  bench->events = *handlers;
  return NDIS_STATUS_SUCCESS;
}

static const NDIS_MINIPORT_DRIVER_CHARACTERISTICS bench_miniport = {
  .SetOptionsHandler = bench_set_options,
  .InitializeHandlerEx = bench_initialize,
  .OidRequestHandler = bench_oid,
  .SendNetBufferListsHandler = bench_frames_down,
  .ReturnNetBufferListsHandler = bench_frames_returned,
};

/* The adapter: upwards, one call a step */

static inline void bench_note_answer (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args);

static inline void
bench_make_upcall (Bench *bench, const BenchCall *call)
{
  switch ((int)call->call) {
  case NDIS_CALL_NdisMIndicateReceiveNetBufferLists:
    NdisMIndicateReceiveNetBufferLists (bench->adapter, call->list);
    return;
  case NDIS_CALL_NdisMSendNetBufferListsComplete:
    NdisMSendNetBufferListsComplete (bench->adapter, call->list);
    return;
  case NDIS_CALL_MiniportInitiateOffload:
    NdisMInitiateOffloadComplete (bench->adapter, call->tree);
    return;
  case NDIS_CALL_MiniportTerminateOffload:
    NdisMTerminateOffloadComplete (bench->adapter, call->tree);
    return;
  case NDIS_CALL_MiniportUpdateOffload:
    NdisMUpdateOffloadComplete (bench->adapter, call->tree);
    return;
  case NDIS_CALL_MiniportQueryOffload:
    NdisMQueryOffloadStateComplete (bench->adapter, call->tree);
    return;
  case NDIS_CALL_MiniportInvalidateOffload:
    NdisMInvalidateOffloadComplete (bench->adapter, call->tree);
    return;
  case NDIS_CALL_MiniportTcpOffloadSend:
    bench->events.NdisTcpOffloadSendComplete (bench->adapter, call->list);
    return;
  case NDIS_CALL_MiniportTcpOffloadReceive:
    bench->events.NdisTcpOffloadReceiveComplete (bench->adapter, call->list);
    return;
  case NDIS_CALL_MiniportTcpOffloadDisconnect:
    bench->events.NdisTcpOffloadDisconnectComplete (bench->adapter, call->list);
    return;
  case NDIS_CALL_MiniportTcpOffloadForward:
    bench->events.NdisTcpOffloadForwardComplete (bench->adapter, call->list);
    return;
  case NDIS_CALL_NdisTcpOffloadReceiveHandler:
    bench->events.NdisTcpOffloadReceiveHandler (call->handle, call->list, NDIS_STATUS_SUCCESS);
    return;
  case NDIS_CALL_NdisTcpOffloadEventHandler:
    bench->events.NdisTcpOffloadEventHandler (call->handle, call->flags, (uint32_t)call->context);
    return;
  case NDIS_CALL_NdisMIndicateStatusEx:
    NdisMIndicateStatusEx (bench->adapter, call->status, NULL);
    return;
  default:
    fail_msg ("no upcall %s", trace_call_name (call->call));
  }
}

static inline void
bench_dpc (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  Bench *bench = args->self;

  if (bench->upcalls->len == 0)
    return;
  BenchCall call = g_array_index (bench->upcalls, BenchCall, 0);
  g_array_remove_index (bench->upcalls, 0);
  bool is_indication = call.call == NDIS_CALL_NdisTcpOffloadReceiveHandler;
  ndis_then (bench->ndis, is_indication ? bench_note_answer : bench_dpc, *args);
  bench_make_upcall (bench, &call);
}

static inline void
bench_note_answer (SimCpu *cpu, const SimStepArgs *args)
{
  Bench *bench = args->self;
  NdisResult result = ndis_result (bench->ndis);

  bench->answer = result.status;
  bench->consumed = result.bytes_consumed;
  bench_dpc (cpu, args);
}

/* The bench */

static inline void
bench_note_record (void *data, const SimRecord *record)
{
  Bench *bench = data;
  g_array_append_val (bench->log, *record);
}

static inline Bench *
bench_open (void)
{
  Bench *bench = g_new0 (Bench, 1);

  bench->sim = sim_new (1);
  sim_trace_set_kinds (sim_trace (bench->sim), trace_kinds, TRACE_N_KINDS);
  bench->log = g_array_new (FALSE, FALSE, sizeof (SimRecord));
  sim_trace_add_reader (sim_trace (bench->sim), bench_note_record, bench, NULL, 0);
  /* Room for all: tests hold on to entries. */
  bench->heard = g_array_sized_new (FALSE, FALSE, sizeof (BenchCall), 65536);
  bench->questions = g_array_new (FALSE, FALSE, sizeof (TcpSegment));
  bench->upcalls = g_array_new (FALSE, FALSE, sizeof (BenchCall));
  bench->flights = g_array_new (FALSE, FALSE, sizeof (BenchFlight));
  sim_event_init (&bench->arrival, SIM_PHASE_WIRE, 1, bench_arrive, bench);
  bench->config = host_config_default ();
  bench->config.n_connections = BENCH_CONNECTIONS;
  bench->config.actor_id = 10;
  bench->config.n_cpus = 2;
  bench->peer_config = bench->config.tcp;
  bench->peer_config.store = tcp_store_new (0, 0);
  bench->request = sim_dist_new_constant (BENCH_REQUEST);
  bench->response = sim_dist_new_constant (BENCH_RESPONSE);
  return bench;
}

/* Makes the host, with |n_neighbors|, and |n_paths| and BENCH_CONNECTIONS connections dealt over
 * them, round robin. */
static inline void
bench_start (Bench *bench, const TrafficSpec *spec, uint32_t n_neighbors, uint32_t n_paths)
{
  NdisConfig ndis_config = { .actor_id = 2 };
  SimStepArgs args = { .self = bench };

  bench->traffic = traffic_of (spec, 1, "bench");
  bench->host = host_new (bench->sim, &bench->config);
  bench->ndis = ndis_new (bench->sim, &ndis_config, host_cpus (bench->host), bench->config.n_cpus);
  sim_work_init (&bench->dpc, SIM_LEVEL_DPC, bench_dpc, args);
  NdisDriver drivers[] = {
    host_driver (bench->host),
    { .name = "fake", .miniport = &bench_miniport, .context = bench },
  };
  ndis_start (bench->ndis, drivers, 2);
  for (uint32_t n = 0; n < n_neighbors; n++)
    host_add_neighbor (bench->host, &(HostNeighborSetup){ .source_mac_id = 1,
                                                          .destination_mac_id = 100 + n,
                                                          .ip_version = 4,
                                                          .address_id = BENCH_HOP_ADDRESS + n,
                                                          .source_address_id = 1 });
  for (uint32_t p = 0; p < n_paths; p++)
    host_add_path (bench->host, &(HostPathSetup){ .neighbor_index = p % n_neighbors,
                                                  .ip_version = 4,
                                                  .source_address_id = 1,
                                                  .destination_address_id = 10 + p,
                                                  .path_mtu_bytes = 1500 });
  for (uint32_t id = 0; id < BENCH_CONNECTIONS; id++) {
    TcpSetup setup = { .connection_id = id,
                       .tuple = { 1, 10 + id % n_paths, (uint16_t)(1000 + id), 80 },
                       .ip_version = 4,
                       .send_isn = BENCH_ISN,
                       .receive_isn = BENCH_PEER_ISN,
                       .receive_window_bytes = 65535,
                       .peer_window_bytes = 65535,
                       .local_mss = 1460,
                       .remote_mss = 1460,
                       .path_mtu_bytes = 1500 };
    host_add_connection (bench->host, &(HostConnectionSetup){ .tcp = setup,
                                                              .path_index = id % n_paths,
                                                              .traffic = &bench->traffic });
    setup.tuple = tcp_tuple_reversed (setup.tuple);
    setup.send_isn = BENCH_PEER_ISN;
    setup.receive_isn = BENCH_ISN;
    tcp_init_established (&bench->peer[id].tcb, &bench->peer_config, &setup, SIM_TIME_ZERO);
  }
  host_start (bench->host);
}

static inline void
bench_close (Bench *bench)
{
  host_free (bench->host);
  ndis_free (bench->ndis);
  for (uint32_t id = 0; id < BENCH_CONNECTIONS; id++)
    if (bench->peer[id].tcb.config != NULL)
      tcp_clear (&bench->peer[id].tcb);
  tcp_store_free (bench->peer_config.store);
  sim_dist_free (bench->request);
  sim_dist_free (bench->response);
  g_array_unref (bench->questions);
  g_array_free (bench->log, TRUE);
  g_array_free (bench->heard, TRUE);
  g_array_free (bench->upcalls, TRUE);
  g_array_free (bench->flights, TRUE);
  sim_free (bench->sim);
  g_free (bench);
}

static inline int
bench_setup (void **state)
{
  *state = bench_open ();
  return 0;
}

static inline int
bench_teardown (void **state)
{
  bench_close (*state);
  return 0;
}

static inline void
bench_run (Bench *bench, int64_t us)
{
  SimTime until = sim_time_add (sim_now (bench->sim), sim_us (us));
  sim_run (bench->sim, (SimLimits){ .until = until });
}

static inline void
bench_note_done (void *data, uint32_t tag, bool succeeded)
{
  Bench *bench = data;
  bench->done[tag]++;
  bench->failed[tag] += !succeeded;
}

static inline HostCaller
bench_caller (Bench *bench, uint32_t tag)
{
  return (HostCaller){ .done = bench_note_done, .data = bench, .tag = tag };
}

/* The |nth| call of a kind that was heard, from 0; NULL if there were not so many. */
static inline BenchCall *
bench_find (Bench *bench, NdisCall call, uint32_t nth)
{
  for (guint i = 0; i < bench->heard->len; i++)
    if (bench_heard (bench, i)->call == call && nth-- == 0)
      return bench_heard (bench, i);
  return NULL;
}

static inline uint32_t
bench_count (Bench *bench, NdisCall call)
{
  uint32_t n = 0;
  for (guint i = 0; i < bench->heard->len; i++)
    n += bench_heard (bench, i)->call == call;
  return n;
}

/* Writes |status| into every node and gives new objects of an initiate a context; then completes
 * the tree. */
static inline void
bench_complete_tree (Bench *bench, const BenchCall *call, NDIS_STATUS status)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  BlockWalk walk = block_walk_begin (call->tree);

  while ((node = block_walk_next (&walk)) != NULL) {
    node->Status = block_list_is_placeholder (node) ? NDIS_STATUS_SUCCESS : status;
    if (call->call == NDIS_CALL_MiniportInitiateOffload && !block_list_is_placeholder (node)
        && *node->MiniportOffloadContext == 0 && status == NDIS_STATUS_SUCCESS)
      *node->MiniportOffloadContext = ++bench->contexts;
  }
  bench_queue_upcall (bench, *call);
}

/* Completes every request of a list with |status|; |bytes| of each are transferred. */
static inline void
bench_complete_list (Bench *bench, const BenchCall *call, NDIS_STATUS status, uint32_t bytes)
{
  for (NET_BUFFER_LIST *nbl = call->list; nbl != NULL; nbl = nbl->Next) {
    nbl->Status = status;
    nbl->TcpOffloadBytesTransferred = bytes;
    ndis_nbl_advance (nbl, bytes);
  }
  bench_queue_upcall (bench, *call);
}

/* Offloads |set| and lets the adapter accept each tree. */
static inline void
bench_offload (Bench *bench, HostSet set, HostTreeShape tree)
{
  HostBatch batch = { .tree = tree };
  uint32_t seen = bench_count (bench, NDIS_CALL_MiniportInitiateOffload);

  host_offload (bench->host, set, &batch, bench_caller (bench, 0));
  for (uint32_t rounds = 0; rounds < 16; rounds++) {
    bench_run (bench, 200);
    BenchCall *call = bench_find (bench, NDIS_CALL_MiniportInitiateOffload, seen);
    if (call == NULL)
      break;
    bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
    seen++;
  }
}

static inline void
bench_event (Bench *bench, uint32_t id, TCP_OFFLOAD_EVENT_TYPE type, uint32_t information)
{
  bench_queue_upcall (bench, (BenchCall){ .call = NDIS_CALL_NdisTcpOffloadEventHandler,
                                          .handle = &bench->host->connection[id].handle,
                                          .flags = type,
                                          .context = information });
}

static inline void
bench_indicate (Bench *bench, uint32_t id, uint64_t offset, uint32_t bytes)
{
  Connection *c = &bench->host->connection[id];
  NET_BUFFER_LIST *nbl = ndis_nbl_take (bench->ndis, NDIS_HOLDER_TARGET, id, c->handle.object_id);
  TcpRange data = { .offset = offset, .stream_id = TCP_STREAM (id, TCP_FROM_PEER), .bytes = bytes };

  ndis_nbl_set_data (nbl, data);
  bench->indicated = nbl;
  bench_queue_upcall (bench, (BenchCall){ .call = NDIS_CALL_NdisTcpOffloadReceiveHandler,
                                          .handle = &c->handle,
                                          .list = nbl });
}

static inline TrafficSpec
bench_conversation (const Bench *bench)
{
  return (TrafficSpec){ .pattern = TRAFFIC_REQUEST_RESPONSE,
                        .request = bench->request,
                        .response = bench->response };
}

static inline TrafficSpec
bench_silence (void)
{
  return (TrafficSpec){ .pattern = TRAFFIC_NONE };
}

static inline void
bench_start_silent (Bench *bench, uint32_t n_neighbors, uint32_t n_paths)
{
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, n_neighbors, n_paths);
  bench_run (bench, 100);
}

/* The |nth| tree that went down, from 0. */
static inline BenchCall *
bench_nth_initiate (Bench *bench, uint32_t nth)
{
  return bench_find (bench, NDIS_CALL_MiniportInitiateOffload, nth);
}

static inline BenchCall *
bench_nth_terminate (Bench *bench, uint32_t nth)
{
  return bench_find (bench, NDIS_CALL_MiniportTerminateOffload, nth);
}

static inline NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *
bench_dependent (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  return list->DependentBlockList;
}

static inline uint32_t
bench_siblings (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  uint32_t n = 0;
  for (; list != NULL; list = list->NextBlock)
    n++;
  return n;
}
