#include "lab/data_situation.h"

#include "lab/columns.h"
#include "models/ndis/oid.h"
#include "models/ndis/types.h"
#include "models/rules/crossing.h"
#include "models/target/delivery.h"
#include "models/tcp/segment.h"

/* TARGET_SEGMENT's verdict: passed up raw. */
#define RAW 1

/* Requests that a connection may have with the target. */
typedef enum Request { REQUEST_SEND, REQUEST_RECEIVE, REQUEST_DISCONNECT, N_REQUESTS } Request;

typedef struct Connection {
  bool indicating;                  /* an indication has been decided and not been answered */
  bool kept;                        /* refused data waits for a post */
  bool urgent;                      /* its upload was asked for because of urgent data */
  uint32_t completing;              /* completions of receives executing */
  uint32_t outstanding[N_REQUESTS]; /* buffer lists */
} Connection;

struct LabDataSituations {
  const LabObjects *objects;
  LabMeetFn meet;
  void *data;
  Connection *connection;
  GHashTable *of_call; /* crossing of a receive completion to connection id, plus 1 */
};

static Connection *
connection_at (const LabDataSituations *s, uint32_t id)
{
  return id < s->objects->config->n_connections ? &s->connection[id] : NULL;
}

static uint32_t
id_of_object (const LabDataSituations *s, int64_t object)
{
  return lab_objects_connection (s->objects, object);
}

static void
met (LabDataSituations *s, LabSituation situation, const SimRecord *record, uint32_t id)
{
  s->meet (s->data, situation, record, id);
}

static void
on_owner (LabDataSituations *s, const SimRecord *record)
{
  Connection *c = connection_at (s, (uint32_t)record->column[OWNER_CONNECTION]);

  int64_t owner = record->column[OWNER_OWNER];

  if (c != NULL && (owner == OWNER_HOST || owner == OWNER_GOING_DOWN))
    *c = (Connection){ 0 };
}

/* The wire */

static bool
has_everything_outstanding (const Connection *c)
{
  return c->outstanding[REQUEST_SEND] > 0 && c->outstanding[REQUEST_RECEIVE] > 0
         && c->outstanding[REQUEST_DISCONNECT] > 0;
}

static void
on_arrival (LabDataSituations *s, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[WIRE_ARRIVE_CONNECTION];
  const Connection *c = connection_at (s, id);
  int64_t flags = record->column[WIRE_ARRIVE_FLAGS];

  if (c == NULL || record->column[WIRE_ARRIVE_DIRECTION] == 0
      || s->objects->owner[id] != OWNER_TARGET)
    return;
  if ((flags & TCP_FIN) != 0 && (c->kept || c->indicating))
    met (s, LAB_SITUATION_FIN_BEHIND_UNCONSUMED_DATA, record, id);
  if ((flags & TCP_RST) != 0 && has_everything_outstanding (c))
    met (s, LAB_SITUATION_RST_WITH_EVERYTHING_OUTSTANDING, record, id);
}

static void
on_segment (LabDataSituations *s, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[TARGET_SEGMENT_CONNECTION];
  Connection *c = connection_at (s, id);

  if (c == NULL || s->objects->owner[id] != OWNER_TARGET
      || record->column[TARGET_SEGMENT_VERDICT] != RAW)
    return;
  if (c->urgent && record->column[TARGET_SEGMENT_PAYLOAD] > 0)
    met (s, LAB_SITUATION_DATA_BEHIND_URGENT_DATA, record, id);
  c->urgent |= (record->column[TARGET_SEGMENT_FLAGS] & TCP_URG) != 0;
}

/* The delivery algorithm */

static void
on_delivery (LabDataSituations *s, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[DELIVERY_CONNECTION];
  Connection *c = connection_at (s, id);

  if (c == NULL)
    return;
  switch ((int)record->column[DELIVERY_BOX]) {
  case DELIVERY_INDICATE:
    c->indicating = true;
    break;
  case DELIVERY_RETURN_SUCCESS:
    c->indicating = false;
    break;
  case DELIVERY_QUEUE_INDICATED:
    c->kept = true;
    break;
  case DELIVERY_PLACE:
    c->kept = false;
    break;
  case DELIVERY_NOTE_EXPIRY:
    met (s, LAB_SITUATION_PUSH_TIMER_DURING_CALL, record, id);
    break;
  case DELIVERY_REFUSED_REQUEST:
    if (record->column[DELIVERY_YES])
      met (s, LAB_SITUATION_POST_DURING_REFUSED_INDICATION, record, id);
    break;
  default:
    break;
  }
}

