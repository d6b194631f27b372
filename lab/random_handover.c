#include "lab/random_handover.h"

#include "models/ndis/types.h"
#include "models/rules/columns.h"
#include "models/tcp/offload_state.h"

/* A record of kind CALL_BEGIN or NODE, by column. */
enum { BEGIN_CROSSING, BEGIN_CALL, BEGIN_PARENT, BEGIN_CPU, BEGIN_LEVEL, BEGIN_LAYER };
enum {
  NODE_CROSSING,
  NODE_OP,
  NODE_INDEX,
  NODE_PARENT,
  NODE_ROLE,
  NODE_TYPE,
  NODE_OBJECT,
  NODE_CONTEXT,
  NODE_STATUS
};

G_STATIC_ASSERT (RANDOM_TCP_STATES == TCP_N_STATES);

/* What a query has told of an object, and whether it still holds. */
typedef struct Answer {
  bool is_fresh;
  SimRecord state, delegated;
} Answer;

typedef struct Watched {
  uint64_t held_bytes; /* in the target, behind a gap */
  bool is_quiet;       /* since a query was asked for */
  Answer answer;
} Watched;

struct RandomHandoverReader {
  Watched *connection;
  uint32_t n_connections;
  GArray *connection_of; /* object -> connection + 1 */
  RandomHandovers counts;
  GString *complaints;
  /* the crossing at the host that is read */
  int64_t crossing;
  RandomWay way;
  bool is_asking; /* it is a query on its way down */
  bool is_lost;   /* its node failed */
  SimRecord state;
};

static Watched *
watched_at (RandomHandoverReader *reader, int64_t connection)
{
  return connection >= 0 && connection < reader->n_connections ? &reader->connection[connection]
                                                               : NULL;
}

static Watched *
watched_of (RandomHandoverReader *reader, int64_t object)
{
  if (object < 0 || object >= reader->connection_of->len)
    return NULL;
  return watched_at (reader,
                     (int64_t)g_array_index (reader->connection_of, uint32_t, (guint)object) - 1);
}

static void
note_connection (RandomHandoverReader *reader, const int64_t *c)
{
  guint object = (guint)c[CONTEXT_LIVE_OBJECT];

  if (object >= reader->connection_of->len)
    g_array_set_size (reader->connection_of, object + 1);
  g_array_index (reader->connection_of, uint32_t, object) =
      (uint32_t)c[CONTEXT_LIVE_CONNECTION] + 1;
}

/* Situations */

static RandomSituation
retransmit_timer (int64_t delta)
{
  return delta < 0    ? RANDOM_WAS_RETRANSMIT_STOPPED
         : delta == 0 ? RANDOM_WAS_RETRANSMIT_DUE
                      : RANDOM_WAS_RETRANSMIT_RUNNING;
}

static RandomSituation
keepalive_timer (int64_t delta)
{
  return delta < 0    ? RANDOM_WAS_KEEPALIVE_STOPPED
         : delta == 0 ? RANDOM_WAS_KEEPALIVE_DUE
                      : RANDOM_WAS_KEEPALIVE_RUNNING;
}

/* The situations that a state is in, as bits. */
static uint32_t
situations_of (const int64_t *s, const int64_t *d, const Watched *watched)
{
  static const uint32_t near = UINT32_C (1) << 20;
  uint32_t ts_time = (uint32_t)d[TCP_DELEGATED_TS_TIME];
  uint32_t bits = 0;

#define WAS(id, condition) bits |= (uint32_t)(condition) << RANDOM_WAS_##id
  WAS (UNACKED, s[TCP_STATE_SND_UNA] != s[TCP_STATE_SND_MAX]);
  WAS (SENT_AGAIN, s[TCP_STATE_SND_NXT] != s[TCP_STATE_SND_MAX]);
  WAS (DUPLICATE_ACKS, d[TCP_DELEGATED_DUP_ACK_COUNT] > 0);
  WAS (RETRANSMITTED, d[TCP_DELEGATED_RETRANSMIT_COUNT] > 0);
  WAS (TOTAL_RT, d[TCP_DELEGATED_TOTAL_RT] > 0);
  WAS (ZERO_WINDOW, d[TCP_DELEGATED_SND_WND] == 0);
  WAS (WINDOW_PROBED, d[TCP_DELEGATED_PROBE_COUNT] > 0);
  WAS (SHUT_WINDOW, s[TCP_STATE_RCV_WND] == 0);
  WAS (OUT_OF_ORDER, watched != NULL && watched->held_bytes > 0);
  WAS (BUFFERED, s[TCP_STATE_BUFFERED_BYTES] > 0);
  WAS (SENDS, s[TCP_STATE_HEAD_NBL] != 0);
  WAS (SEND_WRAP, s[TCP_STATE_SND_MAX] < s[TCP_STATE_SND_UNA]);
  WAS (RECEIVE_WRAP, s[TCP_STATE_RCV_NXT] + s[TCP_STATE_RCV_WND] > UINT32_MAX);
  WAS (KEEPALIVE_PROBED, d[TCP_DELEGATED_KEEPALIVE_COUNT] > 0);
  WAS (TIMESTAMPS, d[TCP_DELEGATED_TS_RECENT] != 0);
  WAS (TIMESTAMP_WRAP, ts_time < near || ts_time > UINT32_MAX - near);
#undef WAS
  bits |= UINT32_C (1) << retransmit_timer (d[TCP_DELEGATED_RETRANSMIT_DELTA]);
  bits |= UINT32_C (1) << keepalive_timer (d[TCP_DELEGATED_KEEPALIVE_DELTA]);
  return bits;
}

