/* The tables of coverage: axes, and what cannot be reached. */
#include <string.h>

#include "lab/coverage.h"
#include "lab/situation.h"
#include "models/ndis/oid.h"
#include "models/rules/crossing.h"
#include "models/rules/rule.h"
#include "models/tcp/tcp.h"
#include "sim/assert.h"

/* Names of values */

static const char *
operation_name (uint32_t at)
{
  static const char *const names[] = { "initiate", "terminate", "update", "query", "invalidate" };
  return names[at];
}
#define N_OPERATIONS 5
_Static_assert(RULE_INVALIDATE - RULE_INITIATE + 1 == N_OPERATIONS, "the verbs follow one another");
#define OPERATION(verb) ((verb)-RULE_INITIATE)

static const char *
object_name (uint32_t at)
{
  static const char *const names[] = { "neighbor", "path", "connection" };
  return names[at];
}
#define N_OBJECTS 3

static const char *
owner_name (uint32_t at)
{
  return trace_owner_name ((TraceOwner)at);
}

static const char *
power_name (uint32_t at)
{
  static const char *const names[LAB_N_POWERS] = { "D0", "on the way to sleep", "asleep" };
  return names[at];
}

static const char *
status_name (uint32_t at)
{
  return ndis_status_name ((NDIS_STATUS)at);
}

static const char *
data_call_name (uint32_t at)
{
  static const char *const names[] = {
#define DATA_CALL(id, name) name,
    LAB_DATA_CALLS (DATA_CALL)
#undef DATA_CALL
  };
  return names[at];
}

static const char *
state_name (uint32_t at)
{
  return tcp_state_name ((TCP_OFFLOAD_CONNECTION_STATE)at);
}

static const char *
reason_name (uint32_t at)
{
  return ndis_upload_reason_name ((TCP_UPLOAD_REASON)at);
}

static const char *
oid_name (uint32_t at)
{
  return ndis_oid_name ((NDIS_OID)at);
}

static const char *
access_name (uint32_t at)
{
  return at == 0 ? "query" : "set";
}

static const char *
side_name (uint32_t at)
{
  static const char *const names[] = { "host", "target", "peer" };
  return names[at];
}

static const char *
rule_name (uint32_t at)
{
  return rule_info ((RuleId)at)->id;
}

static const char *
site_name (uint32_t at)
{
  return trace_site_name ((ChoiceSite)at);
}

static const char *
situation_name (uint32_t at)
{
  return lab_situation_info ((LabSituation)at)->name;
}

/* What cannot be reached, and why */

static const char *
operation_excuse (const uint32_t *at)
{
  uint32_t owner = at[2], power = at[3];

  switch (at[0]) {
  case OPERATION (RULE_INITIATE):
    if (owner != LAB_OWNER_DOWN)
      return "an initiate is what takes an object from the host";
    break;
  case OPERATION (RULE_TERMINATE):
    if (owner != LAB_OWNER_UP)
      return "a terminate is what takes an object from the target";
    break;
  default:
    if (owner == LAB_OWNER_HOST || owner == LAB_OWNER_DOWN)
      return "before its initiate has completed nothing else is called for an object";
    if (owner == LAB_OWNER_UP)
      return "after its terminate nothing else is called for an object";
  }
  if (at[0] == OPERATION (RULE_INVALIDATE) && at[1] == RULE_TCP)
    return "only neighbors and paths are invalidated";
  if (power == LAB_POWER_OFF)
    return "everything was terminated before the target went to sleep";
  if (power == LAB_POWER_FALLING && (at[0] != OPERATION (RULE_TERMINATE) || at[1] != RULE_TCP))
    return "the last terminate goes down before set-power, and only one that hardware has defeated "
           "is "
           "repeated after it: of a connection";
  return NULL;
}

