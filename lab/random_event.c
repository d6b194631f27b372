#include "lab/random_event.h"

/* The crossings between which races live. */
static const char *const windows[] = {
  "NdisInitiateOffload, MiniportInitiateOffload",
  "NdisInitiateOffload, NdisMInitiateOffloadComplete",
  "NdisTerminateOffload, NdisMTerminateOffloadComplete",
  "MiniportInitiateOffload, NdisMInitiateOffloadComplete",
  "NdisMInitiateOffloadComplete, ProtocolInitiateOffloadComplete",
  "NdisTerminateOffload, MiniportTerminateOffload",
  "MiniportTerminateOffload, NdisMTerminateOffloadComplete",
  "NdisMTerminateOffloadComplete, ProtocolTerminateOffloadComplete",
  "MiniportTcpOffloadDisconnect, NdisTcpOffloadDisconnectComplete",
  "MiniportQueryOffload, NdisMQueryOffloadStateComplete",
};

uint32_t
random_event_connection (RandomEvents *w)
{
  uint32_t group = (uint32_t)lab_draw_between (&w->draw, 0, w->groups->n - 1);

  g_string_append_printf (w->text, "g%u/%" G_GUINT64_FORMAT, group,
                          lab_draw_between (&w->draw, 0, w->groups->count[group] - 1));
  return group;
}

uint32_t
random_event_connections (RandomEvents *w)
{
  uint32_t group = (uint32_t)lab_draw_between (&w->draw, 0, w->groups->n - 1);
  uint64_t last = w->groups->count[group] - 1;

  if (lab_draw_one_in (&w->draw, 4)) {
    g_string_append_printf (w->text, "\"g%u/*\"", group);
    return group;
  }
  uint64_t from = lab_draw_between (&w->draw, 0, last);
  uint64_t to = lab_draw_between (&w->draw, from, last);
  g_string_append_printf (w->text, "g%u/%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, group, from, to);
  return group;
}

static void
write_anchor (RandomEvents *w)
{
  if (w->n_events > 0 && lab_draw_one_in (&w->draw, 3)) {
    g_string_append_printf (w->text,
                            "after: {event: e%" G_GUINT64_FORMAT
                            ", outcome: %s, delay: %" G_GUINT64_FORMAT " ns}",
                            lab_draw_between (&w->draw, 0, w->n_events - 1),
                            LAB_DRAW_WORD (&w->draw, "begun", "ended"),
                            lab_draw_scale (&w->draw, 1, w->span_us * 100));
  } else if (random_has (w->features, RANDOM_WINDOW_ANCHORS) && lab_draw_one_in (&w->draw, 3)) {
    g_string_append_printf (w->text, "when: {between: [%s], for: ",
                            lab_draw_word (&w->draw, windows, G_N_ELEMENTS (windows)));
    random_event_connection (w);
    g_string_append_printf (w->text, ", offset: %" G_GUINT64_FORMAT " ns}",
                            lab_draw_scale (&w->draw, 1, 20000));
  } else {
    g_string_append_printf (w->text, "at: %" G_GUINT64_FORMAT " ns",
                            lab_draw_between (&w->draw, 1, w->span_us * 1000));
  }
}

uint32_t
random_event (RandomEvents *w, const char *verb)
{
  g_string_append_printf (w->text, "  - {id: e%u, do: %s, ", w->n_events, verb);
  write_anchor (w);
  return w->n_events++;
}

uint32_t
random_event_after (RandomEvents *w, const char *verb, uint32_t of)
{
  g_string_append_printf (w->text,
                          "  - {id: e%u, do: %s, after: {event: e%u, outcome: ended, delay: "
                          "%" G_GUINT64_FORMAT " us}",
                          w->n_events, verb, of, lab_draw_scale (&w->draw, 1, w->span_us));
  return w->n_events++;
}

void
random_event_pair (RandomEvents *w, const char *verb, const char *rest, const char *then,
                   const char *then_rest)
{
  uint32_t first = random_event (w, verb);
  g_string_append_printf (w->text, "%s}\n", rest);
  random_event_after (w, then, first);
  g_string_append_printf (w->text, "%s}\n", then_rest);
}
