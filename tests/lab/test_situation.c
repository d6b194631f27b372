#include "tests/support.h"

#include "lab/situation.h"
#include "models/ndis/block_list.h"
#include "models/ndis/oid.h"
#include "models/ndis/types.h"
#include "models/target/delivery.h"
#include "tests/lab/fragment.h"

/* A stack with one intermediate driver: the target is layer 2. */
static const TimelineEvent events[] = {
  { .id = "sleep", .verb = TIMELINE_SET_POWER, .power = 3 },
  { .id = "wake", .verb = TIMELINE_SET_POWER, .power = 0 },
  { .id = "fetch", .verb = TIMELINE_UPLOAD, .target = { 1, 1 } },
};
static const WorldConfig config = {
  .n_connections = 4, .n_ims = 1, .event = (TimelineEvent *)events, .n_events = 3
};

#define LINES_MAX 8

/* A fragment that meets a situation, and how one of its lines is changed so that it does not. */
typedef struct Row {
  LabSituation situation;
  const char *lines[LINES_MAX];
  uint32_t connection;
  unsigned line; /* instead of this line */
  const char *instead;
} Row;

#define DOWN "10 owner connection=1 owner=going-down op=7"
#define LIVE "20 context-live context=5 object=31 connection=1"
#define TARGET "30 owner connection=1 owner=target op=7"
#define UP "40 owner connection=1 owner=going-up op=8"
#define COMPLETE \
  "50 call-begin crossing=9 call=NdisMInitiateOffloadComplete layer=2 op=7 object=31 arg0=1"
#define STATUS "50 call-begin crossing=9 call=NdisMIndicateStatusEx layer=2 arg0="
#define NOBODY UINT32_MAX

G_STATIC_ASSERT (NDIS_STATUS_OFFLOAD_PAUSE == 26 && NDIS_STATUS_OFFLOAD_RESUME == 27
                 && NDIS_STATUS_UPLOAD_ALL == 28);

#define RETRIEVE "2"
#define FAILURE "10"
G_STATIC_ASSERT (TcpIndicateRetrieve == 2 && HardwareFailure == 10);

#define FETCH "45 timeline event=2 phase=0"
#define TCP "16"
#define INVALID "8"
#define PATH "7"
#define NEIGHBOR "3"
G_STATIC_ASSERT (InvalidState == 8 && TcpOffloadState == 16 && Ip4OffloadState == 7
                 && NeighborOffloadState == 3);
#define UPDATE "31 call-begin crossing=3 call=MiniportUpdateOffload layer=2"
#define NEXT_HOP(crossing) "33 node crossing=" #crossing " role=1 type=" NEIGHBOR " object=29"
#define NAMED "32 node crossing=3 role=1 type=" TCP " object=31"
#define PLACE "11"
#define INDICATE "32"
#define RETURN_SUCCESS "34"
#define REFUSED_REQUEST "40"
#define QUEUE_INDICATED "41"
#define NOTE_EXPIRY "44"
G_STATIC_ASSERT (DELIVERY_PLACE == 11 && DELIVERY_INDICATE == 32 && DELIVERY_RETURN_SUCCESS == 34);
G_STATIC_ASSERT (DELIVERY_REFUSED_REQUEST == 40 && DELIVERY_QUEUE_INDICATED == 41);
G_STATIC_ASSERT (DELIVERY_NOTE_EXPIRY == 44);
#define RSS_OID "9"
#define GRACEFUL "2"
#define ABORTIVE "1"
G_STATIC_ASSERT (OID_GEN_RECEIVE_SCALE_PARAMETERS == 9);
G_STATIC_ASSERT (TCP_DISCONNECT_ABORTIVE_CLOSE == 1 && TcpConnectionFinWait2 == 6);

