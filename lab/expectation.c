#include "lab/expectation.h"

#include <string.h>

typedef struct Reader {
  const LabSetting *element, *root;
  const WorldConfig *config;
  LabMistakes *mistakes;
} Reader;

static const char *const kind_names[] = { "eventually", "always", "order", "latency" };

void
lab_expectation_free (LabExpectation *expectation)
{
  if (expectation == NULL)
    return;
  for (uint32_t i = 0; i < expectation->n_moments; i++)
    g_free (expectation->moment[i].text);
  lab_claim_free (expectation->claim);
  g_free (expectation->text);
  g_free (expectation);
}

static bool
blame (const Reader *reader, const LabSetting *setting, const char *why)
{
  lab_setting_blame (setting, reader->mistakes, "%s", why);
  return false;
}

static const LabSetting *
child (const Reader *reader, const char *name)
{
  return lab_setting_get (reader->element, name);
}

static bool
is_written (const Reader *reader, const char *name)
{
  return lab_setting_is_set (child (reader, name));
}

/* Exactly one of the four kinds. */
static bool
read_kind (const Reader *reader, LabExpectationKind *ret_kind)
{
  uint32_t n = 0;

  for (uint32_t kind = 0; kind < G_N_ELEMENTS (kind_names); kind++)
    if (is_written (reader, kind_names[kind])) {
      *ret_kind = (LabExpectationKind)kind;
      n++;
    }
  if (n == 1)
    return true;
  for (uint32_t kind = 0; n == 0 && kind < G_N_ELEMENTS (kind_names); kind++)
    if (lab_node_get (reader->element->value.node, kind_names[kind]) != NULL)
      return false; /* it has a mistake of its own */
  return blame (reader, reader->element,
                n == 0 ? "expects nothing; write eventually, always, order or latency"
                       : "expects several things; write an expectation for each");
}

/* A key that only goes with others is refused elsewhere. */
static bool
check_key (const Reader *reader, const char *name, bool belongs, const char *why)
{
  return belongs || !is_written (reader, name) || blame (reader, child (reader, name), why);
}

static bool
check_keys (const Reader *reader, LabExpectationKind kind)
{
  bool is_latency = kind == LAB_EXPECT_LATENCY;
  bool ok = check_key (reader, "within", !is_latency, "does not go with latency; leave it out")
            && check_key (reader, "of", !is_latency, "does not go with latency; leave it out");

  for (const MeasurePercentile *p = measure_percentiles; p->name != NULL; p++)
    ok = check_key (reader, p->name, is_latency, "goes with latency only; leave it out") && ok;
  return ok;
}

static bool
read_scope (const Reader *reader, LabOrderScope *scope)
{
  const LabSetting *of = child (reader, "of"), *within = child (reader, "within");
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  scope->event = LAB_NO_EVENT;
  scope->has_within = lab_setting_is_set (within);
  if (scope->has_within)
    scope->within = sim_ps (within->value.integer);
  if (!lab_setting_is_set (of))
    return true;
  for (uint32_t i = 0; i < reader->config->n_events; i++) {
    g_ptr_array_add (ids, (void *)reader->config->event[i].id);
    if (reader->config->event[i].id != NULL
        && strcmp (reader->config->event[i].id, of->value.text) == 0)
      scope->event = i;
  }
  if (scope->event != LAB_NO_EVENT)
    return true;
  const char *nearest = lab_nearest (of->value.text, (const char *const *)ids->pdata, ids->len);
  g_autofree char *why = g_strdup_printf ("there is no event %s; write %s", of->value.text,
                                          nearest != NULL ? nearest : "the id of one");
  return blame (reader, of, why);
}

static bool
read_claim (const Reader *reader, const char *name, LabExpectation *expectation)
{
  const LabSetting *setting = child (reader, name);
  g_autofree char *path = lab_setting_path (setting);
  LabSpot spot = { path, setting->origin.loc, reader->mistakes };

  expectation->claim = lab_claim_new (setting->value.text, reader->root, reader->config, spot);
  return expectation->claim != NULL;
}

