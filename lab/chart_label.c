#include "lab/chart_label.h"

#include <glib.h>
#include <string.h>

#include "lab/columns.h"
#include "models/ndis/oid.h"
#include "models/rules/crossing.h"
#include "models/tcp/segment.h"

const char *
lab_chart_status (int64_t status)
{
  const char *name = ndis_status_name ((NDIS_STATUS)status);
  return g_str_has_prefix (name, "NDIS_STATUS_") ? name + strlen ("NDIS_STATUS_") : name;
}

char *
lab_chart_call_label (const SimRecord *call, int64_t status)
{
  NdisCall id = (NdisCall)call->column[CALL_BEGIN_CALL];
  const char *name = trace_call_name (id);
  int64_t arg0 = call->column[CALL_BEGIN_ARG0], arg1 = call->column[CALL_BEGIN_ARG1];

  if (status != NDIS_STATUS_NOT_WRITTEN)
    return g_strdup_printf ("%s: %s", name, lab_chart_status (status));
  switch ((int)rule_call_verb (id)) {
  case RULE_SEND:
  case RULE_RECEIVE:
  case RULE_FORWARD:
    return g_strdup_printf ("%s: %" G_GINT64_FORMAT " B", name, arg1);
  case RULE_INDICATE:
    return g_strdup_printf ("%s: %" G_GINT64_FORMAT " B", name, arg0);
  case RULE_DISCONNECT:
    return trace_call_is_down (id)
               ? g_strdup_printf ("%s: %s", name,
                                  arg0 == TCP_DISCONNECT_ABORTIVE_CLOSE ? "abortive" : "graceful")
               : g_strdup (name);
  case RULE_EVENT:
    return arg0 == TcpIndicateRetrieve
               ? g_strdup_printf ("%s, %s", ndis_event_name (TcpIndicateRetrieve),
                                  ndis_upload_reason_name ((TCP_UPLOAD_REASON)arg1))
               : g_strdup (ndis_event_name ((TCP_OFFLOAD_EVENT_TYPE)arg0));
  case RULE_STATUS:
    return g_strdup_printf ("%s: %s", name, lab_chart_status (arg0));
  case RULE_OID:
    return g_strdup_printf ("%s: %s", name, ndis_oid_name ((NDIS_OID)arg0));
  default:
    return g_strdup (name);
  }
}

static void
append_flags (GString *label, int64_t flags)
{
  static const struct {
    uint8_t bit;
    const char *name;
  } names[] = { { TCP_SYN, "SYN" }, { TCP_FIN, "FIN" }, { TCP_RST, "RST" }, { TCP_URG, "URG" },
                { TCP_PSH, "PSH" }, { TCP_ACK, "ACK" }, { TCP_ECE, "ECE" }, { TCP_CWR, "CWR" } };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (flags & names[i].bit)
      g_string_append_printf (label, "%s%s", label->len > 0 ? " " : "", names[i].name);
}

char *
lab_chart_frame_label (uint32_t seq, int64_t flags, int64_t payload)
{
  GString *label = g_string_new (NULL);

  append_flags (label, flags);
  g_string_append_printf (label, " %" G_GINT32_FORMAT, (int32_t)seq);
  if (payload > 0)
    g_string_append_printf (label, ", %" G_GINT64_FORMAT " B", payload);
  return g_string_free (label, FALSE);
}

char *
lab_chart_app_label (const SimRecord *record)
{
  static const char *const what[] = { "application asks: request",  "application has response",
                                      "application: closed",        "application: aborted",
                                      "application: end of stream", "application: connected",
                                      "application: opens",         "application: over" };
  G_STATIC_ASSERT (G_N_ELEMENTS (what) == APP_ENDED + 1);
  int64_t number = record->column[APP_EVENT_NUMBER];

  if (record->column[APP_EVENT_WHAT] <= APP_RESPONSE)
    return g_strdup_printf ("%s %" G_GINT64_FORMAT, what[record->column[APP_EVENT_WHAT]], number);
  return g_strdup (what[record->column[APP_EVENT_WHAT]]);
}

char *
lab_chart_timeline_label (const WorldConfig *config, const SimRecord *record)
{
  static const char *const phases[] = { "begins", "is done", "has failed" };
  const TimelineEvent *event = &config->event[record->column[TIMELINE_EVENT]];

  return g_strdup_printf ("event %s (%s) %s", event->id, timeline_verb_name (event->verb),
                          phases[record->column[TIMELINE_PHASE]]);
}
