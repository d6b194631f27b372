#include "lab/watch.h"

#include "lab/columns.h"
#include "models/target/target.h"
#include "models/tcp/offload_state.h"
#include "models/world/branches.h"
#include "sim/assert.h"

typedef struct Place {
  LabTerm term; /* its text is not kept */
  int64_t value;
  bool has_changed;
  bool has_cause;
  SimRecord cause;
} Place;

struct LabWatch {
  const WorldConfig *config;
  GArray *places;
  uint32_t of_kind[LAB_N_TERMS]; /* places by kind, to leave early */
  /* Of each connection, as the trace said last; NULL if no term asks. */
  uint8_t *owner, *host_state, *target_state;
  uint8_t *target; /* the number of the one that has or had it */
};

LabWatch *
lab_watch_new (const WorldConfig *config)
{
  LabWatch *watch = g_new0 (LabWatch, 1);

  watch->config = config;
  watch->places = g_array_new (FALSE, TRUE, sizeof (Place));
  return watch;
}

void
lab_watch_free (LabWatch *watch)
{
  if (watch == NULL)
    return;
  g_array_unref (watch->places);
  g_free (watch->owner);
  g_free (watch->host_state);
  g_free (watch->target_state);
  g_free (watch->target);
  g_free (watch);
}

static Place *
place_at (const LabWatch *watch, uint32_t index)
{
  SIM_ASSERT (index < watch->places->len);
  return &g_array_index (watch->places, Place, index);
}

static bool
is_about_connections (LabTermKind kind)
{
  return kind == LAB_TERM_STATE || kind == LAB_TERM_OWNER || kind == LAB_TERM_OFFLOADED
         || kind == LAB_TERM_ESTABLISHED;
}

uint32_t
lab_watch_add (LabWatch *watch, const LabTerm *term)
{
  Place place = { .term = *term };

  for (uint32_t i = 0; i < watch->places->len; i++) {
    const LabTerm *known = &place_at (watch, i)->term;
    if (known->kind == term->kind && known->of.first == term->of.first
        && known->of.last == term->of.last && known->event == term->event
        && known->part == term->part)
      return i;
  }
  if (is_about_connections (term->kind) && watch->owner == NULL) {
    watch->owner = g_new0 (uint8_t, watch->config->n_connections);
    watch->host_state = g_new0 (uint8_t, watch->config->n_connections);
    watch->target_state = g_new0 (uint8_t, watch->config->n_connections);
    watch->target = g_new0 (uint8_t, watch->config->n_connections);
  }
  place.term.text = NULL;
  place.value = term->kind == LAB_TERM_LINK; /* up */
  g_array_append_val (watch->places, place);
  watch->of_kind[term->kind]++;
  return watch->places->len - 1;
}

bool
lab_watch_wants (const LabWatch *watch, uint16_t kind)
{
  const uint32_t *n = watch->of_kind;

  switch (kind) {
  case TRACE_OWNER:
    return watch->owner != NULL;
  case TRACE_CONNECTION_STATE:
    return n[LAB_TERM_STATE] + n[LAB_TERM_ESTABLISHED] > 0;
  case TRACE_CONTEXT_LIVE:
    return n[LAB_TERM_OFFLOADED] > 0 && watch->config->n_branches > 0;
  case TRACE_APP_DELIVER:
    return n[LAB_TERM_DELIVERED] > 0;
  case TRACE_POWER:
    return n[LAB_TERM_POWER] > 0;
  case TRACE_LINK:
    return n[LAB_TERM_LINK] > 0;
  case TRACE_TIMELINE:
    return n[LAB_TERM_EVENT] > 0;
  default:
    return false;
  }
}

static bool
set_value (Place *place, int64_t value, const SimRecord *record)
{
  if (place->value == value)
    return false;
  place->value = value;
  place->has_changed = place->has_cause = true;
  place->cause = *record;
  return true;
}

static uint8_t
state_of (const LabWatch *watch, uint32_t connection)
{
  uint8_t owner = watch->owner[connection];
  bool is_targets = owner == OWNER_TARGET || owner == OWNER_GOING_UP;

  return is_targets ? watch->target_state[connection] : watch->host_state[connection];
}

/* What a connection was before a record. */
typedef struct Before {
  uint8_t owner, state;
} Before;

