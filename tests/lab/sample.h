/*
 * A sample run: a trace as a small world would make it, for tests of whoever shows runs.
 *
 * Connections ask one request after the other; all are offloaded at 5 ms, uploaded at 60 ms before
 * the device goes to D3, and offloaded again at 80 ms.  The link is down from 40 to 42 ms.
 *
 * Owns        A sample owns all that its view shows, until sample_free.
 */
#pragma once

#include "lab/apps.h"
#include "lab/view.h"
#include "sim/sim.h"

#define SAMPLE_END_PS (100 * SIM_PS_PER_MS)

typedef struct SampleRecord {
  SimTime when;
  uint32_t number;
  uint16_t kind;
  uint16_t n_columns;
  int64_t column[8];
} SampleRecord;

typedef struct Sample {
  Sim *sim;
  WorldConfig config;
  TimelineEvent events[5];
  GArray *records; /* SampleRecord, by time */
  guint next;
  SimEvent event;
  GArray *samples; /* LabSample */
  Latency *latency;
  Ownership *ownership;
  Episodes *episodes;
  Apps *apps;
  uint64_t dice;
  LabView view;
} Sample;

/* A number below |n|: a plain congruential generator, good enough to spread things. */
static inline int64_t
sample_draw (Sample *sample, int64_t n)
{
  sample->dice = sample->dice * 6364136223846793005u + 1442695040888963407u;
  return (int64_t)((sample->dice >> 33) % (uint64_t)n);
}

static inline void
sample_add (Sample *sample, int64_t ps, TraceKind kind, int64_t a, int64_t b, int64_t c, int64_t d)
{
  SampleRecord record = {
    { ps }, sample->records->len, (uint16_t)kind, trace_kinds[kind].n_columns, { a, b, c, d }
  };
  g_array_append_val (sample->records, record);
}

/* The stages of an operation: |mean_ns| each, ended by STAGE_END. */
typedef struct SampleStage {
  int64_t stage;
  int64_t mean_ns;
} SampleStage;

static inline int64_t
sample_spread (Sample *sample, int64_t mean_ns)
{
  int64_t ps = mean_ns * (400 + sample_draw (sample, 1200));
  return sample_draw (sample, 60) == 0 ? 6 * ps : ps;
}

static inline int64_t
sample_operation (Sample *sample, int64_t ps, LatencyClass class, int64_t id, int64_t connection,
                  const SampleStage *stage)
{
  for (; stage->stage != STAGE_END; stage++) {
    sample_add (sample, ps, TRACE_STAGE, class, id, stage->stage, connection);
    ps += sample_spread (sample, stage->mean_ns);
  }
  if (class != LATENCY_REQUEST)
    sample_add (sample, ps, TRACE_STAGE, class, id, STAGE_END, connection);
  return ps;
}

static inline void
sample_requests (Sample *sample, int64_t connection, int64_t from_ps, int64_t to_ps, bool chimney)
{
  static const SampleStage host[] = {
    { STAGE_HOST, 4200 },
    { STAGE_NDIS_DOWN, 300 },
    { STAGE_OF_IM (STAGE_IM_DOWN, 1), 900 },
    { STAGE_MINIPORT, 700 },
    { STAGE_DMA, 1100 },
    { STAGE_NIC_TX, 800 },
    { STAGE_WIRE, 11000 },
    { STAGE_PEER, 15000 },
    { STAGE_WIRE_BACK, 18000 },
    { STAGE_NIC_RX, 900 },
    { STAGE_INTERRUPT, 9000 },
    { STAGE_NDIS_UP, 400 },
    { STAGE_OF_IM (STAGE_IM_UP, 1), 900 },
    { STAGE_HOST_UP, 9800 },
    { STAGE_APP, 600 },
    { STAGE_END, 0 },
  };
  static const SampleStage offloaded[] = {
    { STAGE_HOST, 900 },
    { STAGE_NDIS_DOWN, 300 },
    { STAGE_OF_IM (STAGE_IM_DOWN, 1), 400 },
    { STAGE_MINIPORT, 500 },
    { STAGE_MAILBOX, 700 },
    { STAGE_DMA, 1200 },
    { STAGE_ENGINE, 2600 },
    { STAGE_NIC_TX, 500 },
    { STAGE_WIRE, 11000 },
    { STAGE_PEER, 15000 },
    { STAGE_WIRE_BACK, 18000 },
    { STAGE_NIC_RX, 700 },
    { STAGE_COMPLETION, 2500 },
    { STAGE_INTERRUPT, 5000 },
    { STAGE_NDIS_UP, 300 },
    { STAGE_OF_IM (STAGE_IM_UP, 1), 500 },
    { STAGE_HOST_UP, 1500 },
    { STAGE_APP, 600 },
    { STAGE_END, 0 },
  };
  int64_t ps = from_ps + sample_draw (sample, 4 * SIM_PS_PER_MS);

  for (int64_t number = 0; ps < to_ps; number++) {
    sample_add (sample, ps, TRACE_APP_EVENT, connection, SIDE_HOST, APP_REQUEST, number);
    ps = sample_operation (sample, ps + 400000, LATENCY_REQUEST, connection, connection,
                           chimney ? offloaded : host);
    sample_add (sample, ps, TRACE_APP_EVENT, connection, SIDE_HOST, APP_RESPONSE, number);
    ps += sample_spread (sample, 4000000);
  }
}

