#include "tests/support.h"

#include "sim/random.h"
#include "sim/server.h"

enum { LOG_MAX = 512 };

static const SimLimits NO_LIMIT = { .until = SIM_TIME_NEVER };

typedef struct Fixture {
  Sim *sim;
  SimServer *server;
  uint32_t done[LOG_MAX]; /* ids, in order */
  int64_t when[LOG_MAX];
  uint32_t done_count;
} Fixture;

typedef struct Task {
  SimJob job;
  SimEvent arrival;
  Fixture *fixture;
  uint32_t id;
  uint32_t again; /* submit itself so often from its own done */
  bool refused;
} Task;

static void
task_done (Sim *sim, SimJob *job)
{
  Task *task = job->owner;
  Fixture *fixture = task->fixture;
  assert_true (fixture->done_count < LOG_MAX);
  fixture->done[fixture->done_count] = task->id;
  fixture->when[fixture->done_count++] = sim_now (sim).ps;
  if (task->again > 0) {
    task->again--;
    assert_true (sim_server_submit (fixture->server, job));
  }
}

static void
submit (G_GNUC_UNUSED Sim *sim, void *data)
{
  Task *task = data;
  task->refused = !sim_server_submit (task->fixture->server, &task->job);
}

static void
init_task (Fixture *fixture, Task *task, uint32_t id, int64_t service_ps)
{
  *task = (Task){ .fixture = fixture, .id = id };
  task->job = (SimJob){ .service = { service_ps }, .done = task_done, .owner = task };
}

static void
submit_at (Fixture *fixture, Task *task, int64_t ps)
{
  sim_event_init (&task->arrival, SIM_PHASE_WIRE, 0, submit, task);
  sim_event_schedule (fixture->sim, &task->arrival, (SimTime){ ps });
}

static Fixture *
new_fixture (uint32_t slots, uint32_t queue_limit)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  fixture->sim = sim_new (1);
  fixture->server = sim_server_new (fixture->sim, (SimServerConfig){ .slots = slots,
                                                                     .queue_limit = queue_limit,
                                                                     .phase = SIM_PHASE_DEVICE,
                                                                     .actor_id = 1 });
  return fixture;
}

static void
free_fixture (Fixture *fixture)
{
  sim_server_free (fixture->server);
  sim_free (fixture->sim);
  g_free (fixture);
}

static void
one_slot_serves_in_order_one_after_the_other (G_GNUC_UNUSED void **state)
{
  Fixture *fixture = new_fixture (1, 0);
  Task task[4];
  for (uint32_t i = 0; i < 4; i++) {
    init_task (fixture, &task[i], i, 10 + i);
    submit_at (fixture, &task[i], 5);
  }
  sim_run (fixture->sim, NO_LIMIT);
  static const int64_t ends[] = { 15, 26, 38, 51 };
  for (uint32_t i = 0; i < 4; i++) {
    assert_int_equal (fixture->done[i], i);
    assert_int_equal (fixture->when[i], ends[i]);
    assert_int_equal (task[i].job.submitted.ps, 5);
    assert_int_equal (task[i].job.started.ps, i == 0 ? 5 : ends[i - 1]);
  }
  SimServerStats stats = sim_server_stats (fixture->server);
  assert_int_equal (stats.jobs, 4);
  assert_int_equal (stats.busy.ps, 46);
  assert_int_equal (stats.queue_peak, 3);
  assert_int_equal (stats.queued, 0);
  free_fixture (fixture);
}

static void
slots_serve_side_by_side_and_end_in_slot_order (G_GNUC_UNUSED void **state)
{
  Fixture *fixture = new_fixture (3, 0);
  Task task[5];
  for (uint32_t i = 0; i < 5; i++) {
    init_task (fixture, &task[i], i, i == 1 ? 3 : 10);
    submit_at (fixture, &task[i], 0);
  }
  sim_run (fixture->sim, NO_LIMIT);
  /* 1 ends at 3 and 3 takes its slot until 13; 0 and 2 end at 10; 4 takes 0's until 20. */
  static const uint32_t ids[] = { 1, 0, 2, 3, 4 };
  static const int64_t ends[] = { 3, 10, 10, 13, 20 };
  for (uint32_t i = 0; i < 5; i++) {
    assert_int_equal (fixture->done[i], ids[i]);
    assert_int_equal (fixture->when[i], ends[i]);
  }
  assert_int_equal (sim_server_stats (fixture->server).busy.ps, 43);
  assert_int_equal (sim_server_slots (fixture->server), 3);
  free_fixture (fixture);
}

static void
a_full_queue_refuses_and_changes_nothing (G_GNUC_UNUSED void **state)
{
  Fixture *fixture = new_fixture (1, 2);
  Task task[5];
  for (uint32_t i = 0; i < 5; i++) {
    init_task (fixture, &task[i], i, 10);
    submit_at (fixture, &task[i], i == 4 ? 15 : 0);
  }
  sim_run (fixture->sim, NO_LIMIT);
  for (uint32_t i = 0; i < 5; i++)
    assert_int_equal (task[i].refused, i == 3);
  assert_int_equal (fixture->done_count, 4);
  assert_int_equal (sim_server_stats (fixture->server).refused, 1);
  assert_int_equal (sim_server_stats (fixture->server).jobs, 4);
  free_fixture (fixture);
}

