#include "tests/support.h"

#include "models/wire/impairment.h"

#include <glib.h>

#define FRAMES 100000
#define SEED 11

static TcpSegment
segment (uint32_t payload_bytes)
{
  return (TcpSegment){ .ip_version = 4, .payload.bytes = payload_bytes };
}

static WirePattern
pattern (const char *text)
{
  WirePattern result;
  char *why = NULL;
  assert_true (wire_pattern_read (text, &result, &why));
  return result;
}

/* The fates of |count| full frames; the caller frees them. */
static WireFate *
fates (const WireImpairment *spec, uint64_t seed, TcpDirection way, size_t count)
{
  WireImpairer impairer = wire_impairer (spec, seed, way);
  TcpSegment full = segment (1448);
  WireFate *fate = g_new (WireFate, count);

  for (size_t i = 0; i < count; i++)
    fate[i] = wire_impairer_decide (&impairer, &full);
  return fate;
}

/* |count| is within five standard deviations of n draws with probability p. */
static void
assert_binomial (unsigned count, double n, double p)
{
  double off = count - n * p;
  if (off * off > 25 * n * p * (1 - p))
    fail_msg ("%u of %f, expected %f", count, n, n * p);
}

static void
a_script_hits_the_frames_it_names (G_GNUC_UNUSED void **state)
{
  WireImpairment spec = { .loss.frames = pattern ("3rd, 7-9"),
                          .corruption.frames = pattern ("2, 3"),
                          .duplication.frames = pattern ("every 5th") };
  g_autofree WireFate *fate = fates (&spec, SEED, TCP_TO_PEER, 10);

  for (unsigned n = 1; n <= 10; n++) {
    const WireFate *f = &fate[n - 1];
    assert_int_equal (f->lost, n == 3 || (n >= 7 && n <= 9));
    assert_int_equal (f->oddity != 0, n == 2); /* the third is lost, and nothing else */
    assert_int_equal (f->duplicated, n == 5 || n == 10);
  }
}

static void
a_script_may_count_data_only (G_GNUC_UNUSED void **state)
{
  WireImpairment spec = { .counts_data = true, .loss.frames = pattern ("2nd") };
  WireImpairer impairer = wire_impairer (&spec, SEED, TCP_TO_PEER);
  static const uint32_t payload[] = { 0, 100, 0, 0, 100, 0, 100 };
  unsigned lost = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (payload); i++) {
    TcpSegment s = segment (payload[i]);
    if (wire_impairer_decide (&impairer, &s).lost)
      lost |= 1u << i;
  }
  assert_int_equal (lost, 1u << 4);
}

static void
each_chance_comes_true_as_often_as_it_says (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) by = sim_dist_new_constant (5);
  WireImpairment spec = { .loss.chance = { 1, 50 },
                          .corruption.chance = { 3, 100 },
                          .duplication.chance = { 1, 10 },
                          .reordering.chance = { 1, 5 },
                          .reorder_by = by };
  g_autofree WireFate *fate = fates (&spec, SEED, TCP_FROM_PEER, FRAMES);
  unsigned lost = 0, corrupted = 0, duplicated = 0, reordered = 0;

  for (unsigned i = 0; i < FRAMES; i++) {
    lost += fate[i].lost;
    corrupted += fate[i].oddity != 0;
    duplicated += fate[i].duplicated;
    reordered += fate[i].reordered;
    assert_int_equal (fate[i].held_back.ps, fate[i].reordered ? 5 : 0);
  }
  double arrived = FRAMES - (double)lost;
  assert_binomial (lost, FRAMES, 0.02);
  assert_binomial (corrupted, arrived, 0.03);
  assert_binomial (duplicated, arrived, 0.1);
  assert_binomial (reordered, arrived, 0.2);
}

