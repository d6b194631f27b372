#include "models/target/bus.h"

static SimDuration
link_time (BusLine *line, uint32_t bytes)
{
  if (line->rate.bits_per_s == 0)
    return SIM_DURATION_ZERO;
  return sim_rate_take (&line->rate, bytes);
}

/* Lets |bytes| pass over the link from |earliest| on and gives the end. */
static SimTime
occupy_link (BusLine *line, SimTime earliest, uint32_t bytes)
{
  SimDuration time = link_time (line, bytes);

  line->link_free = sim_time_add (sim_time_max (earliest, line->link_free), time);
  line->stats.busy = sim_duration_add (line->stats.busy, time);
  line->stats.bytes += bytes;
  return line->link_free;
}

static void
start (BusLine *line, BusTransfer *transfer)
{
  SimTime earliest = sim_time_add (sim_now (line->sim), transfer->latency);

  transfer->due = occupy_link (line, earliest, transfer->bytes);
  transfer->next = NULL;
  line->tags_used++;
  line->stats.transfers++;
  if (line->under_way == NULL)
    sim_event_schedule (line->sim, &line->event, transfer->due);
  *line->under_way_last = transfer;
  line->under_way_last = &transfer->next;
}

static BusTransfer *
take_first (BusTransfer **first, BusTransfer ***last)
{
  BusTransfer *transfer = *first;

  *first = transfer->next;
  if (*first == NULL)
    *last = first;
  transfer->next = NULL;
  return transfer;
}

/* Takes in everything that is due, and starts what waited for its tags. */
static void
arrive (Sim *sim, void *data)
{
  BusLine *line = data;
  SimTime now = sim_now (sim);

  while (line->under_way != NULL && !sim_time_before (now, line->under_way->due)) {
    BusTransfer *transfer = take_first (&line->under_way, &line->under_way_last);
    line->tags_used--;
    if (line->waiting != NULL) {
      line->waiting_count--;
      start (line, take_first (&line->waiting, &line->waiting_last));
    }
    transfer->arrived (line->data, transfer);
  }
  if (line->under_way != NULL)
    sim_event_schedule (sim, &line->event, line->under_way->due);
}

void
bus_line_init (BusLine *line, Sim *sim, const BusLineConfig *config, void *data)
{
  *line = (BusLine){
    .sim = sim,
    .data = data,
    .rate = { .bits_per_s = config->bits_per_s },
    .tags = config->tags,
    .link_free = SIM_TIME_ZERO,
  };
  line->under_way_last = &line->under_way;
  line->waiting_last = &line->waiting;
  sim_event_init (&line->event, SIM_PHASE_DEVICE, config->actor_id, arrive, line);
}

void
bus_line_clear (BusLine *line)
{
  sim_event_cancel (line->sim, &line->event);
}

void
bus_transfer (BusLine *line, BusTransfer *transfer, uint32_t bytes, SimDuration latency,
              BusArrivedFn arrived)
{
  transfer->bytes = bytes;
  transfer->latency = latency;
  transfer->arrived = arrived;
  transfer->next = NULL;
  if (line->tags == 0 || line->tags_used < line->tags) {
    start (line, transfer);
    return;
  }
  *line->waiting_last = transfer;
  line->waiting_last = &transfer->next;
  line->waiting_count++;
  if (line->waiting_count > line->stats.waiting_peak)
    line->stats.waiting_peak = line->waiting_count;
}

void
bus_post (BusLine *line, uint32_t bytes)
{
  occupy_link (line, sim_now (line->sim), bytes);
}
