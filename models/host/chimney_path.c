#include "models/host/chimney_path.h"

#include "models/host/chimney_requests.h"
#include "models/host/machine.h"
#include "models/host/manager.h"
#include "models/host/returns.h"
#include "models/host/switch.h"

/* Down: one crossing a step, until there is nothing left
 * 
 * A step plans and pays, the next one passes down what there is to pass down then: so a request
 * never begins to cross after its connection has ceased to be the target's. */

static const HostCost costs[] = {
  [CHIMNEY_RETURNS] = HOST_COST_CHIMNEY_RETURN,
  [CHIMNEY_FORWARDS] = HOST_COST_CHIMNEY_FORWARD,
  [CHIMNEY_RECEIVES] = HOST_COST_CHIMNEY_RECEIVE,
  [CHIMNEY_SENDS] = HOST_COST_CHIMNEY_SEND,
  [CHIMNEY_DISCONNECT] = HOST_COST_CHIMNEY_DISCONNECT,
};

/* The step after a call: what it was, and a list that a defect returns once more. */
typedef struct CallEnd {
  bool is_data; /* it counts as a data call of the connection */
  bool is_send;
  NET_BUFFER_LIST *again;
} CallEnd;

static void
call_ended (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  Host *host = args->self;
  Connection *c = args->object;
  NET_BUFFER_LIST *again = (NET_BUFFER_LIST *)(uintptr_t)args->word[2];

  if (args->word[0]) {
    c->calls_open--;
    c->sends_open -= args->word[1] != 0;
    manager_wake (host);
  }
  if (again != NULL && again->holder != NDIS_HOLDER_HOST) {
    SimStepArgs next = { .self = host, .object = c };
    ndis_then (host->ndis, call_ended, next);
    NdisOffloadTcpReceiveReturn (host->binding, again);
    return;
  }
  chimney_path_run (host, c);
}

static void
begin_call (Host *host, Connection *c, CallEnd end)
{
  SimStepArgs args = { .self = host,
                       .object = c,
                       .word = { end.is_data, end.is_send, (uintptr_t)end.again } };

  c->calls_open += end.is_data;
  c->sends_open += end.is_send;
  ndis_then (host->ndis, call_ended, args);
}

static void
pass_returns (Host *host, Connection *c, NET_BUFFER_LIST *list)
{
  bool twice = host_strikes (host, HOST_DEFECT_RETURN_TWICE, c->handle.object_id);

  begin_call (host, c, (CallEnd){ .again = twice ? ndis_nbl_chain_last (list) : NULL });
  NdisOffloadTcpReceiveReturn (host->binding, list);
}

static void
pass_request (Host *host, Connection *c, ChimneyKind kind, NET_BUFFER_LIST *list, uint32_t flags)
{
  begin_call (host, c, (CallEnd){ .is_data = true, .is_send = kind == CHIMNEY_SENDS });
  switch (kind) {
  case CHIMNEY_FORWARDS:
    if (c->owner == OWN_TERMINATING)
      host_strikes (host, HOST_DEFECT_FORWARD_DURING_TERMINATE, c->handle.object_id);
    NdisOffloadTcpForward (&c->handle, list);
    return;
  case CHIMNEY_RECEIVES:
    switch_trace_route (host, c, NDIS_CALL_NdisOffloadTcpReceive, PATH_CHIMNEY);
    NdisOffloadTcpReceive (&c->handle, list);
    return;
  case CHIMNEY_SENDS:
    NdisOffloadTcpSend (&c->handle, list);
    return;
  case CHIMNEY_DISCONNECT:
    switch_trace_route (host, c, NDIS_CALL_NdisOffloadTcpDisconnect, PATH_CHIMNEY);
    NdisOffloadTcpDisconnect (&c->handle, list, flags);
    return;
  case CHIMNEY_NOTHING:
  case CHIMNEY_RETURNS:
    break;
  }
  SIM_UNREACHABLE ();
}

static void
pass_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  Host *host = args->self;
  Connection *c = args->object;
  uint32_t count, flags = 0;
  ChimneyKind kind = chimney_plan (host, c, &count);
  NET_BUFFER_LIST *list = chimney_take (host, c, kind, &flags);

  if (list == NULL)
    return;
  if (kind == CHIMNEY_RETURNS)
    pass_returns (host, c, list);
  else
    pass_request (host, c, kind, list, flags);
}

void
chimney_path_run (Host *host, Connection *c)
{
  uint32_t count;
  ChimneyKind kind = chimney_plan (host, c, &count);

  if (kind == CHIMNEY_NOTHING)
    return;
  processors_charge (host, costs[kind], PART_HOST_TCP, WAY_CHIMNEY, count);
  if (kind == CHIMNEY_RECEIVES || kind == CHIMNEY_DISCONNECT)
    switch_charge (host, PATH_CHIMNEY);
  processors_then (host, pass_step, c);
}

/* Up: completions */

static NET_BUFFER_LIST *
unlink_first (NET_BUFFER_LIST **list)
{
  NET_BUFFER_LIST *nbl = *list;
  *list = nbl->Next;
  nbl->Next = NULL;
  return nbl;
}

