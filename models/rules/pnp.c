/* PNP: an adapter is paused, removed and halted when nothing is under way any more. */
#include "models/rules/families.h"

/* Objects that are offloaded at |edge|, or on their way there or back. */
static uint32_t
objects_at (const RuleBook *book, unsigned edge)
{
  return book->objects.live[edge] + book->objects.terminating[edge]
         + book->objects.initiating[edge];
}

/* All layers from the first target on are targets. */
static bool
is_at_target (const RuleBook *book, const RuleCrossing *x)
{
  return x->layer > 0 && x->layer >= book->crossings.target_layer;
}

static RulePnp *
pnp_of (RuleBook *book, unsigned layer)
{
  return &book->pnp[layer % RULE_LAYERS_MAX];
}

/* Frames */

static void
judge_frames_down (RuleBook *book, const RuleCrossing *x)
{
  RulePnp *pnp = pnp_of (book, x->layer);

  if (x->layer == 0 && x->station == RULE_DOWN_CALL)
    pnp->hosts_frames += (uint32_t)x->arg0;
  if (!is_at_target (book, x) || x->station != RULE_DOWN_HANDLER)
    return;
  pnp->frames_down += (uint32_t)x->arg0;
  if (pnp->removed_at != 0)
    pnp->frames_after_removal += (uint32_t)x->arg0;
}

/* Frames go and come in order: those that came after the removal are the last ones to end. */
static void
judge_frames_sent (RuleBook *book, const RuleCrossing *x)
{
  RulePnp *pnp = pnp_of (book, x->layer);

  if (x->layer == 0 && x->station == RULE_UP_HANDLER)
    pnp->hosts_frames -= MIN (pnp->hosts_frames, (uint32_t)x->arg0);
  if (!is_at_target (book, x) || x->station != RULE_UP_CALL)
    return;
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    bool is_late = pnp->frames_after_removal > 0 && pnp->frames_down <= pnp->frames_after_removal;
    if (is_late && !rule_test (book, RULE_PNP_04, nbl->status == NDIS_STATUS_NOT_ACCEPTED))
      rule_report (book, RULE_PNP_04,
                   &(RuleProof){ .nbl = nbl->id, .at = { pnp->removed_at, x->at, nbl->at } },
                   "frame %u ends with %s though the hardware is gone", nbl->id,
                   rule_status_name (nbl->status));
    pnp->frames_down -= pnp->frames_down > 0;
    pnp->frames_after_removal -= is_late;
  }
}

static void
judge_frames_up (RuleBook *book, const RuleCrossing *x)
{
  RulePnp *pnp = pnp_of (book, x->layer);

  if (!is_at_target (book, x))
    return;
  pnp->frames_up += (uint32_t)x->arg0;
  if (!rule_test (book, RULE_PNP_03, pnp->paused_at == 0))
    rule_report (book, RULE_PNP_03, &(RuleProof){ .subject = 1, .at = { pnp->paused_at, x->at } },
                 "frames are indicated while the miniport is paused");
}

static void
note_frames_back (RuleBook *book, const RuleCrossing *x)
{
  if (is_at_target (book, x))
    pnp_of (book, x->layer)->frames_up -=
        MIN (pnp_of (book, x->layer)->frames_up, (uint32_t)x->arg0);
}

static void
judge_oid (RuleBook *book, const RuleCrossing *x)
{
  uint64_t removed_at = pnp_of (book, x->layer)->removed_at;

  if (removed_at == 0 || x->at < removed_at || !rule_is_target (book, x)
      || x->status == NDIS_STATUS_PENDING)
    return;
  if (!rule_test (book, RULE_PNP_04, x->status == NDIS_STATUS_NOT_ACCEPTED))
    rule_report (book, RULE_PNP_04,
                 &(RuleProof){ .op = x->op, .at = { removed_at, x->at, x->end_at } },
                 "OID request %u ends with %s though the hardware is gone", x->op,
                 rule_status_name (x->status));
}

