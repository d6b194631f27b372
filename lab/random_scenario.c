#include "lab/random_scenario.h"

#include <string.h>

#include "lab/random_stack.h"
#include "lab/random_timeline.h"
#include "lab/random_writer.h"
#include "models/trace/trace.h"

uint64_t
lab_random_features (uint64_t number)
{
  LabDraw draw = lab_draw (number, "random/features");
  uint64_t features = 0;

  /* In some runs nearly nothing takes part, in others nearly everything. */
  uint64_t one_in = lab_draw_between (&draw, 1, 6);
  for (RandomFeature feature = 0; feature < RANDOM_N_FEATURES; feature++) {
    bool has = lab_draw_one_in (&draw, one_in + 1);
    features |= (uint64_t)has << feature;
  }
  return features;
}

uint64_t
lab_random_span_us (uint64_t number)
{
  LabDraw draw = lab_draw (number, "random/span");
  return lab_draw_scale (&draw, 200, 2000000);
}

/* Drivers */

#define IMS_MAX 8

static uint64_t
write_ims (RandomWriter *w)
{
  uint64_t n = lab_draw_between (&w->draw, 0, 3);

  if (random_takes (w, RANDOM_DEEP_STACK))
    n = lab_draw_between (&w->draw, 2, IMS_MAX);
  if (n > 0)
    g_string_append (w->text, "im:\n");
  for (uint64_t i = 0; i < n; i++)
    g_string_append_printf (w->text,
                            "  im%" G_GUINT64_FORMAT
                            ": {driver: pass-through, queue_depth: %" G_GUINT64_FORMAT
                            ", call_cost: %" G_GUINT64_FORMAT " cycles, offload_event: %s%s}\n",
                            i, lab_draw_scale (&w->draw, 1, 64),
                            lab_draw_scale (&w->draw, 1, 20000),
                            LAB_DRAW_WORD (&w->draw, "propagate", "propagate", "absorb"),
                            random_takes (w, RANDOM_DEEP_STACK) && lab_draw_one_in (&w->draw, 40)
                                ? ", permits_offload: false"
                                : "");
  return n;
}

/* Connections */

/* What came to a group later, with draws of its own. */
static void
write_via (const RandomWriter *w, RandomGroups *groups, uint32_t index)
{
  g_autofree char *topic = g_strdup_printf ("random/via/%u", index);
  RandomWriter own = random_writer_of (w, topic);

  if (random_takes (w, RANDOM_RELINKS) || random_takes (w, RANDOM_NEXT_HOPS)) {
    uint32_t spare = (uint32_t)lab_draw_between (&own.draw, 0, 3);
    groups->next_hops[index] += spare;
    g_string_append_printf (w->text, ", spare_neighbors: %u", spare);
  }
  if (random_takes (w, RANDOM_MORE_MACS)) {
    random_write_scale (&own, "addresses", 1, 8, "");
    g_string_append_printf (w->text, ", own_macs: %" G_GUINT64_FORMAT,
                            lab_draw_between (&own.draw, 0, 4));
  }
}

static void
write_group (RandomWriter *w, RandomGroups *groups, uint32_t index)
{
  uint32_t count = groups->count[index];
  uint64_t low = !random_takes (w, RANDOM_SMALL_WINDOWS) ? 16384
                 : lab_draw_one_in (&w->draw, 4)         ? 16
                                                         : 600;
  uint64_t window = lab_draw_scale (&w->draw, low, 1048576);
  uint64_t peer_window = lab_draw_scale (&w->draw, low, 1048576);
  uint64_t version = lab_draw_one_in (&w->draw, 3) ? 6 : 4;
  static const unsigned mtus[] = { 576, 1500, 1500, 9000 };
  bool many = random_takes (w, RANDOM_MANY);
  uint64_t paths = lab_draw_between (&w->draw, 1, MIN (count, many ? 30 : 6));
  uint64_t mtu = version == 6 ? 1500 : mtus[lab_draw_between (&w->draw, 0, 3)];

  groups->is_ipv6[index] = version == 6;
  groups->mtu[index] = (uint32_t)mtu;
  groups->next_hops[index] = (uint32_t)lab_draw_between (&w->draw, 1, MIN (paths, many ? 10 : 3));
  g_string_append_printf (w->text,
                          "  g%u: {count: %u, ip: %" G_GUINT64_FORMAT
                          ", via: {neighbors: %u, paths: %" G_GUINT64_FORMAT,
                          index, count, version, groups->next_hops[index], paths);
  write_via (w, groups, index);
  g_string_append_printf (w->text,
                          "}, mtu: %" G_GUINT64_FORMAT " B, mss: %" G_GUINT64_FORMAT
                          " B, receive_window: %" G_GUINT64_FORMAT
                          " B, peer_window: %" G_GUINT64_FORMAT " B",
                          mtu,
                          lab_draw_one_in (&w->draw, 3) ? lab_draw_scale (&w->draw, 64, mtu - 80)
                                                        : mtu - (version == 6 ? 72 : 52),
                          window, peer_window);
  random_write_choice (w, "timestamps");
  random_write_choice (w, "sack");
  if (random_takes (w, RANDOM_EARLY_DETECTION))
    random_write_choice (w, "ecn");
  random_write_choice (w, "nagle");
  if (window > UINT16_MAX || peer_window > UINT16_MAX)
    g_string_append (w->text, ", window_scaling: true");
  else
    random_write_choice (w, "window_scaling");
  if (random_takes (w, RANDOM_WRAPS))
    random_write_choice (w, "sequence_wraps");
  if (lab_draw_one_in (&w->draw, random_takes (w, RANDOM_ADDRESSING) ? 2 : 6))
    random_write_scale (w, "vlan", 1, 4000, "");
  if (random_takes (w, RANDOM_ADDRESSING))
    g_string_append_printf (w->text, ", user_priority: %" G_GUINT64_FORMAT,
                            lab_draw_between (&w->draw, 0, 7));
  g_string_append (w->text, ", ");
  random_write_traffic (w, MIN (window, peer_window), count);
  if (random_takes (w, RANDOM_KEEPALIVE))
    random_write_choice (w, "keepalive");
  g_string_append (w->text, "}\n");
}

