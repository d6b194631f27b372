/* ARCH, NUD: which way data goes, and which messages come up. */
#include "models/rules/families.h"

#include "models/tcp/segment.h"

static void
judge_route (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  bool is_target = c[IO_ROUTE_OWNER] == OWNER_TARGET;

  if (!rule_test (book, RULE_ARCH_01, (c[IO_ROUTE_PATH] == PATH_CHIMNEY) == is_target))
    rule_report (book, RULE_ARCH_01,
                 &(RuleProof){ .connection_plus_1 = (uint32_t)c[IO_ROUTE_CONNECTION] + 1,
                               .at = { book->at } },
                 "I/O goes down the %s while the owner is %s",
                 c[IO_ROUTE_PATH] == PATH_CHIMNEY ? "chimney" : "host path",
                 trace_owner_name ((TraceOwner)c[IO_ROUTE_OWNER]));
}

static void
judge_frame (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;

  if (c[WIRE_SEND_SENDER] != SIDE_TARGET)
    return;
  if (!rule_test (book, RULE_ARCH_02, (c[WIRE_SEND_FLAGS] & TCP_SYN) == 0))
    rule_report (book, RULE_ARCH_02,
                 &(RuleProof){ .connection_plus_1 = (uint32_t)c[WIRE_SEND_CONNECTION] + 1,
                               .at = { book->at } },
                 "the target sends a SYN");
}

static bool
is_status_indication (int64_t code)
{
  return code == NDIS_STATUS_OFFLOAD_PAUSE || code == NDIS_STATUS_OFFLOAD_RESUME
         || code == NDIS_STATUS_UPLOAD_ALL
         || code == NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES
         || code == NDIS_STATUS_MEDIA_CONNECT || code == NDIS_STATUS_MEDIA_DISCONNECT
         || code == NDIS_STATUS_RESET_START || code == NDIS_STATUS_RESET_END;
}

static void
judge_message (RuleBook *book, const RuleCrossing *x)
{
  bool holds = x->verb == RULE_STATUS ? is_status_indication (x->arg0)
               : x->verb == RULE_EVENT
                   ? x->arg0 >= TcpIndicateSendBacklogChange && x->arg0 <= TcpIndicateAbort
                   : x->arg0 == NeighborReachabilityQuery || x->arg0 == NeighborReachabilityInDoubt;
  RuleProof proof = { .subject = x->id, .at = { x->at } };

  if (!rule_test (book, RULE_ARCH_03, holds))
    rule_report (book, RULE_ARCH_03, &proof, "%s carries %d, which is not for it",
                 trace_call_name (x->call), (int)x->arg0);
  if (x->verb == RULE_NEIGHBOR_EVENT
      && !rule_test (book, RULE_NUD_14, x->arg0 != NeighborReachabilityInDoubt))
    rule_report (book, RULE_NUD_14, &proof, "NeighborReachabilityInDoubt is reserved");
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_STATUS) | RULE_SET (RULE_EVENT) | RULE_SET (RULE_NEIGHBOR_EVENT), RULE_UP_CALL,
    RULE_AT_BEGIN, judge_message },
};

static const RuleRecordHook records[] = {
  { TRACE_IO_ROUTE, judge_route },
  { TRACE_WIRE_SEND, judge_frame },
};

const RuleFamily rule_family_arch = {
  "ARCH", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), NULL
};
