#include "lab/address.h"

#include <string.h>

#include "lab/quantity.h"
#include "lab/value.h"

static bool
refuse (const char *text, char **reterr_why)
{
  *reterr_why = g_strdup_printf (
      "\"%s\" is not an address of connections; write web/417, web/900-909 or web/*", text);
  return false;
}

static bool
read_number (const char *text, size_t n, uint32_t *ret_number)
{
  g_autofree char *number = g_strndup (text, n);
  g_autofree char *why = NULL;
  int64_t value = 0;
  if (!lab_quantity_read (number, LAB_COUNT, &value, &why) || value > UINT32_MAX)
    return false;
  *ret_number = (uint32_t)value;
  return true;
}

bool
lab_address_read (const char *text, LabAddress *ret_address, char **reterr_why)
{
  LabAddress address = { .is_all = true };
  size_t n_group = strcspn (text, "/");
  if (n_group >= sizeof address.group)
    return refuse (text, reterr_why);
  memcpy (address.group, text, n_group);
  if (!lab_name_is_valid (address.group))
    return refuse (text, reterr_why);

  const char *rest = text + n_group;
  address.is_all = rest[0] == '\0' || strcmp (rest, "/*") == 0;
  if (!address.is_all) {
    const char *first = rest + 1;
    size_t n_first = strcspn (first, "-");
    const char *last = first[n_first] == '-' ? first + n_first + 1 : first;
    if (!read_number (first, n_first, &address.first)
        || !read_number (last, last == first ? n_first : strlen (last), &address.last))
      return refuse (text, reterr_why);
    if (address.first > address.last) {
      *reterr_why = g_strdup_printf ("\"%s\" runs backwards; write %s/%u-%u", text, address.group,
                                     address.last, address.first);
      return false;
    }
  }
  *ret_address = address;
  return true;
}

char *
lab_address_of (const WorldConfig *config, uint32_t connection_id)
{
  for (uint32_t i = 0; i < config->n_groups; i++) {
    const ConnectionGroup *group = &config->group[i];
    if (connection_id >= group->first_id && connection_id - group->first_id < group->count)
      return g_strdup_printf ("%s/%u", group->name, connection_id - group->first_id);
  }
  return g_strdup ("several");
}
