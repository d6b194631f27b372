#include "models/rules/rule_book.h"

#include "models/rules/book.h"

#define VIOLATIONS_DEFAULT 1000
#define HOOKS_MAX 64 /* for one call at one moment, or one kind */

/* What is called when: made from the families once, the same for every book. */
typedef struct Dispatch {
  RuleCallFn calls[RULE_N_MOMENTS][RULE_N_VERBS][RULE_N_STATIONS][HOOKS_MAX];
  RuleRecordFn records[TRACE_N_KINDS][HOOKS_MAX];
} Dispatch;

typedef struct Book {
  RuleBook book; /* first */
  Dispatch dispatch;
} Book;

static Book *
whole (RuleBook *book)
{
  return (Book *)(void *)book;
}

static void
add_call (RuleCallFn list[HOOKS_MAX], RuleCallFn judge)
{
  unsigned i = 0;

  while (list[i] != NULL)
    i++;
  SIM_ASSERT (i + 1 < HOOKS_MAX);
  list[i] = judge;
}

static void
add_record (RuleRecordFn list[HOOKS_MAX], RuleRecordFn judge)
{
  unsigned i = 0;

  while (list[i] != NULL)
    i++;
  SIM_ASSERT (i + 1 < HOOKS_MAX);
  list[i] = judge;
}

static void
add_family (Dispatch *dispatch, const RuleFamily *family)
{
  for (size_t i = 0; i < family->n_calls; i++)
    for (unsigned verb = 0; verb < RULE_N_VERBS; verb++)
      if ((family->calls[i].verbs & RULE_SET (verb)) != 0)
        add_call (dispatch->calls[family->calls[i].moment][verb][family->calls[i].station],
                  family->calls[i].judge);
  for (size_t i = 0; i < family->n_records; i++)
    add_record (dispatch->records[family->records[i].kind], family->records[i].judge);
}

/* No rule is about latency stages, nor about the boxes of the flowcharts. */
static void
subscribe (RuleBook *book, SimTrace *trace)
{
  uint16_t kinds[TRACE_N_KINDS];
  size_t n_kinds = 0;

  for (uint16_t kind = 0; kind < TRACE_N_KINDS; kind++)
    if (kind != TRACE_STAGE && kind != TRACE_DELIVERY)
      kinds[n_kinds++] = kind;
  sim_trace_add_reader (trace, (SimTraceReader)rule_book_read, book, kinds, n_kinds);
}

static void
free_violation (gpointer data)
{
  RuleViolation *violation = data;
  g_free (violation->text);
  g_free (violation);
}

RuleBook *
rule_book_new (Sim *sim, const RuleBookOptions *options)
{
  Book *made = g_new0 (Book, 1);
  RuleBook *book = &made->book;

  rule_crossings_init (&book->crossings);
  rule_ops_init (&book->ops);
  rule_objects_init (&book->objects);
  rule_buffers_init (&book->buffers);
  rule_flows_init (&book->flows);
  rule_contexts_init (&book->contexts);
  rule_adapter_init (&book->adapter);
  rule_ledger_init (&book->ledger);
  rule_bytes_init (&book->bytes);
  rule_evidence_init (&book->evidence);
  rule_table_init (&book->muted, 0);
  book->violations = g_ptr_array_new_with_free_func (free_violation);
  book->violations_max = VIOLATIONS_DEFAULT;
  if (options != NULL && options->violations_max > 0)
    book->violations_max = options->violations_max;
  for (size_t i = 0; options != NULL && i < options->n_off; i++)
    book->is_off[options->off[i]] = true;
  for (size_t i = 0; i < rule_n_families; i++)
    add_family (&whole (book)->dispatch, rule_families[i]);
  if (sim != NULL)
    subscribe (book, sim_trace (sim));
  return book;
}

void
rule_book_free (RuleBook *book)
{
  if (book == NULL)
    return;
  rule_crossings_clear (&book->crossings);
  rule_ops_clear (&book->ops);
  rule_objects_clear (&book->objects);
  rule_buffers_clear (&book->buffers);
  rule_flows_clear (&book->flows);
  rule_contexts_clear (&book->contexts);
  rule_adapter_clear (&book->adapter);
  rule_ledger_clear (&book->ledger);
  rule_bytes_clear (&book->bytes);
  rule_evidence_clear (&book->evidence);
  rule_table_clear (&book->muted);
  g_ptr_array_free (book->violations, TRUE);
  g_free (whole (book));
}

/* Reading */

static void
judge_call (RuleBook *book, RuleMoment moment, const RuleCrossing *x)
{
  const RuleCallFn *judge = whole (book)->dispatch.calls[moment][x->verb][x->station];

  for (; *judge != NULL; judge++)
    (*judge) (book, x);
}

