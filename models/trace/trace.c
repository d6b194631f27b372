#include "models/trace/trace.h"

#include <string.h>

#define O (1 << SIM_PRINT_ORDER)
#define T (1 << SIM_PRINT_TIMING)
#define W (1 << SIM_PRINT_WIRE)
#define S (1 << SIM_PRINT_OWNERSHIP)

const SimTraceKind trace_kinds[TRACE_N_KINDS] = {
#define KIND(id, name_, category_, prints_, ...) \
  [TRACE_##id] = { .name = name_,                \
                   .category = category_,        \
                   .n_columns = TRACE_N_##id,    \
                   .prints = (prints_),          \
                   .columns = { __VA_ARGS__ } },
#include "models/trace/kinds.def"
#undef KIND
};

#undef O
#undef T
#undef W
#undef S

_Static_assert(TRACE_N_KINDS <= SIM_TRACE_KINDS_MAX, "more kinds than a trace can declare");
_Static_assert((int)SITE_SAME_TIME == (int)SIM_SITE_SAME_TIME, "the kernel's own site is first");
_Static_assert(N_SITES <= SIM_SITES_MAX, "more sites than the kernel can hold");

/* The name at |index| of a list of |count| names. */
static const char *
name_at (const char *const *names, size_t count, size_t index)
{
  return index < count ? names[index] : NULL;
}

#define NAME_AT(names, index) name_at (names, sizeof (names) / sizeof (names)[0], (size_t)(index))

static const char *const call_names[NDIS_N_CALLS] = {
#define CALL(id, direction) [NDIS_CALL_##id] = #id,
#include "models/trace/calls.def"
#undef CALL
};

const char *
trace_call_name (NdisCall call)
{
  return NAME_AT (call_names, call);
}

bool
trace_call_is_down (NdisCall call)
{
  static const bool down[NDIS_N_CALLS] = {
#define DOWN true
#define UP false
#define CALL(id, direction) [NDIS_CALL_##id] = direction,
#include "models/trace/calls.def"
#undef CALL
#undef DOWN
#undef UP
  };
  SIM_ASSERT (call < NDIS_N_CALLS);
  return down[call];
}

NdisCall
trace_call_by_name (const char *name)
{
  for (NdisCall call = NDIS_CALL_NONE + 1; call < NDIS_N_CALLS; call++)
    if (strcmp (call_names[call], name) == 0)
      return call;
  return NDIS_CALL_NONE;
}

const char *
trace_resource_name (TraceResource resource)
{
  static const char *const names[] = {
#define RESOURCE(id, name) name,
#include "models/trace/resources.def"
#undef RESOURCE
  };
  return NAME_AT (names, resource);
}

const char *
trace_latency_name (LatencyClass latency)
{
  static const char *const names[] = {
#define LATENCY(id, name) name,
#define STAGE(id, name)
#include "models/trace/stages.def"
#undef LATENCY
#undef STAGE
  };
  return NAME_AT (names, latency);
}

const char *
trace_stage_name (LatencyStage stage)
{
  static const char *const names[] = {
#define LATENCY(id, name)
#define STAGE(id, name) name,
#include "models/trace/stages.def"
#undef LATENCY
#undef STAGE
  };
  return NAME_AT (names, stage);
}

static const struct {
  const char *name;
  const char *text;
} sites[N_SITES] = {
#define SITE(id, name_, text_) [SITE_##id] = { name_, text_ },
#include "models/trace/sites.def"
#undef SITE
};

const char *
trace_site_name (ChoiceSite site)
{
  return site < N_SITES ? sites[site].name : NULL;
}

const char *
trace_site_text (ChoiceSite site)
{
  return site < N_SITES ? sites[site].text : NULL;
}

const char *
trace_part_name (AccountPart part)
{
  static const char *const names[] = {
#define PART(id, name) name,
#include "models/trace/accounts.def"
#undef PART
  };
  return NAME_AT (names, part);
}

const char *
trace_owner_name (TraceOwner owner)
{
  static const char *const names[] = { "host", "going-down", "target", "going-up" };
  return NAME_AT (names, owner);
}
