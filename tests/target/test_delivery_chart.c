#include "tests/support.h"

#include <string.h>

#include "tests/target/delivery_owner.h"

/* The three flowcharts, arrow by arrow: one test for each, of the arrow's name, whose script takes
 * it with its last step.
 *
 * A script's steps: `s` strict from here on; `i50` 50 bytes of an initiate wait before the opening;
 * `p100` a push request of 100 bytes, `n100` a nonpush one, `z` one of no bytes, `f100/30` a push
 * one with 30 bytes in it; `d40` a segment of 40 bytes, `d40!` with PSH; `t` the push timer runs
 * out; `a` the indication is accepted, `r` refused, `c30` 30 bytes of it are taken; `x` the
 * completion has returned. */

typedef struct Arrow {
  DeliveryBox box;
  bool yes;
  const char *script;
  const char *log; /* what the last step asked of the owner */
} Arrow;

static const Arrow arrows[] = {
  /* chart one: requests are posted */
  { DELIVERY_POST_BUSY, true, "d100 p50", "" },
  { DELIVERY_POST_BUSY, false, "p50", "" },
  { DELIVERY_POST_BUFFERED, true, "d100 r p200", "placed 100; start; " },
  { DELIVERY_POST_BUFFERED, false, "p50", "" },
  { DELIVERY_QUEUE_REQUEST, true, "f100/30", "start; " },
  { DELIVERY_EXIT_REQUEST_QUEUED, true, "n100", "" },
  /* chart one: an in-sequence segment */
  { DELIVERY_DATA_BUSY, true, "d100 d50", "" },
  { DELIVERY_DATA_BUSY, false, "d100", "indicate 0+100; " },
  { DELIVERY_QUEUE_SEGMENT, true, "s p50 d50 d50", "" },
  { DELIVERY_EXIT_SEGMENT_QUEUED, true, "d100 d50!", "" },
  { DELIVERY_DATA_REQUEST, true, "n50 d40", "placed 40; " },
  { DELIVERY_DATA_REQUEST, false, "d40", "indicate 0+40; " },
  { DELIVERY_DATA_BUFFERED, true, "d100 r d50", "" },
  { DELIVERY_DATA_BUFFERED, false, "d100 a d50", "indicate 100+50; " },
  { DELIVERY_APPEND_SEGMENT, true, "d100 c30 d50", "" },
  { DELIVERY_EXIT_APPENDED, true, "d100 r d50 d50!", "" },
  /* connector A: placement */
  { DELIVERY_PLACE, true, "n100 d60 d40", "placed 40; complete 1:100/0; " },
  { DELIVERY_COMPLETE_FILLED, true, "n10 n20 n30 d35!", "placed 35; complete 1:10/0 2:20/0; " },
  { DELIVERY_ANY_COMPLETED, true, "p10 d10", "placed 10; complete 1:10/0; " },
  { DELIVERY_ANY_COMPLETED, false, "n10 d5", "placed 5; " },
  { DELIVERY_PLACED_TIMER, true, "p10 d4 d6", "placed 6; complete 1:10/0; stop; " },
  { DELIVERY_PLACED_TIMER, false, "p10 d10", "placed 10; complete 1:10/0; " },
  { DELIVERY_STOP_PLACED_TIMER, true, "f100/30 d70", "placed 70; complete 1:70/0; stop; " },
  { DELIVERY_ALL_PLACED, true, "p10 d4", "placed 4; start; " },
  { DELIVERY_ALL_PLACED, false, "p10 d14", "placed 10; complete 1:10/0; indicate 10+4; " },
  { DELIVERY_ANY_PARTIAL, true, "p10 p10 d15", "placed 15; complete 1:10/0; start; " },
  { DELIVERY_ANY_PARTIAL, false, "p10 p10 d10", "placed 10; complete 1:10/0; " },
  { DELIVERY_EXIT_NO_MORE_DATA, true, "p10 p10 d15!", "placed 15; complete 1:10/0 2:5/0; " },
  { DELIVERY_PARTIAL_PUSH, true, "p10 d4", "placed 4; start; " },
  { DELIVERY_PARTIAL_PUSH, false, "n10 d4!", "placed 4; " },
  { DELIVERY_EXIT_NONPUSH, true, "p10 n10 d14!", "placed 14; complete 1:10/0; " },
  { DELIVERY_PSH_SET, true, "p10 d4!", "placed 4; complete 1:4/0; " },
  { DELIVERY_PSH_SET, false, "p10 d4", "placed 4; start; " },
  { DELIVERY_COMPLETE_PUSHED, true, "d9! r p20", "placed 9; complete 1:9/0; " },
  { DELIVERY_PUSHED_TIMER, true, "p10 d4 d4!", "placed 4; complete 1:8/0; stop; " },
  { DELIVERY_PUSHED_TIMER, false, "p10 d4!", "placed 4; complete 1:4/0; " },
  { DELIVERY_STOP_PUSHED_TIMER, true, "f10/3 d4!", "placed 4; complete 1:4/0; stop; " },
  { DELIVERY_EXIT_PUSHED, true, "p10 d4!", "placed 4; complete 1:4/0; " },
  { DELIVERY_TIMER_STARTED, true, "p10 d4 d4", "placed 4; start; " },
  { DELIVERY_TIMER_STARTED, false, "p10 d4", "placed 4; start; " },
  { DELIVERY_START_TIMER, true, "p10 p10 d14", "placed 14; complete 1:10/0; start; " },
  { DELIVERY_RESTART_TIMER, true, "f10/3 d4", "placed 4; start; " },
  { DELIVERY_EXIT_TIMED, true, "d40 r p50", "placed 40; start; " },
  /* chart two: indication */
  { DELIVERY_INDICATE_BUSY, true, "s p10 d14", "placed 10; complete 1:10/0; " },
  { DELIVERY_INDICATE_BUSY, false, "d14", "indicate 0+14; " },
  { DELIVERY_EXIT_INDICATE_LATER, true, "s d14 r p10", "placed 10; complete 1:10/0; " },
  { DELIVERY_INDICATE, true, "s p10 d14 x", "indicate 10+4; " },
  { DELIVERY_EXIT_INDICATING, true, "d14 a d6", "indicate 14+6; " },
  { DELIVERY_RETURN_SUCCESS, true, "d14 a", "" },
  { DELIVERY_RETURN_SUCCESS, false, "d14 r", "" },
  { DELIVERY_MORE_DATA, true, "d14 d6 a", "indicate 14+6; " },
  { DELIVERY_MORE_DATA, false, "d14 a", "" },
  { DELIVERY_EXIT_DELIVERED, true, "s p10 d10 x", "" },
  { DELIVERY_MORE_REQUEST, true, "d14 d6! p9 a", "placed 6; complete 1:6/0; " },
  { DELIVERY_MORE_REQUEST, false, "d14 d6 a", "indicate 14+6; " },
  { DELIVERY_MORE_KEPT, true, "i50 x", "" },
  { DELIVERY_MORE_KEPT, false, "d14 d6 a", "indicate 14+6; " },
  { DELIVERY_EXIT_KEPT, true, "i50 d20! x", "" },
  { DELIVERY_REFUSED_REQUEST, true, "d14! p9 r", "placed 9; complete 1:9/0; indicate 9+5; " },
  { DELIVERY_REFUSED_REQUEST, false, "d14 c3", "" },
  { DELIVERY_QUEUE_INDICATED, true, "d14 d6 r", "" },
  { DELIVERY_EXIT_REFUSED, true, "d100 r z r", "" },
  /* chart three: the push timer expires */
  { DELIVERY_EXPIRED_BUSY, true, "s p9 p9 d14 t", "" },
  { DELIVERY_EXPIRED_BUSY, false, "t", "" },
  { DELIVERY_NOTE_EXPIRY, true, "s p9 p9 d14 t", "" },
  { DELIVERY_EXIT_EXPIRED_LATER, true, "d14 f9/3 t", "" },
  { DELIVERY_EXPIRED_PARTIAL, true, "p9 d4 t", "complete 1:4/0; " },
  { DELIVERY_EXPIRED_PARTIAL, false, "p9 d9 t", "" },
  { DELIVERY_EXIT_STALE, true, "p9 t", "" },
  { DELIVERY_EXPIRED_PUSH, true, "f9/3 t", "complete 1:0/0; " },
  { DELIVERY_EXPIRED_PUSH, false, "n9 d4 t", "" },
  { DELIVERY_EXIT_EXPIRED_NONPUSH, true, "p9 n9 d14 t", "" },
  { DELIVERY_COMPLETE_EXPIRED, true, "s p9 p9 d14 t d2 x",
    "placed 2; start; stop; complete 2:7/0; " },
  { DELIVERY_EXIT_EXPIRED, true, "p9 d4 t", "complete 1:4/0; " },
};

