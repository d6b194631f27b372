/*
 * A stack for tests: a protocol and a miniport that do as they are told, on two processors, and a
 * log of the trace.
 *
 * Use         bench_open (n_ims, ...); steps run with bench_run; what crossed is in |log|.
 * Owns        A test owns its Bench: bench_close frees it, in teardown.
 */
#pragma once

#include "tests/support.h"

#include "models/ndis/ndis.h"

#define FAKE_CPUS 2
#define FAKE_OBJECTS_MAX 64
#define FAKE_HZ INT64_C (1000000000) /* a cycle is a nanosecond */

typedef struct Bench Bench;
typedef struct FakeHost FakeHost;
typedef struct FakeTarget FakeTarget;

typedef struct FakeRequest {
  NdisCall call;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *tree;
  NET_BUFFER_LIST *list;
  NDIS_TOKEN context;
  uint32_t flags;
} FakeRequest;

/* The protocol on top: notes what arrives. */
struct FakeHost {
  Bench *bench;
  NDIS_BINDING_HANDLE binding;
  bool registers;
  GArray *heard;     /* FakeRequest: completions and indications, in order */
  NdisResult answer; /* to receive indications */
  NDIS_OFFLOAD_HANDLE *last_handle;
  uint32_t last_event[2];
  NDIS_STATUS last_status;
  uint32_t write_reachability; /* into the neighbor event's block */
  NDIS_STATUS pnp_return;
};

/* The miniport at the bottom: keeps each request until fake_complete, or completes it in a DPC of
 * its own. */
struct FakeTarget {
  Bench *bench;
  NDIS_MINIPORT_HANDLE adapter;
  NDIS_TCP_OFFLOAD_EVENT_HANDLERS events;
  const NDIS_TCP_OFFLOAD_EVENT_HANDLERS *handed_out;
  bool registers;
  bool holds; /* completes nothing by itself */
  bool completes_inside;
  NDIS_STATUS io_return;
  NDIS_STATUS oid_return;
  NDIS_STATUS pnp_return;
  GArray *waiting; /* FakeRequest */
  GArray *heard;   /* FakeRequest, in order */
  SimWork dpc;
  NDIS_STATUS status[FAKE_OBJECTS_MAX]; /* of the object in an initiate */
  NDIS_OFFLOAD_HANDLE *handle[FAKE_OBJECTS_MAX];
  NDIS_TOKEN contexts;  /* given so far */
  uint32_t in_segments; /* that it has counted */
};

struct Bench {
  Sim *sim;
  SimCpu *cpu[FAKE_CPUS];
  Ndis *ndis;
  NdisConfig config;
  FakeHost host;
  FakeTarget target;
  GArray *log; /* SimRecord */
  void *parts[8];
  uint32_t n_parts;
};

/* The fake protocol */

static inline FakeRequest *
heard_at (GArray *heard, guint index)
{
  assert_true (index < heard->len);
  return &g_array_index (heard, FakeRequest, index);
}

static inline void
host_hear (void *context, NdisCall call, void *tree, NET_BUFFER_LIST *list)
{
  FakeHost *host = context;
  FakeRequest request = { .call = call, .tree = tree, .list = list };
  g_array_append_val (host->heard, request);
}