/* The crossing that was being assembled is complete. */
static void
begin_call (RuleBook *book)
{
  RuleCrossing *x = rule_crossings_assembled (&book->crossings);

  if (x == NULL)
    return;
  book->now = x->when;
  judge_call (book, RULE_AT_BEGIN, x);
  rule_ops_on_begin (&book->ops, x);
  rule_objects_on_begin (&book->objects, &book->ops, x);
  rule_buffers_on_begin (&book->buffers, &book->objects, &book->ops, &book->flows, x);
  rule_adapter_on_begin (&book->adapter, &book->crossings, x);
  x->nodes = NULL;
  x->states = NULL;
  x->nbls = NULL;
  x->n_nodes = x->n_states = x->n_nbls = 0;
}

static void
end_call (RuleBook *book, const SimRecord *record)
{
  RuleCrossing *x = rule_crossings_end (&book->crossings, record, book->at);

  if (x == NULL)
    return;
  judge_call (book, RULE_AT_END, x);
  rule_objects_on_end (&book->objects, &book->ops, x);
  rule_buffers_on_end (&book->buffers, &book->objects, x);
  rule_adapter_on_end (&book->adapter, &book->crossings, x);
  rule_ops_on_end (&book->ops, x);
  rule_crossings_forget (&book->crossings, x->id);
}

static void
read_rest (RuleBook *book, const SimRecord *record)
{
  switch (record->kind) {
  case TRACE_WIRE_SEND:
  case TRACE_WIRE_ARRIVE:
  case TRACE_WIRE_DROP:
  case TRACE_CONNECTION_STATE:
  case TRACE_APP_SEND:
    rule_flows_on_record (&book->flows, record, book->at);
    break;
  case TRACE_PUSH_TIMER:
  case TRACE_RECEIVED:
  case TRACE_BACKLOG:
  case TRACE_TARGET_SEGMENT:
    rule_flows_on_delivery (&book->flows, record, book->at);
    break;
  case TRACE_CONTEXT_LIVE:
    rule_objects_set_connection (&book->objects, (uint32_t)record->column[CONTEXT_LIVE_OBJECT],
                                 (uint32_t)record->column[CONTEXT_LIVE_CONNECTION]);
    rule_flows_set_object (&book->flows, (uint32_t)record->column[CONTEXT_LIVE_CONNECTION],
                           (uint32_t)record->column[CONTEXT_LIVE_OBJECT]);
    rule_contexts_on_record (&book->contexts, record, book->at);
    break;
  case TRACE_CONTEXT_NEW:
  case TRACE_CONTEXT_LINK:
  case TRACE_CONTEXT_CLOSING:
  case TRACE_CONTEXT_FREE:
    rule_contexts_on_record (&book->contexts, record, book->at);
    break;
  case TRACE_PUT:
    rule_buffers_on_put (&book->buffers, record);
    break;
  case TRACE_DEFECT:
  case TRACE_LINK:
    rule_adapter_on_event (&book->adapter, record, book->at);
    break;
  case TRACE_HARDWARE:
    rule_objects_on_hardware (&book->objects, (uint32_t)record->column[HARDWARE_OBJECT]);
    break;
  case TRACE_BRANCH:
    rule_crossings_on_branch (&book->crossings, record);
    break;
  case TRACE_CONFIG:
    rule_adapter_on_config (&book->adapter, record);
    break;
  case TRACE_REGISTER:
    rule_adapter_on_register (&book->adapter, record, book->at);
    break;
  default:
    break;
  }
}

void
rule_book_read (RuleBook *book, const SimRecord *record)
{
  SIM_ASSERT (!book->is_finished);
  uint64_t at = rule_evidence_add (&book->evidence, record);

  if (rule_crossings_attach (&book->crossings, record, at))
    return;
  begin_call (book);
  book->now = record->when;
  book->at = at;
  for (const RuleRecordFn *judge = whole (book)->dispatch.records[record->kind]; *judge != NULL;
       judge++)
    (*judge) (book, record);
  if (record->kind == TRACE_CALL_BEGIN)
    rule_crossings_begin (&book->crossings, record, at);
  else if (record->kind == TRACE_CALL_END)
    end_call (book, record);
  else
    read_rest (book, record);
}

void
rule_book_finish (RuleBook *book, bool cut_off)
{
  SIM_ASSERT (!book->is_finished);
  begin_call (book);
  book->is_cut_off = cut_off;
  for (size_t i = 0; i < rule_n_families; i++)
    if (rule_families[i]->finish != NULL)
      rule_families[i]->finish (book);
  book->is_finished = true;
}

/* Judging */

/* A number for (rule, whom it is about). */
static uint64_t
subject_of (RuleId rule, const RuleProof *proof)
{
  uint64_t kind = 4;
  uint64_t id = proof->subject;

  if (proof->nbl != 0)
    kind = 0, id = proof->nbl;
  else if (proof->object != 0)
    kind = 1, id = proof->object;
  else if (proof->op != 0)
    kind = 2, id = proof->op;
  else if (proof->connection_plus_1 != 0)
    kind = 3, id = proof->connection_plus_1;
  return (uint64_t)rule << 40 | kind << 32 | id;
}

