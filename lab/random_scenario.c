#include "lab/random_scenario.h"

#include <string.h>

#include "lab/draw.h"
#include "models/trace/trace.h"
#include "lab/random_timeline.h"

/* One scenario, as it is written. */
typedef struct Writer {
  GString *text;
  LabDraw draw;
  uint64_t features;
  uint64_t span_us;
} Writer;

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

static bool
has (const Writer *w, RandomFeature feature)
{
  return random_has (w->features, feature);
}

/* `, key: n unit` with n from |low| to |high|, each doubling alike. */
static void
write_scale (Writer *w, const char *key, uint64_t low, uint64_t high, const char *unit)
{
  g_string_append_printf (w->text, ", %s: %" G_GUINT64_FORMAT "%s%s", key,
                          lab_draw_scale (&w->draw, low, high), unit[0] != '\0' ? " " : "", unit);
}

static void
write_choice (Writer *w, const char *key)
{
  g_string_append_printf (w->text, ", %s: %s", key, LAB_DRAW_WORD (&w->draw, "true", "false"));
}

/* TCP */

/* Each side has a TCP with a clock of its own; the names of its parts differ where it tells another
 * side. */
static void
write_tcp (Writer *w)
{
  static const unsigned rates[] = { 10, 100, 1000 };
  unsigned ticks = has (w, RANDOM_SLOW_TICKS) ? rates[lab_draw_between (&w->draw, 0, 2)] : 1000;

  g_string_append_printf (w->text, "tcp: {ticks_per_second: %u", ticks);
  write_scale (w, "ack_frequency", 1, 8, "");
  write_scale (w, "delayed_ack", 1, MAX (ticks / 5, 2), "ticks");
  write_scale (w, "sws_prevention", 1, ticks, "ticks");
  write_scale (w, "rto_min", MAX (ticks / 100, 1), MAX (ticks / 3, 2), "ticks");
  write_scale (w, "rto_initial", MAX (ticks / 3, 2), 3 * ticks, "ticks");
  write_scale (w, "time_wait", 1, 2 * ticks, "ticks");
  write_scale (w, "fin_wait_2", ticks, 100 * ticks, "ticks");
  g_string_append_printf (w->text, ", rto_max: %u ticks", 60 * ticks);
  write_scale (w, "duplicate_ack_threshold", 2, 4, "");
  write_scale (w, "initial_window", 1, 10, "");
  write_choice (w, "limited_transmit");
  write_choice (w, "sack");
  write_choice (w, "ecn");
  g_string_append_printf (w->text, ", congestion: %s",
                          LAB_DRAW_WORD (&w->draw, "newreno", "newreno", "cubic"));
  g_string_append_printf (w->text, ", timestamp_offset: %" G_GUINT64_FORMAT " ticks",
                          lab_draw_between (&w->draw, 0, UINT32_MAX));
}

/* What the host tells the target about TCP. */
static void
write_parameters (Writer *w)
{
  static const unsigned rates[] = { 10, 100, 1000 };
  unsigned ticks = has (w, RANDOM_SLOW_TICKS) ? rates[lab_draw_between (&w->draw, 0, 2)] : 1000;

  g_string_append_printf (w->text, "  parameters: {TicksPerSecond: %u", ticks);
  write_scale (w, "TcpAckFrequency", 1, 8, "");
  write_scale (w, "TcpDelayedAckTicks", 1, MAX (ticks / 5, 2), "ticks");
  write_scale (w, "TcpSwsPreventionTicks", 1, ticks, "ticks");
  write_scale (w, "TcpPushTicks", 1, ticks, "ticks");
  write_scale (w, "TcpMaximumRetransmissions", 4, 12, "");
  write_scale (w, "TcpDuplicateAckThreshold", 2, 4, "");
  g_string_append_printf (w->text, ", NceStaleTicks: %" G_GUINT64_FORMAT " ticks}\n",
                          lab_draw_one_in (&w->draw, 2) ? 0 : lab_draw_scale (&w->draw, 1, 30000));
}

/* The host */