static inline void
sample_hand_over (Sample *sample, int64_t connection, int64_t ps, bool down)
{
  static const SampleStage stages[] = {
    { STAGE_HOST, 3000 },
    { STAGE_NDIS_DOWN, 900 },
    { STAGE_OF_IM (STAGE_IM_DOWN, 1), 2500 },
    { STAGE_MINIPORT, 2100 },
    { STAGE_MAILBOX, 40000 },
    { STAGE_DMA, 3800 },
    { STAGE_ENGINE, 30000 },
    { STAGE_COMPLETION, 6000 },
    { STAGE_INTERRUPT, 12000 },
    { STAGE_OF_IM (STAGE_IM_UP, 1), 1800 },
    { STAGE_NDIS_UP, 600 },
    { STAGE_HOST_UP, 2600 },
    { STAGE_END, 0 },
  };
  int64_t op = connection + ps / SIM_PS_PER_MS * 100000;
  int64_t end = sample_operation (sample, ps, down ? LATENCY_OFFLOAD : LATENCY_UPLOAD, op,
                                  connection, stages);

  sample_add (sample, ps, TRACE_OWNER, connection, down ? OWNER_GOING_DOWN : OWNER_GOING_UP, op, 0);
  sample_add (sample, end, TRACE_OWNER, connection, down ? OWNER_TARGET : OWNER_HOST, op, 0);
}

static inline void
sample_connection (Sample *sample, int64_t connection)
{
  int64_t ms = SIM_PS_PER_MS;
  int64_t turn = connection * 2 * SIM_PS_PER_US;

  sample_requests (sample, connection, 0, 5 * ms, false);
  sample_hand_over (sample, connection, 5 * ms + turn, true);
  sample_requests (sample, connection, 8 * ms, 59 * ms, true);
  sample_hand_over (sample, connection, 60 * ms + turn, false);
  sample_requests (sample, connection, 63 * ms, 79 * ms, false);
  sample_hand_over (sample, connection, 80 * ms + turn, true);
  sample_requests (sample, connection, 83 * ms, 99 * ms, true);
}

static inline void
sample_event (Sample *sample, uint32_t index, const char *id, TimelineVerb verb, int64_t begun_ps,
              int64_t ended_ps)
{
  sample->events[index].id = id;
  sample->events[index].verb = verb;
  sample_add (sample, begun_ps, TRACE_TIMELINE, index, 0, 0, 0);
  if (ended_ps > 0)
    sample_add (sample, ended_ps, TRACE_TIMELINE, index, 1, 0, 0);
}

static inline void
sample_story (Sample *sample)
{
  int64_t ms = SIM_PS_PER_MS;

  sample_event (sample, 0, "bulk", TIMELINE_OFFLOAD, 5 * ms, 7 * ms);
  sample_event (sample, 1, "unplug", TIMELINE_LINK, 40 * ms, 40 * ms);
  sample_event (sample, 2, "plug", TIMELINE_LINK, 42 * ms, 42 * ms);
  sample_event (sample, 3, "sleep", TIMELINE_SET_POWER, 60 * ms, 65 * ms);
  sample_event (sample, 4, "again", TIMELINE_OFFLOAD, 80 * ms, 0);
  sample_add (sample, 40 * ms, TRACE_LINK, 0, 0, 0, 0);
  sample_add (sample, 42 * ms, TRACE_LINK, 1, 0, 0, 0);
  sample_add (sample, 65 * ms, TRACE_POWER, 1, 0, 3, 0);
  sample_add (sample, 77 * ms, TRACE_POWER, 1, 3, 0, 0);
}

