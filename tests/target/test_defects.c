#include "tests/target/target_bench.h"

/* Each defect does what its line says, and the target behaves without it. */

typedef PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST Node;

/* Plays a situation and answers whether the misbehaviour showed. */
typedef bool (*Situation) (TargetBench *b);

static unsigned
begins (const TargetBench *b, NdisCall call)
{
  return bench_count (b->bench, TRACE_CALL_BEGIN, 1, call);
}

/* Numbers of the records of the first begin and end of |call|; as if at the end of time if there
 * are none. */
static uint64_t
begun (const TargetBench *b, NdisCall call)
{
  const SimRecord *record = bench_record (b->bench, TRACE_CALL_BEGIN, 1, call, 0);
  return record != NULL ? record->number : UINT64_MAX;
}

static uint64_t
ended (const TargetBench *b, NdisCall call)
{
  const SimRecord *record = bench_record (b->bench, TRACE_CALL_END, 1, call, 0);
  return record != NULL ? record->number : UINT64_MAX;
}

static void
peer (TargetBench *b, uint32_t offset, uint32_t ack, uint8_t flags, uint32_t bytes)
{
  peer_sends (b, 0, (PeerSegment){ RCV_NXT + offset, ack, flags, bytes }, 50);
}

static void
disconnect (TargetBench *b, NET_BUFFER_LIST *list, uint32_t flags)
{
  target_bench_io (b, NULL, 0, list, flags, 50);
}

static void
update_step (Bench *bench, void *tree)
{
  NdisUpdateOffload (bench->host.binding, tree);
}

static void
query_step (Bench *bench, void *tree)
{
  NdisQueryOffloadState (bench->host.binding, tree);
}

static void
oid_step (Bench *bench, void *request)
{
  NdisOidRequest (bench->host.binding, request);
}

static void
pause_step (Bench *bench, G_GNUC_UNUSED void *data)
{
  ndis_pnp (bench->ndis, NDIS_PNP_PAUSE, 0, (NdisPnpCaller){ 0 });
}

/* State operations */

static bool
initiate_is_completed_twice (TargetBench *b)
{
  Node root = connection_tree (b, 0);
  target_bench_do (b, initiate_step, root, 200);
  return begins (b, NDIS_CALL_NdisMInitiateOffloadComplete) == 2;
}

static bool
completion_is_inside_the_handler (TargetBench *b)
{
  target_bench_offload (b, 0);
  Node node = ndis_block_list_new (b->bench->ndis, TcpOffloadCachedState, true,
                                   target_bench_handle (b, 20), ndis_next_op_id (b->bench->ndis));
  target_bench_do (b, update_step, node, 100);
  return begun (b, NDIS_CALL_NdisMUpdateOffloadComplete)
         < ended (b, NDIS_CALL_MiniportUpdateOffload);
}

static bool
query_is_never_completed (TargetBench *b)
{
  target_bench_offload (b, 0);
  Node node = fake_leaf (b->bench, target_bench_handle (b, 20));
  target_bench_do (b, query_step, node, 200);
  return begins (b, NDIS_CALL_NdisMQueryOffloadStateComplete) == 0;
}

static bool
last_status_is_missing (TargetBench *b)
{
  Node root = connection_tree (b, 0);
  target_bench_do (b, initiate_step, root, 200);
  return tcp_of (root)->Status == NDIS_STATUS_NOT_WRITTEN;
}

static bool
update_ends_with_resources (TargetBench *b)
{
  target_bench_offload (b, 0);
  Node node = ndis_block_list_new (b->bench->ndis, TcpOffloadCachedState, true,
                                   target_bench_handle (b, 20), ndis_next_op_id (b->bench->ndis));
  target_bench_do (b, update_step, node, 200);
  return node->Status == NDIS_STATUS_RESOURCES;
}

/* The second connection finds no room: the tables hold one. */
static Node
initiate_two (TargetBench *b)
{
  Node root = connection_tree (b, 0);
  add_dependent (root->DependentBlockList, tcp_node (b, 1, root->model.op_id));
  target_bench_do (b, initiate_step, root, 300);
  return root;
}

static bool
failed_node_has_a_context (TargetBench *b)
{
  initiate_two (b);
  return target_bench_handle (b, 21)->MiniportOffloadContext != 0;
}

static bool
new_node_has_no_context (TargetBench *b)
{
  Node root = connection_tree (b, 0);
  target_bench_do (b, initiate_step, root, 200);
  return tcp_of (root)->Status == NDIS_STATUS_SUCCESS
         && target_bench_handle (b, 20)->MiniportOffloadContext == 0;
}