/* Queries against terminates */

static void
complain (RandomHandoverReader *reader, const char *what, int64_t object, int64_t asked,
          int64_t brought)
{
  g_string_append_printf (reader->complaints,
                          "object %d: a query says %s %" G_GINT64_FORMAT
                          " and the terminate after it brings %" G_GINT64_FORMAT "\n",
                          (int)object, what, asked, brought);
}

/* What changes by what is received or done by the host, and by nothing else. */
static void
compare (RandomHandoverReader *reader, const Answer *answer, const int64_t *s, const int64_t *d)
{
  static const struct {
    int column;
    const char *name;
  } states[] = { { TCP_STATE_STATE, "State" },
                 { TCP_STATE_SND_UNA, "SndUna" },
                 { TCP_STATE_RCV_NXT, "RcvNxt" } },
    delegated[] = { { TCP_DELEGATED_SND_WND, "SndWnd" }, { TCP_DELEGATED_TS_RECENT, "TsRecent" } };

  reader->counts.compared++;
  for (size_t i = 0; i < G_N_ELEMENTS (states); i++)
    if (answer->state.column[states[i].column] != s[states[i].column])
      complain (reader, states[i].name, s[TCP_STATE_OBJECT], answer->state.column[states[i].column],
                s[states[i].column]);
  for (size_t i = 0; i < G_N_ELEMENTS (delegated); i++)
    if (answer->delegated.column[delegated[i].column] != d[delegated[i].column])
      complain (reader, delegated[i].name, s[TCP_STATE_OBJECT],
                answer->delegated.column[delegated[i].column], d[delegated[i].column]);
}

/* Records */

/* Both halves of a connection's state have passed. */
static void
take_state (RandomHandoverReader *reader, const SimRecord *record)
{
  const int64_t *s = reader->state.column, *d = record->column;
  Watched *watched = watched_of (reader, s[TCP_STATE_OBJECT]);
  uint32_t bits = situations_of (s, d, reader->way == RANDOM_UP ? watched : NULL);

  if (reader->is_lost)
    return;
  reader->counts.state[s[TCP_STATE_STATE]][reader->way]++;
  for (unsigned i = 0; i < RANDOM_N_SITUATIONS; i++)
    reader->counts.situation[i][reader->way] += bits >> i & 1;
  if (watched == NULL)
    return;
  if (reader->way == RANDOM_ASKED && watched->is_quiet)
    watched->answer = (Answer){ true, reader->state, *record };
  if (reader->way == RANDOM_UP && watched->answer.is_fresh && watched->is_quiet)
    compare (reader, &watched->answer, s, d);
  if (reader->way == RANDOM_UP)
    watched->answer.is_fresh = false;
}

static void
begin_call (RandomHandoverReader *reader, const int64_t *c)
{
  reader->crossing = -1;
  reader->is_asking = c[BEGIN_CALL] == NDIS_CALL_MiniportQueryOffload;
  if (reader->is_asking)
    reader->crossing = c[BEGIN_CROSSING];
  bool is_below = c[BEGIN_CALL] == NDIS_CALL_MiniportInitiateOffload;
  if (c[BEGIN_LAYER] != (is_below ? 1 : 0))
    return;
  switch (c[BEGIN_CALL]) {
  case NDIS_CALL_MiniportInitiateOffload:
    reader->way = RANDOM_DOWN;
    break;
  case NDIS_CALL_ProtocolTerminateOffloadComplete:
    reader->way = RANDOM_UP;
    break;
  case NDIS_CALL_ProtocolQueryOffloadComplete:
    reader->way = RANDOM_ASKED;
    break;
  default:
    return;
  }
  reader->crossing = c[BEGIN_CROSSING];
}

/* Whatever changes a connection's state makes an answer old. */
static void
disturb (RandomHandoverReader *reader, int64_t connection)
{
  Watched *watched = watched_at (reader, connection);

  if (watched != NULL)
    watched->is_quiet = watched->answer.is_fresh = false;
}

static void
note_node (RandomHandoverReader *reader, const int64_t *c)
{
  Watched *watched = watched_of (reader, c[NODE_OBJECT]);

  reader->is_lost = reader->way != RANDOM_DOWN && c[NODE_STATUS] != NDIS_STATUS_SUCCESS;
  if (reader->is_asking && watched != NULL)
    watched->is_quiet = true;
}