static const char *
overlap_excuse (const uint32_t *at)
{
  bool is_object_whole = at[0] != OPERATION (RULE_INITIATE) && at[1] != OPERATION (RULE_INITIATE);

  if (!is_object_whole)
    return "an initiate overlaps with nothing of its object";
  if (at[1] == OPERATION (RULE_TERMINATE))
    return "after its terminate nothing else is called for an object";
  if (at[0] == OPERATION (RULE_TERMINATE))
    return "the host fetches an object when every other request for it has completed (TERM-05)";
  if (at[0] == OPERATION (RULE_UPDATE) && at[1] == OPERATION (RULE_UPDATE))
    return "one update of an object is outstanding at a time (UPD-04)";
  if (at[0] == OPERATION (RULE_UPDATE) && at[1] == OPERATION (RULE_INVALIDATE))
    return "what the host invalidates it does not update (UPD-06)";
  if (at[2] == RULE_TCP
      && (at[0] == OPERATION (RULE_INVALIDATE) || at[1] == OPERATION (RULE_INVALIDATE)))
    return "only neighbors and paths are invalidated";
  return NULL;
}

/* Statuses of an initiate, by the kinds of object that it is about: bits 1 << RuleLayer. */
static uint32_t
initiate_status_objects (NDIS_STATUS status)
{
  enum { NEIGHBOR = 1 << RULE_NEIGHBOR, PATH = 1 << RULE_PATH, TCP = 1 << RULE_TCP };

  switch ((int)status) {
  case NDIS_STATUS_SUCCESS:
  case NDIS_STATUS_FAILURE:
  case NDIS_STATUS_RESOURCES:
    return NEIGHBOR | PATH | TCP;
  case NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS:
    return NEIGHBOR | PATH;
  case NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES:
  case NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES:
  case NDIS_STATUS_OFFLOAD_VLAN_ENTRIES:
  case NDIS_STATUS_OFFLOAD_VLAN_MISMATCH:
    return NEIGHBOR;
  case NDIS_STATUS_OFFLOAD_PATH_ENTRIES:
  case NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES:
  case NDIS_STATUS_OFFLOAD_PATH_MTU:
    return PATH;
  case NDIS_STATUS_OFFLOAD_TCP_ENTRIES:
  case NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER:
  case NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER:
  case NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW:
  case NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED:
    return TCP;
  default:
    return 0;
  }
}

static const char *
result_excuse (const uint32_t *at)
{
  NDIS_STATUS status = (NDIS_STATUS)at[2];

  if (at[0] == OPERATION (RULE_INVALIDATE) && at[1] == RULE_TCP)
    return "only neighbors and paths are invalidated";
  if (at[0] == OPERATION (RULE_INITIATE))
    return (initiate_status_objects (status) >> at[1] & 1) != 0
               ? NULL
               : "not a status of this object's initiate";
  if (status == NDIS_STATUS_SUCCESS || status == NDIS_STATUS_FAILURE)
    return NULL;
  return "not a status of this operation";
}

static const char *
call_excuse (const uint32_t *at)
{
  LabDataCall call = (LabDataCall)at[0];
  uint32_t state = at[1];
  bool has_closed = state == TcpConnectionFinWait1 || state == TcpConnectionFinWait2
                    || state == TcpConnectionClosing || state == TcpConnectionLastAck
                    || state == TcpConnectionTimeWait;
  bool peer_is_open = state == TcpConnectionEstablished || state == TcpConnectionFinWait1
                      || state == TcpConnectionFinWait2;

  if (state >= TcpConnectionListen && state <= TcpConnectionSynRcvd)
    return "a connection is offloaded when it is established";
  if (has_closed && (call == LAB_DATA_SEND || call == LAB_DATA_CLOSE))
    return "the host has closed";
  if (call == LAB_DATA_EVENT_DISCONNECT && peer_is_open)
    return "the peer's FIN moves the state on before the event";
  return NULL;
}

