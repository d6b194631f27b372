#include "tests/target/target_bench.h"

#include "models/tcp/tcp.h"

/* Closing, by everybody, in every state that can be offloaded: a terminate, a graceful and an
 * abortive disconnect, the peer's FIN and RST; with and without requests outstanding; and a power-down
 * on top.  Whatever happens, each request comes back once and the terminate completes. */

typedef enum Closing { TERMINATE, GRACEFUL, ABORTIVE, PEER_FIN, PEER_RST, N_CLOSINGS } Closing;

static const char *const way_names[N_CLOSINGS] = { "terminate", "graceful disconnect",
                                                   "abortive disconnect", "FIN", "RST" };

static const TCP_OFFLOAD_CONNECTION_STATE states[] = {
  TcpConnectionEstablished, TcpConnectionFinWait1, TcpConnectionFinWait2,
  TcpConnectionCloseWait,   TcpConnectionClosing,  TcpConnectionLastAck,
};

typedef struct Cell {
  TCP_OFFLOAD_CONNECTION_STATE state;
  Closing way;
  bool has_requests;
  bool powers_down;
} Cell;

static bool
host_has_closed (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return state != TcpConnectionEstablished && state != TcpConnectionCloseWait;
}

static bool
peer_has_closed (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return state == TcpConnectionCloseWait || state == TcpConnectionClosing
         || state == TcpConnectionLastAck;
}

static bool
fin_is_unacknowledged (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return state == TcpConnectionFinWait1 || state == TcpConnectionClosing
         || state == TcpConnectionLastAck;
}

/* Offloads connection 0 in |state|: a FIN that is out has number SND_UNA. */
static void
offload_in (TargetBench *b, TCP_OFFLOAD_CONNECTION_STATE state)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = connection_tree (b, 0);
  TCP_OFFLOAD_STATE_DELEGATED *delegated = delegated_of (tcp_of (root));

  delegated->State = state;
  if (fin_is_unacknowledged (state)) {
    delegated->SndNxt = delegated->SndMax = SND_UNA + 1;
    delegated->Retransmit.TimeoutDelta = 300;
  }
  if (state == TcpConnectionFinWait2)
    delegated->Retransmit.TimeoutDelta = 60000;
  target_bench_offload_tree (b, root);
}

typedef struct Requests {
  NET_BUFFER_LIST *send, *receive, *disconnect;
} Requests;

static Requests
post_requests (TargetBench *b, const Cell *cell)
{
  Requests requests = { NULL, NULL, NULL };

  if (!cell->has_requests)
    return requests;
  if (!host_has_closed (cell->state)) {
    requests.send = send_list (b, 0, 0, 100);
    target_bench_send (b, 0, requests.send, 20);
  }
  requests.receive = receive_list (b, 0, 100);
  target_bench_post (b, 0, requests.receive, 20);
  return requests;
}

static void
close_by (TargetBench *b, const Cell *cell, Requests *requests)
{
  uint32_t ack = SND_UNA + (fin_is_unacknowledged (cell->state) ? 1 : 0);

  switch (cell->way) {
  case TERMINATE:
  case N_CLOSINGS:
    return;
  case GRACEFUL:
  case ABORTIVE:
    requests->disconnect = send_list (b, 0, 100, 0);
    target_bench_io (
        b, NULL, 0, requests->disconnect,
        cell->way == GRACEFUL ? TCP_DISCONNECT_GRACEFUL_CLOSE : TCP_DISCONNECT_ABORTIVE_CLOSE, 50);
    return;
  case PEER_FIN:
    if (!peer_has_closed (cell->state))
      peer_sends (b, 0, (PeerSegment){ RCV_NXT, ack, TCP_ACK | TCP_FIN, 0 }, 50);
    return;
  case PEER_RST:
    peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_RST, 0 }, 50);
    return;
  }
}

static unsigned
n_completions (const TargetBench *b, NdisCall call)
{
  unsigned n = 0;

  while (bench_record (b->bench, TRACE_CALL_BEGIN, 1, call, n) != NULL)
    n++;
  return n;
}

static void
oid_step (Bench *bench, void *request)
{
  NdisOidRequest (bench->host.binding, request);
}

/* Each request was completed once, or went back with the chain. */
static void
check_requests (const TargetBench *b, const Cell *cell, const Requests *requests,
                const NET_BUFFER_LIST *chain)
{
  unsigned sends = n_completions (b, NDIS_CALL_NdisTcpOffloadSendComplete);
  unsigned in_chain = 0;

  for (const NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next)
    in_chain += nbl == requests->send;
  if (sends + in_chain != (requests->send != NULL))
    fail_msg ("%s in %s: a send came back %u times", way_names[cell->way],
              tcp_state_name (cell->state), sends + in_chain);
  if (n_completions (b, NDIS_CALL_NdisTcpOffloadReceiveComplete) != (requests->receive != NULL))
    fail_msg ("%s in %s: the receive did not come back once", way_names[cell->way],
              tcp_state_name (cell->state));
  if (n_completions (b, NDIS_CALL_NdisTcpOffloadDisconnectComplete)
      != (requests->disconnect != NULL))
    fail_msg ("%s in %s: the disconnect did not come back once", way_names[cell->way],
              tcp_state_name (cell->state));
}