#define FAKE_TREE_COMPLETE(name, Call)                                                  \
  static inline void name (NDIS_HANDLE context, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree) \
  {                                                                                     \
    host_hear (context, NDIS_CALL_Protocol##Call##Complete, tree, NULL);                \
  }
FAKE_TREE_COMPLETE (host_initiate_complete, InitiateOffload)
FAKE_TREE_COMPLETE (host_terminate_complete, TerminateOffload)
FAKE_TREE_COMPLETE (host_update_complete, UpdateOffload)
FAKE_TREE_COMPLETE (host_invalidate_complete, InvalidateOffload)
FAKE_TREE_COMPLETE (host_query_complete, QueryOffload)

#define FAKE_LIST_COMPLETE(name, Call)                                 \
  static inline void name (NDIS_HANDLE context, NET_BUFFER_LIST *list) \
  {                                                                    \
    host_hear (context, NDIS_CALL_Protocol##Call, NULL, list);         \
  }
FAKE_LIST_COMPLETE (host_send_complete, TcpOffloadSendComplete)
FAKE_LIST_COMPLETE (host_receive_complete, TcpOffloadReceiveComplete)
FAKE_LIST_COMPLETE (host_disconnect_complete, TcpOffloadDisconnectComplete)
FAKE_LIST_COMPLETE (host_forward_complete, TcpOffloadForwardComplete)
FAKE_LIST_COMPLETE (host_frames_complete, SendNetBufferListsComplete)
FAKE_LIST_COMPLETE (host_frames, ReceiveNetBufferLists)

static inline void
host_indicate (NDIS_HANDLE context, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree, uint32_t code)
{
  FakeHost *host = context;
  NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (tree));
  if (cached != NULL)
    cached->HostReachabilityDelta = host->write_reachability;
  host->last_handle = tree->OffloadHandle;
  host->last_event[0] = code;
  host_hear (context, NDIS_CALL_ProtocolIndicateOffloadEvent, tree, NULL);
}

static inline void
host_event (NDIS_OFFLOAD_HANDLE *handle, uint32_t type, uint32_t information)
{
  FakeHost *host = handle->owner;
  host->last_handle = handle;
  host->last_event[0] = type;
  host->last_event[1] = information;
  host_hear (host, NDIS_CALL_ProtocolTcpOffloadEvent, NULL, NULL);
}

static inline NDIS_STATUS
host_receive_indicate (NDIS_OFFLOAD_HANDLE *handle, NET_BUFFER_LIST *list, NDIS_STATUS status,
                       uint32_t *bytes)
{
  FakeHost *host = handle->owner;
  host->last_handle = handle;
  host->last_status = status;
  host_hear (host, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, NULL, list);
  *bytes = host->answer.bytes_consumed;
  return host->answer.status;
}

static inline void
host_oid_complete (NDIS_HANDLE context, NDIS_OID_REQUEST *request, NDIS_STATUS status)
{
  FakeHost *host = context;
  assert_int_equal (request->status, status);
  host->last_status = status;
  host_hear (context, NDIS_CALL_ProtocolOidRequestComplete, NULL, NULL);
}

static inline void
host_status (NDIS_HANDLE context, NDIS_STATUS code, G_GNUC_UNUSED const void *buffer)
{
  FakeHost *host = context;
  host->last_status = code;
  host_hear (context, NDIS_CALL_ProtocolStatusEx, NULL, NULL);
}

static inline NDIS_STATUS
host_net_event (NDIS_HANDLE context, NET_PNP_EVENT_CODE event)
{
  FakeHost *host = context;
  host->last_event[0] = event;
  host_hear (context, NDIS_CALL_ProtocolNetPnPEvent, NULL, NULL);
  return host->pnp_return;
}

static const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS fake_client = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof fake_client },
  .InitiateOffloadCompleteHandler = host_initiate_complete,
  .TerminateOffloadCompleteHandler = host_terminate_complete,
  .UpdateOffloadCompleteHandler = host_update_complete,
  .InvalidateOffloadCompleteHandler = host_invalidate_complete,
  .QueryOffloadCompleteHandler = host_query_complete,
  .IndicateOffloadEventHandler = host_indicate,
};

static const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS fake_client_tcp = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof fake_client_tcp },
  .OffloadType = NdisTcpChimneyOffload,
  .TcpOffloadSendCompleteHandler = host_send_complete,
  .TcpOffloadReceiveCompleteHandler = host_receive_complete,
  .TcpOffloadDisconnectCompleteHandler = host_disconnect_complete,
  .TcpOffloadForwardCompleteHandler = host_forward_complete,
  .TcpOffloadEventHandler = host_event,
  .TcpOffloadReceiveIndicateHandler = host_receive_indicate,
};

