#include "lab/random_writer.h"

/* Memory of the host that an initiate does not get, with draws of its own. */
static uint64_t
allocations_failing_of (const RandomWriter *w)
{
  RandomWriter own = random_writer_of (w, "random/memory");
  return random_takes (w, RANDOM_SCARCE_MEMORY) ? lab_draw_scale (&own.draw, 1, 40) : 0;
}

/* Tables that are large, and offloads that are not to its taste. */
static void
write_limits_only (RandomWriter *w)
{
  if (random_takes (w, RANDOM_MANY))
    g_string_append (w->text, "  tables: {tcp: 1024, path: 256, neighbor: 64, vlan: 16");
  else
    g_string_append (w->text, "  tables: {vlan: 16");
  if (random_takes (w, RANDOM_REFUSING_LIMITS)) {
    random_write_scale (w, "mac", 1, 8, "");
    random_write_scale (w, "ip", 1, 4, "");
  }
  g_string_append (w->text, "}\n");
  if (random_takes (w, RANDOM_REFUSING_LIMITS))
    g_string_append_printf (w->text,
                            "  limits: {path_mtu: %" G_GUINT64_FORMAT
                            " B, reject_every: %" G_GUINT64_FORMAT
                            ", fail_allocation_every: %" G_GUINT64_FORMAT "}\n",
                            lab_draw_scale (&w->draw, 576, 9000), lab_draw_between (&w->draw, 0, 9),
                            allocations_failing_of (w));
  else if (random_takes (w, RANDOM_SCARCE_MEMORY))
    g_string_append_printf (w->text, "  limits: {fail_allocation_every: %" G_GUINT64_FORMAT "}\n",
                            allocations_failing_of (w));
}

