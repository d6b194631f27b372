#include "lab/random_writer.h"

void
random_write_scale (RandomWriter *w, const char *key, uint64_t low, uint64_t high, const char *unit)
{
  g_string_append_printf (w->text, ", %s: %" G_GUINT64_FORMAT "%s%s", key,
                          lab_draw_scale (&w->draw, low, high), unit[0] != '\0' ? " " : "", unit);
}

bool
random_write_choice (RandomWriter *w, const char *key)
{
  const char *word = LAB_DRAW_WORD (&w->draw, "true", "false");

  g_string_append_printf (w->text, ", %s: %s", key, word);
  return strcmp (word, "true") == 0;
}

void
random_write_exponential (RandomWriter *w, const char *key, uint64_t mean_us_max)
{
  g_string_append_printf (w->text, ", %s: {exponential: %" G_GUINT64_FORMAT " us}", key,
                          lab_draw_scale (&w->draw, 1, mean_us_max));
}

RandomWriter
random_writer_of (const RandomWriter *w, const char *topic)
{
  RandomWriter own = *w;

  own.draw = lab_draw (w->number, topic);
  return own;
}

/* In one of eight runs with the feature: most runs are to offload. */
RandomBlocker
random_blocker (uint64_t number)
{
  LabDraw draw = lab_draw (number, "random/blocker");

  if (!random_has (lab_random_features (number), RANDOM_BLOCKED) || !lab_draw_one_in (&draw, 8))
    return RANDOM_BLOCKED_BY_NOBODY;
  return (RandomBlocker)lab_draw_between (&draw, RANDOM_BLOCKED_BY_HOST, RANDOM_BLOCKED_BY_NIC);
}

/* Each side has a TCP with a clock of its own; the names of its parts differ where it tells another
 * side. */
void
random_write_tcp (RandomWriter *w)
{
  static const unsigned rates[] = { 10, 100, 1000 };
  unsigned ticks =
      random_takes (w, RANDOM_SLOW_TICKS) ? rates[lab_draw_between (&w->draw, 0, 2)] : 1000;

  g_string_append_printf (w->text, "tcp: {ticks_per_second: %u", ticks);
  random_write_scale (w, "ack_frequency", 1, 8, "");
  random_write_scale (w, "delayed_ack", 1, MAX (ticks / 5, 2), "ticks");
  random_write_scale (w, "sws_prevention", 1, ticks, "ticks");
  random_write_scale (w, "rto_min", MAX (ticks / 100, 1), MAX (ticks / 3, 2), "ticks");
  random_write_scale (w, "rto_initial", MAX (ticks / 3, 2), 3 * ticks, "ticks");
  random_write_scale (w, "time_wait", 1, 2 * ticks, "ticks");
  random_write_scale (w, "fin_wait_2", ticks, 100 * ticks, "ticks");
  g_string_append_printf (w->text, ", rto_max: %u ticks", 60 * ticks);
  random_write_scale (w, "duplicate_ack_threshold", 2, 4, "");
  random_write_scale (w, "initial_window", 1, 10, "");
  random_write_choice (w, "limited_transmit");
  random_write_choice (w, "sack");
  random_write_choice (w, "ecn");
  g_string_append_printf (w->text, ", congestion: %s",
                          LAB_DRAW_WORD (&w->draw, "newreno", "newreno", "cubic"));
  uint64_t offset = lab_draw_between (&w->draw, 0, UINT32_MAX);
  if (random_takes (w, RANDOM_KEEPALIVE)) {
    random_write_scale (w, "keepalive_timeout", 1000, 60000, "ticks");
    random_write_scale (w, "keepalive_interval", 500, 5000, "ticks");
    random_write_scale (w, "keepalive_probes", 1, 10, "");
  }
  if (random_takes (w, RANDOM_WRAPS))
    offset = UINT32_MAX - offset % ((uint64_t)ticks * w->span_us / 1000000 + 1);
  g_string_append_printf (w->text, ", timestamp_offset: %" G_GUINT64_FORMAT " ticks", offset);
}