static inline void
host_set_options (void *context, Ndis *ndis)
{
  const FakeHost *host = context;
  if (!host->registers)
    return;
  assert_int_equal (NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_CLIENT_GENERIC,
                                             &fake_client.Header),
                    NDIS_STATUS_SUCCESS);
  assert_int_equal (NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_CLIENT_TCP,
                                             &fake_client_tcp.Header),
                    NDIS_STATUS_SUCCESS);
}

static inline void
host_bind (void *context, Ndis *ndis, NDIS_MINIPORT_HANDLE adapter)
{
  FakeHost *host = context;
  NdisOpenAdapterEx (ndis, adapter, host, &host->binding);
}

static const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS fake_protocol = {
  .SetOptionsHandler = host_set_options,
  .BindAdapterHandlerEx = host_bind,
  .OidRequestCompleteHandler = host_oid_complete,
  .StatusHandlerEx = host_status,
  .SendNetBufferListsCompleteHandler = host_frames_complete,
  .ReceiveNetBufferListsHandler = host_frames,
  .NetPnPEventHandler = host_net_event,
};

/* The fake miniport */

static inline void
target_write_status (FakeTarget *target, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list, bool is_initiate)
{
  uint32_t object = list->model.object_id;

  list->Status = NDIS_STATUS_SUCCESS;
  if (block_list_is_placeholder (list))
    return;
  list->Status = target->status[object];
  if (!is_initiate || *list->MiniportOffloadContext != 0)
    return;
  target->handle[object] = list->NdisOffloadHandle;
  if (list->Status == NDIS_STATUS_SUCCESS || list->Status == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS)
    *list->MiniportOffloadContext = ++target->contexts;
}

static inline void
target_complete (FakeTarget *target, const FakeRequest *request)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (request->tree);

  while ((list = block_walk_next (&walk)) != NULL)
    target_write_status (target, list, request->call == NDIS_CALL_MiniportInitiateOffload);
  switch ((int)request->call) {
  case NDIS_CALL_MiniportInitiateOffload:
    NdisMInitiateOffloadComplete (target->adapter, request->tree);
    break;
  case NDIS_CALL_MiniportTerminateOffload:
    NdisMTerminateOffloadComplete (target->adapter, request->tree);
    break;
  case NDIS_CALL_MiniportUpdateOffload:
    NdisMUpdateOffloadComplete (target->adapter, request->tree);
    break;
  case NDIS_CALL_MiniportQueryOffload:
    NdisMQueryOffloadStateComplete (target->adapter, request->tree);
    break;
  case NDIS_CALL_MiniportInvalidateOffload:
    NdisMInvalidateOffloadComplete (target->adapter, request->tree);
    break;
  case NDIS_CALL_MiniportTcpOffloadSend:
    target->events.NdisTcpOffloadSendComplete (target->adapter, request->list);
    break;
  case NDIS_CALL_MiniportTcpOffloadReceive:
    target->events.NdisTcpOffloadReceiveComplete (target->adapter, request->list);
    break;
  case NDIS_CALL_MiniportTcpOffloadDisconnect:
    target->events.NdisTcpOffloadDisconnectComplete (target->adapter, request->list);
    break;
  case NDIS_CALL_MiniportTcpOffloadForward:
    target->events.NdisTcpOffloadForwardComplete (target->adapter, request->list);
    break;
  case NDIS_CALL_MiniportSendNetBufferLists:
    NdisMSendNetBufferListsComplete (target->adapter, request->list);
    break;
  default:
    fail_msg ("nothing completes %s", trace_call_name (request->call));
  }
}

/* Completes the request that has waited longest, and then the next. */
static inline void
target_step (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  FakeTarget *target = args->self;

  if (target->waiting->len == 0)
    return;
  FakeRequest request = *heard_at (target->waiting, 0);
  g_array_remove_index (target->waiting, 0);
  ndis_then (target->bench->ndis, target_step, *args);
  target_complete (target, &request);
}

