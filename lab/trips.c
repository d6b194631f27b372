#include "lab/trips.h"

#include <glib.h>

#include "models/host/defect.h"
#include "models/im/defect.h"
#include "models/target/config.h"

void
lab_for_each_defect (LabDefectFn each, void *data)
{
  for (HostDefect d = 0; d < HOST_N_DEFECTS; d++)
    each (data, &(LabDefect){ "host", host_defect_name (d), host_defect_rules (d),
                              host_defect_what (d) });
  for (ImDefect d = 0; d < IM_N_DEFECTS; d++)
    each (data, &(LabDefect){ "im", im_defect_name (d), im_defect_rule (d), im_defect_text (d) });
  for (TargetDefect d = 0; d < TARGET_N_DEFECTS; d++)
    each (data, &(LabDefect){ "target", target_defect_name (d), target_defect_rule (d),
                              target_defect_text (d) });
}

/* True if |rules| ("INIT-08, TERM-03") names |rule|. */
static bool
names_rule (const char *rules, const char *rule)
{
  g_auto (GStrv) each = g_strsplit_set (rules, ", ", -1);
  return g_strv_contains ((const char *const *)each, rule);
}

typedef struct Trips {
  const char *rule;
  GString *names;
} Trips;

static void
note_trip (void *data, const LabDefect *defect)
{
  Trips *trips = data;

  if (names_rule (defect->rules, trips->rule))
    g_string_append_printf (trips->names, "%s%s (%s)", trips->names->len > 0 ? ", " : "",
                            defect->name, defect->part);
}

char *
lab_trips_of (RuleId rule)
{
  const RuleInfo *info = rule_info (rule);
  Trips trips = { info->id, g_string_new (NULL) };

  lab_for_each_defect (note_trip, &trips);
  if (trips.names->len == 0 && info->state == RULE_MONITORED)
    g_string_append (trips.names, "a fragment of trace");
  return g_string_free (trips.names, FALSE);
}