/* Bytes of a send or a disconnect that the peer has acknowledged. */
static void
note_transferred (Host *host, Connection *c, NDIS_STATUS status, uint32_t bytes)
{
  if (status != NDIS_STATUS_REQUEST_ABORTED && !(c->bits & CONN_ABORTED))
    c->una_offset = MIN (c->una_offset + bytes, c->posted_offset);
  sockets_changed (host, c);
  if (bytes > 0)
    sim_progress (host->sim);
}

static void
finish_send (Host *host, NET_BUFFER_LIST *nbl)
{
  Connection *c = host_connection (host, nbl->connection_id);
  NDIS_STATUS status = nbl->Status;
  uint32_t bytes = nbl->TcpOffloadBytesTransferred;

  processors_charge (host, HOST_COST_CHIMNEY_SEND_COMPLETE, PART_HOST_TCP, WAY_CHIMNEY, 1);
  SIM_ASSERT (c->sends_posted > 0);
  c->sends_posted--;
  ndis_nbl_put (host->ndis, nbl);
  note_transferred (host, c, status, bytes);
  if (status == NDIS_STATUS_REQUEST_UPLOAD || status == NDIS_STATUS_UPLOAD_REQUESTED) {
    c->bits |= CONN_SENDS_BLOCKED;
    manager_upload_connection (host, c);
  }
  if (status == NDIS_STATUS_UPLOAD_IN_PROGRESS)
    c->bits |= CONN_SENDS_BLOCKED;
  if (status == NDIS_STATUS_SUCCESS && app_wants_room (&c->app))
    processors_defer (host, c, HOST_JOB_APP);
}

void
chimney_path_send_complete (Host *host, NET_BUFFER_LIST *list)
{
  while (list != NULL)
    finish_send (host, unlink_first (&list));
}

static void
finish_receive (Host *host, NET_BUFFER_LIST *nbl)
{
  Connection *c = host_connection (host, nbl->connection_id);
  uint32_t bytes = nbl->TcpOffloadBytesTransferred;
  TcpRange placed = nbl->mdl.content;
  uint32_t prefilled = nbl->TcpReceiveBytesTransferred;

  processors_charge (host, HOST_COST_CHIMNEY_RECEIVE_COMPLETE, PART_HOST_TCP, WAY_CHIMNEY, 1);
  SIM_ASSERT (c->receives_posted > 0);
  c->receives_posted--;
  c->prefilled_posted -= prefilled > 0;
  c->receive_bytes_posted -= MIN (c->receive_bytes_posted, nbl->mdl.ByteCount - prefilled);
  c->app.indicated_bytes -= MIN (c->app.indicated_bytes, bytes);
  if (bytes > 0) {
    placed.offset += prefilled;
    placed.bytes = bytes;
    c->received_offset = connection_check_range (host, c, placed, c->delivered_offset);
    switch_deliver (host, c, bytes, PATH_CHIMNEY);
    processors_defer (host, c, HOST_JOB_APP);
  } else if (nbl->Status == NDIS_STATUS_SUCCESS) {
    processors_defer (host, c, HOST_JOB_CHIMNEY);
  }
  ndis_nbl_put (host->ndis, nbl);
}

void
chimney_path_receive_complete (Host *host, NET_BUFFER_LIST *list)
{
  while (list != NULL)
    finish_receive (host, unlink_first (&list));
}

/* Nothing more can happen on the connection: it need not stay with the target. */
static bool
is_over (const Connection *c)
{
  return c->bits & CONN_ABORTED
         || (c->bits & CONN_FIN_WITH_TCB && c->bits & CONN_DISCONNECTED
             && c->disconnects_posted == 0);
}

void
chimney_path_disconnect_complete (Host *host, NET_BUFFER_LIST *list)
{
  Connection *c = host_connection (host, list->connection_id);
  NDIS_STATUS status = list->Status;

  processors_charge (host, HOST_COST_CHIMNEY_EVENT, PART_HOST_TCP, WAY_CHIMNEY, 1);
  SIM_ASSERT (c->disconnects_posted > 0);
  c->disconnects_posted--;
  note_transferred (host, c, status, list->TcpOffloadBytesTransferred);
  ndis_nbl_put (host->ndis, list);
  if (status == NDIS_STATUS_REQUEST_ABORTED || is_over (c))
    manager_upload_connection (host, c);
}

static void
finish_forward (Host *host, NET_BUFFER_LIST *nbl)
{
  Connection *c = host_connection (host, nbl->connection_id);

  SIM_ASSERT (c->forwards_posted > 0);
  c->forwards_posted--;
  if (nbl->Status == NDIS_STATUS_UPLOAD_IN_PROGRESS)
    connection_hold (host, c, nbl->frame); /* FWD-08: the host processes it */
  ndis_nbl_put (host->ndis, nbl);
}

void
chimney_path_forward_complete (Host *host, NET_BUFFER_LIST *list)
{
  while (list != NULL)
    finish_forward (host, unlink_first (&list));
}

/* Up: indications */