/* What each kind draws alone is what it draws beside all others, where the frame is not lost. */
static void
impairments_do_not_shift_each_other_s_draws (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) by = sim_dist_new_uniform (1, 1000000);
  WireImpairment all = { .loss.chance = { 1, 50 },
                         .bursts = { { 1, 100 }, { 1, 10 }, { 0, 1 }, { 1, 2 } },
                         .corruption.chance = { 3, 100 },
                         .duplication.chance = { 1, 10 },
                         .reordering.chance = { 1, 5 },
                         .reorder_by = by,
                         .jitter = by };
  const WireImpairment alone[] = {
    { .loss = all.loss },
    { .bursts = all.bursts },
    { .corruption = all.corruption },
    { .duplication = all.duplication },
    { .reordering = all.reordering, .reorder_by = by },
    { .jitter = by },
  };
  g_autofree WireFate *together = fates (&all, SEED, TCP_TO_PEER, FRAMES);
  g_autofree WireFate *loss = fates (&alone[0], SEED, TCP_TO_PEER, FRAMES);
  g_autofree WireFate *bursts = fates (&alone[1], SEED, TCP_TO_PEER, FRAMES);
  g_autofree WireFate *corruption = fates (&alone[2], SEED, TCP_TO_PEER, FRAMES);
  g_autofree WireFate *duplication = fates (&alone[3], SEED, TCP_TO_PEER, FRAMES);
  g_autofree WireFate *reordering = fates (&alone[4], SEED, TCP_TO_PEER, FRAMES);
  g_autofree WireFate *jitter = fates (&alone[5], SEED, TCP_TO_PEER, FRAMES);

  for (unsigned i = 0; i < FRAMES; i++) {
    bool lost = together[i].lost;
    assert_int_equal (lost, loss[i].lost || bursts[i].lost);
    assert_int_equal (together[i].oddity, lost ? 0 : corruption[i].oddity);
    assert_int_equal (together[i].duplicated, !lost && duplication[i].duplicated);
    assert_int_equal (together[i].held_back.ps, lost ? 0 : reordering[i].held_back.ps);
    assert_int_equal (together[i].jitter.ps, jitter[i].jitter.ps);
  }
}

static unsigned
count_same_losses (const WireFate *a, const WireFate *b)
{
  unsigned same = 0;
  for (unsigned i = 0; i < FRAMES; i++)
    same += a[i].lost && b[i].lost;
  return same;
}

static void
draws_repeat_and_differ_by_direction_and_seed (G_GNUC_UNUSED void **state)
{
  WireImpairment spec = { .loss.chance = { 1, 10 } };
  g_autofree WireFate *first = fates (&spec, SEED, TCP_TO_PEER, FRAMES);
  g_autofree WireFate *again = fates (&spec, SEED, TCP_TO_PEER, FRAMES);
  g_autofree WireFate *back = fates (&spec, SEED, TCP_FROM_PEER, FRAMES);
  g_autofree WireFate *other = fates (&spec, SEED + 1, TCP_TO_PEER, FRAMES);

  for (unsigned i = 0; i < FRAMES; i++)
    assert_int_equal (first[i].lost, again[i].lost);
  assert_binomial (count_same_losses (first, back), FRAMES, 0.01);
  assert_binomial (count_same_losses (first, other), FRAMES, 0.01);
}

/* The channel is bad for p / (p + r) of the time, so L = (p lb + r lg) / (p + r) is lost.  With s =
 * 1 - p - r the losses k frames apart have the covariance (lb - lg)^2 (p r / (p + r)^2) s^k; the
 * sum over all k gives the variance of the count, and the bound is five standard deviations of
 * it. */
static void
bursts_lose_what_their_channel_does_in_the_long_run (G_GNUC_UNUSED void **state)
{
  static const WireBursts channels[] = {
    { { 1, 100 }, { 1, 10 }, { 0, 1 }, { 1, 1 } },
    { { 1, 1000 }, { 1, 10 }, { 1, 1000 }, { 1, 2 } },
    { { 1, 20 }, { 1, 4 }, { 1, 100 }, { 9, 10 } },
    { { 0, 1 }, { 1, 10 }, { 1, 50 }, { 1, 1 } }, /* never bad */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (channels); i++) {
    const WireBursts *c = &channels[i];
    double p = (double)c->good_to_bad.numerator / (double)c->good_to_bad.denominator;
    double r = (double)c->bad_to_good.numerator / (double)c->bad_to_good.denominator;
    double lg = (double)c->loss_in_good.numerator / (double)c->loss_in_good.denominator;
    double lb = (double)c->loss_in_bad.numerator / (double)c->loss_in_bad.denominator;
    double s = 1 - p - r;
    double loss = (p * lb + r * lg) / (p + r);
    double spread = (lb - lg) * (lb - lg) * p * r / ((p + r) * (p + r));
    double variance = FRAMES * (loss * (1 - loss) + 2 * spread * s / (1 - s));
    WireImpairment spec = { .bursts = *c };
    g_autofree WireFate *fate = fates (&spec, SEED, TCP_TO_PEER, FRAMES);
    double lost = 0;

    for (unsigned n = 0; n < FRAMES; n++)
      lost += fate[n].lost;
    double off = lost - FRAMES * loss;
    if (off * off > 25 * variance)
      fail_msg ("channel %zu: %f lost, expected %f", i, lost, FRAMES * loss);
  }
}