static const Row rows[] = {
  { LAB_SITUATION_RST_BEFORE_CONTEXT_LIVE,
    { DOWN, "15 wire-arrive connection=1 direction=1 flags=4" },
    1,
    1,
    "15 wire-arrive connection=1 direction=1 flags=16" },
  { LAB_SITUATION_RST_BEFORE_CONTEXT_LIVE,
    { DOWN, "15 wire-arrive connection=1 direction=1 flags=4" },
    1,
    1,
    "15 wire-arrive connection=1 direction=0 flags=4" },
  { LAB_SITUATION_RST_BEFORE_CONTEXT_LIVE,
    { DOWN, "10 context-live context=5 object=32 connection=2",
      "15 wire-arrive connection=1 direction=1 flags=4" },
    1,
    1,
    "10 context-live context=5 object=31 connection=1" },
  { LAB_SITUATION_RST_AFTER_CONTEXT_LIVE,
    { DOWN, LIVE, "25 wire-arrive connection=1 direction=1 flags=20" },
    1,
    1,
    "20 context-live context=5 object=32 connection=2" },
  { LAB_SITUATION_RST_AFTER_CONTEXT_LIVE,
    { DOWN, LIVE, "30 owner connection=2 owner=target op=7",
      "35 wire-arrive connection=1 direction=1 flags=4" },
    1,
    2,
    TARGET },
  { LAB_SITUATION_FIN_DURING_INITIATE,
    { DOWN, "15 wire-arrive connection=1 direction=1 flags=17" },
    1,
    0,
    "10 owner connection=2 owner=going-down op=7" },
  { LAB_SITUATION_SEGMENT_BEFORE_INITIATE_COMPLETE,
    { DOWN, LIVE, "25 target-segment context=5 connection=1 payload=9 verdict=0", COMPLETE },
    1,
    2,
    "25 target-segment context=5 connection=1 payload=0 verdict=0" },
  { LAB_SITUATION_SEGMENT_BEFORE_INITIATE_COMPLETE,
    { DOWN, LIVE, "21 timeline event=1 phase=0",
      "55 target-segment context=5 connection=1 payload=9 verdict=0" },
    1,
    2,
    "22 call-begin crossing=9 call=NdisMInitiateOffloadComplete layer=2 op=7 object=31" },
  { LAB_SITUATION_INITIATE_REFUSED,
    { DOWN, LIVE, COMPLETE,
      "50 node crossing=9 op=7 object=31 status=NDIS_STATUS_OFFLOAD_TCP_ENTRIES" },
    1,
    3,
    "50 node crossing=9 op=7 object=31 status=NDIS_STATUS_SUCCESS" },
  { LAB_SITUATION_INITIATE_REFUSED,
    { DOWN, LIVE, COMPLETE, "50 node crossing=9 op=7 object=31 status=NDIS_STATUS_FAILURE" },
    1,
    2,
    "50 call-begin crossing=9 call=NdisMTerminateOffloadComplete layer=2 op=7 object=31" },
  { LAB_SITUATION_PARTIAL_OFFLOAD,
    { DOWN, COMPLETE,
      "50 node crossing=9 op=7 object=3 status=NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS" },
    NOBODY,
    1,
    "50 call-begin crossing=9 call=NdisMInitiateOffloadComplete layer=1 op=7 object=31" },
  { LAB_SITUATION_INITIATE_COMPLETES_DURING_POWER_DOWN,
    { DOWN, "45 timeline event=0 phase=0", COMPLETE },
    NOBODY,
    1,
    "45 timeline event=1 phase=0" },
  { LAB_SITUATION_INITIATE_COMPLETES_DURING_POWER_DOWN,
    { DOWN, "45 timeline event=0 phase=0", "46 link up=1", COMPLETE },
    NOBODY,
    2,
    "46 timeline event=0 phase=1" },
  { LAB_SITUATION_UPLOAD_ALL_WITH_INITIATES_IN_FLIGHT,
    { DOWN, STATUS "28" },
    NOBODY,
    0,
    "10 owner connection=1 owner=target op=7" },
  { LAB_SITUATION_PAUSE_WITH_INITIATES_IN_FLIGHT, { DOWN, STATUS "26" }, NOBODY, 1, STATUS "27" },
  { LAB_SITUATION_LINK_LOSS_DURING_INITIATE, { DOWN, "15 link up=0" }, NOBODY, 1, "15 link up=1" },
  { LAB_SITUATION_LINK_LOSS_DURING_TERMINATE,
    { DOWN, TARGET, UP, "45 link up=0" },
    NOBODY,
    2,
    "40 owner connection=1 owner=host op=8" },
  { LAB_SITUATION_DATA_BUFFERED_AT_HANDOVER,
    { DOWN, "12 call-begin crossing=4 call=MiniportInitiateOffload op=7 layer=2",
      "12 tcp-state crossing=4 object=31 buffered_bytes=5" },
    NOBODY,
    2,
    "12 tcp-state crossing=4 object=31 buffered_bytes=0" },
  { LAB_SITUATION_DATA_BUFFERED_AT_HANDOVER,
    { LIVE, "50 call-begin crossing=4 call=NdisMTerminateOffloadComplete op=7 layer=2",
      "50 tcp-state crossing=4 object=31 buffered_bytes=5" },
    1,
    1,
    "50 call-begin crossing=4 call=NdisMQueryOffloadStateComplete op=7 layer=2" },
  { LAB_SITUATION_UNACKED_DATA_AT_HANDOVER,
    { LIVE, "50 call-begin crossing=4 call=NdisMTerminateOffloadComplete op=7 layer=2",
      "50 tcp-state crossing=4 object=31 snd_una=3 snd_max=4" },
    1,
    2,
    "50 tcp-state crossing=4 object=31 snd_una=4 snd_max=4" },
  { LAB_SITUATION_RST_DURING_TERMINATE,
    { DOWN, TARGET, UP, "45 wire-arrive connection=1 direction=1 flags=4" },
    1,
    3,
    "45 wire-arrive connection=2 direction=1 flags=4" },
  { LAB_SITUATION_FIN_DURING_TERMINATE,
    { DOWN, TARGET, UP, "45 wire-arrive connection=1 direction=1 flags=1" },
    1,
    2,
    "40 link up=1" },
  { LAB_SITUATION_SEGMENT_DURING_TERMINATE,
    { DOWN, TARGET, UP, "45 wire-arrive connection=1 direction=1 flags=16 payload=100" },
    1,
    3,
    "45 wire-arrive connection=1 direction=1 flags=16 payload=0" },
  { LAB_SITUATION_SEND_DURING_UPLOAD_REQUEST,
    { DOWN, LIVE,
      "50 call-begin crossing=2 call=NdisTcpOffloadEventHandler layer=2 object=31 arg0=2",
      "51 call-begin crossing=3 call=MiniportTcpOffloadSend layer=2 object=31" },
    1,
    2,
    "50 call-begin crossing=2 call=NdisTcpOffloadEventHandler layer=2 object=31 arg0=1" },
  { LAB_SITUATION_SEND_DURING_UPLOAD_REQUEST,
    { DOWN, LIVE,
      "50 call-begin crossing=2 call=NdisTcpOffloadEventHandler layer=2 object=31 arg0=2",
      "51 link up=1", "52 call-begin crossing=3 call=MiniportTcpOffloadSend layer=2 object=31" },
    1,
    3,
    "51 owner connection=1 owner=host op=8" },
  { LAB_SITUATION_UPLOAD_ASKED_DURING_TERMINATE,
    { LIVE, TARGET, UP,
      "45 call-begin crossing=9 call=NdisTcpOffloadEventHandler layer=2 object=31 "
      "arg0=" RETRIEVE },
    1,
    2,
    "40 owner connection=2 owner=going-up op=8" },
  { LAB_SITUATION_BUFFER_RETURNED_AFTER_CONTEXT_GONE,
    { LIVE, "44 context-free op=8 context=5 layer_kind=2 object=31",
      "45 call-begin crossing=9 call=MiniportTcpOffloadReceiveReturn layer=2 object=31" },
    1,
    1,
    "44 context-free op=8 context=6 layer_kind=2 object=32" },
  { LAB_SITUATION_HARDWARE_FAILURE_TOLD,
    { LIVE, TARGET,
      "45 call-begin crossing=9 call=NdisTcpOffloadEventHandler layer=2 object=31 "
      "arg0=" RETRIEVE " arg1=" FAILURE },
    1,
    2,
    "45 call-begin crossing=9 call=NdisTcpOffloadEventHandler layer=2 object=31 "
    "arg0=" RETRIEVE " arg1=0" },
  { LAB_SITUATION_FAIL_OVER_DURING_INITIATE,
    { DOWN, "15 call-begin crossing=4 call=NdisMIndicateStatusEx layer=1 arg0=26" },
    NOBODY,
    1,
    "15 call-begin crossing=4 call=NdisMIndicateStatusEx parent=3 layer=1 arg0=26" },
  { LAB_SITUATION_FAIL_OVER_DURING_TERMINATE,
    { DOWN, TARGET, UP, "45 call-begin crossing=4 call=NdisMIndicateStatusEx layer=1 arg0=26" },
    NOBODY,
    3,
    "45 call-begin crossing=4 call=NdisMIndicateStatusEx layer=1 arg0=27" },
  { LAB_SITUATION_DRIVER_REFUSES_INITIATE,
    { DOWN, "15 call-begin crossing=4 call=NdisMInitiateOffloadComplete layer=1 op=7" },
    NOBODY,
    1,
    "15 call-begin crossing=4 call=NdisMInitiateOffloadComplete parent=3 layer=1 op=7" },
  { LAB_SITUATION_DRIVER_REFUSES_SEND,
    { DOWN, TARGET, "45 call-begin crossing=4 call=NdisTcpOffloadSendComplete layer=1" },
    NOBODY,
    2,
    "45 call-begin crossing=4 call=NdisTcpOffloadSendComplete layer=2" },
  { LAB_SITUATION_REQUESTS_OUTSTANDING_AT_REMOVAL,
    { "20 call-begin crossing=4 call=MiniportTcpOffloadReceive layer=2 arg0=2",
      "25 call-begin crossing=5 call=NdisTcpOffloadReceiveComplete layer=2 arg0=1",
      "30 call-begin crossing=6 call=MiniportDevicePnPEventNotify layer=2" },
    NOBODY,
    1,
    "25 call-begin crossing=5 call=NdisTcpOffloadReceiveComplete layer=2 arg0=2" },
  { LAB_SITUATION_STATISTICS_DURING_POWER_DOWN,
    { "45 timeline event=0 phase=0",
      "46 call-begin crossing=9 call=MiniportOidRequest layer=2 arg0=4" },
    NOBODY,
    1,
    "46 call-begin crossing=9 call=MiniportOidRequest layer=2 arg0=8" },
  { LAB_SITUATION_UPLOAD_DURING_UPDATE,
    { LIVE, TARGET, UPDATE, NAMED, FETCH },
    1,
    4,
    "45 timeline event=2 phase=1" },
  { LAB_SITUATION_UPLOAD_DURING_UPDATE,
    { LIVE, TARGET, UPDATE, NAMED,
      "37 call-begin crossing=7 call=NdisMQueryOffloadStateComplete layer=2",
      "38 node crossing=7 role=1 type=" TCP " object=31", FETCH },
    1,
    4,
    "37 call-begin crossing=7 call=NdisMUpdateOffloadComplete layer=2" },
  { LAB_SITUATION_UPDATE_REFUSED,
    { LIVE, TARGET, "37 call-begin crossing=7 call=NdisMUpdateOffloadComplete layer=2",
      "38 node crossing=7 role=1 type=" TCP " object=31 status=NDIS_STATUS_FAILURE" },
    1,
    3,
    "38 node crossing=7 role=1 type=" TCP " object=31 status=NDIS_STATUS_SUCCESS" },
  { LAB_SITUATION_QUERY_DURING_QUERY,
    { LIVE, TARGET, "31 call-begin crossing=3 call=MiniportQueryOffload layer=2",
      "32 node crossing=3 role=1 type=" TCP " object=31",
      "33 call-begin crossing=4 call=MiniportQueryOffload layer=2",
      "34 node crossing=4 role=1 type=" TCP " object=31" },
    1,
    4,
    "33 call-begin crossing=4 call=NdisMQueryOffloadStateComplete layer=2" },
  { LAB_SITUATION_UPDATE_DURING_QUERY,
    { "31 call-begin crossing=3 call=MiniportQueryOffload layer=2", NEXT_HOP (3),
      "33 call-begin crossing=4 call=MiniportUpdateOffload layer=2", NEXT_HOP (4) },
    NOBODY,
    2,
    "33 call-begin crossing=4 call=NdisMUpdateOffloadComplete layer=2" },
  { LAB_SITUATION_QUERY_DURING_UPDATE,
    { "31 call-begin crossing=3 call=MiniportUpdateOffload layer=2", NEXT_HOP (3),
      "33 call-begin crossing=4 call=MiniportQueryOffload layer=2", NEXT_HOP (4) },
    NOBODY,
    2,
    "33 call-begin crossing=4 call=NdisMQueryOffloadStateComplete layer=2" },
  { LAB_SITUATION_QUERY_DURING_INVALIDATE,
    { "31 call-begin crossing=3 call=MiniportInvalidateOffload layer=2", NEXT_HOP (3),
      "33 call-begin crossing=4 call=MiniportQueryOffload layer=2", NEXT_HOP (4) },
    NOBODY,
    2,
    "33 call-begin crossing=4 call=NdisMQueryOffloadStateComplete layer=2" },
  { LAB_SITUATION_INVALIDATE_DURING_QUERY,
    { "31 call-begin crossing=3 call=MiniportQueryOffload layer=2", NEXT_HOP (3),
      "33 call-begin crossing=4 call=MiniportInvalidateOffload layer=2", NEXT_HOP (4) },
    NOBODY,
    2,
    "33 call-begin crossing=4 call=NdisMInvalidateOffloadComplete layer=2" },
  { LAB_SITUATION_INVALIDATE_DURING_UPDATE,
    { "31 call-begin crossing=3 call=MiniportUpdateOffload layer=2", NEXT_HOP (3),
      "33 call-begin crossing=4 call=MiniportInvalidateOffload layer=2", NEXT_HOP (4) },
    NOBODY,
    2,
    "33 call-begin crossing=4 call=NdisMInvalidateOffloadComplete layer=2" },
  { LAB_SITUATION_INVALIDATE_DURING_INVALIDATE,
    { "31 call-begin crossing=3 call=MiniportInvalidateOffload layer=2", NEXT_HOP (3),
      "33 call-begin crossing=4 call=MiniportInvalidateOffload layer=2", NEXT_HOP (4) },
    NOBODY,
    2,
    "33 call-begin crossing=4 call=NdisMInvalidateOffloadComplete layer=2" },
  { LAB_SITUATION_RELINK_MEETS_INVALID_STATE,
    { LIVE, TARGET,
      "31 call-begin crossing=3 call=NdisTcpOffloadEventHandler layer=2 object=31 arg0=" RETRIEVE
      " arg1=" INVALID,
      "33 call-begin crossing=4 call=MiniportUpdateOffload layer=2",
      "34 node crossing=4 role=1 type=" PATH " object=30" },
    NOBODY,
    2,
    "31 call-begin crossing=3 call=NdisTcpOffloadEventHandler layer=2 object=31 arg0=" RETRIEVE },
  { LAB_SITUATION_ADDRESS_CHANGE_DURING_INITIATE,
    { DOWN, "15 wire-arrive connection=4294967295 direction=1 what=2" },
    NOBODY,
    1,
    "15 wire-arrive connection=4294967295 direction=1 what=1" },
  { LAB_SITUATION_REFUSED_INDICATION,
    { "9 call-end crossing=1 call=ProtocolTcpOffloadReceiveIndicate layer=0 "
      "status=NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED" },
    NOBODY,
    0,
    "9 call-end crossing=1 call=ProtocolTcpOffloadReceiveIndicate layer=1 "
    "status=NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED" },
  { LAB_SITUATION_PARTLY_ACCEPTED_INDICATION,
    { "9 call-end crossing=1 call=ProtocolTcpOffloadReceiveIndicate layer=0 "
      "status=NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED" },
    NOBODY,
    0,
    "9 call-end crossing=1 call=ProtocolTcpOffloadReceiveIndicate layer=0 "
    "status=NDIS_STATUS_SUCCESS" },
  { LAB_SITUATION_PUSH_TIMER_DURING_CALL,
    { LIVE, "35 delivery context=5 connection=1 box=" NOTE_EXPIRY " yes=1" },
    1,
    1,
    "35 delivery context=5 connection=1 box=" PLACE " yes=1" },
  { LAB_SITUATION_POST_DURING_REFUSED_INDICATION,
    { LIVE, "35 delivery context=5 connection=1 box=" REFUSED_REQUEST " yes=1" },
    1,
    1,
    "35 delivery context=5 connection=1 box=" REFUSED_REQUEST " yes=0" },
  { LAB_SITUATION_RECEIVE_AFTER_DISCONNECT,
    { LIVE, "45 call-begin crossing=9 call=NdisTcpOffloadReceiveComplete layer=2 object=31 arg0=1",
      "45 nbl crossing=9 nbl=4 object=31 status=NDIS_STATUS_INVALID_STATE" },
    1,
    2,
    "45 nbl crossing=9 nbl=4 object=31 status=NDIS_STATUS_SUCCESS" },
  { LAB_SITUATION_PREFILLED_RECEIVE,
    { LIVE, "45 call-begin crossing=9 call=MiniportTcpOffloadReceive layer=2 object=31 arg0=1",
      "45 nbl crossing=9 nbl=4 object=31 flags=3" },
    1,
    2,
    "45 nbl crossing=9 nbl=4 object=31 flags=1" },
  { LAB_SITUATION_ZERO_LENGTH_RECEIVE,
    { LIVE, "45 call-begin crossing=9 call=MiniportTcpOffloadReceive layer=2 object=31 arg0=1",
      "45 nbl crossing=9 nbl=4 object=31 flags=4" },
    1,
    2,
    "45 nbl crossing=9 nbl=4 object=31 flags=0" },
  { LAB_SITUATION_FORWARD_MEETS_UPLOAD,
    { LIVE, "45 call-begin crossing=9 call=NdisTcpOffloadForwardComplete layer=2 object=31 arg0=1",
      "45 nbl crossing=9 nbl=4 object=31 status=NDIS_STATUS_UPLOAD_IN_PROGRESS" },
    1,
    2,
    "45 nbl crossing=9 nbl=4 object=31 status=NDIS_STATUS_SUCCESS" },
  { LAB_SITUATION_DISCONNECT_MEETS_UPLOAD,
    { LIVE,
      "45 call-begin crossing=9 call=NdisTcpOffloadDisconnectComplete layer=2 object=31 arg0=1",
      "45 nbl crossing=9 nbl=4 object=31 status=NDIS_STATUS_UPLOAD_IN_PROGRESS" },
    1,
    2,
    "45 nbl crossing=9 nbl=4 object=31 status=NDIS_STATUS_SUCCESS" },
  { LAB_SITUATION_SEND_COMPLETED_DURING_TERMINATE,
    { LIVE, UP, "45 call-begin crossing=9 call=NdisTcpOffloadSendComplete layer=2 object=31 arg0=1",
      "45 nbl crossing=9 nbl=4 object=31 status=NDIS_STATUS_SUCCESS" },
    1,
    1,
    "40 owner connection=2 owner=going-up op=8" },
  { LAB_SITUATION_FIN_BEHIND_UNCONSUMED_DATA,
    { LIVE, TARGET, "35 delivery context=5 connection=1 box=" QUEUE_INDICATED " yes=1",
      "46 wire-arrive connection=1 direction=1 flags=17" },
    1,
    2,
    "35 delivery context=5 connection=1 box=" PLACE " yes=1" },
  { LAB_SITUATION_RST_WITH_EVERYTHING_OUTSTANDING,
    { LIVE, TARGET, "41 call-begin crossing=1 call=MiniportTcpOffloadSend layer=2 object=31 arg0=1",
      "42 call-begin crossing=2 call=MiniportTcpOffloadReceive layer=2 object=31 arg0=1",
      "43 call-begin crossing=3 call=MiniportTcpOffloadDisconnect layer=2 object=31 arg0=1",
      "46 wire-arrive connection=1 direction=1 flags=4" },
    1,
    3,
    "42 call-begin crossing=2 call=MiniportTcpOffloadForward layer=2 object=31 arg0=1" },
  { LAB_SITUATION_RSS_MOVE_DURING_INDICATION,
    { LIVE, "35 delivery context=5 connection=1 box=" INDICATE " yes=1",
      "45 call-begin crossing=9 call=MiniportOidRequest layer=2 arg0=" RSS_OID " arg1=1" },
    1,
    1,
    "35 delivery context=5 connection=1 box=" RETURN_SUCCESS " yes=1" },
  { LAB_SITUATION_DATA_BEHIND_URGENT_DATA,
    { LIVE, TARGET, "45 target-segment context=5 connection=1 payload=9 flags=32 verdict=1",
      "46 target-segment context=5 connection=1 payload=9 verdict=1" },
    1,
    2,
    "45 target-segment context=5 connection=1 payload=9 flags=16 verdict=1" },
  { LAB_SITUATION_ABORT_DURING_INDICATION,
    { LIVE, "35 delivery context=5 connection=1 box=" INDICATE " yes=1",
      "45 call-begin crossing=9 call=MiniportTcpOffloadDisconnect layer=2 object=31 "
      "arg0=" ABORTIVE },
    1,
    2,
    "45 call-begin crossing=9 call=MiniportTcpOffloadDisconnect layer=2 object=31 arg0=" GRACEFUL },
  { LAB_SITUATION_FIN_WAIT_2_AT_HANDOVER,
    { LIVE, "50 call-begin crossing=4 call=NdisMTerminateOffloadComplete op=7 layer=2",
      "50 tcp-state crossing=4 object=31 state=6" },
    1,
    2,
    "50 tcp-state crossing=4 object=31 state=5" },
  { LAB_SITUATION_CLOSED_WINDOW_AT_HANDOVER,
    { LIVE, "50 call-begin crossing=4 call=NdisMTerminateOffloadComplete op=7 layer=2",
      "50 tcp-delegated crossing=4 object=31 snd_wnd=0 retransmit_delta=30" },
    1,
    2,
    "50 tcp-delegated crossing=4 object=31 snd_wnd=1 retransmit_delta=30" },
  { LAB_SITUATION_RECEIVE_POSTED_IN_COMPLETION,
    { LIVE, "45 call-begin crossing=9 call=NdisTcpOffloadReceiveComplete layer=2 object=31 arg0=1",
      "46 link up=1",
      "47 call-begin crossing=7 call=MiniportTcpOffloadReceive layer=2 object=31 arg0=1" },
    1,
    2,
    "46 call-end crossing=9 call=NdisTcpOffloadReceiveComplete layer=2" },
};

