#include "lab/random_timeline.h"

#include <string.h>

#include "lab/random_verbs.h"
#include "lab/draw.h"
#include "sim/assert.h"

#define EVENTS_MAX 40

/* Verbs */

static void
write_batch (RandomEvents *w)
{
  if (lab_draw_one_in (&w->draw, 2))
    g_string_append_printf (w->text,
                            ", batch: {size: %" G_GUINT64_FORMAT ", gap: %" G_GUINT64_FORMAT
                            " ns, tree: %s}",
                            lab_draw_between (&w->draw, 0, 6), lab_draw_scale (&w->draw, 1, 200000),
                            LAB_DRAW_WORD (&w->draw, "by_path", "by_neighbor", "one", "flat"));
}

static void
write_move (RandomEvents *w, const char *verb)
{
  random_event (w, verb);
  g_string_append (w->text, ", target: ");
  random_event_connections (w);
  if (verb[0] == 'o' || verb[0] == 'u')
    write_batch (w);
  g_string_append (w->text, "}\n");
}

static void
write_send (RandomEvents *w)
{
  random_event (w, "send");
  g_string_append (w->text, ", target: ");
  random_event_connections (w);
  g_string_append_printf (w->text, ", bytes: %" G_GUINT64_FORMAT " B}\n",
                          lab_draw_scale (&w->draw, 1, 40000));
}

static void
write_leave (RandomEvents *w, const char *verb)
{
  random_event (w, verb);
  g_string_append (w->text, ", target: ");
  random_event_connections (w);
  g_string_append_printf (w->text, ", by: %s}\n", LAB_DRAW_WORD (&w->draw, "host", "peer"));
}

/* A connection is closed and handed over, by the same, once and again, at instants that the states
 * of closing are short enough for. */
static void
write_closing (RandomEvents *w)
{
  uint64_t group = lab_draw_between (&w->draw, 0, w->groups->n - 1);
  uint64_t last = w->groups->count[group] - 1;
  uint64_t from = lab_draw_between (&w->draw, 0, last);
  uint32_t first = random_event (w, "close");
  bool down = lab_draw_one_in (&w->draw, 2);

  g_string_append_printf (w->text,
                          ", target: g%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT
                          "-%" G_GUINT64_FORMAT ", by: %s}\n",
                          group, from, last, LAB_DRAW_WORD (&w->draw, "host", "peer"));
  for (uint64_t n = lab_draw_between (&w->draw, 1, 4); n > 0; n--, down = !down)
    g_string_append_printf (
        w->text,
        "  - {id: e%u, do: %s, after: {event: e%u, outcome: begun, delay: %" G_GUINT64_FORMAT
        " ns}, target: g%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "}\n",
        w->n_events++, down ? "offload" : "upload", first,
        lab_draw_scale (&w->draw, 1, w->span_us * 200), group, from, last);
  if (lab_draw_one_in (&w->draw, 2))
    g_string_append_printf (
        w->text,
        "  - {id: e%u, do: close, after: {event: e%u, outcome: begun, delay: %" G_GUINT64_FORMAT
        " ns}, target: g%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT
        ", by: %s}\n",
        w->n_events++, first, lab_draw_scale (&w->draw, 1, w->span_us * 200), group, from, last,
        LAB_DRAW_WORD (&w->draw, "host", "peer"));
}

/* A segment of an attacker; what it carries is old, so that no byte comes that the peer will not
 * send. */
