#include "lab/stateless.h"

typedef struct Check {
  const LabSetting *scenario;
  const HostStateless *host;
  const TargetStateless *target;
  LabMistakes *mistakes;
} Check;

/* Where the host's setting stands; if nobody wrote it, the target's, or the stack. */
static SimLoc
place (const Check *check, const char *name)
{
  g_autofree char *host_path = g_strdup_printf ("host.stateless.%s", name);
  g_autofree char *target_path = g_strdup_printf ("target.features.stateless.%s", name);
  const LabSetting *host = lab_setting_find ((LabSetting *)check->scenario, host_path);
  const LabSetting *target = lab_setting_find ((LabSetting *)check->scenario, target_path);

  if (host->origin.loc.file != NULL)
    return host->origin.loc;
  if (target != NULL && target->origin.loc.file != NULL)
    return target->origin.loc;
  return lab_setting_get (check->scenario, "stack")->origin.loc;
}

static void
check_large_send (const Check *check)
{
  uint32_t bytes = check->host->lso_bytes;

  if (bytes > 0 && !check->target->lso)
    lab_mistakes_add (check->mistakes, place (check, "large_send"),
                      "host.stateless.large_send: the target cannot cut large sends; write 0 B, or "
                      "target.features.stateless.large_send: true");
  else if (bytes > check->target->lso_bytes_max)
    lab_mistakes_add (check->mistakes, place (check, "large_send"),
                      "host.stateless.large_send: %u B is more than the target's large_send_max of "
                      "%u B; write at most that",
                      bytes, check->target->lso_bytes_max);
}

static void
check_target (const Check *check)
{
  if (check->host->checksum && !check->target->checksum)
    lab_mistakes_add (check->mistakes, place (check, "checksum"),
                      "host.stateless.checksum: the target makes no checksums; write false, or "
                      "target.features.stateless.checksum: true");
  check_large_send (check);
}

void
lab_stateless_check (const LabSetting *scenario, const WorldConfig *config, LabMistakes *mistakes)
{
  Check check = { scenario, &config->host.stateless, &config->target.features.stateless, mistakes };

  check_target (&check);
  for (uint32_t i = 0; i < config->n_branches; i++) {
    check.target = &config->branch[i].target.features.stateless;
    check_target (&check);
  }
}