static bool
placeholder_fails (TargetBench *b)
{
  Node root = fake_node (b->bench, OFFLOAD_LAYER_NEIGHBOR, NULL, ndis_next_op_id (b->bench->ndis));
  target_bench_do (b, initiate_step, root, 200);
  return root->Status == NDIS_STATUS_FAILURE;
}

static bool
partial_success_is_success (TargetBench *b)
{
  return initiate_two (b)->DependentBlockList->Status == NDIS_STATUS_SUCCESS;
}

static bool
status_is_unknown (TargetBench *b)
{
  return tcp_of (initiate_two (b))->NextBlock->Status == NDIS_STATUS_PAUSED;
}

static bool
siblings_of_a_failed_root_are_offloaded (TargetBench *b)
{
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  Node root = neighbor_node (b, 1, op);
  NEIGHBOR_OFFLOAD_STATE_CONST *constants =
      block_list_const_state (block_list_miniport_view (root));
  constants->DlSourceAddress = 1000; /* no room for another one, see defective_config */
  root->NextBlock = neighbor_node (b, 3, op);
  target_bench_do (b, initiate_step, root, 200);
  return root->Status != NDIS_STATUS_SUCCESS && root->NextBlock->Status == NDIS_STATUS_SUCCESS;
}

static bool
indication_precedes_the_initiates_return (TargetBench *b)
{
  Node root = connection_tree (b, 0);
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_SUCCESS, 100 };
  for (uint32_t c = 1; c < 8; c++) /* they fail, and take their time */
    add_dependent (root->DependentBlockList, tcp_node (b, c, root->model.op_id));
  target_bench_do (b, initiate_step, root, 25);
  peer (b, 0, SND_UNA, TCP_ACK | TCP_PSH, 100);
  target_bench_wait (b, 200);
  return begun (b, NDIS_CALL_NdisTcpOffloadReceiveHandler)
         < ended (b, NDIS_CALL_NdisMInitiateOffloadComplete);
}

static bool
sends_of_a_failed_connection_are_completed (TargetBench *b)
{
  Node root = connection_tree (b, 0);
  Node second = add_dependent (root->DependentBlockList, tcp_node (b, 1, root->model.op_id));
  NET_BUFFER_LIST *list = send_list (b, 1, 0, 10);
  second->NetBufferListChain = list;
  delegated_of (second)->SendDataHead = delegated_of (second)->SendDataTail = list;
  target_bench_do (b, initiate_step, root, 300);
  return begins (b, NDIS_CALL_NdisTcpOffloadSendComplete) == 1;
}

static bool
wrong_root_is_completed (TargetBench *b)
{
  Node root = connection_tree (b, 0);
  target_bench_do (b, initiate_step, root, 200);
  return bench_end (b->bench, NDIS_CALL_NdisMInitiateOffloadComplete, 0)->column[4]
         == NDIS_STATUS_INVALID_STATE;
}

/* Terminate */

static bool
context_is_freed_early (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_terminate (b, 0);
  return bench_record (b->bench, TRACE_CONTEXT_FREE, 3, 20, 0)->number
         < begun (b, NDIS_CALL_NdisMTerminateOffloadComplete);
}

static bool
no_acknowledgment_is_flushed (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 50);
  target_bench_post (b, 0, receive_list (b, 0, 10), 50);
  peer (b, 0, SND_UNA + 10, TCP_ACK | TCP_PSH, 10);
  target_bench_terminate (b, 0);
  return b->arrived->len == 1;
}

static bool
segment_is_processed_in_terminate (TargetBench *b)
{
  target_bench_offload (b, 0);
  Node leaf = fake_leaf (b->bench, target_bench_handle (b, 20));
  TcpSegment late = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 10 });
  wire_send (b->wire, WIRE_END_PEERS, SIDE_PEER, &late);
  target_bench_do (b, terminate_step, leaf, 300);
  return delegated_of (leaf)->RcvNxt == RCV_NXT + 10;
}

static bool
terminate_overtakes_the_receives (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_post (b, 0, receive_list (b, 0, 10), 50);
  target_bench_terminate (b, 0);
  const FakeRequest *completed = host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveComplete, 0);
  return completed == NULL
         || begun (b, NDIS_CALL_NdisTcpOffloadReceiveComplete)
                > begun (b, NDIS_CALL_NdisMTerminateOffloadComplete);
}

static bool
a_buffered_byte_is_missing (TargetBench *b)
{
  target_bench_offload (b, 0);
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 };
  peer (b, 0, SND_UNA, TCP_ACK | TCP_PSH, 100);
  Node leaf = target_bench_terminate (b, 0);
  return ndis_nbl_bytes (delegated_of (leaf)->BufferedData) == 99;
}

