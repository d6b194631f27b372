/*
 * The connection states and what may happen in each: the diagram of RFC 9293 as rows.
 *
 * Errors      A pair without a row is refused: tcp_state_step answers false and changes nothing.
 * Invariants  Nobody else assigns Tcb.State, except an initialiser or an import.
 * Source      RFC 9293 3.3.2 (figure 5) and 3.10; the offload documents where a row says so.  Our
 *             differences: SEND does not turn Listen into SynSent, and CLOSE in SynRcvd waits for
 *             Established (RFC 9293 3.10.4 allows to queue it).
 */
#pragma once

#include <stdbool.h>

#include "models/tcp/offload_state.h"
#include "models/tcp/tcb.h"

typedef enum TcpStateEvent {
  TCP_EVENT_PASSIVE_OPEN,
  TCP_EVENT_ACTIVE_OPEN,
  TCP_EVENT_SYN,       /* the peer's SYN, ours not acknowledged */
  TCP_EVENT_SYN_ACKED, /* both SYNs are through */
  TCP_EVENT_CLOSE,     /* the user's, or one that waited for Established */
  TCP_EVENT_FIN,       /* the peer's FIN is in sequence */
  TCP_EVENT_FIN_ACKED, /* ours is acknowledged */
  TCP_EVENT_RESET,     /* an acceptable RST */
  TCP_EVENT_ABORT,
  TCP_EVENT_EXPIRED,     /* TIME_WAIT or FIN_WAIT_2 timer */
  TCP_EVENT_GIVE_UP,     /* a limit of retransmissions, probes or keepalives */
  TCP_EVENT_SYN_AT_NEXT, /* target: SYN at RcvNxt */
  TCP_N_STATE_EVENTS
} TcpStateEvent;

/* tcp_state_next looks the row up; false: there is none. */
bool tcp_state_next (TCP_OFFLOAD_CONNECTION_STATE state, TcpStateEvent event,
                     TCP_OFFLOAD_CONNECTION_STATE *ret_next);

/* tcp_state_rule is the row's source, or NULL. */
const char *tcp_state_rule (TCP_OFFLOAD_CONNECTION_STATE state, TcpStateEvent event);

bool tcp_state_step (Tcb *tcb, TcpStateEvent event);

/* Sets of states, one bit per state: the table of the predicates below and of those in tcp.h. */
#define TCP_STATE_BIT(state) (UINT32_C (1) << TcpConnection##state)
enum {
  TCP_STATES_SYNCHRONIZED /* both SYNs are through */
  = TCP_STATE_BIT (Established) | TCP_STATE_BIT (FinWait1) | TCP_STATE_BIT (FinWait2)
    | TCP_STATE_BIT (CloseWait) | TCP_STATE_BIT (Closing) | TCP_STATE_BIT (LastAck)
    | TCP_STATE_BIT (TimeWait),
  TCP_STATES_OFFLOADABLE = TCP_STATES_SYNCHRONIZED & ~TCP_STATE_BIT (TimeWait), /* TCPV-05 */
  TCP_STATES_KEPT_ALIVE = TCP_STATES_SYNCHRONIZED & ~TCP_STATE_BIT (TimeWait),
  TCP_STATES_SENDING /* the user may send, if only into the queue */
  = TCP_STATE_BIT (SynSent) | TCP_STATE_BIT (SynRcvd) | TCP_STATE_BIT (Established)
    | TCP_STATE_BIT (CloseWait),
  TCP_STATES_RECEIVING /* the peer may send */
  = TCP_STATE_BIT (Established) | TCP_STATE_BIT (FinWait1) | TCP_STATE_BIT (FinWait2),
  TCP_STATES_FIN_ACKED = TCP_STATE_BIT (FinWait2) | TCP_STATE_BIT (TimeWait),
  TCP_STATES_FIN_SENT /* or queued */
  = TCP_STATES_FIN_ACKED | TCP_STATE_BIT (FinWait1) | TCP_STATE_BIT (Closing)
    | TCP_STATE_BIT (LastAck),
  TCP_STATES_RESET_ON_ABORT /* RFC 9293 3.10.5 */
  = TCP_STATE_BIT (SynRcvd) | TCP_STATES_RECEIVING | TCP_STATE_BIT (CloseWait),
};

static inline bool
tcp_state_is_in (TCP_OFFLOAD_CONNECTION_STATE state, uint32_t set)
{
  return (set >> state & 1) != 0;
}

static inline bool
tcp_state_is_synchronized (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return tcp_state_is_in (state, TCP_STATES_SYNCHRONIZED);
}

static inline bool
tcp_state_can_receive (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return tcp_state_is_in (state, TCP_STATES_RECEIVING);
}

static inline bool
tcp_state_has_sent_fin (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return tcp_state_is_in (state, TCP_STATES_FIN_SENT);
}

static inline bool
tcp_state_fin_is_acked (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return tcp_state_is_in (state, TCP_STATES_FIN_ACKED);
}

static inline bool
tcp_state_resets_on_abort (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return tcp_state_is_in (state, TCP_STATES_RESET_ON_ABORT);
}