/* The sequence */

static void
judge_paused (RuleBook *book, const RuleCrossing *x, uint64_t at)
{
  RulePnp *pnp = pnp_of (book, x->layer);

  pnp->paused_at = at;
  if (!rule_test (book, RULE_PNP_02, pnp->frames_down == 0 && pnp->frames_up == 0))
    rule_report (book, RULE_PNP_02, &(RuleProof){ .subject = x->layer, .at = { at } },
                 "the miniport is paused with %u frames to send and %u indicated ones",
                 pnp->frames_down, pnp->frames_up);
}

static void
judge_event_complete (RuleBook *book, const RuleCrossing *x)
{
  /* A driver over several targets completes it for one of them. */
  uint32_t objects = objects_at (book, x->layer == 0 ? 1 : x->driver);
  uint32_t frames = pnp_of (book, x->layer)->hosts_frames;

  if (!rule_test (book, RULE_PNP_01, objects == 0 && frames == 0))
    rule_report (book, RULE_PNP_01, &(RuleProof){ .subject = 1 + x->layer, .at = { x->at } },
                 "driver %u completes a pause with %u objects offloaded and %u frames out",
                 x->layer, objects, frames);
}

static void
judge_halt (RuleBook *book, const RuleCrossing *x)
{
  uint32_t objects = objects_at (book, x->layer);
  uint32_t frames = pnp_of (book, x->layer)->frames_down;

  if (!rule_test (book, RULE_PNP_05, objects == 0 && frames == 0))
    rule_report (book, RULE_PNP_05, &(RuleProof){ .subject = x->layer, .at = { x->at } },
                 "the miniport is halted with %u objects and %u frames", objects, frames);
}

static void
judge_begin (RuleBook *book, const RuleCrossing *x)
{
  switch (x->call) {
  case NDIS_CALL_NdisCompleteNetPnPEvent:
    judge_event_complete (book, x);
    return;
  case NDIS_CALL_NdisMPauseComplete:
    judge_paused (book, x, x->at);
    return;
  case NDIS_CALL_MiniportRestart:
    pnp_of (book, x->layer)->paused_at = 0;
    return;
  case NDIS_CALL_MiniportDevicePnPEventNotify:
    pnp_of (book, x->layer)->removed_at = x->at;
    return;
  case NDIS_CALL_MiniportHaltEx:
    judge_halt (book, x);
    return;
  default:
    return;
  }
}

static void
judge_end_of_call (RuleBook *book, const RuleCrossing *x)
{
  if (x->call == NDIS_CALL_MiniportPause && x->status == NDIS_STATUS_SUCCESS)
    judge_paused (book, x, x->end_at);
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_SETUP), RULE_DOWN_CALL, RULE_AT_BEGIN, judge_begin },
  { RULE_SET (RULE_SETUP), RULE_DOWN_CALL, RULE_AT_END, judge_end_of_call },
  { RULE_SET (RULE_FRAME_SEND), RULE_DOWN_CALL, RULE_AT_BEGIN, judge_frames_down },
  { RULE_SET (RULE_FRAME_SEND), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_frames_down },
  { RULE_SET (RULE_FRAME_SEND), RULE_UP_CALL, RULE_AT_BEGIN, judge_frames_sent },
  { RULE_SET (RULE_FRAME_SEND), RULE_UP_HANDLER, RULE_AT_BEGIN, judge_frames_sent },
  { RULE_SET (RULE_FRAME_RECEIVE), RULE_UP_CALL, RULE_AT_BEGIN, judge_frames_up },
  { RULE_SET (RULE_FRAME_RETURN), RULE_DOWN_HANDLER, RULE_AT_BEGIN, note_frames_back },
  { RULE_SET (RULE_OID), RULE_DOWN_HANDLER, RULE_AT_END, judge_oid },
};

const RuleFamily rule_family_pnp = { "PNP", calls, G_N_ELEMENTS (calls), NULL, 0, NULL };
