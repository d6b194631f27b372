/* REG: what drivers register, where, and how complete it is. */
#include "models/rules/families.h"

enum {
  PROVIDER_GENERIC,
  PROVIDER_TCP,
  CLIENT_GENERIC,
  CLIENT_TCP,
  EVENT_HANDLERS = RULE_EVENT_HANDLERS,
};

/* A structure, how many entry points it has, where it is registered, and the rules that say so. */
static const struct {
  int64_t entries;
  NdisCall context;
  RuleId complete;
  RuleId placed;
  const char *name;
} structures[RULE_STRUCTURES] = {
  [PROVIDER_GENERIC] = { 5, NDIS_CALL_MiniportSetOptions, RULE_REG_02, RULE_REG_01,
                         "generic provider" },
  [PROVIDER_TCP] = { 5, NDIS_CALL_MiniportSetOptions, RULE_REG_03, RULE_REG_01, "TCP provider" },
  [CLIENT_GENERIC] = { 6, NDIS_CALL_ProtocolSetOptions, RULE_REG_08, RULE_REG_07,
                       "generic client" },
  [CLIENT_TCP] = { 6, NDIS_CALL_ProtocolSetOptions, RULE_REG_09, RULE_REG_07, "TCP client" },
  [EVENT_HANDLERS] = { 6, NDIS_CALL_MiniportInitializeEx, RULE_REG_10, RULE_REG_10,
                       "event handlers" },
};

static void
judge_structure (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  int64_t which = c[REGISTER_STRUCTURE];
  int64_t layer = c[REGISTER_LAYER];
  RuleProof proof = { .subject = (uint32_t)(layer * RULE_STRUCTURES + which), .at = { book->at } };

  if (which < 0 || which >= RULE_STRUCTURES || layer < 0 || layer >= RULE_LAYERS_MAX)
    return;
  const char *name = structures[which].name;
  bool is_first = book->adapter.registered[layer][which] == 0;
  proof.at[1] = book->adapter.registered_at[layer][which];
  if (!rule_test (book, structures[which].complete,
                  c[REGISTER_ENTRIES] == structures[which].entries))
    rule_report (book, structures[which].complete, &proof,
                 "the %s structure of driver %d has %d entry points", name, (int)layer,
                 (int)c[REGISTER_ENTRIES]);
  if (!rule_test (book, structures[which].placed,
                  is_first && c[REGISTER_CONTEXT_CALL] == (int64_t)structures[which].context))
    rule_report (book, structures[which].placed, &proof, "driver %d registers its %s structure %s",
                 (int)layer, name, is_first ? "in the wrong place" : "twice");
  if (which == EVENT_HANDLERS)
    return;
  if (!rule_test (book, RULE_REG_05,
                  c[REGISTER_REVISION] == NDIS_REVISION_1 && c[REGISTER_SIZE] > 0
                      && c[REGISTER_FLAGS] == 0))
    rule_report (book, RULE_REG_05, &proof,
                 "the %s structure of driver %d has revision %d, size %d, flags %d", name,
                 (int)layer, (int)c[REGISTER_REVISION], (int)c[REGISTER_SIZE],
                 (int)c[REGISTER_FLAGS]);
  if ((which == PROVIDER_TCP || which == CLIENT_TCP)
      && !rule_test (book, RULE_REG_04, c[REGISTER_OFFLOAD_TYPE] == NdisTcpChimneyOffload))
    rule_report (book, RULE_REG_04, &proof, "the %s structure of driver %d is for chimney type %d",
                 name, (int)layer, (int)c[REGISTER_OFFLOAD_TYPE]);
}

/* Indications are made at DISPATCH_LEVEL. */
static void
judge_level (RuleBook *book, const RuleCrossing *x)
{
  if (!rule_test (book, RULE_REG_16, x->level == 1))
    rule_report (book, RULE_REG_16, &(RuleProof){ .object = x->object, .at = { x->at } },
                 "%s is called below DISPATCH_LEVEL", trace_call_name (x->call));
}

/* REG-14: what NDIS hands over comes to the driver that the caller's handle stands for. */
static void
judge_handle (RuleBook *book, const RuleCrossing *x)
{
  const RuleCrossing *caller = rule_crossing_find (&book->crossings, x->parent);
  bool is_down = x->station == RULE_DOWN_HANDLER;

  if (caller == NULL || caller->verb != x->verb
      || caller->station != (is_down ? RULE_DOWN_CALL : RULE_UP_CALL))
    return;
  unsigned lower = is_down ? x->layer : caller->layer;
  unsigned upper = is_down ? caller->layer : x->layer;
  if (!rule_test (book, RULE_REG_14,
                  caller->driver == lower && rule_layer_above (&book->crossings, lower) == upper))
    rule_report (book, RULE_REG_14,
                 &(RuleProof){ .subject = x->layer, .at = { caller->at, x->at } },
                 "%s of driver %u leads to %s of driver %u", trace_call_name (caller->call),
                 caller->layer, trace_call_name (x->call), x->layer);
}