static const char *
power_excuse (const uint32_t *at)
{
  if (at[1] == LAB_POWER_OFF)
    return "everything was terminated before the target went to sleep";
  if (at[1] == LAB_POWER_FALLING && at[0] < LAB_DATA_SEND_COMPLETE)
    return "the last terminate goes down before set-power";
  if (at[1] == LAB_POWER_FALLING && at[0] == LAB_DATA_INDICATE)
    return "what waits for an indication when a terminate begins goes up in BufferedData (RBUF-10)";
  return NULL;
}

/* Arrows of the handshake that this world's two ends do not take. */
static const char *
opening_excuse (uint32_t side, uint32_t from, uint32_t to)
{
  if (from == TcpConnectionListen && to == TcpConnectionClosed)
    return "an application that waits to be connected to does not give up";
  if (from == TcpConnectionSynRcvd && to == TcpConnectionListen)
    return "each connection has a control block of its own: the listener has not left LISTEN";
  if (from == TcpConnectionSynRcvd && to == TcpConnectionFinWait1)
    return "a close in SYN_RCVD waits for ESTABLISHED, as RFC 9293 3.10.4 has it for queued data";
  if (side == SIDE_PEER && from == TcpConnectionClosed && to != TcpConnectionSynSent)
    return "peers that do not open are there when the run begins";
  if (side == SIDE_PEER && from == TcpConnectionSynSent && to == TcpConnectionSynRcvd)
    return "of a flow that the peer opens the host's end listens: it sends no SYN of its own";
  return NULL;
}

/* The arrows of RFC 9293, figure 5, and of resets and timers. */
static const char *
transition_excuse (const uint32_t *at)
{
  static const uint16_t next[TCP_N_STATES] = {
    [TcpConnectionClosed] =
        1 << TcpConnectionListen | 1 << TcpConnectionSynSent | 1 << TcpConnectionEstablished,
    [TcpConnectionListen] = 1 << TcpConnectionSynRcvd | 1 << TcpConnectionClosed,
    [TcpConnectionSynSent] =
        1 << TcpConnectionSynRcvd | 1 << TcpConnectionEstablished | 1 << TcpConnectionClosed,
    [TcpConnectionSynRcvd] = 1 << TcpConnectionEstablished | 1 << TcpConnectionFinWait1
                             | 1 << TcpConnectionListen | 1 << TcpConnectionClosed
                             | 1 << TcpConnectionCloseWait, /* the FIN completes the handshake */
    [TcpConnectionEstablished] =
        1 << TcpConnectionFinWait1 | 1 << TcpConnectionCloseWait | 1 << TcpConnectionClosed,
    [TcpConnectionFinWait1] = 1 << TcpConnectionFinWait2 | 1 << TcpConnectionClosing
                              | 1 << TcpConnectionTimeWait | 1 << TcpConnectionClosed,
    [TcpConnectionFinWait2] = 1 << TcpConnectionTimeWait | 1 << TcpConnectionClosed,
    [TcpConnectionCloseWait] = 1 << TcpConnectionLastAck | 1 << TcpConnectionClosed,
    [TcpConnectionClosing] = 1 << TcpConnectionTimeWait | 1 << TcpConnectionClosed,
    [TcpConnectionLastAck] = 1 << TcpConnectionClosed,
    [TcpConnectionTimeWait] = 1 << TcpConnectionClosed,
  };
  if ((next[at[1]] >> at[2] & 1) == 0)
    return "RFC 9293 has no such arrow";
  if (at[0] == SIDE_TARGET && at[1] <= TcpConnectionSynRcvd)
    return "a connection is offloaded when it is established";
  if (at[0] == SIDE_TARGET && at[1] == TcpConnectionTimeWait)
    return "in TIME_WAIT it has asked for the upload (TIMER-03): the host waits it out";
  return opening_excuse (at[0], at[1], at[2]);
}

