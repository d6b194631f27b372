#include "models/target/config.h"

#include <string.h>

typedef struct CostRow {
  const char *name;
  TargetCostUnit unit;
  int64_t value;
} CostRow;

static const CostRow costs[TARGET_N_COSTS] = {
#define COST(id, text_name, unit_, value_, source) \
  [TARGET_COST_##id] = { text_name, TARGET_##unit_, value_ },
#include "models/target/costs.def"
#undef COST
};

typedef struct DefectRow {
  const char *name;
  const char *rule;
  const char *text;
} DefectRow;

static const DefectRow defects[TARGET_N_DEFECTS] = {
#define DEFECT(id, name_, rule_, text_) [TARGET_DEFECT_##id] = { name_, rule_, text_ },
#include "models/target/defects.def"
#undef DEFECT
};

_Static_assert(TARGET_N_DEFECTS <= 64, "a TargetConfig has 64 bits for them");

const char *
target_cost_name (TargetCost cost)
{
  return cost < TARGET_N_COSTS ? costs[cost].name : NULL;
}

TargetCostUnit
target_cost_unit (TargetCost cost)
{
  SIM_ASSERT (cost < TARGET_N_COSTS);
  return costs[cost].unit;
}

int64_t
target_cost_default (TargetCost cost)
{
  SIM_ASSERT (cost < TARGET_N_COSTS);
  return costs[cost].value;
}

const char *
target_defect_name (TargetDefect defect)
{
  return defect < TARGET_N_DEFECTS ? defects[defect].name : NULL;
}

const char *
target_defect_rule (TargetDefect defect)
{
  return defect < TARGET_N_DEFECTS ? defects[defect].rule : NULL;
}

const char *
target_defect_text (TargetDefect defect)
{
  return defect < TARGET_N_DEFECTS ? defects[defect].text : NULL;
}

TargetDefect
target_defect_by_name (const char *name)
{
  for (uint32_t i = 0; i < TARGET_N_DEFECTS; i++)
    if (strcmp (defects[i].name, name) == 0)
      return (TargetDefect)i;
  return TARGET_N_DEFECTS;
}

/* Timer values of a BCM57710 class adapter at 1,000 ticks a second: calibration A4.2 and A4.4. */
static TcpConfig
default_tcp (void)
{
  return (TcpConfig){
    .role = TCP_ROLE_TARGET,
    .ticks_per_s = 1000,
    .ack_frequency = 2,
    .delayed_ack_ticks = 200,
    .retransmissions_max = 6,
    .doubt_retransmissions = 3,
    .sws_prevention_ticks = 1000,
    .duplicate_ack_threshold = 3,
    .rto_initial_ticks = 1000,
    .rto_min_ticks = 300,
    .rto_max_ticks = 60000,
    .fin_wait_2_ticks = 120000,
    .time_wait_ticks = 120000,
    .keepalive_timeout_ticks = 7200000,
    .keepalive_interval_ticks = 1000,
    .keepalive_probes = 10,
    .initial_window_segments = 4,
    .ttl = 128,
    .congestion = TCP_CONGESTION_NEWRENO,
    .supports_sack = true,
    .limited_transmit = true,
    .fast_convergence = true,
  };
}

void
target_config_init (TargetConfig *config)
{
  *config = (TargetConfig){
    .engines = { .count = 2, .clock = { .hz = 350000000 } },
    .tables = { .neighbors = 64,
                .paths = 256,
                .tcp = 1024,
                .vlans = 16,
                .mac_addresses = 8,
                .ip_addresses = 64 },
    .limits = { .receive_window_bytes_max = 1 << 20,
                .path_mtu_bytes_max = 9000,
                .receive_buffer_bytes = 128 << 20,
                .transmit_descriptors = 32768,
                .initiates_outstanding_max = 16 },
    .cache = { .entries = 1024, .context_bytes = 616, .memory = TARGET_CONTEXT_ON_BOARD },
    .bus = { .read_bits_per_s = INT64_C (26600000000),
             .write_bits_per_s = INT64_C (26220000000),
             .read_tags = 32,
             .write_slots = 32 },
    .interrupts = { .vectors = 4, .completions_max = 16, .delay_max = { 18 * SIM_PS_PER_US } },
    .mailbox = { .commands_max = 1024 },
    .features = { .chimney = true,
                  .ipv4 = true,
                  .ipv6 = true,
                  .sack = true,
                  .vlan = true,
                  .receive_backlog = true,
                  .stateless = { .checksum = true,
                                 .lso = true,
                                 .lso_bytes_max = 65536,
                                 .rss = true } },
    .backlog = { .interval_min = { 10 * SIM_PS_PER_MS }, .change_percent = 25 },
    .mac_receive_buffer_bytes = 128 << 10,
    .mac_transmit_buffer_bytes = 64 << 10,
    .interface_mac_id = 1,
    .tcp = default_tcp (),
    .push_ticks = 500,
    .nce_stale_ticks = 30000,
  };
}
