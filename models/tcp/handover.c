#include "models/tcp/tcp.h"

#include <glib.h>

#include "models/tcp/congestion.h"
#include "models/tcp/keepalive.h"
#include "models/tcp/options.h"
#include "models/tcp/reassembly.h"
#include "models/tcp/rtt.h"
#include "models/tcp/sack.h"
#include "models/tcp/state.h"
#include "models/tcp/store.h"
#include "models/tcp/timer.h"
#include "models/tcp/window.h"
#include "sim/assert.h"

/* Cached flags that last; the others are commands of one update. */
#define LASTING_FLAGS (TCP_FLAG_KEEP_ALIVE_ENABLED | TCP_FLAG_NAGLING_ENABLED)
/* What a host keeps of its own while a target has the connection. */
#define BITS_THAT_STAY (TCP_BIT_ECN | TCP_BIT_ECN_OFFER)

void
tcp_hurry_ack (Tcb *tcb)
{
  if (tcb->delayed_segments > 0)
    tcb->bits |= TCP_BIT_DUE_ACK;
}

void
tcp_flush_for_handover (Tcb *tcb, G_GNUC_UNUSED SimTime now)
{
  tcp_reassembly_drop_queue (tcb); /* TERM-22 */
  tcp_sack_forget (tcb);
  tcp_disorder_settle (tcb);
  if (tcb->delayed_segments > 0 && (tcb->bits & TCP_BIT_URGENT_HELD) == 0)
    tcb->bits |= TCP_BIT_DUE_ACK; /* TIMER-04, TERM-21 */
  tcp_timer_stop (tcb, TCP_TIMER_DELAYED_ACK);
  tcp_timer_stop (tcb, TCP_TIMER_SEND_SWS); /* TIMER-30 */
  tcp_timer_stop (tcb, TCP_TIMER_RECEIVE_SWS);
}

void
tcp_export_const (const Tcb *tcb, TCP_OFFLOAD_STATE_CONST *ret_state)
{
  *ret_state = (TCP_OFFLOAD_STATE_CONST){ .Header = { .Length = sizeof *ret_state },
                                          .Flags = tcb->const_flags,
                                          .RemotePort = tcb->tuple.destination_port,
                                          .LocalPort = tcb->tuple.source_port,
                                          .SndWindScale = tcb->SndWindScale & 0xFu,
                                          .RcvWindScale = tcb->RcvWindScale & 0xFu,
                                          .RemoteMss = tcb->RemoteMss,
                                          .HashValue = tcb->HashValue };
}

void
tcp_export_cached (const Tcb *tcb, TCP_OFFLOAD_STATE_CACHED *ret_state)
{
  *ret_state = (TCP_OFFLOAD_STATE_CACHED){ .Header = { .Length = sizeof *ret_state },
                                           .Flags = tcb->cached_flags,
                                           .InitialRcvWnd = tcb->InitialRcvWnd,
                                           .RcvIndicationSize = tcb->RcvIndicationSize,
                                           .KaProbeCount = tcb->KaProbeCount,
                                           .KaTimeout = tcb->KaTimeout,
                                           .KaInterval = tcb->KaInterval,
                                           .MaxRT = tcb->MaxRT,
                                           .FlowLabel = tcb->FlowLabel & 0xFFFFF,
                                           .TtlOrHopLimit = tcb->ttl,
                                           .TosOrTrafficClass = tcb->tos,
                                           .UserPriority = tcb->user_priority & 0x7u };
}

static uint32_t
ticks_since (int64_t then, int64_t tick)
{
  int64_t ticks = tick - then;
  return ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
}

void
tcp_export_delegated (const Tcb *tcb, SimTime now, TCP_OFFLOAD_STATE_DELEGATED *ret_state)
{
  int64_t tick = tcp_tick (tcb->config, now);
  *ret_state = (TCP_OFFLOAD_STATE_DELEGATED){
    .Header = { .Length = sizeof *ret_state },
    .State = tcp_state (tcb),
    .RcvNxt = tcb->RcvNxt,
    .RcvWnd = tcp_window_bytes (tcb),
    .SndUna = tcb->SndUna,
    .SndNxt = tcb->SndNxt,
    .SndMax = tcb->SndMax,
    .SndWnd = tcb->SndWnd,
    .MaxSndWnd = tcb->MaxSndWnd,
    .SendWL1 = tcb->SendWL1,
    .CWnd = tcb->CWnd,
    .SsThresh = tcb->SsThresh,
    .SRtt = tcb->SRtt,
    .RttVar = tcb->RttVar,
    .TsRecent = tcb->TsRecent,
    .TsRecentAge = ticks_since (tcb->ts_recent_tick, tick),
    .TsTime = tcp_timestamp (tcb, tick),
    .TotalRT = tcb->TotalRT,
    .DupAckCount = tcb->DupAckCount,
    .SndWndProbeCount = tcb->SndWndProbeCount,
    .KeepAlive = { .ProbeCount = tcb->KeepAliveProbeCount,
                   .TimeoutDelta = tcp_timer_delta (tcb, TCP_TIMER_KEEPALIVE, tick) },
    .Retransmit = { .Count = tcb->RetransmitCount,
                    .TimeoutDelta = tcp_timer_delta (tcb, TCP_TIMER_RETRANSMIT, tick) },
  };
}