static bool
update_connection (LabWatch *watch, Place *place, uint32_t connection, Before before,
                   const SimRecord *record)
{
  uint8_t owner = watch->owner[connection], state = state_of (watch, connection);
  int64_t delta = 0;

  switch (place->term.kind) {
  case LAB_TERM_STATE:
    return set_value (place, state, record);
  case LAB_TERM_OWNER:
    return set_value (place, owner, record);
  case LAB_TERM_OFFLOADED:
    if (place->term.part == UINT32_MAX || place->term.part == watch->target[connection])
      delta = (owner == OWNER_TARGET) - (before.owner == OWNER_TARGET);
    return set_value (place, place->value + delta, record);
  case LAB_TERM_ESTABLISHED:
    delta = (state == TcpConnectionEstablished) - (before.state == TcpConnectionEstablished);
    return set_value (place, place->value + delta, record);
  case LAB_TERM_DELIVERED:
  case LAB_TERM_POWER:
  case LAB_TERM_LINK:
  case LAB_TERM_EVENT:
  case LAB_N_TERMS:
    return false;
  }
  SIM_UNREACHABLE ();
}

static bool
on_connection (LabWatch *watch, const SimRecord *record)
{
  uint32_t connection = (uint32_t)record->column[0];
  bool has_changed = false;

  SIM_ASSERT (connection < watch->config->n_connections);
  Before before = { watch->owner[connection], state_of (watch, connection) };
  if (record->kind == TRACE_OWNER)
    watch->owner[connection] = (uint8_t)record->column[OWNER_OWNER];
  else if (record->column[CONNECTION_STATE_SIDE] == SIDE_HOST)
    watch->host_state[connection] = (uint8_t)record->column[CONNECTION_STATE_TO];
  else if (record->column[CONNECTION_STATE_SIDE] == SIDE_TARGET)
    watch->target_state[connection] = (uint8_t)record->column[CONNECTION_STATE_TO];
  for (uint32_t i = 0; i < watch->places->len; i++) {
    Place *place = place_at (watch, i);
    if (connection >= place->term.of.first && connection <= place->term.of.last)
      has_changed |= update_connection (watch, place, connection, before, record);
  }
  return has_changed;
}

static bool
on_live (LabWatch *watch, const SimRecord *record)
{
  watch->target[record->column[CONTEXT_LIVE_CONNECTION]] =
      (uint8_t)target_of_context ((NDIS_TOKEN)record->column[CONTEXT_LIVE_CONTEXT]);
  return false;
}

/* Sets every term of |kind| that is about |event| or |part|; the other is as terms of that kind have
 * it. */
static bool
set_all (LabWatch *watch, LabTermKind kind, uint32_t event, uint32_t part, int64_t value,
         const SimRecord *record)
{
  bool has_changed = false;

  for (uint32_t i = 0; i < watch->places->len; i++) {
    Place *place = place_at (watch, i);
    if (place->term.kind == kind && place->term.event == event && place->term.part == part)
      has_changed |= set_value (place, value, record);
  }
  return has_changed;
}

static bool
on_delivery (LabWatch *watch, const SimRecord *record)
{
  int64_t connection = record->column[APP_DELIVER_CONNECTION];
  bool has_changed = false;

  if (record->column[APP_DELIVER_SIDE] != SIDE_HOST)
    return false;
  for (uint32_t i = 0; i < watch->places->len; i++) {
    Place *place = place_at (watch, i);
    if (place->term.kind == LAB_TERM_DELIVERED && connection >= place->term.of.first
        && connection <= place->term.of.last)
      has_changed |= set_value (place, place->value + record->column[APP_DELIVER_BYTES], record);
  }
  return has_changed;
}

bool
lab_watch_read (LabWatch *watch, const SimRecord *record)
{
  if (!lab_watch_wants (watch, record->kind))
    return false;
  switch (record->kind) {
  case TRACE_APP_DELIVER:
    return on_delivery (watch, record);
  case TRACE_POWER:
    return set_all (watch, LAB_TERM_POWER, 0,
                    world_target_of_layer (watch->config, (uint32_t)record->column[POWER_PART]),
                    record->column[POWER_TO], record);
  case TRACE_LINK:
    return set_all (watch, LAB_TERM_LINK, 0, world_target_of_wire (watch->config, record->actor_id),
                    record->column[LINK_UP] != 0, record);
  case TRACE_TIMELINE:
    return set_all (watch, LAB_TERM_EVENT, (uint32_t)record->column[TIMELINE_EVENT], UINT32_MAX,
                    record->column[TIMELINE_PHASE] + 1, record);
  case TRACE_CONTEXT_LIVE:
    return on_live (watch, record);
  default:
    return on_connection (watch, record);
  }
}

int64_t
lab_watch_value (const LabWatch *watch, uint32_t place)
{
  return place_at (watch, place)->value;
}

bool
lab_watch_has_changed (const LabWatch *watch, uint32_t place)
{
  return place_at (watch, place)->has_changed;
}

void
lab_watch_settle (LabWatch *watch)
{
  for (uint32_t i = 0; i < watch->places->len; i++)
    place_at (watch, i)->has_changed = false;
}

const SimRecord *
lab_watch_cause (const LabWatch *watch, uint32_t place)
{
  const Place *at = place_at (watch, place);
  return at->has_cause ? &at->cause : NULL;
}