static void
write_crafted (RandomEvents *w)
{
  random_event (w, "receive");
  g_string_append (w->text, ", target: ");
  random_event_connection (w);
  const char *flags = LAB_DRAW_WORD (&w->draw, "RST", "RST", "RST, ACK", "SYN", "ACK", "PSH, ACK",
                                     "SYN, ACK", "URG, ACK");
  g_string_append_printf (w->text, ", segment: {flags: [%s], ", flags);
  /* What a SYN brings along belongs to a connection that there may not be yet. */
  bool has_syn = strstr (flags, "SYN") != NULL;
  uint64_t back = lab_draw_scale (&w->draw, 1, 3000);
  if (lab_draw_one_in (&w->draw, 2))
    g_string_append (w->text, "seq: rcv_nxt");
  else if (lab_draw_one_in (&w->draw, 3))
    g_string_append_printf (w->text, "seq: rcv_nxt+%" G_GUINT64_FORMAT,
                            lab_draw_scale (&w->draw, 1, 2000000));
  else
    g_string_append_printf (w->text,
                            "seq: rcv_nxt-%" G_GUINT64_FORMAT ", payload: %" G_GUINT64_FORMAT " B",
                            back, has_syn ? 0 : lab_draw_between (&w->draw, 0, MIN (back, 1400)));
  if (lab_draw_one_in (&w->draw, 6))
    g_string_append (w->text, ", window: 0 B");
  if (lab_draw_one_in (&w->draw, 2))
    g_string_append_printf (w->text, ", ack: snd_nxt%c%" G_GUINT64_FORMAT,
                            lab_draw_one_in (&w->draw, 2) ? '+' : '-',
                            lab_draw_scale (&w->draw, 1, 100000));
  g_string_append (w->text, "}}\n");
}

static void
write_power (RandomEvents *w)
{
  if (w->woken)
    return;
  w->woken = true;
  uint32_t sleep = random_event (w, "set_power");
  g_string_append_printf (w->text, ", target: target, to: %s}\n",
                          LAB_DRAW_WORD (&w->draw, "D1", "D2", "D3"));
  random_event_after (w, "set_power", sleep);
  g_string_append (w->text, ", target: target, to: D0}\n");
}

/* No data: whoever reads along sends bytes that the peer has yet to send. */
static void
write_flood (RandomEvents *w)
{
  random_event (w, "flood");
  g_string_append (w->text, ", target: ");
  random_event_connections (w);
  g_string_append_printf (w->text,
                          ", kind: %s, aim: %s, count: %" G_GUINT64_FORMAT
                          ", every: %" G_GUINT64_FORMAT " ns}\n",
                          LAB_DRAW_WORD (&w->draw, "rst", "syn", "ack", "zero_window", "urgent"),
                          LAB_DRAW_WORD (&w->draw, "blind", "window", "exact"),
                          lab_draw_scale (&w->draw, 1, 100),
                          lab_draw_scale (&w->draw, 100, w->span_us * 20));
}

static void
write_ask (RandomEvents *w)
{
  random_event (w, "ask_upload");
  g_string_append (w->text, ", target: ");
  random_event_connections (w);
  g_string_append_printf (w->text, ", reason: %s}\n",
                          LAB_DRAW_WORD (&w->draw, "LowActivity", "HighDropRate", "SmallIO",
                                         "NoBufferPreposting", "HighFragmentation",
                                         "HighOutOfOrderPackets", "UploadRequested"));
}

/* Whoever wants keepalive is not at rest before that. */
static void
write_end (RandomEvents *w)
{
  for (uint32_t g = 0; g < w->groups->n; g++)
    g_string_append_printf (w->text,
                            "  - {id: e%u, do: abort, at: 100 s, target: \"g%u/*\", by: host}\n",
                            w->n_events++, g);
}

/* Events of features that came later. */
static bool
write_further (RandomEvents *w)
{
  uint64_t what = lab_draw_between (&w->draw, 0, 30);

  if (what == 0 && random_has (w->features, RANDOM_FLOODS))
    write_flood (w);
  else if (what <= 2 && random_has (w->features, RANDOM_ASKED_UPLOADS))
    write_ask (w);
  else if (what == 3 && random_has (w->features, RANDOM_HARDWARE_FAILURES))
    write_move (w, "fail_hardware");
  else
    return false;
  return true;
}

/* One event of a feature that takes part, or a hand-over. */
static void
write_event (RandomEvents *w)
{
  if (write_further (w))
    return;
  uint64_t what = lab_draw_between (&w->draw, 0, 27);

  if (what == 0 && random_has (w->features, RANDOM_CLOSES))
    write_leave (w, "close");
  else if (what == 1 && random_has (w->features, RANDOM_CLOSES))
    write_closing (w);
  else if (what == 2 && random_has (w->features, RANDOM_ABORTS))
    write_leave (w, "abort");
  else if (what <= 4 && random_has (w->features, RANDOM_CRAFTED))
    write_crafted (w);
  else if (what <= 6 && random_has (w->features, RANDOM_QUERIES))
    write_move (w, "query");
  else if (what == 7 && random_has (w->features, RANDOM_INVALIDATES))
    write_move (w, "invalidate");
  else if (what == 8 && random_has (w->features, RANDOM_POWER))
    write_power (w);
  else if (what == 9 && random_has (w->features, RANDOM_LINK))
    random_event_pair (w, "link", ", target: wire, to: down", "link", ", target: wire, to: up");
  else if (what == 10 && random_has (w->features, RANDOM_PAUSES))
    random_event_pair (w, "pause", "", "resume", "");
  else if (what == 11 && random_has (w->features, RANDOM_UPLOAD_ALLS)) {
    random_event_pair (w, "upload_all", "", "resume", "");
  } else if (what <= 14)
    write_send (w);
  else
    write_move (w, what % 2 == 0 ? "offload" : "upload");
}

