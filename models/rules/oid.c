/* OID: capabilities are asked for, then switched on, then used. */
#include "models/rules/families.h"

#include "models/ndis/oid.h"

static void
judge_first_initiate (RuleBook *book, const RuleCrossing *x)
{
  const RuleAdapter *adapter = &book->adapter;
  RuleProof proof = { .subject = 1, .at = { x->at } };

  if (x->layer != 0)
    return;
  if (!rule_test (book, RULE_OID_01, adapter->was_queried))
    rule_report (book, RULE_OID_01, &proof,
                 "an initiate is called and the capabilities were never asked for");
  if (!rule_test (book, RULE_OID_02, adapter->was_set))
    rule_report (book, RULE_OID_02, &proof, "an initiate is called and the chimney was never set");
  if (!rule_test (book, RULE_OID_14, adapter->is_enabled))
    rule_report (book, RULE_OID_14, &proof,
                 "an initiate is called before a set of the parameters has succeeded");
}

/* The set is the miniport's to answer; the queries are NDIS's. */
static void
judge_at_miniport (RuleBook *book, const RuleCrossing *x)
{
  RuleProof proof = { .op = x->op, .at = { x->at } };
  bool is_ndis_query = x->arg0 == OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG
                       || x->arg0 == OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES;

  if (!rule_test (book, RULE_OID_15, !is_ndis_query))
    rule_report (book, RULE_OID_15, &proof, "driver %u is asked %s, which NDIS answers", x->layer,
                 ndis_oid_name ((NDIS_OID)x->arg0));
}

/* True for a driver that registered both tables of chimney handlers. */
static bool
knows_chimney (const RuleAdapter *adapter, unsigned layer)
{
  return adapter->registered[layer][0] > 0 && adapter->registered[layer][1] > 0;
}

/* The set is optional for a target that offers no connection offload. */
static void
judge_set_result (RuleBook *book, const RuleCrossing *x)
{
  if (x->arg1 == 0 || x->arg0 != OID_TCP_CONNECTION_OFFLOAD_PARAMETERS || !rule_is_target (book, x)
      || !knows_chimney (&book->adapter, x->layer))
    return;
  if (!rule_test (book, RULE_OID_14, x->status != NDIS_STATUS_NOT_SUPPORTED))
    rule_report (book, RULE_OID_14, &(RuleProof){ .op = x->op, .at = { x->at, x->end_at } },
                 "the target does not support the set of its own parameters");
}

/* An intermediate driver hands every set of the parameters down. */
static void
judge_set_at_im (RuleBook *book, const RuleCrossing *x)
{
  if (x->arg1 == 0 || !rule_oid_is_parameters (x->arg0) || rule_is_target (book, x))
    return;
  bool holds = x->n_children > 0 && rule_call_verb (x->child_call) == RULE_OID;
  if (!rule_test (book, RULE_OID_04, holds || x->status == NDIS_STATUS_PENDING))
    rule_report (book, RULE_OID_04, &(RuleProof){ .op = x->op, .at = { x->at, x->end_at } },
                 "driver %u does not hand a set of the parameters down", x->layer);
}

static void
judge_parameters (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  bool holds = c[PARAMETERS_TYPE] == NDIS_OBJECT_TYPE_DEFAULT
               && c[PARAMETERS_REVISION] == NDIS_REVISION_1
               && c[PARAMETERS_SIZE] == sizeof (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS)
               && (c[PARAMETERS_ENCAPSULATION] == NDIS_ENCAPSULATION_IEEE_802_3
                   || c[PARAMETERS_ENCAPSULATION] == 0) /* none: the chimney is switched off */
               && c[PARAMETERS_CONGESTION] == 0;

  if (!rule_test (book, RULE_OID_06, holds))
    rule_report (book, RULE_OID_06,
                 &(RuleProof){ .op = (uint32_t)c[PARAMETERS_OP], .at = { book->at } },
                 "request %d sets parameters of type %d, revision %d, size %d, encapsulation %d, "
                 "congestion algorithm %d",
                 (int)c[PARAMETERS_OP], (int)c[PARAMETERS_TYPE], (int)c[PARAMETERS_REVISION],
                 (int)c[PARAMETERS_SIZE], (int)c[PARAMETERS_ENCAPSULATION],
                 (int)c[PARAMETERS_CONGESTION]);
}

/* OID-03: an intermediate driver hands the query down, or says that it does not know it. */
static void
judge_query_at_im (RuleBook *book, const RuleCrossing *x)
{
  if (x->arg1 != 0 || x->arg0 != OID_TCP_TASK_OFFLOAD || rule_is_target (book, x))
    return;
  bool is_passed_on = x->n_children > 0 && rule_call_verb (x->child_call) == RULE_OID;
  bool holds = is_passed_on
                   ? x->status != NDIS_STATUS_NOT_SUPPORTED
                   : x->status == NDIS_STATUS_NOT_SUPPORTED || x->status == NDIS_STATUS_PENDING;
  if (!rule_test (book, RULE_OID_03, holds))
    rule_report (book, RULE_OID_03, &(RuleProof){ .op = x->op, .at = { x->at, x->end_at } },
                 "driver %u %s the query of the offload capabilities and returns %s", x->layer,
                 is_passed_on ? "hands down" : "keeps", rule_status_name (x->status));
}

