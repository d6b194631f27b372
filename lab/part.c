#include "lab/part.h"

#include <glib.h>
#include <string.h>

#define TARGETS "targets."
#define WIRE "wire"

/* The number of the branch called by the first |n_bytes| of |name|. */
static uint32_t
find_branch (const WorldConfig *config, const char *name, size_t n_bytes)
{
  for (uint32_t i = 0; i < config->n_branches; i++) {
    const char *branch = config->branch[i].target.name;
    if (strlen (branch) == n_bytes && strncmp (branch, name, n_bytes) == 0)
      return i + 1;
  }
  return UINT32_MAX;
}

uint32_t
lab_part_find_target (const WorldConfig *config, const char *name)
{
  if (strcmp (name, "target") == 0)
    return 0;
  if (!g_str_has_prefix (name, TARGETS))
    return UINT32_MAX;
  name += strlen (TARGETS);
  return find_branch (config, name, strlen (name));
}

uint32_t
lab_part_find_wire (const WorldConfig *config, const char *name)
{
  if (strcmp (name, WIRE) == 0)
    return 0;
  if (!g_str_has_prefix (name, TARGETS) || !g_str_has_suffix (name, "." WIRE))
    return UINT32_MAX;
  name += strlen (TARGETS);
  return find_branch (config, name, strlen (name) - strlen ("." WIRE));
}

uint32_t
lab_part_find_im (const WorldConfig *config, const char *name)
{
  for (uint32_t i = 0; i < config->n_ims; i++)
    if (g_str_has_prefix (name, "im.") && strcmp (name + strlen ("im."), config->im[i].name) == 0)
      return i;
  return UINT32_MAX;
}

char *
lab_part_target_name (const WorldConfig *config, uint32_t number)
{
  if (number == 0)
    return g_strdup ("target");
  return g_strconcat (TARGETS, config->branch[number - 1].target.name, NULL);
}
