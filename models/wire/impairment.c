#include "models/wire/impairment.h"

#define IP_HEADER_BYTES 20

static bool
can_happen (const WireScript *script)
{
  return script->frames.n_terms > 0 || script->chance.numerator > 0;
}

bool
wire_impairment_overtakes (const WireImpairment *spec)
{
  return can_happen (&spec->duplication) || can_happen (&spec->reordering)
         || (spec->jitter != NULL && spec->jitter_overtakes);
}

bool
wire_impairment_is_active (const WireImpairment *spec)
{
  return can_happen (&spec->loss) || spec->bursts.good_to_bad.numerator > 0
         || spec->bursts.loss_in_good.numerator > 0 || can_happen (&spec->corruption)
         || spec->jitter != NULL || wire_impairment_overtakes (spec);
}

WireImpairer
wire_impairer (const WireImpairment *spec, uint64_t seed, TcpDirection direction)
{
  return (WireImpairer){
    .spec = spec,
    .way = (uint64_t)direction,
    .loss = sim_stream (seed, "wire/impair/loss"),
    .change = sim_stream (seed, "wire/impair/burst-change"),
    .burst_loss = sim_stream (seed, "wire/impair/burst-loss"),
    .corruption = sim_stream (seed, "wire/impair/corruption"),
    .corruption_place = sim_stream (seed, "wire/impair/corruption-place"),
    .duplication = sim_stream (seed, "wire/impair/duplication"),
    .reordering = sim_stream (seed, "wire/impair/reordering"),
    .held_back = sim_stream (seed, "wire/impair/held-back"),
    .jitter = sim_stream (seed, "wire/impair/jitter"),
    .red = sim_stream (seed, "wire/impair/red"),
  };
}

static bool
draw (const WireImpairer *impairer, SimStream stream, WireChance chance)
{
  return chance.numerator > 0
         && sim_draw_chance (stream, impairer->way, impairer->frames, chance.numerator,
                             chance.denominator);
}

/* True if |script| names the frame, as the |number|th (0: patterns do not count it), or a draw hits
 * it. */
static bool
hits (const WireImpairer *impairer, const WireScript *script, SimStream stream, uint64_t number)
{
  return (number > 0 && wire_pattern_matches (&script->frames, number))
         || draw (impairer, stream, script->chance);
}

static bool
is_lost_in_burst (WireImpairer *impairer)
{
  const WireBursts *bursts = &impairer->spec->bursts;

  if (draw (impairer, impairer->change,
            impairer->is_bad ? bursts->bad_to_good : bursts->good_to_bad))
    impairer->is_bad = !impairer->is_bad;
  return draw (impairer, impairer->burst_loss,
               impairer->is_bad ? bursts->loss_in_bad : bursts->loss_in_good);
}

/* Each byte behind the Ethernet header is hit as likely.  IPv6 has no checksum of its own: TCP's
 * finds it. */
static uint8_t
place_of_corruption (const WireImpairer *impairer, const TcpSegment *segment)
{
  uint32_t bytes = IP_HEADER_BYTES + tcp_segment_header_bytes (segment) + segment->payload.bytes;

  if (segment->ip_version == 4
      && sim_draw_below (impairer->corruption_place, impairer->way, impairer->frames, bytes)
             < IP_HEADER_BYTES)
    return TCP_IP_BAD_HEADER;
  return TCP_BAD_CHECKSUM;
}

static SimDuration
draw_time (const WireImpairer *impairer, const SimDist *dist, SimStream stream)
{
  return (SimDuration){ sim_dist_draw (dist, stream, impairer->way, impairer->frames) };
}

/* What happens to a frame that arrives. */
static void
decide_arrival (const WireImpairer *impairer, const TcpSegment *segment, uint64_t number,
                WireFate *fate)
{
  const WireImpairment *spec = impairer->spec;

  if (hits (impairer, &spec->corruption, impairer->corruption, number))
    fate->oddity = place_of_corruption (impairer, segment);
  fate->duplicated = hits (impairer, &spec->duplication, impairer->duplication, number);
  fate->reordered = hits (impairer, &spec->reordering, impairer->reordering, number);
  if (fate->reordered)
    fate->held_back = draw_time (impairer, spec->reorder_by, impairer->held_back);
}

WireFate
wire_impairer_decide (WireImpairer *impairer, const TcpSegment *segment)
{
  const WireImpairment *spec = impairer->spec;
  bool is_counted = !spec->counts_data || segment->payload.bytes > 0;
  uint64_t number = is_counted ? ++impairer->counted : 0;
  WireFate fate = { .lost = is_lost_in_burst (impairer) };

  fate.lost = hits (impairer, &spec->loss, impairer->loss, number) || fate.lost;
  if (spec->jitter != NULL)
    fate.jitter = draw_time (impairer, spec->jitter, impairer->jitter);
  if (!fate.lost)
    decide_arrival (impairer, segment, number, &fate);
  impairer->frames++;
  return fate;
}
