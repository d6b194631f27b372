#include "models/rules/context.h"

#include "models/rules/columns.h"

void
rule_contexts_init (RuleContexts *contexts)
{
  rule_table_init (&contexts->table, sizeof (RuleContext));
}

void
rule_contexts_clear (RuleContexts *contexts)
{
  rule_table_clear (&contexts->table);
}

RuleContext *
rule_context_find (const RuleContexts *contexts, int64_t id)
{
  return id == 0 ? NULL : rule_table_find (&contexts->table, (uint64_t)id);
}

static void
make (RuleContexts *contexts, const SimRecord *record, uint64_t at)
{
  const int64_t *c = record->column;
  RuleContext *context = rule_table_need (&contexts->table, (uint64_t)c[CONTEXT_NEW_CONTEXT]);

  *context = (RuleContext){ .id = c[CONTEXT_NEW_CONTEXT],
                            .parent = c[CONTEXT_NEW_PARENT],
                            .object = (uint32_t)c[CONTEXT_NEW_OBJECT],
                            .connection = UINT32_MAX,
                            .op = (uint32_t)c[CONTEXT_NEW_OP],
                            .layer = (int8_t)c[CONTEXT_NEW_LAYER_KIND],
                            .is_made = true,
                            .made_at = at };
}

void
rule_contexts_on_record (RuleContexts *contexts, const SimRecord *record, uint64_t at)
{
  const int64_t *c = record->column;
  RuleContext *context;

  switch (record->kind) {
  case TRACE_CONTEXT_NEW:
    make (contexts, record, at);
    return;
  case TRACE_CONTEXT_LINK:
    context = rule_context_find (contexts, c[CONTEXT_LINK_CONTEXT]);
    if (context != NULL)
      context->parent = c[CONTEXT_LINK_PARENT];
    return;
  case TRACE_CONTEXT_LIVE:
    context = rule_context_find (contexts, c[CONTEXT_LIVE_CONTEXT]);
    if (context != NULL) {
      context->is_live = true;
      context->live_at = at;
      context->connection = (uint32_t)c[CONTEXT_LIVE_CONNECTION];
    }
    return;
  case TRACE_CONTEXT_CLOSING:
    context = rule_context_find (contexts, c[CONTEXT_CLOSING_CONTEXT]);
    if (context != NULL) {
      context->is_closing = true;
      context->closing_at = at;
    }
    return;
  case TRACE_CONTEXT_FREE:
    context = rule_context_find (contexts, c[CONTEXT_FREE_CONTEXT]);
    if (context != NULL) {
      context->is_made = context->is_live = false;
      context->freed_at = at;
    }
    return;
  default:
    return;
  }
}