/* Calls */

static void
on_oid (LabDataSituations *s, const SimRecord *call)
{
  if (call->column[CALL_BEGIN_ARG0] != OID_GEN_RECEIVE_SCALE_PARAMETERS)
    return;
  for (uint32_t id = 0; id < s->objects->config->n_connections; id++)
    if (s->connection[id].indicating)
      met (s, LAB_SITUATION_RSS_MOVE_DURING_INDICATION, call, id);
}

static void
on_disconnect (LabDataSituations *s, const SimRecord *call, Connection *c, uint32_t id)
{
  c->outstanding[REQUEST_DISCONNECT]++;
  if (call->column[CALL_BEGIN_ARG0] == TCP_DISCONNECT_ABORTIVE_CLOSE && c->indicating)
    met (s, LAB_SITUATION_ABORT_DURING_INDICATION, call, id);
}

static void
on_call (LabDataSituations *s, const SimRecord *call)
{
  if (!lab_objects_at_target (s->objects, call))
    return;
  uint32_t id = id_of_object (s, call->column[CALL_BEGIN_OBJECT]);
  Connection *c = connection_at (s, id);
  if (call->column[CALL_BEGIN_CALL] == NDIS_CALL_MiniportOidRequest)
    on_oid (s, call);
  if (c == NULL)
    return;
  switch ((int)call->column[CALL_BEGIN_CALL]) {
  case NDIS_CALL_MiniportTcpOffloadSend:
    c->outstanding[REQUEST_SEND] += (uint32_t)call->column[CALL_BEGIN_ARG0];
    break;
  case NDIS_CALL_MiniportTcpOffloadReceive:
    c->outstanding[REQUEST_RECEIVE] += (uint32_t)call->column[CALL_BEGIN_ARG0];
    if (c->completing > 0)
      met (s, LAB_SITUATION_RECEIVE_POSTED_IN_COMPLETION, call, id);
    break;
  case NDIS_CALL_MiniportTcpOffloadDisconnect:
    on_disconnect (s, call, c, id);
    break;
  case NDIS_CALL_NdisTcpOffloadReceiveComplete:
    c->completing++;
    g_hash_table_insert (s->of_call, GSIZE_TO_POINTER ((gsize)call->column[CALL_BEGIN_CROSSING]),
                         GUINT_TO_POINTER (id + 1));
    break;
  default:
    break;
  }
}

static void
on_call_end (LabDataSituations *s, const SimRecord *record)
{
  gpointer crossing = GSIZE_TO_POINTER ((gsize)record->column[CALL_END_CROSSING]);
  gpointer found = g_hash_table_lookup (s->of_call, crossing);

  if (found == NULL)
    return;
  Connection *c = connection_at (s, GPOINTER_TO_UINT (found) - 1);
  if (c->completing > 0)
    c->completing--;
  g_hash_table_remove (s->of_call, crossing);
}

/* Completions, by their buffer lists */

static void
end_request (Connection *c, Request request)
{
  if (c->outstanding[request] > 0)
    c->outstanding[request]--;
}

