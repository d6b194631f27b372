#include "tests/support.h"

#include "tests/allocations.h"

#include "sim/choice.h"
#include "sim/cpu.h"
#include "sim/dist.h"
#include "sim/pool.h"
#include "sim/server.h"
#include "sim/trace.h"

/* A small world that uses all of the kernel: packets arrive, pass an engine, raise a DPC, and push
 * a retransmission timer back. */
enum { ACTORS = 40, ACCOUNT = 1, SITE = 5 };
enum { TRACE_ARRIVE, TRACE_DELIVER, TRACE_TIMEOUT, N_KINDS };
enum { TRACE_N_ARRIVE = 1, TRACE_N_DELIVER = 2, TRACE_N_TIMEOUT = 1 };

static const SimTraceKind KINDS[N_KINDS] = {
  [TRACE_ARRIVE] = { "arrive", "wire", 1, 0xf, { "number" } },
  [TRACE_DELIVER] = { "deliver", "call", 2, 0xf, { "number", "waited" } },
  [TRACE_TIMEOUT] = { "timeout", "call", 1, 0xf, { "number" } },
};

typedef struct World World;
typedef struct Actor Actor;

typedef struct Packet {
  SimJob job;
  Actor *actor;
} Packet;

struct Actor {
  World *world;
  uint32_t id;
  SimEvent arrival;
  SimEvent timer;
  SimWork dpc;
  uint64_t arrivals;
};

struct World {
  Sim *sim;
  SimTrace *trace;
  SimCpu *cpu;
  SimServer *engine;
  SimPool *packets;
  SimDist *gap;
  SimStream stream;
  Actor actor[ACTORS];
};

static void
finish (SimCpu *cpu, const SimStepArgs *args)
{
  Actor *actor = args->self;
  sim_cpu_charge (cpu, ACCOUNT, sim_cycles (30));
  TRACE (actor->world->trace, actor->id, DELIVER, (int64_t)args->word[0],
         sim_cpu_result (cpu).value);
  sim_progress (sim_cpu_sim (cpu));
}

static void
look_up (SimCpu *cpu, const SimStepArgs *args)
{
  sim_cpu_charge (cpu, ACCOUNT, sim_cycles (50));
  sim_cpu_return (cpu, (SimResult){ 0, (int64_t)args->word[0] * 2 });
}

static void
run_dpc (SimCpu *cpu, const SimStepArgs *args)
{
  Actor *actor = args->self;
  SimStepArgs next = { .self = actor, .word = { actor->arrivals } };
  sim_cpu_charge (cpu, ACCOUNT, sim_cycles (20));
  sim_cpu_call (cpu, look_up, &next, finish, &next);
}

static void
served (G_GNUC_UNUSED Sim *sim, SimJob *job)
{
  Packet *packet = job->owner;
  Actor *actor = packet->actor;
  sim_cpu_queue (actor->world->cpu, &actor->dpc);
  sim_pool_put (actor->world->packets, packet);
}

static void
submit_packet (Actor *actor)
{
  World *world = actor->world;
  Packet *packet = sim_pool_take (world->packets);
  if (packet == NULL)
    return;
  packet->actor = actor;
  packet->job = (SimJob){ .service = sim_ns (100 + (int64_t)(actor->arrivals % 7)),
                          .done = served,
                          .owner = packet };
  if (!sim_server_submit (world->engine, &packet->job))
    sim_pool_put (world->packets, packet);
}

static void
arrive (Sim *sim, void *data)
{
  Actor *actor = data;
  World *world = actor->world;
  SimTime now = sim_now (sim);
  int64_t gap = sim_dist_draw (world->gap, world->stream, actor->id, actor->arrivals++);

  TRACE (world->trace, actor->id, ARRIVE, (int64_t)actor->arrivals);
  gap += sim_choose (sim, SITE, actor->id, 3);
  sim_event_schedule (sim, &actor->arrival, sim_time_add (now, sim_ps (gap)));
  sim_event_schedule (sim, &actor->timer, sim_time_add (now, sim_us (40)));
  if (actor->arrivals % 5 == 0)
    sim_event_cancel (sim, &actor->timer);
  submit_packet (actor);
}

static void
time_out (G_GNUC_UNUSED Sim *sim, void *data)
{
  Actor *actor = data;
  TRACE (actor->world->trace, actor->id, TIMEOUT, (int64_t)actor->arrivals);
}

static World *
new_world (uint64_t seed)
{
  World *world = g_new0 (World, 1);
  world->sim = sim_new (seed);
  world->trace = sim_trace (world->sim);
  sim_trace_set_kinds (world->trace, KINDS, N_KINDS);
  world->cpu = sim_cpu_new (world->sim,
                            (SimCpuConfig){ .clock = { INT64_C (3000000000) }, .actor_id = 1000 });
  world->engine = sim_server_new (
      world->sim, (SimServerConfig){
                      .slots = 2, .queue_limit = 16, .phase = SIM_PHASE_DEVICE, .actor_id = 999 });
  world->packets = sim_pool_new (sizeof (Packet), 64);
  world->gap = sim_dist_new_exponential (10 * SIM_PS_PER_US);
  world->stream = sim_stream (seed, "gap");
  for (uint32_t i = 0; i < ACTORS; i++) {
    Actor *actor = &world->actor[i];
    *actor = (Actor){ .world = world, .id = i };
    sim_event_init (&actor->arrival, SIM_PHASE_WIRE, i, arrive, actor);
    sim_event_init (&actor->timer, SIM_PHASE_HOST, i, time_out, actor);
    sim_work_init (&actor->dpc, SIM_LEVEL_DPC, run_dpc, (SimStepArgs){ .self = actor });
    sim_event_schedule (world->sim, &actor->arrival, (SimTime){ 0 });
  }
  return world;
}