static const char *
indication_excuse (const uint32_t *at)
{
  switch ((int)at[0]) {
  case NDIS_STATUS_OFFLOAD_PAUSE:
  case NDIS_STATUS_OFFLOAD_RESUME:
  case NDIS_STATUS_UPLOAD_ALL:
  case NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES:
  case NDIS_STATUS_MEDIA_CONNECT:
  case NDIS_STATUS_MEDIA_DISCONNECT:
    return NULL;
  default:
    return "not an indication";
  }
}

static const char *
oid_excuse (const uint32_t *at)
{
  bool is_set = at[1] == 1;

  switch ((NDIS_OID)at[0]) {
  case OID_PNP_SET_POWER:
  case OID_GEN_RECEIVE_SCALE_PARAMETERS:
  case OID_TCP_CONNECTION_OFFLOAD_PARAMETERS:
    return is_set ? NULL : "it is only set";
  case OID_TCP_TASK_OFFLOAD: /* the older name: capabilities, or parameters */
    return NULL;
  case OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG:
  case OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES:
    return is_set ? "it is only queried" : NULL;
  case OID_IP4_OFFLOAD_STATS:
  case OID_IP6_OFFLOAD_STATS:
  case OID_TCP4_OFFLOAD_STATS:
  case OID_TCP6_OFFLOAD_STATS:
    return NULL; /* a set resets them */
  case NDIS_N_OIDS:
    break;
  }
  SIM_UNREACHABLE ();
}

static const char *
rule_excuse (const uint32_t *at)
{
  return rule_info ((RuleId)at[0])->state == RULE_MONITORED ? NULL : "not monitored";
}

static const LabCoverageInfo tables[LAB_N_COVERAGE_TABLES] = {
  [LAB_COVERAGE_OPERATIONS] = { "operations",
                                "the target is called for an object",
                                4,
                                { { "operation", N_OPERATIONS, operation_name },
                                  { "object", N_OBJECTS, object_name },
                                  { "owner", N_OWNERS, owner_name },
                                  { "power", LAB_N_POWERS, power_name } },
                                operation_excuse },
  [LAB_COVERAGE_OVERLAPS] = { "overlaps",
                              "the target is called while another operation on the object has not "
                              "completed",
                              3,
                              { { "operation", N_OPERATIONS, operation_name },
                                { "outstanding", N_OPERATIONS, operation_name },
                                { "object", N_OBJECTS, object_name } },
                              overlap_excuse },
  [LAB_COVERAGE_RESULTS] = { "results",
                             "the target completes an operation on an object",
                             3,
                             { { "operation", N_OPERATIONS, operation_name },
                               { "object", N_OBJECTS, object_name },
                               { "status", NDIS_N_STATUSES, status_name } },
                             result_excuse },
  [LAB_COVERAGE_CALLS] = { "calls",
                           "a data call or event, by the TCP state of the target's end",
                           2,
                           { { "call", LAB_N_DATA_CALLS, data_call_name },
                             { "state", TCP_N_STATES, state_name } },
                           call_excuse },
  [LAB_COVERAGE_POWER] = { "power",
                           "a data call or event, by the target's power state",
                           2,
                           { { "call", LAB_N_DATA_CALLS, data_call_name },
                             { "power", LAB_N_POWERS, power_name } },
                           power_excuse },
  [LAB_COVERAGE_REASONS] = { "reasons",
                             "the target asks for a connection's upload",
                             1,
                             { { "reason", HardwareFailure + 1, reason_name } },
                             NULL },
  [LAB_COVERAGE_INDICATIONS] = { "indications",
                                 "the target indicates a status",
                                 1,
                                 { { "status", NDIS_N_STATUSES, status_name } },
                                 indication_excuse },
  [LAB_COVERAGE_OIDS] = { "oids",
                          "the host makes an OID request",
                          2,
                          { { "oid", NDIS_N_OIDS, oid_name }, { "access", 2, access_name } },
                          oid_excuse },
  [LAB_COVERAGE_TRANSITIONS] = { "transitions",
                                 "an end of a connection changes its TCP state",
                                 3,
                                 { { "side", SIDE_PEER + 1, side_name },
                                   { "from", TCP_N_STATES, state_name },
                                   { "to", TCP_N_STATES, state_name } },
                                 transition_excuse },
  [LAB_COVERAGE_RULES] = { "rules",
                           "a monitored rule was put to the test",
                           1,
                           { { "rule", RULE_N, rule_name } },
                           rule_excuse },
  [LAB_COVERAGE_CHOICES] = { "choices",
                             "a choice was made otherwise than by default: in random runs "
                             "(--random)",
                             1,
                             { { "site", N_SITES, site_name } },
                             NULL },
  [LAB_COVERAGE_SITUATIONS] = { "situations",
                                "a situation was met",
                                1,
                                { { "situation", LAB_N_SITUATIONS, situation_name } },
                                NULL },
};