static bool
read_order (const Reader *reader, LabExpectation *expectation)
{
  const LabSetting *list = child (reader, "order");
  bool ok = true;

  if (list->children->len < 2 || list->children->len > LAB_MOMENTS_MAX) {
    g_autofree char *why =
        g_strdup_printf ("has %u moments; write 2 to %d", list->children->len, LAB_MOMENTS_MAX);
    return blame (reader, list, why);
  }
  for (guint i = 0; i < list->children->len; i++) {
    const LabSetting *element = list->children->pdata[i];
    g_autofree char *path = lab_setting_path (element);
    LabSpot spot = { path, element->origin.loc, reader->mistakes };
    LabMoment *moment = &expectation->moment[expectation->n_moments];
    bool is_read = lab_setting_is_set (element)
                   && lab_moment_read (element->value.text, reader->config, spot, moment);
    expectation->n_moments += is_read;
    ok = ok && is_read;
  }
  return ok;
}

static bool
read_latency (const Reader *reader, LabExpectation *expectation)
{
  const LabSetting *name = child (reader, "latency");
  g_autofree char *path = lab_setting_path (name);
  LabSpot spot = { path, name->origin.loc, reader->mistakes };
  bool ok = lab_latency_name_read (name->value.text, reader->config, spot, &expectation->latency);

  for (const MeasurePercentile *p = measure_percentiles; p->name != NULL; p++) {
    const LabSetting *bound = child (reader, p->name);
    if (!lab_setting_is_set (bound))
      continue;
    g_autofree char *bound_path = lab_setting_path (bound);
    LabSpot bound_spot = { bound_path, bound->origin.loc, reader->mistakes };
    SIM_ASSERT (expectation->n_bounds < LAB_BOUNDS_MAX);
    ok = lab_bound_read (bound->value.text, p, bound_spot,
                         &expectation->bound[expectation->n_bounds])
         && ok;
    expectation->n_bounds++;
  }
  if (expectation->n_bounds == 0)
    return blame (reader, reader->element,
                  "bounds no percentile; write for instance p99: \"<= 900 us\"");
  return ok;
}

static char *
text_of (const Reader *reader, LabExpectationKind kind)
{
  GString *text = g_string_new (kind_names[kind]);
  const LabSetting *what = child (reader, kind_names[kind]);
  const char *after[] = { "within", "of" };

  if (what->children == NULL)
    g_string_append_printf (text, " %s", what->value.text);
  for (guint i = 0; what->children != NULL && i < what->children->len; i++)
    g_string_append_printf (text, "%s %s", i > 0 ? "," : "",
                            ((const LabSetting *)what->children->pdata[i])->value.text);
  for (const MeasurePercentile *p = measure_percentiles; p->name != NULL; p++)
    if (is_written (reader, p->name))
      g_string_append_printf (text, " %s %s", p->name, child (reader, p->name)->value.text);
  for (size_t i = 0; i < G_N_ELEMENTS (after); i++)
    if (is_written (reader, after[i])) {
      g_autofree char *value = lab_setting_text (child (reader, after[i]));
      g_string_append_printf (text, " %s %s", after[i], value);
    }
  return g_string_free (text, FALSE);
}

LabExpectation *
lab_expectation_read (const LabSetting *element, const LabSetting *root, const WorldConfig *config,
                      LabMistakes *mistakes)
{
  Reader reader = { element, root, config, mistakes };
  g_autoptr (LabExpectation) expectation = g_new0 (LabExpectation, 1);
  LabExpectationKind kind;
  bool ok;

  if (!read_kind (&reader, &kind))
    return NULL;
  expectation->id = element->name;
  expectation->loc = element->origin.loc;
  expectation->kind = kind;
  ok = check_keys (&reader, kind);
  ok = read_scope (&reader, &expectation->scope) && ok;
  if (kind == LAB_EXPECT_ORDER)
    ok = read_order (&reader, expectation) && ok;
  else if (kind == LAB_EXPECT_LATENCY)
    ok = read_latency (&reader, expectation) && ok;
  else
    ok = read_claim (&reader, kind_names[kind], expectation) && ok;
  if (!ok)
    return NULL;
  expectation->text = text_of (&reader, kind);
  return g_steal_pointer (&expectation);
}
