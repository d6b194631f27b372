#include <string.h>

#include "lab/random_writer.h"

/* What a window lets through in a run's time. */
static uint64_t
draw_bytes (RandomWriter *w, uint64_t window_bytes)
{
  uint64_t most = random_takes (w, RANDOM_MANY) ? 40000 : 400000;

  return lab_draw_scale (&w->draw, 1, CLAMP (window_bytes * 40, 1000, most));
}

/* Requests and responses, by whatever clock. */
static void
write_rounds (RandomWriter *w, uint64_t window_bytes)
{
  g_string_append_printf (w->text, ", asks: %s", LAB_DRAW_WORD (&w->draw, "host", "peer"));
  g_string_append_printf (w->text, ", request: %" G_GUINT64_FORMAT " B",
                          draw_bytes (w, window_bytes / 20));
  g_string_append_printf (w->text, ", response: {uniform: [1 B, %" G_GUINT64_FORMAT " B]}",
                          draw_bytes (w, window_bytes / 20));
  random_write_scale (w, "requests", 1, 60, "");
  if (lab_draw_one_in (&w->draw, 2))
    random_write_scale (w, "service", 1, w->span_us / 10, "us");
}

/* When connections are opened, and who opens and closes them. */
static void
write_opening (RandomWriter *w, uint32_t count)
{
  if (lab_draw_one_in (&w->draw, 2))
    random_write_exponential (w, "every", MAX (w->span_us / count, 1));
  else
    g_string_append_printf (w->text, ", concurrent: %" G_GUINT64_FORMAT,
                            lab_draw_between (&w->draw, 1, count));
  g_string_append_printf (w->text, ", opens: %s", LAB_DRAW_WORD (&w->draw, "host", "peer"));
  g_string_append_printf (w->text, ", closes: %s", LAB_DRAW_WORD (&w->draw, "host", "peer"));
}

static void
write_flows (RandomWriter *w, uint64_t window_bytes, uint32_t count)
{
  bool connects = lab_draw_one_in (&w->draw, 2);
  uint64_t n = connects ? count : lab_draw_between (&w->draw, 1, 3 * (uint64_t)count);

  g_string_append_printf (w->text, ", connect: %s, flows: [", connects ? "true" : "false");
  for (uint64_t i = 0, start_us = 0; i < n; i++) {
    start_us += lab_draw_between (&w->draw, 0, 2 * w->span_us / n);
    g_string_append_printf (w->text, "%s[%" G_GUINT64_FORMAT " us, %" G_GUINT64_FORMAT " B, %s]",
                            i > 0 ? ", " : "", start_us, draw_bytes (w, window_bytes / 4),
                            LAB_DRAW_WORD (&w->draw, "send", "receive"));
  }
  g_string_append_c (w->text, ']');
}

/* What a pattern takes that goes with others: ", key: value". */
static void
write_member (RandomWriter *w, const char *pattern, uint64_t window_bytes)
{
  if (strcmp (pattern, "request_response") == 0) {
    write_rounds (w, window_bytes);
    random_write_exponential (w, "think", w->span_us / 5);
  } else if (strcmp (pattern, "open_loop") == 0) {
    write_rounds (w, window_bytes);
    random_write_exponential (w, "every", w->span_us / 5);
  } else if (strcmp (pattern, "none") != 0) {
    bool is_small = random_takes (w, RANDOM_SMALL_WRITES);
    uint64_t bytes = draw_bytes (w, window_bytes);
    uint64_t chunk = lab_draw_scale (&w->draw, is_small ? 1 : 100, is_small ? 600 : 65536);
    g_string_append_printf (w->text,
                            ", bytes: %" G_GUINT64_FORMAT " B, chunk: %" G_GUINT64_FORMAT " B",
                            MIN (bytes, 1000 * chunk), chunk);
  }
}

static bool
mixes (RandomWriter *w, uint64_t window_bytes)
{
  RandomWriter own = random_writer_of (w, "random/mix");

  if (!random_takes (w, RANDOM_MIXES) || lab_draw_one_in (&own.draw, 2))
    return false;
  uint64_t n = lab_draw_between (&own.draw, 2, 4);
  g_string_append (w->text, "traffic: {pattern: mix, of: {");
  for (uint64_t i = 0; i < n; i++) {
    const char *pattern = LAB_DRAW_WORD (&own.draw, "none", "request_response", "open_loop", "send",
                                         "receive", "both");
    g_string_append_printf (w->text,
                            "%sm%" G_GUINT64_FORMAT ": {weight: %" G_GUINT64_FORMAT ", pattern: %s",
                            i > 0 ? ", " : "", i, lab_draw_scale (&own.draw, 1, 10), pattern);
    write_member (&own, pattern, window_bytes);
    g_string_append_c (w->text, '}');
  }
  g_string_append (w->text, "}}");
  return true;
}

void
random_write_traffic (RandomWriter *w, uint64_t window_bytes, uint32_t count)
{
  if (mixes (w, window_bytes))
    return;
  const char *pattern =
      LAB_DRAW_WORD (&w->draw, "request_response", "request_response", "open_loop", "send",
                     "receive", "both", "none", "short_flows", "replay");

  /* Whoever opens connections anew has no end at which their keepalive is over. */
  if (random_takes (w, RANDOM_KEEPALIVE)
      && (strcmp (pattern, "short_flows") == 0 || strcmp (pattern, "replay") == 0))
    pattern = "send";
  g_string_append_printf (w->text, "traffic: {pattern: %s", pattern);
  if (strcmp (pattern, "short_flows") == 0) {
    write_rounds (w, window_bytes);
    write_opening (w, count);
  } else if (strcmp (pattern, "replay") == 0) {
    write_flows (w, window_bytes, count);
  } else {
    write_member (w, pattern, window_bytes);
  }
  g_string_append (w->text, "}");
}