const LabCoverageInfo *
lab_coverage_info (LabCoverageTable table)
{
  SIM_ASSERT (table < LAB_N_COVERAGE_TABLES);
  return &tables[table];
}

uint32_t
lab_coverage_places (LabCoverageTable table)
{
  const LabCoverageInfo *info = lab_coverage_info (table);
  uint32_t n = 1;

  for (uint32_t i = 0; i < info->n_axes; i++)
    n *= info->axis[i].n;
  return n;
}

void
lab_coverage_at (LabCoverageTable table, uint32_t place, uint32_t *ret_at)
{
  const LabCoverageInfo *info = lab_coverage_info (table);

  for (uint32_t i = info->n_axes; i-- > 0;) {
    ret_at[i] = place % info->axis[i].n;
    place /= info->axis[i].n;
  }
}

const char *
lab_coverage_excuse (LabCoverageTable table, uint32_t place)
{
  uint32_t at[LAB_COVERAGE_AXES_MAX];

  if (tables[table].excuse == NULL)
    return NULL;
  lab_coverage_at (table, place, at);
  return tables[table].excuse (at); // cppcheck-suppress returnDanglingLifetime ; excuses are static
}

char *
lab_coverage_place_name (LabCoverageTable table, uint32_t place)
{
  const LabCoverageInfo *info = lab_coverage_info (table);
  GString *name = g_string_new (NULL);
  uint32_t at[LAB_COVERAGE_AXES_MAX];

  lab_coverage_at (table, place, at);
  for (uint32_t i = 0; i < info->n_axes; i++)
    g_string_append_printf (name, "%s%s", i > 0 ? ", " : "", info->axis[i].value (at[i]));
  return g_string_free (name, FALSE);
}

char *
lab_place_name (LabPlace place)
{
  g_autofree char *name = lab_coverage_place_name (place.table, place.place);
  return g_strdup_printf ("%s: %s", tables[place.table].name, name);
}

bool
lab_place_find (const char *text, LabPlace *ret_place)
{
  for (LabPlace place = { 0 }; place.table < LAB_N_COVERAGE_TABLES; place.table++) {
    size_t n = strlen (tables[place.table].name);
    if (strncmp (text, tables[place.table].name, n) != 0 || text[n] != ':')
      continue;
    for (place.place = 0; place.place < lab_coverage_places (place.table); place.place++) {
      g_autofree char *name = lab_place_name (place);
      if (strcmp (name, text) != 0)
        continue;
      *ret_place = place;
      return true;
    }
  }
  return false;
}

LabCoverageShare
lab_coverage_share (const LabCoverage *coverage, LabCoverageTable table)
{
  LabCoverageShare share = { 0 };

  for (uint32_t place = 0; place < lab_coverage_places (table); place++) {
    bool is_reached = lab_coverage_count (coverage, table, place) > 0;
    if (lab_coverage_excuse (table, place) != NULL) {
      share.beyond += is_reached;
      continue;
    }
    share.reachable++;
    share.reached += is_reached;
  }
  return share;
}