/* Which situations of |wanted| the lines meet. */
static LabSituations *
play (Fragment *fragment, const char *const *lines, LabSituationSet wanted)
{
  LabSituations *situations = lab_situations_new (sim_trace (fragment->sim), &config, wanted);

  fragment_play (fragment, lines, 1000);
  return situations;
}

static void
each_situation_is_seen_in_its_fragment (G_GNUC_UNUSED void **state)
{
  LabSituationSet seen = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Fragment *fragment = fragment_new ();
    g_autoptr (LabSituations) situations = play (fragment, rows[i].lines, LAB_ALL_SITUATIONS);
    const LabMeeting *meeting = lab_situations_meeting (situations, rows[i].situation);
    if (meeting->count != 1 || meeting->connection != rows[i].connection)
      fail_msg ("row %zu: %s met %u times on %u", i, lab_situation_info (rows[i].situation)->name,
                (unsigned)meeting->count, meeting->connection);
    seen |= LAB_SITUATION_BIT (rows[i].situation);
    fragment_free (fragment);
  }
  assert_true (seen == LAB_ALL_SITUATIONS);
}

static void
and_not_in_one_that_differs_in_a_line (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    const char *lines[LINES_MAX + 1];
    memcpy (lines, rows[i].lines, sizeof rows[i].lines);
    lines[rows[i].line] = rows[i].instead;
    Fragment *fragment = fragment_new ();
    g_autoptr (LabSituations) situations =
        play (fragment, lines, LAB_SITUATION_BIT (rows[i].situation));
    if (lab_situations_missed (situations) != LAB_SITUATION_BIT (rows[i].situation))
      fail_msg ("row %zu: %s was met with \"%s\"", i, lab_situation_info (rows[i].situation)->name,
                rows[i].instead);
    fragment_free (fragment);
  }
}

