/* Stateless offloads: each saves what it is there for, and nothing else changes. */
#include "tests/support.h"

#include "lab/run.h"
#include "lab/scenario.h"
#include "lab/verdict.h"

#include <string.h>

#define SCENARIO                                                                              \
  "format: chimsim/1\nname: s\nseed: 7\nstop: {at: 10 ms}\n"                                  \
  "host: {preset: server-2008, chimney: false, stateless: {checksum: %s, large_send: %s, "    \
  "coalesce: %s, rss: %s}}\n"                                                                 \
  "target: {preset: toe-10g}\nstack: [host, target, wire]\n"                                  \
  "connections: {g: {count: 8, nagle: false, receive_window: 256 KiB, peer_window: 256 KiB, " \
  "traffic: "                                                                                 \
  "{pattern: %s, bytes: 400 KiB}}}\n"

typedef struct Offloads {
  const char *checksum, *large_send, *coalesce, *rss;
} Offloads;

static const Offloads nothing = { "false", "0 B", "0", "false" };

typedef struct Measured {
  int64_t checksum, tcp; /* cycles */
  uint64_t bytes, frames_sent;
  uint32_t busy_cpus;
} Measured;

static Measured
measure (Offloads offloads, const char *pattern)
{
  g_autofree char *text = g_strdup_printf (SCENARIO, offloads.checksum, offloads.large_send,
                                           offloads.coalesce, offloads.rss, pattern);
  static const char *const folders[] = { "scenarios/presets", NULL };
  LabScenarioRequest request = {
    .path = "s.yaml", .text = text, .n_bytes = strlen (text), .preset_folders = folders
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (LabScenario) scenario = lab_scenario_load (&request, &error);
  if (scenario == NULL)
    fail_msg ("%s", error->message);
  LabRunRequest run_request = { .config = lab_scenario_config (scenario), .rules = true };
  g_autoptr (LabRun) run = lab_run (&run_request);
  const Host *host = world_host (run->world);
  HostStats stats = host_stats (host);
  Measured measured = { .checksum = host_cycles (host, PART_HOST_CHECKSUM, WAY_HOST).count,
                        .tcp = host_cycles (host, PART_HOST_TCP, WAY_HOST).count,
                        .bytes = stats.delivered_bytes[PATH_HOST] + stats.sent_bytes[PATH_HOST],
                        .frames_sent = stats.frames_sent };

  assert_int_equal (lab_verdict_of (run, NULL), LAB_VERDICT_CLEAN);
  for (uint32_t i = 0; i < world_config (run->world)->host.n_cpus; i++)
    measured.busy_cpus += sim_cpu_busy (host_cpus (host)[i]).ps > SIM_PS_PER_MS / 10;
  return measured;
}

static void
checksum_offload_saves_the_checksums (G_GNUC_UNUSED void **state)
{
  Offloads on = nothing;
  on.checksum = "true";
  Measured without = measure (nothing, "receive"), with = measure (on, "receive");

  assert_int_equal (without.bytes, with.bytes);
  assert_true (without.checksum >= (int64_t)without.bytes); /* 1,024 cycles a KiB */
  assert_int_equal (with.checksum, 0);
  assert_int_equal (with.frames_sent > 0, 1);
}

static void
large_send_hands_down_fewer_frames_for_fewer_cycles (G_GNUC_UNUSED void **state)
{
  Offloads on = nothing;
  on.large_send = "64 KiB";
  Measured without = measure (nothing, "send"), with = measure (on, "send");

  assert_int_equal (without.bytes, with.bytes);
  assert_true (with.frames_sent * 3 < without.frames_sent);
  assert_true (with.tcp < without.tcp);
  assert_int_equal (with.checksum, without.checksum);
}

static void
receive_coalescing_saves_the_host_segments (G_GNUC_UNUSED void **state)
{
  Offloads on = nothing;
  on.coalesce = "16";
  Measured without = measure (nothing, "receive"), with = measure (on, "receive");

  assert_int_equal (without.bytes, with.bytes);
  assert_true (with.tcp < without.tcp * 3 / 4);
}

static void
rss_spreads_the_work (G_GNUC_UNUSED void **state)
{
  Offloads on = nothing;
  on.rss = "true";
  Measured without = measure (nothing, "receive"), with = measure (on, "receive");

  assert_int_equal (without.bytes, with.bytes);
  assert_int_equal (without.busy_cpus, 1);
  assert_true (with.busy_cpus > 2);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (checksum_offload_saves_the_checksums),
    cmocka_unit_test (large_send_hands_down_fewer_frames_for_fewer_cycles),
    cmocka_unit_test (receive_coalescing_saves_the_host_segments),
    cmocka_unit_test (rss_spreads_the_work),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