static RandomGroups
write_connections (RandomWriter *w)
{
  RandomGroups groups = { .n = (uint32_t)lab_draw_between (&w->draw, 1, RANDOM_GROUPS_MAX) };

  uint32_t n = random_takes (w, RANDOM_MANY) ? 150 : 20;
  g_string_append (w->text, "connections:\n");
  for (uint32_t i = 0; i < groups.n; i++) {
    groups.count[i] = (uint32_t)lab_draw_scale (&w->draw, 1, n / groups.n);
    write_group (w, &groups, i);
  }
  return groups;
}

static void
use (RandomWriter *w, uint64_t number, const char *topic)
{
  w->draw = lab_draw (number, topic);
}

/* Each kind of choice every other time. */
static void
write_freedom (RandomWriter *w)
{
  const char *separator = "";

  if (!random_takes (w, RANDOM_FREEDOM))
    return;
  g_string_append (w->text, "freedom: {sites: [");
  for (ChoiceSite site = 0; site < N_SITES; site++) {
    if (!lab_draw_one_in (&w->draw, 2))
      continue;
    g_string_append_printf (w->text, "%s%s", separator, trace_site_name (site));
    separator = ", ";
  }
  g_string_append (w->text, "]}\n");
}

/* A policy looks at the connections without end. */
static uint64_t
end_ms (const RandomWriter *w)
{
  return random_takes (w, RANDOM_POLICIES) ? w->span_us * 3 / 1000 + 1000 : 200000000;
}

/* A comment, for who reads the file. */
static void
write_features (RandomWriter *w)
{
  static const char *const names[] = {
#define RANDOM_FEATURE(id) #id,
    RANDOM_FEATURES (RANDOM_FEATURE)
#undef RANDOM_FEATURE
  };

  g_string_append (w->text, "# features:");
  for (RandomFeature feature = 0; feature < RANDOM_N_FEATURES; feature++)
    if (random_takes (w, feature))
      g_string_append_printf (w->text, " %s", names[feature]);
  g_string_append_c (w->text, '\n');
}

char *
lab_random_scenario (uint64_t number)
{
  RandomWriter w = { .text = g_string_new (NULL),
                     .number = number,
                     .features = lab_random_features (number),
                     .span_us = lab_random_span_us (number),
                     .requests = lab_draw (number, "random/requests") };

  write_features (&w);
  g_string_append_printf (
      w.text,
      "format: chimsim/1\nname: random\nsummary: Random scenario %" G_GUINT64_FORMAT
      ".\nseed: %" G_GUINT64_FORMAT "\nstop: {at: %" G_GUINT64_FORMAT
      " ms, max_events: 30000000, livelock_events: 2000000}\n",
      number, number & INT64_MAX, end_ms (&w));
  use (&w, number, "random/host");
  random_write_host (&w);
  use (&w, number, "random/im");
  uint64_t n_ims = write_ims (&w);
  RandomStack stack = lab_random_stack (number);
  lab_random_stack_drivers (&stack, w.text, n_ims > 0);
  use (&w, number, "random/target");
  random_write_target (&w);
  use (&w, number, "random/wire");
  random_write_wire (&w);
  lab_random_stack_parts (&stack, w.text, n_ims);
  use (&w, number, "random/freedom");
  write_freedom (&w);
  use (&w, number, "random/connections");
  RandomGroups groups = write_connections (&w);
  groups.n_cpus = random_cpus (number);
  lab_random_timeline (w.text, number, &groups);
  lab_random_stack_events (&stack, w.text);
  return g_string_free (w.text, FALSE);
}