static bool
buffered_data_is_indicated_unasked (TargetBench *b)
{
  Node root = connection_tree (b, 0);
  NET_BUFFER_LIST *buffered = send_list (b, 0, 0, 0);
  ndis_nbl_set_data (buffered, (TcpRange){ 0, TCP_STREAM (0, TCP_FROM_PEER), 80 });
  delegated_of (tcp_of (root))->BufferedData = buffered;
  delegated_of (tcp_of (root))->RcvNxt = RCV_NXT + 80;
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_SUCCESS, 80 };
  target_bench_do (b, initiate_step, root, 300);
  return begins (b, NDIS_CALL_NdisTcpOffloadReceiveHandler) == 1;
}

static bool
sends_come_back_reversed (TargetBench *b)
{
  target_bench_offload (b, 0);
  NET_BUFFER_LIST *first = send_list (b, 0, 0, 10);
  target_bench_send (b, 0, first, 20);
  target_bench_send (b, 0, send_list (b, 0, 10, 10), 50);
  return target_bench_terminate (b, 0)->NetBufferListChain != first;
}

/* Data */

static bool
send_returns_success (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 50);
  return bench_end (b->bench, NDIS_CALL_MiniportTcpOffloadSend, 0)->column[4]
         == NDIS_STATUS_SUCCESS;
}

static bool
a_send_is_lost (TargetBench *b)
{
  unsigned completed = 0;
  const FakeRequest *request;

  target_bench_offload (b, 0);
  for (uint32_t i = 0; i < 16; i++)
    target_bench_send (b, 0, send_list (b, 0, 10 * i, 10), 20);
  peer (b, 0, SND_UNA + 160, TCP_ACK, 0);
  for (unsigned n = 0;
       (request = host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, n)) != NULL; n++)
    completed += ndis_nbl_chain_count (request->list);
  return completed == 15;
}

static bool
send_completes_before_its_ack (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 50);
  bool early = begins (b, NDIS_CALL_NdisTcpOffloadSendComplete) == 1;
  peer (b, 0, SND_UNA + 10, TCP_ACK, 0);
  return early;
}

static bool
sent_bytes_are_not_told (TargetBench *b)
{
  target_bench_offload (b, 0);
  NET_BUFFER_LIST *list = send_list (b, 0, 0, 10);
  target_bench_send (b, 0, list, 50);
  peer (b, 0, SND_UNA + 10, TCP_ACK, 0);
  return list->TcpOffloadBytesTransferred == 0;
}

static bool
ip_ids_are_the_hosts (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 50);
  return last_arrived (b)->ip_id < 0x8000;
}

static bool
datagrams_may_be_fragmented (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 50);
  return (last_arrived (b)->oddities & TCP_IP_DONT_FRAGMENT) == 0;
}

static bool
an_update_changes_no_header (TargetBench *b)
{
  target_bench_offload (b, 0);
  Node node = ndis_block_list_new (b->bench->ndis, TcpOffloadCachedState, true,
                                   target_bench_handle (b, 20), ndis_next_op_id (b->bench->ndis));
  TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (node));
  cached->TtlOrHopLimit = 9;
  target_bench_do (b, update_step, node, 200);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 50);
  return last_arrived (b)->ttl != 9;
}

static bool
received_bytes_are_told_wrong (TargetBench *b)
{
  target_bench_offload (b, 0);
  NET_BUFFER_LIST *list = receive_list (b, 0, 10);
  target_bench_post (b, 0, list, 50);
  peer (b, 0, SND_UNA, TCP_ACK | TCP_PSH, 10);
  return list->TcpOffloadBytesTransferred == 9;
}

static bool
receives_come_back_swapped (TargetBench *b)
{
  target_bench_offload (b, 0);
  NET_BUFFER_LIST *first = receive_list (b, 0, 10);
  first->Next = receive_list (b, 0, 10);
  target_bench_post (b, 0, first, 50);
  peer (b, 0, SND_UNA, TCP_ACK | TCP_PSH, 20);
  return host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveComplete, 0)->list != first;
}

static bool
data_is_indicated_past_a_request (TargetBench *b)
{
  target_bench_offload (b, 0);
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_SUCCESS, 10 };
  target_bench_post (b, 0, receive_list (b, 0, 10), 50);
  peer (b, 0, SND_UNA, TCP_ACK | TCP_PSH, 10);
  return begins (b, NDIS_CALL_NdisTcpOffloadReceiveHandler) == 1;
}

