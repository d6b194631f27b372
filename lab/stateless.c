#include "lab/stateless.h"

/* Where the host's setting stands; if nobody wrote it, the target's. */
static SimLoc
place (const LabSetting *scenario, const char *host_path, const char *target_path)
{
  const LabSetting *host = lab_setting_find ((LabSetting *)scenario, host_path);
  const LabSetting *target = lab_setting_find ((LabSetting *)scenario, target_path);
  return host->origin.loc.file != NULL ? host->origin.loc : target->origin.loc;
}

static void
check_large_send (const LabSetting *scenario, const WorldConfig *config, LabMistakes *mistakes)
{
  const TargetStateless *can = &config->target.features.stateless;
  uint32_t bytes = config->host.stateless.lso_bytes;
  SimLoc loc =
      place (scenario, "host.stateless.large_send", "target.features.stateless.large_send");

  if (bytes > 0 && !can->lso)
    lab_mistakes_add (mistakes, loc,
                      "host.stateless.large_send: the target cannot cut large sends; write 0 B, or "
                      "target.features.stateless.large_send: true");
  else if (bytes > can->lso_bytes_max)
    lab_mistakes_add (mistakes, loc,
                      "host.stateless.large_send: %u B is more than the target's large_send_max of "
                      "%u B; write at most that",
                      bytes, can->lso_bytes_max);
}

void
lab_stateless_check (const LabSetting *scenario, const WorldConfig *config, LabMistakes *mistakes)
{
  if (config->host.stateless.checksum && !config->target.features.stateless.checksum)
    lab_mistakes_add (
        mistakes, place (scenario, "host.stateless.checksum", "target.features.stateless.checksum"),
        "host.stateless.checksum: the target makes no checksums; write false, or "
        "target.features.stateless.checksum: true");
  check_large_send (scenario, config, mistakes);
}
