/*
 * The hold model of bench_hold.c on the schedulers of ns-3: what another simulator pays.
 *
 * Only RemoveNext and Insert of one event are measured, with no event made or called: the least
 * that an event of ns-3 can cost.  The best scheduler of each size is reported.
 */
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include <ns3/calendar-scheduler.h>
#include <ns3/event-impl.h>
#include <ns3/heap-scheduler.h>
#include <ns3/map-scheduler.h>
#include <ns3/object.h>
#include <ns3/priority-queue-scheduler.h>
#include <ns3/scheduler.h>

namespace
{

constexpr unsigned rounds = 5;

std::vector<uint64_t>
exponential_increments (double mean)
{
  std::mt19937_64 bits (1);
  std::vector<uint64_t> increments (8192);
  for (uint64_t &increment : increments) {
    double u = (static_cast<double> (bits () >> 11) + 0.5) / 9007199254740992.0;
    increment = static_cast<uint64_t> (-mean * std::log (u));
  }
  return increments;
}

double
hold_ns (ns3::Scheduler &scheduler, uint32_t pending, uint64_t events)
{
  const std::vector<uint64_t> increments = exponential_increments (1e9);
  std::size_t cursor = 0;
  uint32_t uid = 0;
  double best = 0;

  for (uint32_t i = 0; i < pending; i++)
    scheduler.Insert ({ nullptr, { increments[cursor++ % increments.size ()], uid++, i } });
  for (unsigned round = 0; round <= rounds; round++) {
    auto start = std::chrono::steady_clock::now ();
    for (uint64_t i = 0; i < events; i++) {
      ns3::Scheduler::Event event = scheduler.RemoveNext ();
      event.key.m_ts += increments[cursor++ % increments.size ()];
      event.key.m_uid = uid++;
      scheduler.Insert (event);
    }
    std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now () - start;
    double ns = took.count () / static_cast<double> (events);
    if (round == 1 || (round > 1 && ns < best))
      best = ns;
  }
  while (!scheduler.IsEmpty ())
    scheduler.RemoveNext ();
  return best;
}

template <typename S>
double
hold_ns_of (uint32_t pending, uint64_t events)
{
  ns3::Ptr<ns3::Scheduler> scheduler = ns3::CreateObject<S> ();
  return hold_ns (*scheduler, pending, events);
}

} // namespace

int
main ()
{
  struct {
    const char *name;
    double (*measure) (uint32_t, uint64_t);
  } schedulers[] = { { "map", hold_ns_of<ns3::MapScheduler> },
                     { "heap", hold_ns_of<ns3::HeapScheduler> },
                     { "priority queue", hold_ns_of<ns3::PriorityQueueScheduler> },
                     { "calendar", hold_ns_of<ns3::CalendarScheduler> } };

  std::printf ("\nns-3 schedulers, the same model, best of %u\n", rounds);
  std::printf ("  pending          1 ms   (best scheduler)\n");
  for (uint32_t pending : { 100u, 10000u, 1000000u }) {
    double best = 0;
    const char *name = "";
    for (const auto &scheduler : schedulers) {
      double ns = scheduler.measure (pending, 300000);
      if (best == 0 || ns < best) {
        best = ns;
        name = scheduler.name;
      }
    }
    std::printf ("%9u%14.1f   (%s)\n", pending, best, name);
  }
  return 0;
}