static void
read_record (void *data, const SimRecord *record)
{
  RandomHandoverReader *reader = data;
  const int64_t *c = record->column;
  Watched *watched;

  switch (record->kind) {
  case TRACE_CALL_BEGIN:
    begin_call (reader, c);
    return;
  case TRACE_NODE:
    if (c[NODE_CROSSING] == reader->crossing)
      note_node (reader, c);
    return;
  case TRACE_TCP_STATE:
    reader->state = *record;
    return;
  case TRACE_TCP_DELEGATED:
    if (c[TCP_DELEGATED_CROSSING] == reader->crossing && !reader->is_asking)
      take_state (reader, record);
    return;
  case TRACE_CONTEXT_LIVE:
    note_connection (reader, c);
    disturb (reader, c[CONTEXT_LIVE_CONNECTION]);
    return;
  case TRACE_RECEIVED:
    watched = watched_at (reader, c[RECEIVED_CONNECTION]);
    if (watched != NULL)
      watched->held_bytes = (uint64_t)c[RECEIVED_HELD];
    disturb (reader, c[RECEIVED_CONNECTION]);
    return;
  case TRACE_TARGET_SEGMENT:
    disturb (reader, c[TARGET_SEGMENT_CONNECTION]);
    return;
  case TRACE_CONNECTION_STATE:
    disturb (reader, c[CONNECTION_STATE_CONNECTION]);
    return;
  case TRACE_WIRE_SEND:
    disturb (reader, c[WIRE_SEND_CONNECTION]);
    return;
  default:
    return;
  }
}

RandomHandoverReader *
random_handover_reader_new (uint32_t n_connections)
{
  RandomHandoverReader *reader = g_new0 (RandomHandoverReader, 1);

  reader->connection = g_new0 (Watched, n_connections);
  reader->n_connections = n_connections;
  reader->connection_of = g_array_new (FALSE, TRUE, sizeof (uint32_t));
  reader->complaints = g_string_new (NULL);
  reader->crossing = -1;
  return reader;
}

void
random_handover_reader_free (RandomHandoverReader *reader)
{
  if (reader == NULL)
    return;
  g_string_free (reader->complaints, TRUE);
  g_array_unref (reader->connection_of);
  g_free (reader->connection);
  g_free (reader);
}

void
random_handover_watch (RandomHandoverReader *reader, Sim *sim)
{
  static const uint16_t kinds[] = {
    TRACE_CALL_BEGIN,     TRACE_NODE,         TRACE_TCP_STATE,
    TRACE_TCP_DELEGATED,  TRACE_CONTEXT_LIVE, TRACE_RECEIVED,
    TRACE_TARGET_SEGMENT, TRACE_WIRE_SEND,    TRACE_CONNECTION_STATE
  };
  sim_trace_add_reader (sim_trace (sim), read_record, reader, kinds, G_N_ELEMENTS (kinds));
}

const RandomHandovers *
random_handovers (const RandomHandoverReader *reader)
{
  return &reader->counts;
}

const char *
random_handover_complaints (const RandomHandoverReader *reader)
{
  return reader->complaints->str;
}

/* Sums */

void
random_handovers_add (RandomHandovers *sum, const RandomHandovers *more)
{
  for (unsigned way = 0; way < RANDOM_N_WAYS; way++) {
    for (unsigned i = 0; i < RANDOM_TCP_STATES; i++)
      sum->state[i][way] += more->state[i][way];
    for (unsigned i = 0; i < RANDOM_N_SITUATIONS; i++)
      sum->situation[i][way] += more->situation[i][way];
  }
  sum->compared += more->compared;
}

static void
print_row (GString *text, const char *name, const uint64_t *counts)
{
  g_string_append_printf (text, "  %-36s", name);
  for (unsigned way = 0; way < RANDOM_N_WAYS; way++)
    g_string_append_printf (text, " %9" G_GUINT64_FORMAT, counts[way]);
  g_string_append_c (text, '\n');
}

void
random_handovers_print (const RandomHandovers *handovers, GString *text)
{
  static const char *const states[] = { "Closed",      "Listen",   "SynSent",  "SynRcvd",
                                        "Established", "FinWait1", "FinWait2", "CloseWait",
                                        "Closing",     "LastAck",  "TimeWait" };
  static const char *const situations[] = {
#define RANDOM_SITUATION(id, words) words,
    RANDOM_SITUATIONS (RANDOM_SITUATION)
#undef RANDOM_SITUATION
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (states) == RANDOM_TCP_STATES);
  g_string_append_printf (text, "  %-36s %9s %9s %9s\n", "states handed over", "down", "up",
                          "queried");
  for (unsigned i = 0; i < RANDOM_TCP_STATES; i++)
    print_row (text, states[i], handovers->state[i]);
  for (unsigned i = 0; i < RANDOM_N_SITUATIONS; i++)
    print_row (text, situations[i], handovers->situation[i]);
  g_string_append_printf (text, "  %" G_GUINT64_FORMAT " queries told what the terminate brought\n",
                          handovers->compared);
}
