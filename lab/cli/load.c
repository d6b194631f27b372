#include "lab/cli/load.h"

#include <string.h>

#include "lab/cli/cli.h"
#include "lab/quantity.h"

static void
set_clear (void *data)
{
  LabSet *set = data;
  g_free ((char *)set->path);
  g_free ((char *)set->value);
}

static bool
add_set (GArray *sets, const char *argument, GError **error)
{
  char *path, *value;

  if (!lab_set_parse (argument, &path, &value)) {
    g_set_error (error, LAB_ERROR, LAB_ERROR_SCENARIO,
                 "--set %s: write --set PATH=VALUE, e.g. --set target.tables.tcp=256", argument);
    return false;
  }
  LabSet set = { .path = path, .value = value };
  g_array_append_val (sets, set);
  return true;
}

GArray *
cli_load_sets (const CliLoad *load, GError **error)
{
  g_autoptr (GArray) sets = g_array_new (FALSE, FALSE, sizeof (LabSet));

  g_array_set_clear_func (sets, set_clear);
  for (size_t i = 0; load->sets != NULL && load->sets[i] != NULL; i++)
    if (!add_set (sets, load->sets[i], error))
      return NULL;
  if (load->seed != NULL) {
    LabSet seed = { .path = g_strdup ("seed"), .value = g_strdup (load->seed) };
    g_array_append_val (sets, seed);
  }
  return g_steal_pointer (&sets);
}

LabScenario *
cli_load (const CliLoad *load, const char *path, GError **error)
{
  g_autoptr (GArray) sets = cli_load_sets (load, error);

  if (sets == NULL)
    return NULL;
  LabScenarioRequest request = { .path = path,
                                 .sets = (const LabSet *)(void *)sets->data,
                                 .n_sets = sets->len };
  return lab_scenario_load (&request, error);
}

void
cli_load_clear (CliLoad *load)
{
  g_clear_pointer (&load->sets, g_strfreev);
  g_clear_pointer (&load->seed, g_free);
}

char *
cli_load_arguments (const CliLoad *load)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; load->sets != NULL && load->sets[i] != NULL; i++) {
    g_autofree char *quoted = g_shell_quote (load->sets[i]);
    g_string_append_printf (text, " --set %s", quoted);
  }
  if (load->seed != NULL)
    g_string_append_printf (text, " --seed %s", load->seed);
  return g_string_free (text, FALSE);
}

bool
cli_read_window (const char *verb, const char *text, LabWindow *ret_window)
{
  const char *dots = strstr (text, "..");
  g_autofree char *first = dots != NULL ? g_strndup (text, (gsize)(dots - text)) : NULL;
  g_autofree char *why = NULL;
  bool is_read = dots != NULL && lab_quantity_read (first, LAB_TIME, &ret_window->from.ps, &why)
                 && lab_quantity_read (dots + 2, LAB_TIME, &ret_window->until.ps, &why);

  if (is_read && ret_window->from.ps <= ret_window->until.ps)
    return true;
  if (is_read)
    cli_message ("chimsim %s: --window %s: runs backwards; write %s..%s", verb, text, dots + 2,
                 first);
  else
    cli_message ("chimsim %s: --window %s: write T1..T2, e.g. --window 5ms..6ms", verb, text);
  return false;
}