static inline void
target_hear (FakeTarget *target, FakeRequest request)
{
  g_array_append_val (target->heard, request);
  if (target->completes_inside) {
    target_complete (target, &request);
    return;
  }
  g_array_append_val (target->waiting, request);
  if (!target->holds)
    sim_cpu_queue (ndis_cpu (target->bench->ndis), &target->dpc);
}

#define FAKE_OPERATION(name, Call)                                                          \
  static inline void name (NDIS_HANDLE context, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST tree)     \
  {                                                                                         \
    target_hear (context, (FakeRequest){ .call = NDIS_CALL_Miniport##Call, .tree = tree }); \
  }
FAKE_OPERATION (target_initiate, InitiateOffload)
FAKE_OPERATION (target_terminate, TerminateOffload)
FAKE_OPERATION (target_update, UpdateOffload)
FAKE_OPERATION (target_invalidate, InvalidateOffload)
FAKE_OPERATION (target_query, QueryOffload)

#define FAKE_IO(name, Call)                                                                        \
  static inline NDIS_STATUS name (NDIS_HANDLE context, NDIS_TOKEN moc, NET_BUFFER_LIST *list)      \
  {                                                                                                \
    FakeTarget *target = context;                                                                  \
    target_hear (target,                                                                           \
                 (FakeRequest){ .call = NDIS_CALL_Miniport##Call, .list = list, .context = moc }); \
    return target->io_return;                                                                      \
  }
FAKE_IO (target_send, TcpOffloadSend)
FAKE_IO (target_receive, TcpOffloadReceive)
FAKE_IO (target_forward, TcpOffloadForward)

static inline NDIS_STATUS
target_disconnect (NDIS_HANDLE context, NDIS_TOKEN moc, NET_BUFFER_LIST *list, uint32_t flags)
{
  FakeTarget *target = context;
  target_hear (target, (FakeRequest){ .call = NDIS_CALL_MiniportTcpOffloadDisconnect,
                                      .list = list,
                                      .context = moc,
                                      .flags = flags });
  return target->io_return;
}

static inline NDIS_STATUS
target_return (NDIS_HANDLE context, NET_BUFFER_LIST *list)
{
  FakeTarget *target = context;
  FakeRequest request = { .call = NDIS_CALL_MiniportTcpOffloadReceiveReturn, .list = list };
  g_array_append_val (target->heard, request);
  return NDIS_STATUS_SUCCESS;
}

static inline NDIS_STATUS
target_oid (NDIS_HANDLE context, NDIS_OID_REQUEST *request)
{
  FakeTarget *target = context;
  FakeRequest heard = { .call = NDIS_CALL_MiniportOidRequest };
  if (request->Oid == OID_TCP4_OFFLOAD_STATS)
    request->data.tcp_stats = (TCP_OFFLOAD_STATS){ .InSegments = target->in_segments };
  g_array_append_val (target->heard, heard);
  return target->oid_return;
}

static inline void
target_frames (NDIS_HANDLE context, NET_BUFFER_LIST *list)
{
  target_hear (context,
               (FakeRequest){ .call = NDIS_CALL_MiniportSendNetBufferLists, .list = list });
}

static inline void
target_return_frames (NDIS_HANDLE context, NET_BUFFER_LIST *list)
{
  FakeTarget *target = context;
  FakeRequest request = { .call = NDIS_CALL_MiniportReturnNetBufferLists, .list = list };
  g_array_append_val (target->heard, request);
}

static inline NDIS_STATUS
target_pnp (NDIS_HANDLE context)
{
  const FakeTarget *target = context;
  return target->pnp_return;
}

static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS fake_provider = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof fake_provider },
  .InitiateOffloadHandler = target_initiate,
  .TerminateOffloadHandler = target_terminate,
  .UpdateOffloadHandler = target_update,
  .InvalidateOffloadHandler = target_invalidate,
  .QueryOffloadHandler = target_query,
};

static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS fake_provider_tcp = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof fake_provider_tcp },
  .OffloadType = NdisTcpChimneyOffload,
  .TcpOffloadSendHandler = target_send,
  .TcpOffloadReceiveHandler = target_receive,
  .TcpOffloadDisconnectHandler = target_disconnect,
  .TcpOffloadForwardHandler = target_forward,
  .TcpOffloadReceiveReturnHandler = target_return,
};