static bool
indication_carries_resources (TargetBench *b)
{
  target_bench_offload (b, 0);
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_SUCCESS, 10 };
  peer (b, 0, SND_UNA, TCP_ACK | TCP_PSH, 10);
  return b->bench->host.last_status == NDIS_STATUS_RESOURCES;
}

static bool
refused_data_is_indicated_again (TargetBench *b)
{
  target_bench_offload (b, 0);
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 };
  peer (b, 0, SND_UNA, TCP_ACK | TCP_PSH, 10);
  return begins (b, NDIS_CALL_NdisTcpOffloadReceiveHandler) == 2;
}

/* Ends */

static bool
fin_overtakes_data (TargetBench *b)
{
  target_bench_offload (b, 0);
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 };
  peer (b, 0, SND_UNA, TCP_ACK | TCP_PSH | TCP_FIN, 10);
  return begins (b, NDIS_CALL_NdisTcpOffloadEventHandler) == 1;
}

static bool
abort_is_not_told (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 50);
  target_bench_post (b, 0, receive_list (b, 0, 10), 50);
  peer (b, 0, SND_UNA + 10, TCP_RST, 0);
  return begins (b, NDIS_CALL_NdisTcpOffloadEventHandler) == 0;
}

static bool
graceful_disconnect_resets (TargetBench *b)
{
  target_bench_offload (b, 0);
  disconnect (b, send_list (b, 0, 0, 0), TCP_DISCONNECT_GRACEFUL_CLOSE);
  return (last_arrived (b)->flags & TCP_RST) != 0;
}

static bool
graceful_disconnect_does_not_wait (TargetBench *b)
{
  target_bench_offload (b, 0);
  disconnect (b, send_list (b, 0, 0, 0), TCP_DISCONNECT_GRACEFUL_CLOSE);
  return begins (b, NDIS_CALL_NdisTcpOffloadDisconnectComplete) == 1;
}

static bool
power_goes_early (TargetBench *b)
{
  NDIS_OID_REQUEST request = { .Oid = OID_PNP_SET_POWER, .is_set = true, .id = 900 };
  request.data.power = NdisDeviceStateD3;
  request.status = NDIS_STATUS_PENDING;
  target_bench_offload (b, 0);
  target_bench_do (b, oid_step, &request, 100);
  return request.status == NDIS_STATUS_SUCCESS;
}

/* Statistics */

static NDIS_OID_REQUEST
statistics (TargetBench *b, NDIS_OID oid, bool is_set)
{
  NDIS_OID_REQUEST request = { .Oid = oid, .is_set = is_set, .id = 901 };
  target_bench_do (b, oid_step, &request, 100);
  return request;
}

static bool
counters_survive_a_set (TargetBench *b)
{
  target_bench_offload (b, 0);
  peer (b, 0, SND_UNA, TCP_ACK, 10);
  statistics (b, OID_TCP4_OFFLOAD_STATS, true);
  return statistics (b, OID_TCP4_OFFLOAD_STATS, false).data.tcp_stats.InSegments != 0;
}

static bool
counter_stops (TargetBench *b)
{
  target_bench_offload (b, 0);
  peer (b, 0, SND_UNA, TCP_ACK, 10);
  return statistics (b, OID_IP4_OFFLOAD_STATS, false).data.ip_stats.InReceives == UINT64_MAX;
}

static bool
ordinary_frame_is_counted (TargetBench *b)
{
  peer (b, 0, SND_UNA, TCP_ACK, 10);
  return statistics (b, OID_TCP4_OFFLOAD_STATS, false).data.tcp_stats.InSegments != 0;
}

static bool
uploaded_connection_is_counted (TargetBench *b)
{
  target_bench_offload (b, 0);
  block_tree_free (target_bench_terminate (b, 0));
  return statistics (b, OID_TCP4_OFFLOAD_STATS, false).data.tcp_stats.CurrentlyEstablished != 0;
}

static void
broken (TargetBench *b, uint8_t oddities)
{
  TcpSegment segment = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 10 });

  segment.oddities = oddities;
  wire_send (b->wire, WIRE_END_PEERS, SIDE_PEER, &segment);
  target_bench_wait (b, 50);
}

/* It is counted among what was received, and not as an error. */
static bool
broken_header_is_not_counted (TargetBench *b)
{
  target_bench_offload (b, 0);
  broken (b, TCP_IP_BAD_HEADER);
  IP_OFFLOAD_STATS stats = statistics (b, OID_IP4_OFFLOAD_STATS, false).data.ip_stats;
  return stats.InReceives == 1 && stats.InHeaderErrors == 0;
}