static void
write_receive (Writer *w)
{
  bool indicates = has (w, RANDOM_INDICATIONS);

  g_string_append_printf (w->text, "  receive: {style: %s",
                          indicates ? "indicate_and_post" : "pre_post");
  write_scale (w, "posted_requests", 1, 8, "");
  write_scale (w, "request", lab_draw_one_in (&w->draw, 4) ? 64 : 512, 65536, "B");
  write_choice (w, "push");
  if (indicates) {
    write_choice (w, "accept_indications");
    if (lab_draw_one_in (&w->draw, 2))
      write_scale (w, "accept", 1, 8192, "B");
    if (lab_draw_one_in (&w->draw, 2))
      write_scale (w, "return_delay", 1, 500000, "ns");
    if (lab_draw_one_in (&w->draw, 2))
      write_scale (w, "RcvIndicationSize", 1, 4096, "B");
  }
  g_string_append (w->text, "}\n");
}

static void
write_host (Writer *w)
{
  GString *text = w->text;

  g_string_append_printf (text, "host:\n  processors: {count: %" G_GUINT64_FORMAT "}\n",
                          lab_draw_between (&w->draw, 1, 4));
  if (has (w, RANDOM_STATELESS)) {
    g_string_append_printf (text, "  stateless: {large_send: %s",
                            lab_draw_one_in (&w->draw, 2) ? "64 KiB" : "0 B");
    g_string_append_printf (text, ", coalesce: %" G_GUINT64_FORMAT "}\n",
                            lab_draw_between (&w->draw, 0, 16));
  }
  g_string_append (text, "  ");
  write_tcp (w);
  write_scale (w, "retransmissions_max", 4, 12, "");
  g_string_append (text, "}\n");
  write_parameters (w);
  g_string_append_printf (text,
                          "  offload: {max_outstanding_initiates: %" G_GUINT64_FORMAT
                          ", max_outstanding_terminates: %" G_GUINT64_FORMAT
                          ", optional_reasons: %s",
                          lab_draw_between (&w->draw, 0, 4), lab_draw_between (&w->draw, 0, 4),
                          LAB_DRAW_WORD (&w->draw, "upload", "ignore"));
  write_choice (w, "offload_again");
  if (has (w, RANDOM_RETRIES)) {
    write_scale (w, "retries_max", 1, 4, "");
    write_scale (w, "retry_delay", 1, 5000, "us");
  }
  if (lab_draw_one_in (&w->draw, 4)) {
    g_string_append (text, ", automatic: true");
    write_scale (w, "after", 1, 100000, "B");
  }
  g_string_append_printf (text, ", batch: {size: %" G_GUINT64_FORMAT ", tree: %s}}\n",
                          lab_draw_between (&w->draw, 0, 8),
                          LAB_DRAW_WORD (&w->draw, "by_path", "by_neighbor", "one", "flat"));
  write_receive (w);
  g_string_append_printf (text, "  send: {backlog: %" G_GUINT64_FORMAT " B}\n",
                          lab_draw_scale (&w->draw, 1000, 262144));
}

/* Drivers */

static uint64_t
write_ims (Writer *w)
{
  uint64_t n = lab_draw_between (&w->draw, 0, 3);

  if (n > 0)
    g_string_append (w->text, "im:\n");
  for (uint64_t i = 0; i < n; i++)
    g_string_append_printf (w->text,
                            "  im%" G_GUINT64_FORMAT
                            ": {driver: pass-through, queue_depth: %" G_GUINT64_FORMAT
                            ", call_cost: %" G_GUINT64_FORMAT " cycles, offload_event: %s}\n",
                            i, lab_draw_scale (&w->draw, 1, 64),
                            lab_draw_scale (&w->draw, 1, 20000),
                            LAB_DRAW_WORD (&w->draw, "propagate", "propagate", "absorb"));
  return n;
}

/* The target */