static void
write_tables (RandomWriter *w)
{
  if (!random_takes (w, RANDOM_SMALL_TABLES)) {
    write_limits_only (w);
    return;
  }
  g_string_append_printf (w->text, "  tables: {tcp: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 1, 12));
  random_write_scale (w, "path", 1, 6, "");
  random_write_scale (w, "neighbor", 1, 4, "");
  g_string_append_printf (w->text, "}\n  limits: {initiates_outstanding: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 1, 3));
  if (lab_draw_one_in (&w->draw, 3))
    random_write_scale (w, "reject_every", 2, 8, "");
  if (lab_draw_one_in (&w->draw, 3))
    random_write_scale (w, "receive_buffer", 16384, 1048576, "B");
  if (lab_draw_one_in (&w->draw, 3))
    random_write_scale (w, "receive_window", 4096, 262144, "B");
  if (lab_draw_one_in (&w->draw, 3))
    random_write_scale (w, "transmit_descriptors", 1, 64, "");
  g_string_append_printf (w->text, ", fail_allocation_every: %" G_GUINT64_FORMAT "}\n",
                          allocations_failing_of (w));
}

static void
write_engines (RandomWriter *w)
{
  g_string_append_printf (w->text, "  engine: {count: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 1, 3));
  random_write_scale (w, "clock", random_takes (w, RANDOM_SLOW_TARGET) ? 5 : 133, 800, "MHz");
  g_string_append_printf (w->text, "}\n  cache: {entries: %" G_GUINT64_FORMAT ", memory: %s}\n",
                          lab_draw_between (&w->draw, 0, 16),
                          LAB_DRAW_WORD (&w->draw, "on_board", "in_host"));
  g_string_append_printf (w->text, "  interrupts: {vectors: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 1, 4));
  random_write_scale (w, "completions", 1, 64, "");
  random_write_scale (w, "delay", 1, 300, "us");
  g_string_append (w->text, "}\n");
  if (lab_draw_one_in (&w->draw, 2))
    g_string_append_printf (w->text,
                            "  costs: {dma_read_latency: {uniform: [300 ns, %" G_GUINT64_FORMAT
                            " ns]}, interrupt_latency: {uniform: [500 ns, %" G_GUINT64_FORMAT
                            " ns]}}\n",
                            lab_draw_scale (&w->draw, 400, 20000),
                            lab_draw_scale (&w->draw, 1000, 200000));
  g_string_append_printf (w->text, "  mailbox: %" G_GUINT64_FORMAT "\n",
                          lab_draw_scale (&w->draw, random_takes (w, RANDOM_SMALL_TABLES) ? 2 : 64,
                                          1024));
}

/* When the target asks to be rid of a connection. */
static void
write_uploads (RandomWriter *w)
{
  if (!random_takes (w, RANDOM_TARGET_ASKS))
    return;
  g_string_append_printf (w->text, "  uploads: {out_of_order: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 0, 20));
  g_string_append_printf (w->text, ", retransmissions: %" G_GUINT64_FORMAT,
                          lab_draw_between (&w->draw, 0, 4));
  g_string_append_printf (w->text, ", unposted: %" G_GUINT64_FORMAT " B",
                          lab_draw_one_in (&w->draw, 2) ? 0
                                                        : lab_draw_scale (&w->draw, 1000, 100000));
  if (lab_draw_one_in (&w->draw, 2)) {
    random_write_scale (w, "small_io_count", 2, 64, "");
    random_write_scale (w, "small_io", 16, 4096, "B");
  }
  if (lab_draw_one_in (&w->draw, 2))
    random_write_scale (w, "low_activity", 1, 500, "ticks");
  g_string_append (w->text, "}\n");
}

/* What a scenario may ask for and this target does not take. */
static void
write_refusing_limits (RandomWriter *w)
{
  if (!random_takes (w, RANDOM_REFUSING_LIMITS))
    return;
  g_string_append_printf (w->text, "  vlans: [%" G_GUINT64_FORMAT "]\n",
                          lab_draw_scale (&w->draw, 1, 4000));
}

static void
write_bus (RandomWriter *w)
{
  if (!random_takes (w, RANDOM_SLOW_BUS))
    return;
  g_string_append_printf (w->text, "  bus: {read_rate: %" G_GUINT64_FORMAT " Mbit/s",
                          lab_draw_scale (&w->draw, 50, 5000));
  random_write_scale (w, "write_rate", 50, 5000, "Mbit/s");
  random_write_scale (w, "read_tags", 1, 32, "");
  random_write_scale (w, "write_slots", 1, 32, "");
  g_string_append_printf (w->text, "}\n  transmit_fifo: %" G_GUINT64_FORMAT " B\n",
                          lab_draw_scale (&w->draw, 16384, 131072));
}

/* How long changes of power take, what a reset does, and when a backlog is told. */
static void
write_power (const RandomWriter *w)
{
  static const char *const changes[] = { "d0_to_d3", "d3_to_d0", "d0_to_d1",
                                         "d1_to_d0", "d0_to_d2", "d2_to_d0" };
  RandomWriter own = random_writer_of (w, "random/power");

  if (random_takes (w, RANDOM_SLEEPS) || random_takes (w, RANDOM_RESETS)) {
    g_string_append_printf (w->text, "  power: {reset: %" G_GUINT64_FORMAT " us",
                            lab_draw_scale (&own.draw, 1, 20000));
    for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
      if (lab_draw_one_in (&own.draw, 2))
        random_write_scale (&own, changes[i], 1, 20000, "us");
    g_string_append (w->text, "}\n");
  }
  if (random_takes (w, RANDOM_RESETS))
    g_string_append_printf (w->text, "  on_reset: %s\n",
                            LAB_DRAW_WORD (&own.draw, "loses_state", "keeps_state"));
  if (random_takes (w, RANDOM_OIDS))
    g_string_append_printf (w->text,
                            "  statistics_before_wrap: %" G_GUINT64_FORMAT
                            "\n  backlog: {interval: %" G_GUINT64_FORMAT
                            " ms, change_percent: %" G_GUINT64_FORMAT "}\n",
                            lab_draw_scale (&own.draw, 1, 5000),
                            lab_draw_scale (&own.draw, 1, 1000),
                            lab_draw_between (&own.draw, 10, 100));
}

void
random_write_target (RandomWriter *w)
{
  g_string_append (w->text, "target:\n");
  write_power (w);
  write_bus (w);
  write_refusing_limits (w);
  if (random_takes (w, RANDOM_STRICT_COMPLETIONS))
    g_string_append (w->text, "  receive_completions: strict\n");
  write_engines (w);
  write_tables (w);
  write_uploads (w);
  g_string_append_printf (w->text, "  features: {%ssack: %s",
                          random_blocker (w->number) == RANDOM_BLOCKED_BY_NIC ? "chimney: false, "
                                                                              : "",
                          LAB_DRAW_WORD (&w->draw, "true", "false"));
  random_write_choice (w, "send_backlog");
  random_write_choice (w, "receive_backlog");
  if (random_takes (w, RANDOM_SMALL_TABLES)) {
    random_write_choice (w, "ipv6");
    random_write_choice (w, "ipv4");
  }
  g_string_append_printf (w->text,
                          "}\n  on_invalidate: %s\n  on_node_failure: %s\n  syn_at_rcv_nxt: %s\n",
                          LAB_DRAW_WORD (&w->draw, "stop", "continue"),
                          LAB_DRAW_WORD (&w->draw, "continue", "stop"),
                          LAB_DRAW_WORD (&w->draw, "upload", "challenge_ack"));
  g_string_append_printf (
      w->text, "  receive_fifo: %" G_GUINT64_FORMAT " B\n",
      lab_draw_scale (&w->draw, random_takes (w, RANDOM_SHORT_QUEUE) ? 4096 : 65536, 131072));
  g_string_append (w->text, "  ");
  random_write_tcp (w);
  random_write_scale (w, "retransmissions_max", 4, 12, "");
  g_string_append (w->text, "}\n");
}
