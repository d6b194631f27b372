#include "lab/stack.h"

#include <string.h>

#include "lab/impair.h"
#include "models/im/drivers.h"
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

/* Puts the driver under layer |above|; gives its own, 0 if there is no room. */
static uint32_t
add_im (Builder *builder, const LabSetting *part, uint32_t above, SimLoc loc)
{
  WorldConfig *config = builder->config;
  if (config->n_ims == WORLD_IMS_MAX) {
    lab_mistakes_add (builder->mistakes, loc, "stack: more than %d drivers; write fewer",
                      WORLD_IMS_MAX);
    return 0;
  }
  if (is_stage_name (part->name))
    lab_mistakes_add (builder->mistakes, loc,
                      "stack: im.%s has the name of another part; write another name", part->name);
  ImConfig *im = &config->im[config->n_ims];
  lab_bind (part, im, builder->store);
  im->driver = lab_setting_string (part, "driver");
  im->name = part->name;
  im->layer = config->n_ims + 1;
  config->im_above[config->n_ims] = above;
  config->n_ims++;
  return im->layer;
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

/* The driver that |element| names, or NULL. */
static const LabSetting *
find_im (const Builder *builder, const LabSetting *element)
{
  const char *name = element->value.text;
  const LabSetting *part =
      level_of (name) == LEVEL_IM ? lab_setting_get (builder->ims, name + strlen ("im.")) : NULL;
  if (part == NULL)
    report_unknown_part (builder, name, element->origin.loc);
  return part;
}

/* Puts the driver that |element| names under layer |above|; gives its own, or |above| after a
 * mistake. */
static uint32_t
place_im (Builder *builder, const LabSetting *element, uint32_t above)
{
  const LabSetting *part = find_im (builder, element);
  if (part == NULL)
    return above;
  if (g_ptr_array_find (builder->placed, part, NULL)) {
    lab_mistakes_add (builder->mistakes, element->origin.loc,
                      "stack: %s stands in it twice; name a second driver", element->value.text);
    return above;
  }
  g_ptr_array_add (builder->placed, (void *)part);
  uint32_t layer = add_im (builder, part, above, element->origin.loc);
  return layer != 0 ? layer : above;
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
      builder->config->target_above = place_im (builder, element, builder->config->target_above);
  }
  if (!is_ordered)
    lab_mistakes_add (builder->mistakes, stack->origin.loc,
                      "stack: the parts are out of order; write [host, im..., target, wire]");
  for (Level level = LEVEL_HOST; level < LEVEL_UNKNOWN; level++)
    if (!is_there[level] && level != LEVEL_IM)
      lab_mistakes_add (builder->mistakes, stack->origin.loc,
                        "stack: %s is missing; write [host, im..., target, wire]", names[level]);
}

static bool
is_in_branch (const LabSetting *branches, const char *name)
{
  for (guint i = 0; i < branches->children->len; i++) {
    const LabSetting *stack = lab_setting_get (branches->children->pdata[i], "stack");
    for (guint k = 1; stack->children != NULL && k < stack->children->len; k++) {
      const LabSetting *element = stack->children->pdata[k];
      if (lab_setting_is_set (element) && g_str_has_prefix (element->value.text, "im.")
          && strcmp (element->value.text + strlen ("im."), name) == 0)
        return true;
    }
  }
  return false;
}

/* All drivers in the order of `im`, but those that a branch names. */
static void
place_all (Builder *builder, const LabSetting *branches)
{
  for (guint i = 0; i < builder->ims->children->len; i++) {
    const LabSetting *im = builder->ims->children->pdata[i];
    if (is_in_branch (branches, im->name))
      continue;
    g_ptr_array_add (builder->placed, (void *)im);
    uint32_t layer = add_im (builder, im, builder->config->target_above, im->origin.loc);
    builder->config->target_above = layer != 0 ? layer : builder->config->target_above;
  }
}

/* Branches */

/* The layer of the driver that |element| names and that stands in the stack already; 0 after a
 * mistake. */
static uint32_t
find_team (const Builder *builder, const LabSetting *element)
{
  const LabSetting *part = find_im (builder, element);
  for (uint32_t i = 0; part != NULL && i < builder->config->n_ims; i++)
    if (builder->config->im[i].name == part->name) {
      if (im_kind_by_name (builder->config->im[i].driver)->fail_over != NULL)
        return i + 1;
      lab_mistakes_add (builder->mistakes, element->origin.loc,
                        "targets: %s stands over one target only; a driver over several is written "
                        "driver: failover",
                        element->value.text);
      return 0;
    }
  if (part != NULL)
    lab_mistakes_add (builder->mistakes, element->origin.loc,
                      "targets: %s has no place in the stack yet; write it into stack first",
                      element->value.text);
  return 0;
}

static void
place_branch (Builder *builder, const LabSetting *part)
{
  WorldConfig *config = builder->config;
  const LabSetting *stack = lab_setting_get (part, "stack");
  uint32_t above = 0;
  if (stack->children == NULL || stack->children->len == 0) {
    if (lab_setting_is_set (stack))
      lab_mistakes_add (builder->mistakes, stack->origin.loc,
                        "targets: %s stands under no driver; write stack: [im.<failover driver>]",
                        part->name);
    return;
  }
  for (guint i = 0; i < stack->children->len; i++) {
    const LabSetting *element = stack->children->pdata[i];
    if (!lab_setting_is_set (element))
      return; /* it has a mistake already */
    above = i == 0 ? find_team (builder, element) : place_im (builder, element, above);
    if (above == 0)
      return;
  }
  WorldBranch *branch = &config->branch[config->n_branches++];
  target_config_init (&branch->target);
  lab_bind (part, branch, builder->store);
  lab_impair_build (lab_setting_get (part, "wire"), &branch->wire, builder->mistakes);
  branch->target.name = part->name;
  branch->above = above;
}

static void
place_branches (Builder *builder, const LabSetting *branches)
{
  WorldConfig *config = builder->config;
  for (guint i = 0; i < branches->children->len; i++) {
    const LabSetting *part = branches->children->pdata[i];
    if (config->n_branches == TARGETS_MAX - 1) {
      lab_mistakes_add (builder->mistakes, part->origin.loc,
                        "targets: more than %d besides target; write fewer", TARGETS_MAX - 1);
      return;
    }
    if (is_stage_name (part->name) || level_of (part->name) != LEVEL_UNKNOWN)
      lab_mistakes_add (builder->mistakes, part->origin.loc,
                        "targets: %s is the name of another part; write another name", part->name);
    place_branch (builder, part);
  }
}

void
lab_stack_build (const LabSetting *scenario, WorldConfig *config, LabStore *store,
                 LabMistakes *mistakes)
{
  const LabSetting *stack = lab_setting_get (scenario, "stack");
  g_autoptr (GPtrArray) placed = g_ptr_array_new ();
  Builder builder = { lab_setting_get (scenario, "im"), config, store, mistakes, placed };
  const LabSetting *branches = lab_setting_get (scenario, "targets");
  bool is_written = lab_setting_is_set (stack);
  if (is_written)
    place_elements (&builder, stack);
  else
    place_all (&builder, branches);
  place_branches (&builder, branches);
  for (guint i = 0; i < builder.ims->children->len; i++) {
    const LabSetting *im = builder.ims->children->pdata[i];
    if (!g_ptr_array_find (placed, im, NULL))
      lab_mistakes_add (mistakes, im->origin.loc,
                        "im.%s has no place; write it into stack, or leave it out", im->name);
  }
}