static uint32_t
accepted_bytes (const Connection *c, uint32_t bytes)
{
  const HostReceivePolicy *policy = c->receive;

  /* One that posts requests of no bytes is ready when it has posted one. */
  bool is_ready = policy->zero_length ? c->bits & CONN_TAKES_NEXT : policy->accept_indications;
  if (c->bits & CONN_ABORTED || c->app.by_hand || !is_ready || c->prefilled_posted > 0)
    return 0;
  return policy->accept_bytes > 0 ? MIN (bytes, policy->accept_bytes) : bytes;
}

/* Copies the first |bytes| of what is indicated to the application. */
static void
take_indicated (Host *host, Connection *c, const NET_BUFFER_LIST *nbl, uint32_t bytes)
{
  processors_charge (host, HOST_COST_COPY_RECEIVE, PART_HOST_COPY, WAY_CHIMNEY, bytes);
  for (uint32_t taken = 0; taken < bytes;) {
    TcpRange range = ndis_nbl_range (nbl, taken, bytes - taken);
    SIM_ASSERT (range.bytes > 0);
    c->received_offset = connection_check_range (host, c, range, c->delivered_offset);
    switch_deliver (host, c, range.bytes, PATH_CHIMNEY);
    taken += range.bytes;
  }
  processors_defer (host, c, HOST_JOB_APP);
}

NDIS_STATUS
chimney_path_indicate (Host *host, Connection *c, NET_BUFFER_LIST *nbl,
                       uint32_t *ret_bytes_consumed)
{
  uint32_t bytes = ndis_nbl_bytes (nbl);
  uint32_t accepted = accepted_bytes (c, bytes);

  processors_charge (host, HOST_COST_CHIMNEY_INDICATE, PART_HOST_TCP, WAY_CHIMNEY, 1);
  *ret_bytes_consumed = accepted;
  c->bits &= ~(uint32_t)CONN_TAKES_NEXT;
  if (accepted > 0)
    take_indicated (host, c, nbl, accepted);
  if (accepted == bytes) {
    returns_add (host, c, nbl);
    return NDIS_STATUS_SUCCESS;
  }
  c->bits |= CONN_POST_ONE;
  c->app.indicated_bytes = bytes - accepted;
  sockets_indicated (host, c);
  processors_defer (host, c, HOST_JOB_CHIMNEY);
  return accepted > 0 ? NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED
                      : NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
}

/* Up: events */

static bool
must_upload (const Host *host, TCP_UPLOAD_REASON reason)
{
  switch (reason) {
  case ReceivedUrgentData:
  case TimeoutExpiration:
  case InvalidState:
  case UploadRequested:
  case HardwareFailure:
    return true;
  case LowActivity:
  case HighDropRate:
  case SmallIO:
  case NoBufferPreposting:
  case HighFragmentation:
  case HighOutOfOrderPackets:
    return host->config.offload.optional_reasons == HOST_OPTIONAL_UPLOAD;
  }
  SIM_UNREACHABLE ();
}

static void
note_disconnect (Host *host, Connection *c)
{
  c->bits |= CONN_DISCONNECTED;
  if (!(c->bits & CONN_FIN_RECEIVED)) {
    c->bits |= CONN_FIN_RECEIVED;
    c->fin_offset = c->delivered_offset;
  }
  connection_count (host, c);
  processors_defer (host, c, HOST_JOB_APP);
  sockets_changed (host, c);
  if (is_over (c))
    manager_upload_connection (host, c);
}

static void
note_backlog (Host *host, Connection *c, uint32_t bytes)
{
  if (bytes == 0 || bytes == TCP_BACKLOG_UNSUPPORTED
      || host_strikes (host, HOST_DEFECT_IGNORE_BACKLOG, c->handle.object_id))
    return;
  c->backlog_bytes = bytes;
  if (app_wants_room (&c->app))
    processors_defer (host, c, HOST_JOB_APP);
}

void
chimney_path_event (Host *host, Connection *c, TCP_OFFLOAD_EVENT_TYPE type, uint32_t information)
{
  bool is_loss = type == TcpIndicateRetrieve && information == HardwareFailure;

  processors_charge (host, HOST_COST_CHIMNEY_EVENT, PART_HOST_TCP, WAY_CHIMNEY, 1);
  if (c->owner == OWN_LOST || (c->owner == OWN_TERMINATING && is_loss)) {
    c->bits |= CONN_LOSS_TOLD;
    manager_wake (host);
  }
  switch (type) {
  case TcpIndicateDisconnect:
    note_disconnect (host, c);
    return;
  case TcpIndicateAbort:
    app_gone (host, c);
    if (!host_strikes (host, HOST_DEFECT_KEEP_ABORTED, c->handle.object_id))
      manager_upload_connection (host, c);
    return;
  case TcpIndicateRetrieve:
    if (must_upload (host, (TCP_UPLOAD_REASON)information)
        && !host_strikes (host, HOST_DEFECT_IGNORE_RETRIEVE, c->handle.object_id))
      manager_upload_connection (host, c);
    return;
  case TcpIndicateSendBacklogChange:
    note_backlog (host, c, information);
    return;
  }
}