static void
import_const (Tcb *tcb, const TCP_OFFLOAD_STATE_CONST *constants)
{
  tcb->const_flags = (uint8_t)constants->Flags;
  tcb->SndWindScale = constants->SndWindScale;
  tcb->RcvWindScale = constants->RcvWindScale;
  tcb->RemoteMss = constants->RemoteMss;
  tcb->HashValue = constants->HashValue;
}

static void
import_cached (Tcb *tcb, const TCP_OFFLOAD_STATE_CACHED *cached)
{
  tcb->cached_flags = (uint8_t)(cached->Flags & LASTING_FLAGS);
  tcb->InitialRcvWnd = cached->InitialRcvWnd;
  tcb->RcvIndicationSize = cached->RcvIndicationSize;
  tcb->KaProbeCount = cached->KaProbeCount;
  tcb->KaTimeout = cached->KaTimeout;
  tcb->KaInterval = cached->KaInterval;
  tcb->MaxRT = cached->MaxRT;
  tcb->FlowLabel = cached->FlowLabel;
  tcb->ttl = cached->TtlOrHopLimit;
  tcb->tos = cached->TosOrTrafficClass;
  tcb->user_priority = cached->UserPriority;
}

/* The values as they stand in the structure. */
static void
import_values (Tcb *tcb, const TCP_OFFLOAD_STATE_DELEGATED *delegated, int64_t tick)
{
  tcb->State = (uint8_t)delegated->State;
  tcb->RcvNxt = delegated->RcvNxt;
  tcb->rcv_adv = delegated->RcvNxt + delegated->RcvWnd;
  tcb->SndUna = delegated->SndUna;
  tcb->SndNxt = delegated->SndNxt;
  tcb->SndMax = delegated->SndMax;
  tcb->SndWnd = delegated->SndWnd;
  tcb->MaxSndWnd = delegated->MaxSndWnd;
  tcb->SendWL1 = delegated->SendWL1;
  tcb->CWnd = delegated->CWnd;
  tcb->SsThresh = delegated->SsThresh;
  tcb->SRtt = delegated->SRtt;
  tcb->RttVar = delegated->RttVar;
  tcb->TsRecent = delegated->TsRecent;
  tcb->ts_recent_tick = tick - delegated->TsRecentAge;
  tcb->ts_delta = delegated->TsTime - tcb->config->timestamp_clock_offset - (uint32_t)tick;
  tcb->TotalRT = delegated->TotalRT;
  tcb->DupAckCount = delegated->DupAckCount;
  tcb->SndWndProbeCount = delegated->SndWndProbeCount;
  tcb->KeepAliveProbeCount = delegated->KeepAlive.ProbeCount;
  tcb->RetransmitCount = delegated->Retransmit.Count;
}

/* What follows from them. */
static void
derive_send_side (Tcb *tcb, const TcpImport *import)
{
  tcb->send_end = tcb->SndUna + import->send_queue_bytes;
  if (import->fin_queued || tcp_state_has_sent_fin (tcp_state (tcb))) {
    tcb->bits |= TCP_BIT_FIN_QUEUED;
    if (tcp_state_fin_is_acked (tcp_state (tcb)))
      tcb->send_end = tcb->SndUna - 1;
    else if (!tcp_state_has_sent_fin (tcp_state (tcb)))
      tcp_state_step (tcb, TCP_EVENT_CLOSE);
  }
  tcb->recover = tcb->SndUna - 1;
  bool is_outstanding = tcb->SndMax != tcb->SndUna;
  if (is_outstanding && tcb->DupAckCount >= tcb->config->duplicate_ack_threshold) {
    tcb->bits |= TCP_BIT_IN_RECOVERY;
    tcb->recover = tcb->SndMax;
  } else if (is_outstanding && tcb->RetransmitCount > 0) {
    tcb->recover = tcb->SndMax; /* RFC 6582 4: a timeout has been */
  }
  tcb->backoff = tcb->SndWnd != 0 ? tcb->RetransmitCount : 0;
  tcb->cwnd_acked_bytes = 0;
  tcb->cubic = (TcpCubic){ .epoch_tick = TCP_TICK_NEVER };
}

