#include "models/rules/adapter.h"

#include "models/ndis/oid.h"
#include "models/rules/columns.h"

void
rule_adapter_init (RuleAdapter *adapter)
{
  *adapter = (RuleAdapter){ 0 };
  rule_table_init (&adapter->oids, sizeof (RuleOid));
  rule_table_init (&adapter->announced, 1);
}

void
rule_adapter_clear (RuleAdapter *adapter)
{
  rule_table_clear (&adapter->oids);
  rule_table_clear (&adapter->announced);
}

RuleOid *
rule_oid_find (const RuleAdapter *adapter, uint32_t id)
{
  return rule_table_find (&adapter->oids, id);
}

bool
rule_oid_is_parameters (int64_t oid)
{
  return oid == OID_TCP_CONNECTION_OFFLOAD_PARAMETERS || oid == OID_TCP_TASK_OFFLOAD;
}

static bool
is_capability_query (const RuleCrossing *x)
{
  return x->arg1 == 0
         && (x->arg0 == OID_TCP_TASK_OFFLOAD || x->arg0 == OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG
             || x->arg0 == OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES);
}

static void
restrain (RuleRestraint *restraint, int64_t code, uint64_t at)
{
  switch (code) {
  case NDIS_STATUS_OFFLOAD_PAUSE:
    restraint->is_paused = true;
    restraint->paused_at = at;
    break;
  case NDIS_STATUS_UPLOAD_ALL:
    restraint->upload_all = true;
    restraint->upload_all_at = at;
    break;
  case NDIS_STATUS_OFFLOAD_RESUME:
    restraint->is_paused = restraint->upload_all = false;
    restraint->queried_since = false;
    restraint->resumed_at = at;
    break;
  default:
    break;
  }
}

/* What a driver says of all that is offloaded.  Other words, of its link or of what its adapter could
 * do, are about no object, and that a reset begins and ends is NDIS's word. */
static bool
is_about_objects (const RuleCrossing *x)
{
  return x->verb == RULE_STATUS && x->station == RULE_UP_CALL && x->edge < RULE_LAYERS_MAX
         && (x->arg0 == NDIS_STATUS_OFFLOAD_PAUSE || x->arg0 == NDIS_STATUS_UPLOAD_ALL
             || x->arg0 == NDIS_STATUS_OFFLOAD_RESUME);
}

/* The host's handler runs.  It is restrained when that has returned, and free again as soon as that
 * has begun. */
static bool
is_heard (const RuleCrossing *x)
{
  return x->verb == RULE_STATUS && x->station == RULE_UP_HANDLER && x->layer == 0;
}

void
rule_adapter_on_begin (RuleAdapter *adapter, const RuleCrossings *crossings, const RuleCrossing *x)
{
  bool is_target = x->edge == crossings->target_layer;

  if (is_about_objects (x))
    adapter->status_calls[x->edge]++;
  if (x->verb == RULE_STATUS && x->station == RULE_UP_CALL)
    restrain (&adapter->told[x->driver % RULE_LAYERS_MAX], x->arg0, x->at);
  if (is_heard (x) && x->arg0 == NDIS_STATUS_OFFLOAD_RESUME)
    restrain (&adapter->heard, x->arg0, x->at);
  if (x->verb == RULE_TERMINATE && x->station == RULE_UP_CALL && is_target)
    adapter->last_terminate_complete_at = x->at;
  if (x->verb != RULE_OID)
    return;
  if (x->station == RULE_DOWN_HANDLER && is_target) {
    RuleOid *oid = rule_table_need (&adapter->oids, x->op);
    *oid = (RuleOid){ .number = x->arg0,
                      .edge = x->edge,
                      .is_set = x->arg1 != 0,
                      .called_at = x->at,
                      .result = NDIS_STATUS_PENDING };
  }
  if (x->station == RULE_DOWN_CALL && x->layer == 0) {
    if (is_capability_query (x))
      adapter->was_queried = adapter->heard.queried_since = true;
    if (x->arg1 != 0 && rule_oid_is_parameters (x->arg0))
      adapter->was_set = true;
  }
}

/* The table is described by a register record inside the call that gave it. */
static void
note_handlers (RuleAdapter *adapter, const RuleCrossing *x)
{
  uint8_t *handlers = &adapter->handlers[x->layer % RULE_LAYERS_MAX];

  if (x->status != NDIS_STATUS_SUCCESS && *handlers == RULE_HANDLERS_UNKNOWN)
    *handlers = RULE_HANDLERS_REFUSED;
  adapter->handlers_at[x->layer % RULE_LAYERS_MAX] = x->end_at;
}