static inline void
target_set_options (void *context, Ndis *ndis)
{
  const FakeTarget *target = context;
  if (!target->registers)
    return;
  assert_int_equal (NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_GENERIC,
                                             &fake_provider.Header),
                    NDIS_STATUS_SUCCESS);
  assert_int_equal (NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_TCP,
                                             &fake_provider_tcp.Header),
                    NDIS_STATUS_SUCCESS);
}

static inline NDIS_STATUS
target_initialize (NDIS_MINIPORT_HANDLE adapter, void *context)
{
  FakeTarget *target = context;
  NDIS_MINIPORT_ATTRIBUTES attributes = {
    .MiniportAdapterContext = target,
    .offload = { .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof attributes.offload },
                 .Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3,
                 .SupportIPv4 = true,
                 .TcpConnectionOffloadCapacity = 1024 },
  };
  target->adapter = adapter;
  NdisMSetMiniportAttributes (adapter, &attributes);
  assert_int_equal (NdisMGetOffloadHandlers (adapter, NdisTcpChimneyOffload, &target->handed_out),
                    NDIS_STATUS_SUCCESS);
  target->events = *target->handed_out;
  return NDIS_STATUS_SUCCESS;
}

static const NDIS_MINIPORT_DRIVER_CHARACTERISTICS fake_miniport = {
  .SetOptionsHandler = target_set_options,
  .InitializeHandlerEx = target_initialize,
  .OidRequestHandler = target_oid,
  .SendNetBufferListsHandler = target_frames,
  .ReturnNetBufferListsHandler = target_return_frames,
  .PauseHandler = target_pnp,
  .ResetHandlerEx = target_pnp,
};

/* The bench */

static inline void
bench_note (void *data, const SimRecord *record)
{
  Bench *bench = data;
  g_array_append_vals (bench->log, record, 1);
}

/* A bench without drivers: the test may change what the fakes do, then bench_start. */
static inline Bench *
bench_new (void)
{
  Bench *bench = g_new0 (Bench, 1);
  bench->sim = sim_new (1);
  bench->log = g_array_new (FALSE, FALSE, sizeof (SimRecord));
  sim_trace_set_kinds (sim_trace (bench->sim), trace_kinds, TRACE_N_KINDS);
  sim_trace_add_reader (sim_trace (bench->sim), bench_note, bench, NULL, 0);
  for (uint32_t i = 0; i < FAKE_CPUS; i++)
    bench->cpu[i] =
        sim_cpu_new (bench->sim, (SimCpuConfig){ { FAKE_HZ }, .actor_id = 1 + i, .index = i });
  bench->config.actor_id = 10;
  bench->host = (FakeHost){ .bench = bench, .registers = true };
  bench->target = (FakeTarget){ .bench = bench,
                                .registers = true,
                                .io_return = NDIS_STATUS_PENDING,
                                .oid_return = NDIS_STATUS_SUCCESS };
  bench->host.heard = g_array_new (FALSE, FALSE, sizeof (FakeRequest));
  bench->target.waiting = g_array_new (FALSE, FALSE, sizeof (FakeRequest));
  bench->target.heard = g_array_new (FALSE, FALSE, sizeof (FakeRequest));
  sim_work_init (&bench->target.dpc, SIM_LEVEL_DPC, target_step,
                 (SimStepArgs){ .self = &bench->target });
  return bench;
}

/* Makes NDIS: intermediate drivers can be made afterwards. */
static inline void
bench_make_ndis (Bench *bench)
{
  bench->ndis = ndis_new (bench->sim, &bench->config, bench->cpu, FAKE_CPUS);
}

