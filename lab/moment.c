#include "lab/moment.h"

#include <string.h>

#include "lab/condition.h"

typedef struct Reading {
  const WorldConfig *config;
  LabSpot spot;
  const char *text;
} Reading;

static bool
refuse (const Reading *reading, const char *what, const char *instead)
{
  lab_mistakes_add (reading->spot.mistakes, reading->spot.loc, "%s: %s; write %s",
                    reading->spot.path, what, instead);
  return false;
}

static bool
refuse_name (const Reading *reading, const char *kind, const char *name, const GPtrArray *known,
             const char *otherwise)
{
  const char *nearest = lab_nearest (name, (const char *const *)known->pdata, known->len);
  g_autofree char *what = g_strdup_printf ("there is no %s %s", kind, name);

  return refuse (reading, what, nearest != NULL ? nearest : otherwise);
}

static bool
read_call (const Reading *reading, const char *name, LabMoment *moment)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();

  moment->call = trace_call_by_name (name);
  if (moment->call != NDIS_CALL_NONE)
    return true;
  for (int call = NDIS_CALL_NONE + 1; call < NDIS_N_CALLS; call++)
    g_ptr_array_add (known, (void *)trace_call_name ((NdisCall)call));
  return refuse_name (reading, "call", name, known, "one of `list calls`");
}

static bool
read_oid (const Reading *reading, const char *name, LabMoment *moment)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();

  for (NDIS_OID oid = 0; oid < NDIS_N_OIDS; oid++) {
    if (strcmp (ndis_oid_name (oid), name) == 0) {
      moment->oid = oid;
      return true;
    }
    g_ptr_array_add (known, (void *)ndis_oid_name (oid));
  }
  return refuse_name (reading, "OID", name, known, "for instance OID_PNP_SET_POWER");
}

/* first(X), last(X), complete(X) */
static bool
read_function (const Reading *reading, const LabCondition *call, LabMoment *moment)
{
  static const char *const names[] = { "first", "last", "complete" };
  const LabCondition *argument = call->children->len == 1 ? call->children->pdata[0] : NULL;
  size_t kind = 0;

  while (kind < G_N_ELEMENTS (names) && strcmp (names[kind], call->text) != 0)
    kind++;
  if (kind == G_N_ELEMENTS (names) || argument == NULL || call->member != NULL
      || argument->kind != LAB_CONDITION_WORD) {
    g_autofree char *what = g_strdup_printf ("\"%s\" is no moment", reading->text);
    return refuse (reading, what, "first(CALL), last(CALL), complete(OID) or EVENT.done");
  }
  moment->kind = (LabMomentKind)kind;
  if (moment->kind == LAB_MOMENT_COMPLETE)
    return read_oid (reading, argument->text, moment);
  return read_call (reading, argument->text, moment);
}

/* EVENT.begun, .done, .failed, .ended */
static bool
read_event (const Reading *reading, const char *word, LabMoment *moment)
{
  static const char *const outcomes[] = { "begun", "done", "failed", "ended" };
  const char *dot = strrchr (word, '.');
  g_autofree char *id = dot != NULL ? g_strndup (word, (gsize)(dot - word)) : g_strdup (word);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  size_t outcome = 0;

  moment->kind = LAB_MOMENT_EVENT;
  while (dot != NULL && outcome < G_N_ELEMENTS (outcomes)
         && strcmp (outcomes[outcome], dot + 1) != 0)
    outcome++;
  for (uint32_t i = 0; i < reading->config->n_events; i++)
    g_ptr_array_add (ids, (void *)reading->config->event[i].id);
  for (moment->event = 0; moment->event < ids->len; moment->event++)
    if (ids->pdata[moment->event] != NULL && strcmp (ids->pdata[moment->event], id) == 0)
      break;
  if (moment->event == ids->len)
    return refuse_name (reading, "event", id, ids,
                        "first(CALL), last(CALL), complete(OID) or EVENT.done");
  if (dot == NULL || outcome == G_N_ELEMENTS (outcomes)) {
    g_autofree char *what = g_strdup_printf ("\"%s\" is no moment", reading->text);
    g_autofree char *instead = g_strdup_printf ("%s.begun, .done, .failed or .ended", id);
    return refuse (reading, what, instead);
  }
  moment->outcome = (TimelineOutcome)outcome;
  return true;
}

bool
lab_moment_read (const char *text, const WorldConfig *config, LabSpot spot, LabMoment *ret_moment)
{
  Reading reading = { config, spot, text };
  g_autofree char *why = NULL;
  g_autoptr (LabCondition) condition = lab_condition_parse (text, &why);
  LabMoment moment = { 0 };
  bool ok;

  if (condition == NULL) {
    lab_mistakes_add (spot.mistakes, spot.loc, "%s: %s", spot.path, why);
    return false;
  }
  if (condition->kind == LAB_CONDITION_CALL) {
    ok = read_function (&reading, condition, &moment);
  } else if (condition->kind == LAB_CONDITION_WORD) {
    ok = read_event (&reading, condition->text, &moment);
  } else {
    g_autofree char *what = g_strdup_printf ("\"%s\" is no moment", text);
    ok = refuse (&reading, what, "first(CALL), last(CALL), complete(OID) or EVENT.done");
  }
  if (!ok)
    return false;
  *ret_moment = moment;
  ret_moment->text = g_strdup (text);
  return true;
}