/* Each situation hears what it needs when it is asked for alone. */
static void
a_situation_asked_for_alone_is_seen_too (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Fragment *fragment = fragment_new ();
    g_autoptr (LabSituations) situations =
        play (fragment, rows[i].lines, LAB_SITUATION_BIT (rows[i].situation));
    if (lab_situations_missed (situations) != 0)
      fail_msg ("row %zu: %s alone is not seen", i, lab_situation_info (rows[i].situation)->name);
    fragment_free (fragment);
  }
}

static void
the_first_meeting_is_kept_and_all_are_counted (G_GNUC_UNUSED void **state)
{
  static const char *const lines[] = { DOWN, "15 link up=0", "16 link up=1", "17 link up=0", NULL };
  Fragment *fragment = fragment_new ();
  LabSituationSet wanted = LAB_SITUATION_BIT (LAB_SITUATION_LINK_LOSS_DURING_INITIATE);
  g_autoptr (LabSituations) situations = play (fragment, lines, wanted);
  const LabMeeting *meeting =
      lab_situations_meeting (situations, LAB_SITUATION_LINK_LOSS_DURING_INITIATE);

  assert_int_equal (meeting->count, 2);
  assert_int_equal (meeting->first.when.ps, 15);
  fragment_free (fragment);
}

static void
nothing_is_heard_when_nothing_is_asked_for (G_GNUC_UNUSED void **state)
{
  static const uint16_t kinds[] = { TRACE_CALL_END, TRACE_WIRE_ARRIVE, TRACE_CONTEXT_LIVE };
  Fragment *fragment = fragment_new ();
  SimTrace *trace = sim_trace (fragment->sim);
  bool before[G_N_ELEMENTS (kinds)];

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    before[i] = sim_trace_wants (trace, kinds[i]);
  g_autoptr (LabSituations) situations = lab_situations_new (trace, &config, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    assert_int_equal (sim_trace_wants (trace, kinds[i]), before[i]);
  assert_true (lab_situations_missed (situations) == 0);
  fragment_free (fragment);
}

static void
situations_are_found_by_name (G_GNUC_UNUSED void **state)
{
  LabSituation situation;

  for (LabSituation s = 0; s < LAB_N_SITUATIONS; s++) {
    assert_true (lab_situation_find (lab_situation_info (s)->name, &situation));
    assert_int_equal (situation, s);
  }
  assert_false (lab_situation_find ("happiness", &situation));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (each_situation_is_seen_in_its_fragment),
    cmocka_unit_test (and_not_in_one_that_differs_in_a_line),
    cmocka_unit_test (a_situation_asked_for_alone_is_seen_too),
    cmocka_unit_test (the_first_meeting_is_kept_and_all_are_counted),
    cmocka_unit_test (nothing_is_heard_when_nothing_is_asked_for),
    cmocka_unit_test (situations_are_found_by_name),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
