#include "lab/impair.h"

typedef struct Builder {
  const LabSetting *direction; /* wire.impair.to_peer */
  WireImpairment *spec;
  LabMistakes *mistakes;
} Builder;

static void
blame (const Builder *builder, const LabSetting *setting, const char *why)
{
  lab_setting_blame (setting, builder->mistakes, "%s", why);
}

static void
read_pattern (const Builder *builder, const LabSetting *setting, WirePattern *pattern)
{
  g_autofree char *why = NULL;

  if (lab_setting_is_set (setting) && !wire_pattern_read (setting->value.text, pattern, &why))
    blame (builder, setting, why);
}

/* The `frames` of |section|, which says neither which nor how likely if both are left out. */
static void
read_script (const Builder *builder, const char *section, WireScript *script)
{
  const LabSetting *setting = lab_setting_get (builder->direction, section);
  if (!lab_setting_is_set (setting))
    return;

  const LabSetting *frames = lab_setting_get (setting, "frames");
  read_pattern (builder, frames, &script->frames);
  if (!lab_setting_is_set (frames)
      && lab_setting_get (setting, "chance")->origin.kind == LAB_FROM_DEFAULT)
    blame (builder, setting, "says no frame; write frames: 3rd, or chance: 1/1000");
}

static void
check_red (const Builder *builder)
{
  const LabSetting *red = lab_setting_get (builder->direction, "red");
  const RedConfig *config = &builder->spec->red;
  if (!lab_setting_is_set (red))
    return;

  const LabSetting *min = lab_setting_get (red, "min");
  const LabSetting *max = lab_setting_get (red, "max");
  const LabSetting *weight = lab_setting_get (red, "weight");
  if (lab_setting_is_set (min) && lab_setting_is_set (max)
      && config->min_bytes >= config->max_bytes)
    blame (builder, min, "is not below max; write less");
  if (lab_setting_is_set (weight) && config->weight_numerator == 0)
    blame (builder, weight, "an average without weight never moves; write for instance 1/500");
}

static void
build_direction (const LabSetting *direction, WireImpairment *spec, LabMistakes *mistakes)
{
  Builder builder = { direction, spec, mistakes };

  read_pattern (&builder, lab_setting_get (direction, "drop"), &spec->loss.frames);
  read_script (&builder, "corrupt", &spec->corruption);
  read_script (&builder, "duplicate", &spec->duplication);
  read_script (&builder, "reorder", &spec->reordering);
  check_red (&builder);
}

void
lab_impair_build (const LabSetting *wire, WireConfig *config, LabMistakes *mistakes)
{
  const LabSetting *impair = lab_setting_get (wire, "impair");

  build_direction (lab_setting_get (impair, "to_peer"), &config->impair[TCP_TO_PEER], mistakes);
  build_direction (lab_setting_get (impair, "from_peer"), &config->impair[TCP_FROM_PEER], mistakes);
}
