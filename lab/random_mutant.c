#include "lab/random_mutant.h"

#include "lab/run.h"
#include "models/trace/trace.h"

static void
note_strike (void *data, G_GNUC_UNUSED const SimRecord *record)
{
  RandomMutant *mutant = data;
  mutant->struck = true;
}

static void
observe (void *data, Sim *sim)
{
  static const uint16_t kinds[] = { TRACE_DEFECT };
  sim_trace_add_reader (sim_trace (sim), note_strike, data, kinds, G_N_ELEMENTS (kinds));
}

RandomMutant
lab_random_mutant (const WorldConfig *config, const char *rules)
{
  RandomMutant mutant = { 0 };
  LabStrategy strategy = lab_strategy_random (config->seed);
  LabRunRequest request = { .config = config,
                            .rules = true,
                            .observe = observe,
                            .observe_data = &mutant,
                            .strategy = &strategy };
  g_autoptr (LabRun) run = lab_run (&request);
  g_auto (GStrv) own = g_strsplit (rules, ", ", 0);

  for (RuleId rule = 0; rule < RULE_N; rule++) {
    if (rule_book_broken (run->rules, rule) == 0)
      continue;
    mutant.seen = true;
    if (g_strv_contains ((const char *const *)own, rule_info (rule)->id))
      mutant.found = true;
  }
  return mutant;
}