static void
on_nbl (LabDataSituations *s, const SimRecord *record)
{
  uint32_t id = id_of_object (s, record->column[NBL_OBJECT]);
  Connection *c = connection_at (s, id);
  int64_t status = record->column[NBL_STATUS];

  if (c == NULL || !lab_objects_of_target_call (s->objects, record->column[NBL_CROSSING]))
    return;
  switch ((int)s->objects->call.column[CALL_BEGIN_CALL]) {
  case NDIS_CALL_MiniportTcpOffloadReceive:
    if (record->column[NBL_FLAGS] & RULE_NBL_PREFILLED)
      met (s, LAB_SITUATION_PREFILLED_RECEIVE, record, id);
    if (record->column[NBL_FLAGS] & RULE_NBL_ZERO_LENGTH)
      met (s, LAB_SITUATION_ZERO_LENGTH_RECEIVE, record, id);
    break;
  case NDIS_CALL_NdisTcpOffloadSendComplete:
    end_request (c, REQUEST_SEND);
    if (status == NDIS_STATUS_SUCCESS && s->objects->owner[id] == OWNER_GOING_UP)
      met (s, LAB_SITUATION_SEND_COMPLETED_DURING_TERMINATE, record, id);
    break;
  case NDIS_CALL_NdisTcpOffloadReceiveComplete:
    end_request (c, REQUEST_RECEIVE);
    if (status == NDIS_STATUS_INVALID_STATE)
      met (s, LAB_SITUATION_RECEIVE_AFTER_DISCONNECT, record, id);
    break;
  case NDIS_CALL_NdisTcpOffloadDisconnectComplete:
    end_request (c, REQUEST_DISCONNECT);
    if (status == NDIS_STATUS_UPLOAD_IN_PROGRESS)
      met (s, LAB_SITUATION_DISCONNECT_MEETS_UPLOAD, record, id);
    break;
  case NDIS_CALL_NdisTcpOffloadForwardComplete:
    if (status == NDIS_STATUS_UPLOAD_IN_PROGRESS)
      met (s, LAB_SITUATION_FORWARD_MEETS_UPLOAD, record, id);
    break;
  default:
    break;
  }
}

/* State that is handed over */

static bool
is_handed_over (const LabDataSituations *s, const SimRecord *record)
{
  int64_t call = s->objects->call.column[CALL_BEGIN_CALL];

  return lab_objects_of_target_call (s->objects, record->column[TCP_STATE_CROSSING])
         && (call == NDIS_CALL_MiniportInitiateOffload
             || call == NDIS_CALL_NdisMTerminateOffloadComplete);
}

static void
on_state (LabDataSituations *s, const SimRecord *record)
{
  if (is_handed_over (s, record) && record->column[TCP_STATE_STATE] == TcpConnectionFinWait2)
    met (s, LAB_SITUATION_FIN_WAIT_2_AT_HANDOVER, record,
         id_of_object (s, record->column[TCP_STATE_OBJECT]));
}

static void
on_delegated (LabDataSituations *s, const SimRecord *record)
{
  if (is_handed_over (s, record) && record->column[TCP_DELEGATED_SND_WND] == 0
      && record->column[TCP_DELEGATED_RETRANSMIT_DELTA] >= 0)
    met (s, LAB_SITUATION_CLOSED_WINDOW_AT_HANDOVER, record,
         id_of_object (s, record->column[TCP_DELEGATED_OBJECT]));
}

static void
read_record (void *data, const SimRecord *record)
{
  static void (*const handlers[TRACE_N_KINDS]) (LabDataSituations *, const SimRecord *) = {
    [TRACE_OWNER] = on_owner,
    [TRACE_WIRE_ARRIVE] = on_arrival,
    [TRACE_TARGET_SEGMENT] = on_segment,
    [TRACE_DELIVERY] = on_delivery,
    [TRACE_CALL_BEGIN] = on_call,
    [TRACE_CALL_END] = on_call_end,
    [TRACE_NBL] = on_nbl,
    [TRACE_TCP_STATE] = on_state,
    [TRACE_TCP_DELEGATED] = on_delegated,
  };

  handlers[record->kind](data, record);
}

LabDataSituations *
lab_data_situations_new (SimTrace *trace, const LabObjects *objects, LabMeetFn meet, void *data)
{
  static const uint16_t kinds[] = { TRACE_OWNER,    TRACE_WIRE_ARRIVE, TRACE_TARGET_SEGMENT,
                                    TRACE_DELIVERY, TRACE_CALL_BEGIN,  TRACE_CALL_END,
                                    TRACE_NBL,      TRACE_TCP_STATE,   TRACE_TCP_DELEGATED };
  LabDataSituations *s = g_new0 (LabDataSituations, 1);

  s->objects = objects;
  s->meet = meet;
  s->data = data;
  s->connection = g_new0 (Connection, MAX (objects->config->n_connections, 1));
  s->of_call = g_hash_table_new (NULL, NULL);
  sim_trace_add_reader (trace, read_record, s, kinds, G_N_ELEMENTS (kinds));
  return s;
}

void
lab_data_situations_free (LabDataSituations *situations)
{
  if (situations == NULL)
    return;
  g_hash_table_unref (situations->of_call);
  g_free (situations->connection);
  g_free (situations);
}