static bool
wrong_checksum_is_indicated_and_counted (TargetBench *b)
{
  target_bench_offload (b, 0);
  broken (b, TCP_BAD_CHECKSUM);
  bool is_indicated = begins (b, NDIS_CALL_NdisMIndicateReceiveNetBufferLists) == 1;
  return is_indicated && statistics (b, OID_TCP4_OFFLOAD_STATS, false).data.tcp_stats.InErrors != 0;
}

static bool
reserved_flag_changes (TargetBench *b)
{
  target_bench_offload (b, 0);
  Node leaf = target_bench_terminate (b, 0);
  bool has_changed = delegated_of (leaf)->Flags != 0;
  block_tree_free (leaf);
  return has_changed;
}

static bool
relinked_path_stays (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_offload_tree (b, neighbor_node (b, 3, ndis_next_op_id (b->bench->ndis)));
  Ndis *ndis = b->bench->ndis;
  uint32_t op = ndis_next_op_id (ndis);
  Node root =
      ndis_block_list_new (ndis, NeighborOffloadState, false, target_bench_handle (b, 3), op);
  Node path = add_dependent (root, ndis_block_list_new (ndis, Ip4OffloadState, false,
                                                        target_bench_handle (b, 2), op));

  target_bench_do (b, update_step, root, 100);
  bool shows = path->Status == NDIS_STATUS_SUCCESS
               && bench_record (b->bench, TRACE_CONTEXT_LINK, -1, 0, 0) == NULL;
  block_tree_free (root);
  return shows;
}

/* Configuration */

static bool
connection_of_ipv4_is_offloaded (TargetBench *b)
{
  Node root = connection_tree (b, 0);
  target_bench_do (b, initiate_step, root, 200);
  block_tree_free (root);
  return target_is_offloaded (b->target, 0);
}

static NDIS_STATUS
status_with_vlan (TargetBench *b)
{
  Node root = connection_tree (b, 0);
  NEIGHBOR_OFFLOAD_STATE_CONST *constants =
      block_list_const_state (block_list_miniport_view (root));
  constants->VlanId = 5;
  target_bench_do (b, initiate_step, root, 200);
  NDIS_STATUS status = root->Status;
  block_tree_free (root);
  return status;
}

static bool
other_vlan_is_taken (TargetBench *b)
{
  return status_with_vlan (b) == NDIS_STATUS_SUCCESS;
}

static bool
any_vlan_is_refused (TargetBench *b)
{
  return status_with_vlan (b) == NDIS_STATUS_OFFLOAD_VLAN_MISMATCH;
}

/* A frame has been indicated and is not returned. */
static bool
pause_does_not_wait (TargetBench *b)
{
  peer (b, 0, SND_UNA, TCP_ACK, 10);
  target_bench_do (b, pause_step, NULL, 100);
  return bench_end (b->bench, NDIS_CALL_MiniportPause, 0)->column[4] == NDIS_STATUS_SUCCESS;
}

/* Backlog and push timer */

static bool
every_acknowledgment_tells_the_backlog (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_send (b, 0, send_list (b, 0, 0, 200), 50);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + 100, TCP_ACK, 0 }, 50);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + 200, TCP_ACK, 0 }, 50);
  return begins (b, NDIS_CALL_NdisTcpOffloadEventHandler) > 1;
}

static bool
second_backlog_is_not_told (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_send (b, 0, send_list (b, 0, 0, 60000), 50);
  for (uint32_t acked = 7300; acked < 60000; acked += 7300)
    peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + acked, TCP_ACK, 0 }, 50);
  target_bench_wait (b, 20000);
  return begins (b, NDIS_CALL_NdisTcpOffloadEventHandler) == 1;
}

static bool
segment_behind_a_reset_is_processed (TargetBench *b)
{
  target_bench_offload (b, 0);
  TcpSegment reset = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_RST, 0 });
  TcpSegment data = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 });
  NET_BUFFER_LIST *chain = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_HOST, &reset);

  chain->Next = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_HOST, &data);
  target_bench_io (b, NdisOffloadTcpForward, 0, chain, 0, 50);
  return chain->Next->Status == NDIS_STATUS_SUCCESS;
}

/* Unusual segments */

static bool
segment_of_another_vlan_is_taken (TargetBench *b)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = connection_tree (b, 0);
  NEIGHBOR_OFFLOAD_STATE_CONST *constants =
      block_list_const_state (block_list_miniport_view (root));

  constants->VlanId = 5;
  target_bench_offload_tree (b, root);
  target_bench_post (b, 0, receive_list (b, 0, 10), 50);
  peer (b, 0, SND_UNA, TCP_ACK | TCP_PSH, 10);
  return begins (b, NDIS_CALL_NdisTcpOffloadReceiveComplete) == 1;
}

