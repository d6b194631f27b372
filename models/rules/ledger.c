#include "models/rules/ledger.h"

#include "models/rules/families.h"

typedef struct Taken {
  RuleOutstanding item;
  uint64_t at;
} Taken;

typedef struct Owner {
  int64_t owner;
  uint64_t at;
} Owner;

void
rule_ledger_init (RuleLedger *ledger)
{
  *ledger = (RuleLedger){ 0 };
  for (unsigned what = 0; what < TRACE_N_RESOURCES; what++)
    rule_table_init (&ledger->taken[what], sizeof (Taken));
  rule_table_init (&ledger->owners, sizeof (Owner));
}

void
rule_ledger_clear (RuleLedger *ledger)
{
  for (unsigned what = 0; what < TRACE_N_RESOURCES; what++)
    rule_table_clear (&ledger->taken[what]);
  rule_table_clear (&ledger->owners);
  g_free (ledger->outstanding);
  *ledger = (RuleLedger){ 0 };
}

uint32_t
rule_ledger_taken (const RuleLedger *ledger, int64_t what, uint32_t layer)
{
  return what >= 0 && what < TRACE_N_RESOURCES && layer < RULE_LEDGER_LAYERS
             ? ledger->counts[what][layer]
             : 0;
}

/* Entries are numbered by each driver for itself; everything else has one number in the whole
 * run. */
static uint64_t
key_of (int64_t what, int64_t id, int64_t layer)
{
  bool is_local = what == TRACE_RESOURCE_IM_ENTRY || what == TRACE_RESOURCE_IM_CALL;
  return (uint64_t)id ^ (is_local ? (uint64_t)layer << 48 : 0);
}

static void
judge_take (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleLedger *ledger = &book->ledger;

  if (c[TAKE_WHAT] < 0 || c[TAKE_WHAT] >= TRACE_N_RESOURCES)
    return;
  RuleTable *table = &ledger->taken[c[TAKE_WHAT]];
  uint64_t key = key_of (c[TAKE_WHAT], c[TAKE_ID], c[TAKE_LAYER]);
  Taken *taken = rule_table_find (table, key);
  if (!rule_test (book, RULE_LEDGER_03, taken == NULL)) {
    rule_report (book, RULE_LEDGER_03,
                 &(RuleProof){ .subject = (uint32_t)key, .at = { taken->at, book->at } },
                 "%s %d is taken while it is out",
                 trace_resource_name ((TraceResource)c[TAKE_WHAT]), (int)c[TAKE_ID]);
    return;
  }
  taken = rule_table_add (table, key);
  *taken = (Taken){ .item = { .what = c[TAKE_WHAT],
                              .id = (uint32_t)c[TAKE_ID],
                              .layer = (uint32_t)c[TAKE_LAYER],
                              .object_id = (uint32_t)c[TAKE_OBJECT],
                              .taken = record->when },
                    .at = book->at };
  if (taken->item.layer < RULE_LEDGER_LAYERS)
    ledger->counts[c[TAKE_WHAT]][taken->item.layer]++;
}

static void
judge_put (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleLedger *ledger = &book->ledger;

  if (c[PUT_WHAT] < 0 || c[PUT_WHAT] >= TRACE_N_RESOURCES)
    return;
  RuleTable *table = &ledger->taken[c[PUT_WHAT]];
  uint64_t key = key_of (c[PUT_WHAT], c[PUT_ID], c[PUT_LAYER]);
  const Taken *taken = rule_table_find (table, key);
  if (!rule_test (book, RULE_LEDGER_03, taken != NULL)) {
    rule_report (book, RULE_LEDGER_03, &(RuleProof){ .subject = (uint32_t)key, .at = { book->at } },
                 "%s %d is put back and is not out",
                 trace_resource_name ((TraceResource)c[PUT_WHAT]), (int)c[PUT_ID]);
    return;
  }
  if (taken->item.layer < RULE_LEDGER_LAYERS)
    ledger->counts[c[PUT_WHAT]][taken->item.layer]--;
  rule_table_remove (table, key);
}

/* The ways from owner to owner. */
static bool
may_pass (int64_t from, int64_t to)
{
  static const bool legal[N_OWNERS][N_OWNERS] = {
    [OWNER_HOST] = { [OWNER_HOST] = true, [OWNER_GOING_DOWN] = true },
    [OWNER_GOING_DOWN] = { [OWNER_TARGET] = true, [OWNER_HOST] = true },
    [OWNER_TARGET] = { [OWNER_TARGET] = true, [OWNER_GOING_UP] = true },
    [OWNER_GOING_UP] = { [OWNER_HOST] = true, [OWNER_TARGET] = true },
  };
  return from >= 0 && from < N_OWNERS && to >= 0 && to < N_OWNERS && legal[from][to];
}

static void
judge_owner (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  uint32_t connection = (uint32_t)c[OWNER_CONNECTION];
  Owner *owner = rule_table_need (&book->ledger.owners, connection);
  RuleProof proof = { .connection_plus_1 = connection + 1, .at = { owner->at, book->at } };

  if (!rule_test (book, RULE_LEDGER_01, may_pass (owner->owner, c[OWNER_OWNER])))
    rule_report (book, RULE_LEDGER_01, &proof, "connection %u passes from %s to %s", connection,
                 trace_owner_name ((TraceOwner)owner->owner),
                 trace_owner_name ((TraceOwner)c[OWNER_OWNER]));
  *owner = (Owner){ .owner = c[OWNER_OWNER], .at = book->at };
}