/* A RST that the host asked for leaves in every state (DISC-02), where both sides have closed,
 * too. */
static void
check_wire (const TargetBench *b, const Cell *cell)
{
  bool has_rst = false;
  bool has_fin = false;

  for (guint i = 0; i < b->arrived->len; i++) {
    has_rst |= (arrived_at (b, i)->flags & TCP_RST) != 0;
    has_fin |= (arrived_at (b, i)->flags & TCP_FIN) != 0;
  }
  if (cell->way == TERMINATE && has_fin)
    fail_msg ("a terminate in %s: FIN on the wire", tcp_state_name (cell->state));
  if (has_rst != (cell->way == ABORTIVE))
    fail_msg ("%s in %s: %s RST on the wire", way_names[cell->way], tcp_state_name (cell->state),
              has_rst ? "a" : "no");
}

static void
play (const Cell *cell)
{
  TargetConfig config = target_bench_config ();
  TargetBench *b = target_bench_new (&config);
  NDIS_OID_REQUEST power = { .Oid = OID_PNP_SET_POWER,
                             .is_set = true,
                             .data.power = NdisDeviceStateD3 };

  offload_in (b, cell->state);
  Requests requests = post_requests (b, cell);
  close_by (b, cell, &requests);
  if (cell->powers_down)
    target_bench_do (b, oid_step, &power, 0);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = target_bench_terminate (b, 0);
  assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
  assert_false (target_is_offloaded (b->target, 0));
  check_requests (b, cell, &requests, leaf->NetBufferListChain);
  check_wire (b, cell);
  block_tree_free (leaf);
  target_bench_free (b);
}

static void
every_way_of_closing_in_every_state_ends_with_each_request_back_once (G_GNUC_UNUSED void **state)
{
  for (size_t s = 0; s < G_N_ELEMENTS (states); s++)
    for (Closing way = 0; way < N_CLOSINGS; way++)
      for (unsigned more = 0; more < 4; more++) {
        if (way == GRACEFUL && host_has_closed (states[s]))
          continue; /* it has been asked for already */
        play (&(Cell){ states[s], way, (more & 1) != 0, (more & 2) != 0 });
      }
}

static void
a_terminate_brings_up_the_state_that_went_down (G_GNUC_UNUSED void **state)
{
  for (size_t s = 0; s < G_N_ELEMENTS (states); s++) {
    TargetConfig config = target_bench_config ();
    TargetBench *b = target_bench_new (&config);
    offload_in (b, states[s]);
    PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = target_bench_terminate (b, 0);
    assert_int_equal (delegated_of (leaf)->State, states[s]);
    block_tree_free (leaf);
    target_bench_free (b);
  }
}

static void
query_step (Bench *bench, void *tree)
{
  NdisQueryOffloadState (bench->host.binding, tree);
}

static void
update_step (Bench *bench, void *tree)
{
  NdisUpdateOffload (bench->host.binding, tree);
}

static void
invalidate_step (Bench *bench, void *tree)
{
  NdisInvalidateOffload (bench->host.binding, tree);
}

/* STATE-29 */
static void
every_operation_is_taken_in_every_state (G_GNUC_UNUSED void **state)
{
  static const struct {
    BenchStep step;
    OFFLOAD_STATE_TYPE type;
  } operations[] = { { query_step, TcpOffloadDelegatedState },
                     { update_step, TcpOffloadCachedState },
                     { invalidate_step, TcpOffloadState },
                     { terminate_step, TcpOffloadDelegatedState } };

  for (size_t s = 0; s < G_N_ELEMENTS (states); s++) {
    TargetConfig config = target_bench_config ();
    TargetBench *b = target_bench_new (&config);
    offload_in (b, states[s]);
    for (size_t i = 0; i < G_N_ELEMENTS (operations); i++) {
      PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf =
          ndis_block_list_new (b->bench->ndis, operations[i].type, true,
                               target_bench_handle (b, 20), ndis_next_op_id (b->bench->ndis));
      target_bench_do (b, operations[i].step, leaf, 200);
      assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
      if (operations[i].type == TcpOffloadDelegatedState)
        assert_int_equal (delegated_of (leaf)->State, states[s]);
      block_tree_free (leaf);
    }
    target_bench_free (b);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_way_of_closing_in_every_state_ends_with_each_request_back_once),
    cmocka_unit_test (a_terminate_brings_up_the_state_that_went_down),
    cmocka_unit_test (every_operation_is_taken_in_every_state),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