/* REG-15: a request comes back from the driver that it was given to. */
static void
judge_completer (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    if (buffer == NULL || buffer->verb != x->verb || buffer->handed_over)
      continue;
    if (!rule_test (book, RULE_REG_15, buffer->driver == x->layer))
      rule_report (book, RULE_REG_15,
                   &(RuleProof){ .nbl = nbl->id, .at = { buffer->call_at, x->at, nbl->at } },
                   "driver %u completes buffer list %u, which was given to driver %u", x->layer,
                   nbl->id, buffer->driver);
  }
}

/* REG-11: the answer to NdisMGetOffloadHandlers is one of two. */
static void
judge_answer (RuleBook *book, const RuleCrossing *x)
{
  if (x->call != NDIS_CALL_NdisMGetOffloadHandlers || x->layer >= RULE_LAYERS_MAX)
    return;
  bool has_table = book->adapter.handlers[x->layer] != RULE_HANDLERS_UNKNOWN
                   && book->adapter.registered_at[x->layer][EVENT_HANDLERS] > x->at;
  bool holds =
      has_table ? x->status == NDIS_STATUS_SUCCESS : x->status == NDIS_STATUS_NOT_SUPPORTED;
  if (!rule_test (book, RULE_REG_11, holds))
    rule_report (book, RULE_REG_11, &(RuleProof){ .subject = x->layer, .at = { x->at, x->end_at } },
                 "NdisMGetOffloadHandlers returns %s %s a table", rule_status_name (x->status),
                 has_table ? "with" : "without");
}

/* REG-11, REG-12: a driver calls through the table that it was given, if it knows it. */
static void
judge_use (RuleBook *book, const RuleCrossing *x)
{
  unsigned layer = x->layer % RULE_LAYERS_MAX;
  unsigned handlers = book->adapter.handlers[layer];
  RuleProof proof = { .subject = layer, .at = { book->adapter.handlers_at[layer], x->at } };

  if (handlers == RULE_HANDLERS_UNKNOWN)
    return;
  if (!rule_test (book, RULE_REG_11, handlers != RULE_HANDLERS_REFUSED))
    rule_report (book, RULE_REG_11, &proof, "driver %u calls %s and was given no table", layer,
                 trace_call_name (x->call));
  if (!rule_test (book, RULE_REG_12, handlers != RULE_HANDLERS_ODD))
    rule_report (book, RULE_REG_12, &proof,
                 "driver %u calls %s through a table with an unknown header", layer,
                 trace_call_name (x->call));
}

/* A driver between others that knows the chimney is a provider like a target. */
static void
judge_end (RuleBook *book)
{
  for (unsigned layer = 1; layer < MIN (book->crossings.target_layer, RULE_LAYERS_MAX); layer++) {
    const uint32_t *registered = book->adapter.registered[layer];
    if (registered[PROVIDER_GENERIC] + registered[PROVIDER_TCP] == 0)
      continue;
    bool holds = registered[PROVIDER_GENERIC] == 1 && registered[PROVIDER_TCP] == 1;
    if (!rule_test (book, RULE_REG_06, holds))
      rule_report (book, RULE_REG_06,
                   &(RuleProof){ .subject = layer,
                                 .at = { book->adapter.registered_at[layer][PROVIDER_GENERIC],
                                         book->adapter.registered_at[layer][PROVIDER_TCP] } },
                   "intermediate driver %u has registered one of its two provider structures",
                   layer);
  }
}

/* Beside trees, of which CALL-10 to CALL-12 say the same. */
#define RULE_SET_HANDED_ON (RULE_SET_ALL & ~RULE_SET_STATE & ~RULE_SET (RULE_SETUP))

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_EVENT) | RULE_SET (RULE_INDICATE) | RULE_SET (RULE_NEIGHBOR_EVENT), RULE_UP_CALL,
    RULE_AT_BEGIN, judge_level },
  { RULE_SET (RULE_EVENT) | RULE_SET (RULE_INDICATE) | RULE_SET_IO, RULE_UP_CALL, RULE_AT_BEGIN,
    judge_use },
  { RULE_SET (RULE_SETUP), RULE_DOWN_CALL, RULE_AT_END, judge_answer },
  { RULE_SET_HANDED_ON, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_handle },
  { RULE_SET_HANDED_ON, RULE_UP_HANDLER, RULE_AT_BEGIN, judge_handle },
  { RULE_SET_IO, RULE_UP_CALL, RULE_AT_BEGIN, judge_completer },
};

static const RuleRecordHook records[] = {
  { TRACE_REGISTER, judge_structure },
};

const RuleFamily rule_family_reg = {
  "REG", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