void
tcp_import_delegated (Tcb *tcb, const TCP_OFFLOAD_STATE_DELEGATED *delegated,
                      const TcpImport *import, SimTime now)
{
  SIM_ASSERT (tcp_seq_at_or_before (delegated->SndUna, delegated->SndNxt));
  SIM_ASSERT (tcp_seq_at_or_before (delegated->SndNxt, delegated->SndMax));
  int64_t tick = tcp_tick (tcb->config, now);

  tcp_disorder_clear (tcb);
  tcb->bits &= BITS_THAT_STAY;
  tcb->ready = (TcpRange){ 0 };
  tcb->delayed_segments = 0;
  tcb->connection_id = import->connection_id;
  tcb->tuple = import->tuple;
  tcb->ip_version = import->ip_version;
  tcb->path_mtu_bytes = import->path_mtu_bytes;
  tcb->local_mss = tcp_options_mss_of_mtu (import->path_mtu_bytes, import->ip_version);
  tcp_options_size_segments (tcb);

  import_values (tcb, delegated, tick);
  tcb->rcv_held_bytes = import->undelivered_bytes;
  tcb->last_ack_sent = tcb->RcvNxt;
  tcb->last_send_tick = tick;
  derive_send_side (tcb, import);
  tcp_timer_stop_all (tcb);
  tcp_timer_resume (tcb, TCP_TIMER_RETRANSMIT, delegated->Retransmit.TimeoutDelta, tick);
  tcp_timer_resume (tcb, TCP_TIMER_KEEPALIVE, delegated->KeepAlive.TimeoutDelta, tick);
}

void
tcp_import (Tcb *tcb, const TcpConfig *config, const TCP_OFFLOAD_STATE_CONST *constants,
            const TCP_OFFLOAD_STATE_CACHED *cached, const TCP_OFFLOAD_STATE_DELEGATED *delegated,
            const TcpImport *import, SimTime now)
{
  SIM_ASSERT (config->store != NULL);
  *tcb = (Tcb){ .config = config };
  tcp_timer_stop_all (tcb);
  import_const (tcb, constants);
  import_cached (tcb, cached);
  tcp_import_delegated (tcb, delegated, import, now);
  if ((cached->Flags & TCP_FLAG_KEEP_ALIVE_RESTART) != 0)
    tcp_keepalive_restart (tcb, tcp_tick (config, now));
  if ((cached->Flags & TCP_FLAG_MAX_RT_RESTART) != 0)
    tcb->TotalRT = 0;
}

static bool
keepalive_values_differ (const Tcb *tcb, const TCP_OFFLOAD_STATE_CACHED *cached)
{
  return tcb->KaProbeCount != cached->KaProbeCount || tcb->KaTimeout != cached->KaTimeout
         || tcb->KaInterval != cached->KaInterval;
}

void
tcp_update_cached (Tcb *tcb, const TCP_OFFLOAD_STATE_CACHED *cached, SimTime now)
{
  int64_t tick = tcp_tick (tcb->config, now);
  uint16_t command = cached->Flags;
  bool was_enabled = (tcb->cached_flags & TCP_FLAG_KEEP_ALIVE_ENABLED) != 0;
  bool is_enabled = (command & TCP_FLAG_KEEP_ALIVE_ENABLED) != 0;
  bool restarts_keepalive = was_enabled != is_enabled
                            || (command & TCP_FLAG_KEEP_ALIVE_RESTART) != 0
                            || ((command & TCP_FLAG_MAX_RT_RESTART) != 0
                                && keepalive_values_differ (tcb, cached)); /* TCPV-10 */
  uint32_t window_before = tcb->InitialRcvWnd;
  import_cached (tcb, cached);

  if (restarts_keepalive)
    tcp_keepalive_restart (tcb, tick);
  if ((command & TCP_FLAG_MAX_RT_RESTART) != 0)
    tcb->TotalRT = 0; /* TIMER-27 */
  if ((command & TCP_FLAG_UPDATE_RCV_WND) == 0)
    tcb->InitialRcvWnd = window_before;
  else if (tcb->InitialRcvWnd != tcp_window_bytes (tcb))
    tcb->bits |= TCP_BIT_DUE_ACK | TCP_BIT_FORCE_WINDOW; /* TCPV-08 */
}
