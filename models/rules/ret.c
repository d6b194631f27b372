/* RET: indicated buffer lists go back to the target. */
#include "models/rules/families.h"

static void
judge_result (RuleBook *book, const RuleCrossing *x)
{
  if (!rule_test (book, RULE_RET_01, x->status == NDIS_STATUS_SUCCESS))
    rule_report (book, RULE_RET_01, &(RuleProof){ .nbl = x->op, .at = { x->at, x->end_at } },
                 "%s returns %s", trace_call_name (x->call), rule_status_name (x->status));
}

static void
judge_lists (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    bool is_accepted = buffer != NULL && buffer->verb == RULE_INDICATE && buffer->accepted
                       && buffer->driver == x->layer;
    if (!rule_test (book, RULE_RET_02, is_accepted))
      rule_report (book, RULE_RET_02,
                   &(RuleProof){ .nbl = nbl->id,
                                 .at = { buffer == NULL ? 0 : buffer->at, x->at, nbl->at } },
                   "buffer list %u is returned, and is not with the driver above", nbl->id);
  }
}

/* NDIS passed it to nobody: the caller did not hold it. */
static void
judge_unheard (RuleBook *book, const RuleCrossing *x)
{
  if (x->status != NDIS_STATUS_INVALID_STATE || x->n_children > 0)
    return;
  rule_test (book, RULE_RET_02, false);
  rule_report (book, RULE_RET_02, &(RuleProof){ .nbl = x->op, .at = { x->at, x->end_at } },
               "buffer list %u is returned, and is not with the driver above", x->op);
}

/* RET-04: what the miniport has indicated has come back when it is halted. */
static void
judge_halt (RuleBook *book, const RuleCrossing *x)
{
  uint64_t at = 0;
  uint32_t n = 0;

  if (x->call != NDIS_CALL_MiniportHaltEx)
    return;
  for (uint32_t slot = 0; slot < book->buffers.table.n_slots; slot++) {
    const RuleBuffer *buffer = rule_table_at (&book->buffers.table, slot, NULL);
    if (buffer == NULL || buffer->verb != RULE_INDICATE || buffer->driver != x->layer)
      continue;
    at = buffer->at;
    n++;
  }
  if (!rule_test (book, RULE_RET_04, n == 0))
    rule_report (book, RULE_RET_04, &(RuleProof){ .subject = x->layer, .at = { at, x->at } },
                 "miniport %u is halted and %u buffer lists that it indicated are above", x->layer,
                 n);
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_SETUP), RULE_DOWN_CALL, RULE_AT_BEGIN, judge_halt },
  { RULE_SET (RULE_RETURN), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_lists },
  { RULE_SET (RULE_RETURN), RULE_DOWN_HANDLER, RULE_AT_END, judge_result },
  { RULE_SET (RULE_RETURN), RULE_DOWN_CALL, RULE_AT_END, judge_unheard },
};

const RuleFamily rule_family_ret = { "RET", calls, G_N_ELEMENTS (calls), NULL, 0, NULL };