static void
a_job_may_be_submitted_again_when_it_is_done (G_GNUC_UNUSED void **state)
{
  Fixture *fixture = new_fixture (1, 0);
  Task task[2];
  for (uint32_t i = 0; i < 2; i++) {
    init_task (fixture, &task[i], i, 10);
    task[i].again = 2;
    submit_at (fixture, &task[i], 0);
  }
  sim_run (fixture->sim, NO_LIMIT);
  for (uint32_t i = 0; i < 6; i++) {
    assert_int_equal (fixture->done[i], i % 2);
    assert_int_equal (fixture->when[i], 10 * (i + 1));
  }
  free_fixture (fixture);
}

static void
jobs_without_service_time_take_no_time (G_GNUC_UNUSED void **state)
{
  Fixture *fixture = new_fixture (2, 0);
  Task task[6];
  for (uint32_t i = 0; i < 6; i++) {
    init_task (fixture, &task[i], i, 0);
    submit_at (fixture, &task[i], 7);
  }
  sim_run (fixture->sim, NO_LIMIT);
  for (uint32_t i = 0; i < 6; i++) {
    assert_int_equal (fixture->done[i], i);
    assert_int_equal (fixture->when[i], 7);
  }
  free_fixture (fixture);
}

static void
busy_time_counts_what_is_in_service_up_to_now (G_GNUC_UNUSED void **state)
{
  Fixture *fixture = new_fixture (4, 0);
  Task task[3];
  for (uint32_t i = 0; i < 3; i++) {
    init_task (fixture, &task[i], i, 100);
    submit_at (fixture, &task[i], 10 * i);
  }
  sim_run (fixture->sim, (SimLimits){ .until = { 50 } });
  assert_int_equal (sim_server_stats (fixture->server).busy.ps, 50 + 40 + 30);
  assert_int_equal (sim_server_stats (fixture->server).jobs, 0);
  free_fixture (fixture);
}

static void
however_many_wait_one_event_is_pending (G_GNUC_UNUSED void **state)
{
  Fixture *fixture = new_fixture (SIM_SERVER_SLOTS_MAX, 0);
  Task task[200];
  for (uint32_t i = 0; i < 200; i++) {
    init_task (fixture, &task[i], i, 1000 + i * 7919 % 200);
    assert_true (sim_server_submit (fixture->server, &task[i].job));
    assert_int_equal (sim_events_pending (fixture->sim), 1);
  }
  sim_run (fixture->sim, NO_LIMIT);
  assert_int_equal (fixture->done_count, 200);
  for (uint32_t i = 1; i < 200; i++)
    assert_true (fixture->when[i - 1] <= fixture->when[i]);
  free_fixture (fixture);
}

/* Lindley: each job starts when it has arrived and the one before it has ended. */
static void
random_jobs_start_when_a_slot_is_free (G_GNUC_UNUSED void **state)
{
  enum { N = 400 };
  SimStream stream = sim_stream (5, "server");
  for (uint32_t slots = 1; slots <= 4; slots++) {
    Fixture *fixture = new_fixture (slots, 0);
    Task *task = g_new (Task, N);
    int64_t free_at[4] = { 0 }, arrival = 0, busy = 0;
    for (uint32_t i = 0; i < N; i++) {
      int64_t service = (int64_t)sim_draw_below (stream, slots, 2 * i, 1000 * slots);
      arrival += (int64_t)sim_draw_below (stream, slots, 2 * i + 1, 1100);
      init_task (fixture, &task[i], i, service);
      submit_at (fixture, &task[i], arrival);
    }
    sim_run (fixture->sim, NO_LIMIT);
    for (uint32_t i = 0; i < N; i++) {
      uint32_t first = 0;
      for (uint32_t k = 1; k < slots; k++)
        first = free_at[k] < free_at[first] ? k : first;
      int64_t start = MAX (task[i].job.submitted.ps, free_at[first]);
      assert_int_equal (task[i].job.started.ps, start);
      free_at[first] = start + task[i].job.service.ps;
      busy += task[i].job.service.ps;
    }
    assert_int_equal (sim_server_stats (fixture->server).busy.ps, busy);
    g_free (task);
    free_fixture (fixture);
  }
}

static void
a_server_that_cannot_be_asserts (G_GNUC_UNUSED void **state)
{
  Sim *sim = sim_new (1);
  expect_assert_failure (sim_server_new (sim, (SimServerConfig){ .slots = 0 }));
  expect_assert_failure (
      sim_server_new (sim, (SimServerConfig){ .slots = SIM_SERVER_SLOTS_MAX + 1 }));
  sim_free (sim);
  sim_server_free (NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (one_slot_serves_in_order_one_after_the_other),
    cmocka_unit_test (slots_serve_side_by_side_and_end_in_slot_order),
    cmocka_unit_test (a_full_queue_refuses_and_changes_nothing),
    cmocka_unit_test (a_job_may_be_submitted_again_when_it_is_done),
    cmocka_unit_test (jobs_without_service_time_take_no_time),
    cmocka_unit_test (busy_time_counts_what_is_in_service_up_to_now),
    cmocka_unit_test (however_many_wait_one_event_is_pending),
    cmocka_unit_test (random_jobs_start_when_a_slot_is_free),
    cmocka_unit_test (a_server_that_cannot_be_asserts),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