static void
judge_live (RuleBook *book, const SimRecord *record)
{
  uint32_t connection = (uint32_t)record->column[CONTEXT_LIVE_CONNECTION];
  const Owner *owner = rule_table_find (&book->ledger.owners, connection);

  if (owner == NULL)
    return;
  bool holds = owner->owner == OWNER_GOING_DOWN || owner->owner == OWNER_TARGET;
  if (!rule_test (book, RULE_LEDGER_02, holds))
    rule_report (book, RULE_LEDGER_02,
                 &(RuleProof){ .connection_plus_1 = connection + 1, .at = { owner->at, book->at } },
                 "the context of connection %u is live while the owner is %s", connection,
                 trace_owner_name ((TraceOwner)owner->owner));
}

/* Crossings */

static void
judge_call_end (RuleBook *book, const SimRecord *record)
{
  const RuleCrossing *x = rule_crossing_find (&book->crossings, (uint32_t)record->column[0]);
  RuleProof proof = { .subject = (uint32_t)record->column[0],
                      .at = { x == NULL ? 0 : x->at, book->at } };

  bool holds = x != NULL && x->call == record->column[1] && x->layer == record->column[2]
               && x->n_open_children == 0;
  if (!rule_test (book, RULE_LEDGER_05, holds))
    rule_report (book, RULE_LEDGER_05, &proof, "crossing %d ends %s", (int)record->column[0],
                 x == NULL                ? "and is not open"
                 : x->n_open_children > 0 ? "before a call inside it"
                                          : "as another one than it began");
}

/* Contexts */

static void
judge_context (RuleBook *book, const SimRecord *record)
{
  int64_t id = record->kind == TRACE_CONTEXT_FREE || record->kind == TRACE_CONTEXT_LINK
                   ? record->column[1]
                   : record->column[0];
  const RuleContext *context = rule_context_find (&book->contexts, id);

  if (!rule_test (book, RULE_LEDGER_06, context != NULL && context->is_made))
    rule_report (book, RULE_LEDGER_06,
                 &(RuleProof){ .object = context == NULL ? 0 : context->object,
                               .subject = (uint32_t)id,
                               .at = { context == NULL ? 0 : context->freed_at, book->at } },
                 "a context is used or freed that %s",
                 context == NULL ? "was never made" : "was freed");
}

/* The end */

static int
compare_outstanding (gconstpointer a, gconstpointer b)
{
  const RuleOutstanding *x = a;
  const RuleOutstanding *y = b;

  if (x->what != y->what)
    return x->what < y->what ? -1 : 1;
  if (x->layer != y->layer)
    return x->layer < y->layer ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

/* What belongs to an object that is still offloaded is where it belongs: entries and contexts, and
 * the receives that are posted on it with the calls that brought them down. */
static bool
is_in_place (const RuleBook *book, const RuleOutstanding *item)
{
  bool is_im_entry = item->what == TRACE_RESOURCE_IM_ENTRY;
  bool is_of_object = is_im_entry || item->what == TRACE_RESOURCE_CONTEXT
                      || item->what == TRACE_RESOURCE_NBL || item->what == TRACE_RESOURCE_IM_CALL;
  unsigned edge = is_im_entry ? item->layer : book->crossings.target_layer;
  return is_of_object
         && rule_object_is_held (rule_object_find (&book->objects, item->object_id, edge));
}

static void
judge_end (RuleBook *book)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (RuleOutstanding));

  for (unsigned what = 0; what < TRACE_N_RESOURCES; what++) {
    const RuleTable *table = &book->ledger.taken[what];
    uint32_t stray = 0;
    uint64_t last = 0;
    for (uint32_t slot = 0; slot < table->n_slots; slot++) {
      const Taken *taken = rule_table_at (table, slot, NULL);
      if (taken == NULL)
        continue;
      g_array_append_val (items, taken->item);
      if (!is_in_place (book, &taken->item)) {
        stray++;
        last = MAX (last, taken->at);
      }
    }
    if (!book->is_cut_off && !rule_test (book, RULE_LEDGER_04, stray == 0))
      rule_report (book, RULE_LEDGER_04, &(RuleProof){ .subject = what + 1, .at = { last } },
                   "%u of resource \"%s\" have not come back", stray,
                   trace_resource_name ((TraceResource)what));
  }
  g_array_sort (items, compare_outstanding);
  book->ledger.n_outstanding = items->len;
  book->ledger.outstanding = (RuleOutstanding *)(void *)g_array_free (items, FALSE);
}

static const RuleRecordHook records[] = {
  { TRACE_TAKE, judge_take },
  { TRACE_PUT, judge_put },
  { TRACE_OWNER, judge_owner },
  { TRACE_CONTEXT_LIVE, judge_live },
  { TRACE_CALL_END, judge_call_end },
  { TRACE_CONTEXT_LINK, judge_context },
  { TRACE_CONTEXT_LIVE, judge_context },
  { TRACE_CONTEXT_CLOSING, judge_context },
  { TRACE_CONTEXT_FREE, judge_context },
};

const RuleFamily rule_family_ledger = { "LEDGER", NULL, 0, records, G_N_ELEMENTS (records),
                                        judge_end };
