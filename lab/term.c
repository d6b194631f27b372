#include "lab/term.h"

#include <string.h>

#include "lab/part.h"
#include "models/tcp/tcp.h"
#include "sim/assert.h"

static const LabTermInfo infos[LAB_N_TERMS] = {
#define LAB_TERM(id, name, example, sort, dimension, help) \
  [LAB_TERM_##id] = { name, example, { sort, dimension }, help },
  LAB_TERMS (LAB_TERM)
#undef LAB_TERM
};

const LabTermInfo *
lab_term_info (LabTermKind kind)
{
  SIM_ASSERT (kind < LAB_N_TERMS);
  return &infos[kind];
}

bool
lab_term_find (const char *name, LabTermKind *ret_kind)
{
  for (LabTermKind kind = 0; kind < LAB_N_TERMS; kind++)
    if (strcmp (infos[kind].name, name) == 0) {
      *ret_kind = kind;
      return true;
    }
  return false;
}

static bool
read_connections (const char *word, const WorldConfig *config, LabSpot spot, LabTerm *term)
{
  bool is_one = term->kind == LAB_TERM_STATE || term->kind == LAB_TERM_OWNER;
  uint32_t number =
      term->kind == LAB_TERM_OFFLOADED ? lab_part_find_target (config, word) : UINT32_MAX;

  if (number != UINT32_MAX && config->n_connections > 0) {
    term->of = (ConnectionSet){ 0, config->n_connections - 1 };
    term->part = config->n_branches > 0 ? number : UINT32_MAX;
    return true;
  }
  if (!lab_groups_resolve_text (config, word, spot, &term->of))
    return false;
  if (!is_one || term->of.first == term->of.last)
    return true;
  lab_mistakes_add (spot.mistakes, spot.loc,
                    "%s: %s(%s): %s is of one connection; write one, like "
                    "%s",
                    spot.path, infos[term->kind].name, word, infos[term->kind].name,
                    infos[term->kind].example);
  return false;
}

static bool
read_event (const char *word, const WorldConfig *config, LabSpot spot, LabTerm *term)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (uint32_t i = 0; i < config->n_events; i++) {
    if (config->event[i].id != NULL && strcmp (config->event[i].id, word) == 0) {
      term->event = i;
      return true;
    }
    g_ptr_array_add (ids, (void *)config->event[i].id);
  }
  const char *nearest = lab_nearest (word, (const char *const *)ids->pdata, ids->len);
  lab_mistakes_add (spot.mistakes, spot.loc, "%s: there is no event %s; write %s", spot.path, word,
                    nearest != NULL ? nearest : "the id of one");
  return false;
}

/* power(target) and link(wire). */
static bool
read_part (const char *word, uint32_t part, LabSpot spot, LabTermKind kind, LabTerm *term)
{
  term->part = part;
  if (part != UINT32_MAX)
    return true;
  lab_mistakes_add (spot.mistakes, spot.loc, "%s: %s is not of %s; write %s", spot.path,
                    infos[kind].name, word, infos[kind].example);
  return false;
}

bool
lab_term_read (LabTermKind kind, const LabCondition *call, const WorldConfig *config, LabSpot spot,
               LabTerm *ret_term)
{
  const LabCondition *argument = call->children->len == 1 ? call->children->pdata[0] : NULL;
  LabTerm term = { .kind = kind, .part = UINT32_MAX };
  bool ok = false;

  if (argument == NULL || argument->kind != LAB_CONDITION_WORD || call->member != NULL) {
    lab_mistakes_add (spot.mistakes, spot.loc, "%s: %s takes one name in parentheses; write %s",
                      spot.path, infos[kind].name, infos[kind].example);
    return false;
  }
  switch (kind) {
  case LAB_TERM_STATE:
  case LAB_TERM_OWNER:
  case LAB_TERM_OFFLOADED:
  case LAB_TERM_ESTABLISHED:
  case LAB_TERM_DELIVERED:
    ok = read_connections (argument->text, config, spot, &term);
    break;
  case LAB_TERM_POWER:
    ok = read_part (argument->text, lab_part_find_target (config, argument->text), spot, kind,
                    &term);
    break;
  case LAB_TERM_LINK:
    ok = read_part (argument->text, lab_part_find_wire (config, argument->text), spot, kind, &term);
    break;
  case LAB_TERM_EVENT:
    ok = read_event (argument->text, config, spot, &term);
    break;
  case LAB_N_TERMS:
    SIM_UNREACHABLE ();
  }
  if (!ok)
    return false;
  *ret_term = term;
  ret_term->text = g_strdup_printf ("%s(%s)", infos[kind].name, argument->text);
  return true;
}

const char *
lab_sort_name (LabSort sort, int64_t value)
{
  static const char *const powers[] = { "D0", "D1", "D2", "D3" };
  static const char *const links[] = { "down", "up" };
  static const char *const outcomes[] = { "waiting", "begun", "done", "failed" };

  if (value < 0)
    return NULL;
  switch (sort) {
  case LAB_SORT_STATE:
    return value < TCP_N_STATES ? tcp_state_name ((TCP_OFFLOAD_CONNECTION_STATE)value) : NULL;
  case LAB_SORT_OWNER:
    return value < N_OWNERS ? trace_owner_name ((TraceOwner)value) : NULL;
  case LAB_SORT_POWER:
    return value < (int64_t)G_N_ELEMENTS (powers) ? powers[value] : NULL;
  case LAB_SORT_LINK:
    return value < (int64_t)G_N_ELEMENTS (links) ? links[value] : NULL;
  case LAB_SORT_OUTCOME:
    return value < (int64_t)G_N_ELEMENTS (outcomes) ? outcomes[value] : NULL;
  case LAB_SORT_UNKNOWN:
  case LAB_SORT_TRUTH:
  case LAB_SORT_NUMBER:
    return NULL;
  }
  SIM_UNREACHABLE ();
}

const char *
lab_sort_what (LabSort sort)
{
  static const char *const words[] = {
    [LAB_SORT_UNKNOWN] = "a fixed value", [LAB_SORT_TRUTH] = "a condition",
    [LAB_SORT_NUMBER] = "a number",       [LAB_SORT_STATE] = "a TCP state",
    [LAB_SORT_OWNER] = "an owner",        [LAB_SORT_POWER] = "a power state",
    [LAB_SORT_LINK] = "a link state",     [LAB_SORT_OUTCOME] = "an event's outcome",
  };
  return words[sort];
}

char *
lab_value_text (LabValueType type, int64_t value)
{
  const char *name = lab_sort_name (type.sort, value);

  if (type.sort == LAB_SORT_TRUTH)
    return g_strdup (value != 0 ? "true" : "false");
  if (name != NULL)
    return g_strdup (name);
  if (type.dimension == LAB_COUNT || value < 0) /* differences may be below zero */
    return g_strdup_printf ("%" G_GINT64_FORMAT, value);
  return lab_quantity_text (value, type.dimension);
}
