#include "lab/random_stack.h"

#include "lab/random_writer.h"

#define FAIL_OVERS_MAX 6
#define BRANCHES_MAX 3

RandomStack
lab_random_stack (uint64_t number)
{
  LabDraw draw = lab_draw (number, "random/stack");
  uint64_t features = lab_random_features (number);
  if (random_has (features, RANDOM_DEEP_STACK))
    return (RandomStack){ .number = number };
  uint32_t n_branches = (uint32_t)lab_draw_between (&draw, 1, BRANCHES_MAX);
  bool has_team = random_has (features, RANDOM_TEAM);
  bool is_crowded = has_team && n_branches == BRANCHES_MAX;
  bool is_blocked = random_blocker (number) == RANDOM_BLOCKED_BY_DRIVER;

  return (RandomStack){ .number = number,
                        .features = features,
                        .is_tight = random_has (features, RANDOM_TIGHT_DRIVER),
                        .is_unaware = is_blocked && !has_team,
                        .is_vlan = random_has (features, RANDOM_VLAN_DRIVER),
                        .has_quota = random_has (features, RANDOM_QUOTA_DRIVER) && !is_crowded,
                        .n_branches = has_team ? n_branches : 0 };
}

static uint64_t
limit (LabDraw *draw)
{
  return lab_draw_scale (draw, 1, 64);
}

static void
append_quota (uint64_t number, GString *text)
{
  LabDraw draw = lab_draw (number, "random/stack/quota");
  uint64_t connections = limit (&draw);

  g_string_append_printf (text, "  quota: {driver: quota, connections: %" G_GUINT64_FORMAT,
                          connections);
  if (lab_draw_one_in (&draw, 2))
    g_string_append_printf (text, ", resume_at: %" G_GUINT64_FORMAT,
                            lab_draw_between (&draw, 1, connections));
  g_string_append (text, "}\n");
}

void
lab_random_stack_drivers (const RandomStack *stack, GString *text, bool has_section)
{
  LabDraw draw = lab_draw (stack->number, "random/stack/drivers");
  bool any = stack->is_tight || stack->is_vlan || stack->has_quota || stack->is_unaware
             || stack->n_branches > 0;

  if (any && !has_section)
    g_string_append (text, "im:\n");
  if (stack->is_tight) {
    g_string_append_printf (text, "  tight: {queue_depth: %" G_GUINT64_FORMAT ", memory: {",
                            limit (&draw));
    g_string_append_printf (text, "entries: %" G_GUINT64_FORMAT, limit (&draw));
    if (lab_draw_one_in (&draw, 2))
      g_string_append_printf (text, ", sends: %" G_GUINT64_FORMAT, limit (&draw));
    g_string_append (text, "}}\n");
  }
  if (stack->has_quota)
    append_quota (stack->number, text);
  if (stack->is_unaware)
    g_string_append (text, "  unaware: {driver: unaware}\n");
  if (stack->is_vlan)
    g_string_append_printf (text, "  vlan: {driver: vlan, vlan: %" G_GUINT64_FORMAT "}\n",
                            lab_draw_scale (&draw, 1, 4000));
  if (stack->n_branches > 0)
    g_string_append_printf (text,
                            "  team: {driver: failover, on_link_loss: %s, queue_depth: "
                            "%" G_GUINT64_FORMAT ", call_cost: %" G_GUINT64_FORMAT " cycles}\n",
                            LAB_DRAW_WORD (&draw, "fail_over", "fail_over", "stay"), limit (&draw),
                            lab_draw_scale (&draw, 1, 20000));
  for (uint32_t i = 0; i < stack->n_branches; i += 2)
    g_string_append_printf (text, "  below%u: {queue_depth: %" G_GUINT64_FORMAT "}\n", i,
                            limit (&draw));
}