/* Requests that no receive policy posts, of draws of their own. */
static void
write_posts (RandomEvents *w)
{
  uint64_t n = lab_draw_one_in (&w->draw, 4) ? lab_draw_between (&w->draw, 1, 6) : 0;

  for (uint64_t i = 0; i < n; i++) {
    random_event (w, "post_receive");
    g_string_append (w->text, ", target: ");
    random_event_connections (w);
    g_string_append_printf (w->text, ", bytes: %" G_GUINT64_FORMAT " B}\n",
                            lab_draw_scale (&w->draw, 1, 40000) - 1);
  }
}

/* To the first of several targets under a failover driver. */
static void
write_upheaval_below (RandomEvents *w)
{
  switch (lab_draw_between (&w->draw, 0, 4)) {
  case 0:
  case 1:
    random_event_pair (w, "pause_stack", ", target: target", "restart_stack", ", target: target");
    return;
  case 2:
    random_event (w, "surprise_remove");
    break;
  default:
    random_event (w, "reset");
    break;
  }
  g_string_append (w->text, ", target: target}\n");
}

/* What happens to the machine as a whole: one thing in a run, and undone.  Draws of their own, so
 * that the other events stay as they are. */
static void
write_upheaval (RandomEvents *w)
{
  if (!lab_draw_one_in (&w->draw, 6))
    return;
  if (random_has (w->features, RANDOM_TEAM)) {
    write_upheaval_below (w);
    return;
  }
  switch (lab_draw_between (&w->draw, 0, 5)) {
  case 0:
    random_event_pair (w, "pause_stack", ", target: target", "restart_stack", ", target: target");
    return;
  case 1:
    random_event (w, "reset");
    g_string_append (w->text, ", target: target}\n");
    return;
  case 2:
    if (!w->woken)
      random_event_pair (w, "set_power", ", target: system, to: S3", "set_power",
                         ", target: system, to: S0");
    return;
  case 3:
    if (!w->woken)
      random_event_pair (w, "set_chimney", ", to: off", "set_chimney", ", to: on");
    return;
  case 4:
    random_event (w, "fail_hardware");
    break;
  case 5:
    random_event (w, "ask_upload");
    break;
  default:
    SIM_UNREACHABLE ();
  }
  g_string_append (w->text, ", target: ");
  random_event_connections (w);
  g_string_append (w->text, "}\n");
}

void
lab_random_timeline (GString *text, uint64_t number, const RandomGroups *groups)
{
  RandomEvents w = { .text = text,
                     .draw = lab_draw (number, "random/timeline"),
                     .features = lab_random_features (number),
                     .groups = groups,
                     .span_us = lab_random_span_us (number) };

  uint64_t n_events = lab_draw_between (&w.draw, 2, EVENTS_MAX);
  g_string_append_printf (text,
                          "timeline:\n  - {id: e0, do: offload, at: %" G_GUINT64_FORMAT
                          " us, target: \"g0/*\"}\n",
                          lab_draw_between (&w.draw, 1, w.span_us / 4));
  w.n_events = 1;
  while (w.n_events < n_events)
    write_event (&w);
  w.draw = lab_draw (number, "random/upheaval");
  write_upheaval (&w);
  w.draw = lab_draw (number, "random/posts");
  write_posts (&w);
  w.draw = lab_draw (number, "random/verbs");
  random_write_verbs (&w);
  if (random_has (w.features, RANDOM_KEEPALIVE) && !random_has (w.features, RANDOM_POLICIES))
    write_end (&w);
}