static bool
what_follows_urgent_data_goes_up (TargetBench *b)
{
  target_bench_offload (b, 0);
  peer (b, 0, SND_UNA, TCP_ACK | TCP_URG | TCP_PSH, 10);
  peer (b, 10, SND_UNA, TCP_ACK | TCP_PSH, 10);
  return host_heard (b, NDIS_CALL_ProtocolReceiveNetBufferLists, 0) != NULL;
}

static bool
time_wait_stays (TargetBench *b)
{
  target_bench_offload (b, 0);
  disconnect (b, send_list (b, 0, 0, 0), TCP_DISCONNECT_GRACEFUL_CLOSE);
  peer (b, 0, SND_UNA + 1, TCP_ACK, 0);
  unsigned told = begins (b, NDIS_CALL_NdisTcpOffloadEventHandler);
  peer (b, 0, SND_UNA + 1, TCP_ACK | TCP_FIN, 0);
  return begins (b, NDIS_CALL_NdisTcpOffloadEventHandler) == told + 1;
}

static TCP_OFFLOAD_STATE_DELEGATED
answer_to_a_query (TargetBench *b)
{
  target_bench_offload (b, 0);
  Node node = fake_leaf (b->bench, target_bench_handle (b, 20));
  target_bench_do (b, query_step, node, 200);
  TCP_OFFLOAD_STATE_DELEGATED state = *delegated_of (node);
  block_tree_free (node);
  return state;
}

static bool
preferred_backlog_is_nothing (TargetBench *b)
{
  return answer_to_a_query (b).SendBacklogSize == 0;
}

static bool
stopped_timer_runs_out_now (TargetBench *b)
{
  return answer_to_a_query (b).Retransmit.TimeoutDelta == 0;
}

static void
fill_in_part (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_bench_post (b, 0, receive_list (b, 0, 100), 50);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 40 }, 50);
}

static bool
push_timer_outlives_its_receive (TargetBench *b)
{
  fill_in_part (b);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT + 40, SND_UNA, TCP_ACK, 60 }, 50);
  return bench_count (b->bench, TRACE_PUSH_TIMER, 2, 0) == 0;
}

static bool
push_timer_does_not_start (TargetBench *b)
{
  fill_in_part (b);
  return bench_count (b->bench, TRACE_PUSH_TIMER, 2, 1) == 0;
}

static bool
push_timer_runs_out_for_nothing (TargetBench *b)
{
  fill_in_part (b);
  target_bench_wait (b, 100000);
  return begins (b, NDIS_CALL_NdisTcpOffloadReceiveComplete) == 0;
}

static void
keep_busy (SimCpu *cpu, G_GNUC_UNUSED const SimStepArgs *args)
{
  sim_cpu_charge (cpu, 0, sim_cycles (100000));
}

/* The table changes while an indication waits for processor 0, then a request of the same
 * connection is completed. */
static bool
connection_moves_with_data_on_its_way (TargetBench *b)
{
  NDIS_OID_REQUEST move = { .Oid = OID_GEN_RECEIVE_SCALE_PARAMETERS, .is_set = true };
  SimWork work;

  for (unsigned i = 0; i < NDIS_RSS_TABLE_ENTRIES; i++)
    move.data.rss.indirection_table[i] = 1;
  target_bench_offload (b, 0);
  target_bench_send (b, 0, send_list (b, 0, 0, 100), 20);
  sim_work_init (&work, SIM_LEVEL_DPC, keep_busy, (SimStepArgs){ .self = b });
  sim_cpu_queue (b->bench->cpu[0], &work);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH, 100 }, 20);
  target_bench_do (b, oid_step, &move, 5);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT + 100, SND_UNA + 100, TCP_ACK, 0 }, 200);
  return begun (b, NDIS_CALL_NdisTcpOffloadSendComplete)
         < begun (b, NDIS_CALL_NdisTcpOffloadReceiveHandler);
}

static bool
capabilities_change_under_a_connection (TargetBench *b)
{
  target_bench_offload (b, 0);
  target_set_capabilities (b->target, &(TargetCapabilities){ .connections = 1, .ipv4 = true });
  return bench_record (b->bench, TRACE_CAPABILITIES, 1, 1, 0) != NULL;
}

