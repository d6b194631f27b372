#include "lab/variants.h"

#include "lab/grid.h"
#include "lab/value.h"
#include "lab/yaml_text.h"

static void
variant_free (void *data)
{
  LabVariant *variant = data;

  for (guint i = 0; i < variant->n_sets; i++) {
    g_free ((char *)variant->set[i].path);
    g_free ((char *)variant->set[i].value);
  }
  g_free (variant->set);
  g_free (variant->name);
  g_free (variant);
}

/* The paths of one design, with their values. */
static void
read_sets (const LabSetting *scenario, const LabNode *node, LabVariant *variant,
           LabMistakes *mistakes)
{
  variant->set = g_new0 (LabSet, node->n_children + 1);
  for (const LabNode *entry = node->first; entry != NULL; entry = entry->next) {
    const LabSetting *setting = lab_grid_setting (scenario, entry, mistakes);
    LabValue value;
    if (setting != NULL && lab_grid_value (setting, entry, mistakes, &value))
      variant->set[variant->n_sets++] =
          (LabSet){ g_strdup (entry->key), lab_yaml_flow (entry), true };
  }
}

static void
read_variant (const LabSetting *scenario, const LabNode *node, GPtrArray *variants,
              LabMistakes *mistakes)
{
  if (!lab_name_is_valid (node->key)) {
    lab_mistakes_add (mistakes, node->key_loc,
                      "\"%s\" is not a name; write a letter, then letters, digits, _ and -",
                      node->key);
    return;
  }
  if (node->kind != LAB_NODE_MAP) {
    lab_mistakes_add (mistakes, node->loc,
                      "sweep.variants: %s stands where a map belongs; write %s: {path: value}",
                      lab_node_what (node), node->key);
    return;
  }
  LabVariant *variant = g_new0 (LabVariant, 1);
  variant->name = g_strdup (node->key);
  g_ptr_array_add (variants, variant);
  read_sets (scenario, node, variant, mistakes);
}

GPtrArray *
lab_variants_read (const LabSetting *scenario, LabMistakes *mistakes)
{
  GPtrArray *variants = g_ptr_array_new_with_free_func (variant_free);
  const LabSetting *setting = lab_setting_find ((LabSetting *)scenario, "sweep.variants");

  if (!lab_setting_is_set (setting))
    return variants;
  if (setting->value.node->kind != LAB_NODE_MAP) {
    lab_mistakes_add (mistakes, setting->origin.loc,
                      "sweep.variants: %s stands where a map belongs; write name: {path: value}",
                      lab_node_what (setting->value.node));
    return variants;
  }
  for (const LabNode *node = setting->value.node->first; node != NULL; node = node->next)
    read_variant (scenario, node, variants, mistakes);
  return variants;
}