static inline void
bench_start (Bench *bench, const NdisDriver *ims, uint32_t n_ims)
{
  NdisDriver drivers[10] = { { "host", NULL, &fake_protocol, &bench->host } };

  if (bench->ndis == NULL)
    bench_make_ndis (bench);
  for (uint32_t i = 0; i < n_ims; i++)
    drivers[1 + i] = ims[i];
  drivers[1 + n_ims] = (NdisDriver){ "target", &fake_miniport, NULL, &bench->target };
  ndis_start (bench->ndis, drivers, n_ims + 2);
}

static inline void
bench_free (Bench *bench)
{
  ndis_free (bench->ndis);
  for (uint32_t i = 0; i < FAKE_CPUS; i++)
    sim_cpu_free (bench->cpu[i]);
  sim_free (bench->sim);
  g_array_free (bench->log, TRUE);
  g_array_free (bench->host.heard, TRUE);
  g_array_free (bench->target.heard, TRUE);
  g_array_free (bench->target.waiting, TRUE);
  g_free (bench);
}

/* Runs |step| (bench, what) as a DPC on processor 0, and everything that follows. */
typedef void (*BenchStep) (Bench *bench, void *what);

typedef struct BenchWork {
  SimWork work;
  BenchStep step;
  void *what;
} BenchWork;

static inline void
bench_step (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  const BenchWork *work = args->object;
  work->step (args->self, work->what);
}

static inline void
bench_run (Bench *bench, BenchStep step, void *what)
{
  BenchWork work = { .step = step, .what = what };

  sim_work_init (&work.work, SIM_LEVEL_DPC, bench_step,
                 (SimStepArgs){ .self = bench, .object = &work });
  sim_cpu_queue (bench->cpu[0], &work.work);
  SimStop stop = sim_run (bench->sim, (SimLimits){ .until = SIM_TIME_NEVER });
  assert_int_equal (stop, SIM_STOP_IDLE);
}

/* Lets the target complete all it holds. */
static inline void
bench_complete_step (Bench *bench, G_GNUC_UNUSED void *what)
{
  sim_cpu_queue (bench->cpu[0], &bench->target.dpc);
}

static inline void
bench_complete (Bench *bench)
{
  bench_run (bench, bench_complete_step, NULL);
}

/* The log */

/* Crossings as text: "call@layer(" at the begin, ")" at the end. */
static inline char *
bench_crossings (const Bench *bench)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < bench->log->len; i++) {
    const SimRecord *record = &g_array_index (bench->log, SimRecord, i);
    if (record->kind == TRACE_CALL_BEGIN)
      g_string_append_printf (text, "%s%s@%d(", text->len > 0 ? " " : "",
                              trace_call_name ((NdisCall)record->column[1]),
                              (int)record->column[5]);
    else if (record->kind == TRACE_CALL_END)
      g_string_append (text, ")");
  }
  return g_string_free (text, FALSE);
}

static inline void
bench_forget (Bench *bench)
{
  g_array_set_size (bench->log, 0);
  g_array_set_size (bench->host.heard, 0);
  g_array_set_size (bench->target.heard, 0);
}

static inline void
assert_crossings (const Bench *bench, const char *expected)
{
  g_autofree char *text = bench_crossings (bench);
  assert_string_equal (text, expected);
}

/* The |n|-th record of |kind| whose column |column| is |value|; column -1: any. */
static inline const SimRecord *
bench_record (const Bench *bench, TraceKind kind, int column, int64_t value, unsigned n)
{
  for (guint i = 0; i < bench->log->len; i++) {
    const SimRecord *record = &g_array_index (bench->log, SimRecord, i);
    if (record->kind == kind && (column < 0 || record->column[column] == value) && n-- == 0)
      return record;
  }
  return NULL;
}

static inline unsigned
bench_count (const Bench *bench, TraceKind kind, int column, int64_t value)
{
  unsigned n = 0;
  while (bench_record (bench, kind, column, value, n) != NULL)
    n++;
  return n;
}

