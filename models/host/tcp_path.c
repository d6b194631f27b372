#include "models/host/tcp_path.h"

#include "models/host/machine.h"
#include "models/host/misdeeds.h"
#include "models/host/opening.h"

/* Sending */

/* How many frames become of it: more than one of a large send. */
static uint32_t
pieces_of (const TcpSegment *segment, uint32_t mss)
{
  return mss > 0 && segment->payload.bytes > mss ? (segment->payload.bytes + mss - 1) / mss : 1;
}

/* What the engine leaves open in a segment: its bytes, and everything below TCP; false: it cannot be
 * sent. */
static bool
complete_segment (Host *host, Connection *c, TcpSegment *segment)
{
  HostPath *path = host_path_of (host, c);
  uint32_t mss = c->tcb.smss > 0 ? c->tcb.smss : 1;
  uint32_t pieces = pieces_of (segment, mss);

  if (segment->payload.bytes > 0) {
    segment->payload.stream_id = TCP_STREAM (c->id, TCP_TO_PEER);
    segment->payload.offset = connection_send_offset_of (c, segment->seq, c->una_offset);
  }
  if (pieces > 1)
    segment->mss = (uint16_t)mss; /* a large send: the NIC cuts it into pieces of this size */
  return path_dress_segment (host, path, host_neighbor_of (host, path), c->user_priority, pieces,
                             segment);
}

static void
charge_transmit (Host *host, const TcpSegment *segment)
{
  uint32_t pieces = pieces_of (segment, segment->mss);

  processors_charge (host, HOST_COST_TCP_TRANSMIT, PART_HOST_TCP, WAY_HOST, 1);
  if (pieces > 1)
    processors_charge (host, HOST_COST_LARGE_SEND, PART_HOST_TCP, WAY_HOST, pieces - 1);
  processors_charge (host, HOST_COST_FRAME_SEND, PART_HOST_TCP, WAY_HOST, 1);
  if (!host->config.stateless.checksum)
    processors_charge (host, HOST_COST_CHECKSUM, PART_HOST_CHECKSUM, WAY_HOST,
                       segment->payload.bytes);
}

bool
tcp_path_pull (Host *host, Connection *c, uint32_t limit, FrameList *frames)
{
  SimTime now = sim_now (host->sim);
  uint32_t lso = host->config.stateless.lso_bytes;
  TcpSegment segment;

  for (uint32_t i = 0; i < limit; i++) {
    if (!tcp_transmit (&c->tcb, lso, now, &segment))
      return true;
    bool is_sent = complete_segment (host, c, &segment);
    charge_transmit (host, &segment);
    if (is_sent)
      frames_append (host, frames, c, &segment);
    else
      host->stats.frames_not_sent++;
  }
  return !tcp_transmit_is_due (&c->tcb, now);
}

static void
transmit_again (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  Host *host = args->self;
  Connection *c = args->object;
  if (owner_host_runs (c->owner))
    connection_settle (host, c);
}

void
tcp_path_run_transmit (Host *host, Connection *c)
{
  FrameList frames = { 0 };

  if (!owner_host_runs (c->owner))
    return;
  tcp_path_pull (host, c, TCP_PATH_BURST, &frames);
  connection_trace_state (host, c);
  connection_arm (host, c);
  if (frames.first == NULL)
    return;
  SimStepArgs args = { .self = host, .object = c };
  frames_send (host, &frames, transmit_again, &args);
}

/* Receiving */

static void
take_received (Host *host, Connection *c)
{
  TcpRange range;

  while (tcp_take_received (&c->tcb, 0, &range))
    c->received_offset = connection_check_range (host, c, range, c->received_offset);
}

void
tcp_path_news (Host *host, Connection *c, TcpNews news)
{
  HostPath *path = host_path_of (host, c);

  if (!(c->bits & CONN_ABORTED))
    c->una_offset += news.acked_bytes;
  c->posted_offset = c->una_offset;
  SIM_ASSERT (c->una_offset <= c->send_offset);
  if (news.events & TCP_NEWS_PROGRESS)
    neighbor_confirm (host, host_neighbor_of (host, path), sim_now (host->sim));
  if (news.events & TCP_NEWS_DATA)
    take_received (host, c);
  if (news.events & TCP_NEWS_FIN && !(c->bits & CONN_FIN_RECEIVED)) {
    c->bits |= CONN_FIN_RECEIVED;
    c->fin_offset = c->received_offset;
  }
  if (news.events & (TCP_NEWS_RESET | TCP_NEWS_TIMED_OUT))
    app_gone (host, c);
  if (news.events & (TCP_NEWS_DATA | TCP_NEWS_FIN)
      || (news.acked_bytes > 0 && app_wants_room (&c->app)))
    processors_defer (host, c, HOST_JOB_APP);
  if (news.acked_bytes > 0 || news.events & TCP_NEWS_DATA)
    sim_progress (host->sim);
  if (news.events & TCP_NEWS_CONNECTED && !c->app.by_hand)
    app_connected (host, c);
  if (news.events & TCP_NEWS_CLOSED && traffic_opens (c->app.traffic))
    opening_ended (host, c);
  sockets_news (host, c, news);
}

static void
process_segment (Host *host, Connection *c, const TcpSegment *segment)
{
  bool has_payload = segment->payload.bytes > 0;

  processors_charge (host, has_payload ? HOST_COST_TCP_RECEIVE : HOST_COST_TCP_RECEIVE_ACK,
                     PART_HOST_TCP, WAY_HOST, 1);
  if (!host->config.stateless.checksum)
    processors_charge (host, HOST_COST_CHECKSUM, PART_HOST_CHECKSUM, WAY_HOST,
                       segment->payload.bytes);
  bool listens = tcp_state (&c->tcb) == TcpConnectionListen;
  tcp_path_news (host, c, tcp_receive (&c->tcb, segment, sim_now (host->sim)));
  if (listens && !c->app.by_hand && tcp_state (&c->tcb) == TcpConnectionSynRcvd)
    opening_heard (host, c);
  connection_settle (host, c);
}

void
tcp_path_receive (Host *host, Connection *c, const TcpSegment *segment)
{
  /* What was held goes first. */
  if (owner_host_runs (c->owner) && c->held_first == NULL) {
    process_segment (host, c, segment);
    return;
  }
  connection_hold (host, c, segment);
  if (owner_host_runs (c->owner))
    processors_defer (host, c, HOST_JOB_HELD);
  else if (c->owner == OWN_OFFLOADED || misdeeds_forward (host, c))
    processors_defer (host, c, HOST_JOB_CHIMNEY);
}

static void
held_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  tcp_path_run_held (args->self, args->object);
}

void
tcp_path_run_held (Host *host, Connection *c)
{
  TcpSegment segment;

  if (!owner_host_runs (c->owner) || !connection_take_held (host, c, &segment))
    return;
  process_segment (host, c, &segment);
  if (c->held_first != NULL)
    processors_then (host, held_step, c);
}

void
tcp_path_run_timer (Host *host, Connection *c)
{
  SimTime now = sim_now (host->sim);

  if (!owner_host_runs (c->owner) || sim_time_before (now, tcp_deadline (&c->tcb))) {
    connection_arm (host, c);
    return;
  }
  processors_charge (host, HOST_COST_TCP_TIMER, PART_HOST_TCP, WAY_HOST, 1);
  tcp_path_news (host, c, tcp_expire (&c->tcb, now));
  connection_settle (host, c);
}
