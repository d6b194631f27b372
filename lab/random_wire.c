#include "lab/random_writer.h"

/* `, key: {chance: 1/n}` if the feature takes part. */
static void
write_chance (RandomWriter *w, RandomFeature feature, const char *key)
{
  if (random_takes (w, feature) && !lab_draw_one_in (&w->draw, 3))
    g_string_append_printf (w->text, "%s: {chance: 1/%" G_GUINT64_FORMAT "}, ", key,
                            lab_draw_scale (&w->draw, 5, 500));
}

static void
write_way (RandomWriter *w, const char *way)
{
  GString *text = w->text;

  g_string_append_printf (text, "%s: {", way);
  write_chance (w, RANDOM_CORRUPTION, "corrupt");
  write_chance (w, RANDOM_DUPLICATION, "duplicate");
  if (random_takes (w, RANDOM_REORDERING))
    g_string_append_printf (text,
                            "reorder: {chance: 1/%" G_GUINT64_FORMAT ", by: %" G_GUINT64_FORMAT
                            " us}, ",
                            lab_draw_scale (&w->draw, 3, 300),
                            lab_draw_scale (&w->draw, 1, MAX (w->span_us / 10, 100)));
  if (random_takes (w, RANDOM_BURSTS) && lab_draw_one_in (&w->draw, 2))
    g_string_append_printf (text,
                            "gilbert_elliott: {good_to_bad: 1/%" G_GUINT64_FORMAT
                            ", bad_to_good: 1/%" G_GUINT64_FORMAT "}, ",
                            lab_draw_scale (&w->draw, 50, 1000), lab_draw_between (&w->draw, 2, 8));
  if (random_takes (w, RANDOM_JITTER))
    g_string_append_printf (text,
                            "jitter: {exponential: %" G_GUINT64_FORMAT
                            " us}, jitter_overtakes: %s, ",
                            lab_draw_scale (&w->draw, 1, MAX (w->span_us / 20, 50)),
                            LAB_DRAW_WORD (&w->draw, "true", "false"));
  if (random_takes (w, RANDOM_EARLY_DETECTION))
    g_string_append_printf (text,
                            "red: {min: %" G_GUINT64_FORMAT
                            " B, max: 100 KiB, chance: 1/%" G_GUINT64_FORMAT
                            ", weight: 1/%" G_GUINT64_FORMAT "}, ",
                            lab_draw_scale (&w->draw, 3000, 50000),
                            lab_draw_between (&w->draw, 2, 50), lab_draw_scale (&w->draw, 2, 500));
  g_string_append (text, "counts: frames}");
}

void
random_write_wire (RandomWriter *w)
{
  g_string_append_printf (w->text, "wire: {rate: %s",
                          LAB_DRAW_WORD (&w->draw, "10 Mbit/s", "100 Mbit/s", "1 Gbit/s",
                                         "10 Gbit/s"));
  random_write_scale (w, "one_way", 1, CLAMP (w->span_us / 10, 100, 50000), "us");
  random_write_scale (w, "queue", random_takes (w, RANDOM_SHORT_QUEUE) ? 3000 : 131072, 262144,
                      "B");
  if (random_takes (w, RANDOM_LOSS))
    g_string_append_printf (w->text, ", loss: 1/%" G_GUINT64_FORMAT,
                            lab_draw_scale (&w->draw, 10, 2000));
  g_string_append (w->text, ", impair: {");
  write_way (w, "to_peer");
  g_string_append (w->text, ", ");
  write_way (w, "from_peer");
  g_string_append (w->text, "}}\npeers:\n  ");
  random_write_tcp (w);
  g_string_append (w->text, "}\n");
}
