#include "lab/stack.h"

#include <string.h>

#include "sim/assert.h"

/* What stands where in a stack. */
typedef enum Level { LEVEL_HOST, LEVEL_IM, LEVEL_TARGET, LEVEL_WIRE, LEVEL_UNKNOWN } Level;

typedef struct Builder {
  const LabSetting *ims;
  WorldConfig *config;
  LabStore *store;
  LabMistakes *mistakes;
  GPtrArray *placed; /* of LabSetting: the drivers that have their place */
} Builder;

/* Names that latency stages have already (ndis-down, nic-tx, wire-back, ...). */
static bool
is_stage_name (const char *name)
{
  static const char *const taken[] = { "ndis", "im", "nic", "wire", "host" };

  for (size_t i = 0; i < G_N_ELEMENTS (taken); i++)
    if (strcmp (taken[i], name) == 0)
      return true;
  return false;
}

static void
add_im (Builder *builder, const LabSetting *part, SimLoc loc)
{
  WorldConfig *config = builder->config;
  if (config->n_ims == WORLD_IMS_MAX) {
    lab_mistakes_add (builder->mistakes, loc, "stack: more than %d drivers; write fewer",
                      WORLD_IMS_MAX);
    return;
  }
  if (is_stage_name (part->name))
    lab_mistakes_add (builder->mistakes, loc,
                      "stack: im.%s has the name of another part; write another name", part->name);
  ImConfig *im = &config->im[config->n_ims];
  lab_bind (part, im, builder->store);
  im->driver = lab_setting_string (part, "driver");
  im->name = part->name;
  im->layer = config->n_ims + 1;
  config->n_ims++;
}

static Level
level_of (const char *name)
{
  if (strcmp (name, "host") == 0)
    return LEVEL_HOST;
  if (strcmp (name, "target") == 0)
    return LEVEL_TARGET;
  if (strcmp (name, "wire") == 0)
    return LEVEL_WIRE;
  return g_str_has_prefix (name, "im.") ? LEVEL_IM : LEVEL_UNKNOWN;
}

static void
report_unknown_part (const Builder *builder, const char *name, SimLoc loc)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (names, g_strdup ("host"));
  g_ptr_array_add (names, g_strdup ("target"));
  g_ptr_array_add (names, g_strdup ("wire"));
  for (guint i = 0; i < builder->ims->children->len; i++) {
    const LabSetting *im = builder->ims->children->pdata[i];
    if (strcmp (im->name, name) == 0) {
      lab_mistakes_add (builder->mistakes, loc, "stack: there is no part %s; write im.%s", name,
                        name);
      return;
    }
    g_ptr_array_add (names, g_strdup_printf ("im.%s", im->name));
  }
  const char *nearest = lab_nearest (name, (const char *const *)names->pdata, names->len);
  if (nearest != NULL)
    lab_mistakes_add (builder->mistakes, loc, "stack: there is no part %s; write %s", name,
                      nearest);
  else
    lab_mistakes_add (builder->mistakes, loc,
                      "stack: there is no part %s; write host, im.<name>, target or wire", name);
}

static void
place_im (Builder *builder, const LabSetting *element)
{
  const char *name = element->value.text;
  const LabSetting *part = lab_setting_get (builder->ims, name + strlen ("im."));
  if (part == NULL) {
    report_unknown_part (builder, name, element->origin.loc);
    return;
  }
  if (g_ptr_array_find (builder->placed, part, NULL)) {
    lab_mistakes_add (builder->mistakes, element->origin.loc,
                      "stack: %s stands in it twice; name a second driver", name);
    return;
  }
  g_ptr_array_add (builder->placed, (void *)part);
  add_im (builder, part, element->origin.loc);
}

/* Walks down the stack: host first, target and wire last, each once. */
static void
place_elements (Builder *builder, const LabSetting *stack)
{
  static const char *const names[] = { "host", "a driver", "target", "wire" };
  bool is_there[LEVEL_UNKNOWN] = { false };
  Level lowest = LEVEL_HOST;
  bool is_ordered = true;
  if (stack->value.node->kind != LAB_NODE_LIST)
    return; /* said already */
  for (guint i = 0; i < stack->children->len; i++) {
    const LabSetting *element = stack->children->pdata[i];
    if (!lab_setting_is_set (element))
      return; /* it has a mistake already */
    Level level = level_of (element->value.text);
    if (level == LEVEL_UNKNOWN) {
      report_unknown_part (builder, element->value.text, element->origin.loc);
      continue;
    }
    is_ordered = is_ordered && level >= lowest && (level == LEVEL_IM || !is_there[level]);
    lowest = level > lowest ? level : lowest;
    is_there[level] = true;
    if (level == LEVEL_IM)
      place_im (builder, element);
  }
  if (!is_ordered)
    lab_mistakes_add (builder->mistakes, stack->origin.loc,
                      "stack: the parts are out of order; write [host, im..., target, wire]");
  for (Level level = LEVEL_HOST; level < LEVEL_UNKNOWN; level++)
    if (!is_there[level] && level != LEVEL_IM)
      lab_mistakes_add (builder->mistakes, stack->origin.loc,
                        "stack: %s is missing; write [host, im..., target, wire]", names[level]);
}

void
lab_stack_build (const LabSetting *scenario, WorldConfig *config, LabStore *store,
                 LabMistakes *mistakes)
{
  const LabSetting *stack = lab_setting_get (scenario, "stack");
  g_autoptr (GPtrArray) placed = g_ptr_array_new ();
  Builder builder = { lab_setting_get (scenario, "im"), config, store, mistakes, placed };
  bool is_written = lab_setting_is_set (stack);
  if (is_written)
    place_elements (&builder, stack);
  for (guint i = 0; i < builder.ims->children->len; i++) {
    const LabSetting *im = builder.ims->children->pdata[i];
    if (!is_written)
      add_im (&builder, im, im->origin.loc);
    else if (!g_ptr_array_find (placed, im, NULL))
      lab_mistakes_add (mistakes, im->origin.loc,
                        "im.%s has no place; write it into stack, or leave it out", im->name);
  }
}
