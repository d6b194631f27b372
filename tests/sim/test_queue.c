#include "tests/support.h"

#include <string.h>

#include "sim/queue.h"
#include "sim/random.h"
#include "sim/sim.h"

/* A model of the pending events that is plainly right: a flat list, searched for its least. */
enum { N_EVENTS = 600 };

typedef struct Model Model;

typedef struct Item {
  SimEvent event;
  Model *model;
  uint32_t id;
  SimPhase phase;
  uint32_t actor_id;
  bool pending;
  int64_t when;
  uint64_t armed; /* how many armings there had been */
} Item;

struct Model {
  Sim *sim;
  Item *item[N_EVENTS]; /* each on the heap: freed after cancels, to show who still looks */
  uint64_t armings;
  uint64_t draws;
  uint64_t fired;
  SimStream stream;
  int64_t spread; /* of increments */
};

static uint64_t
draw (Model *model, uint64_t bound)
{
  return sim_draw_below (model->stream, 0, model->draws++, bound);
}

/* Mixed horizons: the same instant, the near future, and times of every magnitude. */
static int64_t
draw_increment (Model *model)
{
  switch (draw (model, 8)) {
  case 0:
  case 1:
    return 0;
  case 2:
    return (int64_t)draw (model, 4);
  case 3:
    return (int64_t)(draw (model, UINT64_C (1) << draw (model, 48)));
  case 4:
    return model->spread;
  default:
    return (int64_t)draw (model, (uint64_t)model->spread + 1);
  }
}

static bool
item_before (const Item *a, const Item *b)
{
  if (a->when != b->when)
    return a->when < b->when;
  if (a->phase != b->phase)
    return a->phase < b->phase;
  if (a->actor_id != b->actor_id)
    return a->actor_id < b->actor_id;
  return a->armed < b->armed;
}

static Item *
least (const Model *model)
{
  Item *first = NULL;
  for (uint32_t i = 0; i < N_EVENTS; i++)
    if (model->item[i]->pending && (first == NULL || item_before (model->item[i], first)))
      first = model->item[i];
  return first;
}

static void
arm (Model *model, Item *item, int64_t when)
{
  item->pending = true;
  item->when = when;
  item->armed = ++model->armings;
  sim_event_schedule (model->sim, &item->event, (SimTime){ when });
}

static void fire (Sim *sim, void *data);

static Item *
new_item (Model *model, uint32_t id)
{
  Item *item = g_new0 (Item, 1);
  item->model = model;
  item->id = id;
  item->phase = (SimPhase)draw (model, SIM_N_PHASES);
  item->actor_id = (uint32_t)draw (model, 5);
  sim_event_init (&item->event, item->phase, item->actor_id, fire, item);
  return item;
}

/* One random operation on one random event. */
static void
disturb (Model *model)
{
  uint32_t id = (uint32_t)draw (model, N_EVENTS);
  Item *item = model->item[id];
  uint64_t what = draw (model, 10);

  if (what < 7) {
    arm (model, item, sim_now (model->sim).ps + draw_increment (model));
  } else {
    sim_event_cancel (model->sim, &item->event);
    item->pending = false;
    if (what == 9) {
      memset (item, 0xa5, sizeof *item);
      g_free (item);
      model->item[id] = new_item (model, id);
    }
  }
}

static void
fire (Sim *sim, void *data)
{
  Item *item = data;
  Model *model = item->model;

  assert_ptr_equal (least (model), item);
  assert_int_equal (sim_now (sim).ps, item->when);
  assert_false (sim_event_is_pending (&item->event));
  item->pending = false;
  model->fired++;
  for (uint64_t n = draw (model, 4); n > 0; n--)
    disturb (model);
}

static size_t
count_pending (const Model *model)
{
  size_t count = 0;
  for (uint32_t i = 0; i < N_EVENTS; i++)
    count += model->item[i]->pending;
  return count;
}

static void
run_model (uint64_t seed, int64_t spread, uint64_t operations)
{
  Model model = { .sim = sim_new (seed), .stream = sim_stream (seed, "model"), .spread = spread };
  for (uint32_t i = 0; i < N_EVENTS; i++)
    model.item[i] = new_item (&model, i);

  while (model.armings < operations) {
    for (uint64_t n = draw (&model, 200); n > 0; n--)
      disturb (&model);
    assert_int_equal (sim_events_pending (model.sim), count_pending (&model));
    int64_t until = sim_now (model.sim).ps + draw_increment (&model);
    SimStop stop = sim_run (model.sim, (SimLimits){ .until = { until } });
    const Item *next = least (&model);
    if (next != NULL) {
      assert_int_equal (stop, SIM_STOP_TIME);
      assert_true (next->when > until);
      assert_int_equal (sim_now (model.sim).ps, until);
    } else {
      assert_int_equal (stop, SIM_STOP_IDLE);
    }
  }
  assert_true (model.fired > operations / 10);
  sim_free (model.sim);
  for (uint32_t i = 0; i < N_EVENTS; i++)
    g_free (model.item[i]);
}

static void
the_queue_agrees_with_a_sorted_list_at_every_scale (G_GNUC_UNUSED void **state)
{
  static const int64_t spreads[] = { 1, 50, 1000, 70000, 20000000, INT64_C (5000000000) };
  for (size_t i = 0; i < G_N_ELEMENTS (spreads); i++)
    run_model (i + 1, spreads[i], 60000);
}

/* Many events, too many for the list: each fires not before the one before it. */
typedef struct Crowd {
  Sim *sim;
  SimStream stream;
  uint64_t fired;
  int64_t last_when;
} Crowd;

typedef struct Member {
  SimEvent event;
  Crowd *crowd;
  SimTime when;
} Member;

static void
arm_member (Crowd *crowd, Member *member)
{
  uint64_t draw = sim_draw (crowd->stream, 1, crowd->fired);
  int64_t increment = (int64_t)((draw >> 16) >> draw % 48);
  member->when = sim_time_add (sim_now (crowd->sim), sim_ps (increment));
  sim_event_schedule (crowd->sim, &member->event, member->when);
}

static void
fire_member (Sim *sim, void *data)
{
  Member *member = data;
  Crowd *crowd = member->crowd;
  int64_t now = sim_now (sim).ps;

  assert_true (now >= crowd->last_when);
  assert_int_equal (now, member->when.ps);
  crowd->last_when = now;
  crowd->fired++;
  arm_member (crowd, member);
}

static void
a_crowd_of_every_horizon_fires_in_order (G_GNUC_UNUSED void **state)
{
  enum { N = 100000 };
  Crowd crowd = { .sim = sim_new (1), .stream = sim_stream (1, "crowd") };
  Member *member = g_new (Member, N);
  for (uint32_t i = 0; i < N; i++) {
    member[i].crowd = &crowd;
    sim_event_init (&member[i].event, (SimPhase)(i % SIM_N_PHASES), i, fire_member, &member[i]);
    crowd.fired++;
    arm_member (&crowd, &member[i]);
  }
  sim_run (crowd.sim, (SimLimits){ .until = SIM_TIME_NEVER, .max_events = 1000000 });
  assert_int_equal (sim_events_pending (crowd.sim), N);
  assert_int_equal (crowd.fired, N + 1000000);
  sim_free (crowd.sim);
  g_free (member);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_queue_agrees_with_a_sorted_list_at_every_scale),
    cmocka_unit_test (a_crowd_of_every_horizon_fires_in_order),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
