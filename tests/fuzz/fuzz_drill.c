/*
 * Fuzzing the drill parser with libFuzzer: any bytes are a script or a mistake with its line.
 *
 * What is a script is also checked for what does not apply, as a run would, and its packets are
 * written out and read again: the notation of reports is that of scripts.
 *
 * Build with clang and -fsanitize=fuzzer,address,undefined; seeds are the files of tests/drill.
 */
#include <string.h>

#include "lab/drill/flow.h"
#include "lab/drill/runner.h"
#include "sim/assert.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const defines[] = { "STANDARD", "NAME=value", NULL };

/* A segment, and nothing of it is kept beside the notation. */
static bool
is_whole (const DrillPacket *packet)
{
  return packet->foreign == NULL && packet->icmp == DRILL_ICMP_NONE
         && (packet->has & DRILL_HAS_FLOW_LABEL) == 0;
}

static void
read_again (const DrillPacket *packet)
{
  g_autofree char *once = drill_packet_text (packet);
  g_autofree char *text = g_strconcat ("0 ", once, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DrillScript) script =
      drill_script_parse ("again.pkt", text, strlen (text), defines, &error);
  if (script == NULL)
    g_error ("%s is not read again: %s", text, error->message);
  const DrillEvent *event = script->events->pdata[0];
  g_autofree char *twice = drill_packet_text (&event->packet);
  if (!g_str_equal (once, twice))
    g_error ("%s is read again as %s", once, twice);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DrillScript) script =
      drill_script_parse ("fuzz.pkt", (const char *)data, size, defines, &error);
  if (script == NULL) {
    SIM_ASSERT (error != NULL);
    SIM_ASSERT (g_str_has_prefix (error->message, "fuzz.pkt:"));
    return 0;
  }
  DrillSettings settings;
  if (!drill_settings_of (script, &settings, NULL))
    return 0;
  for (guint i = 0; i < script->events->len; i++) {
    const DrillEvent *event = script->events->pdata[i];
    if (event->kind == DRILL_PACKET && is_whole (&event->packet))
      read_again (&event->packet);
    else if (event->kind == DRILL_CALL)
      drill_call_check (event, &settings);
    else if (event->kind == DRILL_CODE)
      drill_code_check (event, &settings);
  }
  drill_settings_clear (&settings);
  return 0;
}
