#include "lab/outcome.h"

#include "lab/address.h"

/* Rules that an outcome names; the rest are counted. */
#define RULES_NAMED_MAX 3

struct LabOutcome {
  const LabScenario *scenario;
  uint32_t event[LAB_WINDOWS_MAX]; /* that are moved */
  guint n;
  LabSituations *situations;
};

LabOutcome *
lab_outcome_new (const LabScenario *scenario, const LabWindows *windows)
{
  LabOutcome *outcome = g_new0 (LabOutcome, 1);

  outcome->scenario = scenario;
  outcome->n = windows->n;
  for (guint i = 0; i < windows->n; i++) {
    outcome->event[i] = lab_windows_event (scenario, windows->event[i], NULL);
    SIM_ASSERT (outcome->event[i] != UINT32_MAX);
  }
  return outcome;
}

void
lab_outcome_free (LabOutcome *outcome)
{
  if (outcome == NULL)
    return;
  lab_situations_free (outcome->situations);
  g_free (outcome);
}

void
lab_outcome_watch (LabOutcome *outcome, SimTrace *trace)
{
  LabSituationSet reached = lab_scenario_checks (outcome->scenario)->reached;

  SIM_ASSERT (outcome->situations == NULL);
  outcome->situations = lab_situations_new (trace, lab_scenario_config (outcome->scenario),
                                            reached != 0 ? reached : LAB_ALL_SITUATIONS);
}

static const TimelineEvent *
event_at (const LabOutcome *outcome, guint i)
{
  return &lab_scenario_config (outcome->scenario)->event[outcome->event[i]];
}

static void add (GString *words, const char *separator, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
add (GString *words, const char *separator, const char *format, ...)
{
  va_list args;

  if (words->len > 0)
    g_string_append (words, separator);
  va_start (args, format);
  g_string_append_vprintf (words, format, args);
  va_end (args);
}

static void
add_broken (GString *words, const LabRun *run)
{
  guint n = 0;

  for (RuleId rule = 0; run->rules != NULL && rule < RULE_N; rule++) {
    if (rule_book_verdict (run->rules, rule) != RULE_BROKEN
        || rule_info (rule)->severity != RULE_VIOLATION)
      continue;
    if (n++ < RULES_NAMED_MAX)
      g_string_append_printf (words, n == 1 ? "breaks %s" : " %s", rule_info (rule)->id);
  }
  if (n > RULES_NAMED_MAX)
    g_string_append_printf (words, " and %u more", n - RULES_NAMED_MAX);
}

static bool
is_ours (const LabOutcome *outcome, uint32_t connection)
{
  if (connection == UINT32_MAX)
    return true;
  for (guint i = 0; i < outcome->n; i++)
    if (event_at (outcome, i)->between_connection == connection)
      return true;
  return false;
}

static void
add_situations (GString *words, const LabOutcome *outcome)
{
  for (LabSituation situation = 0; situation < LAB_N_SITUATIONS; situation++) {
    const LabMeeting *meeting = lab_situations_meeting (outcome->situations, situation);
    if (meeting->count > 0 && is_ours (outcome, meeting->connection))
      add (words, " + ", "%s", lab_situation_info (situation)->name);
  }
}

static void
add_events (GString *words, const LabOutcome *outcome, const LabRun *run)
{
  const WorldConfig *config = lab_scenario_config (outcome->scenario);
  const Timeline *timeline = world_timeline (run->world);

  for (uint32_t i = 0; i < config->n_events; i++)
    switch (timeline_state (timeline, i)) {
    case TIMELINE_WAITING:
      add (words, "; ", "%s did not fire", config->event[i].id);
      break;
    case TIMELINE_RUNNING:
      add (words, "; ", "%s did not end", config->event[i].id);
      break;
    case TIMELINE_FAILED_STATE:
      add (words, "; ", "%s failed", config->event[i].id);
      break;
    case TIMELINE_SUCCEEDED:
      break;
    }
}

/* Its owner; of the host's own ones the state, too: of others the host knows what it was. */
static void
add_connection (GString *words, const WorldConfig *config, const LabRun *run, uint32_t connection)
{
  const Host *host = world_host (run->world);
  TraceOwner owner = host_owner (host, connection);
  g_autofree char *address = lab_address_of (config, connection);

  add (words, "; ", "%s %s", address, trace_owner_name (owner));
  if (owner == OWNER_HOST)
    g_string_append_printf (words, " %s", tcp_state_name (host_state (host, connection)));
}

char *
lab_outcome_words (const LabOutcome *outcome, const LabRun *run)
{
  const WorldConfig *config = lab_scenario_config (outcome->scenario);
  g_autoptr (GString) situations = g_string_new (NULL);
  GString *words = g_string_new (NULL);

  add_broken (words, run);
  add_situations (situations, outcome);
  if (situations->len > 0)
    add (words, "; ", "%s", situations->str);
  add_events (words, outcome, run);
  for (guint i = 0; i < outcome->n; i++)
    if (i == 0
        || event_at (outcome, i)->between_connection != event_at (outcome, 0)->between_connection)
      add_connection (words, config, run, event_at (outcome, i)->between_connection);
  return g_string_free (words, FALSE);
}
