/*
 * One connection that sends, as a scenario, and what came of it: the measured side of a closed
 * form.
 *
 * Functions are here and not in a file of their own because benchmarks and tests are one file each.
 *
 * Units       As each member says.
 * Invariants  The scenario is all there is: chimsim run gives the same run.
 */
#pragma once

#include <stdio.h>
#include <string.h>

#include "lab/run.h"
#include "lab/scenario.h"
#include "models/tcp/counters.h"
#include "models/trace/trace.h"
#include "sim/sim.h"

#define CLOSED_RESENDS_MAX 16

typedef struct ClosedSetup {
  const char *name;
  const char *rate;    /* "1 Gbit/s" */
  const char *impair;  /* of frames to the peer: "counts: data, drop: every 100th"; NULL: none */
  const char *tcp;     /* further members of the sender's tcp; NULL: none */
  const char *traffic; /* NULL: sends without end */
  double one_way_s;
  uint32_t window_bytes; /* the peer's */
  uint32_t segments_per_ack;
  uint32_t delay_ms;           /* of the peer's delayed ACKs; 0: 20 ms */
  double from_s, until_s;      /* what is measured */
  int from_cycle, until_cycle; /* likewise, if |until_cycle| > 0: cycles from 0 */
  uint64_t seed;
  bool on_target;
} ClosedSetup;

typedef struct ClosedMeasures {
  double seconds;
  double received_bytes; /* by the peer's application */
  double data_segments;  /* made by the sender, retransmissions included */
  double timeouts, recoveries;
  /* From one time that something was sent again to a later one: that many cycles of losses. */
  int cycles;
  double cycle_segments, cycle_seconds;
  double first_window; /* in flight when the first loss was noticed, in segments */
  int64_t resent_ps[CLOSED_RESENDS_MAX]; /* when the segment sent most often was sent */
  int n_resent;
} ClosedMeasures;

/* Next hops do not age: where nothing comes back for long, the host would give the neighbor up. */
static inline char *
closed_scenario (const ClosedSetup *s)
{
  g_autofree char *tcp = g_strdup_printf ("ack_frequency: 2%s%s", s->tcp != NULL ? ", " : "",
                                          s->tcp != NULL ? s->tcp : "");
  uint32_t buffer = MAX (s->window_bytes * 2, UINT32_C (1) << 20);
  g_autofree char *chunk = g_strdup_printf ("%u B", buffer / 2);
  return g_strdup_printf (
      "format: chimsim/1\nname: %s\nseed: %" G_GUINT64_FORMAT "\nstop: {at: %.0f ms}\n"
      "host: {preset: server-2008, neighbors: {reachable_time: 0 ps}, send: {backlog: %u "
      "B}%s%s%s}\n"
      "target: {preset: toe-10g%s%s%s}\n"
      "wire: {rate: %s, one_way: %.0f us, queue: 256 MiB%s%s%s}\n"
      "peers: {tcp: {ack_frequency: %u, delayed_ack: %u ticks}}\n"
      "stack: [host, target, wire]\n"
      "connections:\n"
      "  one: {count: 1, receive_window: %u B, peer_window: %u B, "
      "traffic: {%s%s}}\n"
      "%s"
      "measure: {sample_every: 0 ps}\n",
      s->name, s->seed, s->until_s * 1e3, buffer, s->on_target ? "" : ", tcp: {",
      s->on_target ? "" : tcp, s->on_target ? "" : "}", s->on_target ? ", tcp: {" : "",
      s->on_target ? tcp : "", s->on_target ? "}" : "", s->rate, s->one_way_s * 1e6,
      s->impair != NULL ? ", impair: {to_peer: {" : "", s->impair != NULL ? s->impair : "",
      s->impair != NULL ? "}}" : "", s->segments_per_ack, s->delay_ms > 0 ? s->delay_ms : 20,
      UINT32_C (1) << 20, s->window_bytes,
      s->traffic != NULL ? s->traffic : "pattern: send, chunk: ", s->traffic != NULL ? "" : chunk,
      s->on_target ? "timeline:\n  - {id: down, at: 100 us, do: offload, target: one/0}\n" : "");
}

typedef struct ClosedWatch {
  const ClosedSetup *setup;
  World *world;
  SimEvent event;
  ClosedMeasures at_start;
  ClosedMeasures *measures;
  int64_t seq;  /* last data sent */
  uint32_t end; /* of all data sent */
  int n_losses; /* times that something was sent again */
  double n_sent;
  double cycle_sent; /* when |from_cycle| began */
  int64_t cycle_ps;
} ClosedWatch;

