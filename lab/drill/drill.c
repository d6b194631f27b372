#include "lab/drill/drill.h"

#include "lab/drill/runner.h"

const char *
drill_verdict_name (DrillVerdict verdict)
{
  static const char *const names[DRILL_N_VERDICTS] = {
    [DRILL_PASSED] = "passed", [DRILL_FAILED] = "failed", [DRILL_NOT_APPLICABLE] = "not applicable"
  };

  SIM_ASSERT (verdict < DRILL_N_VERDICTS);
  return names[verdict];
}

/* The state that goes to a target has no ECN. */
static bool
is_about_ecn (const DrillPacket *packet)
{
  bool marks = packet->ecn != DRILL_ECN_ANY && packet->ecn != DRILL_ECN_NOT_ECT;
  return marks || ((packet->flags & (TCP_ECE | TCP_CWR)) != 0 && (packet->flags & TCP_SYN) == 0);
}

/* Everything of the script that the model does not have is named before anything runs. */
static void
check_event (const DrillEvent *event, bool offloads, DrillSettings *settings)
{
  switch (event->kind) {
  case DRILL_PACKET:
    for (guint i = 0; event->packet.foreign != NULL && i < event->packet.foreign->len; i++)
      drill_settings_note (settings, event->line, "%s",
                           (const char *)event->packet.foreign->pdata[i]);
    if (offloads && is_about_ecn (&event->packet))
      drill_settings_note (settings, event->line, "ECN of a connection of the target");
    return;
  case DRILL_CALL:
    drill_call_check (event, settings);
    return;
  case DRILL_COMMAND:
    return; /* has been read for the settings */
  case DRILL_CODE:
    drill_code_check (event, settings);
    return;
  }
  SIM_UNREACHABLE ();
}

DrillResult *
drill_run (const DrillScript *script, DrillOffload offload, GError **error)
{
  bool offloads = offload == DRILL_OFFLOAD_AFTER_HANDSHAKE;
  DrillSettings settings;

  if (!drill_settings_of (script, &settings, error))
    return NULL;
  for (guint i = 0; i < script->events->len; i++)
    check_event (script->events->pdata[i], offloads, &settings);

  DrillResult *result = g_new0 (DrillResult, 1);
  result->path = g_strdup (script->path);
  if (settings.foreign->len > 0) {
    result->verdict = DRILL_NOT_APPLICABLE;
    result->foreign = g_steal_pointer (&settings.foreign);
    return result;
  }
  result->verdict = DRILL_PASSED;
  drill_runner_run (script, &settings, offloads, result);
  if (offloads && result->verdict == DRILL_PASSED && result->offloads == 0) {
    result->verdict = DRILL_NOT_APPLICABLE;
    result->foreign = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (result->foreign, g_strdup ("no connection is ever established"));
  }
  drill_settings_clear (&settings);
  return result;
}

void
drill_result_free (DrillResult *result)
{
  if (result == NULL)
    return;
  g_free (result->path);
  g_free (result->what);
  g_free (result->expected);
  g_free (result->actual);
  g_clear_pointer (&result->foreign, g_ptr_array_unref);
  g_free (result);
}

char *
drill_result_text (const DrillResult *result)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s %s\n", drill_verdict_name (result->verdict), result->path);
  if (result->verdict == DRILL_FAILED) {
    g_string_append_printf (text, "  %s:%u: %s\n", result->path, result->line, result->what);
    if (result->expected != NULL)
      g_string_append_printf (text, "    expected %s\n    actual   %s\n", result->expected,
                              result->actual == NULL ? "nothing" : result->actual);
  }
  for (guint i = 0; result->foreign != NULL && i < result->foreign->len; i++)
    g_string_append_printf (text, "  %s\n", (const char *)result->foreign->pdata[i]);
  return g_string_free (text, FALSE);
}