void
rule_adapter_on_end (RuleAdapter *adapter, const RuleCrossings *crossings, const RuleCrossing *x)
{
  bool is_target = x->edge == crossings->target_layer;

  if (x->call == NDIS_CALL_NdisMGetOffloadHandlers)
    note_handlers (adapter, x);
  if (is_about_objects (x))
    adapter->status_calls[x->edge]--;
  if (is_heard (x) && x->arg0 != NDIS_STATUS_OFFLOAD_RESUME && adapter->heard.resumed_at < x->at)
    restrain (&adapter->heard, x->arg0, x->end_at);
  if (x->verb != RULE_OID)
    return;
  if (x->station == RULE_DOWN_HANDLER && is_target) {
    RuleOid *oid = rule_oid_find (adapter, x->op);
    if (oid != NULL)
      oid->result = x->status;
    if (x->status != NDIS_STATUS_PENDING)
      rule_table_remove (&adapter->oids, x->op);
    if (x->status == NDIS_STATUS_SUCCESS && x->arg1 != 0 && rule_oid_is_parameters (x->arg0))
      adapter->is_enabled = true;
  }
  if (x->station == RULE_UP_CALL && is_target) {
    RuleOid *oid = rule_oid_find (adapter, x->op);
    if (oid != NULL && oid->is_set && rule_oid_is_parameters (oid->number))
      adapter->is_enabled = true;
    rule_table_remove (&adapter->oids, x->op);
  }
}

enum { EVENT_UP };
_Static_assert((int)EVENT_UP + 1 == (int)TRACE_N_LINK, "link has other columns");

void
rule_adapter_on_event (RuleAdapter *adapter, const SimRecord *record, uint64_t at)
{
  if (record->kind == TRACE_DEFECT) {
    adapter->defect_at = at;
    return;
  }
  bool is_up = record->column[EVENT_UP] != 0;
  if (!is_up)
    adapter->links_down++;
  else if (adapter->links_down > 0)
    adapter->links_down--;
  adapter->link_at = at;
}

unsigned
rule_target_of_actor (const RuleAdapter *adapter, uint32_t actor)
{
  for (unsigned layer = RULE_LAYERS_MAX - 1; layer > 0; layer--)
    if (adapter->targets[layer].is_known && adapter->targets[layer].actor == actor)
      return layer;
  return 0;
}

const RuleTargetConfig *
rule_target_config (const RuleAdapter *adapter, unsigned layer)
{
  if (layer < RULE_LAYERS_MAX && adapter->targets[layer].is_known)
    return &adapter->targets[layer];
  return adapter->targets[0].is_known ? &adapter->targets[0] : NULL;
}

void
rule_adapter_on_config (RuleAdapter *adapter, const SimRecord *record)
{
  int64_t key = record->column[CONFIG_KEY];
  int64_t value = record->column[CONFIG_VALUE];

  if (key < 0 || key >= TRACE_N_CONFIG_KEYS)
    return;
  bool says_where = key == TRACE_CONFIG_LAYER && value > 0 && value < RULE_LAYERS_MAX;
  unsigned layer = says_where ? (unsigned)value : rule_target_of_actor (adapter, record->actor_id);
  RuleTargetConfig *target = &adapter->targets[layer];
  target->is_known = true;
  target->actor = record->actor_id;
  target->value[key] = value;
  if (key == TRACE_CONFIG_INTERFACE_VLAN && target->n_interface_vlans < RULE_VLANS_MAX)
    target->interface_vlans[target->n_interface_vlans++] = value;
}

void
rule_adapter_on_register (RuleAdapter *adapter, const SimRecord *record, uint64_t at)
{
  int64_t layer = record->column[REGISTER_LAYER];
  int64_t structure = record->column[REGISTER_STRUCTURE];

  if (layer < 0 || layer >= RULE_LAYERS_MAX || structure < 0 || structure >= RULE_STRUCTURES)
    return;
  if (structure == RULE_EVENT_HANDLERS) {
    bool is_good = record->column[REGISTER_REVISION] == NDIS_REVISION_1
                   && record->column[REGISTER_SIZE] > 0
                   && record->column[REGISTER_OFFLOAD_TYPE] == NdisTcpChimneyOffload;
    adapter->handlers[layer] = is_good ? RULE_HANDLERS_GOOD : RULE_HANDLERS_ODD;
  }
  adapter->registered[layer][structure]++;
  adapter->registered_at[layer][structure] = at;
}