static void
write_tables (Writer *w)
{
  if (!has (w, RANDOM_SMALL_TABLES))
    return;
  g_string_append_printf (w->text, "  tables: {tcp: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 1, 12));
  write_scale (w, "path", 1, 6, "");
  write_scale (w, "neighbor", 1, 4, "");
  g_string_append_printf (w->text, "}\n  limits: {initiates_outstanding: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 1, 3));
  if (lab_draw_one_in (&w->draw, 3))
    write_scale (w, "reject_every", 2, 8, "");
  if (lab_draw_one_in (&w->draw, 3))
    write_scale (w, "receive_buffer", 16384, 1048576, "B");
  if (lab_draw_one_in (&w->draw, 3))
    write_scale (w, "receive_window", 4096, 262144, "B");
  if (lab_draw_one_in (&w->draw, 3))
    write_scale (w, "transmit_descriptors", 1, 64, "");
  g_string_append (w->text, "}\n");
}

static void
write_engines (Writer *w)
{
  g_string_append_printf (w->text, "  engine: {count: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 1, 3));
  write_scale (w, "clock", has (w, RANDOM_SLOW_TARGET) ? 5 : 133, 800, "MHz");
  g_string_append_printf (w->text, "}\n  cache: {entries: %" G_GUINT64_FORMAT ", memory: %s}\n",
                          lab_draw_between (&w->draw, 0, 16),
                          LAB_DRAW_WORD (&w->draw, "on_board", "in_host"));
  g_string_append_printf (w->text, "  interrupts: {vectors: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 1, 4));
  write_scale (w, "completions", 1, 64, "");
  write_scale (w, "delay", 1, 300, "us");
  g_string_append (w->text, "}\n");
  if (lab_draw_one_in (&w->draw, 2))
    g_string_append_printf (w->text,
                            "  costs: {dma_read_latency: {uniform: [300 ns, %" G_GUINT64_FORMAT
                            " ns]}, interrupt_latency: {uniform: [500 ns, %" G_GUINT64_FORMAT
                            " ns]}}\n",
                            lab_draw_scale (&w->draw, 400, 20000),
                            lab_draw_scale (&w->draw, 1000, 200000));
  g_string_append_printf (w->text, "  mailbox: %" G_GUINT64_FORMAT "\n",
                          lab_draw_scale (&w->draw, has (w, RANDOM_SMALL_TABLES) ? 2 : 64, 1024));
}

/* When the target asks to be rid of a connection. */
static void
write_uploads (Writer *w)
{
  if (!has (w, RANDOM_TARGET_ASKS))
    return;
  g_string_append_printf (w->text, "  uploads: {out_of_order: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 0, 20));
  g_string_append_printf (w->text, ", retransmissions: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 0, 4));
  g_string_append_printf (w->text, ", unposted: %" G_GUINT64_FORMAT " B",
                          lab_draw_one_in (&w->draw, 2) ? 0
                                                        : lab_draw_scale (&w->draw, 1000, 100000));
  if (lab_draw_one_in (&w->draw, 2)) {
    write_scale (w, "small_io_count", 2, 64, "");
    write_scale (w, "small_io", 16, 4096, "B");
  }
  if (lab_draw_one_in (&w->draw, 2))
    write_scale (w, "low_activity", 1, 500, "ticks");
  g_string_append (w->text, "}\n");
}

static void
write_target (Writer *w)
{
  g_string_append (w->text, "target:\n");
  write_engines (w);
  write_tables (w);
  write_uploads (w);
  g_string_append_printf (w->text, "  features: {sack: %s",
                          LAB_DRAW_WORD (&w->draw, "true", "false"));
  write_choice (w, "send_backlog");
  write_choice (w, "receive_backlog");
  if (has (w, RANDOM_SMALL_TABLES)) {
    write_choice (w, "ipv6");
    write_choice (w, "ipv4");
  }
  g_string_append_printf (w->text,
                          "}\n  on_invalidate: %s\n  on_node_failure: %s\n  syn_at_rcv_nxt: %s\n",
                          LAB_DRAW_WORD (&w->draw, "stop", "continue"),
                          LAB_DRAW_WORD (&w->draw, "continue", "stop"),
                          LAB_DRAW_WORD (&w->draw, "upload", "challenge_ack"));
  g_string_append_printf (w->text, "  receive_fifo: %" G_GUINT64_FORMAT " B\n",
                          lab_draw_scale (&w->draw, has (w, RANDOM_SHORT_QUEUE) ? 4096 : 65536,
                                          131072));
  g_string_append (w->text, "  ");
  write_tcp (w);
  write_scale (w, "retransmissions_max", 4, 12, "");
  g_string_append (w->text, "}\n");
}

/* The wire and the far end */

/* `, key: {chance: 1/n}` if the feature takes part. */
static void
write_chance (Writer *w, RandomFeature feature, const char *key)
{
  if (has (w, feature) && !lab_draw_one_in (&w->draw, 3))
    g_string_append_printf (w->text, "%s: {chance: 1/%" G_GUINT64_FORMAT "}, ", key,
                            lab_draw_scale (&w->draw, 5, 500));
}

static void
write_way (Writer *w, const char *way)
{
  GString *text = w->text;

  g_string_append_printf (text, "%s: {", way);
  write_chance (w, RANDOM_CORRUPTION, "corrupt");
  write_chance (w, RANDOM_DUPLICATION, "duplicate");
  if (has (w, RANDOM_REORDERING))
    g_string_append_printf (text,
                            "reorder: {chance: 1/%" G_GUINT64_FORMAT ", by: %" G_GUINT64_FORMAT
                            " us}, ",
                            lab_draw_scale (&w->draw, 3, 300),
                            lab_draw_scale (&w->draw, 1, MAX (w->span_us / 10, 100)));
  if (has (w, RANDOM_BURSTS) && lab_draw_one_in (&w->draw, 2))
    g_string_append_printf (text,
                            "gilbert_elliott: {good_to_bad: 1/%" G_GUINT64_FORMAT
                            ", bad_to_good: 1/%" G_GUINT64_FORMAT "}, ",
                            lab_draw_scale (&w->draw, 50, 1000), lab_draw_between (&w->draw, 2, 8));
  if (has (w, RANDOM_JITTER))
    g_string_append_printf (text,
                            "jitter: {exponential: %" G_GUINT64_FORMAT
                            " us}, jitter_overtakes: %s, ",
                            lab_draw_scale (&w->draw, 1, MAX (w->span_us / 20, 50)),
                            LAB_DRAW_WORD (&w->draw, "true", "false"));
  if (has (w, RANDOM_EARLY_DETECTION))
    g_string_append_printf (text,
                            "red: {min: %" G_GUINT64_FORMAT
                            " B, max: 100 KiB, chance: 1/%" G_GUINT64_FORMAT
                            ", weight: 1/%" G_GUINT64_FORMAT "}, ",
                            lab_draw_scale (&w->draw, 3000, 50000),
                            lab_draw_between (&w->draw, 2, 50), lab_draw_scale (&w->draw, 2, 500));
  g_string_append (text, "counts: frames}");
}

static void
write_wire (Writer *w)
{
  g_string_append_printf (w->text, "wire: {rate: %s",
                          LAB_DRAW_WORD (&w->draw, "10 Mbit/s", "100 Mbit/s", "1 Gbit/s",
                                         "10 Gbit/s"));
  write_scale (w, "one_way", 1, CLAMP (w->span_us / 10, 100, 50000), "us");
  write_scale (w, "queue", has (w, RANDOM_SHORT_QUEUE) ? 3000 : 131072, 262144, "B");
  if (has (w, RANDOM_LOSS))
    g_string_append_printf (w->text, ", loss: 1/%" G_GUINT64_FORMAT,
                            lab_draw_scale (&w->draw, 10, 2000));
  g_string_append (w->text, ", impair: {");
  write_way (w, "to_peer");
  g_string_append (w->text, ", ");
  write_way (w, "from_peer");
  g_string_append (w->text, "}}\npeers:\n  ");
  write_tcp (w);
  g_string_append (w->text, "}\n");
}

/* Connections */

/* What a window lets through in a run's time. */
static uint64_t
draw_bytes (Writer *w, uint64_t window_bytes)
{
  return lab_draw_scale (&w->draw, 1, CLAMP (window_bytes * 40, 1000, 400000));
}

/* Requests and responses, by whatever clock. */
static void
write_rounds (Writer *w, uint64_t window_bytes)
{
  g_string_append_printf (w->text, ", asks: %s", LAB_DRAW_WORD (&w->draw, "host", "peer"));
  g_string_append_printf (w->text, ", request: %" G_GUINT64_FORMAT " B",
                          draw_bytes (w, window_bytes / 20));
  g_string_append_printf (w->text, ", response: {uniform: [1 B, %" G_GUINT64_FORMAT " B]}",
                          draw_bytes (w, window_bytes / 20));
  write_scale (w, "requests", 1, 60, "");
  if (lab_draw_one_in (&w->draw, 2))
    write_scale (w, "service", 1, w->span_us / 10, "us");
}

static void
write_exponential (Writer *w, const char *name, uint64_t mean_us_max)
{
  g_string_append_printf (w->text, ", %s: {exponential: %" G_GUINT64_FORMAT " us}", name,
                          lab_draw_scale (&w->draw, 1, mean_us_max));
}

/* When connections are opened, and who opens and closes them. */
static void
write_opening (Writer *w, uint32_t count)
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
write_flows (Writer *w, uint64_t window_bytes, uint32_t count)
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
write_traffic (Writer *w, uint64_t window_bytes, uint32_t count)
{
  const char *pattern =
      LAB_DRAW_WORD (&w->draw, "request_response", "request_response", "open_loop", "send",
                     "receive", "both", "none", "short_flows", "replay");

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
    g_string_append_printf (w->text, ", bytes: %" G_GUINT64_FORMAT " B",
                            draw_bytes (w, window_bytes));
    write_scale (w, "chunk", 100, 65536, "B");
  }
  g_string_append (w->text, "}");
}

static void
write_group (Writer *w, uint32_t index, uint32_t count)
{
  uint64_t low = !has (w, RANDOM_SMALL_WINDOWS) ? 16384 : lab_draw_one_in (&w->draw, 4) ? 16 : 600;
  uint64_t window = lab_draw_scale (&w->draw, low, 1048576);
  uint64_t peer_window = lab_draw_scale (&w->draw, low, 1048576);
  uint64_t version = lab_draw_one_in (&w->draw, 3) ? 6 : 4;
  static const unsigned mtus[] = { 576, 1500, 1500, 9000 };
  uint64_t paths = lab_draw_between (&w->draw, 1, MIN (count, 6));
  uint64_t mtu = version == 6 ? 1500 : mtus[lab_draw_between (&w->draw, 0, 3)];

  g_string_append_printf (
      w->text,
      "  g%u: {count: %u, ip: %" G_GUINT64_FORMAT ", via: {neighbors: %" G_GUINT64_FORMAT
      ", paths: %" G_GUINT64_FORMAT "}, mtu: %" G_GUINT64_FORMAT " B, mss: %" G_GUINT64_FORMAT
      " B, receive_window: %" G_GUINT64_FORMAT " B, peer_window: %" G_GUINT64_FORMAT " B",
      index, count, version, lab_draw_between (&w->draw, 1, MIN (paths, 3)), paths, mtu,
      lab_draw_one_in (&w->draw, 3) ? lab_draw_scale (&w->draw, 64, mtu - 80)
                                    : mtu - (version == 6 ? 72 : 52),
      window, peer_window);
  write_choice (w, "timestamps");
  write_choice (w, "sack");
  if (has (w, RANDOM_EARLY_DETECTION))
    write_choice (w, "ecn");
  write_choice (w, "nagle");
  if (window > UINT16_MAX || peer_window > UINT16_MAX)
    g_string_append (w->text, ", window_scaling: true");
  else
    write_choice (w, "window_scaling");
  if (lab_draw_one_in (&w->draw, 6))
    write_scale (w, "vlan", 1, 4000, "");
  g_string_append (w->text, ", ");
  write_traffic (w, MIN (window, peer_window), count);
  g_string_append (w->text, "}\n");
}

static RandomGroups
write_connections (Writer *w)
{
  RandomGroups groups = { .n = (uint32_t)lab_draw_between (&w->draw, 1, RANDOM_GROUPS_MAX) };

  g_string_append (w->text, "connections:\n");
  for (uint32_t i = 0; i < groups.n; i++) {
    groups.count[i] = (uint32_t)lab_draw_scale (&w->draw, 1, 20 / groups.n);
    write_group (w, i, groups.count[i]);
  }
  return groups;
}

static void
use (Writer *w, uint64_t number, const char *topic)
{
  w->draw = lab_draw (number, topic);
}

/* Each kind of choice every other time. */
static void
write_freedom (Writer *w)
{
  const char *separator = "";

  if (!has (w, RANDOM_FREEDOM))
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

char *
lab_random_scenario (uint64_t number)
{
  Writer w = { .text = g_string_new (NULL),
               .features = lab_random_features (number),
               .span_us = lab_random_span_us (number) };

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
  use (&w, number, "random/target");
  write_target (&w);
  use (&w, number, "random/wire");
  write_wire (&w);
  g_string_append (w.text, "stack: [host");
  for (uint64_t i = 0; i < n_ims; i++)
    g_string_append_printf (w.text, ", im.im%" G_GUINT64_FORMAT, i);
  g_string_append (w.text, ", target, wire]\n");
  use (&w, number, "random/freedom");
  write_freedom (&w);
  use (&w, number, "random/connections");
  RandomGroups groups = write_connections (&w);
  lab_random_timeline (w.text, number, &groups);
  return g_string_free (w.text, FALSE);
}