static const Situation situations[TARGET_N_DEFECTS] = {
  [TARGET_DEFECT_COMPLETES_INITIATE_TWICE] = initiate_is_completed_twice,
  [TARGET_DEFECT_COMPLETES_INSIDE_HANDLER] = completion_is_inside_the_handler,
  [TARGET_DEFECT_COMPLETES_WRONG_ROOT] = wrong_root_is_completed,
  [TARGET_DEFECT_NEVER_COMPLETES_QUERY] = query_is_never_completed,
  [TARGET_DEFECT_SKIPS_STATUS_OF_LAST_NODE] = last_status_is_missing,
  [TARGET_DEFECT_UPDATE_STATUS_RESOURCES] = update_ends_with_resources,
  [TARGET_DEFECT_WRITES_CONTEXT_FOR_FAILED_NODE] = failed_node_has_a_context,
  [TARGET_DEFECT_NO_CONTEXT_FOR_NEW_NODE] = new_node_has_no_context,
  [TARGET_DEFECT_PLACEHOLDER_STATUS_FAILURE] = placeholder_fails,
  [TARGET_DEFECT_SUCCESS_ON_PARTIAL] = partial_success_is_success,
  [TARGET_DEFECT_UNKNOWN_INITIATE_STATUS] = status_is_unknown,
  [TARGET_DEFECT_WALKS_PAST_FAILED_ROOT] = siblings_of_a_failed_root_are_offloaded,
  [TARGET_DEFECT_INDICATES_BEFORE_INITIATE_COMPLETE] = indication_precedes_the_initiates_return,
  [TARGET_DEFECT_COMPLETES_SENDS_OF_FAILED_NODE] = sends_of_a_failed_connection_are_completed,
  [TARGET_DEFECT_FREES_CONTEXT_EARLY] = context_is_freed_early,
  [TARGET_DEFECT_NO_DELAYED_ACK_FLUSH] = no_acknowledgment_is_flushed,
  [TARGET_DEFECT_KEEPS_PROCESSING_IN_TERMINATE] = segment_is_processed_in_terminate,
  [TARGET_DEFECT_TERMINATES_BEFORE_REQUESTS] = terminate_overtakes_the_receives,
  [TARGET_DEFECT_WRONG_BUFFERED_DATA] = a_buffered_byte_is_missing,
  [TARGET_DEFECT_DELIVERS_BUFFERED_UNASKED] = buffered_data_is_indicated_unasked,
  [TARGET_DEFECT_HANDS_BACK_OUT_OF_ORDER] = sends_come_back_reversed,
  [TARGET_DEFECT_RETURNS_SUCCESS_FROM_SEND] = send_returns_success,
  [TARGET_DEFECT_LOSES_A_SEND] = a_send_is_lost,
  [TARGET_DEFECT_SEND_COMPLETE_BEFORE_ACK] = send_completes_before_its_ack,
  [TARGET_DEFECT_NO_BYTES_TRANSFERRED] = sent_bytes_are_not_told,
  [TARGET_DEFECT_HOST_IP_IDS] = ip_ids_are_the_hosts,
  [TARGET_DEFECT_LETS_FRAGMENT] = datagrams_may_be_fragmented,
  [TARGET_DEFECT_KEEPS_OLD_HEADERS] = an_update_changes_no_header,
  [TARGET_DEFECT_WRONG_BYTES_TRANSFERRED] = received_bytes_are_told_wrong,
  [TARGET_DEFECT_COMPLETES_RECEIVES_OUT_OF_ORDER] = receives_come_back_swapped,
  [TARGET_DEFECT_INDICATES_WITH_RECEIVES_POSTED] = data_is_indicated_past_a_request,
  [TARGET_DEFECT_INDICATES_WITH_RESOURCES] = indication_carries_resources,
  [TARGET_DEFECT_INDICATES_AFTER_REFUSAL] = refused_data_is_indicated_again,
  [TARGET_DEFECT_DISCONNECT_BEFORE_DATA] = fin_overtakes_data,
  [TARGET_DEFECT_ABORT_WITHOUT_INDICATION] = abort_is_not_told,
  [TARGET_DEFECT_RST_ON_GRACEFUL] = graceful_disconnect_resets,
  [TARGET_DEFECT_GRACEFUL_COMPLETE_BEFORE_ACK] = graceful_disconnect_does_not_wait,
  [TARGET_DEFECT_POWERS_DOWN_EARLY] = power_goes_early,
  [TARGET_DEFECT_KEEPS_STATISTICS] = counters_survive_a_set,
  [TARGET_DEFECT_STATISTICS_STOP] = counter_stops,
  [TARGET_DEFECT_COUNTS_ORDINARY_FRAMES] = ordinary_frame_is_counted,
  [TARGET_DEFECT_COUNTS_UPLOADED] = uploaded_connection_is_counted,
  [TARGET_DEFECT_OFFLOADS_DISABLED_FAMILY] = connection_of_ipv4_is_offloaded,
  [TARGET_DEFECT_IGNORES_VLAN] = other_vlan_is_taken,
  [TARGET_DEFECT_REFUSES_VLAN] = any_vlan_is_refused,
  [TARGET_DEFECT_PAUSES_EARLY] = pause_does_not_wait,
  [TARGET_DEFECT_CHANGES_AT_ONCE] = capabilities_change_under_a_connection,
  [TARGET_DEFECT_MOVES_AT_ONCE] = connection_moves_with_data_on_its_way,
  [TARGET_DEFECT_BACKLOG_STORM] = every_acknowledgment_tells_the_backlog,
  [TARGET_DEFECT_DROPS_EARLY_BACKLOG] = second_backlog_is_not_told,
  [TARGET_DEFECT_PROCESSES_WHOLE_CHAIN] = segment_behind_a_reset_is_processed,
  [TARGET_DEFECT_TAKES_OTHER_VLANS] = segment_of_another_vlan_is_taken,
  [TARGET_DEFECT_PASSES_URGENT_UP] = what_follows_urgent_data_goes_up,
  [TARGET_DEFECT_KEEPS_TIME_WAIT] = time_wait_stays,
  [TARGET_DEFECT_NO_SEND_BACKLOG] = preferred_backlog_is_nothing,
  [TARGET_DEFECT_STOPPED_TIMERS_AT_ZERO] = stopped_timer_runs_out_now,
  [TARGET_DEFECT_KEEPS_PUSH_TIMER] = push_timer_outlives_its_receive,
  [TARGET_DEFECT_NO_PUSH_TIMER] = push_timer_does_not_start,
  [TARGET_DEFECT_IGNORES_PUSH_TIMER] = push_timer_runs_out_for_nothing,
  [TARGET_DEFECT_DROPS_UNCOUNTED] = broken_header_is_not_counted,
  [TARGET_DEFECT_COUNTS_INDICATED] = wrong_checksum_is_indicated_and_counted,
  [TARGET_DEFECT_KEEPS_OLD_LINK] = relinked_path_stays,
  [TARGET_DEFECT_CLEARS_RESERVED_FLAGS] = reserved_flag_changes,
};