/* Copies the records of |proof|, in order, each once. */
static void
copy_proof (const RuleBook *book, RuleViolation *violation, const RuleProof *proof)
{
  uint64_t at[RULE_PROOF_RECORDS_MAX];
  uint64_t last = 0;

  for (unsigned i = 0; i < RULE_PROOF_RECORDS_MAX; i++) {
    uint64_t place = proof->at[i];
    unsigned j = i;
    for (; j > 0 && at[j - 1] > place; j--)
      at[j] = at[j - 1];
    at[j] = place;
  }
  for (unsigned i = 0; i < RULE_PROOF_RECORDS_MAX; i++) {
    const SimRecord *record = rule_evidence_at (&book->evidence, at[i]);
    if (record != NULL && at[i] != last)
      violation->records[violation->n_records++] = *record;
    last = at[i];
  }
  if (violation->n_records > 0)
    violation->when = violation->records[violation->n_records - 1].when;
}

void
rule_report (RuleBook *book, RuleId rule, const RuleProof *proof, const char *format, ...)
{
  SIM_ASSERT (rule_info (rule)->state == RULE_MONITORED);
  uint64_t subject = subject_of (rule, proof);

  if (rule_table_find (&book->muted, subject) != NULL)
    return;
  rule_table_add (&book->muted, subject);
  book->broken[rule]++;
  book->n_broken[rule_info (rule)->severity]++;
  if (book->violations->len >= book->violations_max)
    return;

  RuleViolation *violation = g_new0 (RuleViolation, 1);
  violation->rule = rule;
  violation->severity = rule_info (rule)->severity;
  violation->when = book->now;
  violation->object_id = proof->object;
  violation->op_id = proof->op;
  violation->nbl_id = proof->nbl;
  violation->connection_id = proof->connection_plus_1 != 0
                                 ? proof->connection_plus_1 - 1
                                 : rule_object_connection (&book->objects, proof->object);
  va_list arguments;
  va_start (arguments, format);
  violation->text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  copy_proof (book, violation, proof);
  g_ptr_array_add (book->violations, violation);
}

uint64_t
rule_sent_end (const RuleBook *book, const RuleFlow *flow)
{
  const RuleFlowSide *side = &flow->side[0];
  const RuleObject *object =
      rule_object_find (&book->objects, flow->object, book->crossings.target_layer);

  if (object == NULL || !object->deliver_seq_known || !side->base_known)
    return side->sent_end;
  return MAX (side->sent_end, rule_flow_offset (side, object->snd_max));
}

void
rule_judge_precedence (RuleBook *book, const RuleFlow *flow, const RuleObject *object,
                       uint64_t begin, uint64_t expected, const RuleProof *proof)
{
  if (flow == NULL || flow->prioritized_at == 0 || !object->delivered_known)
    return;
  if (!rule_test (book, RULE_VLAN_05, begin == expected))
    rule_report (book, RULE_VLAN_05, proof,
                 "connection %u has frames with priority, and byte %" G_GUINT64_FORMAT
                 " is delivered for byte %" G_GUINT64_FORMAT,
                 flow->connection, begin, expected);
}

const char *
rule_status_name (int64_t status)
{
  const char *name = ndis_status_name ((NDIS_STATUS)status);
  return name != NULL ? name : "a status that does not exist";
}

/* Results */

uint32_t
rule_book_n_violations (const RuleBook *book)
{
  return book->violations->len;
}

const RuleViolation *
rule_book_violation (const RuleBook *book, uint32_t index)
{
  SIM_ASSERT (index < book->violations->len);
  return g_ptr_array_index (book->violations, index);
}

uint64_t
rule_book_n_broken (const RuleBook *book, RuleSeverity severity)
{
  return book->n_broken[severity];
}

uint64_t
rule_book_tested (const RuleBook *book, RuleId rule)
{
  SIM_ASSERT (rule < RULE_N);
  return book->tested[rule];
}

uint64_t
rule_book_broken (const RuleBook *book, RuleId rule)
{
  SIM_ASSERT (rule < RULE_N);
  return book->broken[rule];
}

RuleVerdict
rule_book_verdict (const RuleBook *book, RuleId rule)
{
  SIM_ASSERT (rule < RULE_N);
  if (rule_info (rule)->state != RULE_MONITORED || book->is_off[rule])
    return RULE_NOT_MONITORED;
  if (book->broken[rule] > 0)
    return RULE_BROKEN;
  return book->tested[rule] > 0 ? RULE_HELD : RULE_NEVER_EXERCISED;
}

const char *
rule_verdict_name (RuleVerdict verdict)
{
  switch (verdict) {
  case RULE_HELD:
    return "held";
  case RULE_BROKEN:
    return "violated";
  case RULE_NEVER_EXERCISED:
    return "never exercised";
  case RULE_NOT_MONITORED:
    return "not monitored";
  }
  SIM_UNREACHABLE ();
}

const RuleOutstanding *
rule_book_outstanding (const RuleBook *book, uint32_t *ret_count)
{
  *ret_count = book->ledger.n_outstanding;
  return book->ledger.outstanding;
}