typedef struct Fixture {
  const Arrow *arrow;
  Owner *owner;
} Fixture;

static void
step (Owner *owner, const char *what)
{
  char *rest;
  uint32_t bytes = (uint32_t)g_ascii_strtoull (what + 1, &rest, 10);

  switch (what[0]) {
  case 's':
    owner->delivery.strict = true;
    return;
  case 'i':
    delivery_keep (&owner->delivery, owner_next (owner, bytes));
    return;
  case 'p':
  case 'n':
  case 'z':
    owner_post (owner, bytes, 0, what[0] == 'n');
    return;
  case 'f':
    owner_post (owner, bytes, (uint32_t)g_ascii_strtoull (rest + 1, NULL, 10), false);
    return;
  case 'd':
    delivery_data (&owner->delivery, owner_next (owner, bytes), *rest == '!');
    return;
  case 't':
    delivery_expire (&owner->delivery);
    return;
  case 'a':
    owner_answer (owner, NDIS_STATUS_SUCCESS, owner->indicated_bytes);
    return;
  case 'r':
    owner_answer (owner, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0);
    return;
  case 'c':
    owner_answer (owner, NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, bytes);
    return;
  case 'x':
    delivery_returned (&owner->delivery);
    return;
  default:
    fail_msg ("there is no step %s", what);
  }
}

