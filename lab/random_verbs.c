/* The verbs of a random timeline that change what is offloaded, and the machine below it. */
#include "lab/random_verbs.h"

#include "sim/assert.h"

#define EVENTS_MAX 16

typedef void (*WriteVerb) (RandomEvents *w);

/* State that is changed */

static void
write_update (RandomEvents *w)
{
  static const char *const commands[] = { "update_rcv_wnd", "keep_alive_restart",
                                          "max_rt_restart" };
  const char *of = LAB_DRAW_WORD (&w->draw, "neighbors", "paths", "connections", "connections");

  random_event (w, "update");
  g_string_append (w->text, ", target: ");
  random_event_connections (w);
  g_string_append_printf (w->text, ", of: %s", of);
  if (of[0] == 'c') {
    const char *separator = "";
    g_string_append (w->text, ", commands: [");
    for (size_t i = 0; i < G_N_ELEMENTS (commands); i++) {
      if (!lab_draw_one_in (&w->draw, 3))
        continue;
      g_string_append_printf (w->text, "%s%s", separator, commands[i]);
      separator = ", ";
    }
    g_string_append_c (w->text, ']');
  }
  g_string_append (w->text, "}\n");
}

static void
append_number (RandomEvents *w, const char *key, uint64_t low, uint64_t high, const char *unit)
{
  if (lab_draw_one_in (&w->draw, 4))
    g_string_append_printf (w->text, ", %s: %" G_GUINT64_FORMAT "%s", key,
                            lab_draw_scale (&w->draw, low, high), unit);
}

