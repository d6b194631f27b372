/*
 * Fuzzing the scenario loader with libFuzzer: any bytes are a scenario or a list of mistakes.
 *
 * Build with clang and -fsanitize=fuzzer,address,undefined; seeds are the files of
 * tests/lab/refused and scenarios.
 */
#include <string.h>

#include "lab/scenario.h"
#include "sim/assert.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const folders[] = { "scenarios/presets", NULL };
  LabScenarioRequest request = {
    .path = "fuzz.yaml", .text = (const char *)data, .n_bytes = size, .preset_folders = folders
  };
  g_autoptr (GError) error = NULL;
  LabScenario *scenario = lab_scenario_load (&request, &error);
  if (scenario == NULL) {
    SIM_ASSERT (error != NULL);
    return 0;
  }
  g_autofree char *once = lab_scenario_resolved (scenario);
  lab_scenario_free (scenario);
  request.text = once;
  request.n_bytes = strlen (once);
  scenario = lab_scenario_load (&request, &error);
  if (scenario == NULL)
    g_error ("the resolved scenario is refused: %s", error->message);
  g_autofree char *twice = lab_scenario_resolved (scenario);
  lab_scenario_free (scenario);
  if (!g_str_equal (once, twice))
    g_error ("the resolved scenario resolves to another");
  return 0;
}