static int
set_up (void **state)
{
  Fixture *f = g_new0 (Fixture, 1);
  const Arrow *arrow = *state;

  f->arrow = arrow;
  f->owner = owner_new ();
  if (arrow->script[0] != 'i')
    delivery_returned (&f->owner->delivery);
  g_auto (GStrv) steps = g_strsplit (arrow->script, " ", -1);
  for (char **what = steps; *what != NULL; what++) {
    memset (f->owner->taken, 0, sizeof f->owner->taken);
    g_string_truncate (f->owner->log, 0);
    step (f->owner, *what);
  }
  *state = f;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *f = *state;

  owner_free (f->owner);
  g_free (f);
  return 0;
}

static void
the_arrow_is_taken (void **state)
{
  const Fixture *f = *state;

  assert_true (f->owner->taken[f->arrow->box][f->arrow->yes]);
  assert_string_equal (f->owner->log->str, f->arrow->log);
}

static void
every_arrow_of_the_charts_has_its_test (G_GNUC_UNUSED void **state)
{
  unsigned tests[DELIVERY_N_BOXES][2] = { 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (arrows); i++)
    tests[arrows[i].box][arrows[i].yes]++;
  for (DeliveryBox box = 0; box < DELIVERY_N_BOXES; box++) {
    DeliveryBoxInfo info = delivery_box_info (box);
    unsigned expected_no = info.kind == DELIVERY_ASKS;
    if (tests[box][true] != 1 || tests[box][false] != expected_no)
      fail_msg ("%s (%s) has %u tests for yes and %u for no", info.name, info.text,
                tests[box][true], tests[box][false]);
  }
}

static void
every_box_can_be_reached (G_GNUC_UNUSED void **state)
{
  bool entered[DELIVERY_N_BOXES] = {
    [DELIVERY_POST_BUSY] = true,
    [DELIVERY_DATA_BUSY] = true,
    [DELIVERY_RETURN_SUCCESS] = true,
    [DELIVERY_EXPIRED_BUSY] = true,
  };

  for (DeliveryBox box = 0; box < DELIVERY_N_BOXES; box++) {
    DeliveryBoxInfo info = delivery_box_info (box);
    if (info.kind == DELIVERY_EXITS)
      continue;
    entered[info.yes] = true;
    entered[info.no] = true;
  }
  for (DeliveryBox box = 0; box < DELIVERY_N_BOXES; box++)
    if (!entered[box])
      fail_msg ("no arrow leads to %s", delivery_box_info (box).name);
}

int
main (void)
{
  const struct CMUnitTest whole[] = {
    cmocka_unit_test (every_arrow_of_the_charts_has_its_test),
    cmocka_unit_test (every_box_can_be_reached),
  };
  struct CMUnitTest tests[G_N_ELEMENTS (arrows)];
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (size_t i = 0; i < G_N_ELEMENTS (arrows); i++) {
    DeliveryBoxInfo info = delivery_box_info (arrows[i].box);
    char *name = g_strdup_printf ("%s_%s", info.name, arrows[i].yes ? "yes" : "no");
    g_ptr_array_add (names, name);
    tests[i] = (struct CMUnitTest){ .name = name,
                                    .test_func = the_arrow_is_taken,
                                    .setup_func = set_up,
                                    .teardown_func = tear_down,
                                    .initial_state = (void *)&arrows[i] };
  }
  int failed = cmocka_run_group_tests (whole, NULL, NULL);
  return failed + cmocka_run_group_tests (tests, NULL, NULL);
}