/* Keepalive is switched on only where the run ends for those who probe. */
static void
write_option (RandomEvents *w)
{
  random_event (w, "set_option");
  g_string_append (w->text, ", target: ");
  random_event_connections (w);
  g_string_append_printf (w->text, ", ttl: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 1, 255));
  append_number (w, "receive_window", 1000, 262144, " B");
  append_number (w, "indication", 32, 4096, " B");
  append_number (w, "tos", 1, 252, "");
  append_number (w, "user_priority", 1, 7, "");
  append_number (w, "flow_label", 1, 0xfffff, "");
  append_number (w, "MaxRT", 100, 100000, " ticks");
  append_number (w, "KaTimeout", 1000, 60000, " ticks");
  append_number (w, "KaInterval", 500, 5000, " ticks");
  append_number (w, "KaProbeCount", 1, 10, "");
  if (lab_draw_one_in (&w->draw, 3))
    g_string_append_printf (w->text, ", nagle: %s", LAB_DRAW_WORD (&w->draw, "true", "false"));
  if (random_has (w->features, RANDOM_KEEPALIVE))
    g_string_append_printf (w->text, ", keepalive: %s", LAB_DRAW_WORD (&w->draw, "true", "false"));
  g_string_append (w->text, "}\n");
}

/* The way to the peers */

static void
write_next_hop (RandomEvents *w)
{
  bool goes = lab_draw_one_in (&w->draw, 3);
  uint32_t first = random_event (w, "arp");
  GString *whole = w->text;
  g_autoptr (GString) connections = g_string_new (NULL);

  w->text = connections;
  random_event_connections (w);
  w->text = whole;
  if (!goes) {
    g_string_append_printf (w->text, ", target: %s, to: moved, announce: %s}\n", connections->str,
                            LAB_DRAW_WORD (&w->draw, "true", "false"));
    return;
  }
  g_string_append_printf (w->text, ", target: %s, to: gone}\n", connections->str);
  random_event_after (w, "arp", first);
  g_string_append_printf (w->text, ", target: %s, to: back}\n", connections->str);
}

static void
write_relink (RandomEvents *w)
{
  bool redirects = lab_draw_one_in (&w->draw, 2);

  random_event (w, redirects ? "redirect" : "relink");
  g_string_append (w->text, ", target: ");
  uint32_t group = random_event_connections (w);
  g_string_append_printf (w->text, ", neighbor: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 0, w->groups->next_hops[group] - 1));
  if (!redirects)
    g_string_append_printf (w->text, ", failed: %s", LAB_DRAW_WORD (&w->draw, "true", "false"));
  g_string_append (w->text, "}\n");
}

static void
write_path_mtu (RandomEvents *w)
{
  random_event (w, "path_mtu");
  g_string_append (w->text, ", target: ");
  uint32_t group = random_event_connections (w);
  uint64_t low = w->groups->is_ipv6[group] ? 1280 : 256;
  g_string_append_printf (w->text, ", mtu: %" G_GUINT64_FORMAT " B}\n",
                          lab_draw_between (&w->draw, low, w->groups->mtu[group]));
}

/* The machine */

static void
write_cpus (RandomEvents *w)
{
  uint64_t n = lab_draw_between (&w->draw, 1, 4);

  g_string_append (w->text, ", cpus: [");
  for (uint64_t i = 0; i < n; i++)
    g_string_append_printf (w->text, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "",
                            lab_draw_between (&w->draw, 0, w->groups->n_cpus - 1));
  g_string_append (w->text, "]}\n");
}

/* Several changes at short distances: what is on its way to one processor meets the next. */
static void
write_rss_table (RandomEvents *w)
{
  uint32_t first = random_event (w, "rss_table");

  write_cpus (w);
  for (uint64_t n = lab_draw_between (&w->draw, 0, 5); n > 0; n--) {
    g_string_append_printf (
        w->text,
        "  - {id: e%u, do: rss_table, after: {event: e%u, delay: %" G_GUINT64_FORMAT " ns}",
        w->n_events++, first, lab_draw_scale (&w->draw, 1000, w->span_us * 500));
    write_cpus (w);
  }
}

static bool
has_team (const RandomEvents *w)
{
  return random_has (w->features, RANDOM_TEAM) && !random_has (w->features, RANDOM_DEEP_STACK);
}

/* The first target, or one that a failover driver may be using. */
static const char *
draw_target (RandomEvents *w)
{
  if (!has_team (w))
    return "target";
  return LAB_DRAW_WORD (&w->draw, "target", "targets.b0");
}

static void
write_statistics (RandomEvents *w)
{
  random_event (w, "statistics");
  g_string_append_printf (w->text, ", target: %s, reset: %s}\n", draw_target (w),
                          LAB_DRAW_WORD (&w->draw, "false", "false", "true"));
}

/* What targets say of themselves. */
static void
write_word (RandomEvents *w)
{
  const char *target = draw_target (w);
  g_autofree char *rest = g_strdup_printf (", target: %s", target);

  random_event_pair (w, LAB_DRAW_WORD (&w->draw, "pause", "upload_all"), rest, "resume", rest);
}

/* These are of a stack with one target. */
static void
write_reset (RandomEvents *w)
{
  if (has_team (w)) {
    write_word (w);
  } else if (lab_draw_one_in (&w->draw, 2)) {
    random_event_pair (w, "pause_stack", ", target: target", "restart_stack", ", target: target");
  } else {
    random_event (w, "reset");
    g_string_append (w->text, ", target: target}\n");
  }
}

/* Sleep, once or several times one after the other. */
static void
write_sleeps (RandomEvents *w)
{
  uint64_t n = lab_draw_between (&w->draw, 1, 3);
  bool is_system = lab_draw_one_in (&w->draw, 2);
  const char *part = is_system ? "system" : draw_target (w);

  if (w->woken)
    return;
  w->woken = true;
  for (uint32_t last = 0, i = 0; i < n; i++) {
    const char *to = is_system ? LAB_DRAW_WORD (&w->draw, "S1", "S3", "S3")
                               : LAB_DRAW_WORD (&w->draw, "D1", "D2", "D3");
    last = i == 0 ? random_event (w, "set_power") : random_event_after (w, "set_power", last);
    g_string_append_printf (w->text, ", target: %s, to: %s}\n", part, to);
    last = random_event_after (w, "set_power", last);
    g_string_append_printf (w->text, ", target: %s, to: %s}\n", part, is_system ? "S0" : "D0");
  }
}

/* Verbs with their features; those that are there once in a run are last. */
static const struct {
  RandomFeature feature;
  WriteVerb write;
} verbs[] = {
  { RANDOM_UPDATES, write_update },     { RANDOM_OPTIONS, write_option },
  { RANDOM_NEXT_HOPS, write_next_hop }, { RANDOM_RELINKS, write_relink },
  { RANDOM_PATH_MTUS, write_path_mtu }, { RANDOM_RSS_TABLES, write_rss_table },
  { RANDOM_OIDS, write_statistics },    { RANDOM_RESETS, write_reset },
  { RANDOM_RESETS, write_word },
};

static void
write_verbs (RandomEvents *w)
{
  GArray *taken = g_array_new (FALSE, FALSE, sizeof (WriteVerb));

  for (size_t i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (random_has (w->features, verbs[i].feature))
      g_array_append_val (taken, verbs[i].write);
  uint64_t n = taken->len > 0 ? lab_draw_between (&w->draw, 1, EVENTS_MAX) : 0;
  for (uint64_t i = 0; i < n; i++)
    g_array_index (taken, WriteVerb, lab_draw_between (&w->draw, 0, taken->len - 1)) (w);
  g_array_free (taken, TRUE);
}

void
random_write_verbs (RandomEvents *w)
{
  write_verbs (w);
  if (random_has (w->features, RANDOM_SLEEPS))
    write_sleeps (w);
  if (!random_has (w->features, RANDOM_REMOVALS) || has_team (w))
    return;
  random_event (w, "surprise_remove");
  g_string_append (w->text, ", target: target}\n");
}