static void
append_target (LabDraw *draw, GString *text, uint32_t i)
{
  g_string_append_printf (text, "  b%u: {stack: [im.team", i);
  if (i % 2 == 0)
    g_string_append_printf (text, ", im.below%u", i);
  g_string_append_printf (text,
                          "], target: {engine: {count: %" G_GUINT64_FORMAT
                          ", clock: %" G_GUINT64_FORMAT " MHz}, tables: {tcp: %" G_GUINT64_FORMAT
                          "}, push: 50 ticks}, wire: {one_way: %" G_GUINT64_FORMAT " us}}\n",
                          lab_draw_between (draw, 1, 3), lab_draw_between (draw, 133, 800),
                          lab_draw_scale (draw, 1, 1024), lab_draw_scale (draw, 1, 1000));
}

void
lab_random_stack_parts (const RandomStack *stack, GString *text, uint64_t n_plain)
{
  LabDraw draw = lab_draw (stack->number, "random/stack/parts");
  uint64_t tight_at = lab_draw_between (&draw, 0, n_plain);

  g_string_append (text, "stack: [host");
  for (uint64_t i = 0; i <= n_plain; i++) {
    if (stack->is_tight && i == tight_at)
      g_string_append (text, ", im.tight");
    if (i < n_plain)
      g_string_append_printf (text, ", im.im%" G_GUINT64_FORMAT, i);
  }
  if (stack->has_quota)
    g_string_append (text, ", im.quota");
  if (stack->is_unaware)
    g_string_append (text, ", im.unaware");
  if (stack->is_vlan)
    g_string_append (text, ", im.vlan");
  if (stack->n_branches > 0)
    g_string_append (text, ", im.team");
  g_string_append (text, ", target, wire]\n");
  if (stack->n_branches > 0)
    g_string_append (text, "targets:\n");
  for (uint32_t i = 0; i < stack->n_branches; i++)
    append_target (&draw, text, i);
}

static void
append_link_loss (LabDraw *draw, GString *text, uint32_t i, uint64_t at, uint64_t span_us)
{
  g_string_append_printf (text,
                          "  - {id: cut%u, do: link, at: %" G_GUINT64_FORMAT
                          " us, target: targets.b0.wire, to: down}\n"
                          "  - {id: mend%u, do: link, at: %" G_GUINT64_FORMAT
                          " us, target: targets.b0.wire, to: up}\n",
                          i, at, i, at + lab_draw_scale (draw, 1, span_us));
}

/* A target leaves its team and comes back. */
static void
append_leave (const RandomStack *stack, GString *text)
{
  LabDraw draw = lab_draw (stack->number, "random/stack/members");
  uint64_t span_us = lab_random_span_us (stack->number);
  uint64_t at = lab_draw_between (&draw, 1, span_us);
  uint64_t number = lab_draw_between (&draw, 0, stack->n_branches);
  g_autofree char *member = number == stack->n_branches
                                ? g_strdup ("target")
                                : g_strdup_printf ("targets.b%" G_GUINT64_FORMAT, number);

  if (!lab_draw_one_in (&draw, 2))
    return;
  g_string_append_printf (text,
                          "  - {id: leaves, do: team, at: %" G_GUINT64_FORMAT
                          " us, target: im.team, member: %s, to: out}\n"
                          "  - {id: returns, do: team, at: %" G_GUINT64_FORMAT
                          " us, target: im.team, member: %s, to: in}\n",
                          at, member, at + lab_draw_scale (&draw, 1, span_us), member);
}

void
lab_random_stack_events (const RandomStack *stack, GString *text)
{
  LabDraw draw = lab_draw (stack->number, "random/stack/events");
  uint64_t span_us = lab_random_span_us (stack->number);
  uint64_t n = lab_draw_between (&draw, 1, FAIL_OVERS_MAX);

  if (stack->n_branches > 0)
    append_leave (stack, text);
  for (uint32_t i = 0; stack->n_branches > 0 && i < n; i++) {
    uint64_t at = lab_draw_between (&draw, 1, span_us);
    if (lab_draw_one_in (&draw, 4)) {
      append_link_loss (&draw, text, i, at, span_us);
      continue;
    }
    g_string_append_printf (text,
                            "  - {id: over%u, do: fail_over, at: %" G_GUINT64_FORMAT
                            " us, target: im.team",
                            i, at);
    if (lab_draw_one_in (&draw, 3))
      g_string_append (text, ", to: target");
    g_string_append (text, "}\n");
  }
}
