#include "lab/random_writer.h"

#define CPUS_MAX 4

/* What the host tells the target about TCP. */
static void
write_parameters (RandomWriter *w)
{
  static const unsigned rates[] = { 10, 100, 1000 };
  unsigned ticks =
      random_takes (w, RANDOM_SLOW_TICKS) ? rates[lab_draw_between (&w->draw, 0, 2)] : 1000;

  g_string_append_printf (w->text, "  parameters: {TicksPerSecond: %u", ticks);
  random_write_scale (w, "TcpAckFrequency", 1, 8, "");
  random_write_scale (w, "TcpDelayedAckTicks", 1, MAX (ticks / 5, 2), "ticks");
  random_write_scale (w, "TcpSwsPreventionTicks", 1, ticks, "ticks");
  random_write_scale (w, "TcpPushTicks", 1, ticks, "ticks");
  random_write_scale (w, "TcpMaximumRetransmissions", 4, 12, "");
  random_write_scale (w, "TcpDuplicateAckThreshold", 2, 4, "");
  g_string_append_printf (w->text, ", NceStaleTicks: %" G_GUINT64_FORMAT " ticks}\n",
                          lab_draw_one_in (&w->draw, 2) ? 0 : lab_draw_scale (&w->draw, 1, 30000));
}

static void
write_receive (RandomWriter *w)
{
  bool indicates = random_takes (w, RANDOM_INDICATIONS);

  g_string_append_printf (w->text, "  receive: {style: %s",
                          indicates ? "indicate_and_post" : "pre_post");
  random_write_scale (w, "posted_requests", 1, 8, "");
  random_write_scale (w, "request", lab_draw_one_in (&w->draw, 4) ? 64 : 512, 65536, "B");
  bool push = random_write_choice (w, "push");
  if (indicates) {
    random_write_choice (w, "accept_indications");
    if (lab_draw_one_in (&w->draw, 2))
      random_write_scale (w, "accept", 1, 8192, "B");
    if (lab_draw_one_in (&w->draw, 2))
      random_write_scale (w, "return_delay", 1, 500000, "ns");
    if (lab_draw_one_in (&w->draw, 2))
      random_write_scale (w, "RcvIndicationSize", 32, 4096, "B");
  }
  if (lab_draw_one_in (&w->requests, 4) && !push)
    g_string_append (w->text, ", prefilled: true");
  if (lab_draw_one_in (&w->requests, 4) && indicates)
    g_string_append (w->text, ", zero_length: true");
  g_string_append (w->text, "}\n");
}

/* Probes that are answered go on for ever: whoever wants them is aborted in the end. */
static void
write_keepalive (RandomWriter *w)
{
  g_string_append_printf (w->text,
                          "  keepalive: {enabled: true, KaTimeout: %" G_GUINT64_FORMAT " ticks",
                          lab_draw_scale (&w->draw, 1000, 60000));
  random_write_scale (w, "KaInterval", 500, 5000, "ticks");
  random_write_scale (w, "KaProbeCount", 1, 10, "");
  if (lab_draw_one_in (&w->draw, 2))
    random_write_scale (w, "MaxRT", 100, 100000, "ticks");
  g_string_append (w->text, "}\n");
}

/* As random_write_host draws it. */
uint32_t
random_cpus (uint64_t number)
{
  LabDraw draw = lab_draw (number, "random/host");
  return (uint32_t)lab_draw_between (&draw, 1, CPUS_MAX);
}

/* Next hops age, fast or slowly, or never. */
static void
write_neighbors (const RandomWriter *w)
{
  RandomWriter own = random_writer_of (w, "random/neighbors");

  if (!random_takes (w, RANDOM_AGING)) {
    if (random_takes (w, RANDOM_KEEPALIVE))
      g_string_append (w->text, "  neighbors: {reachable_time: 0 ps}\n");
    return;
  }
  g_string_append_printf (w->text, "  neighbors: {reachable_time: %" G_GUINT64_FORMAT " us",
                          lab_draw_scale (&own.draw, 1000, 30000000));
  random_write_scale (&own, "delay_first_probe", 1000, 5000000, "us");
  random_write_scale (&own, "retransmit", 1000, 1000000, "us");
  random_write_scale (&own, "unicast_probes", 1, 6, "");
  random_write_scale (&own, "multicast_probes", 1, 6, "");
  g_string_append (w->text, "}\n");
}

