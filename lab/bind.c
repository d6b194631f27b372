#include "lab/bind.h"

#include <string.h>

#include "sim/assert.h"

struct LabStore {
  GPtrArray *dists;  /* of SimDist */
  GPtrArray *blocks; /* of g_malloc */
};

LabStore *
lab_store_new (void)
{
  LabStore *store = g_new0 (LabStore, 1);
  store->blocks = g_ptr_array_new_with_free_func (g_free);
  store->dists = g_ptr_array_new_with_free_func ((GDestroyNotify)sim_dist_free);
  return store;
}

void
lab_store_free (LabStore *store)
{
  if (store == NULL)
    return;
  g_ptr_array_unref (store->dists);
  g_ptr_array_unref (store->blocks);
  g_free (store);
}

void *
lab_store_keep (LabStore *store, void *block)
{
  g_ptr_array_add (store->blocks, block);
  return block;
}

static void
store_integer (char *member, size_t size, int64_t value)
{
  uint8_t u8 = (uint8_t)value;
  uint16_t u16 = (uint16_t)value;
  uint32_t u32 = (uint32_t)value;
  switch (size) {
  case 1:
    SIM_ASSERT (u8 == value);
    memcpy (member, &u8, size);
    return;
  case 2:
    SIM_ASSERT (u16 == value);
    memcpy (member, &u16, size);
    return;
  case 4:
    SIM_ASSERT (u32 == value);
    memcpy (member, &u32, size);
    return;
  case 8:
    memcpy (member, &value, size);
    return;
  }
  SIM_UNREACHABLE ();
}

static void
store_dist (char *member, size_t size, const LabDist *dist, LabStore *store)
{
  SimDist *made = lab_dist_make (dist);
  SIM_ASSERT (size == sizeof made);
  g_ptr_array_add (store->dists, made);
  memcpy (member, &made, size);
}

/* A list of words as a set of bits, a list of quantities as an array. */
static void
store_list (char *config, const LabSetting *list)
{
  const LabField *field = list->field;
  bool is_set_of_bits = field->fields[0].type == LAB_CHOICE;
  uint64_t bits = 0;
  for (guint i = 0; i < list->children->len; i++) {
    const LabSetting *element = list->children->pdata[i];
    if (is_set_of_bits) {
      SIM_ASSERT (element->value.integer >= 0);
      SIM_ASSERT (element->value.integer < 64);
      bits |= UINT64_C (1) << element->value.integer;
      continue;
    }
    SIM_ASSERT (field->fields[0].type == LAB_QUANTITY);
    SIM_ASSERT (i < field->capacity);
    store_integer (config + field->offset + i * field->element_size, field->element_size,
                   element->value.integer);
  }
  if (is_set_of_bits)
    store_integer (config + field->offset, field->size, (int64_t)bits);
  else
    store_integer (config + field->count_offset, sizeof (uint32_t), list->children->len);
}

static void
bind_value (const LabSetting *setting, char *config, LabStore *store)
{
  const LabField *field = setting->field;
  char *member = config + field->offset;
  switch (field->type) {
  case LAB_QUANTITY:
  case LAB_BOOLEAN:
  case LAB_CHOICE:
    store_integer (member, field->size, setting->value.integer);
    return;
  case LAB_RATIO:
  case LAB_PERCENTILE:
    SIM_ASSERT (field->size == sizeof setting->value.ratio);
    memcpy (member, &setting->value.ratio, field->size);
    return;
  case LAB_NAME:
  case LAB_TEXT:
    SIM_ASSERT (field->size == sizeof setting->value.text);
    memcpy (member, &setting->value.text, field->size);
    return;
  case LAB_DISTRIBUTION:
    store_dist (member, field->size, setting->value.dist, store);
    return;
  case LAB_LIST:
    store_list (config, setting);
    return;
  case LAB_FLOWS: /* they live as long as the settings */
    SIM_ASSERT (field->size == sizeof setting->value.flows->flow);
    memcpy (member, &setting->value.flows->flow, field->size);
    store_integer (config + field->count_offset, sizeof (uint32_t), setting->value.flows->n_flows);
    return;
  case LAB_SECTION:
  case LAB_PARTS:
  case LAB_FREE:
    break;
  }
  SIM_UNREACHABLE ();
}

void
lab_bind (const LabSetting *section, void *config, LabStore *store)
{
  for (guint i = 0; i < section->children->len; i++) {
    const LabSetting *setting = section->children->pdata[i];
    const LabField *field = setting->field;
    if (!lab_setting_is_set (setting))
      continue;
    if (field->type == LAB_SECTION)
      lab_bind (setting, (char *)config + field->offset, store);
    else if (field->size > 0)
      bind_value (setting, config, store);
  }
}