/* Begin and end of the |n|-th crossing of |call|. */
static inline const SimRecord *
bench_begin (const Bench *bench, NdisCall call, unsigned n)
{
  const SimRecord *record = bench_record (bench, TRACE_CALL_BEGIN, 1, call, n);
  assert_non_null (record);
  return record;
}

static inline const SimRecord *
bench_end (const Bench *bench, NdisCall call, unsigned n)
{
  const SimRecord *begin = bench_begin (bench, call, n);
  const SimRecord *end = bench_record (bench, TRACE_CALL_END, 0, begin->column[0], 0);
  assert_non_null (end);
  return end;
}

/* Objects and trees */

static inline NDIS_OFFLOAD_HANDLE
fake_handle (Bench *bench, uint32_t object, uint32_t connection)
{
  return (NDIS_OFFLOAD_HANDLE){ .owner = &bench->host,
                                .object_id = object,
                                .connection_id = connection };
}

/* A new offload of |layer|, or a placeholder if |handle| is NULL. */
static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
fake_node (Bench *bench, OffloadLayer layer, NDIS_OFFLOAD_HANDLE *handle, uint32_t op)
{
  bool is_new = handle != NULL && handle->MiniportOffloadContext == 0;
  return ndis_block_list_new (bench->ndis, block_list_aggregate_type (layer, 4), is_new, handle,
                              op);
}

/* The objects of a neighbor, a path and two connections, and the tree of all four. */
typedef struct FakeObjects {
  NDIS_OFFLOAD_HANDLE neighbor, path, tcp[2];
} FakeObjects;

static inline void
fake_objects_init (Bench *bench, FakeObjects *objects)
{
  objects->neighbor = fake_handle (bench, 1, UINT32_MAX);
  objects->path = fake_handle (bench, 2, UINT32_MAX);
  objects->tcp[0] = fake_handle (bench, 3, 70);
  objects->tcp[1] = fake_handle (bench, 4, 71);
}

static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
fake_tree (Bench *bench, FakeObjects *objects)
{
  uint32_t op = ndis_next_op_id (bench->ndis);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root =
      fake_node (bench, OFFLOAD_LAYER_NEIGHBOR, &objects->neighbor, op);
  root->DependentBlockList = fake_node (bench, OFFLOAD_LAYER_PATH, &objects->path, op);
  root->DependentBlockList->DependentBlockList =
      fake_node (bench, OFFLOAD_LAYER_TCP, &objects->tcp[0], op);
  root->DependentBlockList->DependentBlockList->NextBlock =
      fake_node (bench, OFFLOAD_LAYER_TCP, &objects->tcp[1], op);
  return root;
}

/* One connection's node, which references it. */
static inline PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
fake_leaf (Bench *bench, NDIS_OFFLOAD_HANDLE *handle)
{
  return ndis_block_list_new (bench->ndis, TcpOffloadDelegatedState, true, handle,
                              ndis_next_op_id (bench->ndis));
}

static inline NET_BUFFER_LIST *
fake_list (Bench *bench, const NDIS_OFFLOAD_HANDLE *handle, uint64_t offset, uint32_t bytes)
{
  NET_BUFFER_LIST *list =
      ndis_nbl_take (bench->ndis, NDIS_HOLDER_HOST, handle->connection_id, handle->object_id);
  ndis_nbl_set_data (list,
                     (TcpRange){ offset, TCP_STREAM (handle->connection_id, TCP_TO_PEER), bytes });
  return list;
}

static inline void
initiate_step (Bench *bench, void *tree)
{
  NdisInitiateOffload (bench->host.binding, tree);
}

static inline void
terminate_step (Bench *bench, void *tree)
{
  NdisTerminateOffload (bench->host.binding, tree);
}

/* Offloads all four objects and forgets how. */
static inline void
bench_offload (Bench *bench, FakeObjects *objects)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, objects);
  bool holds = bench->target.holds;

  bench->target.holds = false;
  bench_run (bench, initiate_step, tree);
  bench->target.holds = holds;
  assert_int_equal (bench->host.heard->len, 1);
  block_tree_free (tree);
  bench_forget (bench);
}