/* Room for one connection and for no further source address; what |defect| needs besides. */
static TargetConfig
defective_config (TargetDefect defect)
{
  TargetConfig config = target_bench_config ();

  config.statistics_before_wrap = defect == TARGET_DEFECT_STATISTICS_STOP ? 1 : 0;
  config.features.ipv4 = defect != TARGET_DEFECT_OFFLOADS_DISABLED_FAMILY;
  if (defect == TARGET_DEFECT_IGNORES_VLAN)
    config.vlan_ids[config.n_vlan_ids++] = 6;
  if (defect == TARGET_DEFECT_DROPS_UNCOUNTED)
    config.knobs.on_corruption = TARGET_CORRUPTION_COUNTS;
  config.tables.mac_addresses = 0;
  config.tables.tcp = 1;
  config.interrupts.vectors = 2;
  config.features.send_backlog = true;
  return config;
}

static bool
plays_out (TargetDefect defect, bool is_on)
{
  TargetConfig config = defective_config (defect);
  TargetBench *b;

  if (is_on)
    config.defects = UINT64_C (1) << defect;
  b = target_bench_new (&config);
  bool showed = situations[defect](b);
  if (is_on && bench_record (b->bench, TRACE_DEFECT, 0, defect, 0) == NULL)
    fail_msg ("%s left no record", target_defect_name (defect));
  target_bench_free (b);
  return showed;
}

static void
every_defect_shows_when_it_is_on_and_not_when_it_is_off (G_GNUC_UNUSED void **state)
{
  for (TargetDefect defect = 0; defect < TARGET_N_DEFECTS; defect++) {
    assert_non_null (situations[defect]);
    if (!plays_out (defect, true))
      fail_msg ("%s does not show", target_defect_name (defect));
    if (plays_out (defect, false))
      fail_msg ("%s shows although it is off", target_defect_name (defect));
  }
}

static void
defects_are_found_by_name_and_name_their_rule (G_GNUC_UNUSED void **state)
{
  for (TargetDefect defect = 0; defect < TARGET_N_DEFECTS; defect++) {
    assert_int_equal (target_defect_by_name (target_defect_name (defect)), defect);
    assert_non_null (strchr (target_defect_rule (defect), '-'));
  }
  assert_int_equal (target_defect_by_name ("no-such-defect"), TARGET_N_DEFECTS);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_defect_shows_when_it_is_on_and_not_when_it_is_off),
    cmocka_unit_test (defects_are_found_by_name_and_name_their_rule),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