/* What the host offloads of its own accord, instead of each connection once. */
static void
write_policy (const RandomWriter *w)
{
  RandomWriter own = random_writer_of (w, "random/policy");

  g_string_append_printf (w->text, ", policy: %s",
                          LAB_DRAW_WORD (&own.draw, "all_at_once", "by_bytes", "by_activity"));
  random_write_scale (&own, "interval", 1000, 50000, "us");
  random_write_scale (&own, "after_bytes", 1, 100000, "B");
  random_write_scale (&own, "active_bytes", 1, 10000, "B");
  g_string_append_printf (w->text, ", evict: %s", LAB_DRAW_WORD (&own.draw, "none", "lru"));
  if (lab_draw_one_in (&own.draw, 2))
    random_write_scale (&own, "idle_upload", 100, 500000, "us");
  random_write_scale (&own, "back_off", 100, 50000, "us");
}

/* Some of the host's work takes long. */
static void
write_costs (const RandomWriter *w)
{
  static const char *const costs[] = { "chimney_indicate", "chimney_event",
                                       "chimney_receive",  "offload_build",
                                       "offload_export",   "offload_import",
                                       "offload_complete", "oid",
                                       "app_wake" };
  RandomWriter own = random_writer_of (w, "random/costs");

  if (!random_takes (w, RANDOM_SLOW_HOST))
    return;
  g_string_append (w->text, "  costs: {");
  for (size_t i = 0, n = 0; i < G_N_ELEMENTS (costs); i++)
    if (i + 1 == G_N_ELEMENTS (costs) || lab_draw_one_in (&own.draw, 3))
      g_string_append_printf (w->text, "%s%s: %" G_GUINT64_FORMAT " cycles", n++ > 0 ? ", " : "",
                              costs[i], lab_draw_scale (&own.draw, 100, 200000));
  g_string_append (w->text, "}\n");
}

void
random_write_host (RandomWriter *w)
{
  GString *text = w->text;

  g_string_append_printf (text, "host:\n  processors: {count: %" G_GUINT64_FORMAT "}\n",
                          lab_draw_between (&w->draw, 1, CPUS_MAX));
  if (random_takes (w, RANDOM_STATELESS)) {
    g_string_append_printf (text, "  stateless: {large_send: %s",
                            lab_draw_one_in (&w->draw, 2) ? "64 KiB" : "0 B");
    g_string_append_printf (text, ", coalesce: %" G_GUINT64_FORMAT "}\n",
                            lab_draw_between (&w->draw, 0, 16));
  }
  g_string_append (text, "  ");
  random_write_tcp (w);
  random_write_scale (w, "retransmissions_max", 4, 12, "");
  g_string_append (text, "}\n");
  write_parameters (w);
  g_string_append_printf (text,
                          "  offload: {max_outstanding_initiates: %" G_GUINT64_FORMAT
                          ", max_outstanding_terminates: %" G_GUINT64_FORMAT
                          ", optional_reasons: %s",
                          lab_draw_between (&w->draw, 0, 4), lab_draw_between (&w->draw, 0, 4),
                          LAB_DRAW_WORD (&w->draw, "upload", "ignore"));
  random_write_choice (w, "offload_again");
  if (random_takes (w, RANDOM_RETRIES)) {
    random_write_scale (w, "retries_max", 1, 4, "");
    random_write_scale (w, "retry_delay", 1, 5000, "us");
  }
  if (random_takes (w, RANDOM_POLICIES)) {
    write_policy (w);
  } else if (lab_draw_one_in (&w->draw, 4)) {
    g_string_append (text, ", policy: each_once");
    random_write_scale (w, "after_bytes", 1, 100000, "B");
  }
  g_string_append_printf (text, ", batch: {size: %" G_GUINT64_FORMAT ", tree: %s}}\n",
                          lab_draw_between (&w->draw, 0, 8),
                          LAB_DRAW_WORD (&w->draw, "by_path", "by_neighbor", "one", "flat"));
  write_receive (w);
  write_neighbors (w);
  write_costs (w);
  if (random_blocker (w->number) == RANDOM_BLOCKED_BY_HOST)
    g_string_append (text, "  chimney: false\n");
  if (random_takes (w, RANDOM_OIDS))
    g_string_append (text, "  parameters_oid: OID_TCP_TASK_OFFLOAD\n");
  g_string_append_printf (text, "  send: {backlog: %" G_GUINT64_FORMAT " B",
                          lab_draw_scale (&w->draw, 1000, 262144));
  if (lab_draw_one_in (&w->requests, 4))
    g_string_append (text, ", with_disconnect: true");
  g_string_append (text, "}\n");
  if (random_takes (w, RANDOM_KEEPALIVE))
    write_keepalive (w);
  if (random_takes (w, RANDOM_ADDRESSING))
    g_string_append_printf (text,
                            "  ttl: %" G_GUINT64_FORMAT "\n  tos: %" G_GUINT64_FORMAT
                            "\n  user_priority: %" G_GUINT64_FORMAT "\n",
                            lab_draw_between (&w->draw, 1, 255),
                            lab_draw_between (&w->draw, 0, 63) * 4,
                            lab_draw_between (&w->draw, 0, 7));
}
