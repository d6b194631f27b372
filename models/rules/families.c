#include "models/rules/families.h"

const RuleFamily *const rule_families[] = {
#define FAMILY(name) &rule_family_##name,
  RULE_FAMILIES (FAMILY)
#undef FAMILY
};

const size_t rule_n_families = G_N_ELEMENTS (rule_families);