/* A channel that loses all while it is bad: bursts are geometric, of mean 1 / r and variance
 * (1 - r) / r^2. */
static void
bursts_are_as_long_as_the_channel_stays_bad (G_GNUC_UNUSED void **state)
{
  WireImpairment spec = { .bursts = { { 1, 100 }, { 1, 8 }, { 0, 1 }, { 1, 1 } } };
  g_autofree WireFate *fate = fates (&spec, SEED, TCP_TO_PEER, FRAMES);
  double bursts = 0, lost = 0;

  for (unsigned n = 1; n < FRAMES; n++) {
    bursts += fate[n].lost && !fate[n - 1].lost;
    lost += fate[n].lost;
  }
  double off = lost - 8 * bursts;
  assert_true (bursts > 500);
  assert_true (off * off < 25 * bursts * (8 * 8 - 8));
}

/* Of a full frame, 20 of 1,500 bytes are the IPv4 header; of a bare ACK, 20 of 40. */
static void
corruption_hits_headers_by_their_share (G_GNUC_UNUSED void **state)
{
  WireImpairment spec = { .corruption.chance = { 1, 1 } };
  WireImpairer impairer = wire_impairer (&spec, SEED, TCP_TO_PEER);
  TcpSegment full = segment (1460), ack = segment (0), six = segment (1460);
  unsigned of_full = 0, of_ack = 0;

  six.ip_version = 6;
  for (unsigned n = 0; n < 20000; n++) {
    of_full += wire_impairer_decide (&impairer, &full).oddity == TCP_IP_BAD_HEADER;
    of_ack += wire_impairer_decide (&impairer, &ack).oddity == TCP_IP_BAD_HEADER;
    assert_int_equal (wire_impairer_decide (&impairer, &six).oddity, TCP_BAD_CHECKSUM);
  }
  assert_binomial (of_full, 20000, 20.0 / 1500);
  assert_binomial (of_ack, 20000, 0.5);
}

static void
only_what_may_overtake_needs_more_than_a_queue (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) time = sim_dist_new_constant (5);
  const struct {
    WireImpairment spec;
    bool is_active, overtakes;
  } rows[] = {
    { { .queue_bytes = 5000, .red = { .max_bytes = 9 } }, false, false },
    { { .loss.frames = pattern ("1") }, true, false },
    { { .loss.chance = { 1, 9 } }, true, false },
    { { .bursts.loss_in_good = { 1, 9 } }, true, false },
    { { .bursts.good_to_bad = { 1, 9 } }, true, false },
    { { .corruption.chance = { 1, 9 } }, true, false },
    { { .jitter = time }, true, false },
    { { .jitter = time, .jitter_overtakes = true }, true, true },
    { { .duplication.frames = pattern ("2") }, true, true },
    { { .reordering.chance = { 1, 9 }, .reorder_by = time }, true, true },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    assert_int_equal (wire_impairment_is_active (&rows[i].spec), rows[i].is_active);
    assert_int_equal (wire_impairment_overtakes (&rows[i].spec), rows[i].overtakes);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_script_hits_the_frames_it_names),
    cmocka_unit_test (a_script_may_count_data_only),
    cmocka_unit_test (each_chance_comes_true_as_often_as_it_says),
    cmocka_unit_test (impairments_do_not_shift_each_other_s_draws),
    cmocka_unit_test (draws_repeat_and_differ_by_direction_and_seed),
    cmocka_unit_test (bursts_lose_what_their_channel_does_in_the_long_run),
    cmocka_unit_test (bursts_are_as_long_as_the_channel_stays_bad),
    cmocka_unit_test (corruption_hits_headers_by_their_share),
    cmocka_unit_test (only_what_may_overtake_needs_more_than_a_queue),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