static inline ClosedMeasures
closed_read (const ClosedWatch *watch)
{
  const TcpCounters *sides[] = { host_tcp_counters (world_host (watch->world)),
                                 target_tcp_counters (world_target (watch->world)) };
  ClosedMeasures m = { .received_bytes =
                           (double)peers_received_bytes (world_peers (watch->world), 0) };
  for (int i = 0; i < 2; i++) {
    m.data_segments += (double)sides[i]->data_out;
    m.timeouts += (double)sides[i]->timeouts;
    m.recoveries += (double)sides[i]->recoveries;
  }
  return m;
}

static inline void
closed_begin (G_GNUC_UNUSED Sim *sim, void *data)
{
  ClosedWatch *watch = data;
  watch->at_start = closed_read (watch);
}

static inline void
closed_ready (void *data, World *world)
{
  ClosedWatch *watch = data;
  SimTime from = { (int64_t)(watch->setup->from_s * 1e12) };
  watch->world = world;
  sim_event_init (&watch->event, SIM_PHASE_OBSERVE, TIMELINE_ACTOR, closed_begin, watch);
  sim_event_schedule (world_sim (world), &watch->event, from);
}

/* A loss is known when something is sent again: that is where cycles begin. */
static inline void
closed_note_loss (ClosedWatch *watch, int64_t ps)
{
  int cycle = watch->n_losses++;
  if (cycle == watch->setup->from_cycle) {
    watch->cycle_sent = watch->n_sent;
    watch->cycle_ps = ps;
  } else if (cycle > watch->setup->from_cycle && cycle <= watch->setup->until_cycle) {
    watch->measures->cycles = cycle - watch->setup->from_cycle;
    watch->measures->cycle_segments = watch->n_sent - watch->cycle_sent;
    watch->measures->cycle_seconds = (double)(ps - watch->cycle_ps) / 1e12;
  }
}

static inline void
closed_note_data (ClosedWatch *watch, uint32_t seq, uint32_t end, int64_t ps)
{
  double segment_bytes = (double)(end - seq);
  bool is_new = watch->n_sent < 1 || (int32_t)(watch->end - seq) <= 0;
  watch->n_sent++;
  if (is_new)
    watch->end = end;
  else
    closed_note_loss (watch, ps);
  if (watch->n_losses == 1 && !is_new)
    watch->measures->first_window = (double)(watch->end - seq) / segment_bytes;
}

/* Data to the peer as it leaves: a new number begins a list of instants, the same one goes on. */
static inline void
closed_sent (void *data, const SimRecord *record)
{
  ClosedWatch *watch = data;
  ClosedMeasures *m = watch->measures;
  enum { DIRECTION = 2, SEQ = 3, PAYLOAD = 7 };
  if (record->column[DIRECTION] != 0 || record->column[PAYLOAD] == 0)
    return;
  uint32_t seq = (uint32_t)record->column[SEQ];
  closed_note_data (watch, seq, seq + (uint32_t)record->column[PAYLOAD], record->when.ps);
  if (record->column[SEQ] != watch->seq)
    m->n_resent = 0;
  watch->seq = record->column[SEQ];
  if (m->n_resent < CLOSED_RESENDS_MAX)
    m->resent_ps[m->n_resent++] = record->when.ps;
}

static inline void
closed_observe (void *data, Sim *sim)
{
  static const uint16_t kinds[] = { TRACE_WIRE_SEND };
  sim_trace_add_reader (sim_trace (sim), closed_sent, data, kinds, G_N_ELEMENTS (kinds));
}

/* closed_run runs the scenario |text| of |setup|; false: it is refused, and standard error says
 * why. */
static inline bool
closed_run (const ClosedSetup *setup, const char *text, ClosedMeasures *ret_measures)
{
  static const char *const folders[] = { "scenarios/presets", NULL };
  LabScenarioRequest request = {
    .path = setup->name, .text = text, .n_bytes = strlen (text), .preset_folders = folders
  };
  g_autoptr (GError) error = NULL;
  LabScenario *scenario = lab_scenario_load (&request, &error);
  if (scenario == NULL) {
    fprintf (stderr, "%s\n", error->message);
    return false;
  }
  ClosedWatch watch = { .setup = setup, .measures = ret_measures, .seq = -1 };
  LabRunRequest run = { .config = lab_scenario_config (scenario),
                        .observe = closed_observe,
                        .observe_data = &watch,
                        .ready = closed_ready,
                        .ready_data = &watch };
  *ret_measures = (ClosedMeasures){ 0 };
  LabRun *result = lab_run (&run);
  ClosedMeasures end = closed_read (&watch);
  ret_measures->seconds = setup->until_s - setup->from_s;
  ret_measures->received_bytes = end.received_bytes - watch.at_start.received_bytes;
  ret_measures->data_segments = end.data_segments - watch.at_start.data_segments;
  ret_measures->timeouts = end.timeouts - watch.at_start.timeouts;
  ret_measures->recoveries = end.recoveries - watch.at_start.recoveries;
  lab_run_free (result);
  lab_scenario_free (scenario);
  return true;
}
