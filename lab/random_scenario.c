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

/* The host */

static void
write_receive (RandomWriter *w)
{
  bool indicates = random_takes (w, RANDOM_INDICATIONS);

  g_string_append_printf (w->text, "  receive: {style: %s",
                          indicates ? "indicate_and_post" : "pre_post");
  random_write_scale (w, "posted_requests", 1, 8, "");
  random_write_scale (w, "request", lab_draw_one_in (&w->draw, 4) ? 64 : 512, 65536, "B");
  random_write_choice (w, "push");
  if (indicates) {
    random_write_choice (w, "accept_indications");
    if (lab_draw_one_in (&w->draw, 2))
      random_write_scale (w, "accept", 1, 8192, "B");
    if (lab_draw_one_in (&w->draw, 2))
      random_write_scale (w, "return_delay", 1, 500000, "ns");
    if (lab_draw_one_in (&w->draw, 2))
      random_write_scale (w, "RcvIndicationSize", 32, 4096, "B");
  }
  if (lab_draw_one_in (&w->requests, 4))
    g_string_append (w->text, ", prefilled: true");
  if (lab_draw_one_in (&w->requests, 4))
    g_string_append (w->text, ", zero_length: true");
  g_string_append (w->text, "}\n");
}

/* Probes that are answered go on for ever: whoever wants them is aborted in the end. */
static void
write_keepalive (RandomWriter *w)
{
  g_string_append (w->text, "  neighbors: {reachable_time: 0 ps}\n");
  g_string_append_printf (w->text,
                          "  keepalive: {enabled: true, KaTimeout: %" G_GUINT64_FORMAT " ticks",
                          lab_draw_scale (&w->draw, 1000, 60000));
  random_write_scale (w, "KaInterval", 500, 5000, "ticks");
  random_write_scale (w, "KaProbeCount", 1, 10, "");
  if (lab_draw_one_in (&w->draw, 2))
    random_write_scale (w, "MaxRT", 100, 100000, "ticks");
  g_string_append (w->text, "}\n");
}

static void
write_host (RandomWriter *w)
{
  GString *text = w->text;

  g_string_append_printf (text, "host:\n  processors: {count: %" G_GUINT64_FORMAT "}\n",
                          lab_draw_between (&w->draw, 1, 4));
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
  if (lab_draw_one_in (&w->draw, 4)) {
    g_string_append (text, ", policy: each_once");
    random_write_scale (w, "after_bytes", 1, 100000, "B");
  }
  g_string_append_printf (text, ", batch: {size: %" G_GUINT64_FORMAT ", tree: %s}}\n",
                          lab_draw_between (&w->draw, 0, 8),
                          LAB_DRAW_WORD (&w->draw, "by_path", "by_neighbor", "one", "flat"));
  write_receive (w);
  g_string_append_printf (text, "  send: {backlog: %" G_GUINT64_FORMAT " B",
                          lab_draw_scale (&w->draw, 1000, 262144));
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

static void
write_exponential (RandomWriter *w, const char *name, uint64_t mean_us_max)
{
  g_string_append_printf (w->text, ", %s: {exponential: %" G_GUINT64_FORMAT " us}", name,
                          lab_draw_scale (&w->draw, 1, mean_us_max));
}

/* When connections are opened, and who opens and closes them. */
static void
write_opening (RandomWriter *w, uint32_t count)
{
  if (lab_draw_one_in (&w->draw, 2))
    write_exponential (w, "every", MAX (w->span_us / count, 1));
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

static void
write_traffic (RandomWriter *w, uint64_t window_bytes, uint32_t count)
{
  const char *pattern =
      LAB_DRAW_WORD (&w->draw, "request_response", "request_response", "open_loop", "send",
                     "receive", "both", "none", "short_flows", "replay");

  /* Whoever opens connections anew has no end at which their keepalive is over. */
  if (random_takes (w, RANDOM_KEEPALIVE)
      && (strcmp (pattern, "short_flows") == 0 || strcmp (pattern, "replay") == 0))
    pattern = "send";
  g_string_append_printf (w->text, "traffic: {pattern: %s", pattern);
  if (strcmp (pattern, "request_response") == 0) {
    write_rounds (w, window_bytes);
    write_exponential (w, "think", w->span_us / 5);
  } else if (strcmp (pattern, "open_loop") == 0) {
    write_rounds (w, window_bytes);
    write_exponential (w, "every", w->span_us / 5);
  } else if (strcmp (pattern, "short_flows") == 0) {
    write_rounds (w, window_bytes);
    write_opening (w, count);
  } else if (strcmp (pattern, "replay") == 0) {
    write_flows (w, window_bytes, count);
  } else if (strcmp (pattern, "none") != 0) {
    bool is_small = random_takes (w, RANDOM_SMALL_WRITES);
    uint64_t bytes = draw_bytes (w, window_bytes);
    uint64_t chunk = lab_draw_scale (&w->draw, is_small ? 1 : 100, is_small ? 600 : 65536);
    g_string_append_printf (w->text,
                            ", bytes: %" G_GUINT64_FORMAT " B, chunk: %" G_GUINT64_FORMAT " B",
                            MIN (bytes, 1000 * chunk), chunk);
  }
  g_string_append (w->text, "}");
}

static void
write_group (RandomWriter *w, uint32_t index, uint32_t count)
{
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

  g_string_append_printf (
      w->text,
      "  g%u: {count: %u, ip: %" G_GUINT64_FORMAT ", via: {neighbors: %" G_GUINT64_FORMAT
      ", paths: %" G_GUINT64_FORMAT "}, mtu: %" G_GUINT64_FORMAT " B, mss: %" G_GUINT64_FORMAT
      " B, receive_window: %" G_GUINT64_FORMAT " B, peer_window: %" G_GUINT64_FORMAT " B",
      index, count, version, lab_draw_between (&w->draw, 1, MIN (paths, many ? 10 : 3)), paths, mtu,
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
  write_traffic (w, MIN (window, peer_window), count);
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
    write_group (w, i, groups.count[i]);
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
                     .features = lab_random_features (number),
                     .span_us = lab_random_span_us (number),
                     .requests = lab_draw (number, "random/requests") };

  write_features (&w);
  g_string_append_printf (
      w.text,
      "format: chimsim/1\nname: random\nsummary: Random scenario %" G_GUINT64_FORMAT
      ".\nseed: %" G_GUINT64_FORMAT
      "\nstop: {at: 200000 s, max_events: 30000000, livelock_events: 2000000}\n",
      number, number & INT64_MAX);
  use (&w, number, "random/host");
  write_host (&w);
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
  lab_random_timeline (w.text, number, &groups);
  lab_random_stack_events (&stack, w.text);
  return g_string_free (w.text, FALSE);
}