static inline gint
sample_compare (gconstpointer a, gconstpointer b)
{
  const SampleRecord *left = a, *right = b;
  if (left->when.ps != right->when.ps)
    return left->when.ps < right->when.ps ? -1 : 1;
  return (left->number > right->number) - (left->number < right->number);
}

static inline void
sample_replay (Sim *sim, void *data)
{
  Sample *sample = data;

  while (sample->next < sample->records->len) {
    SampleRecord *record = &g_array_index (sample->records, SampleRecord, sample->next);
    if (sim_time_before (sim_now (sim), record->when)) {
      sim_event_schedule (sim, &sample->event, record->when);
      return;
    }
    sim_trace_emit (sim_trace (sim), 0, record->kind, record->column, record->n_columns);
    sample->next++;
  }
}

static inline void
sample_counters (Sample *sample)
{
  LabSample now = { 0 };

  for (int i = 0; i <= 500; i++) {
    bool chimney = (i > 30 && i < 300) || i > 405;
    now.when.ps = i * SAMPLE_END_PS / 500;
    g_array_append_val (sample->samples, now);
    int64_t bytes = i >= 200 && i < 210 ? 0 : 60000 + sample_draw (sample, 30000);
    now.value[chimney ? LAB_COUNTER_DELIVERED_CHIMNEY : LAB_COUNTER_DELIVERED_HOST] += bytes;
    now.value[chimney ? LAB_COUNTER_SENT_CHIMNEY : LAB_COUNTER_SENT_HOST] += bytes / 12;
    now.value[LAB_COUNTER_WIRE_IN] += bytes * 106 / 100;
    now.value[LAB_COUNTER_WIRE_OUT] += bytes / 8;
    now.value[LAB_COUNTER_CPU_BUSY] += bytes * (chimney ? 1000 : 4200);
    now.value[LAB_COUNTER_ENGINE_BUSY] += chimney ? bytes * 1700 : 0;
  }
}

static inline void
sample_play (Sample *sample)
{
  SimLimits limits = { { SAMPLE_END_PS }, 0, 0 };

  g_array_sort (sample->records, sample_compare);
  sim_event_init (&sample->event, SIM_PHASE_HOST, 1, sample_replay, sample);
  sim_event_schedule (sample->sim, &sample->event, SIM_TIME_ZERO);
  (void)sim_run (sample->sim, limits);
}

static inline Sample *
sample_new (uint32_t n_connections)
{
  Sample *sample = g_new0 (Sample, 1);

  sample->config = (WorldConfig){ .name = "sample",
                                  .seed = 20070604,
                                  .n_ims = 1,
                                  .n_groups = 1,
                                  .n_connections = n_connections,
                                  .n_events = 5,
                                  .event = sample->events };
  sample->config.im[0].name = "team0";
  sample->config.group[0] = (ConnectionGroup){ .name = "web", .count = n_connections };
  sample->config.host.n_cpus = 4;
  sample->config.target.engines.count = 2;
  sample->sim = sim_new (1);
  SimTrace *trace = sim_trace (sample->sim);
  sim_trace_set_kinds (trace, trace_kinds, TRACE_N_KINDS);
  sample->latency = latency_new (trace, n_connections, SIM_TIME_ZERO);
  sample->ownership = ownership_new (trace, n_connections);
  sample->episodes = episodes_new (trace, 5);
  sample->apps = apps_new (trace, n_connections);
  sample->records = g_array_new (FALSE, FALSE, sizeof (SampleRecord));
  sample->samples = g_array_new (FALSE, FALSE, sizeof (LabSample));
  for (uint32_t i = 0; i < n_connections; i++)
    sample_connection (sample, i);
  sample_story (sample);
  sample_counters (sample);
  sample_play (sample);
  sample->view = (LabView){ &sample->config,     { SAMPLE_END_PS },
                            sample->latency,     sample->ownership,
                            sample->episodes,    (const LabSample *)(void *)sample->samples->data,
                            sample->samples->len };
  return sample;
}

static inline void
sample_free (Sample *sample)
{
  latency_free (sample->latency);
  ownership_free (sample->ownership);
  episodes_free (sample->episodes);
  apps_free (sample->apps);
  g_array_unref (sample->records);
  g_array_unref (sample->samples);
  sim_free (sample->sim);
  g_free (sample);
}