static SimStop
run_world (World *world, int64_t until_ms)
{
  return sim_run (world->sim,
                  (SimLimits){ .until = { until_ms * SIM_PS_PER_MS }, .livelock_events = 1000000 });
}

static uint64_t
free_world (World *world)
{
  uint64_t print = sim_trace_print (world->trace, SIM_PRINT_TIMING);
  sim_server_free (world->engine);
  sim_cpu_free (world->cpu);
  for (uint32_t i = 0; i < 64; i++)
    if (sim_pool_at (world->packets, i) != NULL)
      sim_pool_put (world->packets, sim_pool_at (world->packets, i));
  sim_pool_free (world->packets);
  sim_dist_free (world->gap);
  sim_free (world->sim);
  g_free (world);
  return print;
}

static uint64_t
print_of_run (uint64_t seed)
{
  World *world = new_world (seed);
  sim_choices_open (sim_choices (world->sim), SITE);
  sim_choices_open (sim_choices (world->sim), SIM_SITE_SAME_TIME);
  SimStop stop = run_world (world, 5);
  return stop == SIM_STOP_TIME ? free_world (world) : 0;
}

static gpointer
print_on_thread (gpointer data)
{
  uint64_t *seed_and_print = data;
  seed_and_print[1] = print_of_run (seed_and_print[0]);
  return NULL;
}

static void
worlds_on_two_threads_give_what_they_give_alone (G_GNUC_UNUSED void **state)
{
  uint64_t run[2][2] = { { 1, 0 }, { 2, 0 } };
  GThread *thread[2];
  for (unsigned i = 0; i < 2; i++)
    thread[i] = g_thread_new ("world", print_on_thread, run[i]);
  for (unsigned i = 0; i < 2; i++)
    g_thread_join (thread[i]);
  assert_int_equal (run[0][1], print_of_run (1));
  assert_int_equal (run[1][1], print_of_run (2));
  assert_int_not_equal (run[0][1], run[1][1]);
}

static void
two_worlds_taking_turns_give_what_they_give_alone (G_GNUC_UNUSED void **state)
{
  World *world[2] = { new_world (1), new_world (2) };
  for (int64_t ms = 1; ms <= 4; ms++)
    for (unsigned i = 0; i < 2; i++)
      run_world (world[i], ms);
  for (unsigned i = 0; i < 2; i++) {
    World *alone = new_world (i + 1);
    run_world (alone, 4);
    assert_int_equal (free_world (alone), free_world (world[i]));
  }
}

/* Every compiler, level and machine has to give this. */
static void
a_run_is_the_same_everywhere (G_GNUC_UNUSED void **state)
{
  World *world = new_world (1);
  run_world (world, 4);
  assert_true (sim_trace_records (world->trace) > 20000);
  assert_int_equal (free_world (world), UINT64_C (0x4fd09b7c964e9b42));
}

static void
a_warm_world_takes_no_memory (G_GNUC_UNUSED void **state)
{
  uint64_t cold = allocations ();
  World *world = new_world (1);
  assert_true (!COUNT_ALLOCATIONS || allocations () > cold + 5);
  run_world (world, 20);
  uint64_t before = allocations (), fired = sim_events_fired (world->sim);
  run_world (world, 40);
  assert_int_equal (allocations (), before);
  assert_true (sim_events_fired (world->sim) > fired + 100000);
  free_world (world);
}

static void
hold (Sim *sim, void *data)
{
  SimEvent *event = data;
  uint64_t draw = sim_draw ((SimStream){ { 1, 2 } }, event->order, 0);
  sim_event_schedule (sim, event, sim_time_add (sim_now (sim), sim_ps ((int64_t)(draw >> 40))));
}

static void
a_warm_hold_of_thousands_takes_no_memory (G_GNUC_UNUSED void **state)
{
  enum { N = 10000 };
  Sim *sim = sim_new (1);
  SimEvent *event = g_new (SimEvent, N);
  for (uint32_t i = 0; i < N; i++) {
    sim_event_init (&event[i], SIM_PHASE_DEVICE, i, hold, &event[i]);
    hold (sim, &event[i]);
  }
  SimLimits limits = { .until = SIM_TIME_NEVER, .max_events = 2000000 };
  sim_run (sim, limits);
  uint64_t before = allocations ();
  limits.max_events *= 2;
  assert_int_equal (sim_run (sim, limits), SIM_STOP_EVENTS);
  assert_int_equal (allocations (), before);
  sim_free (sim);
  g_free (event);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (worlds_on_two_threads_give_what_they_give_alone),
    cmocka_unit_test (two_worlds_taking_turns_give_what_they_give_alone),
    cmocka_unit_test (a_run_is_the_same_everywhere),
    cmocka_unit_test (a_warm_world_takes_no_memory),
    cmocka_unit_test (a_warm_hold_of_thousands_takes_no_memory),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