/* A driver that registered nothing blocks the chimney for all above it. */
static void
judge_blocked (RuleBook *book, const RuleCrossing *x)
{
  const RuleAdapter *adapter = &book->adapter;
  unsigned target = book->crossings.target_layer;

  if (target >= RULE_LAYERS_MAX || adapter->registered_at[target][0] == 0)
    return;
  /* Where the way down branches there may be another one. */
  unsigned last = book->crossings.has_branches ? x->layer : target;
  for (unsigned layer = x->layer; layer <= last; layer++) {
    if (!rule_test (book, RULE_OID_05, knows_chimney (adapter, layer)))
      rule_report (book, RULE_OID_05, &(RuleProof){ .subject = layer, .at = { x->at } },
                   "%s is called although driver %u does not know the chimney",
                   trace_call_name (x->call), layer);
  }
}

/* Run time changes */

/* The target offers something else: everybody has paused and nothing is offloaded. */
static void
judge_change (RuleBook *book, const SimRecord *record)
{
  int64_t layer = record->column[CAPABILITIES_LAYER];

  if (layer < 1 || layer >= RULE_LAYERS_MAX)
    return;
  const RuleRestraint *told = &book->adapter.told[layer];
  uint32_t objects = book->objects.live[layer] + book->objects.terminating[layer];
  bool has_asked = told->is_paused && told->upload_all;
  RuleProof proof = { .subject = (uint32_t)layer,
                      .at = { told->paused_at, told->upload_all_at, book->at } };
  if (!rule_test (book, RULE_OID_17, has_asked && objects == 0))
    rule_report (book, RULE_OID_17, &proof,
                 has_asked ? "the target changes its capabilities while %u objects are offloaded"
                           : "the target changes its capabilities and has not asked the host to "
                             "pause and to upload everything (%u objects are offloaded)",
                 objects);
}

/* True for a driver that stands on several adapters. */
static bool
is_mux (const RuleBook *book, unsigned layer)
{
  const RuleCrossings *crossings = &book->crossings;
  unsigned n = 0;

  for (unsigned below = 1; crossings->has_branches && below < RULE_LAYERS_MAX; below++)
    n += crossings->above[below] == layer;
  return layer > 0 && n > 1;
}

static void
judge_capabilities_told (RuleBook *book, const RuleCrossing *x)
{
  if (x->arg0 != NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES
      || !is_mux (book, x->layer))
    return;
  book->adapter.capabilities_owed[x->layer] = 0;
  if (!rule_test (book, RULE_OID_18, x->arg1 != 0))
    rule_report (book, RULE_OID_18, &(RuleProof){ .subject = x->layer, .at = { x->at } },
                 "driver %u tells that it offers something else and not what", x->layer);
}

static void
note_capabilities_heard (RuleBook *book, const RuleCrossing *x)
{
  if (x->arg0 == NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES
      && is_mux (book, x->layer))
    book->adapter.capabilities_owed[x->layer] = x->at;
}

static void
judge_end (RuleBook *book)
{
  for (uint32_t layer = 0; layer < RULE_LAYERS_MAX; layer++) {
    uint64_t owed_at = book->adapter.capabilities_owed[layer];
    if (owed_at != 0 && !rule_test (book, RULE_OID_18, false))
      rule_report (book, RULE_OID_18, &(RuleProof){ .subject = layer, .at = { owed_at } },
                   "an adapter below driver %u offers something else and the driver does not tell",
                   layer);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INITIATE), RULE_DOWN_CALL, RULE_AT_BEGIN, judge_first_initiate },
  { RULE_SET (RULE_INITIATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_blocked },
  { RULE_SET (RULE_OID), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_at_miniport },
  { RULE_SET (RULE_OID), RULE_DOWN_HANDLER, RULE_AT_END, judge_set_result },
  { RULE_SET (RULE_OID), RULE_DOWN_HANDLER, RULE_AT_END, judge_set_at_im },
  { RULE_SET (RULE_OID), RULE_DOWN_HANDLER, RULE_AT_END, judge_query_at_im },
  { RULE_SET (RULE_STATUS), RULE_UP_CALL, RULE_AT_BEGIN, judge_capabilities_told },
  { RULE_SET (RULE_STATUS), RULE_UP_HANDLER, RULE_AT_BEGIN, note_capabilities_heard },
};

static const RuleRecordHook records[] = {
  { TRACE_PARAMETERS, judge_parameters },
  { TRACE_CAPABILITIES, judge_change },
};

const RuleFamily rule_family_oid = {
  "OID", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
